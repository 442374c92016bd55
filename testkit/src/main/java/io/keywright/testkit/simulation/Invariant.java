package io.keywright.testkit.simulation;

/** What holds at every step of every rotation, whatever goes wrong. */
public enum Invariant {
    /** The store holds a private key that logs in to each device, unless somebody else alone has taken all of them away. */
    NO_LOCK_OUT,
    /** The CURRENT key works on every device that is not quarantined. */
    CURRENT_WORKS,
    /**
     * A public key is on a device only while its private key is durable; a private key is destroyed only when no device can
     * accept it, proved twice.
     */
    DURABLE_WHILE_ACCEPTED,
    /** A device is called done only when it accepted the old key, was seen to refuse it since, and let the new one in. */
    PROOF_NOT_HOPE,
    /** Lines of others are byte for byte what they were. */
    OTHER_LINES_KEPT,
    /** Every step may run twice: what was begun can be finished, and finishing again changes nothing. */
    STEPS_MAY_REPEAT,
    /** An engine that was overtaken commits nothing, and brings no dead key back. */
    OVERTAKEN_CHANGES_NOTHING,
    /** Partial success is not reported as success, and nothing that is written down has a secret in it. */
    NO_FALSE_SUCCESS,
    /** The key that an engine is logged in with stays. */
    OWN_SESSION_KEPT
}
