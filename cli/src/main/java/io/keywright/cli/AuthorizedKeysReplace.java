package io.keywright.cli;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.CarryOver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Replaces a key in an {@code authorized_keys} file. */
@Command(
        name = "replace",
        sortOptions = false,
        description = "Put a new key in the place of an old one, on every line, with the old one's options.")
final class AuthorizedKeysReplace implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The authorized_keys file.")
    Path file;

    @Option(names = "--old", required = true, paramLabel = "PUB", description = "File with the old public key.")
    Path oldKey;

    @Option(names = "--new", required = true, paramLabel = "PUB", description = "File with the new public key.")
    Path newKey;

    @Option(names = "--keep-comment", description = "Keep the old key's comment as well.")
    boolean keepComment;

    @Mixin
    AuthorizedKeysEdit edit;

    @Override
    public Integer call() throws IOException {
        SshPublicKey before = AuthorizedKeysEdit.key(oldKey);
        SshPublicKey after = AuthorizedKeysEdit.key(newKey);
        CarryOver carryOver = keepComment ? CarryOver.OPTIONS.withComment() : CarryOver.OPTIONS;
        return edit.run(AuthorizedKeysFile.read(file), file, keys -> keys.replace(before, after, carryOver));
    }
}
