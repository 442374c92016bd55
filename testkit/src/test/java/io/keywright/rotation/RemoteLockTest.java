package io.keywright.rotation;

import static io.keywright.rotation.SimulatedServer.DIRECTORY;
import static io.keywright.rotation.SimulatedServer.EDITOR;
import static io.keywright.rotation.SimulatedServer.FILE;
import static io.keywright.rotation.SimulatedServer.HEX;
import static io.keywright.rotation.SimulatedServer.NONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lock beside a file, as it is taken over SFTP. */
class RemoteLockTest {
    private static final String LOCK = FILE + ".keywright-lock";
    private static final String OWNER = LOCK + "/owner";
    private static final String GRAVE = LOCK + "-broken-" + NONCE;
    private static final String CLOCK = LOCK + "-clock-" + NONCE;
    private static final String OURS = "keywright-1 test 7 " + NONCE + "\n";

    private SimulatedServer server;
    private SshConnection connection;
    private SftpSession sftp;

    @BeforeEach
    void start() {
        server = new SimulatedServer();
        connection = server.connect();
        sftp = connection.openSftp();
    }

    @AfterEach
    void stop() {
        sftp.close();
        connection.close();
    }

    private RemoteLock take() {
        return RemoteLock.take(sftp, FILE, EDITOR, new SimulatedServer.FixedRandom(), server::pause);
    }

    private enum LockKind {
        SFTP,
        SHELL
    }

    private void leaveLock(LockKind kind, String owner) {
        String line = "keywright-1 " + owner + " " + HEX;
        if (kind == LockKind.SFTP) {
            server.write(LOCK, line + "\n");
        } else {
            server.account.files().makeDirectory(LOCK, 0700);
            server.write(OWNER, line + " 5\n");
        }
    }

    /** Whoever holds it does so anew each time that somebody waits. */
    private void heldForEver(LockKind kind) {
        leaveLock(kind, "other 1");
        server.inPause = () -> {
            removeLock();
            leaveLock(kind, "other 1");
        };
    }

    private void removeLock() {
        if (server.files.exists(OWNER)) {
            server.files.remove(OWNER);
            server.files.removeDirectory(LOCK);
        } else {
            server.files.remove(LOCK);
        }
    }

    private void age(Duration time) {
        server.fleet.clock().advance(time);
    }

    private void assertRefused(Runnable action, RemoteFileException.Reason reason, String why) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        RemoteFileException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(LOCK)
                .hasMessageContaining(why);
    }

    @Nested
    class Take {
        @Test
        void free_isAFileThatNamesItsOwner() {
            try (RemoteLock lock = take()) {
                assertThat(server.files.readText(LOCK)).isEqualTo(OURS);
                assertThat(server.files.permissions(LOCK)).isEqualTo(0600);
                assertThat(lock.takenAtOnce()).isTrue();
                assertThat(lock.brokeAnother()).isFalse();
                assertThat(lock.taken()).contains(server.fleet.clock().instant());
            }
            assertThat(server.names()).isEmpty();
            assertThat(server.pauses).isEmpty();
        }

        @ParameterizedTest
        @EnumSource
        void heldForEver_isGivenUpAfterALeaseAndALittle(LockKind kind) {
            heldForEver(kind);
            assertRefused(() -> take(), RemoteFileException.Reason.LOCKED, "again and again");
            assertThat(server.pauses.subList(0, 8))
                    .extracting(Duration::toMillis)
                    .containsExactly(20L, 40L, 80L, 160L, 320L, 640L, 1000L, 1000L);
            assertThat(server.pauses.stream().mapToLong(Duration::toMillis).sum())
                    .isBetween(130_000L, 131_000L);
            assertThat(server.names()).containsExactly("edited.keywright-lock");
        }

        @ParameterizedTest
        @EnumSource
        void released_isTakenAfterAWait(LockKind kind) {
            leaveLock(kind, "other 1");
            server.inPause = () -> removeLock();
            try (RemoteLock lock = take()) {
                assertThat(lock.takenAtOnce()).isFalse();
                assertThat(lock.brokeAnother()).isFalse();
            }
            assertThat(server.pauses).hasSize(1);
        }

        @Test
        void directoryThatIsNotOurs_isNotWritable() {
            server.files.setPermissions(DIRECTORY, 0500);
            assertRefused(() -> take(), RemoteFileException.Reason.NOT_WRITABLE, "PERMISSION_DENIED");
        }

        @Test
        void failureWithoutALock_isTriedTwentyTimesMore() {
            server.device.fileSystem().setReadOnly(true);
            assertRefused(() -> take(), RemoteFileException.Reason.NOT_WRITABLE, "FAILURE");
            assertThat(server.fleet.trace())
                    .filteredOn(entry -> entry.step().verb() == Verb.CREATE)
                    .hasSize(21);
        }

        @ParameterizedTest
        @EnumSource(names = {"FAILURE", "FILE_ALREADY_EXISTS"})
        void lockThatWasThereForAMoment_isTakenAtTheNextTry(SftpException.Status status) {
            server.fleet.faults().on(Verb.CREATE).times(20).inject(Fault.status(status));
            try (RemoteLock lock = take()) {
                assertThat(lock.takenAtOnce()).isFalse();
            }
            assertThat(server.pauses).isEmpty();
        }

        @Test
        void interrupted_ends() {
            leaveLock(LockKind.SFTP, "other 1");
            assertThatThrownBy(() -> RemoteLock.take(sftp, FILE, EDITOR, new SimulatedServer.FixedRandom(), time -> {
                        throw new InterruptedException("enough");
                    }))
                    .isInstanceOf(RotationException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Nested
    class Stale {
        @ParameterizedTest
        @EnumSource
        void leaseThatIsOver_isBroken(LockKind kind) {
            leaveLock(kind, "other 1");
            age(RemoteLock.LEASE.plusSeconds(1));
            try (RemoteLock lock = take()) {
                assertThat(lock.brokeAnother()).isTrue();
                assertThat(lock.takenAtOnce()).isFalse();
                assertThat(server.files.readText(LOCK)).isEqualTo(OURS);
                assertThat(server.names()).containsExactly("edited.keywright-lock");
            }
            assertThat(server.pauses).isEmpty();
        }

        @Test
        void leaseThatIsJustNotOver_isWaitedFor() {
            leaveLock(LockKind.SFTP, "other 1");
            age(RemoteLock.LEASE);
            take().close();
            assertThat(server.pauses).isNotEmpty();
        }

        @ParameterizedTest
        @EnumSource
        void earlierLifeOfTheEditor_isBrokenAtOnce(LockKind kind) {
            leaveLock(kind, "test 6");
            try (RemoteLock lock = take()) {
                assertThat(lock.brokeAnother()).isTrue();
            }
            assertThat(server.pauses).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"test 7", "test 8", "tes 6", "test x", "test"})
        void anybodyElse_isWaitedFor(String owner) {
            leaveLock(LockKind.SFTP, owner);
            server.inPause = () -> removeLock();
            take().close();
            assertThat(server.pauses).hasSize(1);
        }

        @Test
        void linkThatLeadsNowhere_isJudgedByItsAge() {
            server.account.files().makeSymlink("absent", LOCK);
            age(RemoteLock.LEASE.plusSeconds(1));
            take().close();
            assertThat(server.names()).isEmpty();
        }

        @Test
        void directoryWithoutAnOwner_isJudgedByItsAge() {
            server.account.files().makeDirectory(LOCK, 0700);
            age(RemoteLock.LEASE.plusSeconds(1));
            take().close();
            assertThat(server.names()).isEmpty();
        }

        @Test
        void somethingLong_isNoLock() {
            server.write(LOCK, "x".repeat(4097));
            assertRefused(() -> take(), RemoteFileException.Reason.LOCKED, "no lock of ours");
        }

        @Test
        void unreadable_isTold() {
            server.write(LOCK, "x");
            server.files.setPermissions(LOCK, 0);
            assertThatThrownBy(() -> take())
                    .isInstanceOfSatisfying(
                            SftpException.class,
                            e -> assertThat(e.status()).isEqualTo(SftpException.Status.PERMISSION_DENIED));
        }

        @Test
        void ownerThatCannotBeRead_isTold() {
            leaveLock(LockKind.SHELL, "other 1");
            server.files.setPermissions(OWNER, 0);
            assertThatThrownBy(() -> take()).isInstanceOf(SftpException.class);
        }

        @Test
        void exchangedForTheOtherKindWhileItIsRead_isLookedAtAgain() {
            leaveLock(LockKind.SFTP, "other 1");
            server.before(Verb.READ, step -> step.detail().equals(LOCK), step -> {
                removeLock();
                leaveLock(LockKind.SHELL, "test 6");
            });
            take().close();
            assertThat(server.pauses).isEmpty();
            assertThat(server.names()).isEmpty();
        }

        @Test
        void goneWhileItIsRead_isTaken() {
            leaveLock(LockKind.SFTP, "other 1");
            server.before(Verb.READ, step -> step.detail().equals(LOCK), step -> removeLock());
            try (RemoteLock lock = take()) {
                assertThat(lock.brokeAnother()).isFalse();
            }
            assertThat(server.pauses).isEmpty();
        }

        @Test
        void goneWheneverItIsRead_isWaitedForInTheEnd() {
            leaveLock(LockKind.SFTP, "other 1");
            // It is there at every attempt to take it, and gone at every look at what is in it.
            server.fleet
                    .faults()
                    .on(Verb.READ)
                    .matching(step -> step.detail().equals(LOCK))
                    .inject(Fault.status(SftpException.Status.NO_SUCH_FILE));
            assertRefused(() -> take(), RemoteFileException.Reason.LOCKED, "again and again");
            assertThat(server.fleet.trace())
                    .filteredOn(entry -> entry.step().verb() == Verb.CREATE)
                    .hasSize(20 + server.pauses.size());
        }

        @Test
        void clockThatOthersSwept_isNoTrouble() {
            leaveLock(LockKind.SFTP, "other 1");
            age(RemoteLock.LEASE.plusSeconds(1));
            server.before(Verb.REMOVE, step -> step.detail().equals(CLOCK), step -> server.files.remove(CLOCK));
            take().close();
            assertThat(server.names()).isEmpty();
        }

        @Test
        void clockThatCannotBeRemoved_isTold() {
            leaveLock(LockKind.SFTP, "other 1");
            server.fleet
                    .faults()
                    .on(Verb.REMOVE)
                    .matching(step -> step.detail().equals(CLOCK))
                    .inject(Fault.status(SftpException.Status.FAILURE));
            assertThatThrownBy(() -> take()).isInstanceOf(SftpException.class);
        }
    }

    /** Others break it or take it between our look and our rename. */
    @Nested
    class Race {
        @BeforeEach
        void leaveStaleLock() {
            leaveLock(LockKind.SFTP, "other 1");
            age(RemoteLock.LEASE.plusSeconds(1));
        }

        private void beforeTheRename(Runnable action) {
            server.before(Verb.RENAME, step -> step.detail().startsWith(LOCK + " to "), step -> action.run());
        }

        private void assertHeldBy(LockKind kind, String owner) {
            assertThat(server.pauses).hasSize(1);
            assertThat(server.names()).doesNotContain("edited.keywright-lock-broken-" + NONCE);
            assertThat(server.files.readText(kind == LockKind.SFTP ? LOCK : OWNER))
                    .contains(owner);
        }

        @Test
        void brokenByAnother_isTaken() {
            beforeTheRename(() -> removeLock());
            try (RemoteLock lock = take()) {
                assertThat(lock.brokeAnother()).isFalse();
            }
            assertThat(server.pauses).isEmpty();
        }

        @Test
        void renameThatFails_isWaitedFor() {
            server.fleet.faults().on(Verb.RENAME).times(1).inject(Fault.status(SftpException.Status.FAILURE));
            take().close();
            assertThat(server.pauses).hasSize(1);
        }

        @ParameterizedTest
        @EnumSource
        void takenByAnother_isGivenBack(LockKind kind) {
            beforeTheRename(() -> {
                removeLock();
                leaveLock(kind, "third 1");
            });
            server.inPause = () -> {
                assertHeldBy(kind, "third 1");
                removeLock();
            };
            take().close();
            assertThat(server.pauses).hasSize(1);
        }

        @Test
        void takenByAnother_andThenByAThird_whoKeepsIt() {
            beforeTheRename(() -> {
                removeLock();
                leaveLock(LockKind.SFTP, "second 1");
            });
            server.before(
                    Verb.RENAME,
                    step -> step.detail().startsWith(GRAVE + " to "),
                    step -> leaveLock(LockKind.SFTP, "third 1"));
            server.inPause = () -> {
                assertHeldBy(LockKind.SFTP, "third 1");
                removeLock();
            };
            take().close();
            assertThat(server.pauses).hasSize(1);
        }

        @Test
        void graveThatOthersSwept_isBroken() {
            server.after(
                    Verb.RENAME, step -> step.detail().startsWith(LOCK + " to "), step -> server.files.remove(GRAVE));
            try (RemoteLock lock = take()) {
                assertThat(lock.brokeAnother()).isTrue();
            }
        }
    }

    @Nested
    class Held {
        private void taken(Runnable meanwhile) {
            try (RemoteLock lock = take()) {
                meanwhile.run();
                lock.sendRequireHeld().run();
            }
        }

        @Test
        void ours_isHeldAndReleased() {
            taken(() -> {});
            assertThat(server.names()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"other", "long", "gone", "shell"})
        void another_isNoticedAndLeft(String what) {
            Runnable breaking = () -> {
                removeLock();
                switch (what) {
                    case "other" -> leaveLock(LockKind.SFTP, "other 1");
                    case "shell" -> leaveLock(LockKind.SHELL, "other 1");
                    case "long" -> server.write(LOCK, OURS.repeat(200));
                    default -> assertThat(what).isEqualTo("gone");
                }
            };
            assertRefused(() -> taken(breaking), RemoteFileException.Reason.LOCKED, "nothing was written");
            assertThat(server.names()).hasSize(what.equals("gone") ? 0 : 1);
        }

        @Test
        void brokenBetweenTheTwoQuestions_isNoticed() {
            assertRefused(
                    () -> taken(
                            () -> server.before(Verb.READ, step -> step.detail().equals(LOCK), step -> removeLock())),
                    RemoteFileException.Reason.LOCKED,
                    "nothing was written");
        }

        @Test
        void questionThatFails_isTold() {
            assertThatThrownBy(() -> taken(() ->
                            server.fleet.faults().on(Verb.READ).inject(Fault.status(SftpException.Status.FAILURE))))
                    .isInstanceOf(SftpException.class);
        }

        @Test
        void close_leavesTheLockOfAnother() {
            RemoteLock lock = take();
            removeLock();
            leaveLock(LockKind.SFTP, "other 1");
            lock.close();
            assertThat(server.files.readText(LOCK)).contains("other 1");
        }

        @Test
        void close_twice_releasesOnce() {
            RemoteLock lock = take();
            lock.close();
            leaveLock(LockKind.SFTP, "test 7");
            server.write(LOCK, OURS);
            lock.close();
            assertThat(server.files.exists(LOCK)).isTrue();
        }

        @Test
        void prepareRelease_asksOnce() {
            RemoteLock lock = take();
            lock.prepareRelease();
            lock.close();
            assertThat(server.names()).isEmpty();
        }
    }

    /** The disk is full, which is heard of after the lock was made. */
    @Nested
    class WrittenLater {
        private RemoteLock lock;

        @BeforeEach
        void begin() {
            server.device.fileSystem().fill();
            lock = take();
        }

        @Test
        void lockThatCannotBeWritten_protectsNothing() {
            assertRefused(() -> lock.sendRequireHeld(), RemoteFileException.Reason.NOT_WRITABLE, "FAILURE");
            int steps = server.fleet.trace().size();
            lock.close();
            assertThat(server.fleet.trace()).hasSize(steps);
        }

        @Test
        void lockThatCannotBeWritten_isToldWhenItIsClosedAtTheLatest() {
            assertRefused(() -> lock.close(), RemoteFileException.Reason.NOT_WRITABLE, "FAILURE");
        }
    }
}
