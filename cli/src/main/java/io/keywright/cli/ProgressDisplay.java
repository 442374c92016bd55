package io.keywright.cli;

import io.keywright.rotation.RotationEvent;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Consumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows a rotation on standard error while it runs: on a terminal a bar for each phase with the important events above it,
 * elsewhere one line an event. Thread-safe. Closing it leaves the cursor on a fresh line.
 */
public sealed interface ProgressDisplay extends Consumer<RotationEvent>, AutoCloseable {

    /**
     * Makes the display that fits a shell.
     *
     * @param shell where to show it
     * @return the display; the caller closes it
     */
    static ProgressDisplay on(Shell shell) {
        return shell.barColumns() > 0 ? new Bars(shell.err(), shell.barColumns()) : new Lines(shell.err());
    }

    @Override
    void close();

    /** One line an event. */
    final class Lines implements ProgressDisplay {
        private final PrintStream err;

        private Lines(PrintStream err) {
            this.err = err;
        }

        @Override
        public synchronized void accept(RotationEvent event) {
            err.println(Printable.line(event.describe()));
        }

        @Override
        public void close() {
            err.flush();
        }
    }

    /** A bar for each phase that visits devices. */
    final class Bars implements ProgressDisplay {
        /** Return to the first column and erase what is there (ECMA-48, EL). */
        private static final String ERASE = "\r\u001b[K";

        private final PrintStream err;
        private final int columns;
        private @Nullable ProgressBar bar;
        private String drawn = "";

        private Bars(PrintStream err, int columns) {
            this.err = err;
            this.columns = columns;
        }

        @Override
        public void accept(RotationEvent event) {
            // The bar's own thread draws under the lock of this object, so the bar is never closed while holding it.
            if (event instanceof RotationEvent.PhaseBegun phase) {
                finishBar();
                begin(phase);
            } else if (event instanceof RotationEvent.DeviceDone done) {
                step(done);
            } else {
                // The bar is drawn now and then; above it, nothing is said that it does not show yet.
                refreshBar();
                printAbove(event.describe());
            }
        }

        private void begin(RotationEvent.PhaseBegun phase) {
            String name = phase.phase().name().toLowerCase(Locale.ROOT).replace('_', ' ');
            ProgressBar made = new ProgressBarBuilder()
                    .setTaskName(String.format(Locale.ROOT, "%-9s", name))
                    .setInitialMax(phase.devices())
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(200)
                    .setConsumer(new Drawing())
                    .build();
            synchronized (this) {
                bar = made;
            }
        }

        private void step(RotationEvent.DeviceDone done) {
            ProgressBar current;
            synchronized (this) {
                current = bar;
            }
            if (current != null) {
                // Devices that are done at the same time may report in any order.
                current.stepTo(Math.max(done.done(), current.getCurrent()));
                current.setExtraMessage(Printable.of(done.device()));
            }
        }

        private synchronized void printAbove(String line) {
            err.print((drawn.isEmpty() ? "" : ERASE) + Printable.line(line) + System.lineSeparator() + drawn);
            err.flush();
        }

        private void refreshBar() {
            ProgressBar current;
            synchronized (this) {
                current = bar;
            }
            if (current != null) {
                current.refresh();
            }
        }

        private void finishBar() {
            ProgressBar finished;
            synchronized (this) {
                finished = bar;
                bar = null;
            }
            if (finished != null) {
                finished.close();
                // Not left to the bar, which forgets it when it is closed before it was first drawn.
                endLine();
            }
        }

        @Override
        public void close() {
            finishBar();
        }

        private synchronized void draw(String line) {
            drawn = line;
            err.print(ERASE + line);
            err.flush();
        }

        private synchronized void endLine() {
            if (!drawn.isEmpty()) {
                drawn = "";
                err.println();
            }
        }

        /** Where the bar is drawn. */
        private final class Drawing implements ProgressBarConsumer {
            @Override
            public int getMaxRenderedLength() {
                return columns - 1;
            }

            @Override
            public void accept(String line) {
                draw(line);
            }

            @Override
            public void close() {
                // The line is ended where the bar is closed.
            }
        }
    }
}
