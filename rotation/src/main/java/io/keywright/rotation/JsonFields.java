package io.keywright.rotation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * Reads JSON that only we write, field by field in the order in which we write them. Anything else is damage, and no message
 * quotes what was read. Not thread-safe.
 */
final class JsonFields implements AutoCloseable {
    // Escapes keep files ASCII, and let a lone surrogate in a text survive.
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    /** Tells what is wrong, in words that fit behind the name of the file and "is damaged: ". */
    static final class DamagedException extends Exception {
        private static final long serialVersionUID = 1;

        DamagedException(String message) {
            super(message);
        }
    }

    /** Writes the fields of an object. */
    @FunctionalInterface
    interface Writer {
        void writeTo(JsonGenerator json) throws IOException;
    }

    private final JsonParser json;

    /** Begins to read an object. */
    JsonFields(byte[] text) throws DamagedException {
        try {
            json = JSON.createParser(text);
        } catch (IOException e) {
            throw unreadable();
        }
        expect(next() == JsonToken.START_OBJECT);
    }

    /** Writes an object in one line, without a line feed. */
    static byte[] object(Writer fields) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            fields.writeTo(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("JSON could not be written to memory", e);
        }
        return text.toByteArray();
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Moves to the next field; false at the end of the object. */
    boolean nextField() throws DamagedException {
        JsonToken token = next();
        expect(token == JsonToken.FIELD_NAME || token == JsonToken.END_OBJECT);
        return token == JsonToken.FIELD_NAME;
    }

    /** The name of the field that was moved to. */
    String name() throws DamagedException {
        try {
            return String.valueOf(json.currentName());
        } catch (IOException e) {
            throw unreadable();
        }
    }

    void field(String name) throws DamagedException {
        expect(nextField() && name().equals(name));
    }

    String string(String name) throws DamagedException {
        field(name);
        return string();
    }

    /** The value of the field that was moved to. */
    String string() throws DamagedException {
        expect(next() == JsonToken.VALUE_STRING);
        try {
            return json.getText();
        } catch (IOException e) {
            throw unreadable();
        }
    }

    long number(String name, long min, long max) throws DamagedException {
        field(name);
        expect(next() == JsonToken.VALUE_NUMBER_INT);
        try {
            long value = json.getLongValue();
            if (value < min || value > max) {
                throw new DamagedException("its " + name + " must be from " + min + " to " + max + ", got " + value);
            }
            return value;
        } catch (IOException e) {
            throw unreadable();
        }
    }

    byte[] bytes(String name) throws DamagedException {
        try {
            return Base64.getDecoder().decode(string(name));
        } catch (IllegalArgumentException e) {
            throw new DamagedException("its " + name + " is not base64");
        }
    }

    Instant instant(String name) throws DamagedException {
        try {
            return Instant.parse(string(name));
        } catch (DateTimeException e) {
            throw new DamagedException("its " + name + " is not an ISO 8601 instant");
        }
    }

    /** Begins an array that is the value of a field. */
    void array(String name) throws DamagedException {
        field(name);
        expect(next() == JsonToken.START_ARRAY);
    }

    /** Begins the next object of an array; false at the array's end. */
    boolean nextObject() throws DamagedException {
        JsonToken token = next();
        expect(token == JsonToken.START_OBJECT || token == JsonToken.END_ARRAY);
        return token == JsonToken.START_OBJECT;
    }

    /** The next text of an array; empty at the array's end. */
    Optional<String> nextString() throws DamagedException {
        JsonToken token = next();
        expect(token == JsonToken.VALUE_STRING || token == JsonToken.END_ARRAY);
        try {
            return token == JsonToken.VALUE_STRING ? Optional.of(json.getText()) : Optional.empty();
        } catch (IOException e) {
            throw unreadable();
        }
    }

    /** Begins an object that is the value of the field that was moved to. */
    void object() throws DamagedException {
        expect(next() == JsonToken.START_OBJECT);
    }

    void endOfObject() throws DamagedException {
        expect(next() == JsonToken.END_OBJECT);
    }

    void endOfText() throws DamagedException {
        endOfObject();
        try {
            expect(json.nextToken() == null);
        } catch (IOException e) {
            throw unreadable();
        }
    }

    static void expect(boolean condition) throws DamagedException {
        if (!condition) {
            throw new DamagedException("it does not have the expected fields in their order");
        }
    }

    private JsonToken next() throws DamagedException {
        try {
            JsonToken token = json.nextToken();
            expect(token != null);
            return token;
        } catch (IOException e) {
            throw unreadable();
        }
    }

    /** Has no cause on purpose: the parser's message quotes what it read. */
    private static DamagedException unreadable() {
        return new DamagedException("it is not JSON as this program writes it");
    }

    @Override
    public void close() {
        try {
            json.close();
        } catch (IOException e) {
            throw new UncheckedIOException("a parser over memory could not be closed", e);
        }
    }
}
