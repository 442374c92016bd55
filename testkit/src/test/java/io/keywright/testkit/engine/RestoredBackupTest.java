package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.Reconciliation;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationException;
import io.keywright.rotation.RotationJournal;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.rotation.InMemoryCredentialStore;
import io.keywright.transport.LogIn;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A store that comes back from a backup, and a rotation that waits for one. */
class RestoredBackupTest {
    private static final long SEED = 101;

    /** A store as it was right after a version was staged, or before. */
    private static InMemoryCredentialStore restored(World world, boolean withPending) {
        InMemoryCredentialStore store = new InMemoryCredentialStore(world.fleet.clock());
        try (CredentialStore.Lease lease = store.lease(World.NAME);
                SshKeyPair first = world.store.exposeSecret(World.NAME, StoredSecret.key(1));
                SshKeyPair second = world.store.exposeSecret(World.NAME, StoredSecret.key(2))) {
            store.importKey(lease, first);
            if (withPending) {
                String rotation =
                        world.state().version(2).orElseThrow().rotation().orElseThrow();
                store.stage(lease, rotation, second);
            }
        }
        return store;
    }

    private static RotationEngine engine(World world, InMemoryCredentialStore store) {
        return world.builder().store(store).build();
    }

    @Nested
    class ReadOnly {
        @Test
        void anyChange_storeIsOlderThanItsJournal_isRefused() {
            World world = new World(SEED, 2);
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            world.fleet.clock().advance(Duration.ofHours(25));
            try (RotationEngine engine = engine(world, restored(world, true))) {
                Credential credential = world.credential();
                assertThat(engine.status(World.NAME).versions()).hasSize(2);
                RotationPlan plan = engine.plan(credential);
                assertThat(plan.warnings()).anyMatch(warning -> warning.contains("reconcile"));
                for (Runnable change : List.<Runnable>of(
                        () -> engine.rotate(plan, event -> {}),
                        () -> engine.resume(credential, event -> {}),
                        () -> engine.cancel(credential, event -> {}),
                        () -> engine.destroy(World.NAME, 1))) {
                    assertThatThrownBy(change::run)
                            .isInstanceOf(RotationException.class)
                            .hasMessageContaining("older than the journal")
                            .hasMessageContaining("reconcile");
                }
            }
        }

        /** What the backup takes for CURRENT is dead by now: it must not come back, nor its removal be taken for that of all. */
        @Test
        void installOrRemove_storeIsOlderThanItsJournal_isRefusedAndNoDeadKeyIsBack() {
            World world = new World(SEED, 2);
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            SshPublicKey current = world.current();
            Credential credential = world.credential();
            try (Passphrase password = Passphrase.of("correct horse".toCharArray());
                    RotationEngine engine = engine(world, restored(world, true))) {
                world.fleet.devices().forEach(device -> {
                    device.configure(server -> server.withPasswordAuthentication(true));
                    world.account(device.id()).setPassword(password);
                });
                Optional<LogIn> bootstrap = Optional.of(LogIn.withPassword(password));
                for (Runnable change : List.<Runnable>of(
                        () -> engine.installer().install(credential, credential.devices(), bootstrap),
                        () -> engine.installer().remove(credential, credential.devices(), bootstrap))) {
                    assertThatThrownBy(change::run)
                            .isInstanceOf(RotationException.class)
                            .hasMessageContaining("reconcile");
                }
            }
            world.fleet.devices().forEach(device -> {
                assertThat(world.account(device.id()).admits(world.oldKey)).isFalse();
                assertThat(world.account(device.id()).admits(current)).isTrue();
            });
        }
    }

    @Nested
    class RemoveDevice {
        @Test
        void removeDevice_asOftenAsYouLike_theStoreIsStillTooOld() {
            World world = new World(SEED, 5);
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            InMemoryCredentialStore store = restored(world, true);
            world.fleet.clock().advance(Duration.ofHours(25));
            try (RotationEngine engine = engine(world, store)) {
                for (String scrapped : List.of("web-1", "web-2", "web-3", "web-4")) {
                    engine.removeDevice(World.NAME, scrapped, "scrapped");
                    world.fleet.device(scrapped).goDown();
                }
                assertThatThrownBy(() -> engine.resume(world.credential(), event -> {}))
                        .isInstanceOf(RotationException.class)
                        .hasMessageContaining("older than the journal");

                Reconciliation answers = engine.reconcile(world.credential());
                assertThat(answers.complete()).isTrue();
                assertThat(answers.devices())
                        .extracting(Reconciliation.DeviceAnswer::device)
                        .containsExactly("web-5");
                CredentialState state = store.find(World.NAME).orElseThrow();
                assertThat(state.mayAccept()).containsOnlyKeys("web-5");
                assertThat(world.account("web-5")
                                .admits(state.current().orElseThrow().publicKey()))
                        .isTrue();
            }
        }

        @Test
        void anyChange_afterOthersMadeTheGenerationUpForIt_isStillRefused() {
            World world = new World(SEED, 2);
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            InMemoryCredentialStore store = restored(world, true);
            try (CredentialStore.Lease lease = store.lease(World.NAME)) {
                for (int i = 0; i < 10; i++) {
                    store.recordDevices(lease, Map.of("web-1", i % 2 == 0 ? Set.of(1) : Set.of(1, 2)));
                }
            }
            assertThat(store.find(World.NAME).orElseThrow().generation())
                    .isGreaterThan(world.state().generation());
            try (RotationEngine engine = engine(world, store)) {
                assertThatThrownBy(() -> engine.resume(world.credential(), event -> {}))
                        .isInstanceOf(RotationException.class)
                        .hasMessageContaining("older than the journal");
            }
        }
    }

    @Nested
    class Generation {
        @Test
        void rotate_theJournal_knowsTheStoresLatestGeneration() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            try (RotationJournal.Log log = world.journal.openLatest(World.NAME).orElseThrow()) {
                assertThat(log.entries().stream()
                                .map(entry -> entry.facts().get("generation"))
                                .filter(Objects::nonNull)
                                .mapToLong(Long::parseLong)
                                .max())
                        .hasValue(world.state().generation());
            }
        }
    }

    @Nested
    class Reconcile {
        @Test
        void reconcile_backupFromBeforePromote_theKeyThatTheDevicesHaveIsCurrentAgain() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            InMemoryCredentialStore store = restored(world, true);
            try (RotationEngine engine = engine(world, store)) {
                Reconciliation answers = engine.reconcile(world.credential());
                assertThat(answers.complete()).isTrue();
                assertThat(answers.devices())
                        .extracting(Reconciliation.DeviceAnswer::accepted)
                        .containsExactly(Set.of(2), Set.of(2));
                assertThat(store.find(World.NAME)
                                .orElseThrow()
                                .current()
                                .orElseThrow()
                                .number())
                        .isEqualTo(2);
            }
            InMemoryCredentialStore reopened = restored(world, true);
            try (RotationEngine engine = engine(world, reopened)) {
                engine.reconcile(world.credential());
                RotationReport report = engine.rotate(engine.plan(world.credential()), event -> {});
                assertThat(report.isSuccess()).as(report.toText()).isTrue();
                assertThat(reopened.find(World.NAME)
                                .orElseThrow()
                                .current()
                                .orElseThrow()
                                .number())
                        .isEqualTo(3);
            }
        }

        @Test
        void reconcile_storeIsAsNewAsItsJournal_isRefusedAndEndsNoRotation() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            try (RotationEngine engine = world.engine()) {
                assertThatThrownBy(() -> engine.reconcile(world.credential()))
                        .isInstanceOf(RotationException.class)
                        .hasMessageContaining("nothing is to be reconciled");
                assertThat(engine.status(World.NAME).latest().orElseThrow().outcome())
                        .isEqualTo(RotationReport.Outcome.SETTLING);
            }
        }

        @Test
        void reconcile_done_theReportDoesNotClaimASecondProof() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            try (RotationEngine engine = engine(world, restored(world, true))) {
                engine.reconcile(world.credential());
                RotationReport report = engine.status(World.NAME).latest().orElseThrow();
                assertThat(report.remains()).anyMatch(what -> what.contains("rotate again"));
                assertThat(report.toText()).doesNotContain("proved twice");
            }
        }

        @Test
        void reconcile_noDeviceNeedsTheKeyThatIsPending_itIsDiscardedAndTheRotationEnds() {
            World world = new World(SEED, 2);
            Map<String, byte[]> before = new TreeMap<>();
            world.fleet
                    .devices()
                    .forEach(device ->
                            before.put(device.id(), world.account(device.id()).authorizedKeys()));
            world.rotate(world.credential());
            InMemoryCredentialStore store = restored(world, true);
            before.forEach((device, content) -> world.account(device).writeAuthorizedKeys(content));
            try (RotationEngine engine = engine(world, store)) {
                assertThat(engine.reconcile(world.credential()).complete()).isTrue();
                CredentialState state = store.find(World.NAME).orElseThrow();
                assertThat(state.current().orElseThrow().number()).isEqualTo(1);
                assertThat(state.version(2).orElseThrow().label()).isEqualTo(KeyVersion.Label.ROLLED_BACK);
                assertThat(state.mayAccept()).isEqualTo(Map.of("web-1", Set.of(1), "web-2", Set.of(1)));
                assertThat(engine.status(World.NAME).resumable()).isFalse();
            }
        }

        @Test
        void reconcile_theDevicesKeyIsInNoBackup_saysWhichAcceptNothing() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            try (RotationEngine engine = engine(world, restored(world, false))) {
                Reconciliation answers = engine.reconcile(world.credential());
                assertThat(answers.devices())
                        .allMatch(answer ->
                                answer.accepted().isEmpty() && answer.failure().isEmpty());
                assertThatThrownBy(() -> engine.rotate(engine.plan(world.credential()), event -> {}))
                        .isInstanceOf(RotationException.class)
                        .hasMessageContaining("nothing was changed");
            }
        }

        @Test
        void reconcile_aDeviceCannotBeAsked_nothingIsChangedUntilItCan() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            world.fleet.device("web-1").goDown();
            InMemoryCredentialStore store = restored(world, true);
            try (RotationEngine engine = engine(world, store)) {
                assertThat(engine.reconcile(world.credential()).complete()).isFalse();
                assertThat(store.find(World.NAME).orElseThrow().pending()).isPresent();
                assertThatThrownBy(() -> engine.resume(world.credential(), event -> {}))
                        .isInstanceOf(RotationException.class);
                world.fleet.device("web-1").comeUp();
                assertThat(engine.reconcile(world.credential()).complete()).isTrue();
                assertThat(store.find(World.NAME).orElseThrow().pending()).isEmpty();
            }
        }
    }

    @Nested
    class Acknowledged {
        @Test
        void rotate_noBackupHasTheNewKey_nothingIsRemovedUntilOneHas() {
            World world = new World(SEED, 2);
            boolean[] safe = {false};
            Credential credential = world.credential();
            RotationReport report;
            try (RotationEngine engine = world.builder()
                    .backup((name, generation) -> {
                        assertThat(name).isEqualTo(World.NAME);
                        assertThat(generation).isEqualTo(world.state().generation());
                        return safe[0];
                    })
                    .build()) {
                report = engine.rotate(engine.plan(credential), event -> {});
                assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
                assertThat(report.remains()).anyMatch(what -> what.contains("backup has generation"));
                world.fleet.devices().forEach(device -> {
                    assertThat(world.account(device.id()).admits(world.oldKey)).isTrue();
                    assertThat(world.account(device.id()).admits(world.current()))
                            .isTrue();
                });
                assertThat(world.state().current().map(KeyVersion::number)).contains(2);
                safe[0] = true;
                report = engine.resume(credential, event -> {}).orElseThrow();
            }
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(report.remains()).noneMatch(what -> what.contains("backup"));
        }
    }
}
