package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.rotation.Credential;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.StoreDamagedException;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.SftpException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A private key that the store cannot open any more stops what needs it, and nothing else. */
class DamagedKeyTest {
    private static final long SEED = 97;

    /** Version 2 was taken back, and is not destroyed yet. */
    private static World withAVersionThatWasTakenBack() {
        World world = new World(SEED, 2);
        world.fleet
                .faults()
                .on(Verb.CREATE_SYNCED)
                .device("web-1")
                .inject(Fault.status(SftpException.Status.PERMISSION_DENIED));
        assertThat(world.rotate(world.credential()).outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
        world.fleet.faults().clear();
        assertThat(world.state().version(2).orElseThrow().label()).isEqualTo(KeyVersion.Label.ROLLED_BACK);
        return world;
    }

    @Nested
    class NotNeeded {
        @Test
        void rotate_aVersionThatNoDeviceLetsIn_isNotOpened() {
            World world = withAVersionThatWasTakenBack();
            world.damaged.add(2);
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.fleet.devices().forEach(device -> world.assertRotated(device.id()));
        }

        @Test
        void rotate_aNewerVersionThatTheDeviceMissed_isPassedOver() {
            World world = new World(SEED, 2);
            Credential credential = world.credential()
                    .withPolicy(RotationPolicy.DEFAULT.withOnFailure(RotationPolicy.OnFailure.QUARANTINE));
            world.fleet.device("web-1").goDown();
            world.rotate(credential);
            world.rotate(credential);
            world.fleet.device("web-1").comeUp();
            world.damaged.add(2);
            RotationReport report = world.rotate(credential);
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.assertRotated("web-1");
        }
    }

    @Nested
    class Needed {
        @Test
        void plan_theCurrentKey_isTheStoresTroubleAndChangesNothing() {
            World world = new World(SEED, 2);
            world.damaged.add(1);
            try (RotationEngine engine = world.engine()) {
                assertThatThrownBy(() -> engine.plan(world.credential()))
                        .isInstanceOf(StoreDamagedException.class)
                        .hasMessageContaining("version 1");
            }
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
        }
    }
}
