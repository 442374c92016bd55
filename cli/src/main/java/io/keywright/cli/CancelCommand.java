package io.keywright.cli;

import io.keywright.rotation.Cancellation;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Takes a rotation back. */
@Command(
        name = "cancel",
        sortOptions = false,
        description =
                "Take the latest rotation back, if the new key is not current yet; after that it can only go forward."
                        + " A rotation that is under way has to be interrupted first. Exits with 0 when nothing is left of it.")
final class CancelCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    CredentialOptions credential;

    @Mixin
    JsonOption json;

    CancelCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (CredentialSession session = credential.open()) {
            Cancellation cancellation;
            try (ProgressDisplay progress = ProgressDisplay.on(shell)) {
                cancellation = session.engine().cancel(session.credential(), progress);
            }
            if (cancellation instanceof Cancellation.TakenBack taken) {
                Answers.print(shell, json, taken.report()::toJson, taken.report()::toText);
                return taken.isComplete() ? Keywright.DONE : Keywright.FAILED;
            }
            String name = session.credential().name();
            if (json.wanted) {
                Json.print(shell, fields -> {
                    fields.writeStringField("credential", name);
                    fields.writeStringField("meaning", cancellation.describe());
                });
            } else {
                shell.out().println(name + ": " + cancellation.describe());
            }
            return cancellation instanceof Cancellation.NothingToCancel ? Keywright.DONE : Keywright.FAILED;
        }
    }
}
