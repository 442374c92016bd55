package io.keywright.rotation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends to a journal for many threads at once. Whoever comes while entries are being made durable waits, and what has come
 * together by then is made durable in one append: a hundred devices at work cost the disk hardly more than one.
 *
 * <p>Nobody returns before the own entries are durable, and believed. Entries are believed in the order in which the journal
 * has them, so that a replay comes to the same state. The journal itself is used by one thread at a time. Thread-safe; must
 * not be called with a lock that believing needs.
 */
final class GroupCommit {
    /** Of the usual entries, some 64 KiB: what a disk writes in the time that it takes to write anything at all. */
    static final int MAX_ENTRIES_AT_ONCE = 256;
    /** More threads than any engine has lanes; whoever comes then waits before it is in the queue, not in it. */
    static final int MAX_WAITING = 1024;

    private final RotationJournal.Log log;
    private final Runnable guard;
    private final Consumer<JournalEntry> belief;
    private final int maxWaiting;
    private final Queue<Batch> waiting = new ArrayDeque<>();
    private boolean writing;

    /**
     * Binds to a journal.
     *
     * @param guard runs before each append and throws when nothing may be written any more
     * @param belief is given every entry once it is durable
     */
    GroupCommit(RotationJournal.Log log, Runnable guard, Consumer<JournalEntry> belief) {
        this(log, guard, belief, MAX_WAITING);
    }

    GroupCommit(RotationJournal.Log log, Runnable guard, Consumer<JournalEntry> belief, int maxWaiting) {
        this.log = log;
        this.guard = guard;
        this.belief = belief;
        this.maxWaiting = maxWaiting;
    }

    /** What one thread appends. Guarded by the commit. */
    private static final class Batch {
        final List<JournalEntry> entries;
        boolean done;

        @Nullable
        Throwable failure;

        Batch(List<JournalEntry> entries) {
            this.entries = entries;
        }
    }

    /**
     * Appends entries, and returns when they are durable and believed. An interrupt does not end the wait: the entries may be
     * durable by then, and the caller must know.
     *
     * @throws JournalException when they cannot be written; whoever shared the append gets the same exception
     */
    void append(List<JournalEntry> entries) {
        Batch mine = new Batch(List.copyOf(entries));
        boolean interrupted = enqueue(mine);
        try {
            while (true) {
                List<Batch> group;
                synchronized (this) {
                    while (writing && !mine.done) {
                        interrupted |= await();
                    }
                    if (mine.done) {
                        break;
                    }
                    writing = true;
                    group = next();
                }
                write(group);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (mine.failure instanceof Error error) {
            throw error;
        } else if (mine.failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private synchronized boolean enqueue(Batch batch) {
        boolean interrupted = false;
        while (waiting.size() >= maxWaiting) {
            interrupted |= await();
        }
        waiting.add(batch);
        notifyAll();
        return interrupted;
    }

    /** Returns whether the thread was interrupted, instead of throwing. */
    @SuppressWarnings("WaitNotInLoop") // each caller asks in a loop for what it waits for
    private synchronized boolean await() {
        try {
            wait();
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** The batches at the head of the queue, as many as go together, and at least one. */
    private synchronized List<Batch> next() {
        List<Batch> group = new ArrayList<>();
        int entries = 0;
        while (!waiting.isEmpty()
                && (group.isEmpty() || entries + waiting.element().entries.size() <= MAX_ENTRIES_AT_ONCE)) {
            Batch batch = waiting.remove();
            entries += batch.entries.size();
            group.add(batch);
        }
        return group;
    }

    private void write(List<Batch> group) {
        Throwable failure = null;
        try {
            List<JournalEntry> together =
                    group.stream().flatMap(batch -> batch.entries.stream()).toList();
            guard.run();
            log.append(together);
            together.forEach(belief);
        } catch (RuntimeException | Error e) {
            failure = e; // each of the threads throws it
        }
        synchronized (this) {
            for (Batch batch : group) {
                batch.failure = failure;
                batch.done = true;
            }
            writing = false;
            notifyAll();
        }
    }

    /** How many threads are in the queue. */
    synchronized int waiting() {
        return waiting.size();
    }
}
