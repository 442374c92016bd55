package io.keywright.transport;

import io.keywright.Passphrase;
import java.util.List;

/**
 * Answers what a server asks in a keyboard-interactive log-in (RFC 4256): a password, a one-time code, both.
 *
 * <p>It is called on the thread that opens the connection and may ask a person; the target's authentication timeout runs
 * meanwhile.
 */
@FunctionalInterface
public interface InteractiveResponder {

    /**
     * Answers one round of questions. Servers may ask several rounds, and rounds without a question.
     *
     * @param challenge what the server asks
     * @return one answer a prompt, in the same order; the transport closes them
     */
    List<Passphrase> answer(Challenge challenge);

    /**
     * One round of questions. The texts are the server's: control characters are replaced, nothing else is known of them.
     *
     * @param name a title, often empty
     * @param instruction what to tell the person, often empty; may have several lines
     * @param prompts the questions, maybe none
     */
    record Challenge(String name, String instruction, List<Prompt> prompts) {

        /** Copies the list. */
        public Challenge {
            prompts = List.copyOf(prompts);
        }
    }

    /**
     * A question.
     *
     * @param text what to show, e.g. {@code "Verification code: "}
     * @param echo whether the answer may be seen while it is typed
     */
    record Prompt(String text, boolean echo) {}
}
