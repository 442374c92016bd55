package io.keywright.rotation;

import io.keywright.transport.ProbeAnswer;
import java.util.Locale;

/** What is known about whether a device accepts a key. */
public enum Answer {
    /** It accepted the key. */
    ACCEPTED,
    /** It refused the key. */
    REFUSED,
    /** It was not, or could not be, asked. */
    UNKNOWN;

    static Answer of(ProbeAnswer answer) {
        return answer == ProbeAnswer.ACCEPTED ? ACCEPTED : REFUSED;
    }

    /** ACCEPTED if any is, else UNKNOWN if any is, else REFUSED; UNKNOWN for none at all. */
    static Answer any(java.util.Collection<Answer> answers) {
        if (answers.contains(ACCEPTED)) {
            return ACCEPTED;
        }
        return answers.isEmpty() || answers.contains(UNKNOWN) ? UNKNOWN : REFUSED;
    }

    /** The name in reports and journals. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Answer ofLabel(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
