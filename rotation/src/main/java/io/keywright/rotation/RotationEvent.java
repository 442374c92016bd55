package io.keywright.rotation;

import java.time.Duration;
import java.time.Instant;

/** Something that happened in a rotation, for progress bars and logs. Holds no secrets. A closed choice that may grow. */
public sealed interface RotationEvent {

    /** Phases of a rotation that visit devices. */
    enum Phase {
        /** Adding the new key and logging in with it. */
        EXPAND,
        /** Giving the old key an end of its own, should nobody come back. */
        STAMP,
        /** Removing the old key and proving it dead. */
        CONTRACT,
        /** Taking the new key back. */
        ROLL_BACK,
        /** Proving once more, after the settle time. */
        CONFIRM
    }

    /**
     * Returns when it happened.
     *
     * @return by the engine's clock
     */
    Instant at();

    /**
     * Says what happened.
     *
     * @return one line
     */
    String describe();

    /**
     * A rotation begins or is resumed.
     *
     * @param at when
     * @param rotation its id
     * @param credential the credential
     * @param devices how many devices it has
     * @param resumed whether it was begun before
     */
    record Begun(Instant at, String rotation, String credential, int devices, boolean resumed)
            implements RotationEvent {
        @Override
        public String describe() {
            return (resumed ? "resuming " : "rotating ") + credential + " on " + devices + " devices";
        }
    }

    /**
     * The new key is durable in the store.
     *
     * @param at when
     * @param version its number
     * @param fingerprint its fingerprint
     */
    record Staged(Instant at, int version, String fingerprint) implements RotationEvent {
        @Override
        public String describe() {
            return "staged version " + version + ", " + fingerprint;
        }
    }

    /**
     * A phase begins.
     *
     * @param at when
     * @param phase which
     * @param devices how many devices it is about to visit
     */
    record PhaseBegun(Instant at, Phase phase, int devices) implements RotationEvent {
        @Override
        public String describe() {
            return switch (phase) {
                case EXPAND -> "adding the new key on " + devices + " devices";
                case STAMP -> "giving the old key an end of its own on " + devices + " devices";
                case CONTRACT -> "removing the old key on " + devices + " devices";
                case ROLL_BACK -> "taking the new key back on " + devices + " devices";
                case CONFIRM -> "proving once more on " + devices + " devices";
            };
        }
    }

    /**
     * A phase is done with a device.
     *
     * @param at when
     * @param phase which
     * @param device the device
     * @param done how many devices this phase has finished, this one included
     * @param devices how many it visits
     */
    record DeviceDone(Instant at, Phase phase, String device, int done, int devices) implements RotationEvent {
        @Override
        public String describe() {
            return switch (phase) {
                        case EXPAND -> device + " accepts the new key";
                        case STAMP -> device + " was told when the old key ends, where it understands that";
                        case CONTRACT -> device + " refuses the old key";
                        case ROLL_BACK -> device + " has the old key only";
                        case CONFIRM -> device + " still refuses the old key";
                    }
                    + " (" + done + "/" + devices + ")";
        }
    }

    /**
     * A step on a device failed.
     *
     * @param at when
     * @param phase in which phase
     * @param device the device
     * @param failure why
     * @param attempt which attempt it was, from 1
     * @param retryIn how long until the next attempt; zero when there is none
     */
    record DeviceFailed(Instant at, Phase phase, String device, DeviceFailure failure, int attempt, Duration retryIn)
            implements RotationEvent {
        @Override
        public String describe() {
            return device + ": " + failure.message()
                    + (retryIn.isZero() ? "" : "; next attempt in " + retryIn.toMillis() + " ms");
        }
    }

    /**
     * The new key is CURRENT in the store: from here the rotation only goes forward.
     *
     * @param at when
     * @param version its number
     */
    record Promoted(Instant at, int version) implements RotationEvent {
        @Override
        public String describe() {
            return "version " + version + " is current";
        }
    }

    /**
     * Both keys are accepted for a while; then the old one is removed.
     *
     * @param at when
     * @param until when the old key may be removed
     */
    record Overlapping(Instant at, Instant until) implements RotationEvent {
        @Override
        public String describe() {
            return "both keys are accepted until " + until;
        }
    }

    /**
     * The rotation is being taken back.
     *
     * @param at when
     * @param reason why
     */
    record Aborting(Instant at, String reason) implements RotationEvent {
        @Override
        public String describe() {
            return "taking the rotation back: " + reason;
        }
    }

    /**
     * Every device is done; the previous key is kept until it has been proved dead once more.
     *
     * @param at when
     * @param until when the second proof is due
     */
    record Settling(Instant at, Instant until) implements RotationEvent {
        @Override
        public String describe() {
            return "settling until " + until;
        }
    }

    /**
     * A private key is destroyed.
     *
     * @param at when
     * @param version its number
     */
    record Destroyed(Instant at, int version) implements RotationEvent {
        @Override
        public String describe() {
            return "the private key of version " + version + " is destroyed";
        }
    }
}
