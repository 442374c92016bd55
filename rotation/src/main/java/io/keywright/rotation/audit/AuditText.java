package io.keywright.rotation.audit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Lays an audit out for people. */
final class AuditText {
    private static final int COLUMNS = 8;

    private AuditText() {}

    static String of(AuditReport report) {
        StringBuilder text = new StringBuilder();
        List<String[]> rows = new ArrayList<>();
        rows.add(
                new String[] {"account", "line", "key", "fingerprint", "credential", "rotated", "comment", "findings"});
        List<String> remarks = new ArrayList<>();
        for (AuditResult result : report.results()) {
            if (result instanceof AuditResult.Account account) {
                account.keys().forEach(key -> rows.add(row(account.account(), key)));
                account.findings().forEach(finding -> remarks.add(account.account() + ": " + finding.description()));
                account.warnings().forEach(warning -> remarks.add(account.account() + ": " + warning));
            } else if (result instanceof AuditResult.Unread unread) {
                remarks.add(unread.account() + ": NOT READ: " + unread.failure().message());
            } else if (result instanceof AuditResult.SharedKey shared) {
                remarks.add(shared.fingerprint() + ": on " + shared.count() + " accounts: "
                        + String.join(" ", shared.accounts()));
            }
        }
        table(text, rows);
        remarks.forEach(remark -> text.append(escaped(remark)).append('\n'));
        AuditSummary summary = report.summary();
        text.append(summary.keys())
                .append(" keys on ")
                .append(summary.accounts())
                .append(" accounts; not read: ")
                .append(summary.unread())
                .append('\n');
        summary.findings()
                .forEach((finding, count) -> text.append(String.format(
                        Locale.ROOT,
                        "%-7s %5d  %s: %s%n",
                        finding.severity().name().toLowerCase(Locale.ROOT),
                        count,
                        finding.label(),
                        finding.description())));
        if (!summary.sharingComplete()) {
            text.append("too many different keys: not every one was compared between accounts\n");
        }
        return text.toString().replace("\r\n", "\n");
    }

    private static String[] row(String account, AuditedKey key) {
        return new String[] {
            account,
            fileName(key.file()) + ":" + key.line(),
            key.algorithm() + (key.bits() == 0 ? "" : " " + key.bits()),
            key.fingerprint(),
            key.owner()
                    .map(owner -> owner.credential() + " v" + owner.version() + " "
                            + owner.label().name().toLowerCase(Locale.ROOT))
                    .orElse("-"),
            key.owner()
                    .map(owner -> owner.lastRotated().map(Instant::toString).orElse("never"))
                    .orElse("-"),
            key.comment().isEmpty() ? "-" : key.comment(),
            key.findings().isEmpty() ? "-" : labels(key.findings())
        };
    }

    private static String labels(Collection<Finding> findings) {
        return findings.stream().map(Finding::label).collect(Collectors.joining(" "));
    }

    /** The file within {@code .ssh}, or with its whole path where it is elsewhere. */
    private static String fileName(String path) {
        int folder = path.lastIndexOf("/.ssh/");
        return folder < 0 ? path : path.substring(folder + "/.ssh/".length());
    }

    private static void table(StringBuilder text, List<String[]> rows) {
        int[] widths = new int[COLUMNS];
        for (String[] row : rows) {
            for (int i = 0; i < COLUMNS; i++) {
                row[i] = escaped(row[i]);
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            for (int i = 0; i < COLUMNS - 1; i++) {
                text.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
            }
            text.append(row[COLUMNS - 1]).append('\n');
        }
    }

    /** Comments are written by anybody: nothing in them may move a cursor, begin a line or turn the reading direction. */
    private static String escaped(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            boolean active = Character.isISOControl(c)
                    || Character.getType(c) == Character.FORMAT
                    || Character.getType(c) == Character.LINE_SEPARATOR
                    || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
                    || Character.getType(c) == Character.SURROGATE;
            if (active) {
                safe.append("\\u{").append(Integer.toHexString(c)).append('}');
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }
}
