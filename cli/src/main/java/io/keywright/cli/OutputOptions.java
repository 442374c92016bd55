package io.keywright.cli;

import io.keywright.KeyComment;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyFormat;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a key is written to. */
final class OutputOptions {
    private final Shell shell;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "File to write, with mode 0600 for a private key; standard output without this.")
    @Nullable
    Path file;

    @Option(names = "--force", description = "Overwrite a file that exists.")
    boolean force;

    OutputOptions(Shell shell) {
        this.shell = shell;
    }

    /** Fails when a file is in the way. To be called before anything is made, so that nothing is half done. */
    void requireFree(Path path) throws IOException {
        if (!force && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(path.toString());
        }
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NoSuchFileException(String.valueOf(folder));
        }
    }

    /** Writes to the file, or to standard output. Says so where the key's comment had to be left out. */
    void write(EncodedKey key, KeyComment comment) throws IOException {
        if (file == null) {
            key.writeTo(shell.out());
            shell.out().flush();
        } else {
            writeTo(file, key);
        }
        if (!key.keepsComment() && !comment.isEmpty()) {
            boolean losesBlanks = key.format() == KeyFormat.PUBLIC_LINE;
            shell.warn(
                    losesBlanks
                            ? "blanks at the ends of the comment are lost to whoever reads the line"
                            : "the comment is left out: " + key.format().displayName() + " has no place for it");
        }
    }

    /** Writes a text in which nothing is secret, to the file or to standard output. */
    void write(byte[] text) throws IOException {
        if (file == null) {
            shell.out().write(text);
            shell.out().flush();
            return;
        }
        requireFree(file);
        Files.write(
                file,
                text,
                force
                        ? new OpenOption[] {
                            StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE
                        }
                        : new OpenOption[] {StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE});
    }

    /** Writes to a file. */
    void writeTo(Path path, EncodedKey key) throws IOException {
        requireFree(path);
        if (force) {
            key.replace(path);
        } else {
            key.writeTo(path);
        }
    }
}
