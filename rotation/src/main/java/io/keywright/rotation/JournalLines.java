package io.keywright.rotation;

import io.keywright.rotation.JsonFields.DamagedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
 * <p>The sum is the first 8 bytes, in hex, of SHA-256 over the sum of the line before, a line feed, and this line up to the
 * comma before its own sum. The first line's predecessor is {@code keywright journal 1 CREDENTIAL ROTATION}, so that no line
 * and no file can be put in another's place unnoticed. Lines are ASCII. A sum finds damage, not malice: whoever may write
 * the file may recompute it.
 *
 * <p>Encodes or decodes one file from its beginning; keeps sequence number and sum of the last line. Not thread-safe.
 */
final class JournalLines {
    /** Longer than any report of a step; a longer line is refused when written, and is damage when read. */
    static final int MAX_LINE_BYTES = 1 << 20;

    private static final String SUM = ",\"sum\":\"";
    private static final String END = "\"}";
    private static final int SUM_DIGITS = 16;
    private static final int TAIL_BYTES = SUM.length() + SUM_DIGITS + END.length();

    private long sequence;
    private String sum;

    JournalLines(String credential, String rotation) {
        this.sum = "keywright journal 1 " + credential + " " + rotation;
    }

    private JournalLines(long sequence, String sum) {
        this.sequence = sequence;
        this.sum = sum;
    }

    JournalLines copy() {
        return new JournalLines(sequence, sum);
    }

    /** Writes the next line, its line feed included. */
    byte[] encode(JournalEntry entry) throws DamagedException {
        byte[] object = JsonFields.object(json -> {
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
        });
        int summed = object.length - 1; // all but the closing brace
        int size = summed + TAIL_BYTES + 1;
        if (size > MAX_LINE_BYTES) {
            throw new DamagedException("an entry would need " + size + " bytes, more than " + MAX_LINE_BYTES);
        }
        sum = sum(object, summed);
        sequence++;
        byte[] tail = (SUM + sum + END + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] line = Arrays.copyOf(object, size);
        System.arraycopy(tail, 0, line, summed, tail.length);
        return line;
    }

    /** Reads the next line, given without its line feed. */
    JournalEntry decode(byte[] line) throws DamagedException {
        int summed = line.length - TAIL_BYTES;
        if (summed < 1) {
            throw new DamagedException("it is too short for an entry");
        }
        String tail = new String(line, summed, TAIL_BYTES, StandardCharsets.ISO_8859_1);
        String expected = sum(line, summed);
        if (!tail.equals(SUM + expected + END)) {
            throw new DamagedException("its checksum does not fit it and the line before");
        }
        try (JsonFields fields = new JsonFields(line)) {
            JournalEntry entry = parse(fields);
            sequence++;
            sum = expected;
            return entry;
        }
    }

    private JournalEntry parse(JsonFields fields) throws DamagedException {
        fields.number("seq", sequence + 1, sequence + 1);
        Instant at = fields.instant("at");
        JournalEntry.Step step = step(fields.string("step"));
        JsonFields.expect(fields.nextField());
        Optional<String> device = Optional.empty();
        if (fields.name().equals("device")) {
            device = Optional.of(fields.string());
            JsonFields.expect(fields.nextField());
        }
        JsonFields.expect(fields.name().equals("facts"));
        fields.object();
        Map<String, String> facts = new TreeMap<>();
        while (fields.nextField()) {
            String name = fields.name();
            facts.put(name, fields.string());
        }
        fields.string("sum");
        fields.endOfText();
        return new JournalEntry(at, step, device, facts);
    }

    private static JournalEntry.Step step(String name) throws DamagedException {
        return Arrays.stream(JournalEntry.Step.values())
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new DamagedException(
                        "its step is none that this version knows: a newer one may have written it"));
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
