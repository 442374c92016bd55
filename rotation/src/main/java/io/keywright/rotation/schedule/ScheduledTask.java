package io.keywright.rotation.schedule;

import java.time.Instant;
import java.util.Locale;

/**
 * What is to be done next about a credential.
 *
 * @param credential its name
 * @param action what
 * @param due when it should be done
 * @param start when it may begin: when it is due or at once, in a maintenance window where it needs one
 */
public record ScheduledTask(String credential, Action action, Instant due, Instant start) {

    /** What a schedule does. */
    public enum Action {
        /** Go on with a rotation that was interrupted, is being taken back, or has devices that are to catch up. */
        FINISH("finish the rotation that was begun"),
        /** Give the second proof, after which the private key that went is destroyed. */
        PROVE("prove once more, then destroy the key that went"),
        /** Change the key. */
        ROTATE("change the key");

        private final String words;

        Action(String words) {
            this.words = words;
        }

        /**
         * Says what is done.
         *
         * @return a few words
         */
        public String description() {
            return words;
        }

        /**
         * Names the action in tables and JSON.
         *
         * @return e.g. {@code "prove"}
         */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Tells whether it may begin.
     *
     * @param now the moment
     * @return true when its start is not in the future
     */
    public boolean isDue(Instant now) {
        return !start.isAfter(now);
    }

    /** The same task, beginning later. */
    ScheduledTask notBefore(Instant moment) {
        return start.isBefore(moment) ? new ScheduledTask(credential, action, due, moment) : this;
    }
}
