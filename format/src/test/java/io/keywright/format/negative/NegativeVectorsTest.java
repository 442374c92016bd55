package io.keywright.format.negative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import io.keywright.format.Cases;
import io.keywright.format.CloudConfig;
import io.keywright.format.KeyReader;
import io.keywright.format.ReadLimits;
import io.keywright.format.SshfpRecord;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every file under {@code negative/} is refused as it says: with that exception and that message, in under a second of
 * processor time and a heap of 64 MiB (see {@link SmallHeapTest}), and without a word of its content in the message.
 */
@Tag("small-heap")
@Tag("once")
class NegativeVectorsTest {
    private static final long MAX_CPU_NANOS = 1_000_000_000;
    private static final int MIN_VECTORS = 150;
    /** A run of base64 that is no word of a message. */
    private static final int ECHO_CHARS = 12;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    static List<Arguments> files() {
        return Cases.of(NegativeVector.names(), name -> name.substring(0, name.indexOf('/')));
    }

    @BeforeAll
    static void warmUp() {
        // What classes cost to load is no vector's fault; a mutation run asks for no time.
        if (Cases.MUTATION_RUN) {
            return;
        }
        long refused = NegativeVector.names().stream()
                .map(NegativeVector::read)
                .filter(vector -> catchThrowable(() -> run(vector, vector.header("operation"))) != null)
                .count();
        assertThat(refused).isPositive();
    }

    @Nested
    class Vectors {
        @ParameterizedTest(name = "{0}")
        @MethodSource("io.keywright.format.negative.NegativeVectorsTest#files")
        void read_oneFault_saysWhich(String group, List<String> names) {
            names.forEach(NegativeVectorsTest::assertSaysWhich);
        }

        /** What is refused by one method may pass with another, such as the public half; nothing else may come out. */
        @ParameterizedTest(name = "{0}")
        @MethodSource("io.keywright.format.negative.NegativeVectorsTest#files")
        void anyOperation_oneFault_throwsOnlyOurs(String group, List<String> names) {
            Cases.leaveOutOfMutationRuns();
            names.forEach(NegativeVectorsTest::assertThrowsOnlyOurs);
        }
    }

    @Nested
    class TheSet {
        @Test
        void files_areEnoughAndOfEveryType() {
            assertThat(NegativeVector.names()).hasSizeGreaterThanOrEqualTo(MIN_VECTORS);
            Set<String> types = NegativeVector.names().stream()
                    .map(name -> NegativeVector.read(name).header("expect"))
                    .collect(Collectors.toSet());
            assertThat(types)
                    .containsExactlyInAnyOrder(
                            "NotAKeyException",
                            "MalformedKeyException",
                            "PassphraseRequiredException",
                            "WrongPassphraseException",
                            "UnsupportedKeyException",
                            "LimitExceededException",
                            "UnexpectedPublicKeyException",
                            "KeyMismatchException");
        }
    }

    private static void assertSaysWhich(String name) {
        NegativeVector vector = NegativeVector.read(name);
        long before = THREADS.getCurrentThreadCpuTime();
        Throwable thrown = catchThrowable(() -> run(vector, vector.header("operation")));
        long nanos = THREADS.getCurrentThreadCpuTime() - before;

        assertThat(thrown).as("%s: %s", name, vector.header("why")).isInstanceOf(SshKeyException.class);
        assertThat(thrown.getClass().getSimpleName()).as("%s: %s", name, thrown).isEqualTo(vector.header("expect"));
        assertThat(thrown).as(name).hasMessageContaining(vector.header("message"));
        for (String detail : NegativeVector.DETAILS) {
            if (vector.headers().containsKey(detail)) {
                assertThat(detail(thrown, detail)).as("%s: %s", name, detail).isEqualTo(vector.header(detail));
            }
        }
        assertThat(nanos).as("CPU time in nanoseconds").isLessThan(Cases.MUTATION_RUN ? Long.MAX_VALUE : MAX_CPU_NANOS);
        assertNoEcho(vector, thrown);
    }

    private static void assertThrowsOnlyOurs(String name) {
        NegativeVector vector = NegativeVector.read(name);
        for (String operation : List.of("read", "readPublic", "inspect", "cloudConfig", "sshfp")) {
            Throwable thrown = catchThrowable(() -> run(vector, operation));
            if (thrown != null) {
                assertThat(thrown).as("%s: %s", name, operation).isInstanceOf(SshKeyException.class);
                assertNoEcho(vector, thrown);
            }
        }
    }

    private static void run(NegativeVector vector, String operation) {
        KeyReader reader = KeyReader.of();
        if (!vector.headers().containsKey("passphrase")) {
            run(reader, vector.bytes(), operation);
            return;
        }
        try (Passphrase passphrase = Passphrase.of(vector.header("passphrase").toCharArray())) {
            run(reader.withPassphrase(passphrase), vector.bytes(), operation);
        }
    }

    private static void run(KeyReader reader, byte[] content, String operation) {
        switch (operation) {
            case "read" -> reader.read(content).close();
            case "readPublic" -> reader.readPublic(content);
            case "inspect" -> KeyReader.inspect(content);
            case "cloudConfig" -> CloudConfig.parse(content, ReadLimits.defaults());
            case "sshfp" -> SshfpRecord.parse(new String(content, StandardCharsets.ISO_8859_1));
            default -> throw new AssertionError("no operation " + operation);
        }
    }

    private static String detail(Throwable thrown, String name) {
        if (thrown instanceof MalformedKeyException e) {
            return name.equals("format") ? e.format() : e.where();
        } else if (thrown instanceof UnsupportedKeyException e) {
            return e.algorithm();
        } else if (thrown instanceof LimitExceededException e) {
            return name.equals("limit") ? e.limit() : Long.toString(e.actual());
        } else if (thrown instanceof PassphraseRequiredException e) {
            return e.publicKey().map(NegativeVectorsTest::fingerprint).orElse("none");
        } else if (thrown instanceof UnexpectedPublicKeyException e) {
            return fingerprint(e.publicKey());
        } else if (thrown instanceof WrongPassphraseException e) {
            return Boolean.toString(e.maybeCorrupted());
        }
        throw new AssertionError(thrown + " has no " + name);
    }

    private static String fingerprint(SshPublicKey key) {
        return key.fingerprint().toString();
    }

    /** No run of base64, no comment and no passphrase may stand in a message, nor in a cause's. */
    private static void assertNoEcho(NegativeVector vector, Throwable thrown) {
        StringBuilder said = new StringBuilder();
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            said.append(t).append('\n');
            Arrays.stream(t.getSuppressed())
                    .forEach(suppressed -> said.append(suppressed).append('\n'));
        }
        String messages = said.toString();
        assertThat(messages).doesNotContain("seed key").doesNotContain(Expectation.PASSPHRASE);
        for (int from = 0; from + ECHO_CHARS <= messages.length(); from++) {
            String window = messages.substring(from, from + ECHO_CHARS);
            boolean base64 = window.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '+' || c == '/');
            if (base64 && vector.body().contains(window)) {
                throw new AssertionError("the message echoes " + ECHO_CHARS + " characters of the input: " + thrown);
            }
        }
    }
}
