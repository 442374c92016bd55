package io.keywright.testkit.simulation;

import io.keywright.testkit.fleet.TraceEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What was decided in one run of the world, and the latest steps, so that a failure can tell its story. */
final class Schedule {
    private static final int STEPS_TOLD = 60;
    /** A schedule that takes more steps than this never ends: some twenty times as long as a rotation. */
    static final int MAX_STEPS = 20_000;

    private final List<String> decisions = new ArrayList<>();
    private final Deque<TraceEntry> latest = new ArrayDeque<>(STEPS_TOLD + 1);
    private long steps;
    private long ended;

    /** Writes down a decision that was made before the next step. */
    void decided(String what) {
        decisions.add("before step " + (steps + 1) + ": " + what);
    }

    void stepped(TraceEntry entry) {
        steps = Math.max(steps, entry.step().number());
        ended++;
        latest.addLast(entry);
        if (latest.size() > STEPS_TOLD) {
            latest.removeFirst();
        }
    }

    long steps() {
        return steps;
    }

    /** Counts the steps in the order in which they ended: one that a zombie slept in began long before. */
    long ended() {
        return ended;
    }

    /** The whole story: what was decided, then the latest steps. */
    String tell() {
        StringBuilder story = new StringBuilder("schedule:\n");
        decisions.forEach(decision -> story.append("  ").append(decision).append('\n'));
        story.append("latest steps:\n");
        latest.forEach(entry -> story.append("  ").append(entry).append('\n'));
        return story.toString();
    }
}
