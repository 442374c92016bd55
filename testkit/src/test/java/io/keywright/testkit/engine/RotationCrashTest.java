package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.SimulatedCrash;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Kills the engine before and after every single step that it takes, remote or durable, and has another process resume. The
 * devices, the store and the journal are the model's; nothing of the dead process survives.
 */
@Tag("once")
class RotationCrashTest {
    private static final long SEED = 7;
    private static final int DEVICES = 3;

    @Test
    @DisplayName("killed at any step of a rotation, nobody is locked out and resume ends right")
    void rotate_killedAtAnyStep_resumeEndsRight() {
        World calm = new World(SEED, DEVICES);
        calm.rotate(calm.credential());
        long steps = calm.fleet.stepCount();
        assertThat(steps).as("steps of a rotation of %d devices", DEVICES).isGreaterThan(100);
        for (long step = 1; step <= steps; step++) {
            crashAndResume("crash before", step, Fault.crashBefore());
            crashAndResume("crash after", step, Fault.crashAfter());
        }
    }

    private static void crashAndResume(String what, long step, Fault fault) {
        String when = what + " step " + step;
        World world = new World(SEED, DEVICES);
        Credential credential = world.credential();
        SshPublicKey old = world.oldKey;
        world.fleet.faults().step(step).inject(fault);
        boolean crashed = crashes(() -> world.rotate(credential));
        world.bury();
        world.assertNobodyIsLockedOut(when);

        Optional<RotationReport> resumed = world.resume(credential);
        world.bury();
        // It died before its first entry was durable: then nothing has happened, and a rotation simply starts.
        RotationReport report = resumed.orElseGet(() -> world.rotate(credential));
        world.bury();
        assertThat(crashed || report.isSuccess()).as(when).isTrue();
        assertSettling(world, report, old, when);

        world.fleet.clock().advance(Duration.ofHours(25));
        RotationReport finished = world.resume(credential).orElseThrow();
        world.bury();
        assertThat(finished.outcome()).as(when).isEqualTo(RotationReport.Outcome.FINISHED);
        assertThat(world.state().version(1).orElseThrow().label()).as(when).isEqualTo(KeyVersion.Label.DESTROYED);
        world.assertNobodyIsLockedOut(when);
    }

    private static void assertSettling(World world, RotationReport report, SshPublicKey old, String when) {
        assertThat(report.outcome()).as("%s%n%s", when, report.toText()).isEqualTo(RotationReport.Outcome.SETTLING);
        assertThat(world.current()).as(when).isNotEqualTo(old);
        assertThat(report.devices())
                .as(when)
                .hasSize(DEVICES)
                .allMatch(device -> device.outcome() instanceof DeviceOutcome.Done);
        world.fleet.devices().forEach(device -> world.assertRotated(device.id()));
        assertThat(world.state().version(1).orElseThrow().label()).as(when).isEqualTo(KeyVersion.Label.PREVIOUS);
    }

    @Test
    @DisplayName("killed at any step of a roll-back, nobody is locked out and resume takes it back to the end")
    void rollBack_killedAtAnyStep_resumeTakesItBack() {
        World calm = failing();
        assertThat(calm.rotate(calm.credential()).outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
        calm.fleet.clock().advance(Duration.ofHours(25));
        assertThat(calm.resume(calm.credential()).orElseThrow().outcome())
                .isEqualTo(RotationReport.Outcome.ROLLED_BACK);
        long steps = calm.fleet.stepCount();
        for (long step = 1; step <= steps; step++) {
            World world = failing();
            Credential credential = world.credential();
            world.fleet.faults().step(step).inject(Fault.crashAfter());
            String when = "crash after step " + step + " of a roll-back";
            crashes(() -> {
                world.rotate(credential);
                world.fleet.clock().advance(Duration.ofHours(25));
                world.resume(credential);
            });
            world.store.releaseLeases();
            world.assertNobodyIsLockedOut(when);
            Optional<RotationReport> resumed = world.resume(credential);
            world.store.releaseLeases();
            RotationReport settling = resumed.orElseGet(() -> world.rotate(credential));
            assertThat(settling.outcome())
                    .as("%s%n%s", when, settling.toText())
                    .isIn(RotationReport.Outcome.ROLL_BACK_SETTLING, RotationReport.Outcome.ROLLED_BACK);
            world.fleet.clock().advance(Duration.ofHours(25));
            RotationReport report = world.resume(credential).orElseThrow();
            assertThat(report.outcome())
                    .as("%s%n%s", when, report.toText())
                    .isEqualTo(RotationReport.Outcome.ROLLED_BACK);
            assertThat(world.current()).as(when).isEqualTo(world.oldKey);
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
            assertThat(world.state().versions().stream().filter(KeyVersion::hasPrivateKey))
                    .as(when)
                    .hasSize(1);
        }
    }

    /** A world where the last device to be visited lets the new key be added and never lets it in. */
    private static World failing() {
        World world = new World(SEED, DEVICES);
        world.fleet.device("web-2").configure(config -> config.withKeyAlgorithms(java.util.Set.of("ssh-ed25519")));
        Credential ignored = world.credential();
        assertThat(ignored.devicesInOrder().get(DEVICES - 1).id()).isEqualTo("web-2");
        world.fleet
                .faults()
                .on(io.keywright.testkit.fleet.Verb.LOG_IN)
                .device("web-2")
                .matching(step ->
                        !step.detail().contains(world.oldKey.fingerprint().toString()))
                .inject(Fault.refusal());
        return world;
    }

    private static boolean crashes(Runnable work) {
        try {
            work.run();
            return false;
        } catch (SimulatedCrash e) {
            return true;
        }
    }
}
