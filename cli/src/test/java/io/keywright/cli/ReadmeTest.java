package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the documents show is true: every block of Java compiles, and every command line is one. */
class ReadmeTest {
    private static final Path ROOT = Path.of(System.getProperty("keywright.root"));
    private static final Pattern FENCE = Pattern.compile("^\\s*```\\s*([a-z]*)\\s*$");
    private static final Pattern TYPE = Pattern.compile(
            "^(public |final |sealed |abstract )*(class|record|interface|enum) \\w+", Pattern.MULTILINE);
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

    private static final String IMPORTS = """
            import io.keywright.*;
            import io.keywright.authorizedkeys.*;
            import io.keywright.format.*;
            import io.keywright.rotation.*;
            import io.keywright.transport.*;
            import io.keywright.transport.sshd.*;
            import java.nio.file.*;
            import java.time.*;
            import java.util.*;
            """;

    /** What a reader takes for granted around a few lines of Java. */
    private static final String SURROUNDINGS = """
            class Block {
                void run(
                        Passphrase passphrase,
                        Passphrase storeSecret,
                        String text,
                        byte[] bytes,
                        Path directory,
                        KnownHosts knownHosts,
                        Credential credential,
                        SshPublicKey oldKey,
                        SshPublicKey newKey,
                        org.slf4j.Logger log)
                        throws Exception {
            %s
                }
            }
            """;

    /** A fenced block of a document. */
    record Block(String document, int line, String language, String text) {
        @Override
        public String toString() {
            return document + ":" + line;
        }
    }

    private static List<Block> blocks() throws IOException {
        List<Path> documents = new ArrayList<>();
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            Stream.concat(top, docs)
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .forEach(documents::add);
        }
        assertThat(documents).contains(ROOT.resolve("README.md"));
        List<Block> blocks = new ArrayList<>();
        for (Path document : documents) {
            addBlocks(ROOT.relativize(document).toString(), Files.readAllLines(document), blocks);
        }
        return blocks;
    }

    private static void addBlocks(String document, List<String> lines, List<Block> blocks) {
        int start = -1;
        String language = "";
        for (int i = 0; i < lines.size(); i++) {
            Matcher fence = FENCE.matcher(lines.get(i));
            if (!fence.matches()) {
                continue;
            }
            if (start < 0) {
                start = i + 1;
                language = fence.group(1);
            } else {
                blocks.add(new Block(document, start + 1, language, String.join("\n", lines.subList(start, i))));
                start = -1;
            }
        }
        assertThat(start).as("a block of " + document + " is not closed").isNegative();
    }

    static Stream<Block> javaBlocks() throws IOException {
        List<Block> found = blocks().stream()
                .filter(block -> block.language().equals("java"))
                .toList();
        assertThat(found)
                .as("README.md shows no Java")
                .anyMatch(block -> block.document().equals("README.md"));
        return found.stream();
    }

    /** A command line that a document shows, with the line it is on. */
    record Shown(String place, String command) {
        @Override
        public String toString() {
            return place + ": " + command;
        }
    }

    static Stream<Shown> commandLines() throws IOException {
        List<Shown> found = new ArrayList<>();
        for (Block block : blocks()) {
            List<String> lines = block.text().lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip().replaceFirst("^\\$ ", "").replaceFirst("\\s+#.*$", "");
                if (line.startsWith("./keywright ") || line.matches("\\./demo( .*)?")) {
                    found.add(new Shown(block.document() + ":" + (block.line() + i), line));
                }
            }
        }
        assertThat(found).anyMatch(shown -> shown.place().startsWith("README.md:"));
        return found.stream();
    }

    @ParameterizedTest
    @MethodSource("javaBlocks")
    void javaBlock_compiles(Block block, @TempDir Path classes) throws IOException {
        String imports = block.text()
                .lines()
                .filter(line -> line.startsWith("import "))
                .reduce("", (left, right) -> left + right + "\n");
        String rest = block.text()
                .lines()
                .filter(line -> !line.startsWith("import "))
                .reduce("", (left, right) -> left + right + "\n");
        String body = TYPE.matcher(rest).find() ? rest : String.format(Locale.ROOT, SURROUNDINGS, rest);

        assertThat(errors(IMPORTS + imports + body, classes))
                .as(block.toString())
                .isEmpty();
    }

    @Test
    void compile_wrongJava_isNoticed(@TempDir Path classes) throws IOException {
        String wrong = String.format(Locale.ROOT, SURROUNDINGS, "SshKeyPair.noSuchMethod();");

        assertThat(errors(IMPORTS + wrong, classes)).singleElement().asString().contains("noSuchMethod");
    }

    private static List<String> errors(String source, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler).as("a JDK").isNotNull();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(diagnostics, Locale.ROOT, StandardCharsets.UTF_8)) {
            files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
            List<String> options =
                    List.of("-proc:none", "-Xlint:none", "-classpath", System.getProperty("java.class.path"));
            compiler.getTask(null, files, diagnostics, options, null, List.of(new Source(source)))
                    .call();
        }
        return diagnostics.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(diagnostic -> diagnostic.getMessage(Locale.ROOT).replaceAll("\\s+", " "))
                .toList();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            // A file may declare any types, as long as none is public.
            super(URI.create("string:///Block.java"), Kind.SOURCE);
            this.text = text.replaceAll("(?m)^public ", "");
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static CommandLine keywright() {
        return Keywright.commandLine(Shell.of(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                Map.of()));
    }

    @ParameterizedTest
    @MethodSource("commandLines")
    void commandLine_shown_isUnderstood(Shown shown) {
        CommandLine keywright = keywright();
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(shown.command());
        while (word.find()) {
            words.add(word.group(1) != null ? word.group(1) : word.group(2) != null ? word.group(2) : word.group(3));
        }
        if (words.set(0, "demo").equals("./keywright")) {
            words.remove(0);
        }

        assertThatCode(() -> keywright.parseArgs(words.toArray(String[]::new)))
                .as(shown.toString())
                .doesNotThrowAnyException();
    }
}
