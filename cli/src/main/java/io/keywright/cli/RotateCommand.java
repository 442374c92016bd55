package io.keywright.cli;

import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Rotates a credential's key. */
@Command(
        name = "rotate",
        sortOptions = false,
        description =
                "Put a new key on every device, make it the current one, remove the old one everywhere and prove it"
                        + " dead. Exits with 0 only when that is proved on every device.")
final class RotateCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    CredentialOptions credential;

    @Mixin
    JsonOption json;

    RotateCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (CredentialSession session = credential.open()) {
            int count = session.credential().devices().size();
            shell.err().println("looking at " + count + (count == 1 ? " device" : " devices"));
            RotationPlan plan = session.engine().plan(session.credential());
            RotationReport report;
            try (ProgressDisplay progress = ProgressDisplay.on(shell)) {
                report = session.engine().rotate(plan, progress);
            }
            Answers.print(shell, json, report::toJson, report::toText);
            return report.isSuccess() ? Keywright.DONE : Keywright.FAILED;
        }
    }
}
