package io.keywright.rotation.schedule;

import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStatus;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationPolicy.OnFailure;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.RotationReport.Outcome;
import io.keywright.rotation.schedule.ScheduledTask.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Says what is to be done next about a credential, and when: a function of its policy, of what store and journal know, and
 * of the moment; nothing else.
 *
 * <p>A rotation that was begun comes first: it is finished at once, for a fleet with two keys is worse than a change in the
 * middle of the day; its second proof is given when it has settled. One that was taken back is tried again before that, a
 * few times; and one that waits for nothing but quarantined devices keeps the next one from no other device: that takes them
 * over. A key is changed when it has had its interval, less its jitter, in the next maintenance window; outside of one when it
 * has reached its maximum age by then. Immutable and thread-safe.
 *
 * @param seed what the jitter depends on, beside the credential's name
 */
public record Schedule(long seed) {
    /**
     * How many keys of rotations that were taken back may wait for their second proof before another is made: each is one
     * more question to every device, and a server puts up with a few in one connection.
     */
    private static final int MAX_UNPROVED = 3;

    /**
     * Says what is next about a credential.
     *
     * @param scheduled the credential and its policy
     * @param status what is known about it, see {@link io.keywright.rotation.RotationEngine#status}
     * @param now the moment
     * @return the task; empty when there is nothing to do however long one waits, as for a credential without a key, or one
     *     that is not changed automatically
     */
    public Optional<ScheduledTask> next(ScheduledCredential scheduled, CredentialStatus status, Instant now) {
        Credential credential = scheduled.credential();
        if (status.resumable() && status.latest().isPresent()) {
            RotationReport latest = status.latest().get();
            boolean takenBack = latest.outcome() == Outcome.ROLL_BACK_SETTLING;
            boolean settling = latest.outcome() == Outcome.SETTLING || takenBack;
            // While both keys are accepted on purpose there is nothing to do.
            Instant waiting = latest.contractsAt().filter(now::isBefore).orElse(latest.begun());
            Instant due = settling ? latest.settlesAt().orElse(now) : waiting;
            Action action = settling ? Action.PROVE : Action.FINISH;
            ScheduledTask goOn = new ScheduledTask(credential.name(), action, due, later(due, now));
            boolean waits = credential.policy().onFailure() == OnFailure.QUARANTINE && waitsForQuarantined(latest);
            boolean mayBeFollowed = waits || (takenBack && unproved(status) < MAX_UNPROVED);
            Optional<ScheduledTask> next = mayBeFollowed ? change(scheduled, status, now) : Optional.empty();
            return next.filter(task -> task.start().isBefore(goOn.start()) || (waits && task.isDue(now)))
                    .or(() -> Optional.of(goOn));
        }
        return change(scheduled, status, now);
    }

    /** Whether every device is done that can be dealt with. */
    private static boolean waitsForQuarantined(RotationReport latest) {
        return latest.outcome() == Outcome.INCOMPLETE
                && latest.devices().stream()
                        .map(DeviceReport::outcome)
                        .allMatch(device -> device instanceof DeviceOutcome.Quarantined
                                || device instanceof DeviceOutcome.Done
                                || device instanceof DeviceOutcome.Unproven
                                || device instanceof DeviceOutcome.Removed);
    }

    private static long unproved(CredentialStatus status) {
        return status.versions().stream()
                .filter(version -> version.label() == KeyVersion.Label.ROLLED_BACK)
                .count();
    }

    private Optional<ScheduledTask> change(ScheduledCredential scheduled, CredentialStatus status, Instant now) {
        Optional<KeyVersion> current = status.versions().stream()
                .filter(version -> version.label() == KeyVersion.Label.CURRENT)
                .findFirst();
        if (current.isEmpty() || !scheduled.credential().policy().automatic()) {
            return Optional.empty();
        }
        return Optional.of(rotation(scheduled, current.get().changed(), status.latest(), now));
    }

    private ScheduledTask rotation(
            ScheduledCredential scheduled, Instant since, Optional<RotationReport> latest, Instant now) {
        String name = scheduled.credential().name();
        SchedulePolicy policy = scheduled.policy();
        Duration interval = scheduled.credential().policy().interval();
        Instant due = since.plus(interval).minus(Spread.of(name, seed, policy.jitter()));
        Optional<Instant> oldest = policy.maximumAge().map(since::plus);
        if (oldest.isPresent() && oldest.get().isBefore(due)) {
            due = oldest.get();
        }
        // A rotation that was taken back is not tried again at once: whatever was in the way may still be.
        Instant earliest = latest.filter(report ->
                        report.outcome() == Outcome.ROLLED_BACK || report.outcome() == Outcome.ROLL_BACK_SETTLING)
                .map(report -> later(report.begun().plus(policy.retry()), now))
                .orElse(now);
        Instant ready = later(due, earliest);
        Instant start = policy.openFrom(ready);
        if (oldest.isPresent() && start.isAfter(oldest.get())) {
            start = later(oldest.get(), ready);
        }
        return new ScheduledTask(name, Action.ROTATE, due, start);
    }

    private static Instant later(Instant one, Instant two) {
        return one.isAfter(two) ? one : two;
    }
}
