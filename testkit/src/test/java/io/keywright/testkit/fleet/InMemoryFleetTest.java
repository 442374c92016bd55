package io.keywright.testkit.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.DurableWrite;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.LogIn;
import io.keywright.transport.PosixRename;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.UnreachableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class InMemoryFleetTest {
    private static final SshKeyPair OLD = SshKeyPairGenerator.ed25519().generate();
    private static final SshKeyPair NEW = SshKeyPairGenerator.ed25519().generate();

    private final InMemoryFleet fleet = InMemoryFleet.seeded(1);
    private final Device web = fleet.addDevice("web-1");
    private final Account deploy = web.addAccount("deploy");
    private final SshTransport transport = fleet.transport();

    private SshConnection connect(SshKeyPair pair) {
        return transport.connect(ConnectRequest.of(web.target("deploy"), LogIn.withKey(pair)));
    }

    @Nested
    class Rotation {
        @Test
        void rotate_byHand_worldHasNewKeyOnly() {
            deploy.writeAuthorizedKeys("# mine\n" + OLD.publicKey().toLine());
            try (SshConnection connection = connect(OLD);
                    SftpSession sftp = connection.openSftp()) {
                String path = sftp.realPath(".ssh/authorized_keys");
                String text = new String(sftp.read(path, 10_000), StandardCharsets.UTF_8);
                DurableWrite write = sftp.durableWrite().orElseThrow();
                write.createExclusiveSynced(
                        path + ".new",
                        0600,
                        (text + "\n" + NEW.publicKey().toLine() + "\n").getBytes(StandardCharsets.UTF_8));
                PosixRename rename = sftp.posixRename().orElseThrow();
                rename.posixRename(path + ".new", path);
            }
            assertThat(deploy.admits(OLD.publicKey())).isTrue();
            assertThat(deploy.admits(NEW.publicKey())).isTrue();

            ConnectRequest both = ConnectRequest.of(web.target("deploy"), LogIn.withKey(NEW))
                    .withProbes(List.of(OLD.publicKey(), NEW.publicKey()));
            try (SshConnection connection = transport.connect(both)) {
                assertThat(connection.probes()).containsExactly(ProbeAnswer.ACCEPTED, ProbeAnswer.ACCEPTED);
                assertThat(fleet.openConnections()).singleElement().satisfies(open -> {
                    assertThat(open.device()).isEqualTo("web-1");
                    assertThat(open.key()).contains(NEW.publicKey());
                    assertThat(open.loggedIn()).isTrue();
                });
            }
            assertThat(fleet.openConnections()).isEmpty();
            assertThat(deploy.authorizedKeysText()).startsWith("# mine\n");
        }
    }

    @Nested
    class Connect {
        @Test
        void connect_hostKeyChanged_rejected() {
            deploy.authorize(OLD.publicKey());
            var target = web.target("deploy");
            web.setHostKeys(fleet.hostKey("another machine"));
            assertThatThrownBy(() -> transport.connect(ConnectRequest.of(target, LogIn.withKey(OLD))))
                    .isInstanceOfSatisfying(HostKeyRejectedException.class, e -> {
                        assertThat(e.verdict().status()).isEqualTo(HostKeyVerdict.Status.CHANGED);
                        assertThat(e.presented()).isEqualTo(fleet.hostKey("another machine"));
                    });
            assertThat(fleet.openConnections()).isEmpty();
        }

        @Test
        void connect_addressMovedToAnotherDevice_rejectedByPin() {
            var target = web.target("deploy");
            Device other = fleet.addDevice("web-2");
            fleet.route("web-1", 22, other);
            assertThatThrownBy(() -> transport.probe(target, List.of(OLD.publicKey())))
                    .isInstanceOf(HostKeyRejectedException.class);
            fleet.route("alias", 2222, web);
            deploy.authorize(OLD.publicKey());
            var alias = io.keywright.transport.SshTarget.of("Alias", 2222, "deploy", web.pinnedHostKeys());
            assertThat(transport.probe(alias, List.of(OLD.publicKey())).answers())
                    .containsExactly(ProbeAnswer.ACCEPTED);
        }

        @Test
        void connect_preferredAlgorithm_thatHostKeyIsShown() {
            SshKeyPair rsa = SshKeyPairGenerator.rsa(2048).generate();
            web.setHostKeys(fleet.hostKey("web-1"), rsa.publicKey());
            var verifier = new io.keywright.transport.HostKeyVerifier() {
                @Override
                public HostKeyVerdict verify(String host, int port, io.keywright.SshPublicKey presented) {
                    return new HostKeyVerdict(HostKeyVerdict.Status.ACCEPTED, List.of());
                }

                @Override
                public List<String> knownAlgorithms(String host, int port) {
                    return List.of("ssh-rsa");
                }
            };
            assertThat(transport
                            .probe(web.target("deploy").withHostKeys(verifier), List.of())
                            .hostKey())
                    .isEqualTo(rsa.publicKey());
        }

        @Test
        void connect_unknownHostOrDown_unreachable() {
            var nowhere = io.keywright.transport.SshTarget.of("nowhere", 22, "deploy", web.pinnedHostKeys());
            assertThatThrownBy(() -> transport.probe(nowhere, List.of())).isInstanceOf(UnreachableException.class);
            assertThat(fleet.trace()).last().satisfies(entry -> {
                assertThat(entry.step().device()).isEqualTo("nowhere:22");
                assertThat(entry.outcome()).isEqualTo(TraceEntry.Outcome.NO_EFFECT);
            });
            web.goDownFor(Duration.ofMinutes(1));
            assertThatThrownBy(() -> transport.probe(web.target("deploy"), List.of()))
                    .isInstanceOf(UnreachableException.class);
            fleet.clock().advance(Duration.ofMinutes(1));
            assertThat(transport.probe(web.target("deploy"), List.of()).answers())
                    .isEmpty();
        }

        @Test
        void connect_silentDevice_timesOutOnTheFleetsClock() {
            Instant before = fleet.clock().instant();
            web.goSilent();
            assertThatThrownBy(() -> transport.probe(web.target("deploy"), List.of()))
                    .isInstanceOf(TransportTimeoutException.class);
            assertThat(Duration.between(before, fleet.clock().instant())).isEqualTo(Duration.ofSeconds(15));
            web.comeUp();
            assertThat(transport.probe(web.target("deploy"), List.of()).serverVersion())
                    .startsWith("SSH-2.0-OpenSSH");
        }

        @Test
        void close_transport_closesItsConnections() {
            deploy.authorize(OLD.publicKey());
            SshConnection connection = connect(OLD);
            transport.close();
            assertThat(connection.isOpen()).isFalse();
            assertThat(fleet.openConnections()).isEmpty();
            assertThatThrownBy(() -> connect(OLD)).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void session_keyRemovedMeanwhile_staysOpen() {
            deploy.authorize(OLD.publicKey());
            try (SshConnection old = connect(OLD)) {
                deploy.writeAuthorizedKeys("");
                assertThat(deploy.admits(OLD.publicKey())).isFalse();
                assertThat(old.exec(ExecRequest.of("whoami")).stdoutText()).isEqualTo("deploy\n");
                assertThat(fleet.openConnections()).hasSize(1);
            }
        }
    }

    @Nested
    class Shared {
        @Test
        void fileSystem_sharedByTwoDevices_oneFile() {
            Device second = fleet.addDevice("web-2", "web-2", 22, web.fileSystem());
            Account same = second.addAccount("deploy", deploy.uid(), deploy.home());
            deploy.authorize(OLD.publicKey());
            assertThat(same.admits(OLD.publicKey())).isTrue();
            assertThat(second.hostKeys()).isNotEqualTo(web.hostKeys());
        }

        @Test
        void home_sharedByTwoAccounts_strictModesTellThemApart() {
            Account twin = web.addAccount("twin", 2000, deploy.home());
            deploy.authorize(OLD.publicKey());
            assertThat(twin.admits(OLD.publicKey())).isFalse();
            Account alias = web.addAccount("alias", deploy.uid(), deploy.home());
            assertThat(alias.admits(OLD.publicKey())).isTrue();
        }

        @Test
        void addDevice_sameIdOrAddress_refused() {
            assertThatThrownBy(() -> fleet.addDevice("web-1")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> fleet.addDevice("other", "WEB-1", 22))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(fleet.devices()).containsExactly(web);
        }
    }

    @Nested
    class Determinism {
        @Test
        void run_sameSeed_sameTrace() {
            assertThat(traceOf(42)).isEqualTo(traceOf(42));
            assertThat(traceOf(42)).isNotEqualTo(traceOf(43));
        }

        private List<TraceEntry> traceOf(long seed) {
            InMemoryFleet other = InMemoryFleet.seeded(seed);
            other.setLatency(Duration.ofMillis(20));
            Device device = other.addDevice("d");
            Account account = device.addAccount("deploy");
            account.authorize(OLD.publicKey());
            other.faults().onEvery().withProbability(0.2).inject(Fault.lostBefore());
            SshTransport client = other.transport();
            for (int i = 0; i < 20; i++) {
                try (SshConnection connection =
                        client.connect(ConnectRequest.of(device.target("deploy"), LogIn.withKey(OLD)))) {
                    connection.exec(ExecRequest.of("echo " + i));
                } catch (io.keywright.transport.ConnectionLostException injected) {
                    other.clock().advance(Duration.ofSeconds(1));
                }
            }
            return other.trace();
        }

        @Test
        void trace_limit_keepsTheLatest() {
            fleet.setTraceLimit(2);
            transport.probe(web.target("deploy"), List.of(OLD.publicKey()));
            assertThat(fleet.stepCount()).isEqualTo(3);
            assertThat(fleet.trace()).extracting(entry -> entry.step().verb()).containsExactly(Verb.PROBE, Verb.CLOSE);
        }

        @Test
        void trace_logInWithPassword_saysNoSecret() {
            var secret = io.keywright.Passphrase.of("correct horse".toCharArray());
            deploy.setPassword(secret);
            transport
                    .connect(ConnectRequest.of(web.target("deploy"), LogIn.withPassword(secret)))
                    .close();
            assertThat(fleet.trace().toString()).contains("LOG_IN a password").doesNotContain("horse");
        }
    }

    @Nested
    class Threads {
        private static final int WRITERS = 8;
        private static final int ADDITIONS = 25;

        /** What was measured on a real server: with an exclusive lock file nothing is lost, and no reader sees a torn file. */
        @Test
        void edit_manyThreadsWithLockFile_nothingLost() throws Exception {
            deploy.authorize(OLD.publicKey());
            ExecutorService pool = Executors.newFixedThreadPool(WRITERS);
            try {
                List<Future<?>> writers = java.util.stream.IntStream.range(0, WRITERS)
                        .<Future<?>>mapToObj(writer -> pool.submit(() -> addLines(writer)))
                        .toList();
                for (Future<?> writer : writers) {
                    writer.get();
                }
            } finally {
                pool.shutdownNow();
            }
            assertThat(deploy.authorizedKeysText().lines()).hasSize(1 + WRITERS * ADDITIONS);
            assertThat(fleet.openConnections()).isEmpty();
            assertThat(fleet.trace()).extracting(entry -> entry.step().number()).doesNotHaveDuplicates();
        }

        private void addLines(int writer) {
            Random random = new Random(writer);
            try (SshConnection connection = connect(OLD);
                    SftpSession sftp = connection.openSftp()) {
                for (int i = 0; i < ADDITIONS; i++) {
                    while (!locked(sftp)) {
                        Thread.onSpinWait();
                    }
                    String text = new String(sftp.read(".ssh/authorized_keys", 1 << 20), StandardCharsets.UTF_8);
                    assertThat(text).endsWith("\n");
                    String temp = ".ssh/temp-" + writer + "-" + random.nextInt(1000);
                    sftp.createExclusive(
                            temp, 0600, (text + "# " + writer + " " + i + "\n").getBytes(StandardCharsets.UTF_8));
                    sftp.posixRename().orElseThrow().posixRename(temp, ".ssh/authorized_keys");
                    sftp.remove(".ssh/lock");
                }
            }
        }

        private static boolean locked(SftpSession sftp) {
            try {
                sftp.createExclusive(".ssh/lock", 0600, new byte[0]);
                return true;
            } catch (io.keywright.transport.SftpException e) {
                return false;
            }
        }

        @Test
        void connect_manyThreadsManyDevices_independent() throws Exception {
            ExecutorService pool = Executors.newFixedThreadPool(WRITERS);
            try {
                List<Future<Boolean>> logIns = java.util.stream.IntStream.range(0, 200)
                        .mapToObj(i -> pool.submit(() -> {
                            Device device = fleet.addDevice("d" + i);
                            Account account = device.addAccount("deploy");
                            account.authorize(OLD.publicKey());
                            try (SshConnection connection =
                                    transport.connect(ConnectRequest.of(device.target("deploy"), LogIn.withKey(OLD)))) {
                                return connection.exec(ExecRequest.of("true")).succeeded();
                            }
                        }))
                        .toList();
                for (Future<Boolean> logIn : logIns) {
                    assertThat(logIn.get()).isTrue();
                }
            } finally {
                pool.shutdownNow();
            }
            assertThat(fleet.devices()).hasSize(201);
            assertThat(fleet.openConnections()).isEmpty();
        }
    }
}
