package io.keywright.rotation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Writes reports, plans and status as JSON. */
final class RotationJson {
    private static final JsonFactory JSON = new JsonFactory();

    private RotationJson() {}

    @FunctionalInterface
    private interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    static String of(RotationReport report) {
        return object(json -> {
            json.writeStringField("credential", report.credential());
            json.writeStringField("rotation", report.rotation());
            json.writeStringField("outcome", label(report.outcome()));
            writeOptional(json, "reason", report.reason());
            json.writeStringField("oldKey", report.oldKey());
            writeOptional(json, "newKey", report.newKey());
            json.writeStringField("begun", report.begun().toString());
            json.writeStringField("reported", report.reported().toString());
            writeOptional(json, "contractsAt", report.contractsAt());
            writeOptional(json, "settlesAt", report.settlesAt());
            json.writeBooleanField("success", report.isSuccess());
            json.writeArrayFieldStart("devices");
            for (DeviceReport device : report.devices()) {
                writeDevice(json, device);
            }
            json.writeEndArray();
            writeTexts(json, "remains", report.remains());
        });
    }

    static String of(RotationPlan plan) {
        return object(json -> {
            json.writeStringField("credential", plan.credential().name());
            json.writeStringField(
                    "currentKey", plan.current().publicKey().fingerprint().toString());
            json.writeNumberField("currentVersion", plan.current().number());
            json.writeBooleanField("clear", plan.isClear());
            writeTexts(json, "warnings", plan.warnings());
            json.writeArrayFieldStart("devices");
            for (PlannedDevice device : plan.devices()) {
                json.writeStartObject();
                json.writeStringField("id", device.device().id());
                json.writeStringField("host", device.device().host());
                json.writeNumberField("port", device.device().port());
                json.writeStringField("user", device.user());
                writeOptional(json, "hostKey", device.hostKey().map(key -> key.fingerprint()));
                writeOptional(json, "acceptedVersion", device.acceptedVersion());
                writeTexts(json, "files", device.files());
                if (device.obstacle().isPresent()) {
                    writeFailure(json, "obstacle", device.obstacle().get());
                } else {
                    json.writeNullField("obstacle");
                }
                writeOptional(json, "managedBy", device.managedBy());
                writeTexts(json, "warnings", device.warnings());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    static String of(CredentialStatus status) {
        return object(json -> {
            json.writeStringField("credential", status.credential());
            json.writeArrayFieldStart("versions");
            for (KeyVersion version : status.versions()) {
                json.writeStartObject();
                json.writeNumberField("number", version.number());
                json.writeStringField("label", version.label().name().toLowerCase(java.util.Locale.ROOT));
                json.writeStringField(
                        "fingerprint", version.publicKey().fingerprint().toString());
                json.writeStringField("publicKey", version.publicKey().toLine());
                json.writeStringField("created", version.created().toString());
                json.writeStringField("changed", version.changed().toString());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeBooleanField("resumable", status.resumable());
            if (status.latest().isPresent()) {
                json.writeFieldName("latestRotation");
                json.writeRawValue(of(status.latest().get()));
            } else {
                json.writeNullField("latestRotation");
            }
        });
    }

    private static void writeDevice(JsonGenerator json, DeviceReport device) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", device.id());
        json.writeStringField("host", device.host());
        json.writeNumberField("port", device.port());
        json.writeStringField("user", device.user());
        json.writeStringField("outcome", device.outcome().label());
        json.writeStringField("meaning", device.outcome().describe());
        json.writeObjectFieldStart("proof");
        json.writeStringField("oldBefore", device.proof().oldBefore().label());
        json.writeStringField("oldAfter", device.proof().oldAfter().label());
        json.writeStringField("newAfter", device.proof().newAfter().label());
        json.writeBooleanField("removed", device.proof().removed());
        json.writeBooleanField("complete", device.proof().isComplete());
        json.writeEndObject();
        json.writeArrayFieldStart("edits");
        for (RemoteEdit edit : device.edits()) {
            json.writeStartObject();
            json.writeStringField("path", edit.path());
            json.writeStringField("method", edit.method().label());
            json.writeBooleanField("changed", edit.changed());
            json.writeBooleanField("atomic", edit.atomic());
            json.writeBooleanField("durable", edit.durable());
            json.writeNumberField("retries", edit.retries());
            writeTexts(json, "warnings", edit.warnings());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberField("attempts", device.attempts());
        json.writeNumberField("tookMillis", device.took().toMillis());
        writeTexts(json, "notes", device.notes());
        json.writeEndObject();
    }

    private static void writeFailure(JsonGenerator json, String field, DeviceFailure failure) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeStringField("kind", label(failure.kind()));
        json.writeBooleanField("retryable", failure.retryable());
        json.writeStringField("message", failure.message());
        json.writeEndObject();
    }

    private static void writeTexts(JsonGenerator json, String field, Iterable<String> texts) throws IOException {
        json.writeArrayFieldStart(field);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    private static void writeOptional(JsonGenerator json, String field, Optional<?> value) throws IOException {
        if (value.isEmpty()) {
            json.writeNullField(field);
        } else if (value.get() instanceof Integer number) {
            json.writeNumberField(field, number);
        } else {
            json.writeStringField(field, value.get().toString());
        }
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    private static String object(Body body) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            body.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does not fail", e);
        }
        return out.toString();
    }
}
