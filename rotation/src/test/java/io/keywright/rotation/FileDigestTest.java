package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the tools themselves. */
class FileDigestTest {
    private static String run(String tool, byte[] content) throws IOException {
        Process process = new ProcessBuilder(tool).redirectErrorStream(true).start();
        try (OutputStream input = process.getOutputStream()) {
            input.write(content);
        }
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private static byte[] random(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    @Nested
    class Of {
        @ParameterizedTest
        @ValueSource(ints = {0, 1, 3, 255, 256, 257, 65_535, 65_536, 300_000})
        void cksum_isThatOfTheTool(int length) throws IOException {
            assertThat(FileDigest.of("cksum", random(length)))
                    .isEqualTo(run("cksum", random(length)).replace(' ', '-'));
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 5, 300})
        void cksum_ofNothingButZeros_isThatOfTheTool(int length) throws IOException {
            assertThat(FileDigest.of("cksum", new byte[length]))
                    .isEqualTo(run("cksum", new byte[length]).replace(' ', '-'));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 64, 100_000})
        void sha256_isThatOfTheTool(int length) throws IOException {
            assertThat(FileDigest.of("sha256sum", random(length)) + "  -").isEqualTo(run("sha256sum", random(length)));
        }
    }
}
