package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.math.BigInteger;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("native")
class SshKeyPairGeneratorTest {
    private static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();
    private final List<Provider> providersBefore = Arrays.asList(Security.getProviders());

    /** The generators but RSA's, which is slow and tested apart. */
    private enum Fast {
        P256,
        P384,
        P521,
        ED25519,
        ED448;

        SshKeyPairGenerator generator() {
            return switch (this) {
                case P256 -> SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256);
                case P384 -> SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP384);
                case P521 -> SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP521);
                case ED25519 -> SshKeyPairGenerator.ed25519();
                case ED448 -> SshKeyPairGenerator.ed448();
            };
        }

        String algorithm() {
            return switch (this) {
                case P256 -> "ecdsa-sha2-nistp256";
                case P384 -> "ecdsa-sha2-nistp384";
                case P521 -> "ecdsa-sha2-nistp521";
                case ED25519 -> "ssh-ed25519";
                case ED448 -> "ssh-ed448";
            };
        }
    }

    @AfterEach
    void noProviderWasRegistered() {
        assertThat(Security.getProviders()).containsExactlyElementsOf(providersBefore);
        assertThat(Security.getProvider("BC")).isNull();
    }

    private static void assertWorks(SshKeyPair pair, String algorithm) {
        assertThat(pair.publicKey().algorithm()).isEqualTo(algorithm);
        // What the generator did not check: that the halves belong together.
        SshKeyPair.of(pair.publicKey(), pair.privateKey().copy()).close();
        byte[] message = {1, 2, 3};
        assertThat(pair.publicKey().verify(message, pair.sign(message))).isTrue();
    }

    @Nested
    class Generate {
        @ParameterizedTest
        @EnumSource
        void generate_defaultProvider_makesNewKeysThatWork(Fast type) {
            try (SshKeyPair one = type.generator().generate();
                    SshKeyPair two = type.generator().generate()) {
                assertWorks(one, type.algorithm());
                assertThat(one.publicKey()).isNotEqualTo(two.publicKey());
                assertThat(one.comment().isEmpty()).isTrue();
            }
        }

        @ParameterizedTest
        @EnumSource
        void generate_eitherProvider_makesKeysThatWork(Fast type) {
            for (Provider provider : List.of(Security.getProvider("SunEC"), BOUNCY_CASTLE)) {
                try (SshKeyPair pair = type.generator()
                        .withProvider(provider)
                        .withComment("by " + provider.getName())
                        .generate()) {
                    assertWorks(pair, type.algorithm());
                    assertThat(pair.comment()).hasToString("by " + provider.getName());
                }
            }
        }

        @Test
        void generate_rsa_hasTheSizeAndExponentAskedFor() {
            for (Provider provider : List.of(Security.getProvider("SunRsaSign"), BOUNCY_CASTLE)) {
                try (SshKeyPair pair =
                        SshKeyPairGenerator.rsa(2048).withProvider(provider).generate()) {
                    assertWorks(pair, "ssh-rsa");
                    assertThat(pair.publicKey().bits()).isEqualTo(2048);
                    assertThat(((RsaPublicKey) pair.publicKey()).exponent()).isEqualTo(BigInteger.valueOf(65537));
                }
            }
        }

        @Test
        void generate_rsaUnlessTold_has3072Bits() {
            try (SshKeyPair pair = SshKeyPairGenerator.rsa().generate()) {
                assertThat(pair.publicKey().bits()).isEqualTo(SshKeyPairGenerator.DEFAULT_RSA_BITS);
                assertThat(SshKeyPairGenerator.DEFAULT_RSA_BITS).isEqualTo(3072);
            }
        }

        @Test
        void rsa_largestSize_isAllowed() {
            assertThat(SshKeyPairGenerator.rsa(RsaPublicKey.MAX_BITS)).isNotNull();
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, 0, 1024, 2047, 16385, Integer.MAX_VALUE})
        void rsa_sizeOutOfRange_isRefused(int bits) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SshKeyPairGenerator.rsa(bits))
                    .withMessageContaining("2048")
                    .withMessageContaining(String.valueOf(bits));
        }
    }

    @Nested
    class WithComment {
        @Test
        void withComment_generator_isNotChangedItself() {
            SshKeyPairGenerator plain = SshKeyPairGenerator.ed25519();
            SshKeyPairGenerator commented = plain.withComment("deploy@prod");
            try (SshKeyPair one = plain.generate();
                    SshKeyPair two = commented.generate()) {
                assertThat(one.comment()).isEqualTo(KeyComment.EMPTY);
                assertThat(two.publicKey().toLine()).endsWith(" deploy@prod");
            }
        }
    }

    @Nested
    class WithRandom {
        @ParameterizedTest
        @EnumSource
        void withRandom_sameBytes_sameKey(Fast type) {
            long seed = TestKeys.seed();
            List<SshPublicKey> keys = new ArrayList<>();
            for (long s : new long[] {seed, seed, seed + 1}) {
                try (SshKeyPair pair =
                        type.generator().withRandom(TestKeys.repeatable(s)).generate()) {
                    keys.add(pair.publicKey());
                }
            }
            assertThat(keys.get(0)).as("seed %d", seed).isEqualTo(keys.get(1));
            assertThat(keys.get(0)).as("seed %d", seed).isNotEqualTo(keys.get(2));
        }

        @ParameterizedTest
        @EnumSource
        void withRandom_namedProvider_getsThatSourceToo(Fast type) {
            long seed = TestKeys.seed();
            for (Provider provider : List.of(Security.getProvider("SunEC"), BOUNCY_CASTLE)) {
                SshKeyPairGenerator generator = type.generator().withProvider(provider);
                try (SshKeyPair one =
                                generator.withRandom(TestKeys.repeatable(seed)).generate();
                        SshKeyPair two =
                                generator.withRandom(TestKeys.repeatable(seed)).generate()) {
                    assertThat(one.publicKey())
                            .as("%s, seed %d", provider.getName(), seed)
                            .isEqualTo(two.publicKey());
                }
            }
        }

        @Test
        void withRandom_ed25519_theSeedIsTheSourcesBytes() {
            byte[] expected = new byte[32];
            TestKeys.repeatable(7).nextBytes(expected);
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519()
                    .withRandom(TestKeys.repeatable(7))
                    .generate()) {
                assertThat(((Ed25519PrivateKey) pair.privateKey()).seed().toByteArray())
                        .isEqualTo(expected);
            }
        }

        @Test
        void withRandom_rsa_sameBytesSameKey() {
            SshKeyPairGenerator rsa = SshKeyPairGenerator.rsa(2048);
            try (SshKeyPair one = rsa.withRandom(TestKeys.repeatable(1)).generate();
                    SshKeyPair two = rsa.withRandom(TestKeys.repeatable(1)).generate()) {
                assertThat(one.publicKey()).isEqualTo(two.publicKey());
            }
        }
    }

    @Nested
    class WithProvider {
        @Test
        void withProvider_thatLacksTheAlgorithm_isUnsupported() {
            Provider empty = new EmptyProvider();
            for (Fast type : Fast.values()) {
                assertThatExceptionOfType(UnsupportedKeyException.class)
                        .isThrownBy(() -> type.generator().withProvider(empty).generate())
                        .withMessageContaining("Empty");
            }
            assertThatExceptionOfType(UnsupportedKeyException.class)
                    .isThrownBy(
                            () -> SshKeyPairGenerator.rsa().withProvider(empty).generate());
        }

        @Test
        void with_null_isRefused() {
            SshKeyPairGenerator generator = SshKeyPairGenerator.ed25519();
            assertThatNullPointerException().isThrownBy(() -> generator.withProvider(null));
            assertThatNullPointerException().isThrownBy(() -> generator.withRandom(null));
            assertThatNullPointerException().isThrownBy(() -> generator.withComment((KeyComment) null));
            assertThatNullPointerException().isThrownBy(() -> SshKeyPairGenerator.ecdsa(null));
        }
    }

    private static final class EmptyProvider extends Provider {
        private static final long serialVersionUID = 1;

        EmptyProvider() {
            super("Empty", "1", "offers nothing");
        }
    }
}
