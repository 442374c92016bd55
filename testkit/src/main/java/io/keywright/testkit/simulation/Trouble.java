package io.keywright.testkit.simulation;

import io.keywright.testkit.fleet.Step;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** What goes wrong in a simulation. */
public enum Trouble {
    /** The engine's process is killed before a step. */
    CRASH_BEFORE,
    /** The engine's process is killed when a step has taken effect. */
    CRASH_AFTER,
    /** The engine sleeps for so long that its lease lapses, and wakes later: a zombie. */
    SLEEP,
    /** Another engine that lives takes its turn, between two steps of this one. */
    OTHER_ENGINES_TURN,
    /** The connection breaks before a request arrives. */
    LOST_BEFORE,
    /** The connection breaks when a request has taken effect. */
    ANSWER_LOST,
    /** A request hangs, and never takes effect. */
    HANG_BEFORE,
    /** A request takes effect, and its answer hangs. */
    HANG_AFTER,
    /** A device ends every connection to it, in this moment or while nobody uses it. */
    CONNECTIONS_ENDED,
    /** A file is written in part, then the connection breaks. */
    TORN_WRITE,
    /** A log-in, a probe or a channel is refused for once. */
    REFUSAL,
    /** An SFTP request is answered with an error. */
    ERROR_STATUS,
    /** The device is away for seconds or minutes. */
    OUTAGE,
    /** The device is away for as long as things go wrong. */
    LONG_OUTAGE,
    /** The device stops without a word, and loses what was not on its disk. */
    REBOOT,
    /** The device's disk is full from here on. */
    DISK_FULL,
    /** An answer takes its time. */
    DELAY,
    /** Somebody else writes an authorized_keys file just before a step. */
    OTHER_WRITER_BEFORE,
    /** Somebody else writes an authorized_keys file just after a step. */
    OTHER_WRITER_AFTER,
    /** The device shows another host key from here on. */
    HOST_KEY_CHANGED,
    /** The store or the journal cannot write. */
    STORE_FAILS,
    /** The store or the journal has written, and says that it has not. */
    STORE_ANSWER_LOST;

    private static final List<Trouble> LOCAL = List.of(
            CRASH_BEFORE,
            CRASH_AFTER,
            SLEEP,
            SLEEP,
            OTHER_ENGINES_TURN,
            CONNECTIONS_ENDED,
            OTHER_WRITER_BEFORE,
            STORE_FAILS,
            STORE_ANSWER_LOST);
    private static final List<Trouble> REMOTE = List.of(
            CRASH_BEFORE,
            CRASH_AFTER,
            SLEEP,
            SLEEP,
            OTHER_ENGINES_TURN,
            LOST_BEFORE,
            ANSWER_LOST,
            HANG_BEFORE,
            HANG_AFTER,
            CONNECTIONS_ENDED,
            OUTAGE,
            LONG_OUTAGE,
            REBOOT,
            REBOOT,
            DISK_FULL,
            DELAY,
            OTHER_WRITER_BEFORE,
            OTHER_WRITER_BEFORE,
            OTHER_WRITER_AFTER,
            HOST_KEY_CHANGED);
    private static final List<Trouble> CHANGING =
            Stream.concat(REMOTE.stream(), Stream.of(ERROR_STATUS)).toList();
    private static final List<Trouble> WRITING =
            Stream.concat(CHANGING.stream(), Stream.of(TORN_WRITE, TORN_WRITE)).toList();
    private static final List<Trouble> ASKING =
            Stream.concat(REMOTE.stream(), Stream.of(REFUSAL, REFUSAL)).toList();

    /** Draws what may go wrong at a step. */
    static Trouble draw(Step step, SplittableRandom random) {
        List<Trouble> possible = possible(step);
        return possible.get(random.nextInt(possible.size()));
    }

    private static List<Trouble> possible(Step step) {
        return switch (step.verb()) {
            case LOCAL -> canFail(step.detail()) ? LOCAL : LOCAL.subList(0, LOCAL.size() - 2);
            case CREATE, CREATE_SYNCED -> WRITING;
            case PROBE, LOG_IN, OPEN_SFTP -> ASKING;
            case CONNECT, CLOSE, CLOSE_SFTP, EXEC -> REMOTE;
            default -> CHANGING;
        };
    }

    /** Giving back a lease cannot fail, nor can waiting. */
    private static boolean canFail(String step) {
        return !step.startsWith("pause") && !step.equals("store.release") && !step.equals("store.requireValid");
    }
}
