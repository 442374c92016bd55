package io.keywright.rotation;

import io.keywright.transport.RemoteAttributes;
import java.util.List;
import java.util.Optional;

/** How new content takes the place of the old over SFTP, under the lock. */
interface SftpReplacement {

    /** Returns how. */
    EditMethod method();

    /**
     * Replaces the content.
     *
     * @return what became of it; empty when a foreign writer came between, so that the edit starts again from what is there
     */
    Optional<RemoteEdit> replace(Change change);

    /**
     * What is to be done.
     *
     * @param path the real path
     * @param original what is there, or empty
     * @param before its content
     * @param after what it should hold
     * @param retries how often this edit has started again
     * @param mayWrite runs right before the change and throws when it must not be
     */
    record Change(
            String path,
            Optional<RemoteAttributes> original,
            @SuppressWarnings("ArrayRecordComponent") byte[] before,
            @SuppressWarnings("ArrayRecordComponent") byte[] after,
            int retries,
            Runnable mayWrite) {

        RemoteEdit done(EditMethod method, boolean atomic, boolean durable, List<String> warnings) {
            return new RemoteEdit(path, method, true, atomic, durable, retries, warnings);
        }
    }
}
