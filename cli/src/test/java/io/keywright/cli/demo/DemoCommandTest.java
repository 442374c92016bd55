package io.keywright.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keywright.cli.Keywright;
import io.keywright.cli.Shell;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("once")
class DemoCommandTest {
    private static final Pattern FOLDER = Pattern.compile("in (/\\S+/keywright-demo-\\d+)");
    private static final Pattern FLEET = Pattern.compile("in process (\\d+)");
    private static final Pattern FINGERPRINT = Pattern.compile("SHA256:[A-Za-z0-9+/]{43}");

    @TempDir
    Path directory;

    /** What a run of the command left behind for us to look at. */
    private record Run(int exitCode, String out, String err) {
        Path folder() {
            return Path.of(found(FOLDER));
        }

        long fleet() {
            return Long.parseLong(found(FLEET));
        }

        private String found(Pattern pattern) {
            Matcher matcher = pattern.matcher(out);
            assertThat(matcher.find()).as("%s in %s%s", pattern, out, err).isTrue();
            return matcher.group(1);
        }

        void leftNothing() {
            assertThat(folder()).doesNotExist();
            assertThat(ProcessHandle.of(fleet())).isEmpty();
            assertThat(ProcessHandle.current().descendants()).isEmpty();
            assertThat(out + err).doesNotContain("Exception").doesNotContain("\tat ");
        }
    }

    @Nested
    class Plain {
        @Test
        void demo_everyKindOfFile_isRotatedWithProof() throws IOException {
            Path report = directory.resolve("report.json");

            Run run = run("--devices", "6", "--report", report.toString());

            assertThat(run.exitCode()).as(run.toString()).isZero();
            assertThat(run.out()).contains("OK: the key is replaced on all 6 servers and the old one is dead.");
            JsonNode json = new ObjectMapper().readTree(report.toFile());
            requireProof(json, 6);
            assertThat(run.out())
                    .contains(json.get("oldKey").asText())
                    .contains(json.get("newKey").asText());
            assertThat(json.get("oldKey").asText())
                    .matches(FINGERPRINT)
                    .isNotEqualTo(json.get("newKey").asText());
            run.leftNothing();
        }

        @Test
        void demo_oneServer_isEnough() {
            Run run = run("--devices", "1");

            assertThat(run.exitCode()).as(run.toString()).isZero();
            run.leftNothing();
        }

        @Test
        void demo_keep_leavesTheFolderAndNoProcess() throws IOException {
            Run run = run("--devices", "1", "--keep");
            Path folder = run.folder();
            try {
                assertThat(run.exitCode()).as(run.toString()).isZero();
                assertThat(run.out()).contains("Kept: " + folder);
                assertThat(folder.resolve("fleet/server-01/home/deploy/.ssh/authorized_keys"))
                        .exists();
                assertThat(Files.getPosixFilePermissions(folder)).hasSize(3);
                assertThat(Files.getPosixFilePermissions(folder.resolve("store-secret")))
                        .hasSize(2);
                assertThat(ProcessHandle.of(run.fleet())).isEmpty();
            } finally {
                delete(folder);
            }
        }
    }

    @Nested
    class Crash {
        @Test
        void demo_engineKilledTwice_isFinishedByResume() throws IOException {
            Path report = directory.resolve("report.json");

            Run run = run("--devices", "3", "--crash", "--report", report.toString());

            assertThat(run.exitCode()).as(run.toString()).isZero();
            assertThat(run.out().split("got SIGKILL", -1)).hasSize(3);
            assertThat(run.out())
                    .containsSubsequence(
                            "server-01 accepts the new key (1/3)",
                            "Killed: process",
                            "version 1 is current",
                            "version 2 is pending",
                            "No lock-out: the store's current key (version 1) logs in to all 3 servers",
                            "server-01 refuses the old key (1/3)",
                            "Killed: process",
                            "version 1 is previous",
                            "version 2 is current",
                            "No lock-out: the store's current key (version 2) logs in to all 3 servers",
                            "OK: the key is replaced on all 3 servers");
            requireProof(new ObjectMapper().readTree(report.toFile()), 3);
            run.leftNothing();
        }
    }

    @Nested
    class Failing {
        @Test
        void demo_readOnlyServer_isToldAndNobodyIsLockedOut() throws IOException {
            Path report = directory.resolve("report.json");

            Run run = run("--devices", "3", "--read-only", "server-02", "--report", report.toString());

            assertThat(run.exitCode()).as(run.toString()).isEqualTo(Keywright.FAILED);
            assertThat(run.out())
                    .contains("FAILED: the key is not replaced everywhere. Nobody is locked out")
                    .doesNotContain("OK:");
            JsonNode json = new ObjectMapper().readTree(report.toFile());
            assertThat(json.get("outcome").asText()).isEqualTo("roll-back-settling");
            assertThat(json.get("success").asBoolean()).isFalse();
            run.leftNothing();
        }
    }

    @Nested
    class Interrupted {
        @Test
        void demo_terminated_cleansUp() throws Exception {
            try (JavaProcess demo = startAlone()) {
                Run begun = untilTheFleetIsThere(demo);
                ProcessHandle.of(demo.pid()).orElseThrow().destroy();

                assertThat(demo.ends(60)).isTrue();
                assertThat(demo.exitCode()).isNotZero();
                assertThat(begun.folder()).doesNotExist();
                assertThat(ProcessHandle.of(begun.fleet())).isEmpty();
            }
        }

        @Test
        void demo_killed_takesItsFleetWithIt() throws Exception {
            try (JavaProcess demo = startAlone()) {
                Run begun = untilTheFleetIsThere(demo);
                var fleet = ProcessHandle.of(begun.fleet()).orElseThrow();
                try {
                    demo.kill();

                    assertThat(demo.ends(60)).isTrue();
                    assertThat(fleet.onExit().get(60, TimeUnit.SECONDS).isAlive())
                            .isFalse();
                } finally {
                    delete(begun.folder());
                }
            }
        }

        private JavaProcess startAlone() throws IOException {
            return JavaProcess.start(
                    Keywright.class,
                    ProcessBuilder.Redirect.PIPE,
                    ProcessBuilder.Redirect.DISCARD,
                    List.of("demo", "--devices", "2"));
        }

        private Run untilTheFleetIsThere(JavaProcess demo) throws IOException {
            StringBuilder said = new StringBuilder();
            BufferedReader out = demo.output();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                said.append(line).append('\n');
                if (FLEET.matcher(line).find()) {
                    return new Run(0, said.toString(), "");
                }
            }
            throw new AssertionError("the demo ended early: " + said);
        }
    }

    @Nested
    class Usage {
        @Test
        void demo_noServers_isWrongUsage() {
            requireWrongUsage("--devices must be 1 to 1000", "--devices", "0");
        }

        @Test
        void demo_crashWithOneServer_isWrongUsage() {
            requireWrongUsage("--devices must be 2 to 1000 with --crash", "--devices", "1", "--crash");
        }

        @Test
        void demo_unknownReadOnlyServer_isWrongUsage() {
            requireWrongUsage(
                    "--read-only: the servers are server-01 to server-03", "--devices", "3", "--read-only", "web-1");
        }

        @Test
        void demo_crashAndReadOnly_isWrongUsage() {
            requireWrongUsage("choose one", "--crash", "--read-only", "server-01");
        }

        @Test
        void demo_reportIntoMissingFolder_isWrongUsage() {
            requireWrongUsage(
                    "--report: there is no folder for",
                    "--report",
                    directory.resolve("missing/report.json").toString());
        }

        private void requireWrongUsage(String message, String... arguments) {
            Run run = run(arguments);

            assertThat(run.exitCode()).isEqualTo(Keywright.WRONG_USAGE);
            assertThat(run.err()).contains(message);
            assertThat(run.out()).isEmpty();
            assertThat(ProcessHandle.current().descendants()).isEmpty();
        }
    }

    private static void requireProof(JsonNode report, int servers) {
        assertThat(report.get("success").asBoolean()).isTrue();
        List<String> ids = new ArrayList<>();
        for (JsonNode device : report.get("devices")) {
            ids.add(device.get("id").asText());
            assertThat(device.get("outcome").asText()).isEqualTo("done");
            assertThat(device.get("proof").get("oldBefore").asText()).isEqualTo("accepted");
            assertThat(device.get("proof").get("oldAfter").asText()).isEqualTo("refused");
            assertThat(device.get("proof").get("newAfter").asText()).isEqualTo("accepted");
        }
        assertThat(ids).hasSize(servers).doesNotHaveDuplicates();
    }

    private static Run run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Shell shell = Shell.of(
                InputStream.nullInputStream(),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                Map.of());
        int exitCode = Keywright.run(
                shell, Stream.concat(Stream.of("demo"), Stream.of(arguments)).toArray(String[]::new));
        return new Run(exitCode, out.toString(UTF_8), err.toString(UTF_8));
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> found = Files.walk(folder)) {
            found.forEach(all::add);
        }
        for (int i = all.size() - 1; i >= 0; i--) {
            Files.delete(all.get(i));
        }
    }
}
