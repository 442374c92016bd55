package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.rotation.Credential;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationPolicy;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.SftpException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What somebody hears who follows a rotation: everything, once, in its order. */
class EventsTest {
    private static final long SEED = 97;
    private static final Duration OVERLAP = Duration.ofHours(1);
    private static final Duration SETTLE = RotationPolicy.DEFAULT.settle();

    private static List<String> told(World world) {
        List<String> told = world.events.stream().map(RotationEvent::describe).toList();
        world.events.clear();
        return told;
    }

    @Nested
    class Forward {
        @Test
        void rotate_inEveryPhase_isToldInOrder() {
            World world = new World(SEED, 2);
            Credential credential = world.credential()
                    .withPolicy(RotationPolicy.DEFAULT.withOverlap(OVERLAP).withDeadMan(Duration.ofHours(4)));
            Instant begin = world.fleet.clock().instant();
            world.rotate(credential);
            assertThat(told(world))
                    .containsExactly(
                            "rotating deploy-prod on 2 devices",
                            "staged version 2, " + world.current().fingerprint(),
                            "adding the new key on 2 devices",
                            "web-2 accepts the new key (1/2)",
                            "web-1 accepts the new key (2/2)",
                            "version 2 is current",
                            "giving the old key an end of its own on 2 devices",
                            "web-2 was told when the old key ends, where it understands that (1/2)",
                            "web-1 was told when the old key ends, where it understands that (2/2)",
                            "both keys are accepted until " + begin.plus(OVERLAP));
            assertThat(world.fleet.clock().instant()).as("no time has passed").isEqualTo(begin);

            world.fleet.clock().advance(OVERLAP);
            world.resume(credential);
            assertThat(told(world))
                    .containsExactly(
                            "resuming deploy-prod on 2 devices",
                            "removing the old key on 2 devices",
                            "web-2 refuses the old key (1/2)",
                            "web-1 refuses the old key (2/2)",
                            "settling until " + begin.plus(OVERLAP).plus(SETTLE));

            world.fleet.clock().advance(SETTLE);
            world.resume(credential);
            assertThat(told(world))
                    .containsExactly(
                            "resuming deploy-prod on 2 devices",
                            "proving once more on 2 devices",
                            "web-2 still refuses the old key (1/2)",
                            "web-1 still refuses the old key (2/2)",
                            "the private key of version 1 is destroyed");
        }
    }

    @Nested
    class Back {
        @Test
        void rotate_aDeviceCannotBeWritten_isToldInOrder() {
            World world = new World(SEED, 2);
            world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device("web-1")
                    .inject(Fault.status(SftpException.Status.PERMISSION_DENIED));
            Instant begin = world.fleet.clock().instant();
            world.rotate(world.credential());
            String why = world.events.stream()
                    .filter(RotationEvent.DeviceFailed.class::isInstance)
                    .map(RotationEvent.DeviceFailed.class::cast)
                    .map(failed -> failed.failure().message())
                    .findFirst()
                    .orElseThrow();
            assertThat(told(world).stream().skip(2))
                    .containsExactly(
                            "adding the new key on 2 devices",
                            "web-2 accepts the new key (1/2)",
                            "web-1: " + why,
                            "taking the rotation back: web-1: " + why,
                            "taking the new key back on 2 devices",
                            "web-2 has the old key only (1/2)",
                            "web-1 has the old key only (2/2)",
                            "settling until " + begin.plus(SETTLE));

            world.fleet.clock().advance(SETTLE);
            world.resume(world.credential());
            assertThat(told(world))
                    .containsExactly(
                            "resuming deploy-prod on 2 devices",
                            "proving once more on 2 devices",
                            "web-2 still refuses the old key (1/2)",
                            "web-1 still refuses the old key (2/2)",
                            "the private key of version 2 is destroyed");
        }
    }

    @Nested
    class Failing {
        @Test
        void rotate_aDeviceIsAway_eachAttemptIsToldWithTheTimeUntilTheNext() {
            World world = new World(SEED, 2);
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE stage"))
                    .inject(Fault.before(step -> world.fleet.device("web-1").goDown()));
            Instant begin = world.fleet.clock().instant();
            world.rotate(world.credential()
                    .withPolicy(RotationPolicy.DEFAULT.withOnFailure(RotationPolicy.OnFailure.QUARANTINE)));
            List<RotationEvent.DeviceFailed> failed = world.events.stream()
                    .filter(RotationEvent.DeviceFailed.class::isInstance)
                    .map(RotationEvent.DeviceFailed.class::cast)
                    .toList();
            assertThat(failed)
                    .allMatch(event -> event.device().equals("web-1")
                            && event.phase() == RotationEvent.Phase.EXPAND
                            && event.failure().kind() == DeviceFailure.Kind.UNREACHABLE);
            assertThat(failed).extracting(RotationEvent.DeviceFailed::attempt).containsExactly(1, 2, 3);
            Duration first = failed.get(0).retryIn();
            Duration second = failed.get(1).retryIn();
            assertThat(first).isBetween(Duration.ofMillis(250), Duration.ofMillis(500));
            assertThat(second).isBetween(Duration.ofMillis(500), Duration.ofMillis(1000));
            assertThat(failed.get(2).retryIn()).isZero();
            assertThat(failed).extracting(RotationEvent::at).startsWith(begin, begin.plus(first));
        }
    }
}
