package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.internal.WireReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Published vectors: the files beside say where they come from. */
class SignatureVectorTest {

    static Stream<List<String>> rfc8032() {
        return vectors("rfc8032.txt");
    }

    static Stream<List<String>> rfc6979() {
        return vectors("rfc6979.txt");
    }

    private static Stream<List<String>> vectors(String file) {
        try (InputStream in = SignatureVectorTest.class.getResourceAsStream("vectors/" + file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> Arrays.stream(line.split("\\|", -1))
                            .map(String::strip)
                            .toList())
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    @Nested
    class EdDsa {
        @ParameterizedTest
        @MethodSource("io.keywright.SignatureVectorTest#rfc8032")
        void sign_vectorOfRfc8032_isEqual(List<String> vector) {
            SecretBytes seed = SecretBytes.takeOver(hex(vector.get(1)));
            boolean ed25519 = vector.get(0).equals("ed25519");
            SshPrivateKey secret = ed25519 ? Ed25519PrivateKey.takeOver(seed) : Ed448PrivateKey.takeOver(seed);
            byte[] point = hex(vector.get(2));
            SshPublicKey expected = ed25519 ? Ed25519PublicKey.of(point) : Ed448PublicKey.of(point);
            byte[] message = hex(vector.get(3));
            // Joining the halves checks that the seed gives this public key.
            try (SshKeyPair pair = SshKeyPair.of(expected, secret)) {
                SshSignature signature = pair.sign(message);
                assertThat(signature.value()).isEqualTo(hex(vector.get(4)));
                assertThat(expected.verify(message, signature)).isTrue();
            }
        }
    }

    @Nested
    class Ecdsa {
        @ParameterizedTest
        @MethodSource("io.keywright.SignatureVectorTest#rfc6979")
        void sign_vectorOfRfc6979_isEqual(List<String> vector) {
            EcdsaCurve curve = EcdsaCurve.ofSshName(vector.get(0)).orElseThrow();
            EcdsaPrivateKey secret = EcdsaPrivateKey.takeOver(curve, SecretBytes.takeOver(hex(vector.get(1))));
            byte[] message = vector.get(2).getBytes(StandardCharsets.US_ASCII);
            try (SshKeyPair pair = SshKeyPair.of(secret.derivePublicKey(), secret)) {
                SshSignature signature = pair.sign(message);
                WireReader reader = new WireReader("signature", signature.value());
                assertThat(reader.readMpint("r")).isEqualTo(new BigInteger(vector.get(3), 16));
                assertThat(reader.readMpint("s")).isEqualTo(new BigInteger(vector.get(4), 16));
                reader.requireEnd("end");
                assertThat(pair.publicKey().verify(message, signature)).isTrue();
            }
        }
    }
}
