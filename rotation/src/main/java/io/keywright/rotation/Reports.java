package io.keywright.rotation;

import io.keywright.rotation.RotationState.DeviceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Makes a report of where a rotation stands. */
final class Reports {
    private static final DeviceFailure INTERRUPTED =
            new DeviceFailure(DeviceFailure.Kind.OTHER, true, "the rotation was interrupted here; resume it");

    private Reports() {}

    static RotationReport of(String credential, RotationState state, Instant now) {
        List<DeviceReport> devices = state.devices.values().stream()
                .map(device -> report(state, device))
                .toList();
        return new RotationReport(
                credential,
                state.rotation,
                outcome(state, now),
                state.abortReason,
                state.oldKey,
                state.newKey,
                state.begun,
                now,
                state.contractsAt,
                state.settlesAt,
                devices,
                remains(state, devices, now));
    }

    private static RotationReport.Outcome outcome(RotationState state, Instant now) {
        if (state.abortReason.isPresent()) {
            if (state.closed) {
                return RotationReport.Outcome.ROLLED_BACK;
            }
            return state.isTakenBack()
                    ? RotationReport.Outcome.ROLL_BACK_SETTLING
                    : RotationReport.Outcome.ROLL_BACK_INCOMPLETE;
        } else if (state.closed) {
            return RotationReport.Outcome.FINISHED;
        }
        if (state.contractsAt.filter(now::isBefore).isPresent()) {
            return RotationReport.Outcome.OVERLAPPING;
        }
        return state.settlesAt.isPresent() ? RotationReport.Outcome.SETTLING : RotationReport.Outcome.INCOMPLETE;
    }

    private static DeviceReport report(RotationState state, DeviceState device) {
        return new DeviceReport(
                device.device.id(),
                device.device.host(),
                device.device.port(),
                device.user,
                outcome(state, device),
                device.proof,
                device.edits,
                device.attempts,
                device.took,
                notes(device));
    }

    private static DeviceOutcome outcome(RotationState state, DeviceState device) {
        DeviceFailure last = device.lastFailure == null ? INTERRUPTED : device.lastFailure;
        if (device.removed.isPresent()) {
            return new DeviceOutcome.Removed(device.removed.get());
        } else if (state.abortReason.isPresent()) {
            return switch (device.stage) {
                case ROLLED_BACK -> new DeviceOutcome.RolledBack();
                case PLANNED -> new DeviceOutcome.Untouched();
                default -> new DeviceOutcome.RollBackPending(last);
            };
        } else if (device.quarantine != null) {
            return new DeviceOutcome.Quarantined(device.quarantine);
        }
        return switch (device.stage) {
            case PLANNED, ROLLING_BACK, ROLLED_BACK -> new DeviceOutcome.Untouched();
            case EXPANDING, EXPANDED -> new DeviceOutcome.Expanded();
            case CONTRACTING -> new DeviceOutcome.OldKeyAlive(last);
            case CONTRACTED ->
                device.proof.isComplete() && device.unproved.isEmpty()
                        ? new DeviceOutcome.Done()
                        : new DeviceOutcome.Unproven(missing(device));
        };
    }

    private static List<String> notes(DeviceState device) {
        List<String> notes = new ArrayList<>();
        device.stampNote.ifPresent(notes::add);
        device.managedBy.ifPresent(manager -> notes.add("its file is managed by " + manager
                + ", which may bring the old key back: tell it of the new one, too"));
        return notes;
    }

    private static List<String> remains(RotationState state, List<DeviceReport> devices, Instant now) {
        List<String> remains = new ArrayList<>();
        long undone =
                devices.stream().filter(device -> !isDone(device.outcome())).count();
        if (undone > 0 && !state.closed) {
            remains.add("resume when " + undone + (undone == 1 ? " device can" : " devices can") + " be dealt with");
        }
        if (!state.closed) {
            state.contractsAt
                    .filter(now::isBefore)
                    .ifPresent(until -> remains.add("resume at " + until + ", when the old key may be removed"));
            state.settlesAt.ifPresent(until -> remains.add("resume at " + until + ", when the second proof is due"));
        }
        if (state.abortReason.isPresent()) {
            List<String> behind = state.members().stream()
                    .filter(device -> device.plannedVersion
                            .filter(version -> version < state.oldVersion)
                            .isPresent())
                    .map(device -> device.device.id())
                    .toList();
            if (!behind.isEmpty()) {
                remains.add("rotate again: an older key than the current one is what logs in to " + Names.list(behind));
            }
        }
        state.awaitsBackup.ifPresent(generation -> remains.add("resume when a backup has generation " + generation
                + " of the credential, or a later one: nothing is removed before"));
        if (state.reconciled) {
            remains.add("rotate again: the store came back from a backup before the end, and was reconciled");
        }
        state.kept.ifPresent(remains::add);
        return remains;
    }

    private static boolean isDone(DeviceOutcome outcome) {
        return outcome instanceof DeviceOutcome.Done
                || outcome instanceof DeviceOutcome.Unproven // for good: what is left to do is said where a key is kept
                || outcome instanceof DeviceOutcome.Removed
                || outcome instanceof DeviceOutcome.RolledBack
                || outcome instanceof DeviceOutcome.Untouched;
    }

    private static String missing(DeviceState device) {
        if (device.proof.isComplete()) {
            return "version " + RotationState.versionsFact(device.unproved)
                    + ", which it may let in from elsewhere, was refused before as it is now, which says nothing";
        }
        return device.proof.oldBefore() == Answer.ACCEPTED
                ? "the device could not be asked about the old key after its lines were removed"
                : "the device did not accept the old key before, so that it is refused now says nothing";
    }
}
