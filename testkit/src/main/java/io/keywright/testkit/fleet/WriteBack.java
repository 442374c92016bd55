package io.keywright.testkit.fleet;

import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Remembers what a file system has changed and not yet written to its disk. Guarded by its file system's lock. */
final class WriteBack {
    /** Changes remembered at most; older ones count as written. A test that needs more does not need a disk. */
    private static final int MAX_CHANGES = 10_000;

    private final ArrayDeque<Change> changes = new ArrayDeque<>(0);
    private final ArrayDeque<Inode> dirty = new ArrayDeque<>(0);
    private boolean writeThrough;
    private long delaySeconds = 30;
    private long changesEver;
    private long revision;
    private long changesAtFsync;
    private long crashes;

    private record Change(long atSeconds, Runnable undo) {}

    /** Counts every change, also those that a crash makes. */
    long revision() {
        return revision;
    }

    /** Counts what may have changed many files in one moment. */
    long crashes() {
        return crashes;
    }

    void delay(Duration delay) {
        delaySeconds = delay.toSeconds();
    }

    /** From now on nothing is remembered, and nothing can be lost: saves memory where a test stops no machine. */
    void writeThrough() {
        sync();
        writeThrough = true;
    }

    /** Puts a name into a directory, replaces what it stands for, or removes it. */
    void setEntry(Inode directory, String name, @Nullable Inode node, long nowSeconds) {
        Inode before = node == null
                ? directory.entries().remove(name)
                : directory.entries().put(name, node);
        long modifiedBefore = directory.modifiedSeconds;
        directory.modifiedSeconds = nowSeconds;
        remember(nowSeconds, () -> {
            directory.modifiedSeconds = modifiedBefore;
            if (before == null) {
                directory.entries().remove(name);
            } else {
                directory.entries().put(name, before);
            }
        });
        if (node != null && node.changedAt == 0) {
            node.changedAt = revision;
        }
    }

    /** Moves a name; an existing one is replaced in the same step. */
    void moveEntry(Inode from, String fromName, Inode to, String toName, long nowSeconds) {
        Inode moved = from.entries().remove(fromName);
        if (moved == null) {
            throw new IllegalStateException("no entry " + fromName);
        }
        Inode replaced = to.entries().put(toName, moved);
        from.modifiedSeconds = nowSeconds;
        to.modifiedSeconds = nowSeconds;
        remember(nowSeconds, () -> {
            if (replaced == null) {
                to.entries().remove(toName);
            } else {
                to.entries().put(toName, replaced);
            }
            from.entries().put(fromName, moved);
        });
    }

    void setMode(Inode node, int mode, long nowSeconds) {
        int before = node.mode;
        node.mode = mode;
        remember(nowSeconds, () -> node.mode = before);
        node.changedAt = revision;
    }

    void setOwner(Inode node, int uid, int gid, long nowSeconds) {
        int uidBefore = node.uid;
        int gidBefore = node.gid;
        node.uid = uid;
        node.gid = gid;
        remember(nowSeconds, () -> {
            node.uid = uidBefore;
            node.gid = gidBefore;
        });
        node.changedAt = revision;
    }

    void setLabel(Inode node, String label, long nowSeconds) {
        String before = node.label;
        node.label = label;
        remember(nowSeconds, () -> node.label = before);
        node.changedAt = revision;
    }

    void setContent(Inode node, byte[] content, long nowSeconds) {
        revision++;
        boolean clean = node.content == node.durable;
        node.content = content;
        node.changedAt = revision;
        node.modifiedSeconds = nowSeconds;
        if (writeThrough) {
            node.durable = content;
        } else if (clean) {
            node.dirtySinceSeconds = nowSeconds;
            dirty.add(node);
        }
    }

    void fsync(Inode node) {
        node.durable = node.content;
        dirty.removeIf(each -> each == node);
        changesAtFsync = changesEver;
    }

    void sync() {
        changes.clear();
        dirty.forEach(node -> node.durable = node.content);
        dirty.clear();
    }

    /** Loses what the model says; the rest is durable from then on. */
    void crash(CrashModel model, long nowSeconds) {
        revision++;
        crashes++;
        writeBackUntil(nowSeconds - delaySeconds);
        CrashModel.Draw draw = model.draw();
        int undoable = model.fsyncCommitsEntries()
                ? (int) Math.min(changes.size(), changesEver - changesAtFsync)
                : changes.size();
        for (int left = draw.entriesUndone(undoable); left > 0; left--) {
            changes.removeLast().undo().run();
        }
        for (Inode node : dirty) {
            node.content = switch (draw.content()) {
                case KEPT -> node.content;
                case PREVIOUS -> node.durable;
                case EMPTY -> new byte[0];
                case TORN -> java.util.Arrays.copyOf(node.content, node.content.length / 2);
            };
        }
        sync();
    }

    private void remember(long nowSeconds, Runnable undo) {
        revision++;
        if (writeThrough) {
            return;
        }
        writeBackUntil(nowSeconds - delaySeconds);
        changes.add(new Change(nowSeconds, undo));
        changesEver++;
        if (changes.size() > MAX_CHANGES) {
            changes.removeFirst();
        }
    }

    private void writeBackUntil(long seconds) {
        while (!changes.isEmpty() && changes.getFirst().atSeconds() <= seconds) {
            changes.removeFirst();
        }
        while (!dirty.isEmpty() && dirty.getFirst().dirtySinceSeconds <= seconds) {
            Inode node = dirty.removeFirst();
            node.durable = node.content;
        }
    }
}
