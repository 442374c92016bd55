package io.keywright.cli;

import io.keywright.Passphrase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where the passphrase comes from that opens the key which is read. */
final class PassphraseOptions {
    private final Shell shell;

    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(
            names = "--passphrase-file",
            paramLabel = "P",
            description = "File with the passphrase of the key that is read; /dev/fd/N for a descriptor.")
    @Nullable
    Path file;

    @Option(
            names = "--passphrase-env",
            paramLabel = "NAME",
            description = "Environment variable with the passphrase of the key that is read.")
    @Nullable
    String variable;

    PassphraseOptions(Shell shell) {
        this.shell = shell;
    }

    /** Reads the passphrase, or asks for it; empty when neither is possible. The caller closes it. */
    Optional<Passphrase> read() throws IOException {
        return source().givenOrAsked();
    }

    /** Reads the passphrase when an option names it, and asks nobody. The caller closes it. */
    Optional<Passphrase> given() throws IOException {
        return source().given();
    }

    private SecretSource source() {
        return new SecretSource(shell, command, "--passphrase", "passphrase of the key", file, variable);
    }
}
