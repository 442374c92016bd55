package io.keywright.cli;

import io.keywright.Passphrase;
import io.keywright.rotation.DirectoryCredentialStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which credential a command is about, and where its keys are. */
final class CredentialOptions {
    private final Shell shell;

    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(
            names = "--credential",
            required = true,
            paramLabel = "F",
            description = "The credential file (YAML): name, user, policy and devices.")
    Path credentialFile;

    @Option(
            names = "--store",
            required = true,
            paramLabel = "DIR",
            description = "The folder with the encrypted keys; made when it is missing.")
    Path store;

    @Option(names = "--secret-file", paramLabel = "P", description = "File with the secret that encrypts the store.")
    @Nullable
    Path secretFile;

    @Option(
            names = "--secret-env",
            paramLabel = "NAME",
            description = "Environment variable with the secret that encrypts the store.")
    @Nullable
    String secretVariable;

    @Mixin
    TransportOption library;

    CredentialOptions(Shell shell) {
        this.shell = shell;
    }

    /** Reads the credential file and opens the store. The caller closes the result. */
    CredentialSession open() throws IOException {
        CredentialFile file = CredentialFile.read(credentialFile);
        SecretSource source =
                new SecretSource(shell, command, "--secret", "secret of the store", secretFile, secretVariable);
        try (Passphrase secret =
                (isNew(store) ? source.givenOrAskedTwice() : source.givenOrAsked()).orElseThrow(source::missing)) {
            return new CredentialSession(
                    file, credentialFile, store, DirectoryCredentialStore.open(store, secret), library::create);
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
