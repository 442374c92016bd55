package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyWriter;
import io.keywright.rotation.Answer;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.DirectoryCredentialStore;
import io.keywright.rotation.DirectoryStoreSettings;
import io.keywright.rotation.FileRotationJournal;
import io.keywright.rotation.JournalEntry;
import io.keywright.rotation.KeyDeployment;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationJournal;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KnownHosts;
import io.keywright.transport.LogIn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The main job on a real sshd with StrictModes, over this module's transport: install, verify, rotate, remove, and being
 * killed on the way. What a key can do is asked of the {@code ssh} program too.
 *
 * <p>As root there are three accounts, thrown away afterwards; as anybody else one, the user's own.
 */
@Tag("once")
class RotationOnOpenSshTest {
    private static final String NAME = "deploy-prod";

    /** Everything that other tools break: comments, options, CRLF, unknown options, a duplicate, no final newline. */
    private static final String FILE = """
            # keys of this account \u00fc

            from="192.0.2.0/24",command="echo \\"a,b\\"  c" FOREIGN first foreign
            no-pty   %s\r
            frobnicate="yes" FOREIGN unknown option
            \t  \s
            ssh-unknown AAAAC3NzaC1 not a key
            %s
            FOREIGN no newline after this""";

    @TempDir
    Path directory;

    private final List<ServerAccount> accounts = new ArrayList<>();
    private @Nullable OpenSshServer server;
    private Path storeDirectory = Path.of("");
    private Path knownHosts = Path.of("");
    private SshPublicKey foreign = foreignKey();

    @BeforeEach
    void startServer() throws IOException {
        OpenSshServer.Builder builder = OpenSshServer.builder();
        if (OpenSshServer.isRoot()) {
            builder = builder.withPasswordAuthentication();
        }
        server = builder.start();
        int count = OpenSshServer.isRoot() ? 3 : 1;
        for (int i = 0; i < count; i++) {
            accounts.add(server.addAccount());
        }
        storeDirectory = directory.resolve("store");
        knownHosts = directory.resolve("known_hosts");
        Files.writeString(knownHosts, server.knownHosts());
    }

    @AfterEach
    void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    private static SshPublicKey foreignKey() {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            return pair.publicKey();
        }
    }

    private OpenSshServer server() {
        return java.util.Objects.requireNonNull(server);
    }

    private String file(String ours) {
        return FILE.replace("FOREIGN", foreign.toLine()).replace("%s", ours);
    }

    private Credential credential() {
        List<Device> devices = new ArrayList<>();
        for (int i = 0; i < accounts.size(); i++) {
            devices.add(Device.of("web-" + (i + 1), server().host(), server().port())
                    .withUser(accounts.get(i).name())
                    .withAuthorizedKeysFiles(
                            List.of(accounts.get(i).authorizedKeys().toString())));
        }
        devices.set(0, devices.get(0).asOriginal());
        return Credential.of(NAME, accounts.get(0).name(), devices);
    }

    private DirectoryCredentialStore openStore() {
        try (Passphrase secret = Passphrase.of("the store's secret".toCharArray())) {
            // Cheap derivation: what is tested here is not its cost.
            return DirectoryCredentialStore.open(
                    storeDirectory,
                    secret,
                    DirectoryStoreSettings.defaults()
                            .withScryptCost(new DirectoryStoreSettings.ScryptCost(1 << 14, 8, 1))
                            .withBcryptRounds(16));
        }
    }

    private RotationEngine engine() {
        return engine(openJournal());
    }

    private RotationJournal openJournal() {
        return FileRotationJournal.open(directory.resolve("journal"));
    }

    private RotationEngine engine(RotationJournal journal) {
        return RotationEngine.builder()
                .transport(SshdTransport.create())
                .store(openStore())
                .journal(journal)
                .hostKeys(HostKeyVerifier.strict(readKnownHosts()))
                .build();
    }

    private KnownHosts readKnownHosts() {
        try {
            return KnownHosts.parse(Files.readAllBytes(knownHosts));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stores a first key and writes it into every account's file. */
    private SshPublicKey prepare() {
        try (SshKeyPair pair =
                        SshKeyPairGenerator.ed25519().withComment("first").generate();
                DirectoryCredentialStore store = openStore()) {
            try (CredentialStore.Lease lease = store.lease(NAME)) {
                store.importKey(lease, pair);
            }
            accounts.forEach(account ->
                    account.writeAuthorizedKeys(file(pair.publicKey().toLine()).getBytes(StandardCharsets.UTF_8)));
            return pair.publicKey();
        }
    }

    /** Asks the ssh program whether a stored version logs in. */
    private boolean sshLogsIn(ServerAccount account, int version) {
        Path identity = directory.resolve("identity-" + version);
        try {
            if (!Files.exists(identity)) {
                try (DirectoryCredentialStore store = openStore();
                        SshKeyPair pair = store.exposeSecret(NAME, StoredSecret.key(version));
                        EncodedKey encoded = KeyWriter.openssh().write(pair)) {
                    encoded.writeTo(identity);
                }
            }
            Process ssh = new ProcessBuilder(
                            "ssh",
                            "-F",
                            "none",
                            "-i",
                            identity.toString(),
                            "-o",
                            "IdentitiesOnly=yes",
                            "-o",
                            "IdentityAgent=none",
                            "-o",
                            "BatchMode=yes",
                            "-o",
                            "PreferredAuthentications=publickey",
                            "-o",
                            "UserKnownHostsFile=" + knownHosts,
                            "-o",
                            "GlobalKnownHostsFile=/dev/null",
                            "-o",
                            "StrictHostKeyChecking=yes",
                            "-p",
                            Integer.toString(server().port()),
                            account.name() + "@" + server().host(),
                            "true")
                    .redirectErrorStream(true)
                    .start();
            ssh.getOutputStream().close();
            String output = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(ssh.waitFor(60, TimeUnit.SECONDS)).as("ssh ends").isTrue();
            int status = ssh.exitValue();
            assertThat(status == 0 || (status == 255 && output.contains("Permission denied")))
                    .as("ssh said: %s", output)
                    .isTrue();
            return status == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private SshPublicKey current() {
        try (DirectoryCredentialStore store = openStore()) {
            return store.find(NAME)
                    .flatMap(CredentialState::current)
                    .orElseThrow()
                    .publicKey();
        }
    }

    private void assertForeignBytesKept(ServerAccount account, SshPublicKey ours) {
        // The old key's two lines have different options, so each has its successor in its place.
        String found = new String(account.readAuthorizedKeys(), StandardCharsets.UTF_8);
        String blob = ours.toLine().split(" ", -1)[1];
        String generic = found.replaceAll("ssh-ed25519 " + java.util.regex.Pattern.quote(blob) + "[^\r\n]*", "%s");
        // Our own line is written anew, with one blank between its options and the key.
        assertThat(generic).isEqualTo(file("%s").replace("no-pty   %s", "no-pty %s"));
    }

    @Nested
    class Rotate {
        @Test
        void rotate_filesAsInTheField_oldKeyDeadNewKeyAliveTheRestByteForByte() throws IOException {
            SshPublicKey old = prepare();
            for (ServerAccount account : accounts) {
                assertThat(sshLogsIn(account, 1)).isTrue();
            }
            RotationReport report;
            try (RotationEngine engine = engine()) {
                RotationPlan plan = engine.plan(credential());
                assertThat(plan.isClear()).as(plan.toText()).isTrue();
                report = engine.rotate(plan, event -> {});
            }
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(report.devices())
                    .allMatch(device -> device.proof().isComplete())
                    .allMatch(device -> device.edits().stream().allMatch(edit -> edit.atomic() && edit.durable()));
            assertThat(current()).isNotEqualTo(old);
            for (ServerAccount account : accounts) {
                assertForeignBytesKept(account, current());
                assertThat(sshLogsIn(account, 2)).as("the new key").isTrue();
                assertThat(sshLogsIn(account, 1)).as("the old key").isFalse();
                try (var beside = Files.list(account.authorizedKeys().getParent())) {
                    assertThat(beside.map(path -> path.getFileName().toString()))
                            .noneMatch(name -> name.contains("keywright"));
                }
            }
        }
    }

    @Nested
    class InstallVerifyRemove {
        @Test
        void installVerifyRemove_withAPassword_eachProved() {
            assumeRoot();
            prepareOthers();
            ServerAccount account = accounts.get(0);
            Credential credential = credential();
            Device device = credential.devices().get(0);
            try (Passphrase password = Passphrase.of("correct horse battery".toCharArray());
                    RotationEngine engine = engine()) {
                account.setPassword(password);
                KeyDeployment installed =
                        engine.installer().install(credential, device, Optional.of(LogIn.withPassword(password)));
                assertThat(installed.failure()).isEmpty();
                assertThat(engine.installer().verify(credential, device).accepted())
                        .isEqualTo(Answer.ACCEPTED);
                assertThat(sshLogsIn(account, 1)).isTrue();
                String found = new String(account.readAuthorizedKeys(), StandardCharsets.UTF_8);
                assertThat(found).startsWith("# others\n" + foreign.toLine() + "\nssh-ed25519 ");
                assertThat(engine.installer()
                                .remove(credential, device, Optional.empty())
                                .accepted())
                        .isEqualTo(Answer.REFUSED);
            }
            assertThat(sshLogsIn(account, 1)).isFalse();
            assertThat(new String(account.readAuthorizedKeys(), StandardCharsets.UTF_8))
                    .isEqualTo("# others\n" + foreign.toLine() + "\n");
        }

        private void prepareOthers() {
            // No newline at the end: what is appended must not be glued to it.
            accounts.get(0).writeAuthorizedKeys("# others\n" + foreign.toLine());
        }
    }

    @Nested
    class Killed {
        @ParameterizedTest
        @ValueSource(strings = {"STAGED", "EXPANDING", "EXPANDED", "PROMOTED", "CONTRACTING", "CONTRACTED"})
        void rotate_killedAtAJournalledStep_storedKeyLogsInEverywhereAndResumeEndsRight(String step) {
            SshPublicKey old = prepare();
            JournalEntry.Step fatal = JournalEntry.Step.valueOf(step);
            try (RotationEngine engine = engine(new DeadlyJournal(openJournal(), fatal))) {
                engine.rotate(engine.plan(credential()), event -> {});
                throw new AssertionError("the rotation survived " + fatal);
            } catch (Killed.Death expected) {
                assertThat(expected).hasMessageContaining(step);
            }
            assertStoredKeyLogsInEverywhere();
            RotationReport report;
            try (RotationEngine engine = engine()) {
                report = engine.resume(credential(), event -> {}).orElseThrow();
            }
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            for (ServerAccount account : accounts) {
                assertForeignBytesKept(account, current());
                assertThat(sshLogsIn(account, 2)).isTrue();
                assertThat(sshLogsIn(account, 1)).isFalse();
            }
            assertThat(current()).isNotEqualTo(old);
        }

        private void assertStoredKeyLogsInEverywhere() {
            List<Integer> versions;
            try (DirectoryCredentialStore store = openStore()) {
                versions = store.find(NAME).orElseThrow().versions().stream()
                        .filter(KeyVersion::hasPrivateKey)
                        .map(KeyVersion::number)
                        .toList();
            }
            for (ServerAccount account : accounts) {
                assertThat(versions.stream().anyMatch(version -> sshLogsIn(account, version)))
                        .as("a stored key logs in as %s", account.name())
                        .isTrue();
            }
        }

        /** The process dies just after an entry became durable. */
        private static final class Death extends Error {
            private static final long serialVersionUID = 1;

            Death(JournalEntry.Step step) {
                super("killed after " + step);
            }
        }

        private record DeadlyJournal(RotationJournal journal, JournalEntry.Step fatal) implements RotationJournal {
            @Override
            public Log begin(String credential, String rotation, List<JournalEntry> beginning) {
                Log log = journal.begin(credential, rotation, beginning);
                dieAfter(beginning);
                return new Log() {
                    @Override
                    public String rotation() {
                        return log.rotation();
                    }

                    @Override
                    public List<JournalEntry> entries() {
                        return log.entries();
                    }

                    @Override
                    public void append(List<JournalEntry> entries) {
                        log.append(entries);
                        dieAfter(entries);
                    }

                    @Override
                    public void close() {
                        log.close();
                    }
                };
            }

            private void dieAfter(List<JournalEntry> entries) {
                if (entries.stream().anyMatch(entry -> entry.step() == fatal)) {
                    throw new Death(fatal);
                }
            }

            @Override
            public Optional<Log> openLatest(String credential) {
                return journal.openLatest(credential);
            }
        }
    }

    @Nested
    class Trouble {
        private Map<String, DeviceFailure> obstacles(Credential credential) {
            try (RotationEngine engine = engine()) {
                Map<String, DeviceFailure> found = new LinkedHashMap<>();
                engine.plan(credential)
                        .devices()
                        .forEach(planned -> planned.obstacle()
                                .ifPresent(
                                        obstacle -> found.put(planned.device().id(), obstacle)));
                return found;
            }
        }

        private Credential onlyFirst(int port) {
            Device first = credential().devices().get(0);
            Device elsewhere =
                    new Device(first.id(), first.host(), port, first.user(), true, first.authorizedKeysFiles());
            return Credential.of(NAME, accounts.get(0).name(), List.of(elsewhere));
        }

        @Test
        void plan_unknownHost_isNamed() throws IOException {
            prepare();
            Files.writeString(knownHosts, "");
            assertThat(obstacles(onlyFirst(server().port())).get("web-1").kind())
                    .isEqualTo(DeviceFailure.Kind.HOST_KEY_UNKNOWN);
        }

        @Test
        void plan_changedHostKey_isNamed() throws IOException {
            prepare();
            Files.writeString(
                    knownHosts, "[" + server().host() + "]:" + server().port() + " " + foreign.toLine() + "\n");
            assertThat(obstacles(onlyFirst(server().port())).get("web-1").kind())
                    .isEqualTo(DeviceFailure.Kind.HOST_KEY_CHANGED);
        }

        @Test
        void plan_nothingListens_isUnreachable() throws IOException {
            prepare();
            int port;
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = socket.getLocalPort();
            }
            assertThat(obstacles(onlyFirst(port)).get("web-1").kind()).isEqualTo(DeviceFailure.Kind.UNREACHABLE);
        }

        @Test
        void plan_forcedCommand_cannotEdit() {
            SshPublicKey old = prepare();
            accounts.get(0).writeAuthorizedKeys("command=\"echo forced\" " + old.toLine() + "\n");
            assertThat(obstacles(onlyFirst(server().port())).get("web-1").kind())
                    .isEqualTo(DeviceFailure.Kind.CANNOT_EDIT);
            assertThat(sshLogsIn(accounts.get(0), 1)).isTrue();
        }

        @Test
        void plan_directoryCannotBeWritten_isSaid() {
            prepare();
            ServerAccount last = accounts.get(accounts.size() - 1);
            Path ssh = last.authorizedKeys().getParent();
            last.setMode(ssh, 0500);
            try {
                assertThat(obstacles(credential()).get("web-" + accounts.size()).message())
                        .contains("may not write in", "0500");
            } finally {
                last.setMode(ssh, 0700);
            }
        }

        @Test
        void rotate_directoryCannotBeWrittenSinceThePlan_isTakenBackAndNothingIsLost() {
            prepare();
            ServerAccount last = accounts.get(accounts.size() - 1);
            byte[] before = last.readAuthorizedKeys();
            Path ssh = last.authorizedKeys().getParent();
            try (RotationEngine engine = engine()) {
                RotationPlan plan = engine.plan(credential());
                last.setMode(ssh, 0500);
                RotationReport report = engine.rotate(plan, event -> {});
                assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
                DeviceOutcome outcome =
                        report.devices().get(accounts.size() - 1).outcome();
                assertThat(outcome).isInstanceOf(DeviceOutcome.RolledBack.class);
                assertThat(report.reason().orElseThrow()).contains("permissions");
            } finally {
                last.setMode(ssh, 0700);
            }
            assertThat(last.readAuthorizedKeys()).isEqualTo(before);
            for (ServerAccount account : accounts) {
                assertThat(sshLogsIn(account, 1)).isTrue();
            }
        }
    }

    /** Passwords can be given to throw-away accounts only; the other tests run for everybody. */
    private static void assumeRoot() {
        assumeThat(OpenSshServer.isRoot()).isTrue();
    }
}
