package io.keywright.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.keywright.rotation.Reconciliation;
import io.keywright.rotation.Reconciliation.DeviceAnswer;
import java.io.IOException;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Brings a store that came from a backup back to what is true. */
@Command(
        name = "reconcile",
        sortOptions = false,
        description =
                "After the store was restored from a backup: ask every device which versions of the key it accepts, and bring"
                        + " the store back to that. Changes nothing while a device cannot be asked; exits with 1 then.")
final class ReconcileCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    CredentialOptions credential;

    @Mixin
    JsonOption json;

    ReconcileCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (CredentialSession session = credential.open()) {
            Reconciliation answers = session.engine().reconcile(session.credential());
            if (json.wanted) {
                Json.print(shell, fields -> write(fields, answers));
            } else {
                print(answers);
            }
            return answers.complete() ? Keywright.DONE : Keywright.FAILED;
        }
    }

    private void print(Reconciliation answers) {
        for (DeviceAnswer answer : answers.devices()) {
            Answers.print(shell, answer.device() + "  " + describe(answer));
        }
        shell.out()
                .println(
                        answers.complete()
                                ? answers.credential() + " can be used again"
                                : "nothing was changed: ask again, or remove what is gone with remove-device");
    }

    private static String describe(DeviceAnswer answer) {
        if (answer.failure().isPresent()) {
            return "could not be asked: " + answer.failure().get().message();
        } else if (answer.accepted().isEmpty()) {
            return "accepts none of the versions: install the key anew";
        }
        return "accepts version "
                + new TreeSet<>(answer.accepted()).stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static void write(JsonGenerator json, Reconciliation answers) throws IOException {
        json.writeStringField("credential", answers.credential());
        json.writeBooleanField("complete", answers.complete());
        json.writeArrayFieldStart("devices");
        for (DeviceAnswer answer : answers.devices()) {
            json.writeStartObject();
            json.writeStringField("id", answer.device());
            json.writeArrayFieldStart("acceptedVersions");
            for (int version : new TreeSet<>(answer.accepted())) {
                json.writeNumber(version);
            }
            json.writeEndArray();
            Json.text(
                    json,
                    "failure",
                    answer.failure().map(failure -> failure.message()).orElse(null));
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
