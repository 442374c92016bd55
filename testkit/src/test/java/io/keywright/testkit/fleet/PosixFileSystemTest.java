package io.keywright.testkit.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.testkit.fleet.ErrnoException.Errno;
import io.keywright.transport.RemoteAttributes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PosixFileSystemTest {
    private static final int ALICE = 1000;
    private static final int BOB = 1001;

    private final SettableClock clock = SettableClock.create();
    private final PosixFileSystem fileSystem = PosixFileSystem.create(clock);
    private final UserFiles root = fileSystem.asRoot();
    private final UserFiles alice = fileSystem.as(ALICE, ALICE, "/home/alice");
    private final UserFiles bob = fileSystem.as(BOB, BOB, "/home/bob");

    @BeforeEach
    void homes() {
        root.makeDirectory("/home", 0755);
        for (UserFiles user : List.of(alice, bob)) {
            String home = user == alice ? "/home/alice" : "/home/bob";
            root.makeDirectory(home, 0755);
            root.setOwner(home, user == alice ? ALICE : BOB, user == alice ? ALICE : BOB);
        }
        fileSystem.sync();
    }

    private static void assertErrno(ThrowingCallable call, Errno errno) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Nested
    class Paths {
        @Test
        void realPath_dotsAndLinks_resolved() {
            alice.makeDirectory("a", 0755);
            alice.makeDirectory("a/b", 0755);
            alice.makeSymlink("../a/b", "a/link");
            alice.makeSymlink("/home/alice/a", "absolute");
            assertThat(alice.realPath(".")).isEqualTo("/home/alice");
            assertThat(alice.realPath("/")).isEqualTo("/");
            assertThat(alice.realPath("a/./b/../link")).isEqualTo("/home/alice/a/b");
            assertThat(alice.realPath("absolute//b/")).isEqualTo("/home/alice/a/b");
            assertThat(alice.realPath("../../../..")).isEqualTo("/");
            assertThat(alice.realPath("a/not-yet")).isEqualTo("/home/alice/a/not-yet");
            assertErrno(() -> alice.realPath("not-yet/either"), Errno.ENOENT);
        }

        @Test
        void walk_throughFileOrLoop_refused() {
            alice.writeText("file", "x");
            alice.makeSymlink("loop", "loop");
            assertErrno(() -> alice.read("file/more"), Errno.ENOTDIR);
            assertErrno(() -> alice.read("loop"), Errno.ELOOP);
            assertThat(alice.lstat("loop").kind()).isEqualTo(RemoteAttributes.Kind.SYMLINK);
            assertThat(alice.exists("loop")).isFalse();
        }

        @Test
        void walk_namesTooLong_refused() {
            alice.writeText("n".repeat(255), "x");
            assertErrno(() -> alice.writeText("n".repeat(256), "x"), Errno.ENAMETOOLONG);
            assertErrno(() -> alice.stat("./".repeat(2100)), Errno.ENAMETOOLONG);
        }

        @Test
        void workingDirectory_missing_isRoot() {
            UserFiles homeless = fileSystem.as(ALICE, ALICE, "/home/nobody");
            assertThat(homeless.realPath(".")).isEqualTo("/");
            assertThat(homeless.list(".")).containsExactly("home");
        }

        @Test
        void readLink_linkOrNot_targetOrInvalid() {
            alice.makeSymlink("nowhere/at all", "link");
            assertThat(alice.readLink("link")).isEqualTo("nowhere/at all");
            assertErrno(() -> alice.readLink("."), Errno.EINVAL);
            assertErrno(() -> alice.readLink("none"), Errno.ENOENT);
        }
    }

    @Nested
    class Permissions {
        @Test
        void read_othersFile_byMode() {
            alice.writeText("open", "x");
            alice.createExclusive("closed", 0600, bytes("x"));
            assertThat(bob.readText("/home/alice/open")).isEqualTo("x");
            assertErrno(() -> bob.read("/home/alice/closed"), Errno.EACCES);
            assertThat(root.readText("/home/alice/closed")).isEqualTo("x");
            alice.setPermissions("closed", 0);
            assertErrno(() -> alice.read("closed"), Errno.EACCES);
        }

        @Test
        void directory_notSearchable_hidesAll() {
            alice.makeDirectory("private", 0700);
            alice.writeText("private/file", "x");
            assertErrno(() -> bob.stat("/home/alice/private/file"), Errno.EACCES);
            assertErrno(() -> bob.list("/home/alice/private"), Errno.EACCES);
            assertThat(bob.exists("/home/alice/private/file")).isFalse();
            assertThat(bob.stat("/home/alice/private").permissions()).hasValue(0700);
        }

        @Test
        void groupBits_countForMembers() {
            alice.createExclusive("shared", 0640, bytes("x"));
            root.setOwner("/home/alice/shared", ALICE, 77);
            assertErrno(() -> bob.read("/home/alice/shared"), Errno.EACCES);
            UserFiles member = fileSystem.as(BOB, 77, "/");
            assertThat(member.readText("/home/alice/shared")).isEqualTo("x");
        }

        @Test
        void change_othersDirectory_refused() {
            alice.writeText("file", "x");
            assertErrno(() -> bob.remove("/home/alice/file"), Errno.EACCES);
            assertErrno(() -> bob.rename("/home/alice/file", "/home/bob/file"), Errno.EACCES);
            assertErrno(() -> bob.makeDirectory("/home/alice/new", 0755), Errno.EACCES);
            assertErrno(() -> bob.setPermissions("/home/alice/file", 0666), Errno.EPERM);
            assertErrno(() -> bob.writeText("/home/alice/file", "y"), Errno.EACCES);
        }

        @Test
        void setOwner_onlyRootGivesAway() {
            alice.writeText("file", "x");
            assertErrno(() -> alice.setOwner("file", BOB, BOB), Errno.EPERM);
            assertErrno(() -> alice.setOwner("file", ALICE, 77), Errno.EPERM);
            alice.setOwner("file", ALICE, ALICE);
            root.setOwner("/home/alice/file", BOB, 77);
            assertThat(alice.stat("file").uid()).hasValue(BOB);
            assertThat(alice.stat("file").gid()).hasValue(77);
        }

        @Test
        void stickyDirectory_onlyOwnersRemove() {
            root.makeDirectory("/tmp", 0777);
            root.setPermissions("/tmp", 01777);
            alice.writeText("/tmp/a", "x");
            assertErrno(() -> bob.remove("/tmp/a"), Errno.EPERM);
            assertErrno(() -> bob.rename("/tmp/a", "/tmp/b"), Errno.EPERM);
            alice.remove("/tmp/a");
        }

        @Test
        void create_umaskAndSetGroup_apply() {
            alice.withUmask(0077).writeText("strict", "x");
            assertThat(alice.permissions("strict")).isEqualTo(0600);
            alice.withUmask(0077).createExclusive("given", 0666, bytes("x"));
            assertThat(alice.permissions("given")).isEqualTo(0600);
            alice.withUmask(0077).makeDirectory("dir", 0777);
            assertThat(alice.permissions("dir")).isEqualTo(0700);
            root.setOwner("/home/alice/dir", ALICE, 77);
            root.setPermissions("/home/alice/dir", 02770);
            alice.makeDirectory("dir/sub", 0755);
            assertThat(alice.stat("dir/sub").gid()).hasValue(77);
            assertThat(alice.permissions("dir/sub")).isEqualTo(02755);
        }

        @Test
        void rootSquash_rootIsNobody() {
            fileSystem.setRootSquash(true);
            assertErrno(() -> root.writeText("/home/alice/file", "x"), Errno.EACCES);
            assertErrno(() -> root.setPermissions("/home/alice", 0777), Errno.EPERM);
            alice.createExclusive("secret", 0600, bytes("x"));
            assertErrno(() -> root.read("/home/alice/secret"), Errno.EACCES);
        }
    }

    @Nested
    class Files {
        @Test
        void write_existing_keepsModeAndOwner() {
            alice.createExclusive("file", 0600, bytes("long content"));
            clock.advance(Duration.ofSeconds(5));
            root.writeText("/home/alice/file", "short");
            assertThat(alice.readText("file")).isEqualTo("short");
            RemoteAttributes attributes = alice.stat("file");
            assertThat(attributes.uid()).hasValue(ALICE);
            assertThat(attributes.permissions()).hasValue(0600);
            assertThat(attributes.sizeBytes()).isEqualTo(5);
            assertThat(attributes.modified()).hasValue(clock.instant());
        }

        @Test
        void append_missingAndExisting_grows() {
            alice.appendText("file", "a");
            alice.appendText("file", "b\n");
            assertThat(alice.readText("file")).isEqualTo("ab\n");
        }

        @Test
        void createExclusive_existingOrLink_refused() {
            alice.writeText("file", "x");
            alice.makeSymlink("nowhere", "link");
            assertErrno(() -> alice.createExclusive("file", 0600, bytes("y")), Errno.EEXIST);
            assertErrno(() -> alice.createExclusive("link", 0600, bytes("y")), Errno.EEXIST);
            assertThat(alice.readText("file")).isEqualTo("x");
        }

        @Test
        void write_throughLink_createsItsTarget() {
            alice.makeSymlink("target", "link");
            alice.writeText("link", "x");
            assertThat(alice.readText("target")).isEqualTo("x");
            assertThat(alice.lstat("link").kind()).isEqualTo(RemoteAttributes.Kind.SYMLINK);
        }

        @Test
        void open_directoryOrFifo_refusedOrBlocks() {
            alice.makeFifo("fifo", 0600);
            assertErrno(() -> alice.read("fifo"), Errno.EAGAIN);
            assertErrno(() -> alice.writeText("fifo", "x"), Errno.EAGAIN);
            assertErrno(() -> alice.read("."), Errno.EISDIR);
            assertErrno(() -> alice.list("fifo"), Errno.ENOTDIR);
        }

        @Test
        void rename_overFile_replaces() {
            alice.writeText("a", "a");
            alice.writeText("b", "b");
            alice.rename("a", "b");
            assertThat(alice.readText("b")).isEqualTo("a");
            assertThat(alice.exists("a")).isFalse();
            alice.rename("b", "b");
            assertThat(alice.readText("b")).isEqualTo("a");
        }

        @Test
        void rename_impossible_refused() {
            alice.makeDirectory("dir", 0755);
            alice.makeDirectory("full", 0755);
            alice.writeText("full/file", "x");
            alice.writeText("file", "x");
            assertErrno(() -> alice.rename("none", "file"), Errno.ENOENT);
            assertErrno(() -> alice.rename("file", "dir"), Errno.EISDIR);
            assertErrno(() -> alice.rename("dir", "file"), Errno.ENOTDIR);
            assertErrno(() -> alice.rename("dir", "full"), Errno.ENOTEMPTY);
            assertErrno(() -> alice.rename("full", "full/inside"), Errno.EINVAL);
            alice.rename("full", "dir");
            assertThat(alice.readText("dir/file")).isEqualTo("x");
        }

        @Test
        void renameNew_existing_refused() {
            alice.writeText("a", "a");
            alice.makeSymlink("nowhere", "b");
            assertErrno(() -> alice.renameNew("a", "b"), Errno.EEXIST);
            alice.renameNew("a", "c");
            assertThat(alice.readText("c")).isEqualTo("a");
        }

        @Test
        void remove_kinds_onlyWhatIsMeant() {
            alice.makeDirectory("dir", 0755);
            alice.writeText("dir/file", "x");
            alice.makeSymlink("dir/file", "link");
            assertErrno(() -> alice.remove("dir"), Errno.EISDIR);
            assertErrno(() -> alice.removeDirectory("dir"), Errno.ENOTEMPTY);
            assertErrno(() -> alice.removeDirectory("link"), Errno.ENOTDIR);
            assertErrno(() -> alice.remove("none"), Errno.ENOENT);
            alice.remove("link");
            assertThat(alice.readText("dir/file")).isEqualTo("x");
            alice.remove("dir/file");
            alice.removeDirectory("dir");
            assertThat(alice.list(".")).isEmpty();
        }
    }

    @Nested
    class Revision {
        private long state() {
            return fileSystem.revision("/home/alice/.ssh/keys");
        }

        @Test
        void revision_whatHappensBesideTheFile_doesNotCount() {
            alice.makeDirectory(".ssh", 0700);
            alice.writeText(".ssh/keys", "one");
            long before = state();
            alice.writeText(".ssh/other", "two");
            alice.remove(".ssh/other");
            alice.makeDirectory("more", 0755);
            assertThat(state()).isEqualTo(before);
            assertThat(fileSystem.revision()).isPositive();
        }

        @Test
        void revision_everythingThatAReaderSees_counts() {
            List<Runnable> changes = List.of(
                    () -> alice.makeDirectory(".ssh", 0700),
                    () -> alice.writeText(".ssh/keys", "one"),
                    () -> alice.appendText(".ssh/keys", "two"),
                    () -> alice.setPermissions(".ssh/keys", 0600),
                    () -> root.setOwner("/home/alice/.ssh/keys", BOB, BOB),
                    () -> fileSystem.setLabel("/home/alice/.ssh/keys", "etc_t"),
                    () -> alice.setPermissions(".ssh", 0770),
                    () -> alice.setPermissions(".", 0777),
                    () -> root.setOwner("/home", ALICE, ALICE),
                    () -> alice.rename(".ssh/keys", ".ssh/kept"),
                    () -> alice.makeSymlink("kept", ".ssh/keys"),
                    () -> alice.remove(".ssh/kept"),
                    () -> fileSystem.crash(CrashModel.everythingLost()));
            for (int i = 0; i < changes.size(); i++) {
                long before = state();
                changes.get(i).run();
                assertThat(state()).as("after change %d", i + 1).isNotEqualTo(before);
            }
        }

        @Test
        void revision_renamedOverIt_countsThoughTheNewOneIsOlder() {
            alice.makeDirectory(".ssh", 0700);
            alice.writeText(".ssh/new", "one");
            alice.writeText(".ssh/keys", "one");
            long before = state();
            alice.rename(".ssh/new", ".ssh/keys");
            assertThat(state()).isNotEqualTo(before);
        }
    }

    @Nested
    class Limits {
        @Test
        void readOnly_everyChange_refused() {
            alice.writeText("file", "x");
            fileSystem.setReadOnly(true);
            assertErrno(() -> alice.writeText("file", "y"), Errno.EROFS);
            assertErrno(() -> alice.writeText("new", "y"), Errno.EROFS);
            assertErrno(() -> alice.rename("file", "new"), Errno.EROFS);
            assertErrno(() -> alice.remove("file"), Errno.EROFS);
            assertErrno(() -> alice.setPermissions("file", 0600), Errno.EROFS);
            assertErrno(() -> alice.setOwner("file", ALICE, ALICE), Errno.EROFS);
            assertThat(alice.readText("file")).isEqualTo("x");
            fileSystem.setReadOnly(false);
            alice.writeText("file", "y");
        }

        @Test
        void capacity_reached_writesWhatFits() {
            fileSystem.setCapacity(10);
            alice.writeText("a", "12345678");
            assertErrno(() -> alice.writeText("b", "12345678"), Errno.ENOSPC);
            assertThat(alice.readText("b")).isEqualTo("12");
            assertErrno(() -> alice.appendText("a", "9"), Errno.ENOSPC);
            assertThat(alice.readText("a")).isEqualTo("12345678");
            alice.remove("b");
            alice.appendText("a", "90");
        }

        @Test
        void fill_diskFull_emptyFilesOnly() {
            alice.writeText("a", "123");
            fileSystem.fill();
            alice.createExclusive("empty", 0600, new byte[0]);
            assertErrno(() -> alice.createExclusive("b", 0600, bytes("x")), Errno.ENOSPC);
            assertThat(alice.stat("b").sizeBytes()).isZero();
            alice.writeText("a", "456"); // in place it still fits
        }

        @Test
        void quota_ofOneUser_onlyThatUser() {
            fileSystem.setQuota(ALICE, 4);
            assertErrno(() -> alice.writeText("a", "12345"), Errno.EDQUOT);
            bob.writeText("b", "12345");
        }
    }

    @Nested
    class Crash {
        @Test
        void crash_renameNotDurable_undone() {
            alice.writeText("file", "old");
            fileSystem.sync();
            alice.createExclusive("temp", 0600, bytes("new"));
            alice.fsync("temp");
            alice.rename("temp", "file");
            fileSystem.crash(CrashModel.undoing(1));
            assertThat(alice.readText("file")).isEqualTo("old");
            assertThat(alice.readText("temp")).isEqualTo("new");
        }

        @Test
        void crash_everythingLost_asBeforeTheSync() {
            alice.writeText("file", "old");
            fileSystem.sync();
            alice.setPermissions("file", 0600);
            alice.makeDirectory("dir", 0755);
            alice.rename("file", "dir/file");
            root.setOwner("/home/alice/dir", BOB, BOB);
            alice.makeSymlink("x", "link");
            fileSystem.crash(CrashModel.everythingLost());
            assertThat(alice.list(".")).containsExactly("file");
            assertThat(alice.readText("file")).isEqualTo("old");
            assertThat(alice.permissions("file")).isEqualTo(0644);
        }

        @Test
        void crash_fsyncOnly_entryStillUndone() {
            alice.createExclusive("temp", 0600, bytes("new"));
            alice.fsync("temp");
            fileSystem.crash(CrashModel.everythingLost());
            assertThat(alice.exists("temp")).isFalse();
        }

        @Test
        void crash_fsyncCommitsEntries_onlyLaterOnesUndone() {
            alice.writeText("file", "old");
            fileSystem.sync();
            alice.createExclusive("temp", 0600, bytes("new"));
            alice.fsync("temp");
            alice.rename("temp", "file");
            fileSystem.crash(CrashModel.everythingLost().withFsyncCommittingEntries());
            assertThat(alice.readText("temp")).isEqualTo("new");
            assertThat(alice.readText("file")).isEqualTo("old");
        }

        @ParameterizedTest
        @EnumSource(CrashModel.Content.class)
        void crash_contentNotSynced_byModel(CrashModel.Content fate) {
            alice.writeText("file", "old content");
            fileSystem.sync();
            alice.writeText("file", "new text");
            alice.createExclusive("fresh", 0600, bytes("1234"));
            fileSystem.crash(CrashModel.nothingLost().withContent(fate));
            assertThat(List.of(alice.readText("file"), alice.readText("fresh")))
                    .isEqualTo(
                            switch (fate) {
                                case KEPT -> List.of("new text", "1234");
                                case PREVIOUS -> List.of("old content", "");
                                case EMPTY -> List.of("", "");
                                case TORN -> List.of("new ", "12");
                            });
        }

        @Test
        void crash_renamedWithoutFsync_emptyUnderTheGoodName() {
            alice.writeText("file", "old");
            fileSystem.sync();
            alice.createExclusive("temp", 0600, bytes("new"));
            alice.rename("temp", "file");
            fileSystem.crash(CrashModel.nothingLost().withContent(CrashModel.Content.EMPTY));
            assertThat(alice.readText("file")).isEmpty();
        }

        @Test
        void crash_afterTheWriteBackDelay_nothingLeftToLose() {
            alice.writeText("file", "new");
            clock.advance(Duration.ofSeconds(29));
            alice.writeText("late", "new");
            clock.advance(Duration.ofSeconds(1));
            fileSystem.crash(CrashModel.everythingLost());
            assertThat(alice.list(".")).containsExactly("file");
            assertThat(alice.readText("file")).isEqualTo("new");
        }

        @Test
        void crash_delayOrWriteThrough_asSet() {
            fileSystem.setWriteBackDelay(Duration.ofSeconds(5));
            alice.writeText("file", "new");
            clock.advance(Duration.ofSeconds(5));
            fileSystem.crash(CrashModel.everythingLost());
            assertThat(alice.readText("file")).isEqualTo("new");
            fileSystem.writeThrough();
            alice.writeText("other", "new");
            fileSystem.crash(CrashModel.everythingLost());
            assertThat(alice.readText("other")).isEqualTo("new");
        }

        @Test
        void crash_twice_secondHasNothingToLose() {
            alice.writeText("file", "new");
            fileSystem.crash(CrashModel.nothingLost());
            fileSystem.crash(CrashModel.everythingLost());
            assertThat(alice.readText("file")).isEqualTo("new");
        }

        @Test
        void crash_randomModel_sameSeedSameLoss() {
            for (long seed = 0; seed < 50; seed++) {
                assertThat(afterRandomCrash(seed)).as("seed " + seed).isEqualTo(afterRandomCrash(seed));
            }
            assertThat(java.util.stream.LongStream.range(0, 50)
                            .mapToObj(PosixFileSystemTest::afterRandomCrash)
                            .distinct()
                            .count())
                    .isGreaterThan(5);
        }
    }

    private static String afterRandomCrash(long seed) {
        PosixFileSystem disk = PosixFileSystem.create(SettableClock.create());
        UserFiles files = disk.asRoot();
        for (int i = 0; i < 6; i++) {
            files.writeText("/f" + i, "content " + i);
        }
        disk.crash(CrashModel.random(seed));
        StringBuilder left = new StringBuilder();
        files.list("/")
                .forEach(name -> left.append(name)
                        .append('=')
                        .append(files.readText("/" + name))
                        .append(';'));
        return left.toString();
    }
}
