package io.keywright.benchmarks.goals;

import io.keywright.benchmarks.fleet.ServerFleet;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Which share of the processor time of a rotation the engine itself takes. Every few milliseconds the time that each thread has
 * used is added to whoever its stack shows: the innermost frame that is a transport's, a server's or the engine's. What the JVM
 * does for itself is left out.
 */
final class EngineShare {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
    private static final String ENGINE = "io.keywright.rotation.";
    private static final List<String> OTHERS =
            List.of("io.keywright.transport.", "io.keywright.cli.", "io.keywright.benchmarks.", "org.apache.sshd.");

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Map<Long, Long> used = new HashMap<>();
    private long engine;
    private long all;
    private volatile boolean done;

    private EngineShare() {}

    /**
     * Rotates the key of some servers.
     *
     * @param devices how many: opening the store takes the same for each number of them
     * @return from 0 to 1
     */
    static double measure(int devices) throws IOException {
        try (ServerFleet fleet = ServerFleet.start(devices)) {
            fleet.reset();
            EngineShare share = new EngineShare();
            Thread sampler = new Thread(share::sample, "sampler");
            sampler.setDaemon(true);
            sampler.start();
            fleet.rotate();
            share.done = true;
            sampler.join();
            return (double) share.engine / share.all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it was measured", e);
        }
    }

    private void sample() {
        long self = Thread.currentThread().getId();
        boolean first = true;
        while (!done) {
            for (ThreadInfo thread : threads.dumpAllThreads(false, false)) {
                if (thread.getThreadId() == self) {
                    continue;
                }
                long now = threads.getThreadCpuTime(thread.getThreadId());
                Long before = used.put(thread.getThreadId(), now);
                if (!first && now >= 0) {
                    long since = now - (before == null ? 0 : before);
                    all += since;
                    engine += isEngine(thread.getStackTrace()) ? since : 0;
                }
            }
            first = false;
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    static boolean isEngine(StackTraceElement... innermostFirst) {
        for (StackTraceElement frame : innermostFirst) {
            if (frame.getClassName().startsWith(ENGINE)) {
                return true;
            }
            if (OTHERS.stream().anyMatch(frame.getClassName()::startsWith)) {
                return false;
            }
        }
        return false;
    }
}
