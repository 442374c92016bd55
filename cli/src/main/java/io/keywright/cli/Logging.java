package io.keywright.cli;

/** Sets what slf4j-simple writes to standard error. It reads its settings once, when the first logger is made. */
final class Logging {
    private static final String PREFIX = "org.slf4j.simpleLogger.";

    private Logging() {}

    /** Begins to log; to be called before the first logger is made. */
    static void begin(boolean debug) {
        if (debug) {
            System.setProperty(PREFIX + "log.io.keywright", "debug");
            // Not finer: below this, MINA writes the bytes of packets.
            System.setProperty(PREFIX + "log.org.apache.sshd", "info");
            System.setProperty(PREFIX + "log.io.keywright.transport.sshd", "info");
            System.setProperty(PREFIX + "log.io.keywright.transport.sshd.SshdTransport", "debug");
        }
    }
}
