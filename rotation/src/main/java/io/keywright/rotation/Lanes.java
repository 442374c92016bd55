package io.keywright.rotation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Works through a list, some items at once, in order. */
final class Lanes {
    private Lanes() {}

    /**
     * Works through items and waits until every one that was begun is done.
     *
     * @param width how many items are worked on at once
     * @param executor runs the lanes; null to work in this thread
     * @param work returns false when no further item is to be begun
     * @return whether every item was begun
     */
    static <T> boolean run(List<T> items, int width, @Nullable Executor executor, Predicate<T> work) {
        Lane<T> lane = new Lane<>(items, work);
        if (executor == null || width <= 1 || items.size() <= 1) {
            lane.run();
            return lane.all();
        }
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (int i = 0; i < Math.min(width, items.size()); i++) {
            running.add(CompletableFuture.runAsync(lane, executor));
        }
        try {
            CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            } else if (e.getCause() instanceof RuntimeException exception) {
                throw exception;
            }
            throw e;
        }
        return lane.all();
    }

    /** Takes items until there are none, one said stop, or one threw. */
    private static final class Lane<T> implements Runnable {
        private final Queue<T> waiting;
        private final Predicate<T> work;
        private boolean stopped;

        Lane(List<T> items, Predicate<T> work) {
            this.waiting = new ArrayDeque<>(items);
            this.work = work;
        }

        @Override
        public void run() {
            for (T item = next(); item != null; item = next()) {
                boolean goOn = false;
                try {
                    goOn = work.test(item);
                } finally {
                    if (!goOn) {
                        stop();
                    }
                }
            }
        }

        private synchronized @Nullable T next() {
            return stopped ? null : waiting.poll();
        }

        private synchronized void stop() {
            stopped = true;
        }

        synchronized boolean all() {
            return !stopped;
        }
    }
}
