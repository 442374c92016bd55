package io.keywright.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which credentials a command is about, and where their keys are. */
final class FleetOptions {
    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(
            names = "--credential",
            required = true,
            arity = "1..*",
            paramLabel = "F",
            description = "The credential files (YAML).")
    List<Path> credentialFiles;

    @Mixin
    StoreOptions store;

    @Mixin
    TransportOption library;

    /** Reads the credential files and opens the store. The caller closes the result. */
    CredentialSession open() throws IOException {
        List<CredentialFile> files = new ArrayList<>();
        Map<String, Path> names = new HashMap<>();
        for (Path path : credentialFiles) {
            CredentialFile file = CredentialFile.read(path);
            Path earlier = names.putIfAbsent(file.credential().name(), path);
            if (earlier != null) {
                throw new CommandException(earlier + " and " + path + " are both of the credential "
                        + file.credential().name() + ": give one");
            }
            files.add(file);
        }
        return new CredentialSession(files, store.folder, store.open(command), library::create);
    }
}
