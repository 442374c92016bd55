package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The tables in this package's documentation name tests that exist, whatever module they are in. */
@Tag("once")
class TablesTest {
    private static final Pattern NAMED = Pattern.compile("(\\w+Test)#(\\w+)");
    private static final Path HERE = Path.of("src/test/java/io/keywright/testkit/engine/package-info.java");

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> files = Files.find(
                Path.of(".."),
                Integer.MAX_VALUE,
                (path, file) -> file.isRegularFile() && path.toString().endsWith("Test.java"))) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName()).replace(".java", "");
                sources.merge(name, Files.readString(file), String::concat);
            }
        }
        return sources;
    }

    @Nested
    class Named {
        @Test
        void tables_everyTest_exists() throws IOException {
            Map<String, String> sources = sources();
            String tables = Files.readString(HERE);
            List<String> missing = new ArrayList<>();
            int named = 0;
            for (Matcher test = NAMED.matcher(tables); test.find(); named++) {
                String source = sources.getOrDefault(test.group(1), "");
                if (!source.contains(" void " + test.group(2) + "(")) {
                    missing.add(test.group());
                }
            }
            assertThat(missing).isEmpty();
            assertThat(named).isGreaterThanOrEqualTo(30 + 9);
        }

        @Test
        void tables_everyFailure_hasARowOfItsOwn() throws IOException {
            String tables = Files.readString(HERE);
            for (int failure = 1; failure <= 30; failure++) {
                assertThat(tables).as("failure %d", failure).containsPattern("(<td>|; )" + failure + " [a-zA-Z]");
            }
        }
    }
}
