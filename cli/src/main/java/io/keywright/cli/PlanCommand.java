package io.keywright.cli;

import io.keywright.rotation.RotationPlan;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what a rotation would meet. */
@Command(
        name = "plan",
        sortOptions = false,
        description = "Look at every device and say what a rotation would meet. Nothing is changed. Exits with 1 when"
                + " something stands in the way.")
final class PlanCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    CredentialOptions credential;

    @Mixin
    JsonOption json;

    PlanCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (CredentialSession session = credential.open()) {
            RotationPlan plan = session.engine().plan(session.credential());
            Answers.print(shell, json, plan::toJson, plan::toText);
            return plan.isClear() ? Keywright.DONE : Keywright.FAILED;
        }
    }
}
