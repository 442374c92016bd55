package io.keywright.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.keywright.benchmarks.fleet.ServerFleet;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Prints where the time of a rotation of 1,000 embedded servers goes, beside that of as many bare log-ins, and of the same
 * log-ins with the same edits and no engine. Run it with {@code ./bench --rotation}.
 *
 * <p>Processor time is counted, the kernel's included, by whom a thread works for. What the threads are at that go through the
 * devices is sampled, and so is which code runs.
 */
public final class RotationProfile {
    private static final int DEVICES = 1000;
    // By then nearly all that is compiled is compiled.
    private static final int WARM_UPS = 3;
    private static final double NANOS_A_MILLI = 1e6;
    private static final Duration SAMPLED_EVERY = Duration.ofMillis(20);

    private static final String LANES = "what goes through the devices";
    private static final String JVM = "compiling, collecting";
    private static final String IDLE = "nothing to begin: the caller is at the store";

    /** Whom a thread works for, by the beginning of its name. */
    private static final Map<String, String> THREADS = ordered(
            "sshd-SshClient", "client, connections",
            "sshd-Listener", "servers, connections",
            "sshd-fleet-sftp", "servers, files",
            "pool-", LANES,
            "main", LANES);

    /** What a thread is at that goes through the devices, by the innermost frame whose class begins so. */
    private static final Map<String, String> DOING = ordered(
            "io.keywright.transport.internal.Sftp", "edits",
            "io.keywright.transport.internal.Channels", "edits",
            "io.keywright.transport.internal.Links", "log-ins and good-byes",
            "io.keywright.transport.internal.Handshake", "log-ins and good-byes",
            "io.keywright.rotation.GroupCommit", "the journal",
            "io.keywright.rotation.FileRotationJournal", "the journal",
            "io.keywright.rotation.KeyRing", "the store",
            "io.keywright.rotation.Directory", "the store",
            "io.keywright.internal.Lanes", IDLE,
            "io.keywright.benchmarks", IDLE);

    /** Which code runs, by the innermost frame whose class begins so. */
    private static final Map<String, String> CODE = ordered(
            "org.bouncycastle.", "Bouncy Castle: key exchange, the client's signatures",
            "net.i2p.", "i2p: the servers' signatures and checks",
            "com.sun.crypto.", "JDK: ciphers and digests",
            "sun.security.", "JDK: ciphers and digests",
            "sun.nio.", "JDK: sockets and files",
            "io.keywright.rotation.", "Keywright, engine and edits",
            "io.keywright.cli.", "servers: SFTP and files",
            "org.apache.sshd.sftp.", "servers: SFTP and files",
            "org.apache.sshd.common.file.", "servers: SFTP and files",
            "io.keywright.", "Keywright, everything else",
            "org.apache.sshd.", "MINA's packets and sessions");

    private RotationProfile() {}

    /** What is compared. */
    @FunctionalInterface
    private interface Work {
        void run(ServerFleet fleet) throws IOException;
    }

    /**
     * Measures and prints.
     *
     * @param args none, or how many servers
     * @throws IOException when a file cannot be written
     */
    public static void main(String[] args) throws IOException {
        int devices = args.length == 0 ? DEVICES : Integer.parseInt(args[0]);
        Map<String, Work> works = new LinkedHashMap<>();
        works.put("log-ins", fleet -> fleet.logIn(4));
        works.put("and edits", ServerFleet::logInAndEdit);
        works.put("rotation", ServerFleet::rotate);
        List<Usage> usages = new ArrayList<>();
        try (ServerFleet fleet = ServerFleet.start(devices)) {
            for (int i = 0; i <= WARM_UPS; i++) {
                usages.clear();
                for (Work work : works.values()) {
                    fleet.reset(0);
                    usages.add(Usage.of(fleet, work));
                }
            }
        }
        System.out.printf("# %d servers, 4 connections to each, %d at once%n", devices, ServerFleet.PARALLELISM);
        System.out.printf("%-54s", "");
        works.keySet().forEach(name -> System.out.printf("%10s", name));
        System.out.println("\n# milliseconds a server");
        line("the clock's", usages, usage -> usage.wallNanos() / NANOS_A_MILLI / devices);
        line("the processors'", usages, usage -> sum(usage.processorNanos()) / NANOS_A_MILLI / devices);
        lines(usages, Usage::processorNanos, (of, sum) -> of / NANOS_A_MILLI / devices);
        System.out.printf("%n# what the %d threads are at that go through the devices, %%%n", ServerFleet.PARALLELISM);
        lines(usages, Usage::doing, (of, sum) -> 100.0 * of / sum);
        System.out.println("\n# which Java code runs, %");
        lines(usages, Usage::code, (of, sum) -> 100.0 * of / sum);
    }

    /** How a number of a group is shown, given the sum of all. */
    @FunctionalInterface
    private interface Shown {
        double of(long number, long sum);
    }

    private static void lines(List<Usage> usages, Function<Usage, Map<String, Long>> numbers, Shown shown) {
        Set<String> groups = new LinkedHashSet<>();
        usages.forEach(usage -> groups.addAll(numbers.apply(usage).keySet()));
        for (String group : groups) {
            line("  " + group, usages, usage -> {
                Map<String, Long> all = numbers.apply(usage);
                return shown.of(all.getOrDefault(group, 0L), sum(all));
            });
        }
    }

    private static void line(String name, List<Usage> usages, Function<Usage, Double> shown) {
        System.out.printf("%-54s", name);
        usages.forEach(usage -> System.out.printf(Locale.ROOT, "%10.1f", shown.apply(usage)));
        System.out.println();
    }

    private static long sum(Map<String, Long> numbers) {
        return numbers.values().stream().mapToLong(Long::longValue).sum();
    }

    private static Map<String, String> ordered(String... beginningsAndNames) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < beginningsAndNames.length; i += 2) {
            map.put(beginningsAndNames[i], beginningsAndNames[i + 1]);
        }
        return map;
    }

    /** The name of the first that begins as one of those in the map. */
    private static String first(Stream<String> candidates, Map<String, String> names, String otherwise) {
        return candidates
                .flatMap(candidate -> names.entrySet().stream()
                        .filter(entry -> candidate.startsWith(entry.getKey()))
                        .limit(1)
                        .map(Map.Entry::getValue))
                .findFirst()
                .orElse(otherwise);
    }

    /**
     * What work took.
     *
     * @param wallNanos of the clock
     * @param processorNanos by whom it was for
     * @param doing samples of the threads that go through the devices, by what they were at
     * @param code samples of all threads, by what ran
     */
    private record Usage(
            long wallNanos, Map<String, Long> processorNanos, Map<String, Long> doing, Map<String, Long> code) {
        static Usage of(ServerFleet fleet, Work work) throws IOException {
            OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
            Path file = Files.createTempFile("rotation", ".jfr");
            try (Recording recording = new Recording()) {
                Sampler sampler = new Sampler();
                recording.enable("jdk.ExecutionSample").withPeriod(SAMPLED_EVERY);
                recording.start();
                Map<Long, Long> before = threadNanos();
                long processor = system.getProcessCpuTime();
                long begin = System.nanoTime();
                sampler.start();
                work.run(fleet);
                sampler.stop();
                long wall = System.nanoTime() - begin;
                long all = system.getProcessCpuTime() - processor;
                Map<String, Long> groups = byGroup(before, all);
                recording.stop();
                recording.dump(file);
                return new Usage(wall, groups, sampler.samples, code(file));
            } finally {
                Files.delete(file);
            }
        }

        private static Map<Long, Long> threadNanos() {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            Map<Long, Long> times = new HashMap<>();
            for (long id : threads.getAllThreadIds()) {
                times.put(id, Math.max(0, threads.getThreadCpuTime(id)));
            }
            return times;
        }

        /** The rest, which no thread of Java's has used, is the JVM's. */
        private static Map<String, Long> byGroup(Map<Long, Long> before, long all) {
            Map<String, Long> groups = new LinkedHashMap<>();
            THREADS.values().forEach(name -> groups.put(name, 0L));
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long ours = 0;
            for (Map.Entry<Long, Long> thread : threadNanos().entrySet()) {
                ThreadInfo info = threads.getThreadInfo(thread.getKey());
                long since = thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
                if (info != null) {
                    groups.merge(first(Stream.of(info.getThreadName()), THREADS, JVM), since, Long::sum);
                    ours += since;
                }
            }
            groups.merge(JVM, all - ours, Long::sum);
            return groups;
        }

        private static Map<String, Long> code(Path file) throws IOException {
            Map<String, Long> code = new LinkedHashMap<>();
            CODE.values().forEach(name -> code.put(name, 0L));
            try (RecordingFile events = new RecordingFile(file)) {
                while (events.hasMoreEvents()) {
                    RecordedEvent event = events.readEvent();
                    if (event.getStackTrace() != null) {
                        Stream<String> types = event.getStackTrace().getFrames().stream()
                                .map(frame -> frame.getMethod().getType().getName());
                        code.merge(first(types, CODE, "everything else"), 1L, Long::sum);
                    }
                }
            }
            return code;
        }
    }

    /** Looks again and again at what the threads are at that go through the devices. */
    private static final class Sampler {
        private final Map<String, Long> samples = new LinkedHashMap<>();
        private final Thread thread = new Thread(this::sample, "sampler");
        private volatile boolean done;

        void start() {
            DOING.values().forEach(name -> samples.put(name, 0L));
            thread.setDaemon(true);
            thread.start();
        }

        private void sample() {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            try {
                while (!done) {
                    for (ThreadInfo info : threads.dumpAllThreads(false, false)) {
                        String name = info.getThreadName();
                        if (name.startsWith("pool-")) {
                            Stream<String> types =
                                    Arrays.stream(info.getStackTrace()).map(StackTraceElement::getClassName);
                            samples.merge(first(types, DOING, IDLE), 1L, Long::sum);
                        }
                    }
                    Thread.sleep(SAMPLED_EVERY.toMillis());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void stop() {
            done = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
