package io.keywright.transport.sshd;

/**
 * What can be set about a {@link SshdTransport}.
 *
 * @param ioThreads threads that move bytes, encrypt and compute key exchanges for all connections together; 1 to 256
 */
public record SshdSettings(int ioThreads) {
    // More threads than this cannot be kept busy by any machine's network, so a larger number is a mistake.
    private static final int MAX_IO_THREADS = 256;

    /** One thread more than there are processors. */
    public static final SshdSettings DEFAULT =
            new SshdSettings(Math.min(MAX_IO_THREADS, Runtime.getRuntime().availableProcessors() + 1));

    /** Checks the range. */
    public SshdSettings {
        if (ioThreads < 1 || ioThreads > MAX_IO_THREADS) {
            throw new IllegalArgumentException("ioThreads must be 1 to " + MAX_IO_THREADS + ", got " + ioThreads);
        }
    }

    /**
     * Returns these settings with another number of threads.
     *
     * @param number 1 to 256
     * @return a copy
     */
    public SshdSettings withIoThreads(int number) {
        return new SshdSettings(number);
    }
}
