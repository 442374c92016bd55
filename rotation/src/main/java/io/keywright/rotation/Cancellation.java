package io.keywright.rotation;

/** What became of the wish to cancel a rotation. A closed choice that may grow. */
public sealed interface Cancellation {

    /**
     * Says in a sentence what it means.
     *
     * @return the sentence, without a final stop
     */
    String describe();

    /** The rotation runs in this engine, and takes itself back once the devices that are being worked on are through. */
    record Requested() implements Cancellation {
        @Override
        public String describe() {
            return "the rotation is under way and will take itself back; its own report says how that went";
        }
    }

    /**
     * The rotation was taken back, as far as that was possible now.
     *
     * @param report how it stands
     */
    record TakenBack(RotationReport report) implements Cancellation {
        /**
         * Tells whether no device is left that may accept the new key.
         *
         * @return false when some device could not be dealt with
         */
        public boolean isComplete() {
            return switch (report.outcome()) {
                case ROLLED_BACK, ROLL_BACK_SETTLING -> true;
                default -> false;
            };
        }

        @Override
        public String describe() {
            return isComplete()
                    ? "the rotation was taken back everywhere"
                    : "the rotation is being taken back; resume it when the other devices can be reached";
        }
    }

    /** The new key is CURRENT: some device may accept nothing else, so only forward is possible. */
    record TooLate() implements Cancellation {
        @Override
        public String describe() {
            return "the new key is current already: the rotation can only go forward; resume it";
        }
    }

    /** There is no rotation that is not at its end. */
    record NothingToCancel() implements Cancellation {
        @Override
        public String describe() {
            return "there is no rotation to cancel";
        }
    }
}
