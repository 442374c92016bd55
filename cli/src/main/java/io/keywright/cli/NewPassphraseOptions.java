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

/** Where the passphrase comes from that encrypts the key which is written. */
final class NewPassphraseOptions {
    private final Shell shell;

    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(
            names = "--new-passphrase-file",
            paramLabel = "P",
            description = "File with the passphrase that the written key gets; /dev/fd/N for a descriptor.")
    @Nullable
    Path file;

    @Option(
            names = "--new-passphrase-env",
            paramLabel = "NAME",
            description = "Environment variable with the passphrase that the written key gets.")
    @Nullable
    String variable;

    @Option(
            names = "--new-passphrase-prompt",
            description = "Ask at the terminal for the passphrase that the written key gets.")
    boolean prompt;

    NewPassphraseOptions(Shell shell) {
        this.shell = shell;
    }

    /** Tells whether the key is to be written encrypted. */
    boolean isGiven() {
        return prompt || source().isGiven();
    }

    /** Reads the passphrase, if one is wanted. The caller closes it. */
    Optional<Passphrase> read() throws IOException {
        return isGiven() ? Optional.of(required()) : Optional.empty();
    }

    /** Reads the passphrase, or asks for it whether or not that was said. The caller closes it. */
    Passphrase required() throws IOException {
        SecretSource source = source();
        if (prompt && source.isGiven()) {
            throw new ParameterException(
                    command.commandLine(),
                    "--new-passphrase-prompt excludes --new-passphrase-file and --new-passphrase-env: give one");
        }
        return source.givenOrAskedTwice().orElseThrow(source::missing);
    }

    private SecretSource source() {
        return new SecretSource(shell, command, "--new-passphrase", "new passphrase", file, variable);
    }
}
