package io.keywright.rotation.audit;

import java.util.List;

/**
 * All results of an audit: for fleets that fit into memory.
 *
 * @param results the accounts by name, then the shared keys
 * @param summary what it came to
 */
public record AuditReport(List<AuditResult> results, AuditSummary summary) {

    /** Copies the list. */
    public AuditReport {
        results = List.copyOf(results);
    }

    /**
     * Writes the report for people: a table of keys, then what could not be asked, what is shared, and the sums. What is
     * active on a terminal is escaped in comments.
     *
     * @return lines of text, each ended by LF
     */
    public String toText() {
        return AuditText.of(this);
    }

    /**
     * Writes the report for programs.
     *
     * @return one JSON object
     */
    public String toJson() {
        return AuditJson.of(this);
    }
}
