package io.keywright.benchmarks.goals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.openjdk.jmh.util.Statistics;

/**
 * How long something took, from several iterations.
 *
 * @param time in the unit of the benchmark
 * @param error how far off it may be; NaN where there was one iteration
 */
record Measured(double time, double error) {
    private static final double DOUBT = 0.05;

    /** The average, and half of its 99.9 % confidence interval: for what takes a different time whenever it is done. */
    static Measured average(Statistics iterations) {
        return new Measured(iterations.getMean(), iterations.getMeanErrorAt(0.999));
    }

    /**
     * The median, and half of an interval that holds it in 95 of 100 cases, however the times are distributed: for what takes
     * the same time whenever it is done, so that a slow iteration tells what else the machine did. Of fewer than six
     * iterations the interval holds all.
     */
    static Measured median(Statistics iterations) {
        List<Double> times = new ArrayList<>();
        iterations
                .getRawData()
                .forEachRemaining(
                        entry -> times.addAll(Collections.nCopies(Math.toIntExact(entry.getValue()), entry.getKey())));
        return median(times);
    }

    static Measured median(List<Double> times) {
        List<Double> sorted = times.stream().sorted().toList();
        int last = sorted.size() - 1;
        double median = (sorted.get(last / 2) + sorted.get((last + 1) / 2)) / 2;
        if (last == 0) {
            return new Measured(median, Double.NaN);
        }
        int cut = outsiders(sorted.size());
        return new Measured(median, (sorted.get(last - cut) - sorted.get(cut)) / 2);
    }

    /** How many times may be left out on either side: so many tosses of a coin seldom bring no more heads, or tails, than that. */
    private static int outsiders(int count) {
        double exactly = Math.pow(0.5, count);
        double atMost = exactly;
        int heads = 0;
        while (2 * atMost <= DOUBT) {
            exactly = exactly * (count - heads) / (heads + 1);
            heads++;
            atMost += exactly;
        }
        return Math.max(0, heads - 1);
    }
}
