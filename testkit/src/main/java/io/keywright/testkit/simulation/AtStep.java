package io.keywright.testkit.simulation;

import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Step;
import java.util.List;

/** One thing goes wrong, at one step of one life, counted from 1. */
final class AtStep implements Adversary {
    private final Life life;
    private final int number;
    private final Fault fault;
    private int seen;

    private AtStep(Life life, int number, Fault fault) {
        this.life = life;
        this.number = number;
        this.fault = fault;
    }

    static AtStep of(Life life, int number, Fault fault) {
        return new AtStep(life, number, fault);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a life is equal to itself only
    public List<Fault> at(Step step, Life whose) {
        return whose == life && ++seen == number ? List.of(fault) : List.of();
    }
}
