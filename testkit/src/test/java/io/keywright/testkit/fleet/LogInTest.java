package io.keywright.testkit.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.EcdsaCurve;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogInTest {
    private static final SshKeyPair PAIR = SshKeyPairGenerator.ed25519().generate();
    private static final SshPublicKey KEY = PAIR.publicKey();
    private static final SshKeyPair OTHER = SshKeyPairGenerator.ed25519().generate();
    private static final int STRANGER = 4711;

    private final InMemoryFleet fleet = InMemoryFleet.seeded(1);
    private final Device device = fleet.addDevice("web-1");
    private final Account account = device.addAccount("deploy");
    private final SshTransport transport = fleet.transport();

    private SshConnection connect(SshKeyPair pair) {
        return connect(LogIn.withKey(pair));
    }

    private SshConnection connect(LogIn logIn) {
        return transport.connect(ConnectRequest.of(device.target("deploy"), logIn));
    }

    private List<ProbeAnswer> probe(SshPublicKey... keys) {
        return transport.probe(device.target("deploy"), List.of(keys)).answers();
    }

    private void file(String path, String content, int mode) {
        UserFiles files = account.files();
        if (path.startsWith(".ssh/") && !files.exists(".ssh")) {
            files.makeDirectory(".ssh", 0700);
        }
        files.writeText(path, content);
        files.setPermissions(path, mode);
    }

    static List<LogInCase> lines() {
        return LogInCase.all();
    }

    static List<FileCase> files() {
        return FileCase.all();
    }

    @ParameterizedTest
    @MethodSource("lines")
    void logIn_line_asSshdDecides(LogInCase each) {
        account.writeAuthorizedKeys(each.content(KEY.toLine(), OTHER.publicKey().toLine()));
        assertThat(account.admits(KEY)).as(account.explain(KEY, "127.0.0.1")).isEqualTo(each.admitted());
        assertThat(probe(KEY)).containsExactly(each.admitted() ? ProbeAnswer.ACCEPTED : ProbeAnswer.REFUSED);
    }

    @ParameterizedTest
    @MethodSource("files")
    void logIn_files_asSshdDecides(FileCase each) {
        each.setUp().accept(new MemoryGround(account));
        assertThat(account.admits(KEY)).as(account.explain(KEY, "127.0.0.1")).isEqualTo(each.admitted());
        device.configure(config -> config.withStrictModes(false));
        if (each.admitted()) {
            assertThat(account.admits(KEY)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void logIn_writableByOwnGroup_dependsOnTheServer(boolean allowed) {
        for (FileCase each : FileCase.privateGroups(allowed)) {
            Device own = fleet.addDevice(each.name());
            own.configure(config -> config.withPrivateGroups(allowed));
            Account user = own.addAccount("deploy");
            each.setUp().accept(new MemoryGround(user));
            assertThat(user.admits(KEY)).as(each.name()).isEqualTo(each.admitted());
            own.addAccount("mallory").addGroup(user.gid());
            assertThat(user.admits(KEY)).as("a group of two: " + each.name()).isFalse();
        }
    }

    private static final class MemoryGround implements FileCase.Ground {
        private final Account account;
        private final UserFiles files;
        private final UserFiles root;

        MemoryGround(Account account) {
            this.account = account;
            this.files = account.files();
            this.root = account.device().files();
        }

        private String absolute(String path) {
            return path.equals(".") ? account.home() : account.home() + "/" + path;
        }

        @Override
        public void directory(String path, int mode) {
            files.makeDirectory(path, mode);
        }

        @Override
        public void keyFile(String path, int mode) {
            files.writeText(path, KEY.toLine() + "\n");
            files.setPermissions(path, mode);
        }

        @Override
        public void mode(String path, int mode) {
            root.setPermissions(absolute(path), mode);
        }

        @Override
        public void owner(String path, Owner owner) {
            int uid = switch (owner) {
                case ACCOUNT -> account.uid();
                case ROOT -> 0;
                case STRANGER -> STRANGER;
            };
            int gid = root.stat(absolute(path)).gid().orElseThrow();
            root.setOwner(absolute(path), uid, gid);
        }

        @Override
        public void shareWithGroup(String path) {
            int uid = root.stat(absolute(path)).uid().orElseThrow();
            root.setOwner(absolute(path), uid, STRANGER);
        }

        @Override
        public void link(String target, String path) {
            files.makeSymlink(target, path);
        }

        @Override
        public void fifo(String path) {
            files.makeFifo(path, 0600);
        }
    }

    @Nested
    class Files {
        @Test
        void patterns_tokensAndAbsolutePaths_expanded() {
            device.configure(config -> config.withAuthorizedKeysFiles("none", "/etc/keys/%u-%U", "%h/.ssh/%%k"));
            assertThat(account.authorizedKeysPath()).isEqualTo("/etc/keys/deploy-1000");
            device.files().makeDirectory("/etc", 0755);
            device.files().makeDirectory("/etc/keys", 0755);
            device.files().writeText("/etc/keys/deploy-1000", KEY.toLine());
            assertThat(account.admits(KEY)).isTrue();
            device.files().setPermissions("/etc/keys", 0777);
            assertThat(account.explain(KEY, "127.0.0.1")).contains("bad ownership or modes for directory /etc/keys");
            file(".ssh/%k", KEY.toLine(), 0600);
            assertThat(account.admits(KEY)).isTrue();
            device.configure(config -> config.withAuthorizedKeysFiles("%x"));
            assertThatThrownBy(() -> account.admits(KEY)).hasMessageContaining("%x");
        }

        @Test
        void strictModes_fileOutsideHome_checkedUpToTheRoot() {
            device.configure(config -> config.withAuthorizedKeysFiles("/keys"));
            device.files().writeText("/keys", KEY.toLine());
            assertThat(account.admits(KEY)).isTrue();
            device.files().setPermissions("/", 0777);
            assertThat(account.explain(KEY, "127.0.0.1")).endsWith("for directory /");
        }

        @Test
        void seLinux_fileWithAnotherType_refusedUntilRestored() {
            account.authorize(KEY);
            device.configure(config -> config.withSeLinux(true));
            assertThat(account.admits(KEY)).isFalse();
            assertThat(device.run(new CommandCall(account, "restorecon .ssh/authorized_keys", "", new byte[0]))
                            .succeeded())
                    .isTrue();
            assertThat(account.admits(KEY)).isTrue();
            account.files().writeText(".ssh/new", KEY.toLine());
            account.files().setPermissions(".ssh/new", 0600);
            account.files().rename(".ssh/new", ".ssh/authorized_keys"); // the type travels with the file
            assertThat(account.explain(KEY, "127.0.0.1")).contains("SELinux");
            device.fileSystem().setLabel("/home/deploy/.ssh", "ssh_home_t");
            account.files().writeText(".ssh/newer", KEY.toLine());
            account.files().rename(".ssh/newer", ".ssh/authorized_keys");
            assertThat(account.admits(KEY)).isTrue();
        }

        @Test
        void keysCommand_keyInNoFile_askedLast() {
            device.configure(config -> config.withAuthorizedKeysCommand(
                    user -> (user + "\n" + KEY.toLine()).getBytes(StandardCharsets.UTF_8)));
            assertThat(account.admits(KEY)).isTrue();
            assertThat(account.explain(KEY, "127.0.0.1")).isEqualTo("AuthorizedKeysCommand:2 admits it");
            assertThat(account.admits(OTHER.publicKey())).isFalse();
        }

        @Test
        void revokedKey_stillInFile_refused() {
            account.authorize(KEY);
            device.configure(config -> config.withRevokedKeys(Set.of(KEY)));
            assertThat(account.admits(KEY)).isFalse();
        }

        @Test
        void algorithm_notKnownToTheServer_refused() {
            SshPublicKey ed448 = SshKeyPairGenerator.ed448().generate().publicKey();
            SshPublicKey ecdsa =
                    SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256).generate().publicKey();
            account.authorize(ed448);
            account.authorize(ecdsa);
            assertThat(account.admits(ed448)).isFalse();
            assertThat(account.admits(ecdsa)).isTrue();
            device.configure(config -> config.withKeyAlgorithms(Set.of("ssh-ed448")));
            assertThat(account.admits(ed448)).isTrue();
            assertThat(account.admits(ecdsa)).isFalse();
        }
    }

    @Nested
    class Time {
        @Test
        void expiry_serversClockIsAhead_refusedTooEarly() {
            fleet.clock().set(Instant.parse("2026-03-01T12:00:00Z"));
            account.authorizeLine("expiry-time=\"20260301120000Z\" " + KEY.toLine());
            assertThat(account.admits(KEY)).isTrue(); // the second itself still counts
            device.setClockSkew(Duration.ofSeconds(1));
            assertThat(account.admits(KEY)).isFalse();
            device.setClockSkew(Duration.ofMinutes(-1));
            fleet.clock().advance(Duration.ofMinutes(1));
            assertThat(account.admits(KEY)).isTrue();
        }

        @Test
        void expiry_withoutSuffix_serversZone() {
            fleet.clock().set(Instant.parse("2026-03-01T12:00:00Z"));
            account.authorizeLine("expiry-time=\"202603011230\" " + KEY.toLine());
            assertThat(account.admits(KEY)).isTrue();
            device.configure(config -> config.withZone(ZoneId.of("+01:00")));
            assertThat(account.admits(KEY)).isFalse();
        }
    }

    @Nested
    class Address {
        @Test
        void from_otherAddress_decidesByProcess() {
            account.authorizeLine("from=\"192.0.2.0/24\" " + KEY.toLine());
            assertThat(account.admits(KEY)).isFalse();
            assertThat(account.admits(KEY, "192.0.2.7")).isTrue();
            assertThat(probe(KEY)).containsExactly(ProbeAnswer.REFUSED);
            SshTransport there = fleet.process("engine", "192.0.2.7").transport();
            assertThat(there.probe(device.target("deploy"), List.of(KEY)).answers())
                    .containsExactly(ProbeAnswer.ACCEPTED);
        }
    }

    @Nested
    class Limits {
        @Test
        void probe_acceptedKeys_doNotCount() {
            account.authorize(KEY);
            device.configure(config -> config.withMaxAuthTries(2));
            assertThat(probe(KEY, KEY, KEY, OTHER.publicKey(), KEY))
                    .containsExactly(
                            ProbeAnswer.ACCEPTED,
                            ProbeAnswer.ACCEPTED,
                            ProbeAnswer.ACCEPTED,
                            ProbeAnswer.REFUSED,
                            ProbeAnswer.ACCEPTED);
        }

        @Test
        void probe_limitReachedByLastQuestion_refused() {
            device.configure(config -> config.withMaxAuthTries(1));
            assertThat(probe(OTHER.publicKey())).containsExactly(ProbeAnswer.REFUSED);
            assertThat(fleet.openConnections()).isEmpty();
        }

        @Test
        void probe_limitReachedBeforeTheLastQuestion_thrown() {
            device.configure(config -> config.withMaxAuthTries(2));
            assertThatThrownBy(() -> probe(OTHER.publicKey(), OTHER.publicKey(), KEY))
                    .isInstanceOf(AuthenticationLimitException.class);
            assertThat(fleet.trace()).last().satisfies(entry -> {
                assertThat(entry.step().verb()).isEqualTo(Verb.PROBE);
                assertThat(entry.outcome()).isEqualTo(TraceEntry.Outcome.REFUSED);
            });
        }

        @Test
        void connect_limitReachedByProbes_neverLogsIn() {
            account.authorize(KEY);
            device.configure(config -> config.withMaxAuthTries(1));
            ConnectRequest request = ConnectRequest.of(device.target("deploy"), LogIn.withKey(PAIR))
                    .withProbes(List.of(OTHER.publicKey()));
            assertThatThrownBy(() -> transport.connect(request)).isInstanceOf(AuthenticationLimitException.class);
            device.configure(config -> config.withMaxAuthTries(2));
            try (SshConnection connection = transport.connect(request)) {
                assertThat(connection.probes()).containsExactly(ProbeAnswer.REFUSED);
            }
        }

        @Test
        void connect_refusedLogIn_saysWhatIsLeft() {
            assertThatThrownBy(() -> connect(PAIR))
                    .isInstanceOfSatisfying(
                            AuthenticationRefusedException.class,
                            e -> assertThat(e.methodsLeft()).containsExactly("publickey", "password"));
            device.configure(config -> config.withMaxAuthTries(1));
            assertThatThrownBy(() -> connect(PAIR)).isInstanceOf(AuthenticationRefusedException.class);
            assertThat(fleet.openConnections()).isEmpty();
        }

        @Test
        void penalties_refusalsFromOneAddress_keptAwayForAWhile() {
            account.authorize(KEY);
            device.configure(config -> config.withPenalties(PenaltyRules.DEFAULT));
            for (int i = 0; i < 4; i++) {
                assertThat(probe(OTHER.publicKey())).containsExactly(ProbeAnswer.REFUSED);
            }
            assertThatThrownBy(() -> probe(KEY)).isInstanceOfSatisfying(ConnectionLostException.class, e -> {
                assertThat(e.retryable()).isTrue();
                assertThat(e.phase()).isEqualTo(TransportException.Phase.KEY_EXCHANGE);
            });
            SshTransport elsewhere = fleet.process("other", "192.0.2.1").transport();
            assertThat(elsewhere.probe(device.target("deploy"), List.of(KEY)).answers())
                    .containsExactly(ProbeAnswer.ACCEPTED);
            fleet.clock().advance(Duration.ofSeconds(20));
            connect(PAIR).close();
        }

        @Test
        void penalties_refusedProbeThenLogIn_costNothing() {
            account.authorize(KEY);
            device.configure(config -> config.withPenalties(PenaltyRules.DEFAULT));
            ConnectRequest request = ConnectRequest.of(device.target("deploy"), LogIn.withKey(PAIR))
                    .withProbes(List.of(OTHER.publicKey()));
            for (int i = 0; i < 20; i++) {
                transport.connect(request).close();
            }
            connect(PAIR).close();
        }

        @Test
        void penalties_connectionsWithoutAnAttempt_costLess() {
            device.configure(config -> config.withPenalties(PenaltyRules.DEFAULT));
            for (int i = 0; i < 16; i++) {
                assertThat(probe()).isEmpty();
            }
            assertThatThrownBy(LogInTest.this::probe).isInstanceOf(ConnectionLostException.class);
        }
    }

    @Nested
    class Methods {
        private final Passphrase secret = Passphrase.of("s3cret".toCharArray());

        @Test
        void password_right_logsIn() {
            account.setPassword(secret);
            try (SshConnection connection = connect(LogIn.withPassword(secret))) {
                assertThat(connection.exec(ExecRequest.of("whoami")).stdoutText())
                        .isEqualTo("deploy\n");
            }
            assertThatThrownBy(() -> connect(LogIn.withPassword(Passphrase.of("wrong".toCharArray()))))
                    .isInstanceOf(AuthenticationRefusedException.class);
            device.configure(config -> config.withPasswordAuthentication(false));
            assertThatThrownBy(() -> connect(LogIn.withPassword(secret)))
                    .isInstanceOfSatisfying(
                            AuthenticationRefusedException.class,
                            e -> assertThat(e.methodsLeft()).containsExactly("publickey"));
        }

        @Test
        void publicKeyAuthenticationOff_cannotBeAsked() {
            account.authorize(KEY);
            device.configure(config -> config.withPubkeyAuthentication(false));
            assertThat(account.admits(KEY)).isFalse();
            assertThatThrownBy(() -> probe(KEY))
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            e -> assertThat(e.retryable()).isFalse());
        }

        @Test
        void lockedOrUnknownAccount_refused() {
            account.authorize(KEY);
            account.setPassword(secret);
            account.lock();
            assertThat(account.admits(KEY)).isFalse();
            assertThat(account.admits(secret)).isFalse();
            assertThat(probe(KEY)).containsExactly(ProbeAnswer.REFUSED);
            account.unlock();
            assertThat(account.admits(KEY)).isTrue();
            assertThat(transport.probe(device.target("nobody"), List.of(KEY)).answers())
                    .containsExactly(ProbeAnswer.REFUSED);
            assertThatThrownBy(() -> transport.connect(ConnectRequest.of(device.target("nobody"), LogIn.withKey(PAIR))))
                    .isInstanceOf(AuthenticationRefusedException.class);
        }

        @Test
        void root_loginRestricted_probeIsAnsweredAllTheSame() {
            Account root = device.addAccount("root");
            root.authorize(KEY);
            root.setPassword(secret);
            assertThat(root.admits(KEY)).isTrue();
            assertThat(root.admits(secret)).isFalse();
            device.configure(config -> config.withRootLogin(SshdConfig.RootLogin.NO));
            assertThat(root.admits(KEY)).isFalse();
            assertThat(transport.probe(device.target("root"), List.of(KEY)).answers())
                    .containsExactly(ProbeAnswer.ACCEPTED);
            device.configure(config -> config.withRootLogin(SshdConfig.RootLogin.FORCED_COMMANDS_ONLY));
            assertThat(root.admits(KEY)).isFalse();
            root.writeAuthorizedKeys("command=\"true\" " + KEY.toLine());
            assertThat(root.admits(KEY)).isTrue();
            device.configure(config -> config.withRootLogin(SshdConfig.RootLogin.YES));
            assertThat(root.admits(secret)).isTrue();
        }

        @Test
        void closedKeyPair_cannotSign() {
            SshKeyPair closing = SshKeyPairGenerator.ed25519().generate();
            account.authorize(closing.publicKey());
            closing.close();
            assertThatThrownBy(() -> connect(closing)).isInstanceOf(IllegalStateException.class);
            assertThat(fleet.openConnections()).isEmpty();
            fleet.setVerifiesSignatures(false);
            connect(closing).close();
        }
    }

    @Nested
    class Sessions {
        @Test
        void forcedCommand_execRunsItAndSftpIsClosed() {
            device.onExec(call -> call.command().equals("only-this")
                    ? Optional.of(CommandHandler.exit(
                            7, call.requested() + "|" + call.account().name(), ""))
                    : Optional.empty());
            account.authorizeLine("command=\"only-this\" " + KEY.toLine());
            try (SshConnection connection = connect(PAIR)) {
                ExecResult result = connection.exec(ExecRequest.of("uname -a"));
                assertThat(result.exitStatus()).hasValue(7);
                assertThat(result.stdoutText()).isEqualTo("uname -a|deploy");
                assertThatThrownBy(connection::openSftp).isInstanceOf(ChannelRefusedException.class);
                assertThat(connection.isOpen()).isTrue();
            }
        }

        @Test
        void forcedCommand_isTheSftpServer_sftpWorks() {
            account.authorizeLine("command=\"/usr/lib/openssh/sftp-server -l INFO\" " + KEY.toLine());
            try (SshConnection connection = connect(PAIR)) {
                assertThat(connection.openSftp().realPath(".")).isEqualTo("/home/deploy");
            }
        }

        @Test
        void forcedCommand_ofTheServer_winsOverTheKeys() {
            account.authorizeLine("command=\"echo key\" " + KEY.toLine());
            device.configure(config -> config.withForceCommand("echo server"));
            try (SshConnection connection = connect(PAIR)) {
                assertThat(connection.exec(ExecRequest.of("true")).stdoutText()).isEqualTo("server\n");
            }
        }

        @Test
        void restrict_execAndSftpStayOpen() {
            account.authorizeLine("restrict " + KEY.toLine());
            try (SshConnection connection = connect(PAIR)) {
                assertThat(connection.exec(ExecRequest.of("true")).succeeded()).isTrue();
                assertThat(connection.openSftp().list(".ssh")).containsExactly("authorized_keys");
            }
        }

        @Test
        void noSessionsOrNoSftp_channelRefused() {
            account.authorize(KEY);
            device.configure(config -> config.withSftp(false));
            try (SshConnection connection = connect(PAIR)) {
                assertThatThrownBy(connection::openSftp).isInstanceOf(ChannelRefusedException.class);
                assertThat(connection.exec(ExecRequest.of("true")).succeeded()).isTrue();
            }
            device.configure(config -> config.withSessions(false));
            try (SshConnection connection = connect(PAIR)) {
                assertThatThrownBy(() -> connection.exec(ExecRequest.of("true")))
                        .isInstanceOf(ChannelRefusedException.class);
            }
        }

        @Test
        void exec_builtIns_answer() {
            account.authorize(KEY);
            try (SshConnection connection = connect(PAIR)) {
                assertThat(connection.exec(ExecRequest.of("id -u")).stdoutText())
                        .isEqualTo("1000\n");
                assertThat(connection.exec(ExecRequest.of("echo a  b")).stdoutText())
                        .isEqualTo("a b\n");
                assertThat(connection
                                .exec(ExecRequest.of("cat").withStdin(new byte[] {1, 2}))
                                .stdout())
                        .containsExactly(1, 2);
                assertThat(connection.exec(ExecRequest.of("false")).succeeded()).isFalse();
                assertThat(connection.exec(ExecRequest.of("sudo -n true")).exitStatus())
                        .hasValue(127);
                assertThatThrownBy(() ->
                                connection.exec(ExecRequest.of("echo too long").withOutputLimit(4)))
                        .isInstanceOf(io.keywright.LimitExceededException.class);
            }
        }
    }
}
