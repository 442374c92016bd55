package io.keywright.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Destroys a private key that a rotation has kept. */
@Command(
        name = "destroy",
        sortOptions = false,
        description =
                "Destroy a private key that a finished rotation has kept because something else writes a device's file. Refused"
                        + " for the current key, and while a device may accept the key. No device is asked.")
final class DestroyCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    CredentialOptions credential;

    @Option(names = "--key-version", required = true, paramLabel = "N", description = "The version's number.")
    int version;

    DestroyCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (CredentialSession session = credential.open()) {
            String name = session.credential().name();
            session.localEngine().destroy(name, version);
            shell.out().println("version " + version + " of " + name + " is destroyed");
            return Keywright.DONE;
        }
    }
}
