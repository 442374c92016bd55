package io.keywright.benchmarks.goals;

import com.sun.management.ThreadMXBean;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.benchmarks.DistinctKeys;
import java.lang.management.ManagementFactory;

/** How many bytes an edit of an authorized_keys file in memory allocates; the same in each run, but for what the JVM compiles. */
final class EditAllocation {
    private static final int LINES = 10_000;
    // What is not compiled to the end allocates an object a line, and 20 edits were not always enough for that.
    private static final int EDITS = 400;

    private EditAllocation() {}

    /**
     * Replaces a key in the middle of a file.
     *
     * @return bytes
     */
    static double measure() {
        DistinctKeys keys = new DistinctKeys();
        AuthorizedKeys file = AuthorizedKeys.parse(keys.file(LINES));
        SshPublicKey old = file.entries().get(LINES / 2).key();
        SshPublicKey successor = keys.next();
        long bytes = Long.MAX_VALUE;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < EDITS; i++) {
            long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            AuthorizedKeys edited = file.replace(old, successor);
            bytes = Math.min(
                    bytes,
                    threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before);
            if (edited.equals(file)) {
                throw new IllegalStateException("nothing was replaced");
            }
        }
        return bytes;
    }
}
