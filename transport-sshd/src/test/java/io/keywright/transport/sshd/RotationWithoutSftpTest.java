package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Answer;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.EditMethod;
import io.keywright.rotation.KeyDeployment;
import io.keywright.rotation.RemoteEdit;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationException;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.rotation.InMemoryCredentialStore;
import io.keywright.testkit.rotation.InMemoryRotationJournal;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.transport.HostKeyVerifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The main job on a real sshd that has a shell only and reads several files, one of them not the account's own. */
@Tag("once")
class RotationWithoutSftpTest {
    private static final String NAME = "deploy-prod";
    private static final String ADMIN = "admin-prod";

    private final InMemoryCredentialStore store = new InMemoryCredentialStore(Clock.systemUTC());
    private Path common = Path.of("");
    private @Nullable OpenSshServer server;
    private @Nullable ServerAccount account;

    @BeforeEach
    void start() throws IOException {
        assumeThat(OpenSshServer.isRoot()).isTrue();
        // sshd reads no key below a directory that anybody may write.
        common = Files.createTempDirectory(Path.of("/var/lib"), "keywright-test");
        Files.setPosixFilePermissions(common, PosixFilePermissions.fromString("rwxr-xr-x"));
        server = OpenSshServer.builder()
                .withSftp(OpenSshServer.Sftp.NONE)
                .withConfigLine("PermitRootLogin yes")
                .withConfigLine("AuthorizedKeysFile .ssh/authorized_keys %h/.ssh/authorized_keys2 " + common + "/%u")
                .start();
        account = server.addAccount();
    }

    @AfterEach
    void stop() throws IOException {
        if (server != null) {
            server.close();
            Files.deleteIfExists(common.resolve("root"));
            Files.deleteIfExists(common.resolve(account().name()));
            Files.delete(common);
        }
    }

    private ServerAccount account() {
        return Objects.requireNonNull(account);
    }

    private SshPublicKey stored(String credential) {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
                CredentialStore.Lease lease = store.lease(credential)) {
            store.importKey(lease, pair);
            return pair.publicKey();
        }
    }

    private Device device(String... files) {
        OpenSshServer running = Objects.requireNonNull(server);
        return Device.of("web-1", running.host(), running.port()).asOriginal().withAuthorizedKeysFiles(List.of(files));
    }

    private RotationEngine engine() {
        return RotationEngine.builder()
                .transport(SshdTransport.create())
                .store(store)
                .journal(new InMemoryRotationJournal())
                .hostKeys(HostKeyVerifier.pinned(Objects.requireNonNull(server).hostKeys()))
                .build();
    }

    @Test
    void rotate_everyFileThatSshdReads_byShell_andTheReportSaysSo() {
        SshPublicKey old = stored(NAME);
        account().writeAuthorizedKeys("# first\nno-pty " + old.toLine() + "\n");
        Path second = account()
                .write(
                        Path.of(".ssh/authorized_keys2"),
                        ("# second\n" + old.toLine() + "\n").getBytes(StandardCharsets.UTF_8),
                        0600);
        Credential credential = Credential.of(
                NAME,
                account().name(),
                List.of(device(".ssh/authorized_keys", "%h/.ssh/authorized_keys2", common + "/%u")));
        try (RotationEngine engine = engine()) {
            RotationReport report = engine.rotate(engine.plan(credential), event -> {});

            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(report.devices().get(0).edits())
                    .filteredOn(RemoteEdit::changed)
                    .hasSize(4)
                    .allMatch(edit -> edit.method() == EditMethod.SHELL && edit.atomic() && edit.durable());
            assertThat(report.toText()).contains("4 by shell, atomic, durable");
            assertThat(report.toJson()).contains("\"method\" : \"shell\"");
            SshPublicKey now =
                    store.find(NAME).orElseThrow().current().orElseThrow().publicKey();
            assertThat(account().authorizedKeys()).hasContent("# first\nno-pty " + now.toLine() + "\n");
            assertThat(second).hasContent("# second\n" + now.toLine() + "\n");
        }
    }

    @Test
    void remove_keyInAFileThatWasNotNamed_isAFinding() {
        SshPublicKey key = stored(NAME);
        SshPublicKey other = LogInHere.newKey("other");
        account().writeAuthorizedKeys(key.toLine() + "\n" + other.toLine() + "\n");
        account().write(Path.of(".ssh/authorized_keys2"), (key.toLine() + "\n").getBytes(StandardCharsets.UTF_8), 0600);
        Credential credential = Credential.of(NAME, account().name(), List.of(device(".ssh/authorized_keys")));
        try (RotationEngine engine = engine()) {
            KeyDeployment result =
                    engine.installer().remove(credential, credential.devices().get(0), Optional.empty());

            assertThat(result.failure().map(DeviceFailure::kind)).contains(DeviceFailure.Kind.STILL_ACCEPTED);
            assertThat(result.accepted()).isEqualTo(Answer.ACCEPTED);
        }
    }

    @Test
    void rotate_byAnAdministrator_whoIsRoot() throws IOException {
        SshPublicKey old = stored(NAME);
        SshPublicKey admin = stored(ADMIN);
        Files.writeString(common.resolve("root"), admin.toLine() + "\n");
        Path file = Files.writeString(common.resolve(account().name()), old.toLine() + "\n");
        Device device = device(".ssh/authorized_keys", common + "/%u").withAdministrator("root");
        Credential credential =
                Credential.of(NAME, account().name(), List.of(device)).withAuthenticateWith(ADMIN);
        try (RotationEngine engine = engine()) {
            RotationReport report = engine.rotate(engine.plan(credential), event -> {});

            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(report.toText()).contains("2 by privileged-shell, atomic, durable");
            SshPublicKey now =
                    store.find(NAME).orElseThrow().current().orElseThrow().publicKey();
            assertThat(file).hasContent(now.toLine() + "\n");
            assertThat(Files.getOwner(file).getName()).isEqualTo("root");
        }
    }

    /** Failure 28: found out before anything is changed. */
    @Test
    void plan_administratorWhoseSudoAsksForAPassword_isInTheWay() throws IOException {
        SshPublicKey old = stored(NAME);
        SshPublicKey key = stored(ADMIN);
        ServerAccount admin = Objects.requireNonNull(server).addAccount();
        admin.writeAuthorizedKeys(key.toLine() + "\n");
        account().writeAuthorizedKeys(old.toLine() + "\n");
        Device device = device(".ssh/authorized_keys").withAdministrator(admin.name());
        Credential credential =
                Credential.of(NAME, account().name(), List.of(device)).withAuthenticateWith(ADMIN);
        Path rule = Files.writeString(Path.of("/etc/sudoers.d", admin.name()), admin.name() + " ALL=(ALL) ALL\n");
        try (RotationEngine engine = engine()) {
            Files.setPosixFilePermissions(rule, PosixFilePermissions.fromString("r--r-----"));
            RotationPlan plan = engine.plan(credential);
            assertThat(plan.devices().get(0).obstacle()).hasValueSatisfying(obstacle -> {
                assertThat(obstacle.kind()).isEqualTo(DeviceFailure.Kind.CANNOT_EDIT);
                assertThat(obstacle.message()).contains("a password is required");
            });
            assertThatThrownBy(() -> engine.rotate(plan, event -> {})).isInstanceOf(RotationException.class);
            assertThat(store.find(NAME).orElseThrow().versions()).hasSize(1);
        } finally {
            Files.delete(rule);
        }
        assertThat(account().authorizedKeys()).hasContent(old.toLine() + "\n");
    }
}
