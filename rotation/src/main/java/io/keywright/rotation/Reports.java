package io.keywright.rotation;

import io.keywright.rotation.RotationState.DeviceState;
import java.time.Instant;
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
                outcome(state),
                state.abortReason,
                state.oldKey,
                state.newKey,
                state.begun,
                now,
                state.settlesAt,
                devices);
    }

    private static RotationReport.Outcome outcome(RotationState state) {
        if (state.abortReason.isPresent()) {
            return state.closed ? RotationReport.Outcome.ROLLED_BACK : RotationReport.Outcome.ROLL_BACK_INCOMPLETE;
        } else if (state.closed) {
            return RotationReport.Outcome.FINISHED;
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
                device.attempts);
    }

    private static DeviceOutcome outcome(RotationState state, DeviceState device) {
        DeviceFailure last = device.lastFailure == null ? INTERRUPTED : device.lastFailure;
        if (state.abortReason.isPresent()) {
            return switch (device.stage) {
                case ROLLED_BACK -> new DeviceOutcome.RolledBack();
                case PLANNED -> new DeviceOutcome.Untouched();
                default -> new DeviceOutcome.RollBackPending(last);
            };
        } else if (device.quarantine != null) {
            return new DeviceOutcome.Quarantined(device.quarantine);
        }
        return switch (device.stage) {
            case PLANNED, ROLLED_BACK -> new DeviceOutcome.Untouched();
            case EXPANDING, EXPANDED -> new DeviceOutcome.Expanded();
            case CONTRACTING -> new DeviceOutcome.OldKeyAlive(last);
            case CONTRACTED ->
                device.proof.isComplete()
                        ? new DeviceOutcome.Done()
                        : new DeviceOutcome.Unproven(missing(device.proof));
        };
    }

    private static String missing(RevocationProof proof) {
        return proof.oldBefore() == Answer.ACCEPTED
                ? "the device could not be asked about the old key after its lines were removed"
                : "the device did not accept the old key before, so that it is refused now says nothing";
    }
}
