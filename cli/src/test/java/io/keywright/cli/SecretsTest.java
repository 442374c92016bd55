package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Ed25519PrivateKey;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyWriter;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.DirectoryCredentialStore;
import io.keywright.rotation.StoredSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** No secret is left in memory when all is closed, and none is ever logged, at the level TRACE of every logger there is. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecretsTest {
    private static final String STORE_SECRET = "kw-store-d1f08c9be27745a3";
    private static final long TIMEOUT_SECONDS = 120;

    /** A password crosses a line of a dumped packet: a piece of this length of it does not. */
    private static final int PIECE = 8;

    @TempDir
    static Path folder;

    private final Map<String, byte[]> secrets = new LinkedHashMap<>();
    private byte[] log = {};

    @BeforeAll
    void rotateInAProcessOfItsOwn() throws Exception {
        try (TestFleet fleet = new TestFleet(folder, 1);
                SshKeyPair first = SshKeyPairGenerator.ed25519().generate();
                EncodedKey encoded = KeyWriter.openssh().write(first)) {
            Files.delete(fleet.secret);
            Cli.secret(folder, "store-secret", STORE_SECRET);
            Files.writeString(fleet.password, TestFleet.PASSWORD);
            encoded.writeTo(folder.resolve("first"));
            secrets.put("the first key", seed(first));
            runProcess(fleet.server(1).port());
        }
        secrets.put("the password", TestFleet.PASSWORD.getBytes(StandardCharsets.UTF_8));
        secrets.put("the store's secret", STORE_SECRET.getBytes(StandardCharsets.UTF_8));
        try (Passphrase secret = Passphrase.of(STORE_SECRET.toCharArray());
                CredentialStore store = DirectoryCredentialStore.open(folder.resolve("store"), secret)) {
            int current = store.find(SecretsProcess.CREDENTIAL)
                    .orElseThrow()
                    .current()
                    .orElseThrow()
                    .number();
            assertThat(current).as("rotated once with each transport").isEqualTo(3);
            try (SshKeyPair pair = store.exposeSecret(SecretsProcess.CREDENTIAL, StoredSecret.key(current))) {
                secrets.put("the current key", seed(pair));
            }
        }
        log = Files.readAllBytes(folder.resolve("trace.log"));
    }

    @AfterAll
    void forget() {
        secrets.values().forEach(secret -> Arrays.fill(secret, (byte) 0));
    }

    private static byte[] seed(SshKeyPair pair) {
        return ((Ed25519PrivateKey) pair.privateKey()).seed().toByteArray();
    }

    private void runProcess(int port) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                        "-Dorg.slf4j.simpleLogger.log.org.apache.sshd=trace",
                        "-Dorg.slf4j.simpleLogger.log.io.keywright.transport.sshd=trace",
                        "-Dorg.slf4j.simpleLogger.log.io.keywright.transport.sshd.SshdTransport=trace",
                        "-Dorg.slf4j.simpleLogger.logFile=" + folder.resolve("trace.log"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SecretsProcess.class.getName(),
                        folder.toString(),
                        Integer.toString(port),
                        TestFleet.USER)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS))
                    .as("it ends in time")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }

    /** Names the forms in which something is found, by the names of {@link #forms}. */
    private static List<String> found(byte[] haystack, String name, byte[] secret) {
        List<String> found = new ArrayList<>();
        forms(secret).forEach((form, needle) -> {
            if (contains(haystack, needle)) {
                found.add(name + ", " + form);
            }
        });
        return found;
    }

    /** What a secret looks like in memory or in a log: as bytes, as UTF-16, in hex, in base64 at any offset. */
    private static Map<String, byte[]> forms(byte[] secret) {
        Map<String, byte[]> forms = new LinkedHashMap<>();
        forms.put("as it is", secret);
        forms.put("in UTF-16", new String(secret, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.UTF_16BE));
        forms.put("in hex", ascii(HexFormat.of().formatHex(secret)));
        forms.put("in upper-case hex", ascii(HexFormat.of().withUpperCase().formatHex(secret)));
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + secret.length];
            System.arraycopy(secret, 0, shifted, before, secret.length);
            String text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            // without the characters that what stands before and behind it has a part in
            forms.put(
                    "in base64, offset " + before,
                    ascii(text.substring(before == 0 ? 0 : before + 1, text.length() - 1)));
        }
        return forms;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean contains(byte[] haystack, byte[] needle) {
        int last = haystack.length - needle.length;
        for (int i = 0; i <= last; i++) {
            if (haystack[i] == needle[0] && Arrays.equals(haystack, i, i + needle.length, needle, 0, needle.length)) {
                return true;
            }
        }
        return false;
    }

    @Nested
    class Memory {
        @Test
        void heapDump_whileTheyAreOpen_holdsThem() throws IOException {
            byte[] dump = Files.readAllBytes(folder.resolve("open.hprof"));
            for (String open : List.of("the current key", "the password", "the store's secret")) {
                assertThat(found(dump, open, secrets.get(open)))
                        .as("the search finds what is there")
                        .contains(open + ", as it is");
            }
        }

        @Test
        void heapDump_afterClose_holdsNone() throws IOException {
            byte[] dump = Files.readAllBytes(folder.resolve("closed.hprof"));
            List<String> found = new ArrayList<>();
            secrets.forEach((name, secret) -> found.addAll(found(dump, name, secret)));
            assertThat(found).isEmpty();
        }

        @Test
        void heapDump_files_areGoneWithTheTest() throws IOException {
            assertThat(Files.getPosixFilePermissions(folder))
                    .as("nobody else could read them")
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Nested
    class Log {
        @Test
        void log_atTrace_isThere() {
            String text = new String(log, StandardCharsets.UTF_8);
            // sshj itself is silenced by its transport
            assertThat(text).contains("TRACE HandshakeSession", "TRACE SessionChannel", "TRACE Nio2Session");
        }

        @Test
        void log_wholeRunAtTrace_holdsNoSecret() {
            List<String> found = new ArrayList<>();
            secrets.forEach((name, secret) -> found.addAll(found(log, name, secret)));
            assertThat(found).isEmpty();
        }

        @Test
        void log_wholeRunAtTrace_holdsNoPieceOfASecretInADumpedPacket() {
            String text = new String(log, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
            List<String> found = new ArrayList<>();
            secrets.forEach((name, secret) -> {
                for (int from = 0; from + PIECE <= secret.length; from += PIECE) {
                    for (String delimiter : List.of(" ", ":", "")) {
                        String piece = HexFormat.ofDelimiter(delimiter).formatHex(secret, from, from + PIECE);
                        if (text.contains(piece)) {
                            found.add(name + " from byte " + from + ", separated by '" + delimiter + "'");
                        }
                    }
                }
            });
            assertThat(found).isEmpty();
        }
    }
}
