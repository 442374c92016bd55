package io.keywright.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Reads and edits an {@code authorized_keys} file on this machine. */
@Command(
        name = "authorized-keys",
        sortOptions = false,
        synopsisSubcommandLabel = "list|diff|add|remove|replace",
        description =
                "Read and edit an authorized_keys file on this machine, without touching a byte that was not named.",
        subcommands = {
            AuthorizedKeysList.class,
            AuthorizedKeysDiff.class,
            AuthorizedKeysAdd.class,
            AuthorizedKeysRemove.class,
            AuthorizedKeysReplace.class,
        })
final class AuthorizedKeysCommand implements Runnable {
    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "one of list, diff, add, remove, replace is missing");
    }
}
