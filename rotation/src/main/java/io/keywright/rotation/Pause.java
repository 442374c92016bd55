package io.keywright.rotation;

import java.time.Duration;

/** Waits between attempts. A test's pause advances a clock instead. */
@FunctionalInterface
public interface Pause {

    /**
     * Waits.
     *
     * @param time how long; not negative
     * @throws InterruptedException when interrupted
     */
    void pause(Duration time) throws InterruptedException;

    /**
     * Waits by sleeping.
     *
     * @return the pause for production
     */
    static Pause sleeping() {
        return time -> Thread.sleep(time.toMillis());
    }
}
