package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.Device;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.OpenConnection;
import io.keywright.testkit.fleet.PenaltyRules;
import io.keywright.testkit.fleet.Verb;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What makes a device done, and over which connection its old key goes. */
class ProofTest {
    private static final long SEED = 97;
    private static final String DEVICE = "web-1";

    private static DeviceReport device(RotationReport report) {
        return report.devices().stream()
                .filter(device -> device.id().equals(DEVICE))
                .findFirst()
                .orElseThrow();
    }

    /** The server accepts the old key from elsewhere than from a file. */
    @Nested
    class AuthorizedKeysCommand {
        @Test
        void rotate_theCommandNamesTheOldKey_isNeverCalledDoneNorDestroyed() {
            World world = new World(SEED, 2);
            byte[] line = (world.oldKey.toLine() + "\n").getBytes(StandardCharsets.US_ASCII);
            world.fleet.device(DEVICE).configure(server -> server.withAuthorizedKeysCommand(user -> line));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).as(report.toText()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
            assertThat(device(report).outcome()).isInstanceOfSatisfying(DeviceOutcome.OldKeyAlive.class, alive -> {
                assertThat(alive.failure().kind()).isEqualTo(DeviceFailure.Kind.STILL_ACCEPTED);
                assertThat(alive.failure().message()).contains("AuthorizedKeysCommand");
            });
            world.fleet.clock().advance(Duration.ofHours(25));
            world.resume(world.credential());
            assertThat(world.state().version(1).orElseThrow().hasPrivateKey()).isTrue();
            world.fleet.device(DEVICE).configure(server -> server.withAuthorizedKeysCommand(user -> new byte[0]));
            assertThat(world.resume(world.credential()).orElseThrow().isSuccess())
                    .isTrue();
        }
    }

    /** The line is there and refuses us: a refusal before proves as little as one after. */
    @Nested
    class RefusedAlready {
        @Test
        void rotate_theLineEndsBetweenTheQuestions_itIsGoneAllTheSame() {
            World world = new World(SEED, 1);
            world.account(DEVICE)
                    .writeAuthorizedKeys("expiry-time=\"20260105090500Z\" " + world.oldKey.toLine() + "\n# others\n");
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER promote"))
                    .nth(1)
                    .inject(Fault.before(step -> world.fleet.clock().advance(Duration.ofHours(1))));
            assertThat(world.account(DEVICE).admits(world.oldKey)).isTrue();
            world.rotate(world.credential());
            assertThat(world.account(DEVICE).authorizedKeysText())
                    .doesNotContain(world.oldKey.toLine().split(" ", -1)[1]);
        }
    }

    /** The old line goes over a session of the new key, or while one is open. */
    @Nested
    class Session {
        private record Removal(List<OpenConnection> open) {
            boolean sees(SshPublicKey key) {
                return open.stream().anyMatch(one -> one.loggedIn() && one.key().equals(Optional.of(key)));
            }
        }

        /** What is open on the device whenever a file is replaced there once the new key is CURRENT. */
        private static List<Removal> removals(World world) {
            List<Removal> removals = new ArrayList<>();
            world.fleet.watch(entry -> {
                boolean replaced = entry.step().verb() == Verb.POSIX_RENAME
                        && entry.step().device().equals(DEVICE);
                if (replaced
                        && world.state().versions().size() == 2
                        && world.state().pending().isEmpty()) {
                    removals.add(new Removal(world.fleet.openConnections().stream()
                            .filter(open -> open.device().equals(DEVICE))
                            .toList()));
                }
            });
            return removals;
        }

        @Test
        void rotate_byTheKeyItself_theOldLineGoesOverTheNewKeysOwnSession() {
            for (int kept : List.of(0, 10)) {
                World world = new World(SEED, 2);
                List<Removal> removals = removals(world);
                try (RotationEngine engine =
                        world.builder().keptConnections(kept).build()) {
                    assertThat(engine.rotate(engine.plan(world.credential()), event -> {})
                                    .isSuccess())
                            .isTrue();
                }
                assertThat(removals).singleElement().satisfies(removal -> {
                    assertThat(removal.open()).hasSize(1);
                    assertThat(removal.sees(world.current())).isTrue();
                });
            }
        }

        @Test
        void rotate_theKeyMayNotEdit_theOtherCredentialDoesWhileTheNewKeyIsLoggedIn() {
            World world = new World(SEED, 2);
            SshPublicKey admin = world.importKey("admin", SEED + 1);
            world.fleet
                    .devices()
                    .forEach(device -> world.account(device.id())
                            .writeAuthorizedKeys(
                                    "command=\"uptime\" " + world.oldKey.toLine() + "\n" + admin.toLine() + "\n"));
            List<Removal> removals = removals(world);
            assertThat(world.rotate(world.credential().withAuthenticateWith("admin"))
                            .isSuccess())
                    .isTrue();
            assertThat(removals).singleElement().satisfies(removal -> {
                assertThat(removal.sees(admin)).isTrue();
                assertThat(removal.sees(world.current())).isTrue();
            });
        }
    }

    /** Several accounts of one machine are devices of one rotation, each with a file of its own. */
    @Nested
    class Accounts {
        @Test
        void rotate_twoAccountsOfOneMachine_eachIsProved() {
            World world = new World(SEED, 2);
            String other = "backup";
            world.fleet
                    .device(DEVICE)
                    .addAccount(other)
                    .writeAuthorizedKeys("# nightly\n" + world.oldKey.toLine() + "\n");
            List<Device> devices = new ArrayList<>(world.credential().devices());
            devices.add(Device.of("web-1-backup", DEVICE, 22).withUser(other));
            RotationReport report = world.rotate(Credential.of(World.NAME, World.USER, devices));
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(report.devices())
                    .hasSize(3)
                    .allMatch(device -> device.proof().isComplete());
            world.assertRotated(DEVICE);
            assertThat(world.fleet.device(DEVICE).account(other).authorizedKeysText())
                    .isEqualTo("# nightly\n" + world.current().toLine() + "\n");
        }
    }

    /** Failure 19: each version that is tried in vain is a connection that the server holds against us. */
    @Nested
    class Penalties {
        @Test
        void resume_aDeviceThatMissedManyRotationsPunishesFailedLogIns_catchesUp() {
            World world = new World(SEED, 3);
            Credential credential = world.credential()
                    .withPolicy(RotationPolicy.DEFAULT.withOnFailure(RotationPolicy.OnFailure.QUARANTINE));
            world.fleet.device(DEVICE).configure(server -> server.withPenalties(PenaltyRules.DEFAULT));
            world.fleet.device(DEVICE).goDown();
            for (int rotation = 1; rotation <= 9; rotation++) {
                world.rotate(credential);
                world.fleet.clock().advance(Duration.ofDays(30));
            }
            world.fleet.device(DEVICE).comeUp();
            world.resume(credential);
            assertThat(world.account(DEVICE).admits(world.current()))
                    .as("the key that it has was found")
                    .isTrue();
            world.fleet.clock().advance(Duration.ofHours(1));
            RotationReport report = world.resume(credential).orElseThrow();
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.assertRotated(DEVICE);
        }
    }
}
