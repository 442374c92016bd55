package io.keywright.testkit.fleet;

import io.keywright.transport.SftpException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Something that goes wrong at a {@link Step}: a choice that may grow. Immutable and thread-safe, as far as the callbacks in
 * it are.
 *
 * <p>"Before" means that the server never gets the request; "after" that it has done it, and the caller does not learn so.
 * The caller sees the same in both cases: telling them apart is its business.
 */
public abstract sealed class Fault {
    private Fault() {}

    /**
     * The connection breaks before the request gets to the server.
     *
     * @return the fault
     */
    public static Fault lostBefore() {
        return new Break(false, Manner.LOST);
    }

    /**
     * The request takes effect, then the connection breaks before the answer arrives.
     *
     * @return the fault
     */
    public static Fault answerLost() {
        return new Break(true, Manner.LOST);
    }

    /**
     * No answer comes within the timeout, by which the clock advances; the request never took effect.
     *
     * @return the fault
     */
    public static Fault hangBefore() {
        return new Break(false, Manner.HUNG);
    }

    /**
     * The request takes effect, and no answer comes within the timeout, by which the clock advances.
     *
     * @return the fault
     */
    public static Fault hangAfter() {
        return new Break(true, Manner.HUNG);
    }

    /**
     * The calling process is killed before the request takes effect: {@link SimulatedCrash}.
     *
     * @return the fault
     */
    public static Fault crashBefore() {
        return new Break(false, Manner.KILLED);
    }

    /**
     * The request takes effect and the calling process is killed: {@link SimulatedCrash}.
     *
     * @return the fault
     */
    public static Fault crashAfter() {
        return new Break(true, Manner.KILLED);
    }

    /**
     * The file is created and a part of its content written, then the connection breaks. Strikes only {@link Verb#CREATE} and
     * {@link Verb#CREATE_SYNCED}.
     *
     * @param bytes how much is written, at most the whole
     * @return the fault
     */
    public static Fault tornWrite(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a torn write cannot leave " + bytes + " bytes");
        }
        return new Tear(bytes);
    }

    /**
     * The SFTP server answers with an error and does nothing. Strikes only SFTP requests.
     *
     * @param status the answer
     * @return the fault
     */
    public static Fault status(SftpException.Status status) {
        return new Status(Objects.requireNonNull(status, "status"));
    }

    /**
     * The server says no to a probe or a log-in, or opens no channel for a command or SFTP. Strikes only these.
     *
     * @return the fault
     */
    public static Fault refusal() {
        return new Refusal();
    }

    /**
     * The answer takes its time, by which the clock advances.
     *
     * @param duration how long; beyond the timeout use {@link #hangAfter()}
     * @return the fault
     */
    public static Fault delay(Duration duration) {
        return new Delay(Objects.requireNonNull(duration, "duration"));
    }

    /**
     * The device goes down before the step, and comes up again later; nothing is lost on its disk.
     *
     * @param duration how long nothing answers there, by the fleet's clock
     * @return the fault
     */
    public static Fault outage(Duration duration) {
        return new Outage(false, Objects.requireNonNull(duration, "duration"), CrashModel.nothingLost());
    }

    /**
     * The device takes the request, then its machine stops without a word and starts again.
     *
     * @param model what it loses
     * @param duration how long nothing answers there, by the fleet's clock
     * @return the fault
     */
    public static Fault rebootAfter(CrashModel model, Duration duration) {
        return new Outage(true, Objects.requireNonNull(duration, "duration"), Objects.requireNonNull(model, "model"));
    }

    /**
     * Somebody else acts just before the step: a human, another engine, a configuration management.
     *
     * @param actor what they do; may use other processes' transports, and then takes steps of its own, at which faults
     *     strike as at any other
     * @return the fault
     */
    public static Fault before(Consumer<Step> actor) {
        return new Act(false, Objects.requireNonNull(actor, "actor"));
    }

    /**
     * Somebody else acts just after the step took effect, before its caller goes on.
     *
     * @param actor what they do; may use other processes' transports, and then takes steps of its own, at which faults
     *     strike as at any other
     * @return the fault
     */
    public static Fault after(Consumer<Step> actor) {
        return new Act(true, Objects.requireNonNull(actor, "actor"));
    }

    /** Tells whether this can happen at a step at all; where it cannot, it is passed over. */
    abstract boolean fits(Step step);

    /** How a call ends without an answer. */
    enum Manner {
        LOST,
        HUNG,
        KILLED
    }

    static final class Break extends Fault {
        final boolean afterEffect;
        final Manner manner;

        Break(boolean afterEffect, Manner manner) {
            this.afterEffect = afterEffect;
            this.manner = manner;
        }

        @Override
        boolean fits(Step step) {
            return manner == Manner.KILLED || step.verb() != Verb.LOCAL;
        }
    }

    static final class Tear extends Fault {
        final int bytes;

        Tear(int bytes) {
            this.bytes = bytes;
        }

        @Override
        boolean fits(Step step) {
            return step.verb().writesContent();
        }
    }

    static final class Status extends Fault {
        final SftpException.Status answer;

        Status(SftpException.Status answer) {
            this.answer = answer;
        }

        @Override
        boolean fits(Step step) {
            return step.verb().isSftpRequest();
        }
    }

    static final class Refusal extends Fault {
        @Override
        boolean fits(Step step) {
            return switch (step.verb()) {
                case PROBE, LOG_IN, EXEC, OPEN_SFTP -> true;
                default -> false;
            };
        }
    }

    static final class Delay extends Fault {
        final Duration duration;

        Delay(Duration duration) {
            this.duration = duration;
        }

        @Override
        boolean fits(Step step) {
            return true;
        }
    }

    static final class Outage extends Fault {
        final boolean afterEffect;
        final Duration duration;
        final CrashModel loss;

        Outage(boolean afterEffect, Duration duration, CrashModel loss) {
            this.afterEffect = afterEffect;
            this.duration = duration;
            this.loss = loss;
        }

        @Override
        boolean fits(Step step) {
            return step.verb() != Verb.LOCAL;
        }
    }

    static final class Act extends Fault {
        final boolean afterEffect;
        final Consumer<Step> actor;

        Act(boolean afterEffect, Consumer<Step> actor) {
            this.afterEffect = afterEffect;
            this.actor = actor;
        }

        @Override
        boolean fits(Step step) {
            return true;
        }
    }
}
