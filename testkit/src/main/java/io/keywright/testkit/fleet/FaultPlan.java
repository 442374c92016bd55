package io.keywright.testkit.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which faults strike which steps of a fleet.
 *
 * <pre>{@code
 * FaultPlan.Rule lost = fleet.faults().on(Verb.POSIX_RENAME).device("web-2").nth(1).inject(Fault.answerLost());
 * fleet.faults().step(17).inject(Fault.crashBefore());
 * fleet.faults().onEvery().withProbability(0.02).inject(Fault.lostBefore());
 * // ... run ...
 * assertThat(lost.hits()).isEqualTo(1);
 * }</pre>
 *
 * <p>All rules that match a step strike, in the order in which they were made; the first that ends the call wins. A rule
 * passes over steps at which its fault cannot happen, without counting them. Thread-safe; with one thread, chance is
 * determined by the fleet's seed.
 */
public final class FaultPlan {
    private final List<Rule> rules = new ArrayList<>();
    private Function<Step, List<Fault>> source = step -> List.of();
    private final SplittableRandom chance;

    FaultPlan(long seed) {
        chance = new SplittableRandom(seed);
    }

    /**
     * Selects every step.
     *
     * @return a selection to be narrowed
     */
    public Selection onEvery() {
        return new Selection(step -> true, 1, Integer.MAX_VALUE, 1);
    }

    /**
     * Selects steps by what they do.
     *
     * @param verb the verb
     * @return a selection to be narrowed
     */
    public Selection on(Verb verb) {
        return onEvery().matching(step -> step.verb() == verb);
    }

    /**
     * Selects one step by its number.
     *
     * @param number the running number, as in {@link TraceEntry}
     * @return a selection of that step
     */
    public Selection step(long number) {
        return onEvery().matching(step -> step.number() == number);
    }

    /**
     * Asks about every step what goes wrong there, beside the rules and after them. Faults that cannot happen at a step are
     * passed over.
     *
     * @param faults is asked when a step begins, and must not wait for anybody; what takes its time belongs into {@link
     *     Fault#before}
     */
    public synchronized void decideBy(Function<Step, List<Fault>> faults) {
        source = Objects.requireNonNull(faults, "faults");
    }

    /** Forgets all rules, and whom to ask. */
    public synchronized void clear() {
        rules.clear();
        source = step -> List.of();
    }

    /** Returns the faults that strike a step, in their order. */
    synchronized List<Fault> strike(Step step) {
        List<Fault> decided = source.apply(step);
        if (rules.isEmpty() && decided.isEmpty()) {
            return List.of();
        }
        List<Fault> struck = new ArrayList<>();
        for (Rule rule : rules) {
            if (rule.strikes(step, chance)) {
                struck.add(rule.fault);
            }
        }
        decided.stream().filter(fault -> fault.fits(step)).forEach(struck::add);
        return struck;
    }

    /** A choice of steps, in the making. Immutable: each method returns a narrower copy. */
    public final class Selection {
        private final Predicate<Step> filter;
        private final int first;
        private final int times;
        private final double probability;

        private Selection(Predicate<Step> filter, int first, int times, double probability) {
            this.filter = filter;
            this.first = first;
            this.times = times;
            this.probability = probability;
        }

        /**
         * Narrows to one device.
         *
         * @param id the device's id
         * @return a copy
         */
        public Selection device(String id) {
            return matching(step -> step.device().equals(id));
        }

        /**
         * Narrows to one remote account name.
         *
         * @param name the account's name
         * @return a copy
         */
        public Selection user(String name) {
            return matching(step -> step.user().equals(name));
        }

        /**
         * Narrows to one calling process.
         *
         * @param name the process's name
         * @return a copy
         */
        public Selection process(String name) {
            return matching(step -> step.process().equals(name));
        }

        /**
         * Narrows by a condition of the caller's.
         *
         * @param condition true for the steps that stay
         * @return a copy
         */
        public Selection matching(Predicate<Step> condition) {
            return new Selection(filter.and(condition), first, times, probability);
        }

        /**
         * Takes only one of the steps selected so far.
         *
         * @param n which, from 1
         * @return a copy
         */
        public Selection nth(int n) {
            return from(n).times(1);
        }

        /**
         * Leaves out the first of the steps selected so far.
         *
         * @param n the first that counts, from 1
         * @return a copy
         */
        public Selection from(int n) {
            if (n < 1) {
                throw new IllegalArgumentException("steps are counted from 1, got " + n);
            }
            return new Selection(filter, n, times, probability);
        }

        /**
         * Strikes at most some times.
         *
         * @param most how often
         * @return a copy
         */
        public Selection times(int most) {
            return new Selection(filter, first, most, probability);
        }

        /**
         * Strikes by chance, drawn from the fleet's seed.
         *
         * @param chance 0 for never to 1 for always
         * @return a copy
         */
        public Selection withProbability(double chance) {
            if (!(chance >= 0 && chance <= 1)) {
                throw new IllegalArgumentException("a probability is from 0 to 1, got " + chance);
            }
            return new Selection(filter, first, times, chance);
        }

        /**
         * Ends the selection: from now on, the fault strikes the selected steps.
         *
         * @param fault what goes wrong there
         * @return the rule, which counts how often it struck
         */
        public Rule inject(Fault fault) {
            Rule rule = new Rule(this, fault);
            synchronized (FaultPlan.this) {
                rules.add(rule);
            }
            return rule;
        }
    }

    /** A fault and the steps it strikes. Thread-safe. */
    public final class Rule {
        private final Selection selection;
        private final Fault fault;
        private int seen;
        private int hits;

        private Rule(Selection selection, Fault fault) {
            this.selection = selection;
            this.fault = fault;
        }

        private boolean strikes(Step step, SplittableRandom source) {
            if (!fault.fits(step) || !selection.filter.test(step)) {
                return false;
            }
            seen++;
            boolean struck = seen >= selection.first
                    && hits < selection.times
                    && (selection.probability >= 1 || source.nextDouble() < selection.probability);
            hits += struck ? 1 : 0;
            return struck;
        }

        /**
         * Returns how often the fault struck, so that a test can show that it did.
         *
         * @return a count from 0
         */
        public int hits() {
            synchronized (FaultPlan.this) {
                return hits;
            }
        }

        /** Ends this rule. */
        public void remove() {
            synchronized (FaultPlan.this) {
                rules.remove(this);
            }
        }
    }
}
