package io.keywright.cli;

import io.keywright.KeyComment;
import io.keywright.SshPublicKey;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.KeyVersion;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a credential's public key. */
@Command(
        name = "public-key",
        sortOptions = false,
        description =
                "Print a credential's public key, as a line for authorized_keys. The private half stays where it is.")
final class StorePublicKey implements Callable<Integer> {
    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Mixin
    StoreOptions store;

    @Option(
            names = "--key-version",
            paramLabel = "N",
            description = "The version's number; the current version without this.")
    @Nullable
    Integer version;

    @Parameters(paramLabel = "NAME", description = "The credential's name.")
    String name;

    StorePublicKey(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (CredentialStore open = store.openExisting(spec)) {
            CredentialState state =
                    open.find(name).orElseThrow(() -> new CommandException("the store has no credential " + name));
            Integer number = version;
            Optional<KeyVersion> found = number == null ? state.current() : state.version(number);
            SshPublicKey key = found.orElseThrow(() -> new CommandException(
                            name + " has no " + (number == null ? "current key" : "version " + number)))
                    .publicKey();
            // The comment may hold what cannot stand in a line.
            shell.out().println((key.comment().fitsInLine() ? key : key.withComment(KeyComment.EMPTY)).toLine());
            return Keywright.DONE;
        }
    }
}
