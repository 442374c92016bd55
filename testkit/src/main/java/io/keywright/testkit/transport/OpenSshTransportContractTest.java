package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.testkit.transport.ServerOptions.Method;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.ShellRequest;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TerminalSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** {@link TransportContractTest} against real OpenSSH, and what only a real server shows. Run as root, all of it runs. */
public abstract class OpenSshTransportContractTest extends TransportContractTest {

    /** For subclasses. */
    protected OpenSshTransportContractTest() {}

    @Override
    protected ContractServer startServer(ServerOptions options) {
        return new RealServer(options);
    }

    private static SshTarget target(OpenSshServer server, ServerAccount account) {
        return SshTarget.of(server.host(), server.port(), account.name(), HostKeyVerifier.pinned(server.hostKeys()));
    }

    private SshConnection connect(OpenSshServer server, ServerAccount account) {
        return transport().connect(ConnectRequest.of(target(server, account), LogIn.withKey(ContractKeys.MAIN.pair())));
    }

    private static ServerAccount mainAccount(OpenSshServer server) {
        ServerAccount account = server.addAccount();
        account.writeAuthorizedKeys(ContractKeys.MAIN.publicKey().toLine() + "\n");
        return account;
    }

    /** What sshd itself says. */
    @Nested
    class InTheServersLog {
        @Test
        void refusedOldThenAcceptedNew_areOneConnectionAndOneFailure() {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = mainAccount(server);
                ConnectRequest request = ConnectRequest.of(
                                target(server, account), LogIn.withKey(ContractKeys.MAIN.pair()))
                        .withProbes(List.of(ContractKeys.SPARE.publicKey()));
                try (SshConnection connection = transport().connect(request)) {
                    assertThat(connection.probes()).containsExactly(ProbeAnswer.REFUSED);
                }

                String log = server.awaitLog(text -> text.contains("Accepted publickey for " + account.name()));
                assertThat(count(log, "Connection from 127\\.0\\.0\\.1")).isEqualTo(1);
                assertThat(count(log, "Failed publickey for " + account.name())).isEqualTo(1);
            }
        }

        @Test
        void acceptedProbe_isPostponedAndNobodyLogsIn() {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = mainAccount(server);
                assertThat(transport()
                                .probe(target(server, account), List.of(ContractKeys.MAIN.publicKey()))
                                .answers())
                        .containsExactly(ProbeAnswer.ACCEPTED);

                String log = server.awaitLog(text -> text.contains("Postponed publickey for " + account.name()));
                assertThat(log).doesNotContain("Accepted publickey").doesNotContain("Failed publickey");
            }
        }

        @Test
        void keyOfATypeThatItDoesNotKnow_isRefusedWithoutHarm() {
            try (OpenSshServer server = OpenSshServer.start();
                    SshKeyPair ed448 = SshKeyPairGenerator.ed448().generate()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys(ed448.publicKey().toLine() + "\n"
                        + ContractKeys.MAIN.publicKey().toLine() + "\n");
                ConnectRequest request = ConnectRequest.of(
                                target(server, account), LogIn.withKey(ContractKeys.MAIN.pair()))
                        .withProbes(List.of(ed448.publicKey()));
                try (SshConnection connection = transport().connect(request)) {
                    assertThat(connection.probes()).containsExactly(ProbeAnswer.REFUSED);
                }
            }
        }

        @Test
        void keyExchange_isModernAndCheap() {
            try (OpenSshServer server = OpenSshServer.start()) {
                assertThat(transport()
                                .probe(target(server, server.addAccount()), List.of())
                                .answers())
                        .isEmpty();

                String log = server.awaitLog(text -> text.contains("kex: server->client cipher:"));
                assertThat(log)
                        .containsPattern("kex: algorithm: (mlkem768x25519-sha256|curve25519-sha256)")
                        .contains("kex: client->server cipher: aes256-gcm@openssh.com")
                        .contains("kex: server->client cipher: aes256-gcm@openssh.com");
            }
        }
    }

    private static long count(String log, String pattern) {
        return Pattern.compile(pattern).matcher(log).results().count();
    }

    /** Keys with options, and how commands end. */
    @Nested
    class Commands {
        @Test
        void forcedCommand_runsInsteadAndLeavesNoSftp() {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys("command=\"echo forced: $SSH_ORIGINAL_COMMAND; exit 7\" "
                        + ContractKeys.MAIN.publicKey().toLine() + "\n");
                try (SshConnection connection = connect(server, account)) {
                    ExecResult result = connection.exec(ExecRequest.of("rm -rf x"));
                    assertThat(result.stdoutText()).isEqualTo("forced: rm -rf x\n");
                    assertThat(result.exitStatus()).hasValue(7);
                    assertThatThrownBy(connection::openSftp).isInstanceOf(ChannelRefusedException.class);
                }
            }
        }

        @Test
        void silentForcedCommand_leavesNoSftpEither() {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys(
                        "command=\"true\" " + ContractKeys.MAIN.publicKey().toLine() + "\n");
                try (SshConnection connection = connect(server, account)) {
                    assertThatThrownBy(connection::openSftp).isInstanceOf(ChannelRefusedException.class);
                    assertThat(connection.isOpen()).isTrue();
                }
            }
        }

        @Test
        void restrict_leavesCommandsAndSftpOpen() {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys(
                        "restrict " + ContractKeys.MAIN.publicKey().toLine() + "\n");
                try (SshConnection connection = connect(server, account);
                        SftpSession sftp = connection.openSftp()) {
                    assertThat(connection.exec(ExecRequest.of("echo on")).stdoutText())
                            .isEqualTo("on\n");
                    assertThat(sftp.stat(".")).isPresent();
                }
            }
        }

        @Test
        void keyThatMayHaveNoTerminal_isRefused() {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys(
                        "no-pty " + ContractKeys.MAIN.publicKey().toLine() + "\n");
                try (SshConnection connection = connect(server, account)) {
                    assertThatThrownBy(() -> connection
                                    .shellAccess()
                                    .orElseThrow()
                                    .openShell(ShellRequest.of("dumb", new TerminalSize(80, 24))))
                            .isInstanceOf(ChannelRefusedException.class)
                            .hasMessageContaining("terminal");
                    assertThat(connection.exec(ExecRequest.of("echo on")).stdoutText())
                            .isEqualTo("on\n");
                }
            }
        }

        @Test
        void serverKilledInACommand_isLost() {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = mainAccount(server);
                try (SshConnection connection = connect(server, account)) {
                    Thread killer = new Thread(() -> {
                        server.awaitLog(text -> text.contains("Starting session: command"));
                        server.kill();
                    });
                    killer.start();

                    assertThatThrownBy(() -> connection.exec(ExecRequest.of("sleep 60")))
                            .isInstanceOf(ConnectionLostException.class);
                    assertThat(connection.isOpen()).isFalse();
                }
            }
        }
    }

    /** Terminals and signals. */
    @Nested
    class Processes extends ProcessContract {
        Processes() {
            super(OpenSshTransportContractTest.this);
        }
    }

    /** Files where owner, mode and disk are real. */
    @Nested
    class RealFiles {
        private final List<OpenSshServer.Sftp> sources =
                List.of(OpenSshServer.Sftp.INTERNAL, OpenSshServer.Sftp.EXTERNAL);

        @Test
        void bothOfItsSftpServers_haveRenameAndFsync() {
            for (OpenSshServer.Sftp source : sources) {
                try (OpenSshServer server =
                        OpenSshServer.builder().withSftp(source).start()) {
                    ServerAccount account = mainAccount(server);
                    try (SshConnection connection = connect(server, account);
                            SftpSession sftp = connection.openSftp()) {
                        byte[] content = "synced".getBytes(StandardCharsets.UTF_8);
                        sftp.durableWrite().orElseThrow().createExclusiveSynced("kw-a", 0600, content);
                        sftp.createExclusive("kw-b", 0600, new byte[1]);
                        sftp.posixRename().orElseThrow().posixRename("kw-a", "kw-b");

                        assertThat(sftp.read("kw-b", 100)).isEqualTo(content);
                        sftp.remove("kw-b");
                    }
                }
            }
        }

        @Test
        void modeInTheOpenRequest_isMaskedByTheServerAndNotSetAfterwards() {
            try (OpenSshServer server = OpenSshServer.builder()
                    .withConfigLine("Subsystem sftp internal-sftp -u 0077")
                    .withSftp(OpenSshServer.Sftp.NONE)
                    .start()) {
                ServerAccount account = mainAccount(server);
                try (SshConnection connection = connect(server, account);
                        SftpSession sftp = connection.openSftp()) {
                    sftp.createExclusive("kw-file", 0644, new byte[1]);
                    sftp.makeDirectory("kw-directory", 0755);

                    // Had the client set the mode after the open, it would be 0644.
                    assertThat(permissions(sftp, "kw-file")).isEqualTo(0600);
                    assertThat(permissions(sftp, "kw-directory")).isEqualTo(0700);
                    sftp.remove("kw-file");
                    assertThat(connection
                                    .exec(ExecRequest.of("rmdir kw-directory"))
                                    .succeeded())
                            .isTrue();
                }
            }
        }

        @Test
        void modeWithoutUmask_isPrivateFromTheOpenOn() {
            try (OpenSshServer server = OpenSshServer.builder()
                    .withConfigLine("Subsystem sftp internal-sftp -u 0000 -l DEBUG3")
                    .withSftp(OpenSshServer.Sftp.NONE)
                    .start()) {
                ServerAccount account = mainAccount(server);
                try (SshConnection connection = connect(server, account);
                        SftpSession sftp = connection.openSftp()) {
                    sftp.createExclusive("kw-file", 0600, new byte[1]);

                    assertThat(permissions(sftp, "kw-file")).isEqualTo(0600);
                    sftp.remove("kw-file");
                }
            }
        }

        @Test
        void ownerAndGroup_areReadAndSet() {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = mainAccount(server);
                try (SshConnection connection = connect(server, account);
                        SftpSession sftp = connection.openSftp()) {
                    sftp.createExclusive("kw-file", 0600, new byte[1]);
                    int uid = number(connection, "id -u");
                    int gid = number(connection, "id -g");
                    RemoteAttributes attributes = sftp.stat("kw-file").orElseThrow();
                    assertThat(attributes.uid()).hasValue(uid);
                    assertThat(attributes.gid()).hasValue(gid);

                    sftp.setOwner("kw-file", uid, gid); // to oneself is allowed
                    if (uid != 0) {
                        assertThatThrownBy(() -> sftp.setOwner("kw-file", 0, 0))
                                .isInstanceOf(SftpException.class)
                                .extracting(e -> ((SftpException) e).status())
                                .isIn(SftpException.Status.PERMISSION_DENIED, SftpException.Status.FAILURE);
                    }
                    sftp.remove("kw-file");
                }
            }
        }

        @Test
        void fileOfSomebodyElse_isDenied() {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = mainAccount(server);
                try (SshConnection connection = connect(server, account);
                        SftpSession sftp = connection.openSftp()) {
                    if (number(connection, "id -u") != 0) {
                        assertThatThrownBy(() -> sftp.createExclusive("/etc/kw-file", 0600, new byte[0]))
                                .isInstanceOf(SftpException.class)
                                .extracting(e -> ((SftpException) e).status())
                                .isEqualTo(SftpException.Status.PERMISSION_DENIED);
                    }
                }
            }
        }

        @Test
        void realPath_resolvesLinks() throws IOException {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = mainAccount(server);
                try (SshConnection connection = connect(server, account);
                        SftpSession sftp = connection.openSftp()) {
                    assertThat(sftp.realPath("."))
                            .isEqualTo(account.home().toRealPath().toString());
                }
            }
        }

        private int permissions(SftpSession sftp, String path) {
            return sftp.stat(path).orElseThrow().permissions().orElseThrow();
        }

        private int number(SshConnection connection, String command) {
            return Integer.parseInt(
                    connection.exec(ExecRequest.of(command)).stdoutText().strip());
        }
    }

    /** New keys in the middle of everything (RFC 4253, section 9). */
    @Nested
    class NewKeys {
        @Test
        void underWay_interruptNothing() {
            byte[] data = new byte[1 << 20];
            new Random(4).nextBytes(data);
            try (OpenSshServer server =
                    OpenSshServer.builder().withConfigLine("RekeyLimit 100K").start()) {
                ServerAccount account = mainAccount(server);
                try (SshConnection connection = connect(server, account);
                        SftpSession sftp = connection.openSftp()) {
                    assertThat(connection
                                    .exec(ExecRequest.of("cat").withStdin(data))
                                    .stdout())
                            .isEqualTo(data);
                    sftp.createExclusive("kw-data", 0600, data);
                    assertThat(sftp.read("kw-data", data.length)).isEqualTo(data);
                    sftp.remove("kw-data");
                }
                server.awaitLog(text -> count(text, "SSH2_MSG_NEWKEYS sent") > 3);
            }
        }
    }

    /** What a transport leaves behind: nothing. The server is another process, so every new thread is the transport's. */
    @Nested
    class Threads {
        @Test
        void closedTransport_leavesNoThread() throws InterruptedException {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = mainAccount(server);
                Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
                try (SshTransport own = createTransport()) {
                    ConnectRequest request =
                            ConnectRequest.of(target(server, account), LogIn.withKey(ContractKeys.MAIN.pair()));
                    List<SshConnection> connections = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        connections.add(own.connect(request));
                    }
                    SftpSession sftp = connections.get(0).openSftp();
                    assertThat(sftp.stat(".")).isPresent();
                    assertThat(connections.get(1).exec(ExecRequest.of("cat")).succeeded())
                            .isTrue();
                }
                Set<Thread> left = Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> !before.contains(thread))
                        .collect(Collectors.toSet());
                for (Thread thread : left) {
                    thread.join(Duration.ofSeconds(5).toMillis()); // its last instructions may be under way
                }
                assertThat(left).filteredOn(Thread::isAlive).isEmpty();
            }
        }
    }

    /**
     * An OpenSSH server as the contract wants it. Where the tests do not run as root, its one account is their own, and
     * SFTP starts at a directory that is emptied for each test.
     */
    private static final class RealServer implements ContractServer {
        private final OpenSshServer server;
        private final Optional<OwnAccount> own;

        RealServer(ServerOptions options) {
            own = OpenSshServer.isRoot() ? Optional.empty() : Optional.of(OwnAccount.create());
            OpenSshServer.Builder builder = OpenSshServer.builder()
                    .withConfigLine("MaxAuthTries " + options.maxTries())
                    .withHostKeys(options.hostKeyTypes().toArray(new String[0]))
                    .withSftp(options.sftp() && own.isEmpty() ? OpenSshServer.Sftp.INTERNAL : OpenSshServer.Sftp.NONE)
                    .withConfigLine("PubkeyAuthentication " + yesNo(options, Method.PUBLIC_KEY));
            if (options.sftp()) {
                own.ifPresent(
                        account -> builder.withConfigLine("Subsystem sftp internal-sftp -d " + account.directory()));
            }
            if (options.methods().contains(Method.PASSWORD)) {
                builder.withPasswordAuthentication();
            }
            if (options.methods().contains(Method.KEYBOARD_INTERACTIVE)) {
                builder.withConfigLine("KbdInteractiveAuthentication yes").withConfigLine("UsePAM yes");
            }
            server = builder.start();
        }

        private static String yesNo(ServerOptions options, Method method) {
            return options.methods().contains(method) ? "yes" : "no";
        }

        @Override
        public String host() {
            return server.host();
        }

        @Override
        public int port() {
            return server.port();
        }

        @Override
        public List<SshPublicKey> hostKeys() {
            return server.hostKeys();
        }

        @Override
        public Account addAccount() {
            if (own.isPresent()) {
                return own.get().emptied(server);
            }
            ServerAccount account = server.addAccount();
            return new RealAccount(account, account.home());
        }

        @Override
        public void close() {
            server.close();
            own.ifPresent(OwnAccount::close);
        }
    }

    /** The account that runs the tests, with a directory in place of its home. */
    private static final class OwnAccount {
        private final Path directory;
        private @Nullable ServerAccount account;

        private OwnAccount(Path directory) {
            this.directory = directory;
        }

        static OwnAccount create() {
            try {
                return new OwnAccount(Files.createTempDirectory("keywright-contract"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Path directory() {
            return directory;
        }

        RealAccount emptied(OpenSshServer server) {
            empty(directory);
            if (account == null) {
                account = server.addAccount();
            }
            account.writeAuthorizedKeys("");
            return new RealAccount(account, directory);
        }

        void close() {
            empty(directory);
            try {
                Files.delete(directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void empty(Path directory) {
            try (Stream<Path> tree = Files.walk(directory)) {
                for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
                    if (!file.equals(directory)) {
                        Files.delete(file);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
