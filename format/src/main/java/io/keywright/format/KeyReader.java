package io.keywright.format;

import io.keywright.KeyMismatchException;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.NotAKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads keys of any format, which it finds out by content. Immutable and thread-safe; each {@code with...} returns a copy.
 *
 * <pre>{@code
 * SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(pastedText);
 * }</pre>
 *
 * <p>Reading is lenient about the text (line ends of any kind, indentation, blank lines and text around, a byte order mark,
 * a missing final newline, base64 in one line) and strict about the key: everything that the format lets check is checked,
 * and so is that the private half belongs to the public one.
 */
public final class KeyReader {
    private static final KeyReader PLAIN = new KeyReader(new KeyCodec.Context(ReadLimits.defaults(), null, false));

    private final KeyCodec.Context context;

    private KeyReader(KeyCodec.Context context) {
        this.context = context;
    }

    /**
     * Returns a reader without a passphrase and with the default limits.
     *
     * @return the reader
     */
    public static KeyReader of() {
        return PLAIN;
    }

    /**
     * Returns a reader that uses a passphrase where a key is encrypted.
     *
     * @param passphrase stays the caller's, who closes it after reading; not needed for keys that are not encrypted
     * @return a copy
     */
    public KeyReader withPassphrase(Passphrase passphrase) {
        return new KeyReader(new KeyCodec.Context(
                context.limits(), Objects.requireNonNull(passphrase, "passphrase"), context.optionsAllowed()));
    }

    /**
     * Returns a reader with other limits.
     *
     * @param limits what a file may ask for
     * @return a copy
     */
    public KeyReader withLimits(ReadLimits limits) {
        return new KeyReader(new KeyCodec.Context(
                Objects.requireNonNull(limits, "limits"), context.passphrase(), context.optionsAllowed()));
    }

    /**
     * Returns a reader that accepts a line of {@code authorized_keys} as a public key: options may stand in front of it, and
     * are passed over. To read them too, use {@link io.keywright.authorizedkeys.AuthorizedKeys}.
     *
     * @return a copy
     */
    public KeyReader withOptionsAllowed() {
        return new KeyReader(new KeyCodec.Context(context.limits(), context.passphrase(), true));
    }

    /**
     * Reads a private key from text.
     *
     * @param text the key itself, not the name of a file
     * @return the pair, with the comment where the format holds one; the caller closes it
     * @throws NotAKeyException when no key is found
     * @throws UnexpectedPublicKeyException when it is a public key
     * @throws MalformedKeyException when the key is broken, cut off, or one of two
     * @throws PassphraseRequiredException when it is encrypted and this reader has no passphrase
     * @throws WrongPassphraseException when the passphrase does not open it
     * @throws UnsupportedKeyException when the format, the key type or the cipher is unknown
     * @throws LimitExceededException when the limits forbid reading it
     * @throws KeyDerivationInterruptedException when the thread is interrupted meanwhile
     */
    public SshKeyPair read(String text) {
        return withBytes(text, this::read);
    }

    /**
     * Reads a private key from a file's content.
     *
     * @param content the file's bytes, which stay the caller's
     * @return the pair, with the comment where the format holds one; the caller closes it
     * @throws SshKeyException see {@link #read(String)}
     */
    public SshKeyPair read(byte[] content) {
        KeyBlock block = find(content);
        return KeyCodec.of(block.format()).read(block, context);
    }

    /**
     * Reads a private key from a file.
     *
     * @param file the file
     * @return the pair, with the comment where the format holds one; the caller closes it
     * @throws IOException when the file cannot be read
     * @throws SshKeyException see {@link #read(String)}
     */
    public SshKeyPair read(Path file) throws IOException {
        return withBytes(file, this::read);
    }

    /**
     * Reads a private key that somebody pasted together with its public half, and checks that the two belong together.
     *
     * @param privateKey the private key itself
     * @param publicKey the public key itself, in any format that a public key has
     * @return the pair, with the comment of the public half where the private one has none; the caller closes it
     * @throws KeyMismatchException when the public key is another one's
     * @throws SshKeyException see {@link #read(String)}
     */
    public SshKeyPair read(String privateKey, String publicKey) {
        return withBytes(privateKey, first -> withBytes(publicKey, second -> read(first, second)));
    }

    /**
     * Reads a private key's file together with that of its public half, and checks that the two belong together.
     *
     * @param privateKey the private file's bytes, which stay the caller's
     * @param publicKey the public file's bytes
     * @return the pair, with the comment of the public half where the private one has none; the caller closes it
     * @throws KeyMismatchException when the public key is another one's
     * @throws SshKeyException see {@link #read(String)}
     */
    public SshKeyPair read(byte[] privateKey, byte[] publicKey) {
        SshPublicKey expected = readPublic(publicKey);
        try (SshKeyPair pair = read(privateKey)) {
            if (!pair.publicKey().equals(expected)) {
                throw new KeyMismatchException(
                        "key pair",
                        "private and public key",
                        "the private key is that of " + pair.publicKey().fingerprint() + ", the public one is "
                                + expected.fingerprint());
            }
            return pair.withComment(pair.comment().isEmpty() ? expected.comment() : pair.comment());
        }
    }

    /**
     * Reads a public key from the text of a public key or of a private one. A passphrase is needed only where the format
     * hides the public half too.
     *
     * @param text the key itself, not the name of a file
     * @return the public key; the comment may be missing where encryption hides it
     * @throws SshKeyException see {@link #read(String)}
     */
    public SshPublicKey readPublic(String text) {
        return withBytes(text, this::readPublic);
    }

    /**
     * Reads a public key from the content of a public key file or of a private one.
     *
     * @param content the file's bytes, which stay the caller's
     * @return the public key; the comment may be missing where encryption hides it
     * @throws SshKeyException see {@link #read(String)}
     */
    public SshPublicKey readPublic(byte[] content) {
        KeyBlock block = find(content);
        return KeyCodec.of(block.format()).readPublic(block, context);
    }

    /**
     * Reads a public key from a public key file or from a private one.
     *
     * @param file the file
     * @return the public key; the comment may be missing where encryption hides it
     * @throws IOException when the file cannot be read
     * @throws SshKeyException see {@link #read(String)}
     */
    public SshPublicKey readPublic(Path file) throws IOException {
        return withBytes(file, this::readPublic);
    }

    /**
     * Finds out what a key is, without a passphrase and without running a key derivation.
     *
     * @param text the key itself, not the name of a file
     * @return what can be told
     * @throws NotAKeyException when no key is found
     * @throws MalformedKeyException when the key is broken, cut off, or one of two
     * @throws UnsupportedKeyException when the format is not read yet
     * @throws LimitExceededException when the text is too long
     */
    public static KeyInspection inspect(String text) {
        return PLAIN.withBytes(text, KeyReader::inspect);
    }

    /**
     * Finds out what a key is, without a passphrase and without running a key derivation.
     *
     * @param content the file's bytes, which stay the caller's
     * @return what can be told
     * @throws SshKeyException see {@link #inspect(String)}
     */
    public static KeyInspection inspect(byte[] content) {
        KeyBlock block = PLAIN.find(content);
        return KeyCodec.of(block.format()).inspect(block, PLAIN.context);
    }

    /**
     * Finds out what a key is, without a passphrase and without running a key derivation; looks at the file's permissions
     * too.
     *
     * @param file the file
     * @return what can be told
     * @throws IOException when the file cannot be read
     * @throws SshKeyException see {@link #inspect(String)}
     */
    public static KeyInspection inspect(Path file) throws IOException {
        KeyInspection found = PLAIN.withBytes(file, KeyReader::inspect);
        if (!found.holdsPrivateKey() || !isReadableByOthers(file)) {
            return found;
        }
        List<KeyWarning> warnings = new ArrayList<>(found.warnings());
        warnings.add(KeyWarning.FILE_READABLE_BY_OTHERS);
        return new KeyInspection(
                found.format(),
                found.holdsPrivateKey(),
                found.algorithm(),
                found.bits(),
                found.encrypted(),
                found.cipher(),
                found.kdf(),
                found.comment(),
                found.publicKey(),
                warnings);
    }

    private KeyBlock find(byte[] content) {
        context.limits().requireFileBytes(content.length);
        return KeyBlock.find(content);
    }

    private <T> T withBytes(String text, Function<byte[], T> function) {
        context.limits().requireFileBytes(text.length());
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            return function.apply(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private <T> T withBytes(Path file, Function<byte[], T> function) throws IOException {
        byte[] bytes = readAtMost(file, context.limits());
        try {
            return function.apply(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** Reads a file, or a pipe whose size nobody knows, without leaving copies behind. */
    private static byte[] readAtMost(Path file, ReadLimits limits) throws IOException {
        byte[] room = new byte[8192];
        int count = 0;
        try (InputStream in = Files.newInputStream(file)) {
            int read = in.read(room, 0, room.length);
            while (read >= 0) {
                count += read;
                limits.requireFileBytes(count);
                if (count == room.length) {
                    byte[] old = room;
                    room = Arrays.copyOf(old, old.length * 2);
                    Arrays.fill(old, (byte) 0);
                }
                read = in.read(room, count, room.length - count);
            }
            return Arrays.copyOf(room, count);
        } finally {
            Arrays.fill(room, (byte) 0);
        }
    }

    private static boolean isReadableByOthers(Path file) throws IOException {
        @Nullable
        Collection<PosixFilePermission> permissions =
                file.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? EnumSet.copyOf(Files.getPosixFilePermissions(file))
                        : null;
        return permissions != null
                && (permissions.contains(PosixFilePermission.GROUP_READ)
                        || permissions.contains(PosixFilePermission.OTHERS_READ));
    }
}
