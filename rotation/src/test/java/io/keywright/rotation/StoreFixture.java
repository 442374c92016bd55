package io.keywright.rotation;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Stores with cheap key derivation, and keys that are not worth protecting. */
final class StoreFixture {
    static final String SECRET = "the secret of the store";
    static final String NEW_SECRET = "another secret";
    static final Instant NOON = Instant.parse("2026-11-02T12:00:00Z");

    static final DirectoryStoreSettings CHEAP = DirectoryStoreSettings.defaults()
            .withScryptCost(new DirectoryStoreSettings.ScryptCost(2, 1, 1))
            .withBcryptRounds(1)
            .withClock(Clock.fixed(NOON, ZoneOffset.UTC));

    private static final List<SshKeyPair> KEYS = new ArrayList<>();

    private StoreFixture() {}

    /** The death of the process: nothing of ours may catch it. */
    static final class Death extends Error {
        private static final long serialVersionUID = 1;
    }

    /** Calls back before each step and counts them. */
    static final class Steps implements DurableFiles.Hook {
        private final int fatal;
        private int count;

        Steps(int fatal) {
            this.fatal = fatal;
        }

        int count() {
            return count;
        }

        @Override
        public void before(DurableFiles.Step step, Path path) {
            if (++count >= fatal) { // the dead do nothing more
                throw new Death();
            }
        }
    }

    static Passphrase secret(String text) {
        return Passphrase.of(text.toCharArray());
    }

    static DirectoryCredentialStore open(Path directory) {
        return open(directory, SECRET, DurableFiles.plain());
    }

    static DirectoryCredentialStore open(Path directory, String secret, DurableFiles files) {
        try (Passphrase passphrase = secret(secret)) {
            return DirectoryCredentialStore.open(directory, passphrase, CHEAP, files);
        }
    }

    /** The same key for the same number, in all tests. */
    static synchronized SshKeyPair key(int number) {
        while (KEYS.size() <= number) {
            KEYS.add(SshKeyPairGenerator.ed25519()
                    .withComment("key-" + KEYS.size())
                    .generate());
        }
        return KEYS.get(number);
    }

    static List<Path> everything(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.sorted().toList();
        }
    }

    static void copyTree(Path from, Path to) throws IOException {
        for (Path path : everything(from)) {
            Files.copy(
                    path,
                    to.resolve(from.relativize(path).toString()),
                    java.nio.file.StandardCopyOption.COPY_ATTRIBUTES,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
