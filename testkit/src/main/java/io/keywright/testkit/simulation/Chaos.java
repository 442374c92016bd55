package io.keywright.testkit.simulation;

import io.keywright.rotation.JournalException;
import io.keywright.rotation.StoreException;
import io.keywright.testkit.fleet.CrashModel;
import io.keywright.testkit.fleet.Device;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Step;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.SftpException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Lets everything go wrong that can, drawn from a seed. */
final class Chaos implements Adversary {
    /** Where a fault does most harm, it strikes this many times as often as elsewhere. */
    private static final int CRITICAL = 6;

    private static final List<Duration> BETWEEN_LIVES =
            List.of(Duration.ZERO, Duration.ofSeconds(40), Duration.ofMinutes(11), Duration.ofHours(25));

    private final Run run;
    private final World world;
    private final SplittableRandom random;
    private final Others others;
    private final Map<Trouble, Integer> counts = new EnumMap<>(Trouble.class);
    private final List<Life> lives = new ArrayList<>();
    private final double rate;
    private int troublesLeft;
    private int livesLeft;

    Chaos(Run run, SplittableRandom random) {
        this.run = run;
        this.world = run.world;
        this.random = random;
        this.others = new Others(world, random);
        this.rate = List.of(0.004, 0.01, 0.03).get(random.nextInt(3));
        this.troublesLeft = 1 + random.nextInt(6);
        this.livesLeft = 1 + random.nextInt(4);
    }

    /** How often each trouble struck. */
    Map<Trouble, Integer> counts() {
        return counts;
    }

    /** Lets engines live until none is left, and mends what only people can. */
    void play() {
        run.against(this);
        while (true) {
            List<Life> awake = lives.stream()
                    .filter(life -> !life.player.isDone() && !life.isAsleep())
                    .toList();
            List<Life> asleep = lives.stream().filter(Life::isAsleep).toList();
            if (!awake.isEmpty()) {
                if (livesLeft > 0 && random.nextInt(30) == 0) {
                    world.schedule.decided("a second engine starts");
                    begin();
                }
                awake.get(random.nextInt(awake.size())).player.goOn();
            } else if (!asleep.isEmpty() && (livesLeft == 0 || random.nextInt(3) == 0)) {
                wake(asleep.get(random.nextInt(asleep.size())));
            } else if (livesLeft > 0) {
                pass(BETWEEN_LIVES.get(random.nextInt(BETWEEN_LIVES.size())));
                world.parts.lapse();
                begin();
            } else {
                break;
            }
        }
        heal();
    }

    private void begin() {
        livesLeft--;
        Duration skew = random.nextInt(4) == 0 ? Duration.ofSeconds(random.nextInt(-120, 121)) : Duration.ZERO;
        Life life = run.begin(skew, random.nextInt(3) == 0);
        world.schedule.decided(life.name() + " starts" + (skew.isZero() ? "" : ", its clock ahead by " + skew));
        lives.add(life);
    }

    private void wake(Life life) {
        world.schedule.decided(life.name() + " wakes");
        life.wake();
        life.player.goOn();
    }

    private void pass(Duration time) {
        world.fleet.clock().advance(time);
    }

    private void heal() {
        powerFails();
        world.fleet.devices().forEach(device -> {
            device.comeUp();
            device.fileSystem().setCapacity(Long.MAX_VALUE);
            device.setHostKeys(world.hostKey(device.id()));
        });
        others.repair();
    }

    /** Every machine stops at once, and loses all or some of what was not yet on its disk. */
    private void powerFails() {
        if (random.nextInt(3) == 0) {
            return;
        }
        world.schedule.decided("power fails everywhere");
        run.allowLeftovers();
        boolean all = random.nextBoolean();
        world.fleet.devices().forEach(device -> {
            CrashModel model = all ? CrashModel.everythingLost() : CrashModel.random(random.nextLong());
            world.invariants.reboot(device.id(), () -> device.crashAndReboot(model, Duration.ofSeconds(1)));
        });
    }

    @Override
    public List<Fault> at(Step step, Life life) {
        double chance = rate * (isCritical(step) ? CRITICAL : 1);
        if (troublesLeft == 0 || random.nextDouble() >= chance) {
            return List.of();
        }
        Trouble trouble = Trouble.draw(step, random);
        if (trouble == Trouble.REFUSAL && world.hasHiddenFile()) {
            return List.of(); // a lie about a key whose line nobody can find cannot be told from the truth
        }
        troublesLeft--;
        counts.merge(trouble, 1, Integer::sum);
        if (trouble == Trouble.SLEEP || trouble == Trouble.REBOOT || trouble == Trouble.DISK_FULL) {
            run.allowLeftovers(); // a full disk has no room for the lock under which they could be cleared away
        }
        world.schedule.decided(trouble + " at " + step);
        return List.of(fault(trouble, step, life));
    }

    private static boolean isCritical(Step step) {
        return switch (step.verb()) {
            case POSIX_RENAME, LOCAL, CREATE_SYNCED, PROBE -> true;
            default -> false;
        };
    }

    private Fault fault(Trouble trouble, Step step, Life life) {
        return switch (trouble) {
            case CRASH_BEFORE -> Fault.crashBefore();
            case CRASH_AFTER -> Fault.crashAfter();
            case SLEEP -> Fault.before(s -> life.sleep());
            case OTHER_ENGINES_TURN -> Fault.before(s -> life.player.pause());
            case LOST_BEFORE -> Fault.lostBefore();
            case ANSWER_LOST -> Fault.answerLost();
            case HANG_BEFORE -> Fault.hangBefore();
            case HANG_AFTER -> Fault.hangAfter();
            case CONNECTIONS_ENDED ->
                Fault.before(s -> world.fleet.device(anyDevice(step)).endConnections());
            case TORN_WRITE -> Fault.tornWrite(random.nextInt(200));
            case REFUSAL -> Fault.refusal();
            case ERROR_STATUS ->
                Fault.status(
                        random.nextBoolean() ? SftpException.Status.FAILURE : SftpException.Status.PERMISSION_DENIED);
            case OUTAGE -> Fault.outage(Duration.ofSeconds(1 + random.nextInt(120)));
            case LONG_OUTAGE -> Fault.before(s -> machine(step).goDown());
            case REBOOT -> reboot(step);
            case DISK_FULL -> Fault.before(s -> machine(step).fileSystem().fill());
            case DELAY -> Fault.delay(Duration.ofSeconds(random.nextInt(40)));
            case OTHER_WRITER_BEFORE -> Fault.before(s -> others.act(anyDevice(step)));
            case OTHER_WRITER_AFTER -> Fault.after(s -> others.act(anyDevice(step)));
            case HOST_KEY_CHANGED ->
                Fault.before(s -> machine(step).setHostKeys(world.fleet.hostKey(step.device() + " installed anew")));
            case STORE_FAILS ->
                Fault.before(s -> {
                    throw failure(step);
                });
            case STORE_ANSWER_LOST ->
                Fault.after(s -> {
                    throw failure(step);
                });
        };
    }

    private Fault reboot(Step step) {
        CrashModel model = CrashModel.random(random.nextLong());
        Duration downtime = Duration.ofSeconds(1 + random.nextInt(60));
        return Fault.after(
                s -> world.invariants.reboot(step.device(), () -> machine(step).crashAndReboot(model, downtime)));
    }

    private static RuntimeException failure(Step step) {
        String message = "no space left for " + step.detail();
        return step.detail().startsWith("journal.")
                ? new JournalException(message, null)
                : new StoreException(message, null);
    }

    private Device machine(Step step) {
        return world.fleet.device(step.device());
    }

    private String anyDevice(Step step) {
        boolean here = step.verb() != Verb.LOCAL && random.nextInt(4) > 0;
        List<String> all = List.copyOf(world.invariants.devices().keySet());
        return here ? step.device() : all.get(random.nextInt(all.size()));
    }
}
