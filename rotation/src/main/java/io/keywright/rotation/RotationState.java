package io.keywright.rotation;

import io.keywright.SshPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a rotation stands: nothing but its journal, read in order. A rotation that goes on and one that is resumed apply
 * the same entries in the same way, so they cannot disagree. Guarded by the caller.
 */
final class RotationState {
    /** How far one device is. */
    enum Stage {
        PLANNED,
        EXPANDING,
        EXPANDED,
        CONTRACTING,
        CONTRACTED,
        ROLLING_BACK,
        ROLLED_BACK
    }

    /** What is known about one device. */
    static final class DeviceState {
        final Device device;
        final String user;
        Optional<SshPublicKey> hostKey;
        final boolean canary;
        Stage stage = Stage.PLANNED;
        boolean mayHoldNew;
        boolean confirmed;
        /** Why it belongs to the rotation no more. */
        Optional<String> removed = Optional.empty();
        /** Whether the new key was there before it was added: another device has the same file. */
        boolean wasThere;

        /** The files with the new key: by real path, what tells one content from another. */
        Map<String, String> files = Map.of();

        @Nullable
        DeviceFailure quarantine;

        @Nullable
        DeviceFailure lastFailure;

        /** The old versions that it accepted when it was first asked, in this rotation. */
        Set<Integer> acceptedBefore = Set.of();

        /** Old versions that it may accept and was never seen to accept, so that a refusal says nothing. */
        Set<Integer> unproved = Set.of();

        /** The version that it let in when the plan was made. */
        Optional<Integer> plannedVersion = Optional.empty();

        /** Ends that were given to old lines, now or in earlier rotations. */
        Set<String> stamps = Set.of();

        /** What became of giving the old key an end. */
        Optional<String> stampNote = Optional.empty();

        /** What else writes the device's files. */
        Optional<String> managedBy = Optional.empty();

        /** How long its steps took. */
        Duration took = Duration.ZERO;

        private @Nullable Instant began;

        RevocationProof proof = RevocationProof.NONE;
        List<RemoteEdit> edits = new ArrayList<>();
        int attempts;

        DeviceState(Device device, String user, Optional<SshPublicKey> hostKey, boolean canary) {
            this.device = device;
            this.user = user;
            this.hostKey = hostKey;
            this.canary = canary;
        }

        boolean isQuarantined() {
            return quarantine != null && removed.isEmpty();
        }

        boolean isStampDecided() {
            return stampNote.isPresent();
        }

        /** Contracted, with every part of the proof that can be had. */
        boolean isContracted() {
            return stage == Stage.CONTRACTED && !isQuarantined();
        }
    }

    final Map<String, DeviceState> devices = new LinkedHashMap<>();
    String rotation = "";
    Instant begun = Instant.EPOCH;
    private int announced;
    private int planned;
    /** The credential that opens the connections for the change. */
    Optional<String> authenticatedWith = Optional.empty();

    int oldVersion;
    String oldKey = "";
    Optional<Integer> newVersion = Optional.empty();
    Optional<String> newKey = Optional.empty();
    boolean promoted;
    Optional<String> abortReason = Optional.empty();
    boolean discarded;
    /** Until when both keys are to be accepted. */
    Optional<Instant> contractsAt = Optional.empty();

    /** The end that the old key's lines are given. */
    Optional<Instant> oldKeyEndsAt = Optional.empty();

    Optional<Instant> settlesAt = Optional.empty();
    boolean closed;
    /** Whether it ended because the store was restored from a backup, and may lack what this brought. */
    boolean reconciled;
    /** The store's generation when the latest entry was written. */
    long generation;
    /** The generation that is to be in a backup before anything is removed. */
    Optional<Long> awaitsBackup = Optional.empty();

    /** Why the previous private keys are still there. */
    Optional<String> kept = Optional.empty();

    static RotationState replay(RotationJournal.Log log) {
        RotationState state = new RotationState();
        log.replay(state::apply);
        state.requireBegun(log.rotation());
        return state;
    }

    /** A rotation begins with all of its devices, in one step; else somebody has cut its journal short. */
    private void requireBegun(String which) {
        if (announced == 0 || planned < announced) {
            throw new JournalException(
                    "the journal of rotation " + which + " is damaged: of the " + announced
                            + " devices that it began with it has " + planned,
                    null);
        }
    }

    void apply(JournalEntry entry) {
        Map<String, String> facts = entry.facts();
        generation = Math.max(generation, Long.parseLong(facts.getOrDefault("generation", "0")));
        switch (entry.step()) {
            case BEGUN -> {
                rotation = fact(facts, "rotation");
                begun = entry.at();
                oldVersion = Integer.parseInt(fact(facts, "version"));
                oldKey = fact(facts, "key");
                authenticatedWith = Optional.ofNullable(facts.get("authenticateWith"));
                announced = Integer.parseInt(fact(facts, "devices"));
            }
            case PLANNED -> {
                addDevice(device(entry), facts);
                planned++;
            }
            case JOINED -> {
                DeviceState joined = addDevice(device(entry), facts);
                joined.quarantine = failure(facts);
            }
            case PINNED -> require(device(entry)).hostKey = hostKey(facts);
            case REMOVED -> {
                DeviceState device = devices.get(device(entry));
                if (device != null) { // it may be one of an earlier rotation
                    device.removed = Optional.of(fact(facts, "reason"));
                }
            }
            case STAGED -> {
                newVersion = Optional.of(Integer.valueOf(fact(facts, "version")));
                newKey = Optional.of(fact(facts, "key"));
            }
            case PROMOTED -> {
                promoted = true;
                contractsAt = Optional.ofNullable(facts.get("contractAfter")).map(Instant::parse);
                oldKeyEndsAt = Optional.ofNullable(facts.get("oldKeyEnds")).map(Instant::parse);
            }
            case ABORTING -> abortReason = Optional.of(fact(facts, "reason"));
            case DISCARDED -> discarded = true;
            case SETTLING -> {
                settlesAt = Optional.of(Instant.parse(fact(facts, "until")));
                devices.values().forEach(d -> d.confirmed = false);
            }
            case RECONCILED -> {
                // What was begun before belongs to a store that is no more.
                generation = Long.parseLong(fact(facts, "generation"));
                reconciled = true;
                closed = true;
            }
            case AWAITING_BACKUP -> awaitsBackup = Optional.of(generation);
            case CLOSED -> {
                closed = true;
                kept = Optional.ofNullable(facts.get("kept"));
            }
            case CONTRACTING -> {
                // A device that is contracted again has to settle again.
                settlesAt = Optional.empty();
                awaitsBackup = Optional.empty();
                applyToDevice(require(device(entry)), entry.step(), facts);
            }
            case ROLLING_BACK -> {
                // So has one that is taken back again.
                settlesAt = Optional.empty();
                applyToDevice(require(device(entry)), entry.step(), facts);
            }
            case EXPANDING, EXPANDED, FAILED, QUARANTINED, STAMPED, CONTRACTED, ROLLED_BACK, CONFIRMED ->
                applyToDevice(require(device(entry)), entry.step(), facts);
            default -> {
                // DESTROYED is for whoever reads the journal
            }
        }
        entry.device().map(devices::get).ifPresent(device -> measure(device, entry));
    }

    /** From an intent to what became of it. */
    private static void measure(DeviceState device, JournalEntry entry) {
        boolean intent = switch (entry.step()) {
            case EXPANDING, CONTRACTING, ROLLING_BACK -> true;
            default -> false;
        };
        if (intent) {
            device.began = entry.at();
        } else if (device.began != null) {
            device.took = device.took.plus(Duration.between(device.began, entry.at()));
            device.began = null;
        }
    }

    static void applyToDevice(DeviceState device, JournalEntry.Step step, Map<String, String> facts) {
        device.attempts += Integer.parseInt(facts.getOrDefault("attempts", "0"));
        switch (step) {
            case EXPANDING -> {
                device.stage = Stage.EXPANDING;
                device.mayHoldNew = true;
            }
            case EXPANDED -> {
                device.stage = Stage.EXPANDED;
                device.quarantine = null;
                device.lastFailure = null;
                device.proof = new RevocationProof(answer(facts, "oldBefore"), Answer.UNKNOWN, Answer.UNKNOWN, false);
                device.acceptedBefore = versions(facts, "accepted");
                device.edits.addAll(edits(facts));
                applyVisit(device, facts);
            }
            case FAILED -> {
                device.lastFailure = failure(facts);
                applyVisit(device, facts);
                if (facts.getOrDefault("touched", "true").equals("false")) {
                    device.stage = Stage.PLANNED;
                    device.mayHoldNew = false;
                }
            }
            case QUARANTINED -> device.quarantine = failure(facts);
            case STAMPED -> {
                device.stampNote = Optional.of(fact(facts, "note"));
                Set<String> stamps = new TreeSet<>(device.stamps);
                Optional.ofNullable(facts.get("stamp")).ifPresent(stamps::add);
                device.stamps = Set.copyOf(stamps);
            }
            case CONTRACTING -> {
                device.stage = Stage.CONTRACTING;
                device.confirmed = false;
            }
            case CONTRACTED -> {
                device.proof = new RevocationProof(
                        device.proof.oldBefore(),
                        answer(facts, "oldAfter"),
                        answer(facts, "newAfter"),
                        Boolean.parseBoolean(fact(facts, "removed")));
                device.unproved = versions(facts, "unproved");
                device.edits.addAll(edits(facts));
                device.stage = Stage.CONTRACTED;
                device.managedBy = Optional.ofNullable(facts.get("managedBy")).or(() -> device.managedBy);
                device.lastFailure = null;
            }
            case ROLLING_BACK -> {
                device.stage = Stage.ROLLING_BACK;
                device.mayHoldNew = true;
                device.confirmed = false;
            }
            case ROLLED_BACK -> {
                device.stage = Stage.ROLLED_BACK;
                device.mayHoldNew = false;
                device.lastFailure = null;
                device.edits.addAll(edits(facts));
            }
            case CONFIRMED -> device.confirmed = true;
            default -> throw new IllegalStateException("not a device's step: " + step);
        }
    }

    private static void applyVisit(DeviceState device, Map<String, String> facts) {
        device.wasThere |= Boolean.parseBoolean(facts.get("there"));
        Map<String, String> files = new TreeMap<>();
        for (int i = 0; facts.containsKey("file." + i); i++) {
            files.put(fact(facts, "file." + i), fact(facts, "digest." + i));
        }
        if (!files.isEmpty()) {
            device.files = Map.copyOf(files);
        }
    }

    static Map<String, String> visitFacts(Visit visit) {
        Map<String, String> facts = new TreeMap<>();
        facts.put("touched", Boolean.toString(visit.touched()));
        facts.put("there", Boolean.toString(visit.wasThere()));
        int i = 0;
        for (Map.Entry<String, String> file : visit.files().entrySet()) {
            facts.put("file." + i, file.getKey());
            facts.put("digest." + i++, file.getValue());
        }
        return facts;
    }

    private DeviceState addDevice(String id, Map<String, String> facts) {
        Device device = new Device(
                id,
                fact(facts, "host"),
                Integer.parseInt(fact(facts, "port")),
                Optional.of(fact(facts, "user")),
                Boolean.parseBoolean(fact(facts, "original")),
                Arrays.asList(fact(facts, "files").split("\n", -1)),
                Optional.ofNullable(facts.get("administrator")));
        DeviceState added = new DeviceState(
                device, fact(facts, "user"), hostKey(facts), Boolean.parseBoolean(fact(facts, "canary")));
        added.managedBy = Optional.ofNullable(facts.get("managedBy"));
        if (facts.containsKey("stamps")) {
            added.stamps = Set.of(fact(facts, "stamps").split("\n", -1));
        }
        added.unproved = versions(facts, "unproved");
        added.plannedVersion = Optional.ofNullable(facts.get("accepts")).map(Integer::valueOf);
        devices.put(id, added);
        return added;
    }

    private static Optional<SshPublicKey> hostKey(Map<String, String> facts) {
        return Optional.ofNullable(facts.get("hostKey"))
                .map(base64 -> SshPublicKey.fromBlob(Base64.getDecoder().decode(base64)));
    }

    static Map<String, String> hostKeyFacts(SshPublicKey key) {
        return Map.of("hostKey", Base64.getEncoder().encodeToString(key.blob()));
    }

    /** The devices that belong to the rotation, without those that were removed from it. */
    List<DeviceState> members() {
        return devices.values().stream()
                .filter(device -> device.removed.isEmpty())
                .toList();
    }

    /** Whether it was taken back everywhere, and has at most to settle. */
    boolean isTakenBack() {
        return abortReason.isPresent() && (closed || settlesAt.isPresent());
    }

    /** Whether a new rotation may begin: at most devices that are to catch up have anything left to do, and it takes them over. */
    boolean mayBeFollowed() {
        return closed
                || isTakenBack()
                || (promoted && members().stream().allMatch(device -> device.isQuarantined() || device.isContracted()));
    }

    /**
     * What a rotation takes over about a device from those before it.
     *
     * @param stamps ends that they gave to old lines
     * @param unproved versions that it may accept and was never seen to accept
     */
    record Inherited(Set<String> stamps, Set<Integer> unproved) {}

    static Map<String, String> plannedFacts(PlannedDevice planned, boolean canary, Inherited inherited) {
        Map<String, String> facts = new TreeMap<>();
        facts.put("host", planned.device().host());
        facts.put("port", Integer.toString(planned.device().port()));
        facts.put("user", planned.user());
        facts.put("original", Boolean.toString(planned.device().original()));
        facts.put("files", String.join("\n", planned.device().authorizedKeysFiles()));
        facts.put("canary", Boolean.toString(canary));
        if (!inherited.stamps().isEmpty()) {
            facts.put("stamps", String.join("\n", new TreeSet<>(inherited.stamps())));
        }
        facts.put("unproved", versionsFact(inherited.unproved()));
        planned.acceptedVersion().ifPresent(version -> facts.put("accepts", Integer.toString(version)));
        planned.managedBy().ifPresent(manager -> facts.put("managedBy", manager));
        planned.device().administrator().ifPresent(account -> facts.put("administrator", account));
        planned.obstacle().ifPresent(obstacle -> facts.putAll(failureFacts(RotationEvent.Phase.EXPAND, obstacle, 0)));
        planned.hostKey().ifPresent(key -> facts.putAll(hostKeyFacts(key)));
        return facts;
    }

    static Map<String, String> failureFacts(RotationEvent.Phase phase, DeviceFailure failure, int attempts) {
        Map<String, String> facts = new TreeMap<>();
        facts.put("phase", phase.name());
        facts.put("kind", failure.kind().name());
        facts.put("retryable", Boolean.toString(failure.retryable()));
        facts.put("message", failure.message());
        facts.put("attempts", Integer.toString(attempts));
        return facts;
    }

    static Map<String, String> editFacts(List<RemoteEdit> edits, int attempts) {
        Map<String, String> facts = new TreeMap<>();
        facts.put("attempts", Integer.toString(attempts));
        for (int i = 0; i < edits.size(); i++) {
            RemoteEdit edit = edits.get(i);
            facts.put("edit." + i + ".path", edit.path());
            facts.put("edit." + i + ".method", edit.method().label());
            facts.put("edit." + i + ".changed", Boolean.toString(edit.changed()));
            facts.put("edit." + i + ".atomic", Boolean.toString(edit.atomic()));
            facts.put("edit." + i + ".durable", Boolean.toString(edit.durable()));
            facts.put("edit." + i + ".retries", Integer.toString(edit.retries()));
            facts.put("edit." + i + ".warnings", String.join("\n", edit.warnings()));
        }
        return facts;
    }

    private static List<RemoteEdit> edits(Map<String, String> facts) {
        List<RemoteEdit> edits = new ArrayList<>();
        for (int i = 0; facts.containsKey("edit." + i + ".path"); i++) {
            String warnings = fact(facts, "edit." + i + ".warnings");
            edits.add(new RemoteEdit(
                    fact(facts, "edit." + i + ".path"),
                    // Journals of a time when there was one way do not name it.
                    EditMethod.ofLabel(facts.getOrDefault("edit." + i + ".method", EditMethod.SFTP.label())),
                    Boolean.parseBoolean(fact(facts, "edit." + i + ".changed")),
                    Boolean.parseBoolean(fact(facts, "edit." + i + ".atomic")),
                    Boolean.parseBoolean(fact(facts, "edit." + i + ".durable")),
                    Integer.parseInt(fact(facts, "edit." + i + ".retries")),
                    warnings.isEmpty() ? List.of() : Arrays.asList(warnings.split("\n", -1))));
        }
        return edits;
    }

    private static DeviceFailure failure(Map<String, String> facts) {
        return new DeviceFailure(
                DeviceFailure.Kind.valueOf(fact(facts, "kind")),
                Boolean.parseBoolean(fact(facts, "retryable")),
                fact(facts, "message"));
    }

    static String versionsFact(Set<Integer> versions) {
        return versions.stream().sorted().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** None where the fact is missing, as in journals of a time that did not tell versions apart. */
    private static Set<Integer> versions(Map<String, String> facts, String name) {
        String fact = facts.getOrDefault(name, "");
        return fact.isEmpty()
                ? Set.of()
                : Arrays.stream(fact.split(",", -1)).map(Integer::valueOf).collect(Collectors.toUnmodifiableSet());
    }

    private static Answer answer(Map<String, String> facts, String name) {
        return Answer.ofLabel(fact(facts, name));
    }

    private static String device(JournalEntry entry) {
        return entry.device()
                .orElseThrow(() -> new JournalException("a journal's " + entry.step() + " names no device", null));
    }

    DeviceState require(String id) {
        DeviceState device = devices.get(id);
        if (device == null) {
            throw new JournalException("a journal names the device " + id + ", which was never planned", null);
        }
        return device;
    }

    private static String fact(Map<String, String> facts, String name) {
        String value = facts.get(name);
        if (value == null) {
            throw new JournalException("a journal's entry lacks the fact " + name, null);
        }
        return value;
    }
}
