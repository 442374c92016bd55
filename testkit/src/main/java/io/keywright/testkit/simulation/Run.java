package io.keywright.testkit.simulation;

import io.keywright.rotation.CredentialState;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Step;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One schedule in one world: lives of engines, what goes wrong in them, and the proof that all of it ends well. */
final class Run implements AutoCloseable {
    /** How often a rotation may need to be resumed once nothing goes wrong any more: catch up, settle, settle again, end. */
    private static final int MAX_RESUMES = 6;

    private static final Duration SETTLED = Duration.ofHours(25);

    final World world;
    final Turns turns;
    private final Map<String, Life> lives = new HashMap<>();
    private boolean leftoversAllowed;

    Run(World world, Executor threads) {
        this.world = world;
        this.turns = new Turns(threads);
    }

    /**
     * Allows locks and temporary files to be left: a zombie that dies after all is done, or a machine's stop that undoes their
     * removal, leaves them to whoever edits next.
     */
    void allowLeftovers() {
        leftoversAllowed = true;
    }

    /** Sets who decides what goes wrong from now on. */
    void against(Adversary adversary) {
        world.fleet.faults().decideBy(step -> faults(step, adversary));
    }

    private List<Fault> faults(Step step, Adversary adversary) {
        Life life = lives.get(step.process());
        return life == null ? List.of() : adversary.at(step, life);
    }

    Life begin(Duration skew, boolean rotatesAgain) {
        Life life = new Life(world, turns, skew, rotatesAgain);
        lives.put(life.name(), life);
        return life;
    }

    /** How many engines have lived. */
    int lives() {
        return lives.size();
    }

    Life begin() {
        return begin(Duration.ZERO, false);
    }

    /**
     * From here on nothing goes wrong any more: whatever was left must come to its end.
     *
     * <p>A device that one rotation had left behind, under quarantine, is taken over by the next one. Where that is taken back,
     * the device is where it was, with an older key than the others that is still in the store, and resuming changes nothing:
     * a rotation which is taken back leaves every device as it found it, and whether to try once more is for people, or a
     * schedule, to say, as somebody has just said no. So one more rotation is begun here, which has to see to it.
     */
    void endWell() {
        world.fleet.faults().clear();
        world.parts.lapse();
        Life last = untilClosed(begin());
        if (outcome(last) == RotationReport.Outcome.ROLLED_BACK && !isTidy()) {
            last = untilClosed(begin(Duration.ZERO, true));
        }
        requireTidy(isUnproven(last));
        requireNothingLeftToDo();
    }

    private Life untilClosed(Life first) {
        Life last = first;
        last.player.goOn();
        for (int i = 0; i < MAX_RESUMES && !isClosed(last); i++) {
            world.fleet.clock().advance(SETTLED);
            last = begin();
            last.player.goOn();
        }
        if (!isClosed(last)) {
            RotationReport.@Nullable Outcome outcome = outcome(last);
            String end = outcome == null ? "no report" : outcome.toString();
            throw world.invariants.broken(
                    Invariant.STEPS_MAY_REPEAT,
                    "after " + MAX_RESUMES + " calm resumes, the rotation is not at its end: " + end
                            + last.failure().map(e -> ", " + e.getMessage()).orElse("")
                            + last.report().map(r -> "\n" + r.toText()).orElse(""));
        }
        return last;
    }

    private static RotationReport.@Nullable Outcome outcome(Life life) {
        return life.report().map(RotationReport::outcome).orElse(null);
    }

    private static boolean isClosed(Life life) {
        RotationReport.@Nullable Outcome outcome = outcome(life);
        return outcome == RotationReport.Outcome.FINISHED || outcome == RotationReport.Outcome.ROLLED_BACK;
    }

    /** A key whose end is not proved everywhere is kept, maybe until a later rotation proves it. */
    private static boolean isUnproven(Life life) {
        return life.report()
                .map(report -> report.outcome() == RotationReport.Outcome.ROLLED_BACK
                        || report.devices().stream()
                                .anyMatch(device -> device.outcome() instanceof DeviceOutcome.Unproven))
                .orElse(false);
    }

    private boolean isTidy() {
        int current = currentVersion();
        return world.invariants.devices().values().stream().allMatch(truth -> isTidy(truth, current));
    }

    /** The current key lets in, and no other of ours has a line, but where somebody else sees to the opposite. */
    private static boolean isTidy(DeviceTruth truth, int current) {
        boolean alone = truth.present.stream().allMatch(v -> v == current || truth.brought.contains(v));
        return alone && (truth.admitted.contains(current) || truth.taken.contains(current));
    }

    private int currentVersion() {
        return world.invariants.stored().current().map(KeyVersion::number).orElse(0);
    }

    /** The world as it should be when a rotation has ended: one key, and nothing of ours beside it. */
    private void requireTidy(boolean unproven) {
        CredentialState state = world.invariants.stored();
        int current = currentVersion();
        for (DeviceTruth truth : world.invariants.devices().values()) {
            if (!isTidy(truth, current)) {
                throw unfinished(truth.id() + " has lines of " + truth.present + ", not of " + current + " alone");
            }
            for (String name : truth.account().files().list(".ssh")) {
                boolean ours = name.contains("keywright");
                if (ours && !leftoversAllowed) {
                    throw unfinished(truth.id() + " is left with .ssh/" + name);
                }
            }
        }
        for (KeyVersion version : state.versions()) {
            boolean dead = version.number() != current && version.hasPrivateKey();
            boolean mayBeAccepted = state.mayAccept().values().stream().anyMatch(v -> v.contains(version.number()));
            boolean mayBeKept = unproven && (mayBeAccepted || version.label() == KeyVersion.Label.PREVIOUS);
            if (dead && !mayBeKept) {
                throw unfinished("version " + version.number() + " is kept as " + version.label());
            }
        }
    }

    /** Resuming what is finished changes nothing. */
    private void requireNothingLeftToDo() {
        long generation = world.invariants.stored().generation();
        Map<String, Long> revisions = revisions();
        begin().player.goOn();
        long now = world.parts.store().find(World.NAME).orElseThrow().generation();
        if (now != generation || !revisions().equals(revisions)) {
            throw unfinished("resuming what was finished changed something");
        }
    }

    private Map<String, Long> revisions() {
        Map<String, Long> revisions = new HashMap<>();
        world.fleet
                .devices()
                .forEach(
                        device -> revisions.put(device.id(), device.fileSystem().revision()));
        return revisions;
    }

    private InvariantBrokenError unfinished(String what) {
        return world.invariants.broken(Invariant.STEPS_MAY_REPEAT, "all is done, and " + what);
    }

    /** Kills whoever still lives. */
    @Override
    public void close() {
        world.invariants.end();
        for (Life life : lives.values()) {
            life.process().kill();
            while (life.player.isPaused()) {
                life.player.goOn();
            }
        }
        world.close();
    }
}
