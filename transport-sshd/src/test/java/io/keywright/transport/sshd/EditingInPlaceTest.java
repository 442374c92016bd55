package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.rotation.EditMethod;
import io.keywright.rotation.RemoteAuthorizedKeys;
import io.keywright.rotation.RemoteEdit;
import io.keywright.testkit.transport.ContractServer.Account;
import io.keywright.testkit.transport.ServerOptions;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TransportException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
import org.junit.jupiter.api.Test;

/** Servers that cannot rename over a file and have no POSIX shell: MINA's, set up so. */
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
