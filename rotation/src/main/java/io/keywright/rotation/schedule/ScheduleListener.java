package io.keywright.rotation.schedule;

import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationReport;
import java.time.Instant;

/**
 * Hears of what a {@link ScheduleRunner} does, on the threads that do it: several at once. What it throws is logged and has
 * no further effect.
 */
public interface ScheduleListener {

    /**
     * A task begins.
     *
     * @param task the task
     */
    default void begun(ScheduledTask task) {}

    /**
     * Something happened in a task's rotation.
     *
     * @param task the task
     * @param event what happened
     */
    default void happened(ScheduledTask task, RotationEvent event) {}

    /**
     * A task has come to an end. That is no success yet: see {@link RotationReport#outcome}.
     *
     * @param task the task
     * @param report how the rotation stands
     */
    default void done(ScheduledTask task, RotationReport report) {}

    /**
     * A task could not be done, and is tried again.
     *
     * @param task the task
     * @param cause why; a {@link io.keywright.rotation.CredentialBusyException} when somebody else is at it
     * @param retryAt when it is tried again
     */
    default void failed(ScheduledTask task, RuntimeException cause, Instant retryAt) {}
}
