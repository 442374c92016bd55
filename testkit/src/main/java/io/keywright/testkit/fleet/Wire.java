package io.keywright.testkit.fleet;

import io.keywright.SshKeyException;
import io.keywright.testkit.fleet.TraceEntry.Outcome;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.SftpException;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportInterruptedException;
import io.keywright.transport.TransportTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One connection between a process and a device: every call becomes a numbered step at which faults strike. */
final class Wire {
    private final InMemoryFleet fleet;
    private final SimulatedProcess process;
    private final SshTarget target;
    private @Nullable ServerSession session;

    /** What a step does on the server's side. */
    @FunctionalInterface
    interface Effect<T> {
        T run(Attempt attempt);
    }

    /** What faults have in store for a step, and how it goes. */
    static final class Attempt {
        private int contentLimit = Integer.MAX_VALUE;
        private boolean refusing;
        private boolean refused;
        private Outcome outcome = Outcome.NO_EFFECT;

        /** Returns how many bytes of content get written before the connection breaks. */
        int contentLimit() {
            return contentLimit;
        }

        /** Tells whether the server says no, whatever it would think otherwise. */
        boolean isRefusing() {
            return refusing;
        }

        /** Says that the answer is no, where that is a value and no exception. */
        void refused() {
            refused = true;
        }
    }

    Wire(InMemoryFleet fleet, SimulatedProcess process, SshTarget target) {
        this.fleet = fleet;
        this.process = process;
        this.target = target;
    }

    SshTarget target() {
        return target;
    }

    InMemoryFleet fleet() {
        return fleet;
    }

    SimulatedProcess process() {
        return process;
    }

    ServerSession session() {
        return Objects.requireNonNull(session, "connected first");
    }

    void connected(ServerSession opened) {
        session = opened;
    }

    boolean isOpen() {
        return session != null && session.isAlive();
    }

    /** Hangs up, or notices that the connection broke. */
    void drop() {
        if (session != null) {
            session.end();
        }
    }

    // --- a step ---

    <T> T step(Verb verb, String detail, Duration timeout, Effect<T> effect) {
        process.requireAlive();
        Step step = fleet.begin(process, deviceName(), target.user(), verb, detail);
        Instant at = fleet.clock().instant();
        Attempt attempt = new Attempt();
        try {
            List<Fault> faults = fleet.faults().strike(step);
            requireNotInterrupted(verb);
            for (Fault fault : faults) {
                strikeBefore(fault, step, attempt, timeout);
            }
            requireStanding(verb, false, step, attempt);
            try {
                T result = effect.run(attempt);
                attempt.outcome = attempt.refused ? Outcome.REFUSED : Outcome.DONE;
                strikeAfter(faults, step, attempt, timeout);
                return result;
            } catch (SshKeyException answer) {
                if (verb == Verb.CONNECT || !isAnswer(answer)) {
                    throw answer;
                }
                attempt.outcome = Outcome.REFUSED;
                strikeAfter(faults, step, attempt, timeout);
                throw answer;
            }
        } finally {
            fleet.record(step, attempt.outcome, at);
        }
    }

    /** Tells whether the server said no, rather than nothing. */
    private static boolean isAnswer(SshKeyException failure) {
        return !(failure instanceof ConnectionLostException
                || failure instanceof TransportTimeoutException
                || failure instanceof TransportInterruptedException);
    }

    private String deviceName() {
        if (session != null) {
            return session.device().id();
        }
        Device device = fleet.answering(target.host(), target.port());
        return device == null ? target.host() + ":" + target.port() : device.id();
    }

    private void requireNotInterrupted(Verb verb) {
        if (Thread.currentThread().isInterrupted()) {
            throw new TransportInterruptedException(target, verb.phase(), "interrupted", null);
        }
    }

    private void strikeBefore(Fault fault, Step step, Attempt attempt, Duration timeout) {
        if (fault instanceof Fault.Act act && !act.afterEffect) {
            act.actor.accept(step);
        } else if (fault instanceof Fault.Delay delay) {
            fleet.clock().advance(delay.duration);
        } else if (fault instanceof Fault.Outage outage && !outage.afterEffect) {
            strike(outage);
        } else if (fault instanceof Fault.Tear tear) {
            attempt.contentLimit = Math.min(attempt.contentLimit, tear.bytes);
        } else if (fault instanceof Fault.Refusal) {
            attempt.refusing = true;
        } else if (fault instanceof Fault.Status status) {
            attempt.outcome = Outcome.REFUSED;
            throw new SftpException(target, status.answer, step.verb().name(), step.detail(), "injected");
        } else if (fault instanceof Fault.Break broken && !broken.afterEffect) {
            attempt.outcome = broken.manner == Fault.Manner.KILLED ? Outcome.CRASHED_BEFORE : Outcome.NO_EFFECT;
            breakOff(broken, step, timeout);
        }
    }

    private void strikeAfter(List<Fault> faults, Step step, Attempt attempt, Duration timeout) {
        Outcome reached = attempt.outcome;
        if (attempt.contentLimit != Integer.MAX_VALUE) {
            attempt.outcome = Outcome.TORN;
            drop();
            throw lost(step.verb());
        }
        for (Fault fault : faults) {
            if (fault instanceof Fault.Act act && act.afterEffect) {
                act.actor.accept(step);
            } else if (fault instanceof Fault.Outage outage && outage.afterEffect) {
                strike(outage);
            } else if (fault instanceof Fault.Break broken && broken.afterEffect) {
                attempt.outcome = broken.manner == Fault.Manner.KILLED ? Outcome.CRASHED_AFTER : Outcome.ANSWER_LOST;
                breakOff(broken, step, timeout);
            }
        }
        requireStanding(step.verb(), true, step, attempt);
        attempt.outcome = reached;
    }

    private void breakOff(Fault.Break broken, Step step, Duration timeout) {
        switch (broken.manner) {
            case LOST -> {
                drop();
                throw lost(step.verb());
            }
            case HUNG -> throw hang(step.verb(), timeout);
            case KILLED -> throw process.die(step, broken.afterEffect);
        }
    }

    /** Lets the time run out, and gives the connection up. */
    TransportException hang(Verb verb, Duration timeout) {
        fleet.clock().advance(timeout);
        drop();
        return new TransportTimeoutException(target, verb.phase(), "no answer within " + timeout, null);
    }

    /** Notices what faults, and others meanwhile, have done to the connection and the process. */
    private void requireStanding(Verb verb, boolean afterEffect, Step step, Attempt attempt) {
        if (!process.isAlive()) {
            attempt.outcome = afterEffect ? Outcome.CRASHED_AFTER : Outcome.CRASHED_BEFORE;
            throw process.die(step, afterEffect);
        }
        boolean standing = isOpen()
                || (verb == Verb.CONNECT && !afterEffect)
                || verb == Verb.CLOSE
                // a refused log-in may have ended the connection itself, and says so
                || (afterEffect
                        && verb.phase() == TransportException.Phase.AUTHENTICATION
                        && attempt.outcome == Outcome.REFUSED);
        if (!standing) {
            attempt.outcome = afterEffect ? Outcome.ANSWER_LOST : Outcome.NO_EFFECT;
            throw lost(verb);
        }
    }

    private void strike(Fault.Outage outage) {
        Device device = session == null ? fleet.answering(target.host(), target.port()) : session.device();
        if (device != null) {
            device.crashAndReboot(outage.loss, outage.duration);
        }
    }

    private SshKeyException lost(Verb verb) {
        return new ConnectionLostException(target, verb.phase(), "the connection broke", null);
    }
}
