package io.keywright.rotation.audit;

/** How much a finding matters. */
public enum Severity {
    /** Somebody may get in who should not: to be mended now. */
    ALARM,
    /** Nobody answers for it, or it is not as its owner meant it: to be looked into. */
    WARNING,
    /** Worth knowing. */
    NOTE
}
