package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.rotation.Credential;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.PlannedDevice;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationPolicy.OnFailure;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.SftpException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** In which order and how many at once, how many failures end it, and how long both keys are accepted. */
class RolloutTest {
    private static final long SEED = 31;

    private static void cannotBeWritten(World world, String device) {
        world.fleet
                .faults()
                .onEvery()
                .device(device)
                .matching(step -> step.verb() == Verb.CREATE || step.verb() == Verb.CREATE_SYNCED)
                .inject(Fault.status(SftpException.Status.PERMISSION_DENIED));
    }

    private static List<String> done(World world, Phase phase) {
        return world.events.stream()
                .filter(RotationEvent.DeviceDone.class::isInstance)
                .map(RotationEvent.DeviceDone.class::cast)
                .filter(event -> event.phase() == phase)
                .map(RotationEvent.DeviceDone::device)
                .toList();
    }

    private static long outcomes(RotationReport report, Class<? extends DeviceOutcome> type) {
        return report.devices().stream()
                .map(DeviceReport::outcome)
                .filter(type::isInstance)
                .count();
    }

    @Nested
    class Order {
        @Test
        void rotate_asListed_goesInTheCredentialsOrder() {
            World world = new World(SEED, 4);
            Credential listed = world.credential();
            List<io.keywright.rotation.Device> backwards = new ArrayList<>(listed.devices());
            java.util.Collections.reverse(backwards);
            Credential credential = Credential.of(World.NAME, World.USER, backwards)
                    .withPolicy(RotationPolicy.DEFAULT.withOrder(RotationPolicy.Order.AS_LISTED));
            assertThat(world.rotate(credential).isSuccess()).isTrue();
            assertThat(done(world, Phase.EXPAND)).containsExactly("web-4", "web-3", "web-2", "web-1");
        }

        @Test
        void rotate_inWaves_noWaveBeginsBeforeTheOneBeforeItIsThrough() throws Exception {
            World world = new World(SEED, 12);
            RotationPolicy policy =
                    RotationPolicy.DEFAULT.withCanary(2).withWaveSize(3).withParallelism(3);
            Credential credential = world.credential().withPolicy(policy);
            ExecutorService executor = Executors.newFixedThreadPool(3);
            try (RotationEngine engine = world.builder().executor(executor).build()) {
                RotationReport report = engine.rotate(engine.plan(credential), event -> {
                    synchronized (world.events) {
                        world.events.add(event);
                    }
                });
                assertThat(report.isSuccess()).as(report.toText()).isTrue();
            } finally {
                executor.shutdown();
            }
            List<String> order = credential.devicesInOrder().stream()
                    .map(io.keywright.rotation.Device::id)
                    .toList();
            for (Phase phase : List.of(Phase.EXPAND, Phase.CONTRACT)) {
                List<String> done = done(world, phase);
                assertThat(done.subList(0, 2)).isEqualTo(order.subList(0, 2));
                for (int from = 2; from < 12; from += 3) {
                    int to = Math.min(from + 3, 12);
                    assertThat(done.subList(from, to)).containsExactlyInAnyOrderElementsOf(order.subList(from, to));
                }
            }
        }

        @Test
        void plan_withAnExecutor_looksAtDevicesInParallelAndKeepsTheirOrder() throws Exception {
            World world = new World(SEED, 12);
            Credential credential = world.credential().withPolicy(RotationPolicy.DEFAULT.withParallelism(4));
            AtomicInteger tasks = new AtomicInteger();
            ExecutorService executor = Executors.newFixedThreadPool(4);
            try (RotationEngine engine = world.builder()
                    .executor(task -> {
                        tasks.incrementAndGet();
                        executor.execute(task);
                    })
                    .build()) {
                assertThat(engine.plan(credential).devices())
                        .extracting(PlannedDevice::device)
                        .isEqualTo(credential.devicesInOrder());
            } finally {
                executor.shutdown();
            }
            assertThat(tasks).as("the caller's thread is the fourth").hasValue(3);
        }

        /** Virtual threads where the JDK has them, 21 and later. */
        @Test
        void rotate_aThreadForEachDevice_rotatesAll() throws Exception {
            World world = new World(SEED, 40);
            Credential credential = world.credential().withPolicy(RotationPolicy.DEFAULT.withParallelism(40));
            ExecutorService executor = Runtime.version().feature() < 21
                    ? Executors.newCachedThreadPool()
                    : (ExecutorService) Executors.class
                            .getMethod("newVirtualThreadPerTaskExecutor")
                            .invoke(null);
            try (RotationEngine engine = world.builder().executor(executor).build()) {
                RotationReport report = engine.rotate(engine.plan(credential), event -> {});
                assertThat(report.isSuccess()).as(report.toText()).isTrue();
            } finally {
                executor.shutdown();
            }
            credential.devices().forEach(device -> world.assertRotated(device.id()));
        }
    }

    @Nested
    class Failures {
        @Test
        void rotate_asManyFailuresAsAllowed_goesOn() {
            World world = new World(SEED, 6);
            cannotBeWritten(world, "web-2");
            cannotBeWritten(world, "web-3");
            RotationPolicy policy =
                    RotationPolicy.DEFAULT.withOnFailure(OnFailure.QUARANTINE).withMaxFailures(2);
            RotationReport report = world.rotate(world.credential().withPolicy(policy));
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
            assertThat(outcomes(report, DeviceOutcome.Quarantined.class)).isEqualTo(2);
            assertThat(outcomes(report, DeviceOutcome.Done.class)).isEqualTo(4);
        }

        @Test
        void rotate_oneFailureMoreThanAllowed_isTakenBackWithoutTouchingTheRest() {
            World world = new World(SEED, 6);
            cannotBeWritten(world, "web-2");
            cannotBeWritten(world, "web-3");
            RotationPolicy policy =
                    RotationPolicy.DEFAULT.withOnFailure(OnFailure.QUARANTINE).withMaxFailures(1);
            RotationReport report = world.rotate(world.credential().withPolicy(policy));
            assertThat(report.outcome()).as(report.toText()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            assertThat(report.reason().orElseThrow()).contains("2 devices failed");
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
            assertThat(outcomes(report, DeviceOutcome.Untouched.class)).isGreaterThanOrEqualTo(2);
        }

        @Test
        void rotate_tooManyFailuresAfterPromote_leavesTheRestToResume() {
            World world = new World(SEED, 6);
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER promote"))
                    .nth(1)
                    .inject(Fault.before(step -> {
                        world.fleet.device("web-1").goDown();
                        world.fleet.device("web-2").goDown();
                    }));
            RotationPolicy policy = RotationPolicy.DEFAULT.withMaxFailures(1);
            RotationReport report = world.rotate(world.credential().withPolicy(policy));
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
            assertThat(outcomes(report, DeviceOutcome.Expanded.class)).isEqualTo(3);
            world.fleet.device("web-1").comeUp();
            world.fleet.device("web-2").comeUp();
            assertThat(world.resume(world.credential().withPolicy(policy))
                            .orElseThrow()
                            .isSuccess())
                    .isTrue();
        }
    }

    @Nested
    class Overlap {
        @Test
        void rotate_withAnOverlap_bothKeysLogInUntilItIsOver() {
            World world = new World(SEED, 3);
            Credential credential =
                    world.credential().withPolicy(RotationPolicy.DEFAULT.withOverlap(Duration.ofHours(6)));
            RotationReport report = world.rotate(credential);
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.OVERLAPPING);
            assertThat(report.contractsAt()).contains(report.reported().plus(Duration.ofHours(6)));
            assertThat(report.toText()).contains("accepted as well until");
            assertThat(report.toJson()).contains("\"overlapping\"", "\"contractsAt\" : \"20");
            world.fleet.devices().forEach(device -> {
                assertThat(world.account(device.id()).admits(world.oldKey)).isTrue();
                assertThat(world.account(device.id()).admits(world.current())).isTrue();
            });
            world.fleet.clock().advance(Duration.ofHours(5));
            assertThat(world.resume(credential).orElseThrow().outcome()).isEqualTo(RotationReport.Outcome.OVERLAPPING);
            world.fleet.clock().advance(Duration.ofHours(1));
            assertThat(world.resume(credential).orElseThrow().outcome()).isEqualTo(RotationReport.Outcome.SETTLING);
            world.fleet.devices().forEach(device -> world.assertRotated(device.id()));
        }

        @Test
        void rotate_theOverlapIsFixedWhenTheKeyIsPromoted_aNewPolicyDoesNotShortenIt() {
            World world = new World(SEED, 1);
            world.rotate(world.credential().withPolicy(RotationPolicy.DEFAULT.withOverlap(Duration.ofHours(6))));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.OVERLAPPING);
        }
    }

    @Nested
    class Limits {
        @Test
        void policy_outOfRange_isRefused() {
            RotationPolicy policy = RotationPolicy.DEFAULT;
            for (Runnable wrong : List.<Runnable>of(
                    () -> policy.withSettle(RotationPolicy.MIN_SETTLE.minusSeconds(1)),
                    () -> policy.withWaveSize(0),
                    () -> policy.withCanary(0),
                    () -> policy.withParallelism(0),
                    () -> policy.withMaxFailures(-1),
                    () -> policy.withOverlap(Duration.ofSeconds(-1)),
                    () -> policy.withDeadMan(RotationPolicy.MIN_DEAD_MAN.minusSeconds(1)))) {
                assertThatThrownBy(wrong::run).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}
