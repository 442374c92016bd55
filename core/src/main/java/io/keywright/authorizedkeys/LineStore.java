package io.keywright.authorizedkeys;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of a file as a sequence of lines, split after each LF and nowhere else. An edit shares all the bytes that it
 * does not change. Immutable and thread-safe.
 */
final class LineStore {
    /** Pieces that are kept before they are copied together: few enough that finding a line among them costs nothing. */
    private static final int MAX_RUNS = 64;

    static final LineStore EMPTY = new LineStore(List.of());

    /** Whole lines in one array, whose line {@code i} begins at {@code starts[i]} and ends at {@code starts[i + 1]}. */
    private static final class Run {
        final byte[] data;
        final int[] starts;
        final int first;
        final int count;
        final boolean mayHoldNul;

        Run(byte[] data, int[] starts, int first, int count, boolean mayHoldNul) {
            this.data = data;
            this.starts = starts;
            this.first = first;
            this.count = count;
            this.mayHoldNul = mayHoldNul;
        }

        Run part(int from, int lines) {
            return new Run(data, starts, first + from, lines, mayHoldNul);
        }

        void read(int index, LineLayout layout) {
            layout.read(data, starts[first + index], starts[first + index + 1], mayHoldNul);
        }

        /** Reads a line into a layout, which becomes the line's own. */
        Line line(int index, LineLayout layout, int number) {
            read(index, layout);
            return Line.of(data, starts[first + index], starts[first + index + 1], layout, number);
        }

        int begin() {
            return starts[first];
        }

        int end() {
            return starts[first + count];
        }
    }

    /** Whole lines that take the place of some lines; {@code removed} 0 inserts before line {@code at}. */
    static final class Change {
        final int at;
        final int removed;
        final byte[] replacement;

        /**
         * Makes a change.
         *
         * @param at 0-based index of the first line concerned
         * @param removed how many lines go
         * @param replacement what takes their place; ends with LF unless it becomes the end of the file
         */
        Change(int at, int removed, byte[] replacement) {
            this.at = at;
            this.removed = removed;
            this.replacement = replacement;
        }
    }

    private final Run[] runs;
    /** {@code firstLines[i]} is the 0-based number of the first line in {@code runs[i]}; one more holds the line count. */
    private final int[] firstLines;

    private LineStore(List<Run> runs) {
        this.runs = runs.toArray(new Run[0]);
        this.firstLines = new int[runs.size() + 1];
        for (int i = 0; i < this.runs.length; i++) {
            firstLines[i + 1] = firstLines[i] + this.runs[i].count;
        }
    }

    /** Finds the lines. The array becomes the store's own. */
    static LineStore index(byte[] data) {
        return data.length == 0 ? EMPTY : new LineStore(List.of(run(data)));
    }

    private static Run run(byte[] data) {
        // A guess that suits keys of ordinary size; it grows where lines are shorter.
        int[] starts = new int[data.length / 64 + 8];
        int count = 0;
        int at = 0;
        for (int end = EightBytes.indexOf(data, '\n', 0); end < data.length; end = EightBytes.indexOf(data, '\n', at)) {
            if (count + 2 >= starts.length) {
                starts = Arrays.copyOf(starts, starts.length * 2);
            }
            starts[count++] = at;
            at = end + 1;
        }
        if (at < data.length) {
            starts[count++] = at;
        }
        starts[count] = data.length;
        return new Run(
                data, Arrays.copyOf(starts, count + 1), 0, count, EightBytes.indexOf(data, '\0', 0) < data.length);
    }

    int size() {
        return firstLines[runs.length];
    }

    byte[] toBytes() {
        int length = 0;
        for (Run run : runs) {
            length = Math.addExact(length, run.end() - run.begin());
        }
        byte[] bytes = new byte[length];
        int at = 0;
        for (Run run : runs) {
            System.arraycopy(run.data, run.begin(), bytes, at, run.end() - run.begin());
            at += run.end() - run.begin();
        }
        return bytes;
    }

    /** Reads a line, by its 0-based index. */
    Line line(int index) {
        int run = runOf(index);
        LineLayout layout = new LineLayout();
        return runs[run].line(index - firstLines[run], layout, index + 1);
    }

    /** Finds the lines that hold one of some keys. Others cost no memory. */
    List<Entry> find(Needle... needles) {
        List<Entry> found = new ArrayList<>();
        LineLayout layout = new LineLayout();
        for (int r = 0; r < runs.length; r++) {
            for (int i = 0; i < runs[r].count; i++) {
                runs[r].read(i, layout);
                if (layout.kind == LineLayout.Kind.ENTRY && isAny(needles, runs[r].data, layout)) {
                    found.add((Entry) runs[r].line(i, layout, firstLines[r] + i + 1));
                    layout = new LineLayout();
                }
            }
        }
        return found;
    }

    private static boolean isAny(Needle[] needles, byte[] data, LineLayout layout) {
        for (Needle needle : needles) {
            if (needle.isIn(data, layout)) {
                return true;
            }
        }
        return false;
    }

    private int runOf(int index) {
        int found = Arrays.binarySearch(firstLines, 0, runs.length, index);
        return found >= 0 ? found : -found - 2;
    }

    /** Applies changes, which are in the order of their lines and do not overlap. */
    LineStore apply(List<Change> changes) {
        List<Run> result = new ArrayList<>();
        int next = 0;
        for (Change change : changes) {
            copy(next, change.at, result);
            if (change.replacement.length > 0) {
                result.add(run(change.replacement));
            }
            next = change.at + change.removed;
        }
        copy(next, size(), result);
        LineStore store = new LineStore(result);
        return result.size() <= MAX_RUNS ? store : index(store.toBytes());
    }

    private void copy(int from, int to, List<Run> result) {
        int at = from;
        while (at < to) {
            int index = runOf(at);
            int inRun = at - firstLines[index];
            int count = Math.min(to, firstLines[index + 1]) - at;
            result.add(runs[index].part(inRun, count));
            at += count;
        }
    }
}
