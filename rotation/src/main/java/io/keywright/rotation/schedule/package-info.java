/**
 * Changing keys when their time has come: by interval, jitter, maximum age and maintenance windows.
 *
 * <pre>{@code
 * SchedulePolicy nights = new SchedulePolicy(
 *         Duration.ofDays(3),
 *         Optional.of(Duration.ofDays(120)),
 *         List.of(MaintenanceWindow.parse("mon-thu 22:00-04:00 Europe/Berlin")),
 *         Duration.ofMinutes(15));
 * try (ScheduleRunner runner = ScheduleRunner.builder(engine, executor, List.of(new ScheduledCredential(credential, nights)))
 *         .atOnce(4)
 *         .build()) {
 *     runner.start();
 *     shutdown.await();
 * }
 * }</pre>
 *
 * <p>What is due is a function of policy, store, journal and moment: {@link io.keywright.rotation.schedule.Schedule#next}.
 */
@NullMarked
package io.keywright.rotation.schedule;

import org.jspecify.annotations.NullMarked;
