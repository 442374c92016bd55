package io.keywright.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.keywright.SshPublicKey;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints one JSON object, which ends with a line end. */
final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Writes the fields of an object. */
    @FunctionalInterface
    interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    static void print(Shell shell, Fields fields) throws IOException {
        // Whole or not at all: a program that reads this must not see half of it.
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        }
        print(shell, text.toString());
    }

    /** Prints JSON that somebody has laid out, with what is active on a terminal escaped in its texts. */
    static void print(Shell shell, String json) {
        shell.out().println(Printable.json(json));
    }

    /** Writes a text, or null where there is none. */
    static void text(JsonGenerator json, String name, @Nullable Object value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, value.toString());
        }
    }

    /** Writes what a public key tells, into the object that is open. */
    static void key(JsonGenerator json, SshPublicKey key) throws IOException {
        json.writeStringField("algorithm", key.algorithm());
        json.writeNumberField("bits", key.bits());
        json.writeStringField("fingerprint", key.fingerprint().toString());
        json.writeStringField("comment", key.comment().toString());
    }

    static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
