package io.keywright.transport;

/**
 * A terminal's size in characters.
 *
 * @param columns width, at least 1
 * @param rows height, at least 1
 */
public record TerminalSize(int columns, int rows) {
    /** More than any screen; keeps the numbers within what servers store, 16 bits. */
    private static final int MAX_EDGE = 65535;

    /** Checks the range. */
    public TerminalSize {
        if (columns < 1 || rows < 1 || columns > MAX_EDGE || rows > MAX_EDGE) {
            throw new IllegalArgumentException(
                    "a terminal has 1 to " + MAX_EDGE + " columns and rows, got " + columns + "x" + rows);
        }
    }

    /** Returns e.g. {@code "80x24"}. */
    @Override
    public String toString() {
        return columns + "x" + rows;
    }
}
