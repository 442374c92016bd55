package io.keywright.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.keywright.rotation.Credential;
import io.keywright.rotation.Device;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.KeyDeployment;
import io.keywright.rotation.RemoteEdit;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Mixin;

/** Does one thing on device after device, and says what became of it on each. */
final class Deployments {
    private final Shell shell;

    @Mixin
    CredentialOptions credential;

    @Mixin
    DeviceOptions devices;

    @Mixin
    JsonOption json;

    Deployments(Shell shell) {
        this.shell = shell;
    }

    /** Runs it on the devices that were asked for. */
    int run(CredentialSession session, Function<List<Device>, List<KeyDeployment>> action) throws IOException {
        Credential about = session.credential();
        List<KeyDeployment> results = action.apply(devices.of(about));
        boolean success = results.stream().allMatch(result -> result.failure().isEmpty());
        if (json.wanted) {
            Json.print(shell, fields -> writeJson(fields, about, results, success));
        } else {
            print(results);
        }
        return success ? Keywright.DONE : Keywright.FAILED;
    }

    private void print(List<KeyDeployment> results) {
        Table table = new Table("device", "account", "key", "accepted before", "accepted", "edited", "result");
        for (KeyDeployment result : results) {
            List<String> edited = result.edits().stream()
                    .filter(RemoteEdit::changed)
                    .map(edit -> edit.path() + " " + edit.describe())
                    .toList();
            table.add(
                    result.device(),
                    result.target(),
                    result.key(),
                    Json.label(result.acceptedBefore()),
                    Json.label(result.accepted()),
                    edited.isEmpty() ? "-" : String.join("; ", edited),
                    result.failure().map(DeviceFailure::message).orElse("ok"));
        }
        table.print(shell.out());
        for (KeyDeployment result : results) {
            for (RemoteEdit edit : result.edits()) {
                edit.warnings().forEach(warning -> shell.warn(result.device() + ": " + edit.path() + ": " + warning));
            }
        }
    }

    private static void writeJson(JsonGenerator json, Credential about, List<KeyDeployment> results, boolean success)
            throws IOException {
        json.writeStringField("credential", about.name());
        json.writeBooleanField("success", success);
        json.writeArrayFieldStart("devices");
        for (KeyDeployment result : results) {
            json.writeStartObject();
            json.writeStringField("id", result.device());
            json.writeStringField("account", result.target());
            json.writeStringField("fingerprint", result.key());
            json.writeStringField("acceptedBefore", Json.label(result.acceptedBefore()));
            json.writeStringField("accepted", Json.label(result.accepted()));
            json.writeArrayFieldStart("edits");
            for (RemoteEdit edit : result.edits()) {
                writeEdit(json, edit);
            }
            json.writeEndArray();
            if (result.failure().isPresent()) {
                DeviceFailure failure = result.failure().get();
                json.writeObjectFieldStart("failure");
                json.writeStringField("kind", Json.label(failure.kind()));
                json.writeBooleanField("retryable", failure.retryable());
                json.writeStringField("message", failure.message());
                json.writeEndObject();
            } else {
                json.writeNullField("failure");
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeEdit(JsonGenerator json, RemoteEdit edit) throws IOException {
        json.writeStartObject();
        json.writeStringField("path", edit.path());
        json.writeStringField("method", edit.method().label());
        json.writeBooleanField("changed", edit.changed());
        json.writeBooleanField("atomic", edit.atomic());
        json.writeBooleanField("durable", edit.durable());
        json.writeArrayFieldStart("warnings");
        for (String warning : edit.warnings()) {
            json.writeString(warning);
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
