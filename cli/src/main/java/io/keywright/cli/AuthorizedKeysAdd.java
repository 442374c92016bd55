package io.keywright.cli;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.KeyOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adds a key to an {@code authorized_keys} file. */
@Command(
        name = "add",
        sortOptions = false,
        description = "Add a key at the end, unless it is there. A file that is missing is made, with mode 0600.")
final class AuthorizedKeysAdd implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The authorized_keys file.")
    Path file;

    @Option(
            names = {"--key", "--new"},
            required = true,
            paramLabel = "PUB",
            description = "File with the public key.")
    Path key;

    @Option(
            names = "--options",
            paramLabel = "OPTIONS",
            description = "Options in front of the key, e.g. 'restrict,from=\"10.0.0.0/8\"'.")
    @Nullable
    String options;

    @Mixin
    AuthorizedKeysEdit edit;

    @Override
    public Integer call() throws IOException {
        SshPublicKey added = AuthorizedKeysEdit.key(key);
        KeyOptions parsed = options == null ? KeyOptions.NONE : KeyOptions.parse(options);
        return edit.run(AuthorizedKeysFile.readOrEmpty(file), file, before -> before.add(added, parsed));
    }
}
