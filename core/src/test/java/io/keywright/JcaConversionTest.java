package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class JcaConversionTest {
    private static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();

    /** Algorithm of JCA, curve or size, provider. */
    static Stream<Arguments> generators() {
        return Stream.of(
                        List.of("RSA", "2048", "SunRsaSign"),
                        List.of("DSA", "2048", "SUN"),
                        List.of("EC", "secp256r1", "SunEC"),
                        List.of("EC", "secp384r1", "SunEC"),
                        List.of("EC", "secp521r1", "SunEC"),
                        List.of("Ed25519", "", "SunEC"),
                        List.of("Ed448", "", "SunEC"))
                .flatMap(l -> Stream.of(
                        Arguments.of(l.get(0), l.get(1), Security.getProvider(l.get(2))),
                        Arguments.of(l.get(0), l.get(1), BOUNCY_CASTLE)));
    }

    private static KeyPair generate(String algorithm, String parameters, Provider provider)
            throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm, provider);
        if (algorithm.equals("EC")) {
            generator.initialize(new ECGenParameterSpec(parameters));
        } else if (!parameters.isEmpty()) {
            // Bouncy Castle searches long for DSA parameters of its own; 1024 bits are enough to convert.
            generator.initialize(algorithm.equals("DSA") ? 1024 : Integer.parseInt(parameters));
        }
        return generator.generateKeyPair();
    }

    private static byte[] sha(Key key) {
        return Fingerprint.digest("SHA-256", key.getEncoded());
    }

    @Nested
    class FromJca {
        @ParameterizedTest
        @MethodSource("io.keywright.JcaConversionTest#generators")
        void of_pairOfEitherProvider_survivesTheWayThroughBoth(String algorithm, String parameters, Provider provider)
                throws GeneralSecurityException {
            KeyPair jca = generate(algorithm, parameters, provider);
            byte[] before = sha(jca.getPrivate());
            try (SshKeyPair pair = SshKeyPair.of(jca)) {
                assertThat(SshPublicKey.of(jca.getPublic())).isEqualTo(pair.publicKey());
                assertThat(sha(jca.getPrivate()))
                        .as("the caller's key is untouched")
                        .isEqualTo(before);
                for (KeyPair out : List.of(pair.toKeyPair(), pair.toKeyPair(BOUNCY_CASTLE))) {
                    try (SshKeyPair back = SshKeyPair.of(out)) {
                        assertThat(back.publicKey()).isEqualTo(pair.publicKey());
                    }
                }
                assertThat(pair.toKeyPair(provider).getPublic().getEncoded())
                        .isEqualTo(jca.getPublic().getEncoded());
            }
        }

        @Test
        void of_curveThatSshHasNot_isUnsupported() throws GeneralSecurityException {
            for (String curve : List.of("secp256k1", "brainpoolP256r1", "secp224r1")) {
                KeyPair jca = generate("EC", curve, BOUNCY_CASTLE);
                assertThatExceptionOfType(UnsupportedKeyException.class)
                        .isThrownBy(() -> SshKeyPair.of(jca))
                        .withMessageContaining("P-256");
                assertThatExceptionOfType(UnsupportedKeyException.class)
                        .isThrownBy(() -> SshPublicKey.of(jca.getPublic()));
            }
        }

        @Test
        void of_rsaTooShortForSsh_exceedsTheLimit() throws GeneralSecurityException {
            KeyPair jca = generate("RSA", "512", Security.getProvider("SunRsaSign"));
            assertThatExceptionOfType(LimitExceededException.class).isThrownBy(() -> SshKeyPair.of(jca));
        }

        @Test
        void of_keyAgreementKeys_areUnsupported() throws GeneralSecurityException {
            for (String algorithm : List.of("X25519", "X448", "DH")) {
                KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
                if (algorithm.equals("DH")) {
                    generator.initialize(512);
                }
                KeyPair jca = generator.generateKeyPair();
                assertThatExceptionOfType(UnsupportedKeyException.class).isThrownBy(() -> SshKeyPair.of(jca));
                PublicKey ours = TestKeys.Signer.ED25519.pair().publicKey().toPublicKey();
                assertThatExceptionOfType(UnsupportedKeyException.class)
                        .isThrownBy(() -> SshKeyPair.of(new KeyPair(ours, jca.getPrivate())));
            }
        }

        @Test
        void of_explicitParametersWithAnotherGenerator_isUnsupported() {
            ECParameterSpec real = EcdsaCurve.NISTP256.jcaParameters();
            ECPoint point =
                    ((ECPublicKey) TestKeys.Signer.P256.pair().publicKey().toPublicKey()).getW();
            // The attack of CVE-2020-0601: the right curve and order, and a generator of which the attacker knows the
            // secret.
            ECParameterSpec forged = new ECParameterSpec(real.getCurve(), point, real.getOrder(), real.getCofactor());
            assertThatExceptionOfType(UnsupportedKeyException.class)
                    .isThrownBy(() -> SshPublicKey.of(new EcPublic(forged, point)));
            assertThat(SshPublicKey.of(new EcPublic(real, point)))
                    .isEqualTo(TestKeys.Signer.P256.pair().publicKey());
        }

        @Test
        void of_pointThatIsNone_isMalformed() {
            ECParameterSpec p256 = EcdsaCurve.NISTP256.jcaParameters();
            for (ECPoint point : List.of(
                    ECPoint.POINT_INFINITY,
                    new ECPoint(BigInteger.ONE, BigInteger.ONE),
                    new ECPoint(BigInteger.ONE.negate(), BigInteger.ONE),
                    new ECPoint(BigInteger.ONE.shiftLeft(256), BigInteger.ONE))) {
                assertThatExceptionOfType(MalformedKeyException.class)
                        .isThrownBy(() -> SshPublicKey.of(new EcPublic(p256, point)));
            }
        }

        @ParameterizedTest
        @EnumSource
        void of_halvesThatDoNotBelongTogether_areAMismatch(TestKeys.Signer signer) {
            for (TestKeys.Signer other : TestKeys.Signer.values()) {
                KeyPair mixed = new KeyPair(
                        signer.pair().publicKey().toPublicKey(),
                        other.other().toKeyPair().getPrivate());
                assertThatExceptionOfType(KeyMismatchException.class)
                        .as("%s with a secret of %s", signer, other)
                        .isThrownBy(() -> SshKeyPair.of(mixed));
            }
        }
    }

    /** Keys as tokens and key stores in hardware show them. */
    @Nested
    class Hardware {
        private final KeyPair rsa = TestKeys.Signer.RSA.pair().toKeyPair();
        private final KeyPair ec = TestKeys.Signer.P256.pair().toKeyPair();

        private void assertUnsupported(PublicKey publicKey, PrivateKey privateKey) {
            assertThatExceptionOfType(UnsupportedKeyException.class)
                    .isThrownBy(() -> SshKeyPair.of(new KeyPair(publicKey, privateKey)))
                    .withMessageContaining("does not show its numbers");
        }

        @Test
        void of_keyWithoutEncoding_isUnsupported() {
            for (TestKeys.Signer signer : TestKeys.Signer.values()) {
                PublicKey publicKey = signer.pair().publicKey().toPublicKey();
                assertUnsupported(publicKey, new Hidden(publicKey.getAlgorithm()));
            }
        }

        @Test
        void of_rsaWithoutPrimes_isUnsupported() throws GeneralSecurityException {
            RSAPrivateCrtKey full = (RSAPrivateCrtKey) rsa.getPrivate();
            RSAPrivateKeySpec spec = new RSAPrivateKeySpec(full.getModulus(), full.getPrivateExponent());
            for (Provider provider : List.of(Security.getProvider("SunRsaSign"), BOUNCY_CASTLE)) {
                PrivateKey key = KeyFactory.getInstance("RSA", provider).generatePrivate(spec);
                assertThat(key).isInstanceOf(RSAPrivateKey.class);
                assertUnsupported(rsa.getPublic(), key);
            }
        }

        @Test
        void of_numbersThatAreNull_isUnsupported() {
            assertUnsupported(rsa.getPublic(), new HiddenRsa(((RSAPublicKey) rsa.getPublic()).getModulus()));
            assertUnsupported(ec.getPublic(), new HiddenEc());
        }

        @Test
        void of_publicKeyWithoutEncoding_isUnsupported() {
            assertThatExceptionOfType(UnsupportedKeyException.class)
                    .isThrownBy(() -> SshPublicKey.of(new HiddenPublic()))
                    .withMessageContaining("Token");
        }
    }

    @Nested
    class ToJca {
        @ParameterizedTest
        @EnumSource
        void toKeyPair_either_isOfThatProviderAndEncodedAlike(TestKeys.Signer signer) throws GeneralSecurityException {
            KeyPair jdk = signer.pair().toKeyPair();
            KeyPair bc = signer.pair().toKeyPair(BOUNCY_CASTLE);
            assertThat(jdk.getPublic().getClass().getName()).startsWith("sun.");
            assertThat(jdk.getPrivate().getClass().getName()).startsWith("sun.");
            assertThat(bc.getPublic().getClass().getName()).startsWith("org.bouncycastle.");
            assertThat(bc.getPrivate().getClass().getName()).startsWith("org.bouncycastle.");
            // A curve written out as numbers instead of by name is what others then refuse.
            assertThat(bc.getPublic().getEncoded()).isEqualTo(jdk.getPublic().getEncoded());
            // Whatever either encodes, the other reads.
            for (KeyPair from : List.of(jdk, bc)) {
                for (Provider reader : List.of(jdkProvider(signer), BOUNCY_CASTLE)) {
                    KeyFactory factory = KeyFactory.getInstance(jdk.getPublic().getAlgorithm(), reader);
                    KeyPair read = new KeyPair(
                            factory.generatePublic(
                                    new X509EncodedKeySpec(from.getPublic().getEncoded())),
                            factory.generatePrivate(
                                    new PKCS8EncodedKeySpec(from.getPrivate().getEncoded())));
                    try (SshKeyPair back = SshKeyPair.of(read)) {
                        assertThat(back.publicKey()).isEqualTo(signer.pair().publicKey());
                    }
                }
            }
        }

        private Provider jdkProvider(TestKeys.Signer signer) {
            return Security.getProvider(signer == TestKeys.Signer.RSA ? "SunRsaSign" : "SunEC");
        }

        @Test
        void everything_otherProviderInFront_staysWithTheJdk() throws GeneralSecurityException {
            Security.insertProviderAt(new BouncyCastleProvider(), 1);
            try {
                byte[] message = {1};
                for (TestKeys.Signer signer : TestKeys.Signer.values()) {
                    KeyPair jca = signer.pair().toKeyPair();
                    assertThat(jca.getPublic().getClass().getName()).startsWith("sun.");
                    assertThat(jca.getPrivate().getClass().getName()).startsWith("sun.");
                    assertThat(signer.pair()
                                    .publicKey()
                                    .verify(message, signer.pair().sign(message)))
                            .isTrue();
                }
                assertThat(JcaKeys.rsaSignature("SHA256withRSA").getProvider().getName())
                        .isEqualTo("SunRsaSign");
            } finally {
                Security.removeProvider("BC");
            }
        }

        @Test
        void toPublicKey_securityKeyOrOpaque_isUnsupported() {
            for (SshPublicKey key : List.of(TestKeys.skEcdsa(), TestKeys.skEd25519(), TestKeys.opaque())) {
                assertThatExceptionOfType(UnsupportedKeyException.class)
                        .isThrownBy(key::toPublicKey)
                        .satisfies(e -> assertThat(e.algorithm()).isEqualTo(key.algorithm()));
            }
        }

        @Test
        void toKeyPair_providerWithoutTheAlgorithm_isUnsupported() {
            Provider rsaOnly = Security.getProvider("SunRsaSign");
            assertThatThrownBy(() -> TestKeys.Signer.ED25519.pair().toKeyPair(rsaOnly))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageContaining("name another provider");
        }
    }

    @Nested
    class Encodings {
        @Test
        void of_ed25519ThatIsNoPoint_isMalformed() {
            // SubjectPublicKeyInfo (RFC 8410, section 4) with the neutral element
            byte[] encoded = HexFormat.of().parseHex("302a300506032b6570032100" + "01" + "00".repeat(31));
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> SshPublicKey.of(new Encoded(encoded, "X.509")));
        }

        @Test
        void of_encodedPrivateKey_theCopyIsWiped() {
            KeyPair jca = TestKeys.Signer.ED25519.pair().toKeyPair();
            Encoded privateKey = new Encoded(jca.getPrivate().getEncoded(), "PKCS#8");
            try (SshKeyPair pair = SshKeyPair.of(new KeyPair(jca.getPublic(), privateKey))) {
                assertThat(pair.publicKey())
                        .isEqualTo(TestKeys.Signer.ED25519.pair().publicKey());
            }
            assertThat(privateKey.given).containsOnly(0);
        }

        @Test
        void of_brokenEncodings_areMalformedAndNotEchoed() {
            byte[] good =
                    TestKeys.Signer.ED25519.pair().toKeyPair().getPrivate().getEncoded();
            PublicKey publicKey = TestKeys.Signer.ED25519.pair().publicKey().toPublicKey();
            for (int length = 0; length < good.length; length++) {
                byte[] cut = Arrays.copyOf(good, length);
                assertThatThrownBy(() -> SshKeyPair.of(new KeyPair(publicKey, new Encoded(cut, "PKCS#8"))))
                        .isInstanceOf(SshKeyException.class)
                        .hasNoCause();
            }
            byte[] publicGood = publicKey.getEncoded();
            for (int length = 0; length < publicGood.length; length++) {
                byte[] cut = Arrays.copyOf(publicGood, length);
                assertThatThrownBy(() -> SshPublicKey.of(new Encoded(cut, "X.509")))
                        .isInstanceOf(SshKeyException.class);
            }
        }
    }

    private record EcPublic(ECParameterSpec params, ECPoint w) implements ECPublicKey {
        @Override
        public ECPoint getW() {
            return w;
        }

        @Override
        public ECParameterSpec getParams() {
            return params;
        }

        @Override
        public String getAlgorithm() {
            return "EC";
        }

        @Override
        public String getFormat() {
            return null;
        }

        @Override
        public byte[] getEncoded() {
            return null;
        }
    }

    private static final class Encoded implements PublicKey, PrivateKey {
        private static final long serialVersionUID = 1;
        private final byte[] encoded;
        private final String format;
        private byte[] given = {};

        Encoded(byte[] encoded, String format) {
            this.encoded = encoded;
            this.format = format;
        }

        @Override
        public String getAlgorithm() {
            return "EdDSA";
        }

        @Override
        public String getFormat() {
            return format;
        }

        @Override
        public byte[] getEncoded() {
            given = encoded.clone();
            return given;
        }
    }

    private static class Hidden implements PrivateKey {
        private static final long serialVersionUID = 1;
        private final String algorithm;

        Hidden(String algorithm) {
            this.algorithm = algorithm;
        }

        @Override
        public String getAlgorithm() {
            return algorithm;
        }

        @Override
        public String getFormat() {
            return null;
        }

        @Override
        public byte[] getEncoded() {
            return null;
        }
    }

    private static final class HiddenPublic implements PublicKey {
        private static final long serialVersionUID = 1;

        @Override
        public String getAlgorithm() {
            return "Token";
        }

        @Override
        public String getFormat() {
            return null;
        }

        @Override
        public byte[] getEncoded() {
            return null;
        }
    }

    private static final class HiddenEc extends Hidden implements ECPrivateKey {
        private static final long serialVersionUID = 1;

        HiddenEc() {
            super("EC");
        }

        @Override
        public BigInteger getS() {
            return null;
        }

        @Override
        public ECParameterSpec getParams() {
            return null;
        }
    }

    private static final class HiddenRsa extends Hidden implements RSAPrivateCrtKey {
        private static final long serialVersionUID = 1;
        private final BigInteger modulus;

        HiddenRsa(BigInteger modulus) {
            super("RSA");
            this.modulus = modulus;
        }

        @Override
        public BigInteger getModulus() {
            return modulus;
        }

        @Override
        public BigInteger getPublicExponent() {
            return BigInteger.valueOf(65537);
        }

        @Override
        public BigInteger getPrivateExponent() {
            return null;
        }

        @Override
        public BigInteger getPrimeP() {
            return null;
        }

        @Override
        public BigInteger getPrimeQ() {
            return null;
        }

        @Override
        public BigInteger getPrimeExponentP() {
            return null;
        }

        @Override
        public BigInteger getPrimeExponentQ() {
            return null;
        }

        @Override
        public BigInteger getCrtCoefficient() {
            return null;
        }
    }
}
