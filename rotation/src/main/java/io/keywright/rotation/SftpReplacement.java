package io.keywright.rotation;

import io.keywright.transport.HeldFile;
import io.keywright.transport.RemoteAttributes;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** How new content takes the place of the old over SFTP, under the lock. */
interface SftpReplacement {

    /** Returns how. */
    EditMethod method();

    /** Replaces the content. */
    Result replace(Change change);

    /** Tells of what earlier replacements have left beside a file, each a sentence. */
    default List<String> leftovers(String path) {
        return List.of();
    }

    /**
     * What is to be done.
     *
     * @param path the real path
     * @param original what is there, or empty
     * @param held the original kept open, or empty
     * @param before its content
     * @param after what it should hold
     * @param mayWrite sends, together with the last looks before the change, what is asked whether it may be; what it gives
     *     runs right before the change and throws when it must not be
     * @param changed called when the change has been sent: sends what is asked afterwards
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one edit, and is never compared
    record Change(
            String path,
            Optional<RemoteAttributes> original,
            Optional<HeldFile> held,
            byte[] before,
            byte[] after,
            Supplier<Runnable> mayWrite,
            Runnable changed) {}

    /** What became of it. A closed choice. */
    sealed interface Result {

        /** The file holds what it should. */
        record Done(boolean atomic, boolean durable, List<String> warnings) implements Result {}

        /**
         * A foreign writer came between: the edit starts again from what is there.
         *
         * @param wrote whether the new content was there for a moment
         */
        record Again(boolean wrote) implements Result {}

        /**
         * The new content is there, and a foreign writer has written into the file that it replaced: the edit is done once
         * more, on what the other one wrote.
         *
         * @param overtaken what the replaced file holds
         */
        @SuppressWarnings("ArrayRecordComponent")
        record Overtaken(byte[] overtaken) implements Result {}
    }
}
