package io.keywright.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.transport.HostKeyVerdict.Status;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostKeyVerifierTest {
    private final SshPublicKey key = publicKey();
    private final SshPublicKey otherKey = publicKey();

    private static SshPublicKey publicKey() {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            return pair.publicKey();
        }
    }

    @Nested
    class Strict {
        @Test
        void knownUnknownAndChanged_areToldApart() {
            HostKeyVerifier verifier = HostKeyVerifier.strict(KnownHosts.empty().with("host", 22, key));

            assertThat(verifier.verify("host", 22, key).status()).isEqualTo(Status.ACCEPTED);
            assertThat(verifier.verify("host", 22, otherKey).status()).isEqualTo(Status.CHANGED);
            assertThat(verifier.verify("new", 22, key).status()).isEqualTo(Status.UNKNOWN);
            assertThat(verifier.knownAlgorithms("host", 22)).containsExactly("ssh-ed25519");
        }
    }

    @Nested
    class Pinned {
        @Test
        void onlyThePinnedKeys_areAccepted() {
            HostKeyVerifier verifier = HostKeyVerifier.pinned(List.of(key));

            assertThat(verifier.verify("any", 22, key).status()).isEqualTo(Status.ACCEPTED);
            assertThat(verifier.verify("any", 22, otherKey).status()).isEqualTo(Status.CHANGED);
            assertThat(verifier.verify("any", 22, otherKey).known()).containsExactly(key);
            assertThat(verifier.knownAlgorithms("any", 22)).containsExactly("ssh-ed25519");
        }

        @Test
        void noKeys_areRefused() {
            assertThatThrownBy(() -> HostKeyVerifier.pinned(List.of())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class AcceptNew {
        @TempDir
        Path directory;

        @Test
        void newHost_isAcceptedAndOnRecordThen() throws Exception {
            Path file = directory.resolve("ssh/known_hosts");
            HostKeyVerifier verifier = HostKeyVerifier.acceptNew(file);

            assertThat(verifier.knownAlgorithms("host", 2222)).isEmpty();
            assertThat(verifier.verify("host", 2222, key).status()).isEqualTo(Status.ACCEPTED);

            assertThat(Files.readString(file)).isEqualTo("[host]:2222 " + key.toLine() + "\n");
            assertThat(verifier.knownAlgorithms("host", 2222)).containsExactly("ssh-ed25519");
            assertThat(HostKeyVerifier.strict(KnownHosts.read(file))
                            .verify("host", 2222, key)
                            .status())
                    .isEqualTo(Status.ACCEPTED);
        }

        @Test
        void newFile_isPrivateFromBirth() throws Exception {
            Path file = directory.resolve("ssh/known_hosts");
            HostKeyVerifier.acceptNew(file).verify("host", 22, key);

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("ssh"))))
                    .isEqualTo("rwx------");
        }

        @Test
        void changedKey_isStoppedAndTheFileUntouched() throws Exception {
            Path file = Files.write(
                    directory.resolve("known_hosts"),
                    KnownHosts.empty().with("host", 22, key).toByteArray());
            byte[] before = Files.readAllBytes(file);

            assertThat(HostKeyVerifier.acceptNew(file)
                            .verify("host", 22, otherKey)
                            .status())
                    .isEqualTo(Status.CHANGED);
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
        }

        @Test
        void revokedKey_isStopped() throws Exception {
            Path file = Files.writeString(directory.resolve("known_hosts"), "@revoked * " + key.toLine() + "\n");

            assertThat(HostKeyVerifier.acceptNew(file).verify("host", 22, key).status())
                    .isEqualTo(Status.REVOKED);
        }

        @Test
        void knownKey_writesNothing() throws Exception {
            Path file = Files.write(
                    directory.resolve("known_hosts"),
                    KnownHosts.empty().with("host", 22, key).toByteArray());
            byte[] before = Files.readAllBytes(file);
            HostKeyVerifier.acceptNew(file).verify("host", 22, key);

            assertThat(Files.readAllBytes(file)).isEqualTo(before);
        }

        @Test
        void lastLineWithoutEnd_isNotGluedTo() throws Exception {
            Path file = Files.writeString(directory.resolve("known_hosts"), "# no line end");
            HostKeyVerifier.acceptNew(file).verify("host", 22, key);

            assertThat(Files.readString(file)).isEqualTo("# no line end\nhost " + key.toLine() + "\n");
        }

        @Test
        void fileThatCannotBeWritten_isAnError() throws Exception {
            Path file = Files.createDirectory(directory.resolve("known_hosts"));

            assertThatThrownBy(() -> HostKeyVerifier.acceptNew(file).verify("host", 22, key))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("known_hosts");
        }

        @Test
        void manyThreadsAndVerifiers_loseNoHostAndWriteNoneTwice() throws Exception {
            int threads = 8;
            int hosts = 40;
            Path file = directory.resolve("known_hosts");
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            try {
                List<Future<Status>> verdicts = new ArrayList<>();
                for (int i = 0; i < hosts * threads; i++) {
                    String host = "host-" + i % hosts;
                    HostKeyVerifier verifier = HostKeyVerifier.acceptNew(file);
                    verdicts.add(
                            pool.submit(() -> verifier.verify(host, 22, key).status()));
                }
                for (Future<Status> verdict : verdicts) {
                    assertThat(verdict.get()).isEqualTo(Status.ACCEPTED);
                }
            } finally {
                pool.shutdownNow();
            }
            assertThat(Files.readAllLines(file))
                    .hasSize(hosts)
                    .satisfies(lines -> assertThat(Set.copyOf(lines)).hasSize(hosts));
        }

        @Test
        void twoKeysForOneNewHostAtOnce_onlyOneWins() throws Exception {
            Path file = directory.resolve("known_hosts");
            ExecutorService pool = Executors.newFixedThreadPool(2);
            try {
                for (int i = 0; i < 30; i++) {
                    String host = "host-" + i;
                    HostKeyVerifier verifier = HostKeyVerifier.acceptNew(file);
                    Future<Status> one =
                            pool.submit(() -> verifier.verify(host, 22, key).status());
                    Future<Status> two = pool.submit(
                            () -> verifier.verify(host, 22, otherKey).status());

                    assertThat(List.of(one.get(), two.get()))
                            .containsExactlyInAnyOrder(Status.ACCEPTED, Status.CHANGED);
                }
            } finally {
                pool.shutdownNow();
            }
        }
    }
}
