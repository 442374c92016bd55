package io.keywright.rotation.audit;

import io.keywright.rotation.KeyVersion;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * One key on one line of an account's file.
 *
 * @param file the file's real path
 * @param line the line's number, from 1
 * @param algorithm the algorithm that the blob names
 * @param bits the key's size, 0 where the key cannot be decoded
 * @param fingerprint SHA-256, as {@code ssh-keygen -l} prints it
 * @param comment the line's comment, which anybody may have written: not safe to print as it is
 * @param owner the credential that has or had the key, or empty
 * @param expires the earliest {@code expiry-time}, or empty
 * @param findings what there is to say about it, maybe nothing
 */
public record AuditedKey(
        String file,
        int line,
        String algorithm,
        int bits,
        String fingerprint,
        String comment,
        Optional<Owner> owner,
        Optional<Instant> expires,
        Set<Finding> findings) {

    /**
     * The stored version that a key is.
     *
     * @param credential the credential's name
     * @param version the version's number
     * @param label where in its life the version is
     * @param lastRotated when a rotation last changed the credential's current key; empty when none has, ever
     */
    public record Owner(String credential, int version, KeyVersion.Label label, Optional<Instant> lastRotated) {}

    /** Copies the set; its order is that of {@link Finding}. */
    public AuditedKey {
        Set<Finding> copy = EnumSet.noneOf(Finding.class);
        copy.addAll(findings);
        findings = Collections.unmodifiableSet(copy);
    }
}
