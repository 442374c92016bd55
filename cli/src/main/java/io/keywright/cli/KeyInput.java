package io.keywright.cli;

import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.SecretBytes;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.format.KeyInspection;
import io.keywright.format.KeyReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The key file that a command reads: once, for it may be a pipe, and into memory that is wiped. {@code -} is standard
 * input.
 */
final class KeyInput implements AutoCloseable {
    /** More than any reader accepts; the reader then says what its limit is. */
    private static final int MAX_BYTES = 4 * 1024 * 1024;

    private final SecretBytes content;

    private KeyInput(SecretBytes content) {
        this.content = content;
    }

    static KeyInput read(Shell shell, Path path) throws IOException {
        boolean standardInput = path.toString().equals("-");
        try (InputStream in = standardInput ? unclosed(shell.in()) : Files.newInputStream(path)) {
            KeyInput input = new KeyInput(SecretBytes.takeOver(readAll(in)));
            if (!standardInput && input.holdsPrivateKey()) {
                SecretSource.warnIfReadableByOthers(shell, path);
            }
            return input;
        }
    }

    private static InputStream unclosed(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public void close() {
                // Standard input is not this command's.
            }
        };
    }

    private static byte[] readAll(InputStream in) throws IOException {
        byte[] room = new byte[16 * 1024];
        int count = 0;
        try {
            int read = in.read(room, 0, room.length);
            while (read >= 0 && count < MAX_BYTES) {
                count += read;
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

    private boolean holdsPrivateKey() {
        try {
            return inspect().holdsPrivateKey();
        } catch (SshKeyException e) {
            // Whoever reads the key meets the same exception, and says so.
            return false;
        }
    }

    /** Finds out what the file is, without a passphrase. */
    KeyInspection inspect() {
        return use(KeyReader::inspect);
    }

    /** Returns the passphrase of an encrypted private key, asking for it if need be; empty for a plain key. */
    Optional<Passphrase> passphrase(PassphraseOptions options) throws IOException {
        return inspect().encrypted() ? options.read() : Optional.empty();
    }

    /** Reads the private key. */
    SshKeyPair pair(@Nullable Passphrase passphrase) {
        return use(reader(passphrase)::read);
    }

    /** Reads the private key, and checks that a public key is its other half. */
    SshKeyPair pair(@Nullable Passphrase passphrase, KeyInput publicHalf) {
        return use(key -> publicHalf.use(half -> reader(passphrase).read(key, half)));
    }

    /** Reads the public key, maybe of a private one. Asks for the passphrase only where the public half is hidden. */
    SshPublicKey publicKey(PassphraseOptions options) throws IOException {
        return publicKey(options, false);
    }

    /** As {@link #publicKey(PassphraseOptions)}; options may be allowed in front of a public key. */
    SshPublicKey publicKey(PassphraseOptions options, boolean optionsAllowed) throws IOException {
        try (Passphrase given = options.given().orElse(null)) {
            KeyReader reader = reader(given);
            return use((optionsAllowed ? reader.withOptionsAllowed() : reader)::readPublic);
        } catch (PassphraseRequiredException e) {
            Optional<Passphrase> answer = options.read();
            if (answer.isEmpty()) {
                throw e;
            }
            try (Passphrase passphrase = answer.get()) {
                return use(reader(passphrase)::readPublic);
            }
        }
    }

    private static KeyReader reader(@Nullable Passphrase passphrase) {
        return passphrase == null ? KeyReader.of() : KeyReader.of().withPassphrase(passphrase);
    }

    /** Lends the content to a function and wipes the copy. */
    <T> T use(Function<byte[], T> function) {
        return content.use(function);
    }

    /** Wipes the content. */
    @Override
    public void close() {
        content.close();
    }
}
