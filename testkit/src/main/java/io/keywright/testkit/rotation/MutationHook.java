package io.keywright.testkit.rotation;

/**
 * Sees every durable change of an in-memory store or journal, just before and just after it happens. What it throws ends
 * the change there: an {@link Error} plays the death of the process, a {@link RuntimeException} a full disk.
 */
@FunctionalInterface
public interface MutationHook {

    /** When the hook is called. */
    enum Moment {
        /** Nothing has happened yet. */
        BEFORE,
        /** The change is durable, but its caller has not been told. */
        AFTER
    }

    /**
     * Is called around a change, by the thread that makes it and while the store or journal is locked.
     *
     * @param moment before or after
     * @param mutation what changes: the method's name, a blank and the credential's name, e.g. {@code "promote web"}
     */
    void at(Moment moment, String mutation);
}
