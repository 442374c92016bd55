package io.keywright.authorizedkeys;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares two files line by line and tells the difference to a person. */
final class LineDiff {
    /**
     * The most pairs of lines that are compared, after equal ones at both ends are set aside: 16 MiB of table. Beyond it
     * everything in between is shown as removed and added, which is true and long.
     */
    private static final long MAX_PAIRS = 4L * 1024 * 1024;

    private final List<Line> before;
    private final List<Line> after;
    private final StringBuilder text = new StringBuilder();

    LineDiff(List<Line> before, List<Line> after) {
        this.before = before;
        this.after = after;
    }

    String text() {
        int[] left = new int[before.size()];
        int[] right = new int[after.size()];
        Map<ByteBuffer, Integer> known = new HashMap<>();
        number(before, left, known);
        number(after, right, known);
        int from = 0;
        while (from < left.length && from < right.length && left[from] == right[from]) {
            from++;
        }
        int leftEnd = left.length;
        int rightEnd = right.length;
        while (leftEnd > from && rightEnd > from && left[leftEnd - 1] == right[rightEnd - 1]) {
            leftEnd--;
            rightEnd--;
        }
        if ((long) (leftEnd - from) * (rightEnd - from) > MAX_PAIRS) {
            hunk(from, leftEnd, from, rightEnd);
        } else {
            hunks(left, right, from, leftEnd, rightEnd);
        }
        return text.toString();
    }

    /** Gives equal lines equal numbers. */
    private static void number(List<Line> lines, int[] numbers, Map<ByteBuffer, Integer> known) {
        for (int i = 0; i < numbers.length; i++) {
            Line line = lines.get(i);
            ByteBuffer bytes = ByteBuffer.wrap(line.data, line.from, line.to - line.from);
            numbers[i] = known.computeIfAbsent(bytes, unseen -> known.size());
        }
    }

    /** Walks along a longest common subsequence. */
    private void hunks(int[] left, int[] right, int from, int leftEnd, int rightEnd) {
        int[][] common = new int[leftEnd - from + 1][rightEnd - from + 1];
        for (int i = leftEnd - 1; i >= from; i--) {
            for (int j = rightEnd - 1; j >= from; j--) {
                common[i - from][j - from] = left[i] == right[j]
                        ? common[i - from + 1][j - from + 1] + 1
                        : Math.max(common[i - from + 1][j - from], common[i - from][j - from + 1]);
            }
        }
        int i = from;
        int j = from;
        int hunkLeft = i;
        int hunkRight = j;
        while (i < leftEnd || j < rightEnd) {
            boolean same = i < leftEnd && j < rightEnd && left[i] == right[j];
            if (same) {
                hunk(hunkLeft, i, hunkRight, j);
                i++;
                j++;
                hunkLeft = i;
                hunkRight = j;
            } else if (j == rightEnd
                    || (i < leftEnd && common[i - from + 1][j - from] >= common[i - from][j - from + 1])) {
                i++;
            } else {
                j++;
            }
        }
        hunk(hunkLeft, i, hunkRight, j);
    }

    private void hunk(int leftFrom, int leftTo, int rightFrom, int rightTo) {
        if (leftFrom == leftTo && rightFrom == rightTo) {
            return;
        }
        text.append("@@ -")
                .append(range(leftFrom, leftTo))
                .append(" +")
                .append(range(rightFrom, rightTo))
                .append(" @@\n");
        for (Line line : before.subList(leftFrom, leftTo)) {
            show('-', line);
        }
        for (Line line : after.subList(rightFrom, rightTo)) {
            show('+', line);
        }
    }

    /** Formats a range as diff -u does: an empty one is named by the line before it. */
    private static String range(int from, int to) {
        return to == from ? from + ",0" : to == from + 1 ? String.valueOf(to) : (from + 1) + "," + (to - from);
    }

    private void show(char sign, Line line) {
        text.append(sign).append(line.number()).append(": ");
        if (line instanceof Entry entry) {
            String options = entry.options().text();
            append(options.isEmpty() ? "" : options + " ");
            append(entry.algorithm());
            text.append(' ').append(entry.fingerprint());
            append(entry.comment().isEmpty() ? "" : " " + entry.comment());
        } else if (line instanceof Line.Malformed malformed) {
            // Not its text: what is no key may be a secret that was pasted by mistake.
            text.append("(malformed, ")
                    .append(malformed.textBytes().length)
                    .append(" bytes: ")
                    .append(malformed.problem().description())
                    .append(')');
        } else if (line instanceof Line.Blank) {
            text.append("(blank)");
        } else {
            append(line.text());
        }
        switch (line.lineEnd()) {
            case "\n" -> text.append('\n');
            case "\r\n" -> text.append(" (CR LF)\n");
            default -> text.append(" (no line end)\n");
        }
    }

    /** Appends text in which nothing can move the cursor, colour the terminal or turn the reading direction. */
    private void append(String shown) {
        shown.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                text.append("\\u{").append(Integer.toHexString(c)).append('}');
            } else {
                text.appendCodePoint(c);
            }
        });
    }
}
