package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.rotation.JournalEntry.Step;
import io.keywright.rotation.RotationState.DeviceState;
import io.keywright.rotation.RotationState.Stage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each entry of a journal means. */
class RotationStateTest {
    private static final Instant BEGUN = Instant.parse("2026-01-05T09:00:00Z");
    private static final DeviceFailure FULL =
            new DeviceFailure(DeviceFailure.Kind.FILE_NOT_WRITABLE, false, "no space is left");

    private static final List<JournalEntry> BEGINNING = List.of(
            new JournalEntry(
                    BEGUN,
                    Step.BEGUN,
                    Optional.empty(),
                    Map.of("rotation", "000001", "version", "1", "key", "SHA256:old", "devices", "1")),
            new JournalEntry(BEGUN, Step.PLANNED, Optional.of("a"), planned("a", Set.of())));

    private final RotationState state = new RotationState();
    private Instant now = BEGUN;

    private void entry(Step step, String device, Map<String, String> facts) {
        state.apply(new JournalEntry(now, step, device.isEmpty() ? Optional.empty() : Optional.of(device), facts));
    }

    private void entry(Step step, Map<String, String> facts) {
        entry(step, "", facts);
    }

    private void begin(String... devices) {
        entry(
                Step.BEGUN,
                Map.of("rotation", "000001", "version", "1", "key", "SHA256:old", "devices", "" + devices.length));
        for (String device : devices) {
            entry(Step.PLANNED, device, planned(device, Set.of()));
        }
    }

    private static Map<String, String> planned(String device, Set<String> stamps) {
        PlannedDevice planned = PlannedDevice.unseen(Device.of(device, device, 22), "deploy", FULL);
        return RotationState.plannedFacts(planned, false, new RotationState.Inherited(stamps, Set.of()));
    }

    private void quarantine(String device) {
        entry(Step.QUARANTINED, device, RotationState.failureFacts(RotationEvent.Phase.EXPAND, FULL, 0));
    }

    private void contract(String device) {
        entry(Step.CONTRACTING, device, Map.of());
        Map<String, String> facts = new HashMap<>(RotationState.editFacts(List.of(), 1));
        facts.putAll(Map.of("oldAfter", "refused", "newAfter", "accepted", "removed", "true"));
        entry(Step.CONTRACTED, device, facts);
    }

    private DeviceState device(String id) {
        return state.require(id);
    }

    @Nested
    class Begin {
        @Test
        void mayBeFollowed_nothingButItsBeginning_mayNot() {
            begin("a", "b");
            assertThat(state.mayBeFollowed()).isFalse();
        }

        @Test
        void planned_everything_isReadBack() {
            SshPublicKey hostKey;
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                hostKey = pair.publicKey();
            }
            Device device = new Device(
                    "a", "10.0.0.1", 2222, Optional.of("root"), true, List.of("x", "y"), Optional.of("admin"));
            PlannedDevice planned = new PlannedDevice(
                    device,
                    "root",
                    Optional.of(hostKey),
                    Optional.of(1),
                    List.of("/x"),
                    Optional.empty(),
                    Optional.of("Ansible"),
                    List.of());
            entry(
                    Step.PLANNED,
                    "a",
                    RotationState.plannedFacts(
                            planned, true, new RotationState.Inherited(Set.of("20270101", "20260101"), Set.of(3, 1))));
            DeviceState read = device("a");
            assertThat(read.device).isEqualTo(device);
            assertThat(read.user).isEqualTo("root");
            assertThat(read.canary).isTrue();
            assertThat(read.hostKey).contains(hostKey);
            assertThat(read.managedBy).contains("Ansible");
            assertThat(read.stamps).containsExactlyInAnyOrder("20260101", "20270101");
            assertThat(read.unproved).containsExactlyInAnyOrder(1, 3);
            assertThat(read.plannedVersion).contains(1);
        }

        @Test
        void planned_nothingSpecial_isReadBack() {
            entry(Step.PLANNED, "a", planned("a", Set.of()));
            assertThat(device("a").stamps).isEmpty();
            assertThat(device("a").unproved).isEmpty();
            assertThat(device("a").plannedVersion).isEmpty();
            assertThat(device("a").hostKey).isEmpty();
            assertThat(device("a").managedBy).isEmpty();
            assertThat(device("a").device.administrator()).isEmpty();
        }
    }

    @Nested
    class Members {
        @Test
        void removed_device_countsNoMore() {
            begin("a", "b");
            quarantine("a");
            assertThat(device("a").isQuarantined()).isTrue();
            entry(Step.REMOVED, "a", Map.of("reason", "it was scrapped"));
            assertThat(device("a").isQuarantined()).isFalse();
            assertThat(state.members()).containsExactly(device("b"));
        }

        @Test
        void removed_deviceOfAnEarlierRotation_isNothingToThisOne() {
            begin("a");
            entry(Step.REMOVED, "gone", Map.of("reason", "it was scrapped"));
            assertThat(state.members()).hasSize(1);
        }

        @Test
        void joined_device_isQuarantinedUntilItHasCaughtUp() {
            begin("a");
            entry(Step.JOINED, "b", planned("b", Set.of()));
            assertThat(device("b").isQuarantined()).isTrue();
        }
    }

    @Nested
    class MayBeFollowed {
        @Test
        void mayBeFollowed_promoted_whenEachDeviceIsContractedOrWaits() {
            begin("a", "b", "c");
            entry(Step.STAGED, Map.of("version", "2", "key", "SHA256:new"));
            entry(Step.PROMOTED, Map.of());
            contract("a");
            quarantine("b");
            assertThat(state.mayBeFollowed()).isFalse();
            contract("c");
            assertThat(state.mayBeFollowed()).isTrue();
        }

        @Test
        void mayBeFollowed_notPromotedThoughEachDeviceWaits_mayNot() {
            begin("a");
            quarantine("a");
            assertThat(state.mayBeFollowed()).isFalse();
        }

        @Test
        void mayBeFollowed_takenBack_whenItSettlesOrIsClosed() {
            begin("a");
            entry(Step.ABORTING, Map.of("reason", "cancelled"));
            assertThat(state.mayBeFollowed()).isFalse();
            entry(Step.SETTLING, Map.of("until", "2026-01-06T09:00:00Z"));
            assertThat(state.isTakenBack()).isTrue();
            assertThat(state.mayBeFollowed()).isTrue();
            entry(Step.ROLLING_BACK, "a", Map.of());
            assertThat(state.isTakenBack()).as("it has to settle again").isFalse();
            entry(Step.CLOSED, Map.of());
            assertThat(state.isTakenBack()).isTrue();
            assertThat(state.mayBeFollowed()).isTrue();
        }

        @Test
        void isContracted_thenQuarantined_isNot() {
            begin("a");
            contract("a");
            assertThat(device("a").isContracted()).isTrue();
            quarantine("a");
            assertThat(device("a").isContracted()).isFalse();
        }
    }

    @Nested
    class Apply {
        @Test
        void failed_untouchedDevice_mayNotHoldTheNewKey() {
            begin("a", "b");
            for (String id : List.of("a", "b")) {
                entry(Step.EXPANDING, id, Map.of());
                assertThat(device(id).mayHoldNew).isTrue();
                Map<String, String> facts =
                        new HashMap<>(RotationState.failureFacts(RotationEvent.Phase.EXPAND, FULL, 3));
                Visit visit = new Visit(id.equals("b"), false);
                visit.sees("/home/" + id, "digest " + id, true);
                facts.putAll(RotationState.visitFacts(visit));
                entry(Step.FAILED, id, facts);
            }
            assertThat(device("a").mayHoldNew).isFalse();
            assertThat(device("a").stage).isEqualTo(Stage.PLANNED);
            assertThat(device("b").mayHoldNew).isTrue();
            assertThat(device("b").files).containsExactly(Map.entry("/home/b", "digest b"));
            assertThat(device("b").wasThere).isTrue();
            assertThat(device("b").attempts).isEqualTo(3);
            assertThat(device("b").lastFailure).isEqualTo(FULL);
        }

        @Test
        void stamped_withAndWithoutAnEnd_bothAreDecided() {
            begin("a", "b");
            entry(Step.STAMPED, "a", Map.of("note", "it ends", "stamp", "20270101"));
            entry(Step.STAMPED, "b", Map.of("note", "it does not end"));
            assertThat(device("a").isStampDecided()).isTrue();
            assertThat(device("a").stamps).containsExactly("20270101");
            assertThat(device("b").isStampDecided()).isTrue();
            assertThat(device("b").stamps).isEmpty();
        }

        @Test
        void settling_deviceContractedAgain_settlesAgain() {
            begin("a");
            contract("a");
            entry(Step.SETTLING, Map.of("until", "2026-01-06T09:00:00Z"));
            entry(Step.CONFIRMED, "a", Map.of());
            assertThat(device("a").confirmed).isTrue();
            entry(Step.CONTRACTING, "a", Map.of());
            assertThat(device("a").confirmed).isFalse();
            assertThat(state.settlesAt).isEmpty();
        }

        @Test
        void destroyed_changesNothingThatIsLeftToDo() {
            begin("a");
            entry(Step.DESTROYED, Map.of("version", "1", "generation", "7"));
            assertThat(state.generation).isEqualTo(7);
            assertThat(state.closed).isFalse();
        }

        @Test
        void reconciled_storeOfAnEarlierGeneration_isTheOneThatCounts() {
            begin("a");
            entry(Step.AWAITING_BACKUP, Map.of("generation", "9"));
            assertThat(state.awaitsBackup).contains(9L);
            entry(Step.RECONCILED, Map.of("generation", "4"));
            assertThat(state.generation).isEqualTo(4);
            assertThat(state.closed).isTrue();
        }

        @Test
        void took_intentAndEnd_isTheTimeBetween() {
            begin("a");
            for (Step[] step : new Step[][] {{Step.EXPANDING, Step.EXPANDED}, {Step.ROLLING_BACK, Step.ROLLED_BACK}}) {
                entry(step[0], "a", Map.of());
                now = now.plusSeconds(3);
                entry(step[1], "a", Map.of("oldBefore", "accepted"));
                now = now.plusSeconds(60);
            }
            assertThat(device("a").took).isEqualTo(Duration.ofSeconds(6));
        }
    }

    @Nested
    class Facts {
        @Test
        void edits_ofEachSort_areReadBack() {
            List<RemoteEdit> edits = List.of(
                    new RemoteEdit("/home/a/.ssh/authorized_keys", EditMethod.SFTP, true, true, false, 2, List.of()),
                    new RemoteEdit("/etc/keys/a", EditMethod.SHELL, false, false, true, 0, List.of("one", "two")));
            begin("a");
            entry(Step.ROLLED_BACK, "a", RotationState.editFacts(edits, 4));
            assertThat(device("a").edits).isEqualTo(edits);
            assertThat(device("a").attempts).isEqualTo(4);
        }

        @Test
        void pinned_hostKey_isReadBack() {
            SshPublicKey hostKey;
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                hostKey = pair.publicKey();
            }
            begin("a");
            entry(Step.PINNED, "a", RotationState.hostKeyFacts(hostKey));
            assertThat(device("a").hostKey).contains(hostKey);
        }

        @Test
        void promoted_overlapAndEndOfTheOldKey_areReadBack() {
            begin("a");
            entry(Step.PROMOTED, Map.of("contractAfter", "2026-01-06T09:00:00Z", "oldKeyEnds", "2026-01-07T09:00:00Z"));
            assertThat(state.contractsAt).contains(Instant.parse("2026-01-06T09:00:00Z"));
            assertThat(state.oldKeyEndsAt).contains(Instant.parse("2026-01-07T09:00:00Z"));
        }

        @Test
        void replay_entriesInTheirOrder_isWhereTheyLead(@TempDir Path directory) {
            List<JournalEntry> entries = List.of(
                    BEGINNING.get(0),
                    BEGINNING.get(1),
                    new JournalEntry(BEGUN, Step.DISCARDED, Optional.empty(), Map.of()),
                    new JournalEntry(BEGUN, Step.CLOSED, Optional.empty(), Map.of("kept", "it is managed")));
            RotationState replayed = replay(directory, entries);
            assertThat(replayed.members()).hasSize(1);
            assertThat(replayed.discarded).isTrue();
            assertThat(replayed.closed).isTrue();
            assertThat(replayed.kept).contains("it is managed");
        }

        @Test
        void replay_deviceOfTheBeginningIsMissing_refused(@TempDir Path directory) {
            assertThatThrownBy(() -> replay(directory, BEGINNING.subList(0, 1)))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("of the 1 devices that it began with it has 0");
        }

        @Test
        void replay_noBeginning_refused(@TempDir Path directory) {
            JournalEntry staged =
                    new JournalEntry(BEGUN, Step.STAGED, Optional.empty(), Map.of("version", "2", "key", "SHA256:new"));
            assertThatThrownBy(() -> replay(directory, List.of(staged))).isInstanceOf(JournalException.class);
        }

        private static RotationState replay(Path directory, List<JournalEntry> entries) {
            FileRotationJournal journals = FileRotationJournal.open(directory.resolve("journals"));
            try (RotationJournal.Log log = journals.begin("web", "000001", entries)) {
                return RotationState.replay(log);
            }
        }
    }

    @Nested
    class Damaged {
        @Test
        void apply_deviceThatWasNeverPlanned_isRefused() {
            begin("a");
            assertThatThrownBy(() -> entry(Step.EXPANDING, "b", Map.of()))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("b, which was never planned");
        }

        @ParameterizedTest
        @EnumSource(
                value = Step.class,
                names = {"PLANNED", "PINNED", "REMOVED", "EXPANDING", "CONTRACTING", "ROLLING_BACK", "CONFIRMED"})
        void apply_noDeviceWhereOneBelongs_isRefused(Step step) {
            begin("a");
            assertThatThrownBy(() -> entry(step, Map.of()))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("names no device");
        }

        @ParameterizedTest
        @EnumSource(
                value = Step.class,
                names = {"BEGUN", "STAGED", "ABORTING", "SETTLING", "RECONCILED"})
        void apply_factIsMissing_isRefused(Step step) {
            assertThatThrownBy(() -> entry(step, Map.of()))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("lacks the fact");
        }

        @Test
        void applyToDevice_stepOfTheWholeRotation_isRefused() {
            begin("a");
            assertThatThrownBy(() -> RotationState.applyToDevice(device("a"), Step.PROMOTED, Map.of()))
                    .isInstanceOf(IllegalStateException.class);
        }
    }
}
