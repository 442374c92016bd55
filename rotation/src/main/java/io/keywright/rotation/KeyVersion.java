package io.keywright.rotation;

import io.keywright.SshPublicKey;
import java.time.Instant;
import java.util.Optional;

/**
 * One key that a credential has, had, or is about to have. The public half is kept for ever.
 *
 * @param number 1 for the credential's first key, then counting up
 * @param label where in its life it is
 * @param publicKey the public half, with its comment
 * @param created when it was generated or imported
 * @param changed when the label last changed
 * @param rotation the rotation that staged it, or empty for an imported key
 */
public record KeyVersion(
        int number, Label label, SshPublicKey publicKey, Instant created, Instant changed, Optional<String> rotation) {

    /** Where in its life a version is. */
    public enum Label {
        /** Staged: durable here, not yet the one to use. */
        PENDING,
        /** The one to use. */
        CURRENT,
        /** Replaced; some device may still accept it. */
        PREVIOUS,
        /** Staged by a rotation that was taken back; some device may still accept it. */
        ROLLED_BACK,
        /** The private half is gone. */
        DESTROYED
    }

    /**
     * Tells whether the store still has the private half.
     *
     * @return false once destroyed
     */
    public boolean hasPrivateKey() {
        return label != Label.DESTROYED;
    }
}
