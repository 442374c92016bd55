package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywright.SshPublicKey;
import io.keywright.rotation.EditMethod;
import io.keywright.rotation.RemoteAuthorizedKeys;
import io.keywright.rotation.RemoteEdit;
import io.keywright.rotation.RemoteFileException;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.transport.SshConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The keys of one account, edited by another: root, or somebody whom sudo lets in. On a real sshd, with a real sudo. */
@Tag("once")
class PrivilegedEditingTest {
    private static final String FILE = "%h/.ssh/authorized_keys";

    private Path directory = Path.of("");
    private final List<Path> rules = new ArrayList<>();
    private @Nullable OpenSshServer server;
    private @Nullable LogInHere logIn;

    @BeforeEach
    void start() throws IOException {
        assumeThat(OpenSshServer.isRoot()).isTrue();
        // Not below the common directory for temporary files, which anybody may write: sshd would read no key there.
        directory = Files.createTempDirectory(Path.of("/var/lib"), "keywright-test");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        // Stands for SELinux' tool, and tells what it was asked for.
        Path restorecon = Files.writeString(
                directory.resolve("restorecon"), "#!/bin/sh\necho \"$(pwd) $1\" >>\"" + directory + "/restored\"\n");
        Files.setPosixFilePermissions(restorecon, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path restored = Files.createFile(directory.resolve("restored"));
        Files.setPosixFilePermissions(restored, PosixFilePermissions.fromString("rw-rw-rw-"));
        server = OpenSshServer.builder()
                .withConfigLine("PermitRootLogin yes")
                // root's own keys are nobody's business here
                .withConfigLine("AuthorizedKeysFile %h/.ssh/authorized_keys " + directory + "/keys-of-%u")
                .withConfigLine("SetEnv PATH=" + directory + ":/usr/sbin:/usr/bin:/sbin:/bin")
                .start();
        logIn = new LogInHere(server.host(), server.port(), server.hostKeys());
    }

    @AfterEach
    void stop() throws IOException {
        for (Path rule : rules) {
            Files.delete(rule);
        }
        if (logIn != null) {
            logIn.close();
        }
        if (server != null) {
            server.close();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private LogInHere logIn() {
        return Objects.requireNonNull(logIn);
    }

    private ServerAccount addAccount() {
        return Objects.requireNonNull(server).addAccount();
    }

    private SshConnection asRoot() throws IOException {
        Files.writeString(directory.resolve("keys-of-root"), logIn().line());
        return logIn().as("root");
    }

    /** Lets an account be another one by sudo. */
    private void allow(ServerAccount who, String rule) throws IOException {
        Path file = Path.of("/etc/sudoers.d", who.name());
        Files.writeString(file, who.name() + " " + rule + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
        rules.add(file);
    }

    private static RemoteEdit add(SshConnection connection, String account, String file, SshPublicKey key) {
        try (RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.openFor(connection, account, "test")) {
            return remote.edit(file, keys -> keys.add(key));
        }
    }

    private void assertArrived(ServerAccount account, SshPublicKey key) throws IOException {
        Path file = account.authorizedKeys();
        assertThat(file).hasContent(key.toLine() + "\n");
        assertThat(Files.getOwner(file).getName()).isEqualTo(account.name());
        assertThat(Files.getOwner(file.getParent()).getName()).isEqualTo(account.name());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        assertThat(logIn().accepts(account.name(), key)).isTrue();
    }

    @Test
    void root_actsAsTheAccount_evenWhereItHasNoShell() throws IOException {
        ServerAccount account = addAccount();
        SshPublicKey key = LogInHere.newKey("new");
        try (SshConnection root = asRoot()) {
            RemoteEdit done = add(root, account.name(), FILE, key);
            assertThat(done.method()).isEqualTo(EditMethod.PRIVILEGED_SHELL);
            assertThat(done.atomic() && done.durable()).isTrue();
        }
        assertArrived(account, key);
    }

    /** One device's trouble, and no reason to end what is done on others. */
    @Test
    void accountWhoseNameFitsNoCommandLine_isRefusedWithTheReason() throws IOException {
        try (SshConnection root = asRoot()) {
            assertThatThrownBy(() -> add(root, "DOMAIN\\deploy", FILE, LogInHere.newKey("new")))
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.NO_PRIVILEGE))
                    .hasMessageContaining("letters, digits");
        }
    }

    @Test
    void root_fileInADirectoryOfRoot_staysRoots() throws IOException {
        ServerAccount account = addAccount();
        Path file = Files.writeString(directory.resolve("keys-of-" + account.name()), "# by hand\n");
        SshPublicKey key = LogInHere.newKey("new");
        try (SshConnection root = asRoot()) {
            add(root, account.name(), directory + "/keys-of-%u", key);
        }
        assertThat(file).hasContent("# by hand\n" + key.toLine() + "\n");
        assertThat(Files.getOwner(file).getName()).isEqualTo("root");
        assertThat(logIn().accepts(account.name(), key)).isTrue();
    }

    @Test
    void context_isRestoredOnTheFileItself() throws IOException {
        ServerAccount account = addAccount();
        SshPublicKey key = LogInHere.newKey("new");
        try (SshConnection root = asRoot()) {
            add(root, account.name(), directory + "/keys-of-%u", key);
        }
        assertThat(Files.readString(directory.resolve("restored")))
                .endsWith(directory + " ./keys-of-" + account.name() + "\n");
    }

    @Test
    void sudoToTheAccount_isEnough() throws IOException {
        ServerAccount admin = addAccount();
        ServerAccount account = addAccount();
        admin.writeAuthorizedKeys(logIn().line());
        allow(admin, "ALL=(" + account.name() + ") NOPASSWD: ALL");
        SshPublicKey key = LogInHere.newKey("new");
        try (SshConnection connection = logIn().as(admin.name())) {
            add(connection, account.name(), FILE, key);
        }
        assertArrived(account, key);
    }

    @Test
    void sudoToRootAlone_givesTheFileToTheAccount() throws IOException {
        ServerAccount admin = addAccount();
        ServerAccount account = addAccount();
        admin.writeAuthorizedKeys(logIn().line());
        allow(admin, "ALL=(root) NOPASSWD: ALL");
        SshPublicKey key = LogInHere.newKey("new");
        try (SshConnection connection = logIn().as(admin.name())) {
            add(connection, account.name(), FILE, key);
        }
        assertArrived(account, key);
    }

    @Test
    void sudoThatAsksForAPassword_isAClearFinding() throws IOException {
        ServerAccount admin = addAccount();
        ServerAccount account = addAccount();
        admin.writeAuthorizedKeys(logIn().line());
        allow(admin, "ALL=(ALL) ALL");
        try (SshConnection connection = logIn().as(admin.name())) {
            assertThatThrownBy(() -> add(connection, account.name(), FILE, LogInHere.newKey("new")))
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.NO_PRIVILEGE))
                    .hasMessageContaining("a password is required")
                    .hasMessageContaining("sudo without a password");
        }
        assertThat(account.authorizedKeys()).doesNotExist();
    }

    @Test
    void fileOfAThirdAccount_isRefused() throws IOException {
        ServerAccount account = addAccount();
        ServerAccount other = addAccount();
        account.writeAuthorizedKeys("# by hand\n");
        Files.setAttribute(account.authorizedKeys(), "unix:uid", Files.getAttribute(other.home(), "unix:uid"));
        account.setMode(account.authorizedKeys(), 0644);
        try (SshConnection root = asRoot()) {
            assertThatThrownBy(() -> add(root, account.name(), FILE, LogInHere.newKey("new")))
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.FOREIGN_OWNER));
        }
        assertThat(account.authorizedKeys()).hasContent("# by hand\n");
    }
}
