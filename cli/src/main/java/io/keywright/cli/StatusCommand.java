package io.keywright.cli;

import io.keywright.rotation.CredentialStatus;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what the store and the journal know about a credential. */
@Command(
        name = "status",
        sortOptions = false,
        description = "Say which versions of the key there are and how the latest rotation stands. No device is asked.")
final class StatusCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    CredentialOptions credential;

    @Mixin
    JsonOption json;

    StatusCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (CredentialSession session = credential.open()) {
            CredentialStatus status =
                    session.localEngine().status(session.credential().name());
            Answers.print(shell, json, status::toJson, status::toText);
            return Keywright.DONE;
        }
    }
}
