package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What servers say, in answers: whatever it is, a terminal shows it, and a program reads it. */
class AnswersTest {
    private static final long SEED = 20261121;
    private static final int TEXTS = 2_000;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Shell shell = Shell.of(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            Map.of());

    private String printed() {
        String text = out.toString(StandardCharsets.UTF_8);
        out.reset();
        return text;
    }

    /** What is laid out as the library does it. */
    private void printJson(String laidOut) {
        JsonOption json = new JsonOption();
        json.wanted = true;
        Answers.print(shell, json, () -> laidOut, () -> "not asked for");
    }

    /** Ordinary letters, and much of what terminals and parsers stumble over. */
    private static String remoteText(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(40); length > 0; length--) {
            switch (random.nextInt(8)) {
                case 0 -> text.append((char) random.nextInt(0x20));
                case 1 -> text.append((char) (0x7f + random.nextInt(0x21)));
                case 2 -> text.append((char) (0x200b + random.nextInt(0x25)));
                case 3 -> text.append((char) (Character.MIN_SURROGATE + random.nextInt(0x800)));
                case 4 -> text.appendCodePoint(0xe0001 + random.nextInt(0x7f));
                case 5 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
                case 6 -> text.append("\"\\{}[]:,u/".charAt(random.nextInt(10)));
                default -> text.append((char) ('a' + random.nextInt(26)));
            }
        }
        return text.toString();
    }

    private static void assertHarmless(String printed, String of) {
        assertThat(printed.lines().flatMapToInt(String::codePoints).filter(AnswersTest::isActive))
                .as("what a terminal would obey, of %s", of)
                .isEmpty();
    }

    private static boolean isActive(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    @Nested
    class AsJson {
        @Test
        void print_overrideOfTheReadingDirection_isEscapedAsJson() {
            printJson("{\"message\":\"a\u202eb\u009b2J\"}");
            assertThat(printed().strip()).isEqualTo("{\"message\":\"a\\u202eb\\u009b2J\"}");
        }

        @Test
        void print_whateverAServerSays_isReadBackAsItWas() throws IOException {
            SplittableRandom random = new SplittableRandom(SEED);
            for (int i = 0; i < TEXTS; i++) {
                ObjectNode said = MAPPER.createObjectNode().put("message", remoteText(random));
                said.putArray("warnings").add(remoteText(random));
                printJson(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(said));
                assertReadBack(said, "text " + i + " of seed " + SEED);
            }
        }

        @Test
        void print_whateverTheCommandLineWrites_isReadBackAsItWas() throws IOException {
            SplittableRandom random = new SplittableRandom(SEED);
            for (int i = 0; i < TEXTS; i++) {
                String text = remoteText(random);
                Json.print(shell, fields -> fields.writeStringField("comment", text));
                assertReadBack(MAPPER.createObjectNode().put("comment", text), "text " + i + " of seed " + SEED);
            }
        }

        private void assertReadBack(JsonNode expected, String what) throws IOException {
            String printed = printed();
            assertHarmless(printed, what);
            assertThat(MAPPER.readTree(printed)).as(what).isEqualTo(expected);
        }
    }

    @Nested
    class AsText {
        @Test
        void print_whateverAServerSays_movesNoCursor() {
            SplittableRandom random = new SplittableRandom(SEED);
            for (int i = 0; i < TEXTS; i++) {
                String text = remoteText(random);
                Answers.print(shell, new JsonOption(), () -> "{}", () -> "web-1  " + text + "\n");
                assertHarmless(printed(), "text " + i + " of seed " + SEED);
            }
        }
    }
}
