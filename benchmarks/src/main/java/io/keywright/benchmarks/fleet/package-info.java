/**
 * What benchmarks connect to: a fleet of real SSH servers on loopback, in this process.
 *
 * <pre>{@code
 * try (ServerFleet fleet = ServerFleet.start(10)) {
 *     fleet.reset();
 *     fleet.rotate();
 * }
 * }</pre>
 */
@NullMarked
package io.keywright.benchmarks.fleet;

import org.jspecify.annotations.NullMarked;
