package io.keywright.testkit.simulation;

import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.JournalEntry;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.KeyVersion.Label;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.fleet.InMemoryFleet;
import io.keywright.testkit.fleet.OpenConnection;
import io.keywright.testkit.fleet.TraceEntry;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks at the world after each step, and says which {@link Invariant} does not hold, with device, key and step.
 *
 * <p>What an engine does is told apart from what others do to the same files: a key that a configuration management takes
 * away, or a machine's stop, is nobody's mistake, while an engine that goes on as if it were still there makes one.
 */
final class Invariants {
    private final InMemoryFleet fleet;
    private final CredentialStore store;
    private final String credential;
    private final long seed;
    private final Schedule schedule;
    private final Map<String, DeviceTruth> devices = new TreeMap<>();
    private final WireLog wire = new WireLog();

    private CredentialState stored;
    private final Set<String> quarantined = new HashSet<>();
    /** Quarantined before this rotation, and let in by its new key: the CURRENT one works there as soon as that is it. */
    private final Set<String> catchingUp = new HashSet<>();

    private final Map<String, Long> fences = new HashMap<>();
    private final Map<String, CredentialStore.Lease> leases = new HashMap<>();
    private final Set<String> acceptedBefore = new HashSet<>();

    private long fence;
    private final Map<String, Long> appenders = new HashMap<>();
    private String latestRotation = "";
    private long begunAt;
    private int oldVersion;
    private boolean watching;

    Invariants(InMemoryFleet fleet, CredentialStore store, String credential, long seed, Schedule schedule) {
        this.fleet = fleet;
        this.store = store;
        this.credential = credential;
        this.seed = seed;
        this.schedule = schedule;
        this.stored = store.find(credential).orElseThrow();
    }

    /** Begins to watch: how things are now is how they should be. */
    void begin(List<DeviceTruth> truths) {
        for (DeviceTruth truth : truths) {
            devices.put(truth.id(), truth);
            truth.look(stored.versions());
            truth.allowed.add(truth.others);
            truth.history.add(truth.others);
        }
        watching = true;
        fleet.watch(this::stepped);
    }

    /** Looks away from now on. */
    void end() {
        watching = false;
    }

    DeviceTruth device(String id) {
        DeviceTruth truth = devices.get(id);
        if (truth == null) {
            throw new IllegalArgumentException("no device " + id);
        }
        return truth;
    }

    Map<String, DeviceTruth> devices() {
        return devices;
    }

    boolean usable(DeviceTruth truth) {
        return truth.admitsAny(withPrivateKey(stored));
    }

    CredentialState stored() {
        return stored;
    }

    // --- what happens ---

    private void stepped(TraceEntry entry) {
        schedule.stepped(entry);
        if (!watching) {
            return;
        }
        if (schedule.steps() > Schedule.MAX_STEPS) {
            throw broken(Invariant.STEPS_MAY_REPEAT, "no end after " + schedule.steps() + " steps");
        }
        wire.note(entry, schedule.ended(), fleet.clock().instant());
        DeviceTruth truth = devices.get(entry.step().device());
        if (truth != null) {
            followEdit(truth, entry);
            look(truth, entry);
        }
    }

    /** Knows when an engine has compared the file and not yet replaced it: the moment that no SFTP client can protect. */
    private static void followEdit(DeviceTruth truth, TraceEntry entry) {
        String process = entry.step().process();
        String detail = entry.step().detail();
        switch (entry.step().verb()) {
            case CREATE, CREATE_SYNCED -> {
                if (detail.contains("/.keywright-")) {
                    truth.inRoundTrip.add(process);
                }
            }
            case CLOSE, REMOVE, CONNECT -> truth.inRoundTrip.remove(process);
            default -> {
                // nothing that begins or ends that moment
            }
        }
    }

    private void look(DeviceTruth truth, TraceEntry entry) {
        Set<Integer> before = truth.admitted;
        Set<Integer> presentBefore = truth.present;
        boolean usable = usable(truth);
        if (!truth.look(stored.versions())) {
            return;
        }
        String step = "step " + entry.step();
        Set<Integer> gained = minus(truth.admitted, before);
        Set<Integer> lost = minus(before, truth.admitted);
        notePresence(truth, presentBefore, wire::changedByEngine);
        boolean disputed = truth.disputed && !truth.inRoundTrip.isEmpty();
        if (disputed) {
            // The engine undoes what others wrote in the same round trip: what they took away is back, through their
            // doing.
            Set<Integer> undone = new TreeSet<>(gained);
            undone.retainAll(truth.taken);
            truth.brought.addAll(undone);
            truth.everBrought.addAll(undone);
        }
        truth.taken.removeAll(gained);
        truth.brought.removeAll(minus(presentBefore, truth.present));
        if (disputed) {
            truth.taken.addAll(lost); // and what they brought is gone
        } else {
            truth.disputed = false;
            noLockOut(truth, usable, step);
            ownSessionKept(truth, lost, entry);
        }
        currentWorks(truth, step);
        deadKeysStayDead(truth, gained, step);
        otherLinesKept(truth, step);
    }

    /**
     * Somebody who is no engine changes a file.
     *
     * @param change what they do
     */
    void others(String device, Runnable change) {
        DeviceTruth truth = device(device);
        Set<List<String>> allowedBefore = truth.allowed;
        Set<Integer> before = truth.admitted;
        Set<Integer> presentBefore = truth.present;
        change.run();
        truth.look(stored.versions());
        notePresence(truth, presentBefore, wire::changedByOthers);
        if (!usable(truth)) {
            truth.lockedOutByOthers.add(truth.lines());
        }
        truth.taken.addAll(minus(before, truth.admitted));
        truth.taken.removeAll(truth.admitted);
        truth.brought.addAll(minus(truth.present, presentBefore));
        truth.brought.retainAll(truth.present);
        truth.everBrought.addAll(truth.brought);
        Set<List<String>> allowed = new HashSet<>();
        allowed.add(truth.others);
        if (!truth.inRoundTrip.isEmpty()) {
            // Both write in the same round trip, and either may be the last.
            allowed.addAll(allowedBefore);
            truth.disputed = true;
        }
        truth.allowed = allowed;
        truth.history.add(truth.others);
    }

    /**
     * A machine stops, and loses what was not yet on its disk.
     *
     * @param stop stops it
     */
    void reboot(String device, Runnable stop) {
        DeviceTruth truth = device(device);
        Set<Integer> before = truth.admitted;
        Set<Integer> presentBefore = truth.present;
        boolean usable = usable(truth);
        stop.run();
        truth.inRoundTrip.clear();
        truth.look(stored.versions());
        notePresence(truth, presentBefore, wire::changedByOthers);
        truth.taken.addAll(minus(before, truth.admitted));
        truth.taken.removeAll(truth.admitted);
        truth.brought.addAll(minus(truth.present, presentBefore));
        truth.brought.retainAll(truth.present);
        String step = "the stop of " + device;
        noLockOut(truth, usable && !truth.lockedOutByOthers.contains(truth.lines()), step);
        for (int version : minus(truth.admitted, before)) {
            boolean destroyed = label(version) == Label.DESTROYED;
            if (destroyed && !truth.everBrought.contains(version)) {
                throw broken(
                        Invariant.DURABLE_WHILE_ACCEPTED,
                        device + " accepts version " + version + " again, which was destroyed, since " + step);
            }
        }
        if (!truth.allowed.contains(truth.others) && !truth.history.contains(truth.others)) {
            throw broken(Invariant.OTHER_LINES_KEPT, device + " has lines that it never had since " + step);
        }
        truth.allowed = Set.of(truth.others);
    }

    private void notePresence(DeviceTruth truth, Set<Integer> before, BiConsumer<String, String> changed) {
        Set<Integer> gone = minus(before, truth.present);
        Stream.concat(minus(truth.present, before).stream(), gone.stream())
                .forEach(version -> changed.accept(truth.id(), fingerprint(version)));
        gone.forEach(version -> truth.removedAt.put(version, schedule.ended()));
    }

    /** A lease was taken. */
    void leased(String process, CredentialStore.Lease lease) {
        fences.put(process, lease.fence());
        leases.put(process, lease);
        fence = Math.max(fence, lease.fence());
    }

    /** A process is gone; the operating system closes what it held open. */
    void died(String process) {
        CredentialStore.Lease lease = leases.remove(process);
        if (lease != null) {
            lease.close();
        }
    }

    /** The store was asked for a change, and did not refuse. */
    void storeChanged(String step, long withFence) {
        CredentialState before = stored;
        stored = store.find(credential).orElseThrow();
        if (!watching || stored.generation() == before.generation()) {
            return;
        }
        overtakenChangesNothing(step, withFence);
        for (KeyVersion version : stored.versions()) {
            Label was = before.version(version.number()).map(KeyVersion::label).orElse(null);
            if (was == null) {
                store.exposeSecret(credential, StoredSecret.key(version.number()))
                        .close(); // what cannot be opened is not durable
            } else if (version.label() == Label.DESTROYED && was != Label.DESTROYED) {
                destroyedWhenDeadOnly(version, was, step);
            }
        }
        if (!currentNumber(before).equals(currentNumber(stored))) {
            quarantined.removeAll(catchingUp);
            catchingUp.clear();
        }
        for (DeviceTruth truth : devices.values()) {
            Set<Integer> usable = new TreeSet<>(truth.admitted);
            usable.retainAll(withPrivateKey(before));
            truth.look(stored.versions());
            noLockOut(truth, !usable.isEmpty() && !truth.brought.containsAll(usable), step);
            currentWorks(truth, step);
        }
    }

    /** An entry of the journal became durable. */
    void appended(String process, String rotation, JournalEntry entry) {
        String step = process + " journal." + entry.step();
        long appender = fences.getOrDefault(process, 0L);
        long latest = appenders.getOrDefault(rotation, 0L);
        if (appender < latest) {
            throw broken(
                    Invariant.OVERTAKEN_CHANGES_NOTHING,
                    step + " with the lease " + appender + " after an entry with the lease " + latest);
        }
        appenders.put(rotation, appender);
        if (rotation.compareTo(latestRotation) < 0) {
            // Its engine was overtaken between the last look at its lease and this entry, which no lease can prevent.
            // It tells
            // what was true then, in a journal that nobody reads any more: a later rotation has changed the devices
            // since, so
            // that the entry cannot be held against them. What that engine does to devices and store is looked at all
            // the same.
            return;
        }
        latestRotation = rotation;
        String device = entry.device().orElse("");
        Map<String, String> facts = entry.facts();
        switch (entry.step()) {
            case BEGUN -> {
                oldVersion = Integer.parseInt(facts.getOrDefault("version", "0"));
                begunAt = schedule.ended();
                acceptedBefore.clear();
                catchingUp.clear();
            }
            case QUARANTINED -> quarantined.add(device);
            case EXPANDED -> {
                if (quarantined.contains(device) && stored.pending().isPresent()) {
                    catchingUp.add(device);
                } else {
                    quarantined.remove(device);
                }
                if ("accepted".equals(facts.get("oldBefore"))) {
                    acceptedBefore.add(device);
                }
                currentWorks(device(device), step);
            }
            case CONTRACTED -> {
                if ("refused".equals(facts.get("oldAfter"))
                        && "true".equals(facts.get("removed"))
                        && acceptedBefore.contains(device)) {
                    proofNotHope(device(device), step);
                }
            }
            default -> {
                // says nothing about a device that could be untrue
            }
        }
    }

    // --- the invariants ---

    private void noLockOut(DeviceTruth truth, boolean usableBefore, String step) {
        if (usableBefore && !usable(truth)) {
            throw broken(
                    Invariant.NO_LOCK_OUT,
                    truth.id() + " lets in none of the stored keys since " + step + "; it lets in " + truth.admitted);
        }
    }

    private void currentWorks(DeviceTruth truth, String step) {
        int current = stored.current().map(KeyVersion::number).orElse(0);
        if (!quarantined.contains(truth.id()) && !truth.admitted.contains(current) && !truth.taken.contains(current)) {
            throw broken(
                    Invariant.CURRENT_WORKS,
                    truth.id() + " does not let in version " + current + ", which is CURRENT, since " + step);
        }
    }

    private void destroyedWhenDeadOnly(KeyVersion version, Label was, String step) {
        for (DeviceTruth truth : devices.values()) {
            int number = version.number();
            if (truth.brought.contains(number) || !truth.everPresent.contains(number)) {
                continue;
            }
            WireLog.Answers answers =
                    wire.of(truth.id(), version.publicKey().fingerprint().toString());
            String problem = null;
            if (truth.present.contains(number)) {
                problem = " still has a line of it";
            } else if (answers.firstRefusal == null || answers.lastRefusal == null) {
                problem = " was not seen to refuse it since its line went";
            } else if (was == Label.PREVIOUS && answers.accepted == 0) {
                problem = " was never seen to accept it";
            } else if (Duration.between(answers.firstRefusal, answers.lastRefusal)
                            .compareTo(RotationPolicy.MIN_SETTLE)
                    < 0) {
                problem = " was not asked a second time after it settled";
            }
            if (problem != null) {
                throw broken(
                        Invariant.DURABLE_WHILE_ACCEPTED,
                        "version " + number + " is destroyed in " + step + ", and " + truth.id() + problem);
            }
        }
    }

    private void proofNotHope(DeviceTruth truth, String step) {
        if (truth.brought.contains(oldVersion)) {
            return; // others have brought it back since it was proved
        }
        WireLog.Answers old = wire.of(truth.id(), fingerprint(oldVersion));
        int current = stored.current().map(KeyVersion::number).orElse(0);
        WireLog.Answers fresh = wire.of(truth.id(), fingerprint(current));
        long removed = truth.removedAt.getOrDefault(oldVersion, 0L);
        String problem = null;
        if (truth.present.contains(oldVersion)) {
            problem = " still has a line of it";
        } else if (stored.versions().stream()
                .filter(version -> version.number() != current)
                .noneMatch(version -> wire.of(truth.id(), fingerprint(version.number())).accepted > begunAt)) {
            problem = " was not seen to accept it, or an older one, in this rotation";
        } else if (old.refused <= removed) {
            problem = " was not seen to refuse it since its line went";
        } else if (fresh.loggedIn <= removed) {
            problem = " has not let in the new one since";
        }
        if (problem != null) {
            throw broken(
                    Invariant.PROOF_NOT_HOPE,
                    step + " calls version " + oldVersion + " dead, and " + truth.id() + problem);
        }
    }

    private void otherLinesKept(DeviceTruth truth, String step) {
        if (truth.allowed.contains(truth.others)) {
            return;
        }
        for (String line : truth.others) {
            boolean known = truth.history.stream().anyMatch(lines -> lines.contains(line));
            if (!known && line.contains("ssh-")) {
                throw broken(
                        Invariant.DURABLE_WHILE_ACCEPTED,
                        truth.id() + " has a key that the store does not have since " + step + ": " + line);
            }
        }
        throw broken(
                Invariant.OTHER_LINES_KEPT,
                truth.id() + " has " + truth.others + " instead of " + truth.allowed + " since " + step);
    }

    private void overtakenChangesNothing(String step, long withFence) {
        if (withFence < fence) {
            throw broken(
                    Invariant.OVERTAKEN_CHANGES_NOTHING,
                    step + " changed the store with the lease " + withFence + ", while " + fence + " is the youngest");
        }
    }

    private void deadKeysStayDead(DeviceTruth truth, Set<Integer> gained, String step) {
        for (int version : gained) {
            Label label = label(version);
            if (label != Label.PENDING && label != Label.CURRENT && !truth.everBrought.contains(version)) {
                throw broken(
                        Invariant.OVERTAKEN_CHANGES_NOTHING,
                        truth.id() + " lets in version " + version + " again, which is " + label + ", since " + step);
            }
        }
    }

    private void ownSessionKept(DeviceTruth truth, Set<Integer> lost, TraceEntry entry) {
        for (OpenConnection open : lost.isEmpty() ? List.<OpenConnection>of() : fleet.openConnections()) {
            boolean own = open.process().equals(entry.step().process())
                    && open.device().equals(truth.id());
            Optional<KeyVersion> version = stored.versions().stream()
                    .filter(v -> open.key().equals(Optional.of(v.publicKey())))
                    .findFirst();
            if (own && version.isPresent() && lost.contains(version.get().number())) {
                throw broken(
                        Invariant.OWN_SESSION_KEPT,
                        truth.id() + " lost version " + version.get().number()
                                + ", which the engine is logged in with, in step " + entry.step());
            }
        }
    }

    /**
     * What an engine reports is compared with what is true. It may have slept since, and another have begun the next rotation:
     * then the key that it brought, or a later one, lives.
     */
    void noFalseSuccess(RotationReport report) {
        int brought = stored.versions().stream()
                .filter(version -> report.newKey()
                        .equals(Optional.of(version.publicKey().fingerprint().toString())))
                .mapToInt(KeyVersion::number)
                .findFirst()
                .orElse(Integer.MAX_VALUE);
        for (DeviceReport device : report.devices()) {
            if (!(device.outcome() instanceof DeviceOutcome.Done)) {
                continue;
            }
            DeviceTruth truth = device(device.id());
            boolean oldAlive = stored.versions().stream()
                    .anyMatch(version ->
                            version.publicKey().fingerprint().toString().equals(report.oldKey())
                                    && truth.admitted.contains(version.number())
                                    && !truth.brought.contains(version.number()));
            boolean newAlive =
                    Stream.of(truth.admitted, truth.taken).flatMap(Set::stream).anyMatch(version -> version >= brought);
            if (oldAlive || !newAlive) {
                throw broken(
                        Invariant.NO_FALSE_SUCCESS,
                        "the report calls " + device.id() + " done, which lets in " + truth.admitted);
            }
        }
        secretIsGone(report);
    }

    /** Where nothing is left to do, nobody can log in with the old key any more because nobody has it. */
    private void secretIsGone(RotationReport report) {
        boolean done = report.outcome() == RotationReport.Outcome.FINISHED
                && report.remains().isEmpty()
                && report.devices().stream().allMatch(device -> device.outcome() instanceof DeviceOutcome.Done);
        for (KeyVersion version : done ? stored.versions() : List.<KeyVersion>of()) {
            boolean old = version.publicKey().fingerprint().toString().equals(report.oldKey());
            if (old && version.hasPrivateKey()) {
                throw broken(
                        Invariant.NO_FALSE_SUCCESS,
                        "the report says that all is done, and the store has the private key of version "
                                + version.number() + ", which is " + version.label());
            }
        }
    }

    /** Says that something can not be finished, or not twice. */
    InvariantBrokenError broken(Invariant invariant, String problem) {
        return new InvariantBrokenError(invariant, problem, seed, schedule.tell());
    }

    /** Says that an engine met something that it does not understand. */
    InvariantBrokenError fellOver(String process, RuntimeException cause) {
        InvariantBrokenError error = broken(Invariant.STEPS_MAY_REPEAT, process + " fell over: " + cause);
        error.initCause(cause);
        return error;
    }

    // --- words ---

    private Label label(int version) {
        return stored.version(version).orElseThrow().label();
    }

    private static Optional<Integer> currentNumber(CredentialState state) {
        return state.current().map(KeyVersion::number);
    }

    private String fingerprint(int version) {
        return stored.version(version).orElseThrow().publicKey().fingerprint().toString();
    }

    private static Set<Integer> withPrivateKey(CredentialState state) {
        return state.versions().stream()
                .filter(KeyVersion::hasPrivateKey)
                .map(KeyVersion::number)
                .collect(Collectors.toSet());
    }

    private static Set<Integer> minus(Set<Integer> all, Set<Integer> some) {
        Set<Integer> left = new TreeSet<>(all);
        left.removeAll(some);
        return left;
    }
}
