package io.keywright.rotation;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes a rotation's events to a log: what ends a device's step or the rotation badly as a warning, devices that are done as
 * debugging, everything else as information. Nothing in it is secret. Thread-safe.
 */
public final class RotationLog implements Consumer<RotationEvent> {
    private final Logger logger;

    RotationLog(Logger logger) {
        this.logger = logger;
    }

    /**
     * Makes a listener that writes to a logger of slf4j.
     *
     * @param logger the logger's name
     * @return the listener, for {@link RotationEngine#rotate} and {@link RotationEngine#resume}
     */
    public static RotationLog to(String logger) {
        return new RotationLog(LoggerFactory.getLogger(logger));
    }

    @Override
    public void accept(RotationEvent event) {
        logger.atLevel(level(event)).log(event.describe());
    }

    private static Level level(RotationEvent event) {
        if (event instanceof RotationEvent.DeviceFailed failed) {
            return failed.retryIn().isZero() ? Level.WARN : Level.INFO;
        } else if (event instanceof RotationEvent.Aborting) {
            return Level.WARN;
        }
        return event instanceof RotationEvent.DeviceDone ? Level.DEBUG : Level.INFO;
    }
}
