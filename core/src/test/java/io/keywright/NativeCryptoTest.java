package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * ACCP and Conscrypt are on the class path of the tests, where there are builds of both. The build runs the tests that are
 * tagged "native" twice: with native providers turned off, as all others run, and with them.
 */
@Tag("native")
@EnabledOnOs(
        value = OS.LINUX,
        architectures = "amd64",
        disabledReason = "ACCP and Conscrypt are tested on Linux x86-64")
class NativeCryptoTest {
    private static final boolean ON = Boolean.parseBoolean(System.getProperty(NativeCrypto.PROPERTY, "true"));
    private static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();
    private static final ClassLoader LOADER = Objects.requireNonNull(NativeCryptoTest.class.getClassLoader());
    private static final NativeCrypto.Found ACCP = Objects.requireNonNull(NativeCrypto.find(LOADER, "true"));
    private static final NativeCrypto.Found CONSCRYPT =
            Objects.requireNonNull(NativeCrypto.find(hiding("com.amazon."), "true"));

    private final byte[] message = "a message".getBytes(StandardCharsets.UTF_8);

    /** The tests' class path without the classes that begin with a prefix. */
    private static ClassLoader hiding(String prefix) {
        return new ClassLoader(LOADER) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                if (name.startsWith(prefix)) {
                    throw new ClassNotFoundException(name);
                }
                return super.loadClass(name, resolve);
            }
        };
    }

    /** Each algorithm that a native provider is the fastest at, with that provider. */
    static Stream<Arguments> choices() {
        return Stream.of(ACCP, CONSCRYPT)
                .flatMap(found -> Arrays.stream(TestKeys.Signer.values())
                        .flatMap(signer -> found.known().algorithms().stream()
                                .filter(algorithm ->
                                        algorithm.fits(signer.pair().publicKey()))
                                .map(algorithm -> Arguments.of(found.provider(), signer, algorithm))));
    }

    @Nested
    class Find {
        @Test
        void find_bothOnTheClassPath_takesTheFasterOne() {
            assertThat(ACCP.provider().getName()).isEqualTo("AmazonCorrettoCryptoProvider");
            assertThat(CONSCRYPT.provider().getName()).isEqualTo("Conscrypt");
        }

        @Test
        void find_noneOnTheClassPath_findsNone() {
            assertThat(NativeCrypto.find(ClassLoader.getPlatformClassLoader(), "true"))
                    .isNull();
        }

        @Test
        void find_oneByItsName_findsThatOne() {
            assertThat(NativeCrypto.find(LOADER, "accp")).isNotNull();
            NativeCrypto.Found conscrypt = Objects.requireNonNull(NativeCrypto.find(LOADER, "conscrypt"));
            assertThat(conscrypt.provider().getName()).isEqualTo("Conscrypt");
            assertThat(NativeCrypto.find(hiding("com.amazon."), "accp")).isNull();
        }

        @Test
        void find_falseOrANameThatIsNotKnown_findsNone() {
            assertThat(NativeCrypto.find(LOADER, "false")).isNull();
            assertThat(NativeCrypto.find(LOADER, "openssl")).isNull();
        }

        @Test
        void provider_isWhatThePropertySays_andIsNotRegistered() {
            assertThat(NativeCrypto.provider().map(Provider::getName))
                    .isEqualTo(Stream.of(ACCP.provider().getName())
                            .filter(name -> ON)
                            .findFirst());
            assertThat(Security.getProviders())
                    .extracting(Provider::getName)
                    .doesNotContain(
                            ACCP.provider().getName(), CONSCRYPT.provider().getName());
        }

        @Test
        void forAlgorithm_nobodyIsFaster_isNull() {
            assertThat(NativeCrypto.forAlgorithm(SignatureAlgorithm.ED448)).isNull();
            assertThat(CONSCRYPT.known().algorithms()).doesNotContain(SignatureAlgorithm.ECDSA_NISTP521);
        }
    }

    @Nested
    class SignAndVerify {
        @ParameterizedTest
        @MethodSource("io.keywright.NativeCryptoTest#choices")
        void sign_byTheProvider_isVerifiedByBouncyCastleAndByTheProvider(
                Provider provider, TestKeys.Signer signer, SignatureAlgorithm algorithm) {
            SshPublicKey key = signer.pair().publicKey();
            SshSignature signature = signer.pair().sign(message, algorithm, provider);
            assertThat(signature.algorithm()).isEqualTo(algorithm);
            for (Provider verifier : List.of(provider, BOUNCY_CASTLE)) {
                assertThat(key.verify(message, signature, verifier)).isTrue();
                assertThat(key.verify(new byte[1], signature, verifier)).isFalse();
                assertThat(signer.other().publicKey().verify(message, signature, verifier))
                        .isFalse();
            }
        }

        @ParameterizedTest
        @MethodSource("io.keywright.NativeCryptoTest#choices")
        void verify_signedByBouncyCastle_isAcceptedByTheProvider(
                Provider provider, TestKeys.Signer signer, SignatureAlgorithm algorithm) {
            SshSignature signature = signer.pair().sign(message, algorithm, BOUNCY_CASTLE);
            assertThat(signer.pair().publicKey().verify(message, signature, provider))
                    .isTrue();
        }

        @ParameterizedTest
        @MethodSource("io.keywright.NativeCryptoTest#choices")
        void verify_valueOfNoForm_isFalseWhateverTheProviderThrows(
                Provider provider, TestKeys.Signer signer, SignatureAlgorithm algorithm) {
            for (int length : new int[] {0, 1, 63, 65, 4096}) {
                byte[] encoded =
                        TestKeys.wire(w -> w.writeString(algorithm.sshName()).writeString(new byte[length]));
                assertThat(signer.pair().publicKey().verify(message, SshSignature.decode(encoded), provider))
                        .as("%d zeros", length)
                        .isFalse();
            }
        }

        @Test
        void sign_providerWithoutTheAlgorithm_isToldWhich() {
            assertThatExceptionOfType(UnsupportedKeyException.class)
                    .isThrownBy(
                            () -> TestKeys.Signer.ED448.pair().sign(message, SignatureAlgorithm.ED448, ACCP.provider()))
                    .withMessageContaining("Ed448")
                    .withMessageContaining(ACCP.provider().getName());
        }

        @Test
        void sign_afterClose_isRefused() {
            SshKeyPair pair = TestKeys.Signer.ED25519.pair().copy();
            pair.sign(message);
            pair.close();
            assertThatIllegalStateException().isThrownBy(() -> pair.sign(message));
            assertThatIllegalStateException()
                    .isThrownBy(() -> pair.sign(message, SignatureAlgorithm.ED25519, ACCP.provider()));
        }
    }
}
