package io.keywright.testkit.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.LimitExceededException;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.LogIn;
import io.keywright.transport.PosixRename;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpException.Status;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TransportTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SimulatedSftpTest {
    private static final SshKeyPair PAIR = SshKeyPairGenerator.ed25519().generate();
    private static final byte[] TEXT = "text".getBytes(StandardCharsets.UTF_8);

    private final InMemoryFleet fleet = InMemoryFleet.seeded(1);
    private final Device device = fleet.addDevice("web-1");
    private final Account account = device.addAccount("deploy");
    private final UserFiles files = account.files();
    private SshConnection connection;
    private SftpSession sftp;

    @BeforeEach
    void connect() {
        account.authorize(PAIR.publicKey());
        reconnect();
    }

    private void reconnect() {
        connection = fleet.transport().connect(ConnectRequest.of(device.target("deploy"), LogIn.withKey(PAIR)));
        sftp = connection.openSftp();
    }

    @AfterEach
    void disconnect() {
        sftp.close();
        connection.close();
        assertThat(fleet.openConnections()).isEmpty();
    }

    private static void assertStatus(ThrowingCallable call, Status status) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SftpException.class, e -> assertThat(e.status()).isEqualTo(status));
    }

    @Nested
    class Asking {
        @Test
        void realPath_linkInTheWay_resolved() {
            files.makeSymlink(".ssh", "link");
            assertThat(sftp.realPath(".")).isEqualTo("/home/deploy");
            assertThat(sftp.realPath("link/authorized_keys")).isEqualTo("/home/deploy/.ssh/authorized_keys");
            assertThat(sftp.realPath("not-yet")).isEqualTo("/home/deploy/not-yet");
            assertStatus(() -> sftp.realPath("not-yet/either"), Status.NO_SUCH_FILE);
        }

        @Test
        void stat_presentMissingAndForbidden_toldApart() {
            RemoteAttributes attributes = sftp.stat(".ssh/authorized_keys").orElseThrow();
            assertThat(attributes.kind()).isEqualTo(RemoteAttributes.Kind.REGULAR);
            assertThat(attributes.permissions()).hasValue(0600);
            assertThat(attributes.uid()).hasValue(1000);
            assertThat(attributes.modified()).hasValue(fleet.clock().instant());
            assertThat(sftp.stat("none")).isEmpty();
            assertThat(sftp.stat(".ssh/authorized_keys/below")).isEmpty();
            files.makeSymlink("none", "dangling");
            assertThat(sftp.stat("dangling")).isEmpty();
            assertThat(sftp.lstat("dangling").orElseThrow().kind()).isEqualTo(RemoteAttributes.Kind.SYMLINK);
            assertThat(sftp.readLink("dangling")).isEqualTo("none");
            device.files().makeDirectory("/closed", 0700);
            assertStatus(() -> sftp.stat("/closed/file"), Status.PERMISSION_DENIED);
        }

        @Test
        void modified_wrongClock_isTheServers() {
            device.setClockSkew(Duration.ofHours(-3));
            sftp.createExclusive("file", 0600, TEXT);
            assertThat(sftp.stat("file").orElseThrow().modified())
                    .hasValue(fleet.clock().instant().minus(Duration.ofHours(3)));
        }

        @Test
        void read_limitDirectoryMissing_asOpenSsh() {
            sftp.createExclusive("file", 0600, TEXT);
            assertThat(sftp.read("file", 4)).isEqualTo(TEXT);
            assertThatThrownBy(() -> sftp.read("file", 3))
                    .isInstanceOfSatisfying(
                            LimitExceededException.class,
                            e -> assertThat(e.actual()).isEqualTo(4));
            assertStatus(() -> sftp.read("none", 10), Status.NO_SUCH_FILE);
            assertStatus(() -> sftp.read(".", 10), Status.FAILURE);
            assertStatus(() -> sftp.readLink("file"), Status.OTHER);
            assertStatus(() -> sftp.list("file"), Status.NO_SUCH_FILE);
            assertThat(sftp.list(".")).containsExactly(".ssh", "file");
        }

        @Test
        void read_fifo_hangs() {
            files.makeFifo("fifo", 0600);
            Instant before = fleet.clock().instant();
            assertThatThrownBy(() -> sftp.read("fifo", 10)).isInstanceOf(TransportTimeoutException.class);
            assertThat(fleet.clock().instant()).isEqualTo(before.plusSeconds(30));
            assertThatThrownBy(() -> sftp.stat("fifo")).isInstanceOf(ConnectionLostException.class);
        }
    }

    @Nested
    class Changing {
        @Test
        void createExclusive_existing_isAMereFailure() {
            assertStatus(() -> sftp.createExclusive(".ssh/authorized_keys", 0600, TEXT), Status.FAILURE);
            assertStatus(() -> sftp.createExclusive("none/file", 0600, TEXT), Status.NO_SUCH_FILE);
            assertStatus(() -> sftp.createExclusive("/file", 0600, TEXT), Status.PERMISSION_DENIED);
        }

        @Test
        void createExclusive_mode_lessTheUmask() {
            device.configure(config -> config.withUmask(0027));
            sftp.close();
            connection.close();
            reconnect();
            sftp.createExclusive("file", 0666, TEXT);
            sftp.makeDirectory("dir", 0777);
            assertThat(files.permissions("file")).isEqualTo(0640);
            assertThat(files.permissions("dir")).isEqualTo(0750);
            sftp.setPermissions("file", 0604);
            assertThat(files.permissions("file")).isEqualTo(0604);
        }

        @Test
        void createExclusive_diskFull_failsAndTidiesUp() {
            device.fileSystem().fill();
            assertStatus(() -> sftp.createExclusive("file", 0600, TEXT), Status.FAILURE);
            assertThat(files.exists("file")).isFalse();
            device.fileSystem().setCapacity(Long.MAX_VALUE);
            device.fileSystem().setQuota(account.uid(), 0);
            assertStatus(
                    () -> sftp.durableWrite().orElseThrow().createExclusiveSynced("file", 0600, TEXT), Status.FAILURE);
            assertThat(files.exists("file")).isFalse();
        }

        @Test
        void createExclusive_contentChangedLater_isACopy() {
            byte[] mine = TEXT.clone();
            sftp.createExclusive("file", 0600, mine);
            mine[0] = 'X';
            sftp.read("file", 10)[1] = 'X';
            assertThat(files.readText("file")).isEqualTo("text");
        }

        @Test
        void readOnlyFileSystem_isAMereFailure() {
            device.fileSystem().setReadOnly(true);
            assertStatus(() -> sftp.createExclusive("file", 0600, TEXT), Status.FAILURE);
            assertStatus(() -> sftp.remove(".ssh/authorized_keys"), Status.FAILURE);
            assertThat(sftp.read(".ssh/authorized_keys", 1000)).isNotEmpty();
        }

        @Test
        void rename_existing_failsAndPosixRenameReplaces() {
            sftp.createExclusive("a", 0600, TEXT);
            sftp.createExclusive("b", 0600, new byte[0]);
            assertStatus(() -> sftp.rename("a", "b"), Status.FAILURE);
            PosixRename rename = sftp.posixRename().orElseThrow();
            rename.posixRename("a", "b");
            assertThat(files.readText("b")).isEqualTo("text");
            assertStatus(() -> rename.posixRename("a", "b"), Status.NO_SUCH_FILE);
            sftp.rename("b", "c");
            sftp.remove("c");
            assertThat(files.exists("c")).isFalse();
        }

        @Test
        void setOwner_givingAway_denied() {
            sftp.createExclusive("file", 0600, TEXT);
            assertStatus(() -> sftp.setOwner("file", 0, 0), Status.PERMISSION_DENIED);
            account.addGroup(77);
            sftp.close();
            sftp = connection.openSftp();
            sftp.setOwner("file", 1000, 77);
            assertThat(files.stat("file").gid()).hasValue(77);
        }

        @Test
        void remove_directoryOrForeign_refused() {
            assertStatus(() -> sftp.remove(".ssh"), Status.FAILURE);
            assertStatus(() -> sftp.remove("/home/deploy"), Status.PERMISSION_DENIED);
            assertStatus(() -> sftp.makeDirectory(".ssh", 0700), Status.FAILURE);
        }
    }

    @Nested
    class Capabilities {
        @Test
        void switchedOff_areNotOffered() {
            assertThat(sftp.posixRename()).isPresent();
            assertThat(sftp.durableWrite()).isPresent();
            device.configure(config -> config.withPosixRename(false).withFsync(false));
            assertThat(sftp.posixRename()).isPresent(); // this server process keeps its settings
            sftp.close();
            connection.close();
            reconnect();
            assertThat(sftp.posixRename()).isEmpty();
            assertThat(sftp.durableWrite()).isEmpty();
        }

        @Test
        void durableWrite_crash_contentSurvivesUnderItsName() {
            device.fileSystem().sync();
            sftp.durableWrite().orElseThrow().createExclusiveSynced("synced", 0600, TEXT);
            sftp.createExclusive("not", 0600, TEXT);
            device.crashAndReboot(CrashModel.nothingLost().withContent(CrashModel.Content.EMPTY));
            assertThat(files.readText("synced")).isEqualTo("text");
            assertThat(files.readText("not")).isEmpty();
            assertThat(connection.isOpen()).isFalse();
        }

        @Test
        void close_usedLater_refused() {
            sftp.close();
            sftp.close();
            assertThatThrownBy(() -> sftp.stat(".")).isInstanceOf(ConnectionLostException.class);
            assertThat(connection.openSftp().list(".")).containsExactly(".ssh");
        }
    }
}
