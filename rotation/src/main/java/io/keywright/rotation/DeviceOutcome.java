package io.keywright.rotation;

/** How a rotation stands with one device. A closed choice that may grow. */
public sealed interface DeviceOutcome {

    /**
     * Names the outcome in reports.
     *
     * @return e.g. {@code "done"}
     */
    String label();

    /**
     * Says in a sentence what the outcome means.
     *
     * @return the sentence, without a final stop
     */
    String describe();

    /** The new key works and the old one is proved dead. */
    record Done() implements DeviceOutcome {
        @Override
        public String label() {
            return "done";
        }

        @Override
        public String describe() {
            return "the new key works and the old one is proved dead";
        }
    }

    /**
     * The new key works and the old one is removed, but that it is dead is not proved.
     *
     * @param why what is missing from the proof
     */
    record Unproven(String why) implements DeviceOutcome {
        @Override
        public String label() {
            return "unproven";
        }

        @Override
        public String describe() {
            return "the new key works; that the old one is dead is not proved: " + why;
        }
    }

    /**
     * The new key works, and so does the old one.
     *
     * @param failure why the old one could not be removed, or is accepted all the same
     */
    record OldKeyAlive(DeviceFailure failure) implements DeviceOutcome {
        @Override
        public String label() {
            return "old-key-alive";
        }

        @Override
        public String describe() {
            return "the old key is not yet dead: " + failure.message();
        }
    }

    /**
     * The rotation goes on without the device, which keeps its old key.
     *
     * @param failure why
     */
    record Quarantined(DeviceFailure failure) implements DeviceOutcome {
        @Override
        public String label() {
            return "quarantined";
        }

        @Override
        public String describe() {
            return "keeps its old key until it has caught up: " + failure.message();
        }
    }

    /** The new key was taken back, and the old one logs in. */
    record RolledBack() implements DeviceOutcome {
        @Override
        public String label() {
            return "rolled-back";
        }

        @Override
        public String describe() {
            return "the new key was taken back and the old one logs in";
        }
    }

    /**
     * The new key could not be taken back yet.
     *
     * @param failure why
     */
    record RollBackPending(DeviceFailure failure) implements DeviceOutcome {
        @Override
        public String label() {
            return "roll-back-pending";
        }

        @Override
        public String describe() {
            return "may still accept the new key, which could not be taken back: " + failure.message();
        }
    }

    /** The rotation has not touched the device. */
    record Untouched() implements DeviceOutcome {
        @Override
        public String label() {
            return "untouched";
        }

        @Override
        public String describe() {
            return "was not touched; the old key logs in as before";
        }
    }

    /**
     * Somebody removed the device from the credential: nothing is done there, and nothing waits for it.
     *
     * @param reason why, in the words of who did
     */
    record Removed(String reason) implements DeviceOutcome {
        @Override
        public String label() {
            return "removed";
        }

        @Override
        public String describe() {
            return "was removed from the credential: " + reason;
        }
    }

    /** The device accepts both keys, and the rotation has yet to remove the old one. */
    record Expanded() implements DeviceOutcome {
        @Override
        public String label() {
            return "expanded";
        }

        @Override
        public String describe() {
            return "accepts both keys; the old one is yet to be removed";
        }
    }
}
