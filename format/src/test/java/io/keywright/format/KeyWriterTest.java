package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.UnsupportedKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the writers of all private formats have in common. */
class KeyWriterTest {
    /** What the derivation costs is nothing to these tests. */
    static List<KeyWriter> encrypting() {
        return List.of(
                KeyWriter.openssh().withRounds(1),
                KeyWriter.pkcs8().withIterations(1),
                KeyWriter.pkcs8().withScrypt(16, 1, 1),
                KeyWriter.pem(),
                KeyWriter.ppk().withMemoryKib(8).withPasses(1),
                KeyWriter.sshcom());
    }

    private static byte[] written(KeyWriter writer, int random) {
        try (Passphrase passphrase = Passphrase.of("abc".toCharArray());
                EncodedKey encoded = writer.withRandom(new FixedRandom(random))
                        .withPassphrase(passphrase)
                        .write(TestKeys.of("rsa"))) {
            return encoded.toByteArray();
        }
    }

    @Nested
    class Of {
        @ParameterizedTest
        @EnumSource(KeyFormat.class)
        void of_anyFormat_isItsWriterOrRefused(KeyFormat format) {
            if (format.holdsPrivateKeys()) {
                assertThat(KeyWriter.of(format).format()).isEqualTo(format);
            } else {
                assertThatThrownBy(() -> KeyWriter.of(format))
                        .isInstanceOfSatisfying(
                                UnsupportedKeyException.class,
                                e -> assertThat(e.algorithm()).isEqualTo(format.displayName()));
            }
        }
    }

    @Nested
    class WithComment {
        @ParameterizedTest
        @EnumSource(
                value = KeyFormat.class,
                names = {"OPENSSH", "PPK", "SSHCOM", "JWK"})
        void withComment_formatHoldsIt_isReadAgain(KeyFormat format) {
            for (KeyWriter writer : List.of(
                    KeyWriter.of(format).withComment("another"),
                    KeyWriter.of(format).withComment(KeyComment.of("another")))) {
                try (EncodedKey encoded = writer.write(TestKeys.of("rsa"));
                        SshKeyPair read = KeyReader.of().read(encoded.toByteArray())) {
                    assertThat(encoded.keepsComment()).isTrue();
                    assertThat(read.comment()).hasToString("another");
                }
            }
        }

        @ParameterizedTest
        @EnumSource(
                value = KeyFormat.class,
                names = {"PEM", "PKCS8"})
        void withComment_formatHoldsNone_theResultSaysSo(KeyFormat format) {
            for (String comment : List.of("", "another")) {
                try (EncodedKey encoded =
                        KeyWriter.of(format).withComment(comment).write(TestKeys.of("rsa"))) {
                    assertThat(encoded.keepsComment()).isEqualTo(comment.isEmpty());
                }
            }
        }
    }

    @Nested
    class WithRandom {
        @ParameterizedTest
        @MethodSource("io.keywright.format.KeyWriterTest#encrypting")
        void withRandom_decidesTheBytes(KeyWriter writer) {
            byte[] first = written(writer, 1);
            assertThat(written(writer, 1)).isEqualTo(first);
            assertThat(written(writer, 2)).isNotEqualTo(first);
        }
    }

    private static final class FixedRandom extends SecureRandom {
        private static final long serialVersionUID = 1;

        private final byte value;

        FixedRandom(int value) {
            this.value = (byte) value;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, value);
        }
    }
}
