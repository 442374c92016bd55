package io.keywright.rotation.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Works through a source that ends with null, some items at once. */
final class AuditLanes {
    private AuditLanes() {}

    /** Returns when every item is done, or, once one has thrown, when every item that was begun is. */
    static <T> void run(Supplier<@Nullable T> source, Consumer<T> work, @Nullable Executor executor, int width) {
        AtomicBoolean failed = new AtomicBoolean();
        Runnable lane = () -> {
            boolean done = false;
            try {
                for (T item = source.get(); item != null && !failed.get(); item = source.get()) {
                    work.accept(item);
                }
                done = true;
            } finally {
                if (!done) {
                    failed.set(true);
                }
            }
        };
        if (executor == null || width == 1) {
            lane.run();
            return;
        }
        List<CompletableFuture<Void>> lanes = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            lanes.add(CompletableFuture.runAsync(lane, executor));
        }
        try {
            CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException exception) {
                throw exception;
            } else if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }
}
