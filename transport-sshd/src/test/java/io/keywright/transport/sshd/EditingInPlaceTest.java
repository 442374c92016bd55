package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.EditMethod;
import io.keywright.rotation.KeyDeployment;
import io.keywright.rotation.RemoteAuthorizedKeys;
import io.keywright.rotation.RemoteEdit;
import io.keywright.rotation.RemoteFileException;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPolicy;
import io.keywright.testkit.rotation.InMemoryCredentialStore;
import io.keywright.testkit.rotation.InMemoryRotationJournal;
import io.keywright.testkit.server.TcpRelay;
import io.keywright.testkit.transport.ContractServer.Account;
import io.keywright.testkit.transport.ServerOptions;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TransportException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.session.ServerSession;
import org.apache.sshd.sftp.SftpModuleProperties;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpEventListener;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.apache.sshd.sftp.server.SftpSubsystemProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that cannot rename over a file and have no POSIX shell: MINA's, set up so. */
@Tag("once")
class EditingInPlaceTest {
    private static final String FOREIGN = "# by hand\n\tno-pty,frobnicate ssh-foo AAAA x\n";

    private final MinaServer server = MinaServer.start(ServerOptions.DEFAULT);
    private final LogInHere logIn = new LogInHere(server.host(), server.port(), server.hostKeys());
    private final Account account = server.addAccount();
    private final SshPublicKey key = LogInHere.newKey("new");
    private final SshPublicKey other = LogInHere.newKey("other");
    private final SftpSubsystemFactory sftp = new SftpSubsystemFactory();

    @BeforeEach
    void takeAway() {
        account.authorize(List.of(logIn.pair().publicKey()));
        SftpModuleProperties.OPENSSH_EXTENSIONS.set(server.mina(), "fstatvfs@openssh.com=2");
        server.mina().setSubsystemFactories(List.of(sftp));
        server.mina().setCommandFactory(null);
    }

    @AfterEach
    void stop() {
        logIn.close();
        server.close();
    }

    private RemoteEdit edit(String file, UnaryOperator<AuthorizedKeys> edit) {
        try (SshConnection connection = logIn.as(account.name());
                RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
            return remote.edit(file, edit);
        }
    }

    private Path write(String file, String content) throws IOException {
        Path path = account.home().resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
        return path;
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino");
    }

    private static void assertAlone(Path file) throws IOException {
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Nested
    class WithoutRename {
        private static final String FILE = "%h/.ssh/authorized_keys";

        private Path file(String content) throws IOException {
            return write(".ssh/authorized_keys", content);
        }

        @Test
        void addition_isAppendedToTheSameFile() throws IOException {
            Path file = file(FOREIGN + other.toLine());
            Object inode = inode(file);
            // In the middle, as the successor of a line would come.
            RemoteEdit done =
                    edit(FILE, keys -> keys.addLike(other, key).add(logIn.pair().publicKey()));

            assertThat(file).hasContent(FOREIGN + other.toLine() + "\n" + key.toLine() + "\n" + logIn.line());
            assertThat(inode(file)).isEqualTo(inode);
            assertThat(done.method()).isEqualTo(EditMethod.SFTP_IN_PLACE);
            assertThat(done.changed()).isTrue();
            assertThat(done.atomic()).isFalse();
            assertThat(done.durable()).isFalse();
            assertAlone(file);
        }

        @Test
        void missingFile_isMade() throws IOException {
            edit(FILE, keys -> keys.add(key));
            Path file = account.home().resolve(".ssh/authorized_keys");

            assertThat(file).hasContent(key.toLine() + "\n");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertAlone(file);
        }

        @Test
        void removal_leavesNothingElseAndNoBackup() throws IOException {
            Path file = file(key.toLine() + "\n" + FOREIGN + other.toLine() + "\n");
            Object inode = inode(file);
            RemoteEdit done = edit(FILE, keys -> keys.remove(key));

            assertThat(file).hasContent(FOREIGN + other.toLine() + "\n");
            assertThat(inode(file)).isEqualTo(inode);
            assertThat(done.atomic()).isFalse();
            assertAlone(file);
        }

        @Test
        void removal_atEveryRequest_everyOtherKeyStaysAndABackupIsThere() throws IOException {
            Path file = file(key.toLine() + "\n" + FOREIGN + other.toLine() + "\n");
            Set<String> seen = ConcurrentHashMap.newKeySet();
            sftp.addSftpEventListener(new SftpEventListener() {
                @Override
                public void written(
                        ServerSession session,
                        String handle,
                        FileHandle written,
                        long offset,
                        byte[] data,
                        int dataOffset,
                        int length,
                        Throwable thrown)
                        throws IOException {
                    if (written.getFile().endsWith("authorized_keys")) {
                        seen.add(Files.readString(file));
                        try (Stream<Path> files = Files.list(file.getParent())) {
                            assertThat(files.map(Path::toString)).anyMatch(name -> name.contains("keywright-backup"));
                        }
                    }
                }
            });
            edit(FILE, keys -> keys.remove(key));

            assertThat(seen)
                    .isNotEmpty()
                    .allSatisfy(content -> assertThat(content.lines()).contains("# by hand", other.toLine()));
        }

        @Test
        void removalThatFails_isUndoneByTheSecondSession() throws IOException {
            String before = key.toLine() + "\n" + FOREIGN + other.toLine() + "\n";
            Path file = file(before);
            AtomicInteger writes = new AtomicInteger();
            sftp.addSftpEventListener(new SftpEventListener() {
                @Override
                public void written(
                        ServerSession session,
                        String handle,
                        FileHandle written,
                        long offset,
                        byte[] data,
                        int dataOffset,
                        int length,
                        Throwable thrown)
                        throws IOException {
                    if (written.getFile().endsWith("authorized_keys") && writes.incrementAndGet() == 1) {
                        throw new IOException("the disk is gone for a moment");
                    }
                }
            });

            assertThatThrownBy(() -> edit(FILE, keys -> keys.remove(key))).hasMessageContaining("authorized_keys");
            assertThat(writes.get()).as("writes, the restoring ones among them").isGreaterThan(1);
            assertThat(file).hasContent(before);
            assertAlone(file);
        }

        @Test
        void withAShell_theShellDoesIt() throws IOException {
            server.mina().setCommandFactory((channel, command) -> new ShellCommand(command, account.home()));
            Path file = Files.createTempDirectory(account.home(), "x").resolve("authorized_keys");
            RemoteEdit done = edit(file.toString(), keys -> keys.add(key));

            assertThat(done.method()).isEqualTo(EditMethod.SHELL);
            assertThat(done.atomic()).isTrue();
            assertThat(file).hasContent(key.toLine() + "\n");
        }
    }

    /** An edit that is cut off, and the next one. */
    @Nested
    class Cut {
        private static final String FILE = "%h/.ssh/authorized_keys";

        private final SshPublicKey next = LogInHere.newKey("next");

        private Path file(String content) throws IOException {
            Path file = write(".ssh/authorized_keys", content);
            for (Path left : besides(file)) {
                Files.delete(left);
            }
            return file;
        }

        private List<Path> besides(Path file) throws IOException {
            try (Stream<Path> files = Files.list(file.getParent())) {
                return files.filter(path -> !path.equals(file)).toList();
            }
        }

        private List<Path> backups(Path file) throws IOException {
            return besides(file).stream()
                    .filter(path -> path.toString().contains("keywright-backup"))
                    .toList();
        }

        /** Removes the key over a relay, and returns where its requests end, in bytes from the log-in on. */
        private List<Long> removal(long cutAfter) {
            try (TcpRelay relay = TcpRelay.to(server.host(), server.port());
                    SshConnection connection = logIn.as(account.name(), relay.host(), relay.port())) {
                List<Long> before = relay.pieces();
                long loggedIn = before.get(before.size() - 1);
                relay.cutAfter(cutAfter);
                try (RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
                    remote.edit(FILE, keys -> keys.remove(key));
                } catch (TransportException | RemoteFileException e) {
                    assertThat(cutAfter).as("an edit that fails").isNotEqualTo(Long.MAX_VALUE / 2);
                }
                return relay.pieces().stream()
                        .filter(end -> end > loggedIn)
                        .map(end -> end - loggedIn)
                        .toList();
            }
        }

        /** What has arrived is still carried out. */
        private void awaitSessionsEnd() throws IOException {
            for (ServerSession session : sessions()) {
                session.close(false).await();
            }
        }

        private List<ServerSession> sessions() {
            return server.mina().getActiveSessions().stream()
                    .map(ServerSession.class::cast)
                    .toList();
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 400}) // written by one request, and by several
        void atEveryRequest_noKeyIsMissingAndTheNextEditTells(int fillers) throws IOException {
            String filler = "# " + "x".repeat(200) + "\n";
            String rest = FOREIGN + filler.repeat(fillers) + other.toLine() + "\n";
            String before = key.toLine() + "\n" + rest;
            file(before);
            List<Long> requests = removal(Long.MAX_VALUE / 2);
            assertThat(requests).hasSizeGreaterThan(15);
            int told = 0;
            for (long end : requests) {
                Path file = file(before);
                removal(end);
                awaitSessionsEnd();
                assertThat(Files.readString(file)).as("cut after %d bytes", end).contains(FOREIGN, other.toLine());
                ageLock(file);
                RemoteEdit done = edit(FILE, keys -> keys.add(next));

                AuthorizedKeys keys = AuthorizedKeys.parse(Files.readAllBytes(file));
                assertThat(keys.contains(other) && keys.contains(next))
                        .as("cut after %d bytes, then edited again", end)
                        .isTrue();
                assertThat(done.warnings()).hasSameSizeAs(backups(file));
                told += done.warnings().size();
                boolean whole = Files.readString(file).startsWith(before)
                        || Files.readString(file).startsWith(rest);
                assertThat(whole || !done.warnings().isEmpty())
                        .as("cut after %d bytes: whole, or told of", end)
                        .isTrue();
            }
            assertThat(told)
                    .as("cuts after the backup was made and before it was removed")
                    .isPositive();
        }

        private void ageLock(Path file) throws IOException {
            Path lock = Path.of(file + ".keywright-lock");
            if (Files.exists(lock)) {
                Files.setLastModifiedTime(lock, FileTime.fromMillis(1000));
            }
        }

        @Test
        void backupOfAnEditThatWroteNothing_isRemoved() throws IOException {
            Path file = file(other.toLine() + "\n");
            Files.writeString(Path.of(file + ".keywright-backup-0123456789abcdef"), other.toLine() + "\n");
            RemoteEdit done = edit(FILE, keys -> keys.add(next));

            assertThat(done.warnings()).isEmpty();
            assertAlone(file);
        }

        @Test
        void backupOfWhatIsThereNoMore_staysAndIsToldAlsoWhereNothingIsToDo() throws IOException {
            Path file = file(other.toLine() + "\n");
            Path backup = Files.writeString(Path.of(file + ".keywright-backup-0123456789abcdef"), key.toLine() + "\n");

            assertThat(edit(FILE, keys -> keys.add(next)).warnings())
                    .singleElement()
                    .asString()
                    .contains(".ssh/authorized_keys.keywright-backup-0123456789abcdef", "compare");
            assertThat(edit(FILE, keys -> keys).warnings()).hasSize(1);
            assertThat(backup).hasContent(key.toLine() + "\n");
            assertThat(file).hasContent(other.toLine() + "\n" + next.toLine() + "\n");
        }
    }

    /** The engine's installer, which has a second connection for what may go wrong. */
    @Nested
    class Engine {
        private final InMemoryCredentialStore store = new InMemoryCredentialStore(Clock.systemUTC());
        private final Credential credential = Credential.of(
                        "deploy", account.name(), List.of(Device.of("web-1", server.host(), server.port())))
                .withPolicy(RotationPolicy.DEFAULT.withAttempts(1));
        private final SshPublicKey current = store();

        /** The key that logs in is the credential's. */
        private SshPublicKey store() {
            try (SshKeyPair copy = logIn.pair().copy();
                    CredentialStore.Lease lease = store.lease("deploy")) {
                store.importKey(lease, copy);
                return copy.publicKey();
            }
        }

        private KeyDeployment remove() {
            try (RotationEngine engine = RotationEngine.builder()
                    .transport(SshdTransport.create())
                    .store(store)
                    .journal(new InMemoryRotationJournal())
                    .hostKeys(HostKeyVerifier.pinned(server.hostKeys()))
                    .build()) {
                return engine.installer()
                        .remove(credential, credential.devices().get(0), Optional.empty());
            }
        }

        private Path file() throws IOException {
            return write(".ssh/authorized_keys", current.toLine() + "\n" + FOREIGN + other.toLine() + "\n");
        }

        @Test
        void connectionLostInTheWrite_isMadeGoodOverTheSecondOne() throws IOException {
            Path file = file();
            String before = Files.readString(file);
            AtomicInteger writes = new AtomicInteger();
            sftp.addSftpEventListener(new SftpEventListener() {
                @Override
                public void written(
                        ServerSession session,
                        String handle,
                        FileHandle written,
                        long offset,
                        byte[] data,
                        int dataOffset,
                        int length,
                        Throwable thrown) {
                    if (written.getFile().endsWith("authorized_keys") && writes.incrementAndGet() == 1) {
                        session.close(true);
                    }
                }
            });
            KeyDeployment result = remove();

            assertThat(result.failure()).isPresent();
            assertThat(result.failure().get().retryable()).isTrue();
            assertThat(writes.get()).as("writes, the restoring ones among them").isGreaterThan(1);
            assertThat(file).hasContent(before);
            // The lock went with the connection that held it; whoever comes next breaks it.
            Files.deleteIfExists(Path.of(file + ".keywright-lock"));
            assertAlone(file);
        }

        @Test
        void secondConnectionThatIsRefused_leavesTheFileAsItWas() throws IOException {
            Path file = file();
            String before = Files.readString(file);
            AtomicInteger logIns = new AtomicInteger();
            server.mina().setPublickeyAuthenticator((user, presented, session) -> logIns.incrementAndGet() == 1);
            KeyDeployment result = remove();

            assertThat(result.failure()).isPresent();
            assertThat(logIns.get()).isGreaterThan(1);
            assertThat(file).hasContent(before);
            assertAlone(file);
        }
    }

    /** The layout of OpenSSH for Windows. */
    @Nested
    class Windows {
        private static final String COMMON = "C:/ProgramData/ssh/administrators_authorized_keys";

        @BeforeEach
        void present() throws IOException {
            CoreModuleProperties.SERVER_IDENTIFICATION.set(server.mina(), "OpenSSH_for_Windows_9.5");
            Files.createDirectories(account.home().resolve("C:/Users/user0"));
            Files.createDirectories(account.home().resolve("C:/ProgramData/ssh"));
            sftp.setFileSystemAccessor(new SftpFileSystemAccessor() {
                @Override
                public Path resolveLocalFilePath(SftpSubsystemProxy subsystem, Path root, String remote)
                        throws IOException {
                    String path = remote.startsWith("/") ? remote : "/C:/Users/user0/" + remote;
                    return SftpFileSystemAccessor.super
                            .resolveLocalFilePath(subsystem, root, path)
                            .normalize();
                }
            });
        }

        private List<String> standardFiles() {
            try (SshConnection connection = logIn.as(account.name());
                    RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
                assertThat(remote.method()).isEqualTo(EditMethod.WINDOWS);
                return remote.standardFiles();
            }
        }

        @Test
        void administrator_hasTheCommonFile_withItsLineEndsAndAccess() throws IOException {
            Path file = write(COMMON, "# by hand\r\n" + other.toLine() + "\r\n");
            Object inode = inode(file);
            String common = standardFiles().get(0);
            assertThat(common).isEqualTo("__PROGRAMDATA__/ssh/administrators_authorized_keys");
            RemoteEdit added = edit(common, keys -> keys.add(key));
            assertThat(Files.readString(file))
                    .isEqualTo("# by hand\r\n" + other.toLine() + "\r\n" + key.toLine() + "\r\n");
            edit(common, keys -> keys.remove(other));

            assertThat(Files.readString(file)).isEqualTo("# by hand\r\n" + key.toLine() + "\r\n");
            assertThat(added.atomic()).isFalse();
            assertThat(inode(file)).isEqualTo(inode);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-r-----");
            assertAlone(file);
        }

        @Test
        void anybodyElse_hasAFileOfItsOwn() throws IOException {
            assertThat(standardFiles()).containsExactly("%h/.ssh/authorized_keys");
            edit("%h/.ssh/authorized_keys", keys -> keys.add(key));

            assertThat(Files.readString(account.home().resolve("C:/Users/user0/.ssh/authorized_keys")))
                    .isEqualTo(key.toLine() + "\r\n");
        }

        @Test
        void commonFileThatIsMissing_isGivenItsAccessList() throws IOException {
            Path asked = account.home().resolve("asked");
            server.mina()
                    .setCommandFactory((channel, command) -> new ShellCommand(
                            command.startsWith("whoami")
                                    ? "echo 'BUILTIN\\Administrators Alias S-1-5-32-544'"
                                    : "cat >" + asked + " <<'END'\n" + command + "\nEND",
                            account.home()));
            edit("__PROGRAMDATA__/ssh/administrators_authorized_keys", keys -> keys.add(key));

            assertThat(standardFiles()).containsExactly("__PROGRAMDATA__/ssh/administrators_authorized_keys");
            assertThat(Files.readString(account.home().resolve(COMMON))).isEqualTo(key.toLine() + "\r\n");
            assertThat(Files.readString(asked))
                    .isEqualTo("icacls.exe \"C:\\ProgramData\\ssh\\administrators_authorized_keys\" /inheritance:r"
                            + " /grant \"*S-1-5-32-544:F\" /grant \"*S-1-5-18:F\"\n");
        }

        @Test
        void commonFileThatIsMissing_andNoCommands_isRefusedAndNotLeft() {
            assertThatThrownBy(() -> edit("__PROGRAMDATA__/ssh/administrators_authorized_keys", keys -> keys.add(key)))
                    .isNotInstanceOf(TransportException.class)
                    .hasMessageContaining("icacls");
            assertThat(account.home().resolve(COMMON)).doesNotExist();
        }
    }
}
