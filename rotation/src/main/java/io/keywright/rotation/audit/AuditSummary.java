package io.keywright.rotation.audit;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What an audit came to.
 *
 * @param at when it began, which is the moment that expiry and age are judged by
 * @param accounts how many accounts were read
 * @param unread how many could not be asked
 * @param keys how many lines with keys were seen
 * @param findings how often each finding was made; a finding that was not made is missing
 * @param sharingComplete false when there were more than {@link Audit#MAX_COMPARED_KEYS} different keys: those that came
 *     later were not looked for on other accounts
 */
public record AuditSummary(
        Instant at, int accounts, int unread, long keys, Map<Finding, Long> findings, boolean sharingComplete) {

    /** Copies the map. */
    public AuditSummary {
        Map<Finding, Long> copy = new EnumMap<>(Finding.class);
        copy.putAll(findings);
        findings = Collections.unmodifiableMap(copy);
    }

    /**
     * Tells whether everybody was asked and nothing is alarming.
     *
     * @return false when an account could not be read, or a finding is an {@link Severity#ALARM}
     */
    public boolean isClean() {
        return unread == 0 && findings.keySet().stream().noneMatch(finding -> finding.severity() == Severity.ALARM);
    }
}
