package io.keywright.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportException;
import io.keywright.transport.sshd.SshdTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedFleetTest {
    @TempDir
    Path directory;

    private final Passphrase password = Passphrase.ofBytes("correct horse".getBytes(UTF_8));
    private final SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
    private final SshKeyPair other = SshKeyPairGenerator.ed25519().generate();
    private final EmbeddedFleet fleet = EmbeddedFleet.start();
    private final SshTransport transport = SshdTransport.create();
    private EmbeddedServer server;

    @BeforeEach
    void addServer() throws IOException {
        server = fleet.add("deploy", password, directory.resolve("one"));
        write("# ours\nfrom=\"127.0.0.1\" " + pair.publicKey().toLine() + "\r\n");
    }

    @AfterEach
    void stop() {
        transport.close();
        fleet.close();
        pair.close();
        other.close();
        password.close();
    }

    @Nested
    class LoggingIn {
        @Test
        void connect_keyInFile_isLetIn() {
            try (SshConnection connection = connect(LogIn.withKey(pair))) {
                assertThat(connection.hostKey()).isEqualTo(server.hostKey());
            }
        }

        @Test
        void connect_keyNotInFile_isRefused() {
            assertThatThrownBy(() -> connect(LogIn.withKey(other))).isInstanceOf(AuthenticationRefusedException.class);
        }

        @Test
        void probe_fileChangedBetween_answersByTheFileOfTheMoment() throws IOException {
            List<SshPublicKey> keys = List.of(pair.publicKey(), other.publicKey());
            assertThat(transport.probe(target(server), keys).answers())
                    .containsExactly(ProbeAnswer.ACCEPTED, ProbeAnswer.REFUSED);

            write(other.publicKey().toLine());

            assertThat(transport.probe(target(server), keys).answers())
                    .containsExactly(ProbeAnswer.REFUSED, ProbeAnswer.ACCEPTED);
        }

        @Test
        void probe_fromElsewhereOnly_isRefused() throws IOException {
            write("from=\"192.0.2.1\" " + pair.publicKey().toLine() + "\n");

            assertThat(transport
                            .probe(target(server), List.of(pair.publicKey()))
                            .answers())
                    .containsExactly(ProbeAnswer.REFUSED);
        }

        @Test
        void probe_fileWritableByGroup_isRefused() throws IOException {
            Files.setPosixFilePermissions(server.authorizedKeysFile(), PosixFilePermissions.fromString("rw-rw----"));

            assertThat(transport
                            .probe(target(server), List.of(pair.publicKey()))
                            .answers())
                    .containsExactly(ProbeAnswer.REFUSED);
        }

        @Test
        void connect_rightPassword_isLetIn() {
            connect(LogIn.withPassword(password)).close();
        }

        @Test
        void connect_wrongPassword_isRefused() {
            try (Passphrase wrong = Passphrase.ofBytes("wrong".getBytes(UTF_8))) {
                assertThatThrownBy(() -> connect(LogIn.withPassword(wrong)))
                        .isInstanceOf(AuthenticationRefusedException.class);
            }
        }

        @Test
        void connect_otherUser_isRefused() {
            SshTarget target = SshTarget.of(server.host(), server.port(), "root", EmbeddedFleetTest::acceptAny);

            assertThatThrownBy(() -> transport.connect(ConnectRequest.of(target, LogIn.withKey(pair))))
                    .isInstanceOf(AuthenticationRefusedException.class);
        }
    }

    @Nested
    class Sftp {
        @Test
        void openSftp_any_startsAtHomeAndOffersWhatEditsNeed() {
            try (SshConnection connection = connect(LogIn.withKey(pair));
                    SftpSession sftp = connection.openSftp()) {
                assertThat(sftp.realPath(".")).isEqualTo("/home/deploy");
                assertThat(sftp.posixRename()).isPresent();
                assertThat(sftp.durableWrite()).isPresent();
                assertThat(sftp.read(".ssh/authorized_keys", 10_000))
                        .isEqualTo(Files.readAllBytes(server.authorizedKeysFile()));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Test
        void createAndRename_overAnExistingFile_replaceIt() throws IOException {
            byte[] content = "new\n".getBytes(UTF_8);
            try (SshConnection connection = connect(LogIn.withKey(pair));
                    SftpSession sftp = connection.openSftp()) {
                sftp.durableWrite().orElseThrow().createExclusiveSynced("/home/deploy/.ssh/new", 0600, content);
                assertThat(sftp.lstat("/home/deploy/.ssh/new").orElseThrow().permissions())
                        .hasValue(0600);
                sftp.posixRename()
                        .orElseThrow()
                        .posixRename("/home/deploy/.ssh/new", "/home/deploy/.ssh/authorized_keys");
            }
            assertThat(server.authorizedKeysFile()).hasBinaryContent(content);
        }

        @Test
        void createExclusive_nameTaken_isRefused() {
            try (SshConnection connection = connect(LogIn.withKey(pair));
                    SftpSession sftp = connection.openSftp()) {
                assertThatThrownBy(() -> sftp.createExclusive(".ssh/authorized_keys", 0600, new byte[0]))
                        .isInstanceOf(SftpException.class);
            }
        }

        @Test
        void realPath_dotsBeyondTheRoot_stayInside() {
            try (SshConnection connection = connect(LogIn.withKey(pair));
                    SftpSession sftp = connection.openSftp()) {
                assertThat(sftp.lstat("../../../../../etc/passwd")).isEmpty();
            }
        }

        @Test
        void realPath_manyAskedTogether_eachHasItsOwnAnswer() {
            try (SshConnection connection = connect(LogIn.withKey(pair));
                    SftpSession sftp = connection.openSftp()) {
                // More than goes into one packet, there and back.
                List<Supplier<String>> answers = IntStream.range(0, 2000)
                        .mapToObj(i -> sftp.sendRealPath("file-" + i))
                        .toList();

                assertThat(answers.stream().map(Supplier::get))
                        .containsExactlyElementsOf(IntStream.range(0, 2000)
                                .mapToObj(i -> "/home/deploy/file-" + i)
                                .toList());
                assertThat(sftp.realPath("/home/deploy/../..//home")).isEqualTo("/home");
            }
        }

        @Test
        void anyChange_readOnly_isRefusedAndReadingIsNot() {
            server.setReadOnly(true);
            String file = "/home/deploy/.ssh/authorized_keys";
            try (SshConnection connection = connect(LogIn.withKey(pair));
                    SftpSession sftp = connection.openSftp()) {
                assertThatThrownBy(() -> sftp.createExclusive(file + "-2", 0600, new byte[1]))
                        .isInstanceOf(SftpException.class);
                assertThatThrownBy(() -> sftp.remove(file)).isInstanceOf(SftpException.class);
                assertThatThrownBy(() -> sftp.rename(file, file + "-2")).isInstanceOf(SftpException.class);
                assertThatThrownBy(() -> sftp.setPermissions(file, 0644)).isInstanceOf(SftpException.class);
                assertThatThrownBy(() -> sftp.makeDirectory("d", 0700)).isInstanceOf(SftpException.class);
                assertThat(sftp.read(file, 10_000)).isNotEmpty();
            }
        }
    }

    @Nested
    class Fleet {
        @Test
        void add_many_eachHasItsOwnPortHostKeyAndFiles() throws IOException {
            List<EmbeddedServer> servers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                servers.add(fleet.add("deploy", password, directory.resolve("many-" + i)));
            }
            EmbeddedServer last = servers.get(49);
            Files.writeString(last.authorizedKeysFile(), other.publicKey().toLine());

            assertThat(servers).extracting(EmbeddedServer::port).doesNotHaveDuplicates();
            assertThat(servers).extracting(EmbeddedServer::hostKey).doesNotHaveDuplicates();
            assertThat(fleet.servers()).hasSize(51).contains(server, last);
            assertThat(transport.probe(target(last), List.of(other.publicKey())).answers())
                    .containsExactly(ProbeAnswer.ACCEPTED);
            assertThat(transport
                            .probe(target(servers.get(0)), List.of(other.publicKey()))
                            .answers())
                    .containsExactly(ProbeAnswer.REFUSED);
        }

        @Test
        void stop_one_breaksItsConnectionsAndNoOther() throws IOException {
            EmbeddedServer second = fleet.add("deploy", password, directory.resolve("two"));
            Files.writeString(second.authorizedKeysFile(), pair.publicKey().toLine());
            try (SshConnection broken = connect(LogIn.withKey(pair));
                    SshConnection kept = transport.connect(ConnectRequest.of(target(second), LogIn.withKey(pair)))) {
                server.stop();

                assertThatThrownBy(broken::openSftp).isInstanceOf(TransportException.class);
                assertThatThrownBy(() -> connect(LogIn.withKey(pair))).isInstanceOf(TransportException.class);
                kept.openSftp().close();
            }
        }

        @Test
        void restart_stopped_hasTheSamePortAndHostKey() {
            int port = server.port();
            server.stop();
            server.restart();

            try (SshConnection connection = connect(LogIn.withKey(pair))) {
                assertThat(server.port()).isEqualTo(port);
                assertThat(connection.hostKey()).isEqualTo(server.hostKey());
            }
        }

        @Test
        void close_any_leavesNothingListening() {
            EmbeddedFleet another = EmbeddedFleet.start();
            EmbeddedServer gone = another.add("deploy", password, directory.resolve("gone"));
            another.close();

            assertThatThrownBy(() -> transport.probe(target(gone), List.of(pair.publicKey())))
                    .isInstanceOf(TransportException.class);
        }

        @Test
        void start_any_registersNoProvider() {
            assertThat(Security.getProvider("BC")).isNull();
        }
    }

    private SshConnection connect(LogIn logIn) {
        return transport.connect(ConnectRequest.of(target(server), logIn));
    }

    private static SshTarget target(EmbeddedServer server) {
        return SshTarget.of(server.host(), server.port(), "deploy", EmbeddedFleetTest::acceptAny);
    }

    private static HostKeyVerdict acceptAny(String host, int port, SshPublicKey key) {
        return new HostKeyVerdict(HostKeyVerdict.Status.ACCEPTED, List.of());
    }

    private void write(String text) throws IOException {
        Files.writeString(server.authorizedKeysFile(), text);
        Files.setPosixFilePermissions(server.authorizedKeysFile(), PosixFilePermissions.fromString("rw-------"));
    }
}
