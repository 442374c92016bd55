package io.keywright.testkit.fleet;

import io.keywright.transport.ExecResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Runs commands on a simulated server; tried in turn until one knows the command. Must be as thread-safe as its test is. */
@FunctionalInterface
public interface CommandHandler {

    /**
     * Runs a command, at once.
     *
     * @param call the command, its input and its user
     * @return how it ended, or empty when this handler does not know the command
     */
    Optional<ExecResult> run(CommandCall call);

    /**
     * Makes the result of a command that ended with a status.
     *
     * @param status the exit status
     * @param stdout what it printed
     * @param stderr what it complained about
     * @return the result
     */
    static ExecResult exit(int status, String stdout, String stderr) {
        return new ExecResult(
                status, null, stdout.getBytes(StandardCharsets.UTF_8), stderr.getBytes(StandardCharsets.UTF_8));
    }
}
