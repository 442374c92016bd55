package io.keywright.testkit.fleet;

import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * What a file system loses when its machine stops without a word. Immutable and thread-safe.
 *
 * <p>Two things are at stake, each until it was written back: <em>entries</em> (creations, renames, removals, modes and
 * owners), which a journalling file system commits in their order, so that what is undone is always the latest of them; and
 * <em>content</em> that nobody synced. {@code fsync} makes a file's content durable, and not the name under which it stands,
 * unless {@link #withFsyncCommittingEntries} says that the file system is kinder than POSIX promises.
 */
public final class CrashModel {
    private static final int ALL = Integer.MAX_VALUE;
    private static final List<Content> FATES = List.of(Content.values());

    private final int entriesUndone;
    private final Content content;
    private final boolean fsyncCommitsEntries;
    private final long seed;
    private final boolean random;

    /** What becomes of content that was written and not synced. */
    public enum Content {
        /** All of it survives. */
        KEPT,
        /** The file has its previous content, or none when it is new. */
        PREVIOUS,
        /** The file is empty: its size was to be written later (delayed allocation). */
        EMPTY,
        /** The first half survives. */
        TORN
    }

    private CrashModel(int entriesUndone, Content content, boolean fsyncCommitsEntries, long seed, boolean random) {
        this.entriesUndone = entriesUndone;
        this.content = content;
        this.fsyncCommitsEntries = fsyncCommitsEntries;
        this.seed = seed;
        this.random = random;
    }

    /**
     * Loses nothing, as a file system does that writes everything through.
     *
     * @return the model
     */
    public static CrashModel nothingLost() {
        return new CrashModel(0, Content.KEPT, false, 0, false);
    }

    /**
     * Loses all that POSIX allows: every entry since the last sync, and all content that was not synced.
     *
     * @return the model
     */
    public static CrashModel everythingLost() {
        return new CrashModel(ALL, Content.EMPTY, false, 0, false);
    }

    /**
     * Undoes the latest changes of entries, and keeps content.
     *
     * @param latest how many, at most all that are not durable yet
     * @return the model
     */
    public static CrashModel undoing(int latest) {
        if (latest < 0) {
            throw new IllegalArgumentException("the number of undone changes cannot be negative, got " + latest);
        }
        return new CrashModel(latest, Content.KEPT, false, 0, false);
    }

    /**
     * Loses a random number of the latest entries, and treats content in a random way, file by file.
     *
     * @param seed determines both
     * @return the model
     */
    public static CrashModel random(long seed) {
        return new CrashModel(ALL, Content.KEPT, false, seed, true);
    }

    /**
     * Returns this model with another fate of content that was not synced.
     *
     * @param fate what becomes of it
     * @return a copy
     */
    public CrashModel withContent(Content fate) {
        return new CrashModel(entriesUndone, Objects.requireNonNull(fate, "fate"), fsyncCommitsEntries, seed, random);
    }

    /**
     * Returns this model for a file system where syncing any file makes all earlier changes of entries durable too, as
     * ext4 with its default settings happens to do.
     *
     * @return a copy
     */
    public CrashModel withFsyncCommittingEntries() {
        return new CrashModel(entriesUndone, content, true, seed, random);
    }

    boolean fsyncCommitsEntries() {
        return fsyncCommitsEntries;
    }

    /** Draws how one crash goes; the draw is used once. */
    Draw draw() {
        return new Draw(new SplittableRandom(seed));
    }

    final class Draw {
        private final SplittableRandom source;

        private Draw(SplittableRandom source) {
            this.source = source;
        }

        int entriesUndone(int undoable) {
            return random ? source.nextInt(undoable + 1) : Math.min(entriesUndone, undoable);
        }

        Content content() {
            return random ? FATES.get(source.nextInt(FATES.size())) : content;
        }
    }

    /** Says what is lost. */
    @Override
    public String toString() {
        return random
                ? "CrashModel[random, seed " + seed + "]"
                : "CrashModel[entries undone: " + (entriesUndone == ALL ? "all" : entriesUndone) + ", content "
                        + content + (fsyncCommitsEntries ? ", fsync commits entries]" : "]");
    }
}
