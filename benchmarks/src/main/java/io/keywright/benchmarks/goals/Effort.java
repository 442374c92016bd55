package io.keywright.benchmarks.goals;

import java.util.stream.Stream;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** How long to measure. */
enum Effort {
    /** Shows that every benchmark runs, with small fleets only; the figures mean nothing. */
    SMOKE("./bench --smoke"),
    /** Under a quarter of an hour on two processors. */
    SHORT("./bench"),
    /** Three times as long. */
    FULL("./bench --full");

    private final String command;

    Effort(String command) {
        this.command = command;
    }

    static Effort of(String[] options) {
        if (options.length == 0) {
            return SHORT;
        }
        for (Effort effort : values()) {
            if (options.length == 1 && effort.command.equals("./bench " + options[0])) {
                return effort;
            }
        }
        throw new IllegalArgumentException("the only options are --smoke and --full");
    }

    String command() {
        return command;
    }

    boolean includes(Contender what) {
        return this != SMOKE || devices(what) <= 100;
    }

    private static int devices(Contender what) {
        return Integer.parseInt(what.parameters().getOrDefault("devices", "0"));
    }

    /**
     * Says how to measure.
     *
     * @param close whether a few percent decide: two JVMs compile the same code differently, so one is not enough then
     */
    void apply(ChainedOptionsBuilder options, Contender what, boolean close) {
        options.timeout(TimeValue.minutes(20));
        if (this == SMOKE) {
            set(options, 1, 0, 1, 20);
            return;
        }
        int times = this == FULL ? 3 : 1;
        int devices = devices(what);
        if (devices >= 100_000) {
            // Two minutes each, most of it in loops that are hot by then.
            set(options, 1, 0, times, 1);
        } else if (devices > 0) {
            // The first is compiled while it runs, and takes twice as long as the third.
            set(options, 1, 2, 4 * times, 1);
        } else if (what.generatesRsaKeys()) {
            // Only the average of many means anything.
            int keys = rsaKeys(what) * times;
            set(options, 1, keys / 5, keys, 1);
        } else if (what.benchmark().endsWith("minaFingerprints")) {
            // Seconds each, and what it warms up with is as long.
            set(options, 1, 1, 3 * times, 1);
        } else if (takesMilliseconds(what.benchmark())) {
            set(options, 1, 8, 10 * times, 250);
        } else {
            // Many short iterations: the more there are, the less it matters what else the machine does in some of
            // them.
            set(options, close ? 2 : 1, 6, (close ? 8 : 12) * times, 80);
        }
    }

    /** Whether a short iteration would hold a few invocations only. */
    private static boolean takesMilliseconds(String benchmark) {
        return Stream.of("LogIn", "RemoteEdit", "AuthorizedKeys").anyMatch(benchmark::startsWith);
    }

    private static int rsaKeys(Contender what) {
        return switch (what.parameters().getOrDefault("algorithm", "")) {
            case "rsa2048" -> 80;
            case "rsa3072" -> 24;
            default -> 8;
        };
    }

    private static void set(ChainedOptionsBuilder options, int forks, int warmups, int iterations, int milliseconds) {
        options.forks(forks)
                .warmupIterations(warmups)
                .warmupTime(TimeValue.milliseconds(Math.min(130, 2 * milliseconds)))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.milliseconds(milliseconds));
    }
}
