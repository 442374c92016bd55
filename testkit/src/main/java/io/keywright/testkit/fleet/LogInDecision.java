package io.keywright.testkit.fleet;

import java.util.Optional;

/**
 * What sshd thinks of a key.
 *
 * @param accepted whether it would take a signature made with it
 * @param forcedCommand the command that the deciding line forces
 * @param reason which file and line decided, or why each was passed over
 */
record LogInDecision(boolean accepted, Optional<String> forcedCommand, String reason) {

    static LogInDecision refused(String reason) {
        return new LogInDecision(false, Optional.empty(), reason);
    }

    /**
     * Tells whether root may come in with a key. OpenSSH asks this only after the signature, so that a probe is accepted
     * where the log-in is not (auth2.c, userauth_finish).
     */
    static boolean rootMayUseKey(Account account, SshdConfig config, LogInDecision decision) {
        if (account.uid() != 0) {
            return true;
        }
        return switch (config.rootLogin()) {
            case YES, PROHIBIT_PASSWORD -> true;
            case FORCED_COMMANDS_ONLY -> decision.forcedCommand().isPresent();
            case NO -> false;
        };
    }
}
