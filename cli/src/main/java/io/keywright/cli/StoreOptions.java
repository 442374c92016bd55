package io.keywright.cli;

import io.keywright.Passphrase;
import io.keywright.rotation.DirectoryCredentialStore;
import io.keywright.rotation.DirectoryStoreSettings;
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
        SecretSource source = source(command);
        try (Passphrase secret =
                (isNew(folder) ? source.givenOrAskedTwice() : source.givenOrAsked()).orElseThrow(source::missing)) {
            return DirectoryCredentialStore.open(folder, secret);
        }
    }

    /** Opens the store for a command that makes no sense on an empty one. The caller closes it. */
    DirectoryCredentialStore openExisting(CommandSpec command) throws IOException {
        return openExisting(command, DirectoryStoreSettings.defaults());
    }

    /** As {@link #openExisting(CommandSpec)}, with the costs of what is written from then on. */
    DirectoryCredentialStore openExisting(CommandSpec command, DirectoryStoreSettings settings) throws IOException {
        if (isNew(folder)) {
            throw new CommandException(folder + " is no store: it is " + (Files.exists(folder) ? "empty" : "missing"));
        }
        SecretSource source = source(command);
        try (Passphrase secret = source.givenOrAsked().orElseThrow(source::missing)) {
            return DirectoryCredentialStore.open(folder, secret, settings);
        }
    }

    private SecretSource source(CommandSpec command) {
        return new SecretSource(shell, command, "--secret", "secret of the store", secretFile, secretVariable);
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
