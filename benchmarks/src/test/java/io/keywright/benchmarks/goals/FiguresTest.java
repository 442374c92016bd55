package io.keywright.benchmarks.goals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FiguresTest {
    private static final Path ROOT = Path.of("..");

    @Nested
    class Readme {
        @Test
        void readme_figures_areThoseOfTheResults() throws IOException {
            String readme = Files.readString(ROOT.resolve("README.md"));
            Path results = Path.of("results.json");

            if (Files.exists(results)) {
                assertThat(Figures.replacedIn(readme, Files.readString(results)))
                        .isEqualTo(readme);
            } else {
                assertThat(readme).contains(Figures.BEGIN + Figures.END);
            }
        }
    }

    @Nested
    class ReplacedIn {
        @Test
        void replacedIn_textWithoutPlace_throws() {
            assertThatThrownBy(() -> Figures.replacedIn("no place", "[]")).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void replacedIn_newResults_replacesTheTableAndNothingElse() throws IOException {
            String text = "before\n" + Figures.BEGIN + "old\n" + Figures.END + "after\n";
            String results = "[{\"goal\": \"ed25519 generate, keywright to jdk\", \"ratio\": 10.4, \"error\": null}]";

            assertThat(Figures.replacedIn(text, results))
                    .startsWith("before\n" + Figures.BEGIN + "|")
                    .endsWith("|\n" + Figures.END + "after\n")
                    .contains("**10 times** as fast as the JDK", "not measured:")
                    .doesNotContain("old");
        }
    }
}
