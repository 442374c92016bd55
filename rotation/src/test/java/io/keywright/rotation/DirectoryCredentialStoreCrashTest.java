package io.keywright.rotation;

import static io.keywright.rotation.StoreFixture.NEW_SECRET;
import static io.keywright.rotation.StoreFixture.SECRET;
import static io.keywright.rotation.StoreFixture.key;
import static io.keywright.rotation.StoreFixture.open;
import static io.keywright.rotation.StoreFixture.secret;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.rotation.CredentialStore.Lease;
import io.keywright.rotation.StoreFixture.Death;
import io.keywright.rotation.StoreFixture.Steps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The process dies, or the disk is full, at every single step on files: what is left is the old state or the new one. */
@Tag("once")
class DirectoryCredentialStoreCrashTest {
    @TempDir(factory = FastDirectory.class)
    private Path temporary;

    private int directories;

    /** What can be seen from outside; a number that a crash has skipped does not count. */
    private record World(List<String> versions, Map<String, Set<Integer>> devices, String password) {}

    private static World world(DirectoryCredentialStore store, String credential) {
        Optional<CredentialState> state = store.find(credential);
        List<String> versions = new ArrayList<>();
        for (KeyVersion version : state.map(CredentialState::versions).orElse(List.of())) {
            versions.add(version.label() + " " + version.publicKey().comment() + " "
                    + version.rotation().orElse("-"));
            if (version.hasPrivateKey()) {
                try (SshKeyPair pair = store.exposeSecret(credential, StoredSecret.key(version.number()))) {
                    assertThat(pair.publicKey()).isEqualTo(version.publicKey());
                }
            } else {
                assertThatThrownBy(() -> store.exposeSecret(credential, StoredSecret.key(version.number())))
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("destroyed");
            }
        }
        String password = "";
        if (state.map(CredentialState::hasPassword).orElse(false)) {
            try (Passphrase found = store.exposeSecret(credential, StoredSecret.password())) {
                password = found.secret().use(bytes -> new String(bytes, StandardCharsets.UTF_8));
            }
            assertThat(password).isNotEmpty();
        } else {
            assertThatThrownBy(() -> store.exposeSecret(credential, StoredSecret.password()))
                    .isInstanceOf(StoreException.class);
        }
        return new World(versions, state.map(CredentialState::mayAccept).orElse(Map.of()), password);
    }

    private static World world(Path directory) {
        try (DirectoryCredentialStore store = open(directory)) {
            return world(store, "web");
        }
    }

    /** A change under test, for a store with versions 1 PREVIOUS, 2 ROLLED_BACK, 3 CURRENT, 4 PENDING, and a password. */
    private record Change(String name, Make make) {
        interface Make {
            void on(CredentialStore store, Lease lease);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Change> changes() {
        return Stream.of(
                new Change("lease only", (store, lease) -> lease.requireValid()),
                new Change("importKey", (store, lease) -> {
                    store.discard(lease, 4);
                    store.importKey(lease, key(6));
                }),
                new Change("stage", (store, lease) -> {
                    store.discard(lease, 4);
                    store.stage(lease, "r5", key(5));
                }),
                new Change("promote", (store, lease) -> store.promote(lease, 4)),
                new Change("discard", (store, lease) -> store.discard(lease, 4)),
                new Change("destroy", (store, lease) -> store.destroy(lease, 1)),
                new Change(
                        "recordDevices",
                        (store, lease) -> store.recordDevices(lease, Map.of("web-1", Set.of(4), "web-2", Set.of()))),
                new Change("putPassword", (store, lease) -> {
                    try (Passphrase password = secret("the next password")) {
                        store.putPassword(lease, password);
                    }
                }));
    }

    private Path filled() {
        Path directory = temporary.resolve("store-" + directories++);
        try (DirectoryCredentialStore store = open(directory);
                Lease lease = store.lease("web");
                Passphrase password = secret("the password")) {
            store.importKey(lease, key(1));
            store.stage(lease, "r2", key(2));
            store.discard(lease, 2);
            store.importKey(lease, key(3));
            store.stage(lease, "r4", key(4));
            store.recordDevices(lease, Map.of("web-1", Set.of(3, 4), "web-2", Set.of(3)));
            store.putPassword(lease, password);
        }
        return directory;
    }

    private Path copyOf(Path filled) throws IOException {
        Path directory = temporary.resolve("copy-" + directories++);
        StoreFixture.copyTree(filled, directory);
        return directory;
    }

    /** The states that a change of one or two steps goes through. */
    private List<World> statesOf(Change change, Path filled) throws IOException {
        List<World> states = new ArrayList<>();
        states.add(world(filled));
        if (change.name().equals("importKey") || change.name().equals("stage")) {
            Path discarded = copyOf(filled);
            run(new Change("discard", (store, lease) -> store.discard(lease, 4)), discarded, DurableFiles.plain());
            states.add(world(discarded));
        }
        Path done = copyOf(filled);
        run(change, done, DurableFiles.plain());
        states.add(world(done));
        return states;
    }

    private static void run(Change change, Path directory, DurableFiles files) {
        try (DirectoryCredentialStore store = open(directory, SECRET, files);
                Lease lease = store.lease("web")) {
            change.make().on(store, lease);
        }
    }

    @ParameterizedTest
    @MethodSource("changes")
    void death_atEveryStep_leavesTheOldOrTheNewState(Change change) throws IOException {
        Path filled = filled();
        List<World> states = statesOf(change, filled);
        World after = states.get(states.size() - 1);
        int step = 0;
        int reached = 0;
        for (boolean died = true; died; ) {
            step++;
            Path directory = copyOf(filled);
            try {
                run(change, directory, new DurableFiles(new Steps(step)));
                died = false;
            } catch (Death e) {
                assertThat(e).hasNoCause();
            }
            World left = world(directory);
            List<World> possible = states.subList(reached, states.size()); // never back again
            assertThat(left).as("died at step " + step).isIn(possible);
            reached += possible.indexOf(left);
            if (died) {
                run(change, directory, DurableFiles.plain());
                assertThat(world(directory)).as("done again after step " + step).isEqualTo(after);
            }
            assertNothingLeftBehind(directory);
        }
        assertThat(states.get(reached)).isEqualTo(after);
        assertThat(step).as("steps that were tried").isGreaterThan(6);
    }

    /** A destroyed key, a replaced password or a half-written file must not outlive the next lease. */
    private static void assertNothingLeftBehind(Path directory) throws IOException {
        try (DirectoryCredentialStore store = open(directory)) {
            store.lease("web").close();
            CredentialState state = store.find("web").orElseThrow();
            for (Path path : StoreFixture.everything(directory.resolve("credentials-1/web"))) {
                String name = path.getFileName().toString();
                assertThat(name).doesNotEndWith(DurableFiles.TEMPORARY);
                if (name.matches("v[0-9]{4}")) {
                    assertThat(state.version(Integer.parseInt(name.substring(1))))
                            .as(name)
                            .matches(version ->
                                    version.isEmpty() || version.orElseThrow().hasPrivateKey());
                }
            }
            assertThat(StoreFixture.everything(directory.resolve("credentials-1/web")).stream()
                            .filter(path -> path.getFileName().toString().startsWith("password-")))
                    .hasSizeBetween(1, 2);
        }
    }

    @ParameterizedTest
    @MethodSource("changes")
    void fullDisk_atEveryStep_isReportedAndTheStoreGoesOn(Change change) throws IOException {
        Path filled = filled();
        List<World> states = statesOf(change, filled);
        int steps = 0;
        for (boolean failed = true; failed; ) {
            steps++;
            Path directory = copyOf(filled);
            int[] count = {0};
            int full = steps;
            DurableFiles files = new DurableFiles((step, path) -> {
                if (++count[0] == full) {
                    throw new FileSystemException(path.toString(), null, "No space left on device");
                }
            });
            failed = false;
            try {
                run(change, directory, files);
            } catch (StoreException e) {
                failed = true;
                assertThat(e)
                        .hasMessageContaining("No space left on device")
                        .hasMessageContaining(directory.toString());
            }
            assertThat(world(directory)).as("full at step " + steps).isIn(states);
            run(change, directory, DurableFiles.plain());
            assertThat(world(directory)).isEqualTo(states.get(states.size() - 1));
        }
        assertThat(steps).isGreaterThan(6);
    }

    @Test
    void creation_diedAtEveryStep_isDoneByTheNextOpen() throws IOException {
        int step = 0;
        for (boolean died = true; died; ) {
            step++;
            Path directory = temporary.resolve("new-" + step);
            try {
                open(directory, SECRET, new DurableFiles(new Steps(step))).close();
                died = false;
            } catch (Death e) {
                assertThat(e).hasNoCause();
            }
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("web")) {
                store.importKey(lease, key(1));
            }
            assertThat(world(directory).versions()).hasSize(1);
        }
        assertThat(step).isGreaterThan(10);
    }

    @Test
    void replacement_forcesTheFileBeforeTheRenameAndTheDirectoryAfterIt() {
        Path directory = filled();
        List<String> seen = new ArrayList<>();
        DurableFiles files = new DurableFiles((step, path) -> seen.add(step + " " + path.getFileName()));
        try (DirectoryCredentialStore store = open(directory, SECRET, files);
                Lease lease = store.lease("web")) {
            seen.clear();
            store.promote(lease, 4);
        }
        assertThat(seen)
                .containsExactly(
                        "CREATE labels.jsonl.tmp",
                        "WRITE labels.jsonl.tmp",
                        "SYNC labels.jsonl.tmp",
                        "RENAME labels.jsonl",
                        "SYNC_DIRECTORY web",
                        "DONE labels.jsonl");
    }

    @Test
    void keys_areOnDiskBeforeTheLabelsNameThem() {
        Path directory = filled();
        List<String> seen = new ArrayList<>();
        DurableFiles files = new DurableFiles((step, path) -> seen.add(step + " " + path.getFileName()));
        try (DirectoryCredentialStore store = open(directory, SECRET, files);
                Lease lease = store.lease("web")) {
            store.discard(lease, 4);
            seen.clear();
            store.stage(lease, "r5", key(5));
        }
        assertThat(seen.indexOf("DONE v0005")).isPositive().isLessThan(seen.indexOf("CREATE labels.jsonl.tmp"));
    }

    @Nested
    class ChangeSecret {
        private Path twoCredentials() {
            Path directory = filled();
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("db")) {
                store.importKey(lease, key(7));
                store.importKey(lease, key(8));
                store.destroy(lease, 1);
            }
            return directory;
        }

        /** As little as goes through every kind of step, for the tests that do it hundreds of times. */
        private Path small() {
            Path directory = temporary.resolve("store-" + directories++);
            try (DirectoryCredentialStore store = open(directory);
                    Passphrase password = secret("the password")) {
                try (Lease lease = store.lease("web")) {
                    store.importKey(lease, key(1));
                    store.importKey(lease, key(2));
                    store.destroy(lease, 1);
                    store.putPassword(lease, password);
                }
                try (Lease lease = store.lease("db")) {
                    store.stage(lease, "r1", key(7));
                }
            }
            return directory;
        }

        private void change(Path directory, DurableFiles files) {
            try (DirectoryCredentialStore store = open(directory, SECRET, files);
                    Passphrase next = secret(NEW_SECRET)) {
                store.changeSecret(next);
            }
        }

        private List<World> worlds(Path directory, String secret) {
            try (DirectoryCredentialStore store = open(directory, secret, DurableFiles.plain())) {
                assertThat(store.list()).containsExactly("db", "web");
                return List.of(world(store, "db"), world(store, "web"));
            }
        }

        private boolean opens(Path directory, String secret) {
            try {
                open(directory, secret, DurableFiles.plain()).close();
                return true;
            } catch (StoreSecretException e) {
                return false;
            }
        }

        @Test
        void change_keepsEverythingAndEndsTheOldSecret() throws IOException {
            Path directory = twoCredentials();
            List<World> before = worlds(directory, SECRET);
            try (DirectoryCredentialStore store = open(directory);
                    Passphrase next = secret(NEW_SECRET)) {
                long generation = store.find("web").orElseThrow().generation();
                long fence;
                try (Lease lease = store.lease("web")) {
                    fence = lease.fence();
                }
                store.changeSecret(next);
                assertThat(store.find("web").orElseThrow().generation()).isEqualTo(generation);
                assertThat(world(store, "web")).isEqualTo(before.get(1));
                try (Lease lease = store.lease("web")) {
                    assertThat(lease.fence()).isEqualTo(fence + 1);
                    store.promote(lease, 4);
                }
            }
            assertThat(opens(directory, SECRET)).isFalse();
            assertThat(worlds(directory, NEW_SECRET).get(0)).isEqualTo(before.get(0));
            assertThat(directory.resolve("credentials-1")).doesNotExist();
        }

        @Test
        void death_atEveryStep_leavesOneSecretThatOpensEverything() throws IOException {
            Path filled = small();
            List<World> before = worlds(filled, SECRET);
            int step = 0;
            boolean changed = false;
            for (boolean died = true; died; ) {
                step++;
                Path directory = copyOf(filled);
                try {
                    change(directory, new DurableFiles(new Steps(step)));
                    died = false;
                } catch (Death e) {
                    assertThat(e).hasNoCause();
                }
                boolean old = opens(directory, SECRET);
                assertThat(opens(directory, NEW_SECRET)).as("step " + step).isEqualTo(!old);
                assertThat(changed && old).as("never back again, step " + step).isFalse();
                changed = !old;
                assertThat(worlds(directory, old ? SECRET : NEW_SECRET)).isEqualTo(before);
                if (old) {
                    change(directory, DurableFiles.plain());
                }
                assertThat(worlds(directory, NEW_SECRET))
                        .as("finished after step " + step)
                        .isEqualTo(before);
                assertThat(DurableFiles.plain().list(directory).stream()
                                .map(path -> path.getFileName().toString()))
                        .containsExactlyInAnyOrder("credentials-2", "store.json", "store.lock");
                deleteTree(directory);
            }
            assertThat(changed).isTrue();
            assertThat(step).isGreaterThan(50);
        }

        private void deleteTree(Path directory) throws IOException {
            DurableFiles.plain().deleteTree(directory);
        }

        @Test
        void interrupted_goesOnWhereItWas() throws IOException {
            Path directory = twoCredentials();
            // db comes first; the death is at the beginning of web
            DurableFiles files = new DurableFiles((step, path) -> {
                if (path.endsWith("credentials-2/web")) {
                    throw new Death();
                }
            });
            assertThatThrownBy(() -> change(directory, files)).isInstanceOf(Death.class);
            Path done = directory.resolve("credentials-2/db/v0002");
            byte[] content = Files.readAllBytes(done);
            assertThatThrownBy(() -> open(directory, NEW_SECRET, DurableFiles.plain()))
                    .isInstanceOf(StoreSecretException.class)
                    .hasMessageContaining("begun and not finished");
            change(directory, DurableFiles.plain());
            assertThat(done).hasBinaryContent(content); // its salt is random: it was not written again
        }

        @Test
        void interrupted_thenDamaged_isWrittenAgain() throws IOException {
            Path directory = twoCredentials();
            List<World> before = worlds(directory, SECRET);
            DurableFiles files = new DurableFiles((step, path) -> {
                if (path.endsWith("credentials-2/web")) {
                    throw new Death();
                }
            });
            assertThatThrownBy(() -> change(directory, files)).isInstanceOf(Death.class);
            Files.writeString(directory.resolve("credentials-2/db/v0002"), "damaged");
            change(directory, DurableFiles.plain());
            assertThat(worlds(directory, NEW_SECRET)).isEqualTo(before);
        }

        @Test
        void interrupted_withChangesMeanwhile_takesTheChangesOver() throws IOException {
            Path directory = twoCredentials();
            DurableFiles files = new DurableFiles((step, path) -> {
                if (step == DurableFiles.Step.RENAME && path.endsWith("store.json")) {
                    throw new Death();
                }
            });
            assertThatThrownBy(() -> change(directory, files)).isInstanceOf(Death.class);
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("web");
                    Passphrase password = secret("the next password")) {
                store.promote(lease, 4);
                store.destroy(lease, 1);
                store.putPassword(lease, password);
            }
            List<World> expected = worlds(directory, SECRET);
            change(directory, DurableFiles.plain());
            assertThat(worlds(directory, NEW_SECRET)).isEqualTo(expected);
            assertThat(directory.resolve("credentials-2/web/v0001")).doesNotExist();
        }

        @Test
        void interrupted_thenAThirdSecret_beginsAnew() {
            Path directory = twoCredentials();
            List<World> before = worlds(directory, SECRET);
            DurableFiles files = new DurableFiles((step, path) -> {
                if (step == DurableFiles.Step.RENAME && path.endsWith("store.json")) {
                    throw new Death();
                }
            });
            assertThatThrownBy(() -> change(directory, files)).isInstanceOf(Death.class);
            try (DirectoryCredentialStore store = open(directory);
                    Passphrase third = secret("a third secret")) {
                store.changeSecret(third);
            }
            assertThat(opens(directory, NEW_SECRET)).isFalse();
            assertThat(worlds(directory, "a third secret")).isEqualTo(before);
        }

        @Test
        void fullDisk_atEveryStep_leavesAStoreThatCanBeOpened() throws IOException {
            Path filled = small();
            List<World> before = worlds(filled, SECRET);
            int steps = 0;
            for (boolean failed = true; failed; steps++) {
                Path directory = copyOf(filled);
                int full = steps;
                int[] count = {-1};
                DurableFiles files = new DurableFiles((step, path) -> {
                    if (count[0] >= 0 && count[0]++ == full) {
                        throw new FileSystemException(path.toString(), null, "No space left on device");
                    }
                });
                failed = false;
                try (DirectoryCredentialStore store = open(directory, SECRET, files);
                        Passphrase next = secret(NEW_SECRET)) {
                    count[0] = 0;
                    try {
                        store.changeSecret(next);
                    } catch (StoreException e) {
                        failed = true;
                    }
                    count[0] = -1;
                    try {
                        assertThat(world(store, "web")).isEqualTo(before.get(1));
                    } catch (IllegalStateException e) {
                        // renamed, but not known to be durable: the object has closed itself
                        assertThat(failed).isTrue();
                    }
                }
                assertThat(worlds(directory, opens(directory, SECRET) ? SECRET : NEW_SECRET))
                        .isEqualTo(before);
                deleteTree(directory);
            }
            assertThat(steps).isGreaterThan(50);
        }

        @Test
        void whileALeaseIsOpen_refused() {
            Path directory = twoCredentials();
            try (DirectoryCredentialStore store = open(directory);
                    Passphrase next = secret(NEW_SECRET);
                    Lease lease = store.lease("web")) {
                assertThatThrownBy(() -> store.changeSecret(next)).isInstanceOf(CredentialBusyException.class);
                lease.requireValid();
            }
            assertThat(opens(directory, SECRET)).isTrue();
        }

        @Test
        void whileSomebodyElseHasItOpen_refused() {
            Path directory = twoCredentials();
            try (DirectoryCredentialStore store = open(directory);
                    Passphrase next = secret(NEW_SECRET)) {
                try (DirectoryCredentialStore other = open(directory)) {
                    assertThatThrownBy(() -> store.changeSecret(next)).isInstanceOf(CredentialBusyException.class);
                    assertThat(other.list()).isEqualTo(store.list());
                }
                store.changeSecret(next);
            }
            assertThat(opens(directory, NEW_SECRET)).isTrue();
        }

        @Test
        void foreignFile_refusedBeforeAnythingIsDone() throws IOException {
            Path directory = twoCredentials();
            Files.writeString(directory.resolve("credentials-1/notes.txt"), "mine");
            assertThatThrownBy(() -> change(directory, DurableFiles.plain()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("notes.txt");
            assertThat(directory.resolve("credentials-1/notes.txt")).exists();
        }

        @Test
        void damagedKey_refusedAndNothingLost() throws IOException {
            Path directory = twoCredentials();
            Files.writeString(directory.resolve("credentials-1/web/v0003"), "damaged");
            assertThatThrownBy(() -> change(directory, DurableFiles.plain()))
                    .isInstanceOf(StoreDamagedException.class)
                    .hasMessageContaining("v0003");
            assertThat(opens(directory, SECRET)).isTrue();
        }
    }
}
