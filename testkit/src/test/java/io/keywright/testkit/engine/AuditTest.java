package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.EcdsaCurve;
import io.keywright.Fingerprint;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationException;
import io.keywright.rotation.audit.Audit;
import io.keywright.rotation.audit.AuditReport;
import io.keywright.rotation.audit.AuditResult;
import io.keywright.rotation.audit.AuditSummary;
import io.keywright.rotation.audit.AuditedKey;
import io.keywright.rotation.audit.Finding;
import io.keywright.rotation.audit.ListedKeys;
import io.keywright.testkit.rotation.InMemoryCredentialStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTest {
    private static final long SEED = 29;

    private final World world = new World(SEED, 3);

    private static SshPublicKey key(SshKeyPairGenerator generator) {
        try (SshKeyPair pair = generator.withComment("somebody").generate()) {
            return pair.publicKey();
        }
    }

    private AuditReport audit(UnaryOperator<Audit> settings, Credential... credentials) {
        try (RotationEngine engine = world.engine()) {
            Audit audit = Audit.of(engine, world.store).withClock(world.fleet.clock());
            return settings.apply(audit)
                    .report(credentials.length == 0 ? List.of(world.credential()) : List.of(credentials));
        }
    }

    private AuditReport audit() {
        return audit(audit -> audit);
    }

    private static AuditResult.Account account(AuditReport report, String device) {
        return report.results().stream()
                .filter(AuditResult.Account.class::isInstance)
                .map(AuditResult.Account.class::cast)
                .filter(account -> account.device().equals(device))
                .findFirst()
                .orElseThrow();
    }

    /** Gives web-1 a file of its own, and returns what is found on its lines. */
    private List<AuditedKey> keysOf(String text) {
        world.account("web-1").writeAuthorizedKeys(world.oldKey.toLine() + "\n" + text);
        List<AuditedKey> keys = account(audit(), "web-1").keys();
        return keys.subList(1, keys.size());
    }

    /** A credential of web-2 alone, whose key is there. */
    private Credential second() {
        world.account("web-2").authorize(world.importKey("second", SEED + 2));
        return Credential.of("second", World.USER, List.of(Device.of("web-2", "web-2", 22)));
    }

    private static boolean isWiped(SshKeyPair pair) {
        try {
            pair.copy().close();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    @Nested
    class Secrets {
        @Test
        void report_afterwards_everyKeyIsWiped() {
            audit(audit -> audit, world.credential(), second());
            assertThat(world.opened).isNotEmpty().allMatch(AuditTest::isWiped);
        }

        @Test
        void run_nextCredential_beginsWhenTheKeysOfTheOneBeforeAreWiped() {
            List<Boolean> wiped = new ArrayList<>();
            Credential other = Credential.of("other", World.USER, List.of(Device.of("web-9", "web-3", 2222)));
            world.importKey("other", SEED + 3);
            try (RotationEngine engine = world.engine()) {
                Audit.of(engine, world.store)
                        .withClock(world.fleet.clock())
                        .run(List.of(world.credential(), other), result -> {
                            if (result instanceof AuditResult.Unread) {
                                wiped.add(isWiped(world.opened.get(0)));
                            }
                        });
            }
            assertThat(wiped).containsExactly(true);
        }

        @Test
        void run_theCallerFailsOnAResult_everyKeyIsWipedAllTheSame() {
            try (RotationEngine engine = world.engine()) {
                Audit audit = Audit.of(engine, world.store).withClock(world.fleet.clock());
                assertThatThrownBy(() -> audit.run(List.of(world.credential()), result -> {
                            throw new IllegalStateException("the caller's own");
                        }))
                        .hasMessage("the caller's own");
                assertThat(world.opened).isNotEmpty().allMatch(AuditTest::isWiped);
            }
        }
    }

    @Nested
    class Order {
        @Test
        void report_results_areSortedByCredentialAndDeviceAndSharedKeysAreLast() {
            world.fleet.device("web-2").goDown();
            SshPublicKey stranger = key(SshKeyPairGenerator.ed25519());
            world.account("web-1").authorize(stranger);
            world.account("web-3").authorize(stranger);
            assertThat(audit().results())
                    .extracting(result -> result.getClass().getSimpleName())
                    .containsExactly("Account", "Unread", "Account", "SharedKey");
        }
    }

    @Nested
    class Keys {
        @Test
        void report_managedKey_namesCredentialAndVersion() {
            AuditedKey key = account(audit(), "web-1").keys().get(0);
            assertThat(key.owner()).hasValueSatisfying(owner -> {
                assertThat(owner.credential()).isEqualTo(World.NAME);
                assertThat(owner.version()).isEqualTo(1);
                assertThat(owner.label()).isEqualTo(KeyVersion.Label.CURRENT);
                assertThat(owner.lastRotated()).as("imported, never rotated").isEmpty();
            });
            assertThat(key.fingerprint()).isEqualTo(world.oldKey.fingerprint().toString());
            assertThat(key.file()).isEqualTo("/home/deploy/.ssh/authorized_keys");
            assertThat(key.line()).isEqualTo(3);
            assertThat(key.bits()).isEqualTo(256);
            assertThat(key.comment()).isEqualTo("first");
            assertThat(key.findings()).containsExactly(Finding.UNRESTRICTED);
        }

        @Test
        void report_afterARotation_saysWhenItWas() {
            world.rotate(world.credential());
            AuditedKey key = account(audit(), "web-1").keys().get(0);
            assertThat(key.owner().orElseThrow().version()).isEqualTo(2);
            assertThat(key.owner().orElseThrow().lastRotated())
                    .contains(world.state().current().orElseThrow().changed());
        }

        @Test
        void report_previousKeyInAFile_isOutdated() {
            world.rotate(world.credential());
            assertThat(keysOf("")).isEmpty();
            assertThat(account(audit(), "web-1").keys().get(0).findings()).contains(Finding.OUTDATED);
            assertThat(account(audit(), "web-1").findings()).containsExactly(Finding.MISSING);
        }

        @Test
        void report_twoCredentialsNameAnAccount_eachIsAskedForItsKey() {
            world.importKey("backup", SEED + 1);
            Credential backup =
                    Credential.of("backup", World.USER, world.credential().devices());
            AuditResult.Account account = account(audit(audit -> audit, world.credential(), backup), "web-1");
            assertThat(account.findings()).containsExactly(Finding.MISSING);
            assertThat(account.warnings()).singleElement().asString().contains("backup");
        }

        @Test
        void report_destroyedKeyInAFile_isAnAlarm() {
            world.rotate(world.credential());
            world.fleet.clock().advance(Duration.ofDays(2));
            world.resume(world.credential());
            world.account("web-1").writeAuthorizedKeys(world.current().toLine() + "\n" + world.oldKey.toLine() + "\n");
            AuditReport report = audit();
            assertThat(account(report, "web-1").keys().get(1).findings()).contains(Finding.DESTROYED);
            assertThat(report.summary().isClean()).isFalse();
        }

        @Test
        void report_keyOfNobody_isUnknown() {
            assertThat(keysOf(
                            key(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256)).toLine() + "\n"))
                    .singleElement()
                    .satisfies(key -> {
                        assertThat(key.owner()).isEmpty();
                        assertThat(key.findings()).containsExactly(Finding.UNKNOWN, Finding.UNRESTRICTED);
                    });
        }

        @Test
        void report_olderThanTheInterval_isOverdue() {
            world.fleet.clock().advance(Duration.ofDays(90));
            assertThat(account(audit(), "web-1").keys().get(0).findings()).doesNotContain(Finding.OVERDUE);
            world.fleet.clock().advance(Duration.ofSeconds(1));
            assertThat(account(audit(), "web-1").keys().get(0).findings()).contains(Finding.OVERDUE);
        }

        @Test
        void report_certificateAuthority_isNobodysKey() {
            assertThat(keysOf("cert-authority " + world.oldKey.toLine() + "\n"))
                    .singleElement()
                    .satisfies(key -> {
                        assertThat(key.owner()).isEmpty();
                        assertThat(key.findings())
                                .contains(Finding.CERT_AUTHORITY)
                                .doesNotContain(Finding.UNKNOWN);
                    });
        }
    }

    @Nested
    class Managed {
        private AuditResult.Account withFirstLine(String line) {
            world.account("web-1").writeAuthorizedKeys(line + "\n" + world.oldKey.toLine() + "\n");
            return account(audit(), "web-1");
        }

        @Test
        void report_fileOfAConfigurationManagement_isNotedWithItsName() {
            AuditResult.Account account = withFirstLine("# Ansible managed: do not edit");
            assertThat(account.findings()).containsExactly(Finding.MANAGED);
            assertThat(account.warnings())
                    .containsExactly(
                            "/home/deploy/.ssh/authorized_keys is written by Ansible, too: it may bring back what"
                                    + " is removed");
            assertThat(account.toJson()).contains("\"findings\":[\"managed\"]");
        }

        @Test
        void report_fileOfAConfigurationManagementWithoutOurKey_isBoth() {
            world.rotate(world.credential());
            assertThat(withFirstLine("# This file is managed by Puppet").findings())
                    .containsExactly(Finding.MISSING, Finding.MANAGED);
        }

        @Test
        void report_fileThatPeopleKeep_isNotManaged() {
            AuditResult.Account account = withFirstLine("# managed by hand; ask the basalt team");
            assertThat(account.findings()).isEmpty();
            assertThat(account.warnings()).isEmpty();
        }

        @Test
        void report_managedFile_isCountedOnceAnAccount() {
            withFirstLine("# Ansible managed\n# and by Puppet");
            assertThat(audit().summary().findings()).containsEntry(Finding.MANAGED, 1L);
        }
    }

    @Nested
    class Weak {
        @Test
        void report_dsaKey_isAnAlarm() throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("DSA");
            generator.initialize(1024);
            SshPublicKey dsa = SshPublicKey.of(generator.generateKeyPair().getPublic());
            assertThat(keysOf(dsa.toLine() + "\n")).singleElement().satisfies(key -> {
                assertThat(key.algorithm()).isEqualTo("ssh-dss");
                assertThat(key.bits()).isEqualTo(1024);
                assertThat(key.findings()).contains(Finding.DSA, Finding.UNKNOWN);
            });
            assertThat(audit().summary().isClean()).isFalse();
        }

        @Test
        void report_rsaOfSeveralSizes_isJudgedByTheLevels() {
            String lines = key(SshKeyPairGenerator.rsa(2048)).toLine() + "\n"
                    + key(SshKeyPairGenerator.rsa(3072)).toLine() + "\n";
            world.account("web-1").writeAuthorizedKeys(world.oldKey.toLine() + "\n" + lines);
            assertThat(rsaFindings(audit())).containsExactly(Optional.of(Finding.RSA_SHORT), Optional.empty());
            assertThat(rsaFindings(audit(audit -> audit.withRsaBits(3072, 4096))))
                    .containsExactly(Optional.of(Finding.RSA_TOO_SHORT), Optional.of(Finding.RSA_SHORT));
        }

        private static List<Optional<Finding>> rsaFindings(AuditReport report) {
            return account(report, "web-1").keys().stream()
                    .filter(key -> key.algorithm().equals("ssh-rsa"))
                    .map(key -> key.findings().stream()
                            .filter(finding -> finding.name().startsWith("RSA"))
                            .findFirst())
                    .toList();
        }

        @Test
        void report_listedKey_isAnAlarm(@TempDir Path folder) throws IOException {
            Path list = Files.writeString(
                    folder.resolve("blacklist.RSA-2048"), world.oldKey.fingerprint(Fingerprint.Hash.MD5) + "\n");
            ListedKeys listed = ListedKeys.NONE.with(list);
            AuditReport report = audit(audit -> audit.withListedKeys(listed));
            assertThat(account(report, "web-1").keys().get(0).findings()).contains(Finding.LISTED);
            assertThat(report.summary().isClean()).isFalse();
        }

        @Test
        void report_keyThatCannotBeDecoded_isUnusable() {
            assertThat(keysOf("ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB broken\n"))
                    .singleElement()
                    .satisfies(key -> {
                        assertThat(key.bits()).isZero();
                        assertThat(key.findings()).contains(Finding.UNUSABLE);
                    });
        }

        @Test
        void withRsaBits_advisedBelowRequired_isRefused() {
            assertThatThrownBy(() -> audit(audit -> audit.withRsaBits(3072, 2048)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Lines {
        private final String other = key(SshKeyPairGenerator.ed25519()).toLine();

        @Test
        void report_expiryInThePast_isExpired() {
            AuditedKey key = keysOf("expiry-time=\"20260101Z\" " + other + "\n").get(0);
            assertThat(key.findings()).contains(Finding.EXPIRED).doesNotContain(Finding.UNRESTRICTED);
            assertThat(key.expires()).isPresent();
        }

        @Test
        void report_expiryToCome_isNotExpired() {
            assertThat(keysOf("expiry-time=\"20270101Z\" " + other + "\n")
                            .get(0)
                            .findings())
                    .containsExactly(Finding.UNKNOWN);
        }

        @Test
        void report_restrictedLine_isNotUnrestricted() {
            for (String options : List.of("restrict", "from=\"10.0.0.0/8\"", "command=\"uptime\"", "no-pty")) {
                assertThat(keysOf(options + " " + other + "\n").get(0).findings())
                        .as(options)
                        .containsExactly(Finding.UNKNOWN);
            }
        }

        @Test
        void report_sameKeyTwice_isDuplicatedOnBothLines() {
            assertThat(keysOf(other + "\nno-pty " + other + "\n"))
                    .hasSize(2)
                    .allSatisfy(key -> assertThat(key.findings()).contains(Finding.DUPLICATED));
        }

        @Test
        void report_unknownOption_isUnusable() {
            assertThat(keysOf("frobnicate " + other + "\n").get(0).findings()).contains(Finding.UNUSABLE);
        }

        @Test
        void report_lineThatIsNoKey_isAWarningWithoutItsText() {
            world.account("web-1").writeAuthorizedKeys(world.oldKey.toLine() + "\nssh-ed25519 hunter2!\n");
            assertThat(account(audit(), "web-1").warnings())
                    .singleElement()
                    .asString()
                    .contains("authorized_keys:2")
                    .doesNotContain("hunter2");
        }
    }

    @Nested
    class Sharing {
        private final SshPublicKey contractor = key(SshKeyPairGenerator.ed25519());

        private List<AuditResult.SharedKey> shared(AuditReport report) {
            return report.results().stream()
                    .filter(AuditResult.SharedKey.class::isInstance)
                    .map(AuditResult.SharedKey.class::cast)
                    .toList();
        }

        @Test
        void report_credentialsKeyOnItsOwnDevices_isNotShared() {
            assertThat(shared(audit())).isEmpty();
        }

        @Test
        void report_unknownKeyOnTwoAccounts_namesBoth() {
            for (String device : List.of("web-1", "web-3")) {
                world.account(device).writeAuthorizedKeys(world.oldKey.toLine() + "\n" + contractor.toLine() + "\n");
            }
            AuditReport report = audit();
            assertThat(shared(report)).singleElement().satisfies(key -> {
                assertThat(key.count()).isEqualTo(2);
                assertThat(key.accounts()).hasSize(2);
                assertThat(key.fingerprint()).isEqualTo(contractor.fingerprint().toString());
            });
            assertThat(report.summary().findings()).containsEntry(Finding.SHARED, 1L);
        }

        @Test
        void report_credentialsKeyOnAnAccountOfAnother_isElsewhereAndShared() {
            try (SshKeyPair second = SshKeyPairGenerator.ed25519().generate();
                    CredentialStore.Lease lease = world.store.lease("second")) {
                world.store.importKey(lease, second);
                world.account("web-1")
                        .writeAuthorizedKeys(second.publicKey().toLine() + "\n" + world.oldKey.toLine() + "\n");
            }
            List<Device> devices = world.credential().devices();
            Device first = devices.stream()
                    .filter(device -> device.id().equals("web-1"))
                    .findFirst()
                    .orElseThrow();
            Credential mine = Credential.of(
                    World.NAME,
                    World.USER,
                    devices.stream().filter(device -> !device.equals(first)).toList());
            Credential second = Credential.of("second", World.USER, List.of(first));
            AuditReport report = audit(audit -> audit, mine, second);
            assertThat(account(report, "web-1").keys().get(1).findings()).contains(Finding.ELSEWHERE);
            assertThat(shared(report))
                    .singleElement()
                    .satisfies(key -> assertThat(key.count()).isEqualTo(3));
        }

        @Test
        void report_twoCredentialsOfOneAccount_readItOnce() {
            try (CredentialStore.Lease lease = world.store.lease("second");
                    SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                world.store.importKey(lease, pair);
            }
            Credential second =
                    Credential.of("second", World.USER, world.credential().devices());
            assertThat(audit(audit -> audit, world.credential(), second)
                            .summary()
                            .accounts())
                    .isEqualTo(3);
        }
    }

    @Nested
    class Devices {
        @Test
        void report_deviceDown_isAResultOfItsOwn() {
            world.fleet.device("web-2").goDown();
            AuditReport report = audit();
            assertThat(report.results()).hasSize(3);
            assertThat(report.results().stream()
                            .filter(AuditResult.Unread.class::isInstance)
                            .map(AuditResult.Unread.class::cast))
                    .singleElement()
                    .satisfies(unread -> {
                        assertThat(unread.device()).isEqualTo("web-2");
                        assertThat(unread.failure().kind()).isEqualTo(DeviceFailure.Kind.UNREACHABLE);
                    });
            assertThat(report.summary().unread()).isEqualTo(1);
            assertThat(report.summary().isClean()).isFalse();
            assertThat(report.toText()).contains("NOT READ", "web-2", "not read: 1");
        }

        @Test
        void report_credentialWithoutAKey_isRefused() {
            InMemoryCredentialStore empty = new InMemoryCredentialStore(world.fleet.clock());
            try (RotationEngine engine = world.builder().store(empty).build()) {
                Audit audit = Audit.of(engine, empty);
                List<Credential> credentials = List.of(world.credential());
                assertThatThrownBy(() -> audit.report(credentials)).isInstanceOf(RotationException.class);
            }
        }

        @Test
        void run_manyAtOnce_reportsEachOnce() throws InterruptedException {
            World large = new World(SEED, 40);
            ExecutorService executor = Executors.newFixedThreadPool(8);
            List<AuditResult> results = new ArrayList<>();
            AuditSummary summary;
            try (RotationEngine engine = large.engine()) {
                summary = Audit.of(engine, large.store)
                        .withClock(large.fleet.clock())
                        .withExecutor(executor, 8)
                        .run(List.of(large.credential()), results::add);
            } finally {
                executor.shutdown();
                assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(summary.accounts()).isEqualTo(40);
            assertThat(results).hasSize(40);
            assertThat(results.stream().map(result -> ((AuditResult.Account) result).device()))
                    .doesNotHaveDuplicates();
            assertThat(summary.keys())
                    .isEqualTo(results.stream()
                            .mapToLong(result ->
                                    ((AuditResult.Account) result).keys().size())
                            .sum());
        }

        @Test
        void run_consumerThatThrows_endsTheAudit() {
            try (RotationEngine engine = world.engine()) {
                Audit audit = Audit.of(engine, world.store);
                List<Credential> credentials = List.of(world.credential());
                assertThatThrownBy(() -> audit.run(credentials, result -> {
                            throw new IllegalStateException("full");
                        }))
                        .hasMessage("full");
            }
        }

        @Test
        void run_nothing_changesNothing() {
            byte[] before = world.account("web-1").authorizedKeys();
            audit();
            assertThat(world.account("web-1").authorizedKeys()).isEqualTo(before);
            assertThat(world.account("web-1").files().list(".ssh")).containsExactly("authorized_keys");
        }
    }

    @Nested
    class Forms {
        @Test
        void toText_commentThatMovesTheCursor_isEscaped() {
            world.account("web-1")
                    .writeAuthorizedKeys(world.oldKey.toLine() + "\n"
                            + key(SshKeyPairGenerator.ed25519()).toLine() + "\u001b[2J\u202e\n");
            String text = audit().toText();
            assertThat(text).contains("somebody\\u{1b}[2J\\u{202e}").doesNotContain("\u001b", "\u202e");
            assertThat(text).contains("account", "fingerprint", "deploy-prod v1 current", "unknown", "never");
        }

        @Test
        void toJson_everyResult_isAnObject() {
            world.fleet.device("web-2").goDown();
            AuditReport report = audit();
            assertThat(report.toJson())
                    .contains("\"clean\" : false", "\"result\" : \"unread\"", "\"unrestricted\"", "\"lastRotated\"");
            assertThat(report.results())
                    .allSatisfy(result -> assertThat(result.toJson())
                            .startsWith("{\"result\":")
                            .endsWith("}")
                            .doesNotContain("\n"));
        }
    }
}
