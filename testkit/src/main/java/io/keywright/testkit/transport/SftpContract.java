package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywright.LimitExceededException;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.HeldFile;
import io.keywright.transport.LogIn;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TransportException.Phase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files: a part of {@link TransportContractTest}. */
abstract class SftpContract extends ContractGroup {
    SftpContract(AnyServerContractTest test) {
        super(test);
    }

    private void withSftp(SftpTest test) {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        try (SshConnection connection = transport.connect(
                        ConnectRequest.of(target(server, account), LogIn.withKey(ContractKeys.MAIN.pair())));
                SftpSession sftp = connection.openSftp()) {
            test.run(sftp, account.home());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private SftpException failure(Runnable call) {
        return catchThrowableOfType(SftpException.class, call::run);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 32767, 32768, 32769, 65536, 1_500_000})
    void fileOfAnySize_isWrittenAndReadWhole(int length) {
        byte[] content = random(length);
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0600, content);

            assertThat(Files.readAllBytes(home.resolve("file"))).isEqualTo(content);
            assertThat(sftp.read("file", length)).isEqualTo(content);
        });
    }

    @Test
    void fileLongerThanAllowed_isNotRead() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0600, random(100));

            assertThatThrownBy(() -> sftp.read("file", 99)).isInstanceOf(LimitExceededException.class);
            assertThat(sftp.read("file", 100)).hasSize(100);
        });
    }

    @Test
    void exclusiveCreation_failsOnAnExistingFileAndLeavesIt() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0600, random(10));
            SftpException failure = failure(() -> sftp.createExclusive("file", 0600, random(20)));

            assertThat(failure.status()).isIn(SftpException.Status.FAILURE, SftpException.Status.FILE_ALREADY_EXISTS);
            assertThat(failure.phase()).isEqualTo(Phase.SFTP);
            assertThat(sftp.read("file", 100)).isEqualTo(random(10));
        });
    }

    @Test
    void heldFile_staysTheSameWhenAnotherTakesItsName() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0600, random(10));
            Optional<HeldFile> held = sftp.hold("file");
            if (held.isEmpty()) {
                return; // a transport need not be able to
            }
            try (HeldFile file = held.get()) {
                assertThat(file.read(10)).isEqualTo(random(10));
                sftp.append("file", random(5));
                sftp.rename("file", "moved");
                sftp.createExclusive("file", 0600, random(20));

                assertThat(file.read(15)).startsWith(random(10)).endsWith(random(5));
                assertThatThrownBy(() -> file.read(14)).isInstanceOf(LimitExceededException.class);
            }
        });
    }

    @Test
    void append_addsAtTheEndAndCreatesNothing() {
        withSftp((sftp, home) -> {
            Path file = home.resolve("file");
            sftp.createExclusive("file", 0600, "one\n".getBytes(StandardCharsets.UTF_8));
            sftp.append("file", "two\n".getBytes(StandardCharsets.UTF_8));
            Files.writeString(file, "three\n", StandardOpenOption.APPEND);
            sftp.append("file", "four\n".getBytes(StandardCharsets.UTF_8));

            assertThat(file).hasContent("one\ntwo\nthree\nfour\n");
            assertThat(failure(() -> sftp.append("absent", random(10))).status())
                    .isEqualTo(SftpException.Status.NO_SUCH_FILE);
            assertThat(home.resolve("absent")).doesNotExist();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 70_000})
    void overwrite_keepsTheFileAndCutsItToItsLength(int length) {
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0640, random(50_000));
            Object inode = Files.getAttribute(home.resolve("file"), "unix:ino");
            sftp.overwrite("file", random(length));

            assertThat(Files.readAllBytes(home.resolve("file"))).isEqualTo(random(length));
            assertThat(Files.getAttribute(home.resolve("file"), "unix:ino")).isEqualTo(inode);
            assertThat(failure(() -> sftp.overwrite("absent", random(10))).status())
                    .isEqualTo(SftpException.Status.NO_SUCH_FILE);
            assertThat(home.resolve("absent")).doesNotExist();
        });
    }

    @Test
    void removeDirectory_removesAnEmptyOneOnly() {
        withSftp((sftp, home) -> {
            sftp.makeDirectory("directory", 0700);
            sftp.createExclusive("directory/file", 0600, random(10));
            assertThat(failure(() -> sftp.removeDirectory("directory"))).isNotNull();
            sftp.remove("directory/file");
            sftp.removeDirectory("directory");

            assertThat(home.resolve("directory")).doesNotExist();
        });
    }

    @Test
    void mode_isTheOneOfTheRequest() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0600, random(10));

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("file"))))
                    .isEqualTo("rw-------");
        });
    }

    @Test
    void missingFile_isEmptyForStatAndAnErrorForTheRest() {
        withSftp((sftp, home) -> {
            assertThat(sftp.stat("absent")).isEmpty();
            assertThat(sftp.lstat("absent")).isEmpty();
            List<Runnable> calls = List.of(
                    () -> sftp.read("absent", 10),
                    () -> sftp.remove("absent"),
                    () -> sftp.rename("absent", "other"),
                    () -> sftp.setPermissions("absent", 0600),
                    () -> sftp.list("absent"),
                    () -> sftp.createExclusive("absent/file", 0600, new byte[0]));
            for (Runnable call : calls) {
                SftpException failure = failure(call);
                assertThat(failure.status()).isEqualTo(SftpException.Status.NO_SUCH_FILE);
                assertThat(failure.path()).startsWith("absent");
            }
        });
    }

    @Test
    void attributes_tellKindSizeModeAndTime() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0600, random(10));
            sftp.makeDirectory("directory", 0700);

            RemoteAttributes file = sftp.stat("file").orElseThrow();
            assertThat(file.kind()).isEqualTo(RemoteAttributes.Kind.REGULAR);
            assertThat(file.sizeBytes()).isEqualTo(10);
            assertThat(file.permissions()).hasValue(0600);
            assertThat(file.modified())
                    .contains(Files.getLastModifiedTime(home.resolve("file"))
                            .toInstant()
                            .truncatedTo(java.time.temporal.ChronoUnit.SECONDS));
            RemoteAttributes directory = sftp.stat("directory").orElseThrow();
            assertThat(directory.kind()).isEqualTo(RemoteAttributes.Kind.DIRECTORY);
            assertThat(directory.permissions()).hasValue(0700);
        });
    }

    @Test
    void symbolicLink_isFollowedByStatAndSeenByLstat() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0600, random(10));
            Files.createSymbolicLink(home.resolve("link"), Path.of("file"));

            assertThat(sftp.lstat("link").orElseThrow().kind()).isEqualTo(RemoteAttributes.Kind.SYMLINK);
            assertThat(sftp.stat("link").orElseThrow().kind()).isEqualTo(RemoteAttributes.Kind.REGULAR);
            assertThat(sftp.readLink("link")).endsWith("file");
        });
    }

    @Test
    void permissions_areSet() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0600, random(10));
            sftp.setPermissions("file", 0640);

            assertThat(sftp.stat("file").orElseThrow().permissions()).hasValue(0640);
        });
    }

    @Test
    void rename_movesAndRefusesToReplace() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("a", 0600, random(1));
            sftp.rename("a", "b");
            assertThat(sftp.list(".")).contains("b").doesNotContain("a");

            sftp.createExclusive("c", 0600, random(2));
            failure(() -> sftp.rename("c", "b"));
            assertThat(sftp.read("b", 10)).isEqualTo(random(1));
            assertThat(sftp.read("c", 10)).isEqualTo(random(2));
        });
    }

    @Test
    void posixRename_replacesWhatIsThere() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("a", 0600, random(1));
            sftp.createExclusive("b", 0600, random(2));
            sftp.posixRename().orElseThrow().posixRename("a", "b");

            assertThat(sftp.read("b", 10)).isEqualTo(random(1));
            assertThat(sftp.stat("a")).isEmpty();
        });
    }

    @Test
    void remove_removes() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0600, random(1));
            sftp.remove("file");

            assertThat(home.resolve("file")).doesNotExist();
        });
    }

    @Test
    void list_namesEverythingButDots() {
        withSftp((sftp, home) -> {
            sftp.makeDirectory("directory", 0700);
            for (int i = 0; i < 250; i++) {
                sftp.createExclusive("directory/" + i, 0600, new byte[0]);
            }

            assertThat(sftp.list("directory")).hasSize(250).contains("0", "249").doesNotContain(".", "..");
        });
    }

    @Test
    void realPath_isAbsolute() {
        withSftp((sftp, home) -> {
            sftp.createExclusive("file", 0600, random(1));

            assertThat(sftp.realPath(".")).startsWith("/");
            assertThat(sftp.read(sftp.realPath("file"), 10)).isEqualTo(random(1));
        });
    }

    @Test
    void twoSessions_onOneConnectionDoNotDisturbEachOther() {
        withConnection(connection -> {
            try (SftpSession two = connection.openSftp()) {
                try (SftpSession one = connection.openSftp()) {
                    one.createExclusive("file", 0600, random(1));
                    assertThat(two.read("file", 10)).isEqualTo(random(1));
                }
                assertThat(two.stat("file")).isPresent();
            }
        });
    }

    @Test
    void serverWithoutSftp_refusesTheChannel() {
        ContractServer server = server(ServerOptions.DEFAULT.withoutSftp());
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        try (SshConnection connection = transport.connect(
                ConnectRequest.of(target(server, account), LogIn.withKey(ContractKeys.MAIN.pair())))) {
            assertThatThrownBy(connection::openSftp).isInstanceOf(ChannelRefusedException.class);
            assertThat(connection.exec(ExecRequest.of("echo on")).stdoutText()).isEqualTo("on\n");
        }
    }

    /** A test with a session, and the directory that relative paths start at. */
    private interface SftpTest {
        void run(SftpSession sftp, Path home) throws IOException;
    }
}
