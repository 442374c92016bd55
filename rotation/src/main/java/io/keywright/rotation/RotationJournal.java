package io.keywright.rotation;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps the journals of rotations, so that a rotation whose process died can be finished by another. Thread-safe.
 *
 * <p>A rotation is there from its first entries on: there is no journal without them, so that a process which dies, or is
 * overtaken, before it has begun anything hides no rotation that is still to be finished.
 */
public interface RotationJournal {

    /**
     * Begins the journal of a new rotation. The journal and its first entries become durable in one step: after a crash there
     * are all of them, or there is no journal.
     *
     * @param credential the credential's name
     * @param rotation the rotation's id, new and greater in text order than the credential's earlier ones
     * @param beginning the first entries in order, one at least
     * @return the journal; the caller closes it
     * @throws IllegalArgumentException when there is no first entry, or a name is not allowed
     * @throws JournalException when it, or a later one, was begun already, or it cannot be written: {@link #openLatest} tells
     *     whether it was
     */
    Log begin(String credential, String rotation, List<JournalEntry> beginning);

    /**
     * Opens the journal of the latest rotation of a credential that began.
     *
     * @param credential the credential's name
     * @return the journal, or empty when the credential was never rotated; the caller closes it
     * @throws JournalException when it is damaged
     */
    Optional<Log> openLatest(String credential);

    /** The journal of one rotation: append-only. For one thread at a time. */
    interface Log extends AutoCloseable {

        /**
         * Returns the rotation's id.
         *
         * @return the id
         */
        String rotation();

        /**
         * Reads everything that was appended.
         *
         * @return the entries in order
         * @throws JournalException when it is damaged; a torn last line was never durable and is left out instead
         */
        List<JournalEntry> entries();

        /**
         * Reads everything that was appended, without holding all of it in memory where the journal can.
         *
         * @param reader is given the entries in order; it must not use this journal
         * @throws JournalException when it is damaged, maybe after entries have been given out
         */
        default void replay(Consumer<JournalEntry> reader) {
            entries().forEach(reader);
        }

        /**
         * Appends entries, which are durable together when this returns.
         *
         * @param entries in order
         * @throws JournalException when they cannot be written
         */
        void append(List<JournalEntry> entries);

        /** Closes the journal. */
        @Override
        void close();
    }
}
