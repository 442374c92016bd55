package io.keywright.rotation;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Keeps the journals of rotations, so that a rotation whose process died can be finished by another. Thread-safe. */
public interface RotationJournal {

    /**
     * Begins the journal of a new rotation.
     *
     * @param credential the credential's name
     * @param rotation the rotation's id, new and greater in text order than the credential's earlier ones
     * @return an empty journal; the caller closes it
     * @throws JournalException when it exists already or cannot be written
     */
    Log create(String credential, String rotation);

    /**
     * Opens the journal of a credential's latest rotation.
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
