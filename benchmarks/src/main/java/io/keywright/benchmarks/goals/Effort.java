package io.keywright.benchmarks.goals;

import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** How long to measure. */
enum Effort {
    /** Shows that every benchmark runs, with small fleets only; the figures mean nothing. */
    SMOKE("./bench --smoke"),
    /** Under a quarter of an hour on two processors. */
    SHORT("./bench"),
    /** Five times as long. */
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

    void apply(ChainedOptionsBuilder options, Contender what) {
        if (this == SMOKE) {
            set(options, 0, 1, 20);
            return;
        }
        int times = this == FULL ? 5 : 1;
        int devices = devices(what);
        if (devices >= 100_000) {
            // Two minutes each, most of it in loops that are hot by then.
            set(options, 0, times, 1);
        } else if (devices > 0) {
            set(options, devices > 100 ? 1 : 3, 3 * times, 1);
        } else if (what.benchmark().startsWith("Rsa")) {
            // RSA keys differ by a factor of ten in what their primes cost: only the average of many means anything.
            set(options, 1, 3 * times, 2000);
        } else {
            set(options, 2, 3 * times, 400);
        }
    }

    private static void set(ChainedOptionsBuilder options, int warmups, int iterations, int milliseconds) {
        options.timeout(TimeValue.minutes(20))
                .warmupIterations(warmups)
                .warmupTime(TimeValue.milliseconds(300))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.milliseconds(milliseconds));
    }
}
