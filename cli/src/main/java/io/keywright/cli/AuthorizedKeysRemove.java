package io.keywright.cli;

import io.keywright.SshPublicKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes a key from an {@code authorized_keys} file. */
@Command(
        name = "remove",
        sortOptions = false,
        description = "Remove every line with a key. The last usable key is not removed without --force.")
final class AuthorizedKeysRemove implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The authorized_keys file.")
    Path file;

    @Option(
            names = {"--key", "--old"},
            required = true,
            paramLabel = "PUB",
            description = "File with the public key.")
    Path key;

    @Mixin
    AuthorizedKeysEdit edit;

    @Override
    public Integer call() throws IOException {
        SshPublicKey removed = AuthorizedKeysEdit.key(key);
        return edit.run(AuthorizedKeysFile.read(file), file, before -> before.remove(removed));
    }
}
