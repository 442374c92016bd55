package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What reports, plans and status look like, to the last character: programs read them, and people rely on them. */
class RotationReportTest {
    private static final Instant BEGUN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant NOW = BEGUN.plusMillis(61_500);
    private static final Instant LATER = BEGUN.plus(Duration.ofDays(1));
    private static final DeviceFailure DOWN = new DeviceFailure(DeviceFailure.Kind.UNREACHABLE, true, "it is down");
    private static final RevocationProof PROOF =
            new RevocationProof(Answer.ACCEPTED, Answer.REFUSED, Answer.ACCEPTED, true);
    private static final DeviceReport DONE = new DeviceReport(
            "web-1",
            "10.0.0.1",
            2222,
            "deploy",
            new DeviceOutcome.Done(),
            PROOF,
            List.of(
                    new RemoteEdit(
                            "/home/deploy/.ssh/authorized_keys", EditMethod.SFTP, true, true, true, 1, List.of("odd")),
                    new RemoteEdit("/b", EditMethod.SHELL, true, true, false, 0, List.of()),
                    new RemoteEdit("/c", EditMethod.PRIVILEGED_SHELL, false, false, false, 0, List.of())),
            3,
            Duration.ofMillis(1234),
            List.of("its file is managed"));
    private static final DeviceReport HELD = new DeviceReport(
            "database-2",
            "db",
            22,
            "root",
            new DeviceOutcome.Quarantined(DOWN),
            RevocationProof.NONE,
            List.of(),
            0,
            Duration.ZERO,
            List.of());

    private static RotationReport report(
            RotationReport.Outcome outcome, Optional<String> reason, List<String> remains, DeviceReport... devices) {
        return new RotationReport(
                "deploy-prod",
                "000007",
                outcome,
                reason,
                "SHA256:old",
                Optional.of("SHA256:new"),
                BEGUN,
                NOW,
                Optional.of(LATER),
                Optional.of(LATER.plusSeconds(1)),
                List.of(devices),
                remains);
    }

    private static DeviceReport with(DeviceOutcome outcome) {
        return new DeviceReport("web-9", "web-9", 22, "deploy", outcome, PROOF, List.of(), 1, Duration.ZERO, List.of());
    }

    @Nested
    class ToText {
        @Test
        void toText_everyPart_isLaidOut() {
            assertThat(report(
                                    RotationReport.Outcome.INCOMPLETE,
                                    Optional.empty(),
                                    List.of("resume when 1 device can be dealt with"),
                                    DONE,
                                    HELD)
                            .toText())
                    .isEqualTo("""
                    credential  deploy-prod
                    rotation    000007
                    old key     SHA256:old
                    new key     SHA256:new
                    outcome     not finished: the new key is current, some devices are not done; resume it
                    took        PT1M1S so far

                    device      outcome            old was   old is    new is    edits
                    web-1       done               accepted  refused   accepted  2 by sftp and shell, atomic, not forced to the disk
                    database-2  quarantined        unknown   unknown   unknown   none
                    web-1: its file is managed
                    web-1: odd
                    database-2: keeps its old key until it has caught up: it is down
                    to do: resume when 1 device can be dealt with
                    """);
        }

        @Test
        void toText_outcome_isSaidInASentence() {
            assertThat(headline(RotationReport.Outcome.SETTLING, DONE))
                    .isEqualTo("done on every device; the previous key is kept until the second proof, due "
                            + "2026-03-02T10:00:01Z");
            assertThat(headline(RotationReport.Outcome.SETTLING, DONE, with(new DeviceOutcome.Unproven("why"))))
                    .startsWith("done, but not proved on every device; the previous key is kept");
            assertThat(headline(RotationReport.Outcome.FINISHED, DONE)).isEqualTo("ended; something is left to do");
            assertThat(headline(RotationReport.Outcome.OVERLAPPING, DONE))
                    .isEqualTo("the new key is current; the old one is accepted as well until 2026-03-02T10:00:00Z,"
                            + " resume it then");
            assertThat(headline(RotationReport.Outcome.INCOMPLETE, DONE))
                    .isEqualTo("not finished: the new key is current, some devices are not done; resume it");
            assertThat(headline(RotationReport.Outcome.ROLL_BACK_SETTLING, DONE))
                    .isEqualTo("taken back, the old key is current; the new one is kept until the second proof, due "
                            + "2026-03-02T10:00:01Z: because");
            assertThat(headline(RotationReport.Outcome.ROLLED_BACK, DONE))
                    .isEqualTo("taken back, the old key is current: because");
            assertThat(headline(RotationReport.Outcome.ROLL_BACK_INCOMPLETE, DONE))
                    .isEqualTo("being taken back, some devices are not done; resume it: because");
        }

        @Test
        void toText_finishedAndNothingLeft_isProvedTwice() {
            assertThat(report(RotationReport.Outcome.FINISHED, Optional.empty(), List.of(), DONE)
                            .toText())
                    .contains("outcome     finished, proved twice\n")
                    .doesNotContain("to do");
        }

        private String headline(RotationReport.Outcome outcome, DeviceReport... devices) {
            return report(outcome, Optional.of("because"), List.of("a thing"), devices)
                    .toText()
                    .lines()
                    .filter(line -> line.startsWith("outcome     "))
                    .findFirst()
                    .orElseThrow()
                    .substring("outcome     ".length());
        }
    }

    @Nested
    class IsSuccess {
        @Test
        void isSuccess_everyDeviceDoneOrRemoved_isTrueWhenItSettlesOrIsFinished() {
            DeviceReport removed = with(new DeviceOutcome.Removed("scrapped"));
            for (RotationReport.Outcome outcome : RotationReport.Outcome.values()) {
                boolean aimed =
                        outcome == RotationReport.Outcome.SETTLING || outcome == RotationReport.Outcome.FINISHED;
                assertThat(report(outcome, Optional.empty(), List.of(), DONE, removed)
                                .isSuccess())
                        .as(outcome.name())
                        .isEqualTo(aimed);
            }
        }

        @Test
        void isSuccess_anyOtherOutcomeOfADevice_isFalse() {
            for (DeviceOutcome outcome : List.of(
                    new DeviceOutcome.Unproven("why"),
                    new DeviceOutcome.OldKeyAlive(DOWN),
                    new DeviceOutcome.Quarantined(DOWN),
                    new DeviceOutcome.RolledBack(),
                    new DeviceOutcome.RollBackPending(DOWN),
                    new DeviceOutcome.Untouched(),
                    new DeviceOutcome.Expanded())) {
                assertThat(report(RotationReport.Outcome.SETTLING, Optional.empty(), List.of(), DONE, with(outcome))
                                .isSuccess())
                        .as(outcome.label())
                        .isFalse();
            }
        }
    }

    @Nested
    class ToJson {
        @Test
        void toJson_report_hasEverything() {
            assertThat(report(
                                    RotationReport.Outcome.ROLL_BACK_INCOMPLETE,
                                    Optional.of("it was cancelled"),
                                    List.of("resume"),
                                    DONE,
                                    HELD)
                            .toJson())
                    .isEqualTo("""
                    {
                      "credential" : "deploy-prod",
                      "rotation" : "000007",
                      "outcome" : "roll-back-incomplete",
                      "reason" : "it was cancelled",
                      "oldKey" : "SHA256:old",
                      "newKey" : "SHA256:new",
                      "begun" : "2026-03-01T10:00:00Z",
                      "reported" : "2026-03-01T10:01:01.500Z",
                      "contractsAt" : "2026-03-02T10:00:00Z",
                      "settlesAt" : "2026-03-02T10:00:01Z",
                      "success" : false,
                      "devices" : [ {
                        "id" : "web-1",
                        "host" : "10.0.0.1",
                        "port" : 2222,
                        "user" : "deploy",
                        "outcome" : "done",
                        "meaning" : "the new key works and the old one is proved dead",
                        "proof" : {
                          "oldBefore" : "accepted",
                          "oldAfter" : "refused",
                          "newAfter" : "accepted",
                          "removed" : true,
                          "complete" : true
                        },
                        "edits" : [ {
                          "path" : "/home/deploy/.ssh/authorized_keys",
                          "method" : "sftp",
                          "changed" : true,
                          "atomic" : true,
                          "durable" : true,
                          "retries" : 1,
                          "warnings" : [ "odd" ]
                        }, {
                          "path" : "/b",
                          "method" : "shell",
                          "changed" : true,
                          "atomic" : true,
                          "durable" : false,
                          "retries" : 0,
                          "warnings" : [ ]
                        }, {
                          "path" : "/c",
                          "method" : "privileged-shell",
                          "changed" : false,
                          "atomic" : false,
                          "durable" : false,
                          "retries" : 0,
                          "warnings" : [ ]
                        } ],
                        "attempts" : 3,
                        "tookMillis" : 1234,
                        "notes" : [ "its file is managed" ]
                      }, {
                        "id" : "database-2",
                        "host" : "db",
                        "port" : 22,
                        "user" : "root",
                        "outcome" : "quarantined",
                        "meaning" : "keeps its old key until it has caught up: it is down",
                        "proof" : {
                          "oldBefore" : "unknown",
                          "oldAfter" : "unknown",
                          "newAfter" : "unknown",
                          "removed" : false,
                          "complete" : false
                        },
                        "edits" : [ ],
                        "attempts" : 0,
                        "tookMillis" : 0,
                        "notes" : [ ]
                      } ],
                      "remains" : [ "resume" ]
                    }""");
        }

        @Test
        void toJson_planAndStatus_haveEverything() {
            SshPublicKey key;
            try (SshKeyPair pair =
                    SshKeyPairGenerator.ed25519().withComment("deploy").generate()) {
                key = pair.publicKey();
            }
            KeyVersion version = new KeyVersion(4, KeyVersion.Label.CURRENT, key, BEGUN, NOW, Optional.empty());
            Device device = Device.of("web-1", "10.0.0.1", 2222);
            PlannedDevice ready = new PlannedDevice(
                    device,
                    "deploy",
                    Optional.of(key),
                    Optional.of(4),
                    List.of("/home/deploy/.ssh/authorized_keys"),
                    Optional.empty(),
                    Optional.of("Ansible"),
                    List.of("it is managed"));
            RotationPlan plan = new RotationPlan(
                    Credential.of("deploy-prod", "deploy", List.of(device)),
                    NOW,
                    version,
                    List.of(ready, PlannedDevice.unseen(Device.of("db", "db", 22), "root", DOWN)),
                    List.of("web-7 is not listed"));
            String print = key.fingerprint().toString();
            assertThat(plan.isClear()).isFalse();
            assertThat(plan.toText()).isEqualTo("""
                    credential  deploy-prod
                    key         @print@ (version 4)
                    new key     ed25519
                    warning     web-7 is not listed
                    web-1  deploy@10.0.0.1:2222  ready
                        key in /home/deploy/.ssh/authorized_keys
                        it is managed
                    db  root@db:22  IN THE WAY: it is down
                    """.replace("@print@", print));
            assertThat(plan.toJson()).isEqualTo("""
                    {
                      "credential" : "deploy-prod",
                      "currentKey" : "@print@",
                      "currentVersion" : 4,
                      "clear" : false,
                      "warnings" : [ "web-7 is not listed" ],
                      "devices" : [ {
                        "id" : "web-1",
                        "host" : "10.0.0.1",
                        "port" : 2222,
                        "user" : "deploy",
                        "hostKey" : "@print@",
                        "acceptedVersion" : 4,
                        "files" : [ "/home/deploy/.ssh/authorized_keys" ],
                        "obstacle" : null,
                        "managedBy" : "Ansible",
                        "warnings" : [ "it is managed" ]
                      }, {
                        "id" : "db",
                        "host" : "db",
                        "port" : 22,
                        "user" : "root",
                        "hostKey" : null,
                        "acceptedVersion" : null,
                        "files" : [ ],
                        "obstacle" : {
                          "kind" : "unreachable",
                          "retryable" : true,
                          "message" : "it is down"
                        },
                        "managedBy" : null,
                        "warnings" : [ ]
                      } ]
                    }""".replace("@print@", print));
            RotationReport latest = report(RotationReport.Outcome.SETTLING, Optional.empty(), List.of());
            CredentialStatus status = new CredentialStatus("deploy-prod", List.of(version), true, Optional.of(latest));
            assertThat(status.toJson()).isEqualTo("""
                    {
                      "credential" : "deploy-prod",
                      "versions" : [ {
                        "number" : 4,
                        "label" : "current",
                        "fingerprint" : "@print@",
                        "publicKey" : "@line@",
                        "created" : "2026-03-01T10:00:00Z",
                        "changed" : "2026-03-01T10:01:01.500Z"
                      } ],
                      "resumable" : true,
                      "latestRotation" : @report@
                    }""".replace("@print@", print)
                    .replace("@line@", key.toLine())
                    .replace("@report@", latest.toJson()));
            assertThat(new CredentialStatus("deploy-prod", List.of(), false, Optional.empty()).toJson())
                    .isEqualTo("""
                    {
                      "credential" : "deploy-prod",
                      "versions" : [ ],
                      "resumable" : false,
                      "latestRotation" : null
                    }""");
        }
    }
}
