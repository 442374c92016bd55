package io.keywright.rotation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The lines of a journal file, one for each entry:
 *
 * <pre>{@code
 * {"seq":1,"at":"2026-11-02T10:00:00Z","step":"EXPANDED","device":"web-1","facts":{"k":"v"},"sum":"0123456789abcdef"}
 * }</pre>
 *
 * <p>The sum is the first 8 bytes, in hex, of SHA-256 over the sum of the line before and this line up to its sum. The
 * first line's predecessor is a text that names format, credential and rotation, so that no line and no file can be put in
 * another's place unnoticed. Lines are ASCII. A sum finds damage, not malice: whoever may write the file may recompute it.
 *
 * <p>Encodes or decodes one file from its beginning; keeps sequence number and sum of the last line. Not thread-safe.
 */
final class JournalLines {
    /** Longer than any report of a step; a longer line is refused when written, and is damage when read. */
    static final int MAX_LINE_BYTES = 1 << 20;

    private static final String SUM = ",\"sum\":\"";
    private static final int SUM_DIGITS = 16;
    /** What stands behind the part that is summed: name, digits, quote and brace. */
    private static final int TAIL_BYTES = SUM.length() + SUM_DIGITS + 2;

    // Escapes keep the lines ASCII, and let a lone surrogate in a fact survive.
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private long sequence;
    private String sum;

    JournalLines(String credential, String rotation) {
        this.sum = "keywright journal 1 " + credential + " " + rotation;
    }

    private JournalLines(long sequence, String sum) {
        this.sequence = sequence;
        this.sum = sum;
    }

    /** Tells what is wrong with a line. */
    static final class BadLineException extends Exception {
        private static final long serialVersionUID = 1;

        BadLineException(String message) {
            super(message);
        }
    }

    JournalLines copy() {
        return new JournalLines(sequence, sum);
    }

    /** Writes the next line, its line feed included. */
    byte[] encode(JournalEntry entry) throws BadLineException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeNumberField("seq", sequence + 1);
            json.writeStringField("at", entry.at().toString());
            json.writeStringField("step", entry.step().name());
            if (entry.device().isPresent()) {
                json.writeStringField("device", entry.device().get());
            }
            json.writeObjectFieldStart("facts");
            for (Map.Entry<String, String> fact : entry.facts().entrySet()) {
                json.writeStringField(fact.getKey(), fact.getValue());
            }
            json.writeEndObject();
            json.flush();
            String next = sum(line.toByteArray(), line.size());
            json.writeStringField("sum", next);
            json.writeEndObject();
            json.flush();
            line.write('\n');
            if (line.size() > MAX_LINE_BYTES) {
                throw new BadLineException("an entry needs " + line.size() + " bytes, more than " + MAX_LINE_BYTES);
            }
            sequence++;
            sum = next;
            return line.toByteArray();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("writing to memory failed", e);
        }
    }

    /** Reads the next line, given without its line feed. */
    JournalEntry decode(byte[] line) throws BadLineException {
        int summed = line.length - TAIL_BYTES;
        if (summed < 1) {
            throw new BadLineException("it is too short for an entry");
        }
        String tail = new String(line, summed, TAIL_BYTES, StandardCharsets.ISO_8859_1);
        String expected = sum(line, summed);
        if (!tail.equals(SUM + expected + "\"}")) {
            throw new BadLineException("its checksum does not fit it and the line before");
        }
        JournalEntry entry;
        try (JsonParser json = JSON.createParser(line)) {
            entry = parse(json);
        } catch (IOException e) {
            // Jackson's message may quote the line
            throw new BadLineException("it is not one JSON object with the fields of an entry");
        }
        sequence++;
        sum = expected;
        return entry;
    }

    private JournalEntry parse(JsonParser json) throws IOException, BadLineException {
        expect(json.nextToken() == JsonToken.START_OBJECT);
        expect("seq".equals(json.nextFieldName()));
        expect(json.nextToken() == JsonToken.VALUE_NUMBER_INT);
        if (json.getLongValue() != sequence + 1) {
            throw new BadLineException("it has number " + json.getLongValue() + ", expected " + (sequence + 1));
        }
        Instant at = instant(string(json, "at"));
        JournalEntry.Step step = step(string(json, "step"));
        String name = String.valueOf(json.nextFieldName());
        Optional<String> device = Optional.empty();
        if (name.equals("device")) {
            expect(json.nextToken() == JsonToken.VALUE_STRING);
            device = Optional.of(json.getText());
            name = String.valueOf(json.nextFieldName());
        }
        expect(name.equals("facts") && json.nextToken() == JsonToken.START_OBJECT);
        Map<String, String> facts = new TreeMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String fact = json.currentName();
            expect(json.nextToken() == JsonToken.VALUE_STRING);
            facts.put(fact, json.getText());
        }
        expect(json.currentToken() == JsonToken.END_OBJECT);
        string(json, "sum");
        expect(json.nextToken() == JsonToken.END_OBJECT && json.nextToken() == null);
        return new JournalEntry(at, step, device, facts);
    }

    private static String string(JsonParser json, String name) throws IOException, BadLineException {
        expect(name.equals(json.nextFieldName()));
        expect(json.nextToken() == JsonToken.VALUE_STRING);
        return json.getText();
    }

    private static Instant instant(String text) throws BadLineException {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new BadLineException("its time is not an ISO 8601 instant");
        }
    }

    private static JournalEntry.Step step(String name) throws BadLineException {
        return Arrays.stream(JournalEntry.Step.values())
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BadLineException(
                        "its step is none that this version knows: a newer one may have written it"));
    }

    private static void expect(boolean condition) throws BadLineException {
        if (!condition) {
            throw new BadLineException("it does not have the fields of an entry in their order");
        }
    }

    private String sum(byte[] line, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(sum.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) '\n');
            digest.update(line, 0, length);
            return HexFormat.of().formatHex(digest.digest(), 0, SUM_DIGITS / 2);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
