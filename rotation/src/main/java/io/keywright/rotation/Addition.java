package io.keywright.rotation;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Tells what an edit adds, where adding is all it does. Where a line stands decides nothing for sshd, so that a line put into
 * the middle may as well come last.
 */
final class Addition {
    private Addition() {}

    /**
     * Returns the bytes that, put after a file's content, add the same lines as an edit.
     *
     * @return what to append; empty when the edit changes or removes a line, too
     */
    static Optional<byte[]> of(byte[] before, byte[] after) {
        List<byte[]> old = lines(before);
        ByteArrayOutputStream added = new ByteArrayOutputStream();
        boolean endMissing = before.length > 0 && before[before.length - 1] != '\n';
        if (endMissing) {
            added.write('\n');
        }
        int next = 0;
        for (byte[] line : lines(after)) {
            boolean last = next == old.size() - 1;
            if (next < old.size() && same(old.get(next), line, last && endMissing)) {
                next++;
            } else {
                added.writeBytes(line);
                if (line[line.length - 1] != '\n') {
                    added.write('\n');
                }
            }
        }
        return next == old.size() ? Optional.of(added.toByteArray()) : Optional.empty();
    }

    /** An old last line without an end may have been given one. */
    private static boolean same(byte[] old, byte[] line, boolean endMissing) {
        if (Arrays.equals(old, line)) {
            return true;
        }
        boolean lineFeed = line.length == old.length + 1;
        boolean both = line.length == old.length + 2 && line[old.length] == '\r';
        return endMissing
                && (lineFeed || both)
                && line[line.length - 1] == '\n'
                && Arrays.equals(old, Arrays.copyOf(line, old.length));
    }

    /** Lines with their ends. */
    private static List<byte[]> lines(byte[] content) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '\n' || i == content.length - 1) {
                lines.add(Arrays.copyOfRange(content, start, i + 1));
                start = i + 1;
            }
        }
        return lines;
    }
}
