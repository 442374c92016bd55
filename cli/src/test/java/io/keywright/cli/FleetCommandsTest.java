package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.format.KeyReader;
import io.keywright.rotation.DirectoryCredentialStore;
import io.keywright.rotation.FileRotationJournal;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationReport;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KnownHosts;
import io.keywright.transport.sshd.SshdTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about a fleet, against SSH servers in this process. */
@Tag("once")
class FleetCommandsTest {
    @TempDir
    Path folder;

    private TestFleet fleet;

    @BeforeEach
    void start() throws IOException {
        fleet = new TestFleet(folder, 2);
    }

    @AfterEach
    void stop() {
        fleet.close();
    }

    private void install() {
        fleet.makeCheapStore();
        fleet.keywright("install", "--password-file", fleet.password).quietly();
    }

    private String fingerprint() throws IOException {
        JsonNode versions = fleet.keywright("status", "--json").quietly().json().get("versions");
        for (JsonNode version : versions) {
            if (version.get("label").asText().equals("current")) {
                return version.get("fingerprint").asText();
            }
        }
        throw new AssertionError("no current version");
    }

    @Nested
    class WholeLife {
        @BeforeEach
        void makeStore() {
            fleet.makeCheapStore();
        }

        @Test
        void installVerifyRotateStatusRemove_text() throws IOException {
            assertThat(fleet.keywright("install", "--password-file", fleet.password)
                            .quietly()
                            .out()
                            .lines())
                    .hasSize(3)
                    .anyMatch(line -> line.startsWith("web-1 ")
                            && line.contains(" accepted ")
                            && line.contains("/.ssh/authorized_keys by sftp, atomic, durable ")
                            && line.endsWith("ok"));
            String before = fleet.authorizedKeys(1);
            assertThat(before).startsWith("ssh-ed25519 ").endsWith(" deploy-prod\n");
            assertThat(fleet.keywright("verify").quietly().out()).contains("web-1", "web-2", "accepted");
            assertThat(fleet.keywright("plan").quietly().out()).contains("web-1", "ready");

            Cli.Result rotated = fleet.keywright("rotate").done();

            assertThat(rotated.out()).contains("old key", "new key", "web-1", "web-2", "done", "refused");
            assertThat(rotated.err())
                    .startsWith("looking at 2 devices\nrotating deploy-prod on 2 devices\n")
                    .contains("web-1 accepts the new key (1/2)\n", "web-2 refuses the old key (2/2)\n");
            assertThat(fleet.authorizedKeys(1)).isNotEqualTo(before).hasLineCount(1);
            assertThat(fleet.authorizedKeys(2)).isEqualTo(fleet.authorizedKeys(1));
            assertThat(fleet.keywright("status").quietly().out())
                    .contains("version 1", "previous", "version 2", "current");
            assertThat(fleet.keywright("verify").quietly().out()).contains("accepted");

            Cli.run("generate", "--out", folder.resolve("other")).quietly();
            String other = Files.readString(folder.resolve("other.pub"));
            for (int i = 1; i <= 2; i++) {
                Files.writeString(fleet.server(i).authorizedKeysFile(), other + fleet.authorizedKeys(i));
            }
            assertThat(fleet.keywright("remove").quietly().out())
                    .contains("refused", "/.ssh/authorized_keys by sftp, atomic, durable", "ok");
            assertThat(fleet.authorizedKeys(1)).isEqualTo(other);
            assertThat(fleet.keywright("verify").exitCode()).isEqualTo(Keywright.FAILED);
        }

        @Test
        void installVerifyRotateStatusRemove_json() throws IOException {
            JsonNode installed = fleet.keywright("install", "--password-file", fleet.password, "--json")
                    .quietly()
                    .json();
            assertThat(installed.get("success").asBoolean()).isTrue();
            assertThat(installed.get("devices")).hasSize(2);
            assertThat(installed.get("devices").get(0).get("id").asText()).isEqualTo("web-1");
            assertThat(installed.get("devices").get(0).get("accepted").asText()).isEqualTo("accepted");
            assertThat(installed
                            .get("devices")
                            .get(0)
                            .get("edits")
                            .get(0)
                            .get("changed")
                            .asBoolean())
                    .isTrue();
            String old = installed.get("devices").get(0).get("fingerprint").asText();
            assertThat(fingerprint()).isEqualTo(old);

            JsonNode plan = fleet.keywright("plan", "--json").quietly().json();
            assertThat(plan.get("clear").asBoolean()).isTrue();
            assertThat(plan.get("currentKey").asText()).isEqualTo(old);

            JsonNode report = fleet.keywright("rotate", "--json").done().json();
            assertThat(report.get("success").asBoolean()).isTrue();
            assertThat(report.get("oldKey").asText()).isEqualTo(old);
            assertThat(report.get("newKey").asText()).isEqualTo(fingerprint()).isNotEqualTo(old);
            assertThat(report.get("devices")).hasSize(2).allSatisfy(device -> {
                assertThat(device.get("outcome").asText()).isEqualTo("done");
                assertThat(device.get("proof").get("oldBefore").asText()).isEqualTo("accepted");
                assertThat(device.get("proof").get("oldAfter").asText()).isEqualTo("refused");
                assertThat(device.get("proof").get("newAfter").asText()).isEqualTo("accepted");
            });

            JsonNode status = fleet.keywright("status", "--json").quietly().json();
            assertThat(status.get("versions")).hasSize(2);
            assertThat(status.get("latestRotation").get("newKey").asText()).isEqualTo(fingerprint());

            JsonNode verified = fleet.keywright("verify", "--json").quietly().json();
            assertThat(verified.get("success").asBoolean()).isTrue();
        }

        @Test
        void rotate_parallelDevices_areDone() throws IOException {
            fleet.credential = fleet.credential("deploy-prod", "policy: { parallelism: 2, attempts: 1 }");
            install();

            assertThat(fleet.keywright("rotate", "--json")
                            .done()
                            .json()
                            .get("success")
                            .asBoolean())
                    .isTrue();
        }

        @Test
        void rotate_terminal_drawsABarForEachPhase() {
            install();

            Cli.Result result = Cli.shell().withBar(100).keywright(fleet.command("rotate"));

            assertThat(result.exitCode()).isZero();
            assertThat(result.err())
                    .contains("\r\u001b[Kexpand", "\r\u001b[Kcontract", "100%", "2/2", "version 2 is current")
                    .doesNotContain("accepts the new key");
            assertThat(result.out()).doesNotContain("\u001b");
        }
    }

    @Nested
    class Installing {
        @Test
        void install_oneDevice_leavesTheOtherAlone() {
            fleet.keywright("install", "--password-file", fleet.password, "--device", "web-2")
                    .quietly();

            assertThat(fleet.server(1).authorizedKeysFile()).doesNotExist();
            assertThat(fleet.server(2).authorizedKeysFile()).isNotEmptyFile();
        }

        @Test
        void install_unknownDevice_isWrongUsageThatListsAll() {
            assertThat(fleet.keywright("install", "--device", "web-9").usageError())
                    .contains("no device web-9, only web-1, web-2");
        }

        @Test
        void install_noPassword_failsOnEachDevice() throws IOException {
            Cli.Result result = fleet.keywright("install", "--json");

            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.json().get("success").asBoolean()).isFalse();
            assertThat(result.json().get("devices"))
                    .hasSize(2)
                    .allSatisfy(device -> assertThat(
                                    device.get("failure").get("kind").asText())
                            .isEqualTo("login-refused"));
        }

        @Test
        void install_wrongPassword_failsWithoutShowingIt() throws IOException {
            Path wrong = Cli.secret(folder, "wrong", "hunter2hunter2");

            Cli.Result result = fleet.keywright("install", "--password-file", wrong, "--device", "web-1");

            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.out() + result.err()).doesNotContain("hunter2");
        }

        @Test
        void install_passwordFromPersonAndSecretFromEnvironment_works() {
            Cli cli = Cli.shell().withPerson(TestFleet.PASSWORD).withVariable("STORE", TestFleet.STORE_SECRET);

            Cli.Result result = cli.keywright(
                    "install",
                    "--credential",
                    fleet.credential,
                    "--store",
                    fleet.store,
                    "--secret-env",
                    "STORE",
                    "--password-prompt");

            assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
            assertThat(cli.questions()).containsExactly("password of the remote account");
        }

        @Test
        void install_deviceDown_failsThereAndGoesOn() throws IOException {
            fleet.server(1).stop();

            Cli.Result result = fleet.keywright("install", "--password-file", fleet.password, "--json");

            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            JsonNode devices = result.json().get("devices");
            assertThat(devices.get(0).get("failure").get("kind").asText()).isEqualTo("unreachable");
            assertThat(devices.get(1).get("failure").isNull()).isTrue();
        }
    }

    @Nested
    class HostKeys {
        @Test
        void install_hostUnknown_sendsNoPasswordAndFails() throws IOException {
            Files.writeString(folder.resolve("known_hosts"), "");

            Cli.Result result = fleet.keywright("install", "--password-file", fleet.password, "--json");

            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.json()
                            .get("devices")
                            .get(0)
                            .get("failure")
                            .get("kind")
                            .asText())
                    .isEqualTo("host-key-unknown");
        }

        @Test
        void plan_noKnownHostsInTheFile_failsAndSaysHowToMakeThem() throws IOException {
            Path file = Cli.file(
                    folder, "c.yaml", "name: c\nuser: u\ndevices:\n  - { id: a, host: example.net, port: 2222 }\n");
            fleet.credential = file;

            assertThat(fleet.keywright("plan").failure())
                    .contains(
                            file + ":1:1: 'known-hosts' is missing",
                            "ssh-keyscan -p 2222 example.net",
                            "check the keys");
        }

        @Test
        void plan_knownHostsFileMissing_failsAndSaysHowToMakeIt() throws IOException {
            Files.delete(folder.resolve("known_hosts"));

            assertThat(fleet.keywright("plan").failure())
                    .contains(folder.resolve("known_hosts").toString(), "is missing", "ssh-keyscan", "check the keys");
        }
    }

    @Nested
    class Planning {
        @Test
        void plan_noKey_failsInOneLine() {
            assertThat(fleet.keywright("plan").failure()).contains("deploy-prod");
        }

        @Test
        void plan_deviceDown_isNotClearAndExitsWith1() throws IOException {
            install();
            fleet.server(2).stop();

            Cli.Result result = fleet.keywright("plan", "--json");

            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.err()).isEmpty();
            assertThat(result.json().get("clear").asBoolean()).isFalse();
            assertThat(result.json()
                            .get("devices")
                            .get(1)
                            .get("obstacle")
                            .get("kind")
                            .asText())
                    .isEqualTo("unreachable");
        }

        @Test
        void rotate_deviceDown_changesNothingAndSaysWhy() throws IOException {
            install();
            String before = fingerprint();
            fleet.server(2).stop();

            Cli.Result result = fleet.keywright("rotate");

            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.err()).contains("keywright: nothing was changed; in the way: web-2: ");
            assertThat(result.out()).isEmpty();
            assertThat(fingerprint()).isEqualTo(before);
        }

        @Test
        void rotate_readOnlyDevice_isTakenBackAndExitsWith1() throws IOException {
            install();
            String before = fingerprint();
            fleet.server(2).setReadOnly(true);

            Cli.Result result = fleet.keywright("rotate", "--json");

            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(fingerprint()).isEqualTo(before);
            assertThat(fleet.authorizedKeys(1)).hasLineCount(1);
            assertThat(fleet.keywright("verify").exitCode()).isZero();
        }
    }

    @Nested
    class Cancelling {
        @Test
        void cancel_nothingIsUnderWay_isDone() throws IOException {
            install();

            assertThat(fleet.keywright("cancel").quietly().out())
                    .isEqualTo("deploy-prod: there is no rotation to cancel\n");
        }

        @Test
        void cancel_theNewKeyIsCurrent_saysThatItCanOnlyGoForward() throws IOException {
            install();
            fleet.keywright("rotate").done();

            Cli.Result text = fleet.keywright("cancel");
            Cli.Result json = fleet.keywright("cancel", "--json");

            assertThat(text.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(text.out()).contains("only go forward");
            assertThat(json.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(json.json().get("meaning").asText()).contains("only go forward");
        }
    }

    @Nested
    class Resuming {
        @Test
        void resume_neverRotated_isDone() throws IOException {
            install();

            assertThat(fleet.keywright("resume").quietly().out())
                    .isEqualTo("deploy-prod was never rotated: there is nothing to resume\n");
            assertThat(fleet.keywright("resume", "--json")
                            .quietly()
                            .json()
                            .get("rotation")
                            .isNull())
                    .isTrue();
        }

        @Test
        void resume_afterRotation_saysHowItStands() throws IOException {
            install();
            fleet.keywright("rotate").done();

            Cli.Result result = fleet.keywright("resume", "--json").done();

            assertThat(result.json().get("success").asBoolean()).isTrue();
        }

        @Test
        void resume_severalCredentials_oneThatCannotBeResumedKeepsNoOtherFromIt() throws IOException {
            install();
            fleet.keywright("rotate").done();
            Path damaged = fleet.credential("damaged");
            Path never = fleet.credential("never");
            Path journal = fleet.store.resolve("journal");
            try (Stream<Path> files = Files.list(journal.resolve("deploy-prod"))) {
                Path file = files.filter(one -> one.toString().endsWith(".jsonl"))
                        .findFirst()
                        .orElseThrow();
                Path folder = Files.createDirectory(
                        journal.resolve("damaged"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                // A journal says whose it is.
                Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }

            Cli.Result result = fleet.keywright("resume", "--credential", never, damaged, "--json");

            assertThat(result.exitCode()).as(result.out()).isEqualTo(Keywright.FAILED);
            JsonNode all = result.json().get("credentials");
            assertThat(all.size()).isEqualTo(3);
            assertThat(all.at("/0/credential").asText()).isEqualTo("damaged");
            assertThat(all.at("/0/failure").asText()).contains("journal");
            assertThat(all.at("/1/report/outcome").asText()).isEqualTo("settling");
            assertThat(all.at("/1/failure").isNull()).isTrue();
            assertThat(all.at("/2/report").isNull()).isTrue();
            assertThat(all.at("/2/failure").isNull()).isTrue();
            assertThat(fleet.keywright("resume", "--credential", never, damaged).out())
                    .contains("damaged cannot be resumed: ")
                    .contains("done on every device")
                    .contains("never was never rotated: there is nothing to resume");
        }

        @Test
        void resume_quarantinedDevice_catchesUp() throws IOException {
            fleet.credential = fleet.credential("deploy-prod", "policy: { on-failure: quarantine, attempts: 1 }");
            install();
            fleet.server(2).stop();
            Cli.Result rotated = fleet.keywright("rotate", "--json");
            assertThat(rotated.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(rotated.json().get("devices").get(1).get("outcome").asText())
                    .isEqualTo("quarantined");
            assertThat(fleet.keywright("status", "--json")
                            .quietly()
                            .json()
                            .get("resumable")
                            .asBoolean())
                    .isTrue();
            fleet.server(2).restart();

            Cli.Result resumed = fleet.keywright("resume", "--json").done();

            assertThat(resumed.json().get("devices").get(1).get("outcome").asText())
                    .isEqualTo("done");
            assertThat(fleet.authorizedKeys(2)).isEqualTo(fleet.authorizedKeys(1));
        }
    }

    /** What nobody does every day. */
    @Nested
    class Mending {
        @Test
        void removeDevice_thatIsGone_isWaitedForNoMore() throws IOException {
            fleet.credential = fleet.credential("deploy-prod", "policy: { on-failure: quarantine, attempts: 1 }");
            install();
            fleet.server(2).stop();
            assertThat(fleet.keywright("rotate").exitCode()).isEqualTo(Keywright.FAILED);

            Cli.Result removed = fleet.keywright("remove-device", "--device", "web-2", "--reason", "sold, says Ann");

            assertThat(removed.quietly().out())
                    .contains("web-2 is removed from deploy-prod\n", "deploy-prod.yaml still lists it");
            JsonNode resumed = fleet.keywright("resume", "--json").done().json();
            assertThat(resumed.at("/devices/1/outcome").asText()).isEqualTo("removed");
            assertThat(resumed.toString()).contains("sold, says Ann");
            assertThat(fleet.keywright("remove-device", "--device", "web-9", "--reason", "typo")
                            .exitCode())
                    .isEqualTo(Keywright.FAILED);
        }

        @Test
        void reconcile_storeOfABackup_isUsableAgain() throws IOException {
            fleet.credential = fleet.credential("deploy-prod", "policy: { overlap: PT1H, attempts: 1 }");
            install();
            assertThat(fleet.keywright("reconcile").exitCode())
                    .as("there is nothing to reconcile with")
                    .isEqualTo(Keywright.FAILED);
            Path backup = folder.resolve("backup");
            copy(fleet.store.resolve("credentials-1/deploy-prod"), backup);
            fleet.keywright("rotate");
            copy(backup, fleet.store.resolve("credentials-1/deploy-prod"));
            assertThat(fleet.keywright("plan").out()).contains("reconcile it first");
            assertThat(fleet.keywright("rotate").err()).contains("reconcile it first");
            fleet.server(2).stop();

            Cli.Result unreachable = fleet.keywright("reconcile");
            fleet.server(2).restart();
            Cli.Result json = fleet.keywright("reconcile", "--json");

            assertThat(unreachable.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(unreachable.out())
                    .contains("web-1  accepts version 1", "web-2  could not be asked", "nothing was changed");
            assertThat(json.done().json().get("complete").asBoolean()).isTrue();
            assertThat(json.json().at("/devices/1/acceptedVersions/0").asInt()).isEqualTo(1);
            assertThat(fleet.keywright("rotate", "--json").json().get("outcome").asText())
                    .isEqualTo("overlapping");
        }

        private static void copy(Path from, Path to) throws IOException {
            Set<Path> kept = new TreeSet<>();
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.toList()) {
                    Path copy = to.resolve(from.relativize(file));
                    kept.add(copy);
                    if (!Files.isDirectory(copy)) {
                        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
            try (Stream<Path> files = Files.walk(to)) {
                for (Path file : files.filter(file -> !kept.contains(file)).toList()) {
                    Files.delete(file);
                }
            }
        }

        @Test
        void destroy_keptKey_onlyWhenTheRotationIsOver() throws IOException {
            install();
            for (int i = 1; i <= 2; i++) {
                Files.writeString(
                        fleet.server(i).authorizedKeysFile(), "# Ansible managed\n" + fleet.authorizedKeys(i));
            }
            fleet.keywright("rotate").done();
            assertThat(fleet.keywright("destroy", "--key-version", "1").err()).contains("is not finished: resume it");
            settle();

            assertThat(fleet.keywright("destroy", "--key-version", "2").exitCode())
                    .as("the current key")
                    .isEqualTo(Keywright.FAILED);
            assertThat(fleet.keywright("status").quietly().out()).contains("managed by Ansible");
            assertThat(fleet.keywright("destroy", "--key-version", "1")
                            .quietly()
                            .out())
                    .isEqualTo("version 1 of deploy-prod is destroyed\n");
            assertThat(fleet.keywright("status").quietly().out()).contains("destroyed");
        }

        /** Gives the second proof, a day and an hour later. */
        private void settle() throws IOException {
            CredentialFile file = CredentialFile.read(fleet.credential);
            try (Passphrase secret = Passphrase.of(TestFleet.STORE_SECRET.toCharArray());
                    RotationEngine engine = RotationEngine.builder()
                            .transport(SshdTransport.create())
                            .store(DirectoryCredentialStore.open(fleet.store, secret))
                            .journal(FileRotationJournal.open(fleet.store.resolve("journal")))
                            .hostKeys(HostKeyVerifier.strict(KnownHosts.read(folder.resolve("known_hosts"))))
                            .clock(Clock.offset(Clock.systemUTC(), Duration.ofHours(25)))
                            .build()) {
                assertThat(engine.resume(file.credential(), event -> {})
                                .orElseThrow()
                                .outcome())
                        .isEqualTo(RotationReport.Outcome.FINISHED);
            }
        }
    }

    @Nested
    class ImportingAndExporting {
        @Test
        void import_key_becomesCurrentAndIsExportedAgain() throws Exception {
            Path keySecret = Cli.secret(folder, "key-secret", "of the key");
            Path key = folder.resolve("mine");
            Cli.run(
                            "generate",
                            "--type",
                            "ecdsa-p256",
                            "--comment",
                            "mine",
                            "--out",
                            key,
                            "--new-passphrase-file",
                            keySecret)
                    .quietly();

            // The comment of an encrypted key is hidden until it is opened.
            String shown = Cli.run("fingerprint", folder.resolve("mine.pub")).out();

            Cli.Result imported = fleet.keywright("import", key, "--passphrase-file", keySecret)
                    .quietly();

            assertThat(imported.out()).isEqualTo("version 1 of deploy-prod is current: " + shown);
            Path fresh = Cli.secret(folder, "fresh", "for the way out");
            Path out = folder.resolve("exported");
            assertThat(fleet.keywright("export-private", "--new-passphrase-file", fresh, "--out", out)
                            .quietly()
                            .out())
                    .isEqualTo(shown);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
                    .isEqualTo("rw-------");
            assertThat(Tool.sshKeygen()
                            .run(folder, "-y", "-P", "for the way out", "-f", "exported")
                            .orFail())
                    .isEqualTo(Files.readString(folder.resolve("mine.pub")));
        }

        @Test
        void import_again_changesNothing() throws IOException {
            Path key = folder.resolve("mine");
            Cli.run("generate", "--out", key).quietly();

            fleet.keywright("import", key).quietly();
            JsonNode again = fleet.keywright("import", key, "--json").quietly().json();

            assertThat(again.get("version").asInt()).isEqualTo(1);
            assertThat(again.get("imported").asText()).isEqualTo("key");
            assertThat(again.get("credential").asText()).isEqualTo("deploy-prod");
        }

        @Test
        void import_password_opensConnectionsForAnotherCredential() throws IOException {
            Path deploy = fleet.credential("deploy-prod", "authenticate-with: bootstrap");
            fleet.credential = fleet.credential("bootstrap");
            assertThat(fleet.keywright("import", "--password-file", fleet.password)
                            .quietly()
                            .out())
                    .isEqualTo("the password of bootstrap is stored\n");
            fleet.credential = deploy;

            fleet.keywright("install").quietly();

            assertThat(fleet.keywright("verify").quietly().out()).contains("accepted");
        }

        @Test
        void import_nothingOrBoth_isWrongUsage() {
            assertThat(fleet.keywright("import").usageError()).contains("KEYFILE", "--password-file");
            assertThat(fleet.keywright("import", folder.resolve("k"), "--password-file", fleet.password)
                            .usageError())
                    .contains("KEYFILE");
        }

        @Test
        void import_publicKey_fails() {
            Cli.run("generate", "--out", folder.resolve("mine")).quietly();

            assertThat(fleet.keywright("import", folder.resolve("mine.pub")).failure())
                    .contains("public key");
        }

        @Test
        void export_noPassphrase_isWrongUsageAndWritesNothing() {
            install();
            Path out = folder.resolve("out");

            assertThat(fleet.keywright("export-private", "--out", out).usageError())
                    .contains("--new-passphrase-file");
            assertThat(out).doesNotExist();
        }

        @Test
        void export_noOut_isEncryptedOnStandardOutput() throws IOException {
            install();
            Path fresh = Cli.secret(folder, "fresh", "for the way out");

            Cli.Result result = fleet.keywright("export-private", "--new-passphrase-file", fresh)
                    .quietly();

            try (Passphrase passphrase = Passphrase.of("for the way out".toCharArray());
                    SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(result.bytes())) {
                assertThat(pair.publicKey().fingerprint()).hasToString(fingerprint());
            }
        }

        @Test
        void export_fileExists_failsBeforeAnythingIsOpened() throws IOException {
            Path out = Cli.file(folder, "out", "mine");

            assertThat(fleet.keywright("export-private", "--new-passphrase-file", fleet.secret, "--out", out)
                            .failure())
                    .contains("exists already");
            assertThat(fleet.store).doesNotExist();
        }

        @Test
        void export_noKey_fails() {
            assertThat(fleet.keywright("export-private", "--new-passphrase-file", fleet.secret)
                            .failure())
                    .contains("the store has no key for deploy-prod");
        }

        @Test
        void export_json_namesTheFileAndNoSecret() throws IOException {
            install();
            Path out = folder.resolve("out");

            JsonNode json = fleet.keywright(
                            "export-private", "--new-passphrase-file", fleet.secret, "--out", out, "--json")
                    .quietly()
                    .json();

            assertThat(json.get("file").asText()).isEqualTo(out.toString());
            assertThat(json.get("version").asInt()).isEqualTo(1);
            assertThat(json.get("fingerprint").asText()).isEqualTo(fingerprint());
        }
    }

    @Nested
    class TheStore {
        @Test
        void open_wrongSecret_failsWithoutShowingIt() throws IOException {
            install();
            Path wrong = Cli.secret(folder, "wrong", "hunter2hunter2");

            Cli.Result result =
                    Cli.run("status", "--credential", fleet.credential, "--store", fleet.store, "--secret-file", wrong);

            assertThat(result.failure()).doesNotContain("hunter2");
        }

        @Test
        void open_noSecretAndNoTerminal_isWrongUsageThatNamesTheOptions() {
            assertThat(Cli.run("status", "--credential", fleet.credential, "--store", fleet.store)
                            .usageError())
                    .contains("--secret-file", "--secret-env");
            assertThat(fleet.store).doesNotExist();
        }

        @Test
        void open_newStoreAtATerminal_asksTwice() {
            Cli cli = Cli.shell().withPerson("s3cret of store", "s3cret of store");

            cli.keywright("status", "--credential", fleet.credential, "--store", fleet.store);
            assertThat(cli.questions()).containsExactly("secret of the store", "secret of the store again");

            Cli again = Cli.shell().withPerson("s3cret of store");
            again.keywright("status", "--credential", fleet.credential, "--store", fleet.store);
            assertThat(again.questions()).containsExactly("secret of the store");
        }

        @Test
        void open_aFile_fails() throws IOException {
            Path file = Cli.file(folder, "file", "");

            assertThat(Cli.run(
                                    "status",
                                    "--credential",
                                    fleet.credential,
                                    "--store",
                                    file,
                                    "--secret-file",
                                    fleet.secret)
                            .failure())
                    .contains("not a folder");
        }

        @Test
        void open_someOtherFolder_failsAndLeavesItAlone() throws IOException {
            Path other = Files.createDirectory(folder.resolve("other"));
            Cli.file(other, "mine", "x");

            assertThat(Cli.run(
                                    "status",
                                    "--credential",
                                    fleet.credential,
                                    "--store",
                                    other,
                                    "--secret-file",
                                    fleet.secret)
                            .failure())
                    .isNotEmpty();
            assertThat(other.toFile().list()).containsExactly("mine");
        }

        @Test
        void status_unknownCredential_fails() {
            install();

            assertThat(Cli.run(
                                    "status",
                                    "--credential",
                                    folder.resolve("deploy-prod.yaml"),
                                    "--store",
                                    folder.resolve("empty-store"),
                                    "--secret-file",
                                    fleet.secret)
                            .failure())
                    .contains("deploy-prod");
        }

        @Test
        void files_all_areForTheirOwnerOnlyAndHoldNoSecret() throws IOException {
            install();
            fleet.keywright("rotate").done();

            Set<String> modes = new TreeSet<>();
            try (Stream<Path> files = Files.walk(fleet.store)) {
                for (Path file : files.toList()) {
                    modes.add((Files.isDirectory(file) ? "d" : "-")
                            + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
                    if (Files.isRegularFile(file)) {
                        assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
                                .doesNotContain(TestFleet.STORE_SECRET, TestFleet.PASSWORD);
                    }
                }
            }
            assertThat(modes).allMatch(mode -> mode.endsWith("------") || mode.equals("-rw-r--r--"));
        }
    }
}
