package io.keywright.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.keywright.rotation.Resumption;
import io.keywright.rotation.RotationReport;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Goes on with rotations. */
@Command(
        name = "resume",
        sortOptions = false,
        description =
                "Go on with the latest rotation: finish what a process that died has left, let devices catch up, give"
                        + " the second proof when it is due. Does nothing when nothing is left to do. Of several"
                        + " credentials, one after the other; one that cannot be resumed keeps no other from it.")
final class ResumeCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    FleetOptions fleet;

    @Mixin
    JsonOption json;

    ResumeCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (CredentialSession session = fleet.open()) {
            return session.files().size() == 1 ? resume(session) : resumeAll(session);
        }
    }

    private int resume(CredentialSession session) throws IOException {
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
            shell.out().println(neverRotated(name));
        }
        return Keywright.DONE;
    }

    private int resumeAll(CredentialSession session) throws IOException {
        List<Resumption> all;
        try (ProgressDisplay progress = ProgressDisplay.on(shell)) {
            all = session.engine().resumeAll(progress);
        }
        if (json.wanted) {
            Json.print(shell, fields -> writeJson(fields, all));
        } else {
            all.forEach(this::print);
        }
        boolean success = all.stream()
                .allMatch(one -> one.failure().isEmpty()
                        && one.report().map(RotationReport::isSuccess).orElse(true));
        return success ? Keywright.DONE : Keywright.FAILED;
    }

    private void print(Resumption one) {
        String text = one.failure()
                .map(why -> one.credential() + " cannot be resumed: " + why)
                .orElseGet(
                        () -> one.report().map(RotationReport::toText).orElseGet(() -> neverRotated(one.credential())));
        Answers.print(shell, text);
        shell.out().println();
    }

    private static String neverRotated(String name) {
        return name + " was never rotated: there is nothing to resume";
    }

    private static void writeJson(JsonGenerator json, List<Resumption> all) throws IOException {
        json.writeArrayFieldStart("credentials");
        for (Resumption one : all) {
            json.writeStartObject();
            json.writeStringField("credential", one.credential());
            json.writeFieldName("report");
            json.writeRawValue(one.report().map(RotationReport::toJson).orElse("null"));
            Json.text(json, "failure", one.failure().orElse(null));
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
