package io.keywright.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which credential a command is about, and where its keys are. */
final class CredentialOptions {
    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(
            names = "--credential",
            required = true,
            paramLabel = "F",
            description = "The credential file (YAML): name, user, policy and devices.")
    Path credentialFile;

    @Mixin
    StoreOptions store;

    @Mixin
    TransportOption library;

    /** Reads the credential file and opens the store. The caller closes the result. */
    CredentialSession open() throws IOException {
        List<CredentialFile> file = List.of(CredentialFile.read(credentialFile));
        return new CredentialSession(file, store.folder, store.open(command), library::create);
    }
}
