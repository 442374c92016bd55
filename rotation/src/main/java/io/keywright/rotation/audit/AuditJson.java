package io.keywright.rotation.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes audits as JSON. */
final class AuditJson {
    /** Comments are written by anybody: what is not ASCII is escaped, so that nothing in them acts on a terminal. */
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private AuditJson() {}

    @FunctionalInterface
    private interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    static String line(AuditResult result) {
        return text(json -> write(json, result));
    }

    static String of(AuditReport report) {
        return text(json -> {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            json.writeFieldName("summary");
            write(json, report.summary());
            json.writeArrayFieldStart("results");
            for (AuditResult result : report.results()) {
                write(json, result);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, AuditSummary summary) throws IOException {
        json.writeStartObject();
        json.writeStringField("at", summary.at().toString());
        json.writeBooleanField("clean", summary.isClean());
        json.writeNumberField("accounts", summary.accounts());
        json.writeNumberField("unread", summary.unread());
        json.writeNumberField("keys", summary.keys());
        json.writeObjectFieldStart("findings");
        for (Map.Entry<Finding, Long> count : summary.findings().entrySet()) {
            json.writeNumberField(count.getKey().label(), count.getValue());
        }
        json.writeEndObject();
        json.writeBooleanField("sharingComplete", summary.sharingComplete());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, AuditResult result) throws IOException {
        json.writeStartObject();
        if (result instanceof AuditResult.Account account) {
            writeAccount(json, "account", account.credential(), account.device(), account.account());
            writeFindings(json, account.findings());
            writeTexts(json, "warnings", account.warnings());
            json.writeArrayFieldStart("keys");
            for (AuditedKey key : account.keys()) {
                write(json, key);
            }
            json.writeEndArray();
        } else if (result instanceof AuditResult.Unread unread) {
            writeAccount(json, "unread", unread.credential(), unread.device(), unread.account());
            json.writeObjectFieldStart("failure");
            json.writeStringField("kind", label(unread.failure().kind()));
            json.writeBooleanField("retryable", unread.failure().retryable());
            json.writeStringField("message", unread.failure().message());
            json.writeEndObject();
        } else if (result instanceof AuditResult.SharedKey shared) {
            json.writeStringField("result", "shared-key");
            json.writeStringField("fingerprint", shared.fingerprint());
            json.writeNumberField("count", shared.count());
            writeTexts(json, "accounts", shared.accounts());
        }
        json.writeEndObject();
    }

    private static void writeAccount(
            JsonGenerator json, String result, String credential, String device, String account) throws IOException {
        json.writeStringField("result", result);
        json.writeStringField("credential", credential);
        json.writeStringField("device", device);
        json.writeStringField("account", account);
    }

    private static void write(JsonGenerator json, AuditedKey key) throws IOException {
        json.writeStartObject();
        json.writeStringField("file", key.file());
        json.writeNumberField("line", key.line());
        json.writeStringField("algorithm", key.algorithm());
        json.writeNumberField("bits", key.bits());
        json.writeStringField("fingerprint", key.fingerprint());
        json.writeStringField("comment", key.comment());
        if (key.owner().isPresent()) {
            AuditedKey.Owner owner = key.owner().get();
            json.writeObjectFieldStart("owner");
            json.writeStringField("credential", owner.credential());
            json.writeNumberField("version", owner.version());
            json.writeStringField("label", label(owner.label()));
            writeOptional(json, "lastRotated", owner.lastRotated());
            json.writeEndObject();
        } else {
            json.writeNullField("owner");
        }
        writeOptional(json, "expires", key.expires());
        writeFindings(json, key.findings());
        json.writeEndObject();
    }

    private static void writeFindings(JsonGenerator json, Collection<Finding> findings) throws IOException {
        writeTexts(json, "findings", findings.stream().map(Finding::label).toList());
    }

    private static void writeTexts(JsonGenerator json, String field, Collection<String> texts) throws IOException {
        json.writeArrayFieldStart(field);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    private static void writeOptional(JsonGenerator json, String field, Optional<?> value) throws IOException {
        if (value.isPresent()) {
            json.writeStringField(field, value.get().toString());
        } else {
            json.writeNullField(field);
        }
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String text(Body body) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            body.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does not fail", e);
        }
        return out.toString();
    }
}
