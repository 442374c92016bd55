package io.keywright.format;

import io.keywright.SecretBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/** The bytes of a key file. Closed after use: closing wipes them. Never printed; thread-safe. */
public final class EncodedKey implements AutoCloseable {
    private final KeyFormat format;
    private final boolean holdsPrivateKey;
    private final boolean keepsComment;
    private final SecretBytes content;

    EncodedKey(KeyFormat format, boolean keepsComment, SecretBytes content) {
        this(format, format.holdsPrivateKeys(), keepsComment, content);
    }

    /** For a format of both, private keys and public ones. */
    EncodedKey(KeyFormat format, boolean holdsPrivateKey, boolean keepsComment, SecretBytes content) {
        this.format = format;
        this.holdsPrivateKey = holdsPrivateKey;
        this.keepsComment = keepsComment;
        this.content = content;
    }

    /**
     * Returns the format.
     *
     * @return the format
     */
    public KeyFormat format() {
        return format;
    }

    /**
     * Tells whether there is a private key in these bytes.
     *
     * @return false for a public key
     */
    public boolean holdsPrivateKey() {
        return holdsPrivateKey;
    }

    /**
     * Tells whether the key's comment is in these bytes, so that whoever reads them finds it.
     *
     * @return false when the key has a comment and the format has no place for it, or loses the blanks at its ends
     */
    public boolean keepsComment() {
        return keepsComment;
    }

    /**
     * Copies the file's content out. The caller wipes the array when it holds a private key.
     *
     * @return a new array
     * @throws IllegalStateException when closed
     */
    public byte[] toByteArray() {
        return content.toByteArray();
    }

    /**
     * Makes a text of the content. A String cannot be wiped: use it for public keys and for what leaves the process anyway.
     *
     * @return the text, with its final newline; a comment that is not UTF-8 loses bytes here
     * @throws IllegalStateException when closed
     */
    public String toText() {
        return content.use(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    /**
     * Writes the content to a stream, which is neither flushed nor closed.
     *
     * @param out the stream
     * @throws IOException when the stream throws it
     * @throws IllegalStateException when closed
     */
    public void writeTo(OutputStream out) throws IOException {
        byte[] bytes = content.toByteArray();
        try {
            out.write(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /**
     * Creates a file: a private key's with mode 0600 from its first instant, a public key's with 0644, either narrowed by
     * the umask. The content is on disk when this returns; when it throws there is no file.
     *
     * @param file must not exist
     * @throws FileAlreadyExistsException when the file exists; {@link #replace} is the way to overwrite
     * @throws IOException when it cannot be written, or the file system has no owner-only mode for a private key
     * @throws IllegalStateException when closed
     */
    public void writeTo(Path file) throws IOException {
        create(file);
    }

    /**
     * Creates a file or replaces it atomically: whoever opens it sees the old content or the new one, whole. The mode is
     * that of {@link #writeTo(Path)}, whatever the old file had.
     *
     * @param file the file
     * @throws IOException when it cannot be written, or the file system has no owner-only mode for a private key
     * @throws IllegalStateException when closed
     */
    public void replace(Path file) throws IOException {
        byte[] suffix = new byte[8];
        new SecureRandom().nextBytes(suffix);
        Path fresh = file.resolveSibling(
                "." + file.getFileName() + "." + HexFormat.of().formatHex(suffix) + ".new");
        create(fresh);
        try {
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            deleteAfter(e, fresh);
            throw e;
        }
    }

    private void create(Path file) throws IOException {
        Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        byte[] bytes = content.toByteArray();
        try (FileChannel channel = FileChannel.open(file, options, mode(file))) {
            try {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            } catch (IOException e) {
                deleteAfter(e, file);
                throw e;
            }
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private FileAttribute<?>[] mode(Path file) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            String mode = holdsPrivateKey ? "rw-------" : "rw-r--r--";
            return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))};
        }
        if (holdsPrivateKey) {
            throw new IOException("this file system has no owner-only mode: create " + file
                    + " so that nobody else can read it, and use writeTo(OutputStream)");
        }
        return new FileAttribute<?>[0];
    }

    private static void deleteAfter(IOException failure, Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Wipes the bytes. Closing again does nothing. */
    @Override
    public void close() {
        content.close();
    }

    /** Says the format and nothing else. */
    @Override
    public String toString() {
        return "EncodedKey[" + format.displayName() + "]";
    }
}
