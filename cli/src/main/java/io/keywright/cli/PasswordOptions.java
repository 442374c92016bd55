package io.keywright.cli;

import io.keywright.Passphrase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where the password comes from that logs in to a device while the key does not. */
final class PasswordOptions {
    private final Shell shell;

    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(names = "--password-file", paramLabel = "W", description = "File with the password of the remote account.")
    @Nullable
    Path file;

    @Option(
            names = "--password-env",
            paramLabel = "NAME",
            description = "Environment variable with the password of the remote account.")
    @Nullable
    String variable;

    @Option(names = "--password-prompt", description = "Ask at the terminal for the password of the remote account.")
    boolean prompt;

    PasswordOptions(Shell shell) {
        this.shell = shell;
    }

    /** Reads the password, if one is wanted. The caller closes it. */
    Optional<Passphrase> read() throws IOException {
        SecretSource source =
                new SecretSource(shell, command, "--password", "password of the remote account", file, variable);
        if (!prompt) {
            return source.given();
        }
        if (source.isGiven()) {
            throw new ParameterException(
                    command.commandLine(), "--password-prompt excludes --password-file and --password-env: give one");
        }
        return Optional.of(source.givenOrAsked().orElseThrow(source::missing));
    }
}
