package io.keywright.rotation;

import java.time.Duration;

/** Waiting that turns interruption into our own exception and keeps the flag. */
final class Threads {
    private Threads() {}

    static void pause(Pause pause, Duration time) {
        try {
            pause.pause(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RotationException("interrupted; whatever is unfinished can be resumed", e);
        }
    }
}
