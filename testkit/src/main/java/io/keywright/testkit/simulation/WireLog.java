package io.keywright.testkit.simulation;

import io.keywright.testkit.fleet.TraceEntry;
import io.keywright.testkit.fleet.Verb;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What devices really answered when they were asked about a key. */
final class WireLog {
    private final Map<String, Answers> answers = new HashMap<>();

    /** What one device has answered about one key: the order in which its steps ended, 0 for never. */
    static final class Answers {
        long accepted;
        long refused;
        long loggedIn;
        /** When the device first refused the key since an engine last wrote or removed its line. */
        @Nullable
        Instant firstRefusal;
        /** When it last refused the key since anybody wrote or removed its line. */
        @Nullable
        Instant lastRefusal;
    }

    /**
     * Notes a step that has ended.
     *
     * @param ended its place in the order in which steps end
     * @param answered when it ended, by the fleet's clock: a process may have slept since it began
     */
    void note(TraceEntry entry, long ended, Instant answered) {
        Verb verb = entry.step().verb();
        if (verb != Verb.PROBE && verb != Verb.LOG_IN) {
            return;
        }
        String detail = entry.step().detail();
        Answers about = of(entry.step().device(), detail.substring(detail.lastIndexOf(' ') + 1));
        switch (entry.outcome()) {
            case DONE -> {
                about.accepted = ended;
                if (verb == Verb.LOG_IN) {
                    about.loggedIn = ended;
                }
            }
            case REFUSED -> {
                about.refused = ended;
                about.firstRefusal = about.firstRefusal == null ? answered : about.firstRefusal;
                about.lastRefusal = answered;
            }
            default -> {
                // no answer got through
            }
        }
    }

    /** What was answered about a key, by its fingerprint. */
    Answers of(String device, String key) {
        return answers.computeIfAbsent(device + " " + key, name -> new Answers());
    }

    /** An engine has written a line of the key, or removed it: refusals until now say nothing about its end. */
    void changedByEngine(String device, String key) {
        changedByOthers(device, key);
        of(device, key).firstRefusal = null;
    }

    /** Others have, or a stop of the machine, of which no engine knows: the device has to refuse the key once more. */
    void changedByOthers(String device, String key) {
        of(device, key).lastRefusal = null;
    }
}
