/**
 * Rotations as meters of Micrometer, for whoever has it.
 *
 * <pre>{@code
 * RotationMetrics metrics = new RotationMetrics();
 * metrics.bindTo(registry);
 * metrics.showAge(store, credential.name(), Clock.systemUTC());
 * metrics.record(engine.rotate(plan, metrics.observer().andThen(RotationLog.to("rotation"))));
 * }</pre>
 */
@NullMarked
package io.keywright.rotation.metrics;

import org.jspecify.annotations.NullMarked;
