package io.keywright.cli;

import io.keywright.rotation.RotationReport;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Goes on with a rotation. */
@Command(
        name = "resume",
        sortOptions = false,
        description =
                "Go on with the latest rotation: finish what a process that died has left, let devices catch up, give"
                        + " the second proof when it is due. Does nothing when nothing is left to do.")
final class ResumeCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    CredentialOptions credential;

    @Mixin
    JsonOption json;

    ResumeCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (CredentialSession session = credential.open()) {
            Optional<RotationReport> report;
            try (ProgressDisplay progress = ProgressDisplay.on(shell)) {
                report = session.engine().resume(session.credential(), progress);
            }
            if (report.isPresent()) {
                Answers.print(shell, json, report.get()::toJson, report.get()::toText);
                return report.get().isSuccess() ? Keywright.DONE : Keywright.FAILED;
            }
            String name = session.credential().name();
            if (json.wanted) {
                Json.print(shell, fields -> {
                    fields.writeStringField("credential", name);
                    fields.writeNullField("rotation");
                });
            } else {
                shell.out().println(name + " was never rotated: there is nothing to resume");
            }
            return Keywright.DONE;
        }
    }
}
