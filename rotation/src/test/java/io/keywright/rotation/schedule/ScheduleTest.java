package io.keywright.rotation.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStatus;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RevocationProof;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.RotationReport.Outcome;
import io.keywright.rotation.schedule.ScheduledTask.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final long SEED = 4711;
    private static final Instant BORN = Instant.parse("2026-01-05T08:00:00Z"); // a Monday
    private static final Duration INTERVAL = RotationPolicy.DEFAULT.interval();
    private static final Duration SETTLE = Duration.ofDays(1);
    private static final SshPublicKey KEY = key();

    private final Schedule schedule = new Schedule(SEED);

    private static SshPublicKey key() {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            return pair.publicKey();
        }
    }

    private static Credential credential(String name, boolean automatic) {
        RotationPolicy policy = RotationPolicy.DEFAULT;
        return Credential.of(name, "deploy", List.of()).withPolicy(automatic ? policy.withAutomatic(true) : policy);
    }

    private static SchedulePolicy policy(Duration jitter, Optional<Duration> maximumAge, String... windows) {
        return new SchedulePolicy(
                jitter,
                maximumAge,
                List.of(windows).stream().map(MaintenanceWindow::parse).toList(),
                Duration.ofMinutes(15));
    }

    private static CredentialStatus status(Optional<RotationReport> latest, boolean resumable) {
        KeyVersion current = new KeyVersion(1, KeyVersion.Label.CURRENT, KEY, BORN, BORN, Optional.empty());
        return new CredentialStatus("web", List.of(current), resumable, latest);
    }

    private static CredentialStatus neverRotated() {
        return status(Optional.empty(), false);
    }

    private static RotationReport report(
            Outcome outcome, Instant begun, Optional<Instant> settlesAt, DeviceOutcome... devices) {
        return new RotationReport(
                "web",
                "000001",
                outcome,
                Optional.empty(),
                "SHA256:old",
                Optional.empty(),
                begun,
                begun,
                Optional.empty(),
                settlesAt,
                Arrays.stream(devices).map(ScheduleTest::device).toList(),
                List.of());
    }

    private static DeviceReport device(DeviceOutcome outcome) {
        return new DeviceReport(
                "web-1", "web-1", 22, "deploy", outcome, RevocationProof.NONE, List.of(), 1, Duration.ZERO, List.of());
    }

    private ScheduledTask next(SchedulePolicy policy, CredentialStatus status, Instant now) {
        return schedule.next(new ScheduledCredential(credential("web", true), policy), status, now)
                .orElseThrow();
    }

    @Nested
    class Rotate {
        @Test
        void next_youngKey_isDueAfterItsInterval() {
            ScheduledTask task = next(SchedulePolicy.DEFAULT, neverRotated(), BORN.plusSeconds(1));
            assertThat(task.action()).isEqualTo(Action.ROTATE);
            assertThat(task.due()).isEqualTo(BORN.plus(INTERVAL));
            assertThat(task.start()).isEqualTo(task.due());
            assertThat(task.isDue(task.due().minusMillis(1))).isFalse();
            assertThat(task.isDue(task.due())).isTrue();
        }

        @Test
        void next_missed_startsNow() {
            Instant now = BORN.plus(INTERVAL).plus(Duration.ofDays(30));
            ScheduledTask task = next(SchedulePolicy.DEFAULT, neverRotated(), now);
            assertThat(task.due()).isEqualTo(BORN.plus(INTERVAL));
            assertThat(task.start()).isEqualTo(now);
        }

        @Test
        void next_notAutomatic_isNothing() {
            ScheduledCredential byHand = new ScheduledCredential(credential("web", false), SchedulePolicy.DEFAULT);
            assertThat(schedule.next(byHand, neverRotated(), BORN.plus(INTERVAL)))
                    .isEmpty();
        }

        @Test
        void next_noCurrentKey_isNothing() {
            CredentialStatus empty = new CredentialStatus("web", List.of(), false, Optional.empty());
            ScheduledCredential web = new ScheduledCredential(credential("web", true), SchedulePolicy.DEFAULT);
            assertThat(schedule.next(web, empty, BORN)).isEmpty();
        }

        @Test
        void next_outsideTheWindow_waitsForIt() {
            // 90 days after a Monday at 08:00 is a Sunday
            SchedulePolicy nights = policy(Duration.ZERO, Optional.empty(), "mon-thu 22:00-04:00 UTC");
            ScheduledTask task = next(nights, neverRotated(), BORN);
            assertThat(task.start()).isEqualTo(Instant.parse("2026-04-06T22:00:00Z"));
            assertThat(next(nights, neverRotated(), Instant.parse("2026-04-07T03:59:59Z"))
                            .start())
                    .isEqualTo(Instant.parse("2026-04-07T03:59:59Z"));
            assertThat(next(nights, neverRotated(), Instant.parse("2026-04-07T04:00:00Z"))
                            .start())
                    .isEqualTo(Instant.parse("2026-04-07T22:00:00Z"));
        }

        @Test
        void next_maximumAgeBeforeTheWindow_doesNotWait() {
            Duration age = INTERVAL.plusHours(6);
            SchedulePolicy nights = policy(Duration.ZERO, Optional.of(age), "mon-thu 22:00-04:00 UTC");
            assertThat(next(nights, neverRotated(), BORN).start()).isEqualTo(BORN.plus(age));
        }

        @Test
        void next_maximumAgeBelowTheInterval_isWhenItIsDue() {
            SchedulePolicy strict = policy(Duration.ZERO, Optional.of(Duration.ofDays(30)));
            assertThat(next(strict, neverRotated(), BORN).due()).isEqualTo(BORN.plus(Duration.ofDays(30)));
        }

        @Test
        void next_afterARollBack_waitsForTheRetry() {
            Instant begun = BORN.plus(INTERVAL);
            CredentialStatus rolledBack =
                    status(Optional.of(report(Outcome.ROLLED_BACK, begun, Optional.empty())), false);
            assertThat(next(SchedulePolicy.DEFAULT, rolledBack, begun.plusSeconds(60))
                            .start())
                    .isEqualTo(begun.plus(Duration.ofMinutes(15)));
        }
    }

    @Nested
    class GoOn {
        @Test
        void next_interruptedRotation_isFinishedAtOnceWhateverTheWindow() {
            SchedulePolicy nights = policy(Duration.ZERO, Optional.empty(), "mon-thu 22:00-04:00 UTC");
            CredentialStatus halfDone = status(Optional.of(report(Outcome.INCOMPLETE, BORN, Optional.empty())), true);
            ScheduledTask task = next(nights, halfDone, BORN.plusSeconds(90));
            assertThat(task.action()).isEqualTo(Action.FINISH);
            assertThat(task.start()).isEqualTo(BORN.plusSeconds(90));
        }

        @Test
        void next_settling_isProvedWhenItHasSettled() {
            Instant until = BORN.plus(Duration.ofDays(1));
            CredentialStatus settling = status(Optional.of(report(Outcome.SETTLING, BORN, Optional.of(until))), true);
            ScheduledTask task = next(SchedulePolicy.DEFAULT, settling, BORN.plusSeconds(1));
            assertThat(task.action()).isEqualTo(Action.PROVE);
            assertThat(task.start()).isEqualTo(until);
        }

        private CredentialStatus takenBack(int unproved, Instant until) {
            List<KeyVersion> versions = new ArrayList<>();
            versions.add(new KeyVersion(1, KeyVersion.Label.CURRENT, KEY, BORN, BORN, Optional.empty()));
            for (int i = 0; i < unproved; i++) {
                versions.add(new KeyVersion(2 + i, KeyVersion.Label.ROLLED_BACK, KEY, BORN, BORN, Optional.empty()));
            }
            RotationReport report = report(Outcome.ROLL_BACK_SETTLING, until.minus(SETTLE), Optional.of(until));
            return new CredentialStatus("web", versions, true, Optional.of(report));
        }

        @Test
        void next_takenBackAndNotDueYet_isProvedWhenItHasSettled() {
            Instant until = BORN.plus(SETTLE);
            ScheduledTask task = next(SchedulePolicy.DEFAULT, takenBack(1, until), BORN.plusSeconds(1));
            assertThat(task.action()).isEqualTo(Action.PROVE);
            assertThat(task.start()).isEqualTo(until);
        }

        @Test
        void next_takenBackAndStillDue_isTriedAgainBeforeItHasSettled() {
            Instant begun = BORN.plus(INTERVAL);
            ScheduledTask task = next(SchedulePolicy.DEFAULT, takenBack(2, begun.plus(SETTLE)), begun.plusSeconds(60));
            assertThat(task.action()).isEqualTo(Action.ROTATE);
            assertThat(task.start()).isEqualTo(begun.plus(Duration.ofMinutes(15)));
        }

        @Test
        void next_takenBackThreeTimes_isProvedBeforeAnotherKeyIsMade() {
            Instant begun = BORN.plus(INTERVAL);
            Instant until = begun.plus(SETTLE);
            ScheduledTask task = next(SchedulePolicy.DEFAULT, takenBack(3, until), begun.plusSeconds(60));
            assertThat(task.action()).isEqualTo(Action.PROVE);
            assertThat(task.start()).isEqualTo(until);
        }

        @Test
        void next_settlingAndNotAutomatic_isProvedAllTheSame() {
            Instant until = BORN.plus(Duration.ofDays(1));
            CredentialStatus settling = status(Optional.of(report(Outcome.SETTLING, BORN, Optional.of(until))), true);
            ScheduledCredential byHand = new ScheduledCredential(credential("web", false), SchedulePolicy.DEFAULT);
            assertThat(schedule.next(byHand, settling, BORN)).isPresent();
        }
    }

    @Nested
    class Quarantined {
        private static final DeviceFailure DOWN = new DeviceFailure(DeviceFailure.Kind.UNREACHABLE, true, "it is down");
        private static final DeviceOutcome HELD = new DeviceOutcome.Quarantined(DOWN);

        private Action action(RotationPolicy.OnFailure onFailure, Outcome outcome, DeviceOutcome... devices) {
            RotationPolicy policy = RotationPolicy.DEFAULT.withAutomatic(true).withOnFailure(onFailure);
            Credential credential = credential("web", true).withPolicy(policy);
            CredentialStatus status = status(Optional.of(report(outcome, BORN, Optional.empty(), devices)), true);
            return schedule.next(
                            new ScheduledCredential(credential, SchedulePolicy.DEFAULT), status, BORN.plus(INTERVAL))
                    .orElseThrow()
                    .action();
        }

        @Test
        void next_onlyQuarantinedDevicesAreLeft_theOthersGetTheirNextKeyWhenItIsDue() {
            for (DeviceOutcome dealtWith : List.of(
                    HELD,
                    new DeviceOutcome.Done(),
                    new DeviceOutcome.Unproven("it was refused before"),
                    new DeviceOutcome.Removed("scrapped"))) {
                assertThat(action(RotationPolicy.OnFailure.QUARANTINE, Outcome.INCOMPLETE, HELD, dealtWith))
                        .as(dealtWith.label())
                        .isEqualTo(Action.ROTATE);
            }
        }

        @Test
        void next_anotherDeviceCanBeGoneOnWith_thatComesFirst() {
            assertThat(action(
                            RotationPolicy.OnFailure.QUARANTINE,
                            Outcome.INCOMPLETE,
                            HELD,
                            new DeviceOutcome.OldKeyAlive(DOWN)))
                    .isEqualTo(Action.FINISH);
            assertThat(action(RotationPolicy.OnFailure.QUARANTINE, Outcome.OVERLAPPING, HELD))
                    .isEqualTo(Action.FINISH);
            assertThat(action(RotationPolicy.OnFailure.ABORT, Outcome.INCOMPLETE, HELD))
                    .isEqualTo(Action.FINISH);
        }
    }

    @Nested
    class Jitter {
        private final SchedulePolicy jittery = policy(Duration.ofDays(10), Optional.empty());

        private Instant due(long seed, String name) {
            ScheduledCredential scheduled = new ScheduledCredential(credential(name, true), jittery);
            return new Schedule(seed)
                    .next(scheduled, neverRotated(), BORN)
                    .orElseThrow()
                    .due();
        }

        @Test
        void next_manyCredentials_areSpreadOverTheJitter() {
            int[] days = new int[10];
            for (int i = 0; i < 1_000; i++) {
                Duration early = Duration.between(due(SEED, "credential-" + i), BORN.plus(INTERVAL));
                assertThat(early).isBetween(Duration.ZERO, Duration.ofDays(10));
                days[(int) early.minusMillis(1).toDays()]++;
            }
            assertThat(Arrays.stream(days).boxed())
                    .as("credentials of each day, seed %d", SEED)
                    .allMatch(count -> count > 60 && count < 140);
        }

        @Test
        void next_sameNameAndSeed_isAlwaysTheSame() {
            assertThat(due(SEED, "web")).isEqualTo(due(SEED, "web")).isNotEqualTo(due(SEED + 1, "web"));
        }

        @Test
        void new_jitterOfAWholeInterval_isRefused() {
            SchedulePolicy endless = policy(INTERVAL, Optional.empty());
            assertThatThrownBy(() -> new ScheduledCredential(credential("web", true), endless))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Retry {
        @Test
        void retryAfter_eachFailure_doublesUpToADay() {
            SchedulePolicy policy = SchedulePolicy.DEFAULT;
            assertThat(policy.retryAfter(1)).isEqualTo(Duration.ofMinutes(15));
            assertThat(policy.retryAfter(3)).isEqualTo(Duration.ofHours(1));
            assertThat(policy.retryAfter(8)).isEqualTo(Duration.ofDays(1));
            assertThat(policy.retryAfter(Integer.MAX_VALUE)).isEqualTo(Duration.ofDays(1));
        }

        @Test
        void new_outOfRange_isRefused() {
            assertThatThrownBy(() -> policy(Duration.ofSeconds(-1), Optional.empty()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> policy(Duration.ZERO, Optional.of(Duration.ZERO)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() ->
                            new SchedulePolicy(Duration.ZERO, Optional.empty(), List.of(), Duration.ofSeconds(59)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
