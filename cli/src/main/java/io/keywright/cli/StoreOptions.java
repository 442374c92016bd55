package io.keywright.cli;

import io.keywright.Passphrase;
import io.keywright.rotation.DirectoryCredentialStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Where the keys are, and what opens them. */
final class StoreOptions {
    private final Shell shell;

    @Option(
            names = "--store",
            required = true,
            paramLabel = "DIR",
            description = "The folder with the encrypted keys; made when it is missing.")
    Path folder;

    @Option(names = "--secret-file", paramLabel = "P", description = "File with the secret that encrypts the store.")
    @Nullable
    Path secretFile;

    @Option(
            names = "--secret-env",
            paramLabel = "NAME",
            description = "Environment variable with the secret that encrypts the store.")
    @Nullable
    String secretVariable;

    StoreOptions(Shell shell) {
        this.shell = shell;
    }

    /** Opens the store for a command. The caller closes it. */
    DirectoryCredentialStore open(CommandSpec command) throws IOException {
        SecretSource source =
                new SecretSource(shell, command, "--secret", "secret of the store", secretFile, secretVariable);
        try (Passphrase secret =
                (isNew(folder) ? source.givenOrAskedTwice() : source.givenOrAsked()).orElseThrow(source::missing)) {
            return DirectoryCredentialStore.open(folder, secret);
        }
    }

    private static boolean isNew(Path store) throws IOException {
        if (!Files.exists(store)) {
            return true;
        }
        if (!Files.isDirectory(store)) {
            throw new NotDirectoryException(store.toString());
        }
        try (Stream<Path> content = Files.list(store)) {
            return content.findAny().isEmpty();
        }
    }
}
