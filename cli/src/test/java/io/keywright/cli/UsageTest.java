package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class UsageTest {
    private static final Shell NOWHERE = Shell.of(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            Map.of());

    /** Every command with the words that lead to it. */
    static Stream<List<String>> commands() {
        List<List<String>> found = new ArrayList<>();
        collect(Keywright.commandLine(NOWHERE), List.of(), found);
        return found.stream();
    }

    private static void collect(CommandLine command, List<String> words, List<List<String>> found) {
        found.add(words);
        command.getSubcommands().forEach((name, subcommand) -> {
            List<String> longer = new ArrayList<>(words);
            longer.add(name);
            collect(subcommand, longer, found);
        });
    }

    @Nested
    class Help {
        @ParameterizedTest
        @MethodSource("io.keywright.cli.UsageTest#commands")
        void help_everyCommand_isOnStandardOutput(List<String> words) {
            Cli.Result result =
                    Cli.run(Cli.arguments(List.copyOf(words), "--help")).quietly();

            assertThat(result.out()).startsWith("Usage: keywright");
            assertThat(result.out().lines()).allMatch(line -> line.length() <= 80);
        }

        @ParameterizedTest
        @MethodSource("io.keywright.cli.UsageTest#commands")
        void help_everyCommand_describesItselfAndItsOptions(List<String> words) {
            CommandLine command = Keywright.commandLine(NOWHERE);
            for (String word : words) {
                command = command.getSubcommands().get(word);
            }

            assertThat(command.getCommandSpec().usageMessage().description()).isNotEmpty();
            assertThat(command.getCommandSpec().options())
                    .allSatisfy(option -> assertThat(option.description()).isNotEmpty());
        }

        @Test
        void commands_all_areThere() {
            assertThat(Keywright.commandLine(NOWHERE).getSubcommands().keySet())
                    .contains(
                            "generate",
                            "inspect",
                            "fingerprint",
                            "convert",
                            "authorized-keys",
                            "import",
                            "install",
                            "verify",
                            "remove",
                            "plan",
                            "rotate",
                            "resume",
                            "cancel",
                            "status",
                            "export-private");
        }

        @Test
        void version_isPrinted() {
            assertThat(Cli.run("--version").quietly().out()).matches("(?s)keywright \\d+\\.\\d+\\.\\d+\\S*\nJava .*");
        }
    }

    @Nested
    class WrongUsage {
        @Test
        void noCommand_isWrong() {
            assertThat(Cli.run().usageError()).contains("a command is missing", "keywright --help");
        }

        @Test
        void unknownCommand_isWrong() {
            assertThat(Cli.run("generat").usageError()).contains("generat", "did you mean", "generate");
        }

        @Test
        void unknownOption_isWrongAndTheNearestIsSuggested() {
            assertThat(Cli.run("generate", "--comments", "x").usageError())
                    .contains("did you mean --comment?", "keywright generate --help");
        }

        @Test
        void missingOptions_areNamed() {
            assertThat(Cli.run("rotate").usageError()).contains("--credential", "--store");
        }

        @Test
        void atFile_isNotExpanded(@TempDir Path folder) throws IOException {
            Path arguments = Cli.file(folder, "arguments", "--help");

            assertThat(Cli.run("inspect", "@" + arguments).failure()).contains("@" + arguments);
        }

        @Test
        void passphraseOnTheCommandLine_isNoOption() {
            assertThat(Cli.run("generate", "--new-passphrase", "secret").usageError())
                    .contains("Unknown option");
        }
    }

    @Nested
    class Failing {
        @Test
        void failure_withDebug_addsTheStackTrace(@TempDir Path folder) {
            Cli.Result before = Cli.run("--debug", "inspect", folder.resolve("nope"));
            Cli.Result after = Cli.run("inspect", folder.resolve("nope"), "--debug");

            assertThat(before.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(before.err()).startsWith("keywright: ").contains("\tat io.keywright.cli.");
            assertThat(after.err()).contains("\tat io.keywright.cli.");
        }

        @Test
        void usageError_withDebug_addsTheStackTrace() {
            Cli.Result result = Cli.run("inspect", "--nope", "--debug");

            assertThat(result.exitCode()).isEqualTo(Keywright.WRONG_USAGE);
            assertThat(result.err()).contains("\tat ");
        }

        @Test
        void fullOutput_isAFailure() {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            OutputStream full = new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    throw new IOException("no space left on device");
                }
            };
            Shell shell = Shell.of(
                    new ByteArrayInputStream(new byte[0]),
                    new PrintStream(full, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    Map.of());

            assertThat(Keywright.run(shell, "--version")).isEqualTo(Keywright.FAILED);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .isEqualTo("keywright: standard output could not be written\n");
        }
    }

    @Nested
    class Printing {
        @Test
        void of_activeCharacters_areEscaped() {
            assertThat(Printable.of("a\u001b[2J\u202eb\u0000\u2028")).isEqualTo("a\\u{1b}[2J\\u{202e}b\\u{0}\\u{2028}");
        }

        @Test
        void of_ordinaryText_staysItself() {
            assertThat(Printable.of("ä ö \uD83D\uDD11")).isEqualTo("ä ö \uD83D\uDD11");
        }

        @Test
        void line_moreLines_becomeOne() {
            assertThat(Printable.line("one\n  two\r\nthree\n")).isEqualTo("one; two; three");
        }
    }
}
