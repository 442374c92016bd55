package io.keywright.testkit.fleet;

import io.keywright.testkit.rotation.MutationHook;
import org.jspecify.annotations.Nullable;

/** Joins the two calls of a {@link MutationHook} into one step. Guarded by the lock of the store that calls it. */
final class LocalSteps implements MutationHook {
    private final SimulatedProcess process;
    private final String of;
    private @Nullable LocalStep under;

    LocalSteps(SimulatedProcess process, String of) {
        this.process = process;
        this.of = of;
    }

    @Override
    public void at(Moment moment, String mutation) {
        LocalStep before = under;
        if (moment == Moment.BEFORE) {
            if (before != null) {
                before.end(); // its change failed by itself, so nobody called for the other half
            }
            LocalStep step = process.begin(of + "." + mutation);
            under = step;
            run(step, step::before, false);
        } else if (before != null) {
            run(before, before::after, true);
        }
    }

    private void run(LocalStep step, Runnable half, boolean last) {
        boolean done = false;
        try {
            half.run();
            done = true;
        } finally {
            if (last || !done) {
                step.end();
                under = null;
            }
        }
    }
}
