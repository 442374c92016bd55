package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyPair;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.PenaltyRules;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTransport;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What goes wrong in the field, as far as no other test has it; this package's documentation says where each is. */
class FieldFailuresTest {
    private static final long SEED = 29;
    private static final String DEVICE = "web-1";

    @Nested
    class Rotate {
        @Test
        void rotate_byteOrderMarkInFront_isKept() {
            World world = new World(SEED, 1);
            String comment = "\uFEFF# saved by an editor\r\n";
            world.account(DEVICE).writeAuthorizedKeys(comment + world.oldKey.toLine() + "\r\n");
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(world.account(DEVICE).authorizedKeysText())
                    .isEqualTo(comment + world.current().toLine() + "\r\n");
        }

        @Test
        void rotate_sameKeyTwiceAndTheFirstLineDoesNotAdmitUs_goesFromBothLines() {
            World world = new World(SEED, 1);
            String old = world.oldKey.toLine();
            world.account(DEVICE).writeAuthorizedKeys("from=\"192.0.2.1\" " + old + "\n" + old + "\n");
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(world.account(DEVICE).admits(world.oldKey, "192.0.2.1")).isFalse();
            assertThat(world.account(DEVICE).admits(world.current(), "192.0.2.1"))
                    .isTrue();
        }

        @Test
        void rotate_serverPunishesFailedLogIns_isNotShutOut() {
            World world = new World(SEED, 3);
            world.fleet.devices().forEach(d -> d.configure(c -> c.withPenalties(PenaltyRules.DEFAULT)));
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
        }

        @Test
        void rotate_sessionOfTheOldKeyIsOpen_livesOnThoughTheKeyIsDead() {
            World world = new World(SEED, 1);
            try (SshTransport other = world.fleet.process("somebody").transport();
                    SshKeyPair pair = world.store.openKey(World.NAME, 1);
                    SshConnection open = other.connect(
                            ConnectRequest.of(world.fleet.device(DEVICE).target(World.USER), LogIn.withKey(pair)))) {
                RotationReport report = world.rotate(world.credential());
                assertThat(report.isSuccess()).isTrue();
                assertThat(world.account(DEVICE).admits(world.oldKey)).isFalse();
                assertThat(open.isOpen()).isTrue();
            }
        }
    }

    @Nested
    class Plan {
        @Test
        void plan_oldLineExpiredByAClockThatIsAhead_saysThatItIsRefused() {
            World world = new World(SEED, 1);
            world.account(DEVICE)
                    .writeAuthorizedKeys("expiry-time=\"20260105090000Z\" " + world.oldKey.toLine() + "\n");
            world.fleet.device(DEVICE).setClockSkew(Duration.ofHours(2));
            try (RotationEngine engine = world.engine()) {
                assertThat(engine.plan(world.credential()).devices().get(0).obstacle())
                        .map(DeviceFailure::kind)
                        .contains(DeviceFailure.Kind.LOGIN_REFUSED);
            }
        }
    }
}
