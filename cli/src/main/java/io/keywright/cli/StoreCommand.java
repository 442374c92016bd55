package io.keywright.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks after the store itself. */
@Command(
        name = "store",
        sortOptions = false,
        synopsisSubcommandLabel = "list|public-key|change-secret",
        description = "List what is in a store, print public keys from it, change its secret.",
        subcommands = {StoreList.class, StorePublicKey.class, StoreChangeSecret.class})
final class StoreCommand implements Runnable {
    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "one of list, public-key, change-secret is missing");
    }
}
