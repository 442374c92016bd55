package io.keywright.rotation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a rotation stands: for people as {@link #toText()}, for programs as this record or as {@link #toJson()}.
 *
 * @param credential the credential
 * @param rotation the rotation's id
 * @param outcome how it stands as a whole
 * @param reason why it was taken back, or empty
 * @param oldKey fingerprint of the key that was CURRENT before
 * @param newKey fingerprint of the key that it brings, or empty when it came to an end before there was one
 * @param begun when it began
 * @param reported when this was written
 * @param contractsAt when the old key may be removed, or empty
 * @param settlesAt when the second proof is due, or empty
 * @param devices how it stands with each device, in the rotation's order
 * @param remains what is left to do, each a sentence; empty when nothing is
 */
public record RotationReport(
        String credential,
        String rotation,
        Outcome outcome,
        Optional<String> reason,
        String oldKey,
        Optional<String> newKey,
        Instant begun,
        Instant reported,
        Optional<Instant> contractsAt,
        Optional<Instant> settlesAt,
        List<DeviceReport> devices,
        List<String> remains) {

    /** How a rotation stands as a whole. */
    public enum Outcome {
        /** Every device is proved; the previous private key is kept until the second proof. */
        SETTLING,
        /** Proved twice; nothing is left to do. */
        FINISHED,
        /** The new key is CURRENT, and both are accepted on purpose until the overlap is over. Resume it then. */
        OVERLAPPING,
        /** The new key is CURRENT; some devices are not done. Resume it. */
        INCOMPLETE,
        /** Taken back everywhere; the new private key is kept until the second proof. */
        ROLL_BACK_SETTLING,
        /** Taken back everywhere: the old key is CURRENT as before, and nothing is left to do. */
        ROLLED_BACK,
        /** Being taken back; some devices may still accept the new key. Resume it. */
        ROLL_BACK_INCOMPLETE
    }

    /** Copies the list. */
    public RotationReport {
        devices = List.copyOf(devices);
        remains = List.copyOf(remains);
    }

    /**
     * Tells whether the rotation reached its aim: every device has the new key only, with proof.
     *
     * @return true when every device's outcome is {@link DeviceOutcome.Done}, but for those that were removed
     */
    public boolean isSuccess() {
        return (outcome == Outcome.SETTLING || outcome == Outcome.FINISHED)
                && devices.stream()
                        .map(DeviceReport::outcome)
                        .allMatch(device ->
                                device instanceof DeviceOutcome.Done || device instanceof DeviceOutcome.Removed);
    }

    /**
     * Returns how long the rotation has taken so far.
     *
     * @return from its beginning to this report
     */
    public Duration duration() {
        return Duration.between(begun, reported);
    }

    /**
     * Writes the report for people.
     *
     * @return lines of text, each ended by LF
     */
    public String toText() {
        return ReportText.of(this);
    }

    /**
     * Writes the report for programs.
     *
     * @return one JSON object
     */
    public String toJson() {
        return RotationJson.of(this);
    }
}
