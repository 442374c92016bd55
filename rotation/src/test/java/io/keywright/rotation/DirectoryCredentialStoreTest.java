package io.keywright.rotation;

import static io.keywright.rotation.StoreFixture.CHEAP;
import static io.keywright.rotation.StoreFixture.SECRET;
import static io.keywright.rotation.StoreFixture.key;
import static io.keywright.rotation.StoreFixture.open;
import static io.keywright.rotation.StoreFixture.secret;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.format.KeyInspection;
import io.keywright.format.KeyReader;
import io.keywright.rotation.CredentialStore.Lease;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is special about a directory; the contract itself is tested in testkit. */
class DirectoryCredentialStoreTest {
    @TempDir(factory = FastDirectory.class)
    private Path temporary;

    private Path directory;
    private Path web;

    @BeforeEach
    void place() {
        directory = temporary.resolve("store");
        web = directory.resolve("credentials-1/web");
    }

    /** One version that is PREVIOUS, one that is CURRENT, a password and a device. */
    private void fill() {
        try (DirectoryCredentialStore store = open(directory);
                Lease lease = store.lease("web");
                Passphrase password = secret("the password")) {
            store.importKey(lease, key(1));
            store.importKey(lease, key(2));
            store.recordDevices(lease, Map.of("web-1", Set.of(1, 2)));
            store.putPassword(lease, password);
        }
    }

    private void useAll() {
        try (DirectoryCredentialStore store = open(directory)) {
            store.find("web");
            store.exposeSecret("web", StoredSecret.key(1)).close();
            store.exposeSecret("web", StoredSecret.key(2)).close();
            store.exposeSecret("web", StoredSecret.password()).close();
        }
    }

    @Nested
    class Layout {
        @Test
        void everything_isTheOwnersOnly() throws IOException {
            fill();
            for (Path path : StoreFixture.everything(directory)) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .as(path.toString())
                        .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
            }
        }

        @Test
        void files_areAsDocumented() throws IOException {
            fill();
            assertThat(StoreFixture.everything(directory).stream()
                            .map(path -> directory.relativize(path).toString()))
                    .containsExactly(
                            "",
                            "credentials-1",
                            "credentials-1/web",
                            "credentials-1/web/fence.json",
                            "credentials-1/web/labels.jsonl",
                            "credentials-1/web/lock",
                            "credentials-1/web/password-0001",
                            "credentials-1/web/v0001",
                            "credentials-1/web/v0001.pub",
                            "credentials-1/web/v0002",
                            "credentials-1/web/v0002.pub",
                            "store.json",
                            "store.lock");
        }

        @Test
        void keyFile_isEncryptedWithAes256AndTheChosenRounds() throws IOException {
            fill();
            KeyInspection seen = KeyReader.inspect(web.resolve("v0001"));
            assertThat(seen.encrypted()).isTrue();
            assertThat(seen.cipher().orElseThrow()).startsWith("aes256");
            assertThat(seen.publicKey()).contains(key(1).publicKey());
            assertThat(seen.kdf().orElseThrow()).hasToString("bcrypt (rounds 1)");
        }

        @Test
        void keyFile_isOpenedBySshKeygen() throws Exception {
            List<SshKeyPair> pairs = List.of(
                    SshKeyPairGenerator.ed25519().withComment("deploy@prod").generate(),
                    SshKeyPairGenerator.rsa(2048).withComment("rsa").generate(),
                    SshKeyPairGenerator.ecdsa(io.keywright.EcdsaCurve.NISTP384).generate());
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("web")) {
                for (SshKeyPair pair : pairs) {
                    try (pair) {
                        int version = store.importKey(lease, pair).number();
                        Path file = web.resolve("v000" + version);
                        String line = pair.publicKey().toLine();
                        assertThat(sshKeygen("-y", "-P", SECRET, "-f", file.toString()))
                                .isEqualTo(line);
                        assertThat(Files.readString(web.resolve("v000" + version + ".pub")))
                                .isEqualTo(line + "\n");
                        assertThat(sshKeygen("-l", "-f", file + ".pub"))
                                .contains(pair.publicKey().fingerprint().toString());
                    }
                }
            }
        }

        @Test
        void noFile_holdsASecretInTheClear() throws IOException {
            fill();
            byte[] seed = ((io.keywright.Ed25519PrivateKey) key(1).privateKey())
                    .seed()
                    .toByteArray();
            for (Path path : StoreFixture.everything(directory)) {
                if (Files.isRegularFile(path)) {
                    String content = Files.readString(path, StandardCharsets.ISO_8859_1);
                    assertThat(content)
                            .as(path.toString())
                            .doesNotContain(SECRET, "the password")
                            .doesNotContain(new String(seed, StandardCharsets.ISO_8859_1))
                            .doesNotContain(Base64.getEncoder().encodeToString(seed));
                }
            }
        }

        private String sshKeygen(String... arguments) throws Exception {
            List<String> command = new java.util.ArrayList<>(List.of("ssh-keygen"));
            command.addAll(List.of(arguments));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            return output.strip();
        }
    }

    @Nested
    class Open {
        @Test
        void emptyDirectory_becomesAStore() throws IOException {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            open(directory).close();
            useAfterFill();
        }

        private void useAfterFill() {
            fill();
            useAll();
        }

        @Test
        void missingParents_areMade() {
            directory = temporary.resolve("a/b/store");
            web = directory.resolve("credentials-1/web");
            useAfterFill();
        }

        @Test
        void linkToAStore_isFollowed() throws IOException {
            fill();
            Files.createSymbolicLink(temporary.resolve("link"), directory);
            directory = temporary.resolve("link");
            useAll();
        }

        @Test
        void otherFiles_refused() throws IOException {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.writeString(directory.resolve("notes.txt"), "mine");
            assertThatThrownBy(() -> open(directory))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("notes.txt");
            assertThat(Files.exists(directory.resolve("store.json"))).isFalse();
        }

        @Test
        void wrongSecret_isToldApart() {
            fill();
            assertThatThrownBy(() -> open(directory, "a guess at it", DurableFiles.plain()))
                    .isInstanceOf(StoreSecretException.class)
                    .hasMessageNotContaining("a guess at it");
        }

        @Test
        void costOfAnExistingStore_isItsOwn() {
            fill();
            try (Passphrase secret = secret(SECRET);
                    DirectoryCredentialStore store = DirectoryCredentialStore.open(
                            directory, secret, CHEAP.withScryptCost(new DirectoryStoreSettings.ScryptCost(4, 2, 1)))) {
                assertThat(store.list()).containsExactly("web");
            }
        }

        @Test
        void defaultCosts_work() {
            try (Passphrase secret = secret(SECRET)) {
                DirectoryCredentialStore.open(directory, secret).close();
                DirectoryCredentialStore.open(directory, secret).close();
            }
        }

        @Test
        void closed_refusesEverythingAndHasWiped() {
            fill();
            DirectoryCredentialStore store = open(directory);
            Lease lease = store.lease("web");
            store.close();
            store.close();
            assertThatThrownBy(store::list).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> store.exposeSecret("web", StoredSecret.key(1)))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> store.promote(lease, 2)).isInstanceOf(IllegalStateException.class);
            lease.close();
            try (DirectoryCredentialStore next = open(directory)) {
                next.lease("web").close();
            }
        }

        @Test
        void anotherStoresLease_refused() {
            try (DirectoryCredentialStore one = open(directory);
                    DirectoryCredentialStore two = open(temporary.resolve("two"));
                    Lease lease = one.lease("web")) {
                assertThatThrownBy(() -> two.importKey(lease, key(1))).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Nested
    class Access {
        @Test
        void laxPermissions_refusedWithTheCommandToRun() throws IOException {
            fill();
            for (Path path : StoreFixture.everything(directory)) {
                boolean used = Stream.of(".pub", "/lock", "/fence.json").noneMatch(path.toString()::endsWith);
                Set<PosixFilePermission> right = Files.getPosixFilePermissions(path);
                for (String lax :
                        List.of("rwxr-----", "rwx-w----", "rwx--x---", "rwx---r--", "rwx----w-", "rwx-----x")) {
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(lax));
                    if (used) {
                        assertThatThrownBy(DirectoryCredentialStoreTest.this::useAll)
                                .as(path + " " + lax)
                                .isInstanceOf(StoreException.class)
                                .hasMessageContaining("chmod 0" + (Files.isDirectory(path) ? 7 : 6) + "00 " + path);
                    } else {
                        useAll();
                    }
                }
                Files.setPosixFilePermissions(path, right);
            }
            useAll();
        }

        @Test
        void laxLockAndFence_refusedWhenLeased() throws IOException {
            fill();
            for (String name : List.of("lock", "fence.json")) {
                Path file = web.resolve(name);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
                try (DirectoryCredentialStore store = open(directory)) {
                    assertThatThrownBy(() -> store.lease("web"))
                            .isInstanceOf(StoreException.class)
                            .hasMessageContaining("chmod 0600 " + file);
                }
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            }
        }

        @Test
        void anotherOwner_refused() throws IOException {
            if (!Files.getOwner(temporary).getName().equals("root")) {
                // nobody but root can give files away; root's own home is somebody else's then
                assertThatThrownBy(() -> open(Path.of("/root"))).isInstanceOf(StoreException.class);
                return;
            }
            fill();
            for (Path path : List.of(directory, web.resolve("v0001"), web.resolve("labels.jsonl"))) {
                Files.setAttribute(path, "unix:uid", 65534);
                assertThatThrownBy(DirectoryCredentialStoreTest.this::useAll)
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("chown -R root " + path);
                Files.setAttribute(path, "unix:uid", 0);
            }
            useAll();
        }

        @Test
        void linkInside_refused() throws IOException {
            fill();
            Files.move(web.resolve("v0001"), temporary.resolve("elsewhere"));
            Files.createSymbolicLink(web.resolve("v0001"), temporary.resolve("elsewhere"));
            assertThatThrownBy(DirectoryCredentialStoreTest.this::useAll).isInstanceOf(StoreException.class);
        }
    }

    @Nested
    class Damage {
        private void assertDamaged(Path file) {
            assertThatThrownBy(DirectoryCredentialStoreTest.this::useAll)
                    .as(file.toString())
                    .isInstanceOf(StoreDamagedException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageNotContaining(SECRET)
                    .hasMessageNotContaining("the password");
        }

        @Test
        void anyFlippedByte_isDamageAndNotAWrongSecret() throws IOException {
            fill();
            for (String name : List.of(
                    "store.json",
                    "credentials-1/web/labels.jsonl",
                    "credentials-1/web/password-0001",
                    "credentials-1/web/v0001")) {
                Path file = directory.resolve(name);
                byte[] whole = Files.readAllBytes(file);
                int stride = name.equals("store.json") ? 1 : 7;
                for (int i = 0; i < whole.length; i += stride) {
                    byte[] damaged = whole.clone();
                    damaged[i] ^= 0x01;
                    if (isOnlyBase64Slack(whole, damaged)) {
                        continue;
                    }
                    Files.write(file, damaged);
                    assertDamaged(file);
                }
                Files.write(file, whole);
            }
            useAll();
        }

        /** The last digit of base64 can have bits that nobody reads. */
        private boolean isOnlyBase64Slack(byte[] whole, byte[] damaged) {
            String a = new String(whole, StandardCharsets.ISO_8859_1);
            String b = new String(damaged, StandardCharsets.ISO_8859_1);
            return (a.contains("\"encrypted\"") || a.contains("\"hmac\"") || a.startsWith("-----BEGIN"))
                    && decoded(a).equals(decoded(b));
        }

        /** Every run of base64, decoded; a key file's lines are one run. What is not base64 stands for itself. */
        private List<String> decoded(String file) {
            String joined = file.replaceAll("(?<=[A-Za-z0-9+/])\n(?=[A-Za-z0-9+/])", "");
            List<String> parts = new ArrayList<>();
            for (String run : joined.split("[\"\n]", -1)) {
                try {
                    parts.add(new String(Base64.getDecoder().decode(run), StandardCharsets.ISO_8859_1));
                } catch (IllegalArgumentException e) {
                    parts.add(run);
                }
            }
            return parts;
        }

        @Test
        void cutOrEmptyFile_isDamage() throws IOException {
            fill();
            for (String name : List.of(
                    "store.json",
                    "credentials-1/web/labels.jsonl",
                    "credentials-1/web/v0001",
                    "credentials-1/web/password-0001")) {
                Path file = directory.resolve(name);
                byte[] whole = Files.readAllBytes(file);
                for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
                    boolean onlyLineFeedIsGone = name.endsWith("password-0001") && length == whole.length - 1;
                    Files.write(file, java.util.Arrays.copyOf(whole, length));
                    if (onlyLineFeedIsGone) {
                        useAll();
                    } else {
                        assertDamaged(file);
                    }
                }
                Files.write(file, whole);
            }
        }

        @Test
        void missingFile_isDamage() throws IOException {
            fill();
            for (String name : List.of(
                    "store.json",
                    "credentials-1/web/labels.jsonl",
                    "credentials-1/web/v0001",
                    "credentials-1/web/password-0001")) {
                Path file = directory.resolve(name);
                byte[] whole = Files.readAllBytes(file);
                Files.delete(file);
                assertDamaged(file);
                assertThat(Files.exists(file)).isFalse();
                Files.write(file, whole);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            }
            useAll();
        }

        @Test
        void filesOfAnotherCredentialOrVersion_areDamage() throws IOException {
            fill();
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("db");
                    Passphrase password = secret("the password of db")) {
                store.importKey(lease, key(3));
                store.putPassword(lease, password);
            }
            Path db = directory.resolve("credentials-1/db");
            Map<String, Path> swaps = new TreeMap<>(Map.of(
                    "labels.jsonl", db.resolve("labels.jsonl"),
                    "v0001", web.resolve("v0002"),
                    "v0002", db.resolve("v0001"),
                    "password-0001", db.resolve("password-0001")));
            for (Map.Entry<String, Path> swap : swaps.entrySet()) {
                Path file = web.resolve(swap.getKey());
                byte[] whole = Files.readAllBytes(file);
                Files.write(file, Files.readAllBytes(swap.getValue()));
                assertDamaged(file);
                Files.write(file, whole);
            }
        }

        @Test
        void oneDamagedCredential_doesNotHideTheOthers() throws IOException {
            fill();
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("db")) {
                store.importKey(lease, key(3));
            }
            Files.writeString(web.resolve("labels.jsonl"), "x");
            try (DirectoryCredentialStore store = open(directory)) {
                assertThat(store.list()).containsExactly("db", "web");
                assertThat(store.find("db")).isPresent();
                assertThatThrownBy(() -> store.find("web")).isInstanceOf(StoreDamagedException.class);
                assertThatThrownBy(() -> store.lease("web")).isInstanceOf(StoreDamagedException.class);
                // the failed lease has not kept the lock
                assertThatThrownBy(() -> store.lease("web")).isInstanceOf(StoreDamagedException.class);
            }
        }

        @Test
        void lostFence_goesOnFromTheLabels() throws IOException {
            fill();
            long before;
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("web")) {
                store.importKey(lease, key(3));
                before = lease.fence();
            }
            Files.delete(web.resolve("fence.json"));
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("web")) {
                assertThat(lease.fence()).isEqualTo(before + 1);
            }
        }

        @Test
        void changedFence_isDamage() throws IOException {
            fill();
            Path file = web.resolve("fence.json");
            String content = Files.readString(file);
            for (String bad : List.of("", "{}", content.replace("\"fence\":1", "\"fence\":2"), content + content)) {
                Files.writeString(file, bad);
                try (DirectoryCredentialStore store = open(directory)) {
                    assertThatThrownBy(() -> store.lease("web"))
                            .isInstanceOf(StoreDamagedException.class)
                            .hasMessageContaining(file.toString());
                }
            }
        }

        @Test
        void labelsOfAnOldBackup_neverCostAKey() throws IOException {
            fill();
            byte[] old = Files.readAllBytes(web.resolve("labels.jsonl"));
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("web")) {
                store.stage(lease, "r1", key(3));
                store.promote(lease, 3);
            }
            byte[] live = Files.readAllBytes(web.resolve("v0003"));
            Files.write(web.resolve("labels.jsonl"), old);
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("web")) {
                assertThat(store.stage(lease, "r2", key(4)).number()).isEqualTo(4);
                assertThat(web.resolve("v0003")).hasBinaryContent(live);
            }
            try (DirectoryCredentialStore store = open(directory);
                    Passphrase next = secret("another")) {
                store.changeSecret(next);
            }
            try (Passphrase next = secret("another");
                    SshKeyPair found =
                            KeyReader.of().withPassphrase(next).read(directory.resolve("credentials-2/web/v0003"))) {
                assertThat(found.publicKey()).isEqualTo(key(3).publicKey());
            }
        }
    }

    @Nested
    class Destroy {
        @Test
        void privateFile_isGoneAndThePublicOneStays() {
            fill();
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("web")) {
                store.recordDevices(lease, Map.of("web-1", Set.of(2)));
                store.destroy(lease, 1);
                assertThat(web.resolve("v0001")).doesNotExist();
                assertThat(web.resolve("v0001.pub")).exists();
                assertThat(store.importKey(lease, key(3)).number()).isEqualTo(3);
            }
        }

        @Test
        void replacedPassword_isGone() {
            fill();
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("web");
                    Passphrase next = secret("the next password")) {
                store.putPassword(lease, next);
            }
            assertThat(web.resolve("password-0001")).doesNotExist();
            assertThat(web.resolve("password-0002")).exists();
        }
    }

    @Nested
    class Size {
        @Test
        void hundredThousandDevices_fit() {
            Map<String, Set<Integer>> devices = new TreeMap<>();
            for (int i = 0; i < 100_000; i++) {
                devices.put("device-" + i, i % 3 == 0 ? Set.of(1) : Set.of(1, 2));
            }
            fill();
            try (DirectoryCredentialStore store = open(directory);
                    Lease lease = store.lease("web")) {
                store.recordDevices(lease, devices);
                for (int i = 0; i < 10_000; i++) {
                    lease.requireValid(); // asked for each device: does not read the labels
                }
                store.recordDevices(lease, Map.of("device-7", Set.of(2)));
                Map<String, Set<Integer>> seen = store.find("web").orElseThrow().mayAccept();
                devices.put("device-7", Set.of(2));
                devices.put("web-1", Set.of(1, 2));
                assertThat(seen).isEqualTo(devices);
            }
        }
    }

    @Nested
    class Expose {
        @Test
        void exposeSecret_isTheOnlyMethodThatHandsOutASecret() {
            for (Class<?> type : List.of(CredentialStore.class, DirectoryCredentialStore.class)) {
                assertThat(Arrays.stream(type.getMethods())
                                .filter(method -> method.getDeclaringClass() != Object.class)
                                .filter(Expose::handsOutASecret)
                                .map(Method::getName))
                        .as("what %s hands out", type.getSimpleName())
                        .containsOnly("exposeSecret");
            }
        }

        /** A text, a number, or a record of public things is none. */
        private static boolean handsOutASecret(Method method) {
            String type = method.getGenericReturnType().getTypeName();
            return Stream.of("SshKeyPair", "Passphrase", "SecretBytes", "byte", "char")
                            .anyMatch(type::contains)
                    || AutoCloseable.class.equals(method.getReturnType());
        }
    }
}
