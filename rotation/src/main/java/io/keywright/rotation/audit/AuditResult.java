package io.keywright.rotation.audit;

import io.keywright.rotation.DeviceFailure;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** One result of an audit. A closed choice that may grow. */
public sealed interface AuditResult {

    /**
     * Writes the result for programs.
     *
     * @return one JSON object in one line, without a line feed
     */
    default String toJson() {
        return AuditJson.line(this);
    }

    /**
     * An account whose files were read.
     *
     * @param credential the credential that the account was read for
     * @param device the device's id
     * @param account {@code user@host:port}
     * @param keys the keys in its files, in their order
     * @param findings what there is to say about the account itself, maybe nothing
     * @param warnings whose current key is missing, what sshd's StrictModes will refuse, who else writes a file, and lines that
     *     are no keys, each a sentence
     */
    record Account(
            String credential,
            String device,
            String account,
            List<AuditedKey> keys,
            Set<Finding> findings,
            List<String> warnings)
            implements AuditResult {

        /** Copies the collections. */
        public Account {
            keys = List.copyOf(keys);
            Set<Finding> copy = EnumSet.noneOf(Finding.class);
            copy.addAll(findings);
            findings = Collections.unmodifiableSet(copy);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * An account that could not be asked: nothing is known about its keys.
     *
     * @param credential the credential that it was to be read for
     * @param device the device's id
     * @param account {@code user@host:port}
     * @param failure why
     */
    record Unread(String credential, String device, String account, DeviceFailure failure) implements AuditResult {}

    /**
     * A key on more than one account, where no credential says so. Comes after the last account.
     *
     * @param fingerprint SHA-256 of the key
     * @param accounts {@code user@host:port}, sorted, at most {@link Audit#MAX_NAMED_ACCOUNTS} of them
     * @param count on how many accounts it is
     */
    record SharedKey(String fingerprint, List<String> accounts, int count) implements AuditResult {

        /** Copies the list. */
        public SharedKey {
            accounts = List.copyOf(accounts);
        }
    }
}
