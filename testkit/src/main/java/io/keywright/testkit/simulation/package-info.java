/**
 * A simulator of rotations: engines, their store, journal and clock, and a fleet, where everything that can go wrong does, in
 * an order that depends on a seed only. After every step the model of the world is asked whether each {@link
 * io.keywright.testkit.simulation.Invariant} holds; what engines believe is not.
 *
 * <pre>{@code
 * try (Simulation simulation = Simulation.of(clock -> new MyParts(clock))) {   // your store, your journal
 *     simulation.everyCrash();              // throws InvariantBrokenError, which tells the whole story
 * }
 * }</pre>
 *
 * <p>Several engines take turns on threads of their own, of which exactly one runs at a time: at each step of an engine it is
 * decided whether it goes on, dies, or sleeps while others work. Nothing sleeps really, and nothing reads the machine's clock.
 */
@NullMarked
package io.keywright.testkit.simulation;

import org.jspecify.annotations.NullMarked;
