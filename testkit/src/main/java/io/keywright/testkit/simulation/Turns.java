package io.keywright.testkit.simulation;

import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Threads that take turns: exactly one of them runs, and the others wait for it to hand over. So a thread is nothing but a
 * stack that can be left and taken up again, and what all of them do together depends on the order of turns only.
 */
final class Turns {
    private final Executor threads;
    private final Semaphore conductor = new Semaphore(0);

    /**
     * Makes a stage without players.
     *
     * @param threads gives each player a thread of its own at once
     */
    Turns(Executor threads) {
        this.threads = threads;
    }

    /** Someone who plays when it is told to. */
    final class Player {
        private final Semaphore turn = new Semaphore(0);
        private final Runnable play;
        private boolean begun;
        private boolean done;
        private @Nullable Throwable failure;

        private Player(Runnable play) {
            this.play = play;
        }

        /** Runs the player until it pauses or is done; called by the conductor. Throws what the player threw. */
        void goOn() {
            if (!begun) {
                begun = true;
                threads.execute(this::perform);
            }
            turn.release();
            conductor.acquireUninterruptibly();
            Throwable thrown = failure;
            failure = null;
            if (thrown instanceof Error error) {
                throw error;
            } else if (thrown instanceof RuntimeException exception) {
                throw exception;
            }
        }

        /** Hands over to the conductor, and waits for the next turn; called by the player. */
        void pause() {
            conductor.release();
            turn.acquireUninterruptibly();
        }

        boolean isPaused() {
            return begun && !done;
        }

        boolean isDone() {
            return done;
        }

        @SuppressWarnings("IllegalCatch") // whatever it is, the conductor throws it
        private void perform() {
            turn.acquireUninterruptibly();
            try {
                play.run();
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                done = true;
                conductor.release();
            }
        }
    }

    Player add(Runnable play) {
        return new Player(play);
    }
}
