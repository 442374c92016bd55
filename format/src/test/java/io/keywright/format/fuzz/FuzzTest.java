package io.keywright.format.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs Jazzer on each target, in a JVM of its own and two of these at a time, from the seeds and negative vectors, with a
 * fixed seed: a second each, a minute with the profile {@code fuzz}. What it finds fails the test and becomes a vector.
 */
@Tag("once")
class FuzzTest {
    private static final int SECONDS = Integer.getInteger("keywright.fuzzSeconds", 1);
    private static final int SEED = Integer.getInteger("keywright.fuzzSeed", 20261121);
    /** For starting a JVM, reading the corpus and shrinking a find, on a machine that is busy with other things. */
    private static final int GRACE_SECONDS = 180;
    /** A target keeps one core busy; the build may count on two. */
    private static final int AT_A_TIME = 2;
    /** A hang, which no waiting ends: on a busy machine, loading and instrumenting classes alone took 14 seconds. */
    private static final int HANG_SECONDS = 60;
    /** Larger inputs find nothing that smaller ones do not, only more slowly. */
    private static final int MAX_INPUT_BYTES = 8192;

    private static final List<String> TARGETS = List.of(
            "Detection",
            "Openssh",
            "Pem",
            "Pkcs8",
            "Pbes2",
            "Ppk",
            "SshCom",
            "Rfc4716",
            "PublicBlob",
            "PublicLine",
            "PublicPem",
            "Jwk",
            "AuthorizedKeysFile",
            "KnownHostsFile",
            "CloudConfigFile");

    private static final Pattern TEST_JARS =
            Pattern.compile("[/\\\\](junit|assertj|byte-buddy|surefire|jose4j|opentest4j|apiguardian)[^/\\\\]*\\.jar$");
    /** What Jazzer says when its time is up. */
    private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in (\\d+) second");

    private static final Path VECTORS = Path.of(
            System.getProperty("keywright.root", ".."), "format/src/test/resources/io/keywright/format/negative");

    private static final ExecutorService RUNNING = Executors.newFixedThreadPool(AT_A_TIME);
    private static final Map<String, Future<Outcome>> OUTCOMES = new HashMap<>();

    /** How Jazzer ended, all it said, and what it found, in base64. */
    private record Outcome(boolean ended, int exitValue, String said, String finds) {}

    @BeforeAll
    static void start(@TempDir Path folder) {
        for (String target : targets()) {
            OUTCOMES.put(target, RUNNING.submit(() -> run(target, Files.createDirectory(folder.resolve(target)))));
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        RUNNING.shutdownNow();
        assertThat(RUNNING.awaitTermination(1, TimeUnit.MINUTES))
                .as("no Jazzer is left")
                .isTrue();
    }

    static List<String> targets() {
        String chosen = System.getProperty("keywright.fuzzTargets", ".*");
        return TARGETS.stream().filter(target -> target.matches(chosen)).toList();
    }

    @ParameterizedTest
    @MethodSource("targets")
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void fuzz_target_throwsOnlyOurs(String target) throws Exception {
        Outcome outcome = OUTCOMES.get(target).get();
        assertThat(outcome.ended()).as("Jazzer ended\n%s", outcome.said()).isTrue();
        assertThat(outcome.exitValue())
                .as("%s\n%s", outcome.finds(), outcome.said())
                .isZero();
        Matcher done = DONE.matcher(outcome.said());
        assertThat(done.find()).as("Jazzer's last word in\n%s", outcome.said()).isTrue();
        System.out.printf("fuzzed %s: %s inputs in %s s, seed %d%n", target, done.group(1), done.group(2), SEED);
        assertThat(Integer.parseInt(done.group(2))).as("seconds").isGreaterThanOrEqualTo(SECONDS);
    }

    private static Outcome run(String target, Path folder) throws IOException, InterruptedException {
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        assertThat(writeCorpus(target, corpus)).as("seeds of %s", target).isPositive();
        Path output = folder.resolve("output");
        Process jazzer = new ProcessBuilder(command(target, folder, corpus))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended;
        try {
            ended = jazzer.waitFor(SECONDS + GRACE_SECONDS, TimeUnit.SECONDS);
        } finally {
            jazzer.destroyForcibly();
        }
        int exitValue = jazzer.waitFor();
        return new Outcome(ended, exitValue, Files.readString(output, StandardCharsets.ISO_8859_1), finds(folder));
    }

    private static List<String> command(String target, Path folder, Path corpus) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                // In seconds, what C2 compiles does not pay for its compilation.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classPath(),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + FuzzTargets.class.getName() + "$" + target,
                "--instrumentation_includes=io.keywright.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/find-",
                "-seed=" + SEED,
                "-max_total_time=" + SECONDS,
                "-max_len=" + MAX_INPUT_BYTES,
                "-timeout=" + HANG_SECONDS,
                "-rss_limit_mb=2048",
                "-print_final_stats=1",
                corpus.toString());
    }

    /** Leaves out what only tests need: Jazzer reads each manifest on its class path dozens of times. */
    private static String classPath() {
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(all)
                .filter(entry -> !TEST_JARS.matcher(entry).find())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** What was found, in base64, so that it can be taken out of a log. */
    private static String finds(Path folder) throws IOException {
        List<String> finds = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("find-"))
                    .toList()) {
                finds.add(file.getFileName() + " " + Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
            }
        }
        return String.join("\n", finds);
    }

    // --- corpus ---

    /** Writes the inputs that a target begins with: every seed and vector of its format, taken apart as the target wants it. */
    private static int writeCorpus(String target, Path corpus) throws IOException {
        int count = 0;
        try (Stream<Path> files = Files.walk(VECTORS)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                byte[] text = keyText(file);
                byte[] input = text.length > 2 * MAX_INPUT_BYTES ? null : input(target, text);
                if (input != null) {
                    Files.write(corpus.resolve("seed-" + count++), input);
                }
            }
        }
        return count;
    }

    private static byte[] keyText(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        boolean vector = file.toString().endsWith(".txt") && text.startsWith("expect:");
        String key = vector ? text.substring(text.indexOf("\n\n") + 2) : text;
        return text.contains("compressed: gzip\n") ? new byte[0] : key.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte @Nullable [] input(String target, byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String line = text.startsWith("ssh-") || text.startsWith("ecdsa-") ? text : null;
        return switch (target) {
            case "Detection" -> bytes;
            case "Openssh" -> body(text, "-----BEGIN OPENSSH PRIVATE KEY-----");
            case "Pem" -> pem(text);
            case "Pkcs8" -> body(text, "-----BEGIN PRIVATE KEY-----");
            case "Pbes2" -> body(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----");
            case "Ppk" -> text.startsWith("PuTTY-User-Key-File-") ? ascii(text.substring(20)) : null;
            case "SshCom" -> body(text, "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----");
            case "Rfc4716" -> inner(text, "---- BEGIN SSH2 PUBLIC KEY ----");
            case "PublicBlob" -> line == null ? null : blob(line);
            case "PublicPem" -> publicPem(text);
            case "Jwk" -> text.startsWith("{") ? ascii(text.substring(1)) : null;
            case "PublicLine", "AuthorizedKeysFile" ->
                line == null ? null : ascii("no-pty,from=\"10.0.0.0/8\" " + line);
            case "KnownHostsFile" -> line == null ? null : ascii("example.org,127.0.0.1 " + line);
            case "CloudConfigFile" -> line == null ? null : ascii("ssh_authorized_keys:\n  - " + line);
            default -> throw new IllegalArgumentException("no corpus for " + target);
        };
    }

    private static byte @Nullable [] pem(String text) {
        String[] labels = {"RSA", "EC", "DSA"};
        for (int i = 0; i < labels.length; i++) {
            byte[] body = body(text, "-----BEGIN " + labels[i] + " PRIVATE KEY-----");
            if (body != null) {
                return chosen(i, body);
            }
        }
        return null;
    }

    private static byte @Nullable [] publicPem(String text) {
        byte[] spki = body(text, "-----BEGIN PUBLIC KEY-----");
        byte[] pkcs1 = body(text, "-----BEGIN RSA PUBLIC KEY-----");
        return spki != null ? chosen(0, spki) : pkcs1 != null ? chosen(1, pkcs1) : null;
    }

    private static byte[] chosen(int first, byte[] body) {
        byte[] input = new byte[body.length + 1];
        input[0] = (byte) first;
        System.arraycopy(body, 0, input, 1, body.length);
        return input;
    }

    /** What stands between the lines, decoded, without headers; null when it is another format, or no base64. */
    private static byte @Nullable [] body(String text, String begin) {
        byte[] inner = inner(text, begin);
        if (inner == null) {
            return null;
        }
        String base64 = new String(inner, StandardCharsets.ISO_8859_1).replaceAll("(?m)^.*:.*$", "");
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static byte @Nullable [] inner(String text, String begin) {
        int from = text.indexOf(begin);
        int to = text.indexOf("-- END", from) < 0 ? text.indexOf("--END", from) : text.indexOf("-- END", from);
        if (from < 0 || to < 0) {
            return null;
        }
        String inner = text.substring(from + begin.length(), to);
        return ascii(inner.replaceAll("-+$", ""));
    }

    private static byte @Nullable [] blob(String line) {
        String[] words = line.split("[ \n]", 3);
        try {
            return words.length < 2 ? null : Base64.getDecoder().decode(words[1]);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
