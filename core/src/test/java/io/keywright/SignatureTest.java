package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.internal.WireReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
class SignatureTest {
    private static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();
    private final byte[] message = "a message".getBytes(StandardCharsets.UTF_8);

    /** Every signer with every algorithm that fits it. */
    static Stream<Arguments> signersAndAlgorithms() {
        return Stream.of(TestKeys.Signer.values())
                .flatMap(signer -> Stream.of(SignatureAlgorithm.values())
                        .filter(a -> a.fits(signer.pair().publicKey()))
                        .map(a -> Arguments.of(signer, a)));
    }

    private static SshSignature signature(SignatureAlgorithm algorithm, byte[] value) {
        return SshSignature.decode(
                TestKeys.wire(w -> w.writeString(algorithm.sshName()).writeString(value)));
    }

    @Nested
    class SignAndVerify {
        @ParameterizedTest
        @MethodSource("io.keywright.SignatureTest#signersAndAlgorithms")
        void verify_ownSignature_true(TestKeys.Signer signer, SignatureAlgorithm algorithm) {
            SshSignature signature = signer.pair().sign(message, algorithm);
            assertThat(signature.algorithm()).isEqualTo(algorithm);
            assertThat(signer.pair().publicKey().verify(message, signature)).isTrue();
            SshSignature decoded = SshSignature.decode(signature.encode());
            assertThat(decoded).isEqualTo(signature).hasSameHashCodeAs(signature);
            assertThat(signer.pair().publicKey().verify(message, decoded)).isTrue();
        }

        @ParameterizedTest
        @MethodSource("io.keywright.SignatureTest#signersAndAlgorithms")
        void verify_otherMessageOrKey_false(TestKeys.Signer signer, SignatureAlgorithm algorithm) {
            SshSignature signature = signer.pair().sign(message, algorithm);
            assertThat(signer.pair().publicKey().verify(new byte[0], signature)).isFalse();
            assertThat(signer.pair().publicKey().verify(Arrays.copyOf(message, 99), signature))
                    .isFalse();
            assertThat(signer.other().publicKey().verify(message, signature)).isFalse();
        }

        @ParameterizedTest
        @MethodSource("io.keywright.SignatureTest#signersAndAlgorithms")
        void verify_anyByteOfTheValueChangedOrCut_false(TestKeys.Signer signer, SignatureAlgorithm algorithm) {
            byte[] value = signer.pair().sign(message, algorithm).value();
            for (int i = 0; i < value.length; i++) {
                byte[] changed = value.clone();
                changed[i] ^= (byte) (1 << i % 8);
                assertThat(signer.pair().publicKey().verify(message, signature(algorithm, changed)))
                        .as("byte %d changed", i)
                        .isFalse();
                assertThat(signer.pair().publicKey().verify(message, signature(algorithm, Arrays.copyOf(value, i))))
                        .as("cut to %d bytes", i)
                        .isFalse();
            }
            byte[] longer = Arrays.copyOf(value, value.length + 1);
            assertThat(signer.pair().publicKey().verify(message, signature(algorithm, longer)))
                    .isFalse();
        }

        @ParameterizedTest
        @EnumSource
        void sign_algorithmOfAnotherKey_isUnsupported(TestKeys.Signer signer) {
            Stream.of(SignatureAlgorithm.values())
                    .filter(a -> !a.fits(signer.pair().publicKey()))
                    .forEach(algorithm -> {
                        assertThatExceptionOfType(UnsupportedKeyException.class)
                                .isThrownBy(() -> signer.pair().sign(message, algorithm))
                                .withMessageContaining(algorithm.sshName());
                        assertThatExceptionOfType(UnsupportedKeyException.class)
                                .isThrownBy(() ->
                                        signer.pair().publicKey().verify(message, signature(algorithm, new byte[64])));
                    });
        }

        @Tag("java-only") // native providers draw their nonces
        @ParameterizedTest
        @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RSA")
        void sign_twice_isTheSame(TestKeys.Signer signer) {
            assertThat(signer.pair().sign(message)).isEqualTo(signer.pair().sign(message));
            assertThat(signer.pair().sign(message)).isNotEqualTo(signer.pair().sign(new byte[1]));
        }

        @Test
        void sign_rsaUnlessTold_isSha512() {
            assertThat(TestKeys.Signer.RSA.pair().sign(message).algorithm()).isEqualTo(SignatureAlgorithm.RSA_SHA2_512);
        }

        @ParameterizedTest
        @EnumSource
        void sign_closedPair_throws(TestKeys.Signer signer) {
            SshKeyPair copy = signer.pair().copy();
            copy.close();
            assertThatIllegalStateException().isThrownBy(() -> copy.sign(message));
            assertThat(signer.pair().sign(message).value()).isNotEmpty();
        }

        @Test
        void sign_dsaOrSecurityKey_isUnsupported() {
            try (SshKeyPair dsa = SshKeyPair.of(TestKeys.jcaDsa());
                    SshKeyPair sk = SshKeyPair.of(
                            TestKeys.skEd25519(),
                            SkPrivateKey.takeOver(
                                    1, SecretBytes.takeOver(new byte[] {7}), SecretBytes.takeOver(new byte[0])))) {
                for (SshKeyPair pair : List.of(dsa, sk)) {
                    assertThatExceptionOfType(UnsupportedKeyException.class)
                            .isThrownBy(() -> pair.sign(message))
                            .satisfies(e -> assertThat(e.algorithm())
                                    .isEqualTo(pair.publicKey().algorithm()));
                }
            }
        }
    }

    /** Values that are equivalent to a genuine one for a verifier that does not look closely. */
    @Nested
    class Malleability {
        private final BigInteger ed25519Order =
                new BigInteger("27742317777372353535851937790883648493"); // RFC 8032: L = 2^252 + this

        @Test
        void verify_ed25519WithOrderAddedToS_false() {
            SshKeyPair pair = TestKeys.Signer.ED25519.pair();
            byte[] value = pair.sign(message).value();
            BigInteger order = BigInteger.TWO.pow(252).add(ed25519Order);
            byte[] s = org.bouncycastle.util.Arrays.reverse(Arrays.copyOfRange(value, 32, 64));
            BigInteger malleable = new BigInteger(1, s).add(order);
            byte[] little = org.bouncycastle.util.Arrays.reverse(BigIntegers.asUnsignedByteArray(32, malleable));
            System.arraycopy(little, 0, value, 32, 32);
            assertThat(pair.publicKey().verify(message, signature(SignatureAlgorithm.ED25519, value)))
                    .isFalse();
        }

        @Test
        void verify_ed448WithOrderAddedToS_false() {
            SshKeyPair pair = TestKeys.Signer.ED448.pair();
            byte[] value = pair.sign(message).value();
            // RFC 8032, section 5.2
            BigInteger order = BigInteger.TWO
                    .pow(446)
                    .subtract(new BigInteger("8335dc163bb124b65129c96fde933d8d723a70aadc873d6d54a7bb0d", 16));
            byte[] s = org.bouncycastle.util.Arrays.reverse(Arrays.copyOfRange(value, 57, 114));
            BigInteger malleable = new BigInteger(1, s).add(order);
            byte[] little = org.bouncycastle.util.Arrays.reverse(BigIntegers.asUnsignedByteArray(57, malleable));
            System.arraycopy(little, 0, value, 57, 57);
            assertThat(pair.publicKey().verify(message, signature(SignatureAlgorithm.ED448, value)))
                    .isFalse();
        }

        @ParameterizedTest
        @EnumSource(names = {"P256", "P384", "P521"})
        void verify_ecdsaValuesOutOfRange_false(TestKeys.Signer signer) {
            EcdsaPublicKey key = (EcdsaPublicKey) signer.pair().publicKey();
            SignatureAlgorithm algorithm = SignatureAlgorithm.defaultFor(key);
            WireReader reader =
                    new WireReader("signature", signer.pair().sign(message).value());
            BigInteger r = reader.readMpint("r");
            BigInteger s = reader.readMpint("s");
            BigInteger n = key.curve().domain().getN();
            List<List<BigInteger>> bad = List.of(
                    List.of(BigInteger.ZERO, s),
                    List.of(r, BigInteger.ZERO),
                    List.of(BigInteger.ZERO, BigInteger.ZERO),
                    List.of(r.add(n), s),
                    List.of(r, s.add(n)),
                    List.of(n, s),
                    List.of(r, n),
                    List.of(s, r));
            for (List<BigInteger> rs : bad) {
                byte[] value = TestKeys.wire(w -> w.writeMpint(rs.get(0)).writeMpint(rs.get(1)));
                assertThat(key.verify(message, signature(algorithm, value))).isFalse();
            }
            byte[] genuine = TestKeys.wire(w -> w.writeMpint(r).writeMpint(s));
            assertThat(key.verify(message, signature(algorithm, genuine))).isTrue();
        }

        @Test
        void verify_ecdsaInAnotherEncoding_false() throws GeneralSecurityException {
            SshKeyPair pair = TestKeys.Signer.P256.pair();
            Signature signer = Signature.getInstance("SHA256withECDSA", "SunEC");
            signer.initSign(pair.toKeyPair().getPrivate());
            signer.update(message);
            byte[] der = signer.sign();
            SignatureAlgorithm algorithm = SignatureAlgorithm.ECDSA_NISTP256;
            assertThat(pair.publicKey().verify(message, signature(algorithm, der)))
                    .isFalse();
            byte[] negative = TestKeys.wire(w -> w.writeString(new byte[] {-1}).writeString(new byte[] {-1}));
            assertThat(pair.publicKey().verify(message, signature(algorithm, negative)))
                    .isFalse();
            byte[] huge = TestKeys.wire(
                    w -> w.writeMpint(BigInteger.ONE.shiftLeft(20_000)).writeMpint(BigInteger.ONE));
            assertThat(pair.publicKey().verify(message, signature(algorithm, huge)))
                    .isFalse();
        }

        @Test
        void verify_rsaWithModulusAdded_false() {
            SshKeyPair pair = TestKeys.Signer.RSA.pair();
            RsaPublicKey key = (RsaPublicKey) pair.publicKey();
            BigInteger genuine = new BigInteger(1, pair.sign(message).value());
            for (BigInteger bad : List.of(
                    genuine.add(key.modulus()), key.modulus().subtract(genuine), key.modulus(), BigInteger.ZERO)) {
                byte[] value = BigIntegers.asUnsignedByteArray(bad);
                assertThat(key.verify(message, signature(SignatureAlgorithm.RSA_SHA2_512, value)))
                        .isFalse();
            }
        }

        @Test
        void verify_rsaThatLostItsLeadingZeros_true() {
            SshKeyPair pair = TestKeys.Signer.RSA.pair();
            byte[] text = new byte[4];
            byte[] value = {1};
            // One in 256 signatures begins with a zero byte; RSA here is deterministic, so the counter decides.
            for (int i = 0; value[0] != 0; i++) {
                text[0] = (byte) i;
                text[1] = (byte) (i >> 8);
                value = pair.sign(text).value();
            }
            byte[] shorter = Arrays.copyOfRange(value, 1, value.length);
            assertThat(pair.publicKey().verify(text, signature(SignatureAlgorithm.RSA_SHA2_512, shorter)))
                    .isTrue();
            byte[] longer = org.bouncycastle.util.Arrays.prepend(value, (byte) 0);
            assertThat(pair.publicKey().verify(text, signature(SignatureAlgorithm.RSA_SHA2_512, longer)))
                    .isFalse();
        }
    }

    /** Both ways with the engines of the JDK and of Bouncy Castle. */
    @Nested
    class Engines {
        private String jcaName(SignatureAlgorithm algorithm) {
            return switch (algorithm) {
                case RSA_SHA2_256 -> "SHA256withRSA";
                case RSA_SHA2_512 -> "SHA512withRSA";
                case ECDSA_NISTP256 -> "SHA256withECDSA";
                case ECDSA_NISTP384 -> "SHA384withECDSA";
                case ECDSA_NISTP521 -> "SHA512withECDSA";
                case ED25519 -> "Ed25519";
                case ED448 -> "Ed448";
            };
        }

        private Provider jdk(SignatureAlgorithm algorithm) {
            return Security.getProvider(jcaName(algorithm).endsWith("RSA") ? "SunRsaSign" : "SunEC");
        }

        private byte[] toDer(byte[] value) throws java.io.IOException {
            WireReader reader = new WireReader("signature", value);
            return new DERSequence(new ASN1Integer[] {
                        new ASN1Integer(reader.readMpint("r")), new ASN1Integer(reader.readMpint("s"))
                    })
                    .getEncoded();
        }

        private byte[] fromDer(byte[] der) {
            ASN1Sequence rs = ASN1Sequence.getInstance(der);
            return TestKeys.wire(w -> w.writeMpint(
                            ASN1Integer.getInstance(rs.getObjectAt(0)).getValue())
                    .writeMpint(ASN1Integer.getInstance(rs.getObjectAt(1)).getValue()));
        }

        @ParameterizedTest
        @MethodSource("io.keywright.SignatureTest#signersAndAlgorithms")
        void sign_here_isVerifiedByBoth(TestKeys.Signer signer, SignatureAlgorithm algorithm) throws Exception {
            byte[] value = signer.pair().sign(message, algorithm).value();
            boolean ecdsa = signer.pair().publicKey() instanceof EcdsaPublicKey;
            for (Provider provider : List.of(jdk(algorithm), BOUNCY_CASTLE)) {
                Signature engine = Signature.getInstance(jcaName(algorithm), provider);
                engine.initVerify(signer.pair().publicKey().toPublicKey(provider));
                engine.update(message);
                assertThat(engine.verify(ecdsa ? toDer(value) : value))
                        .as(provider.getName())
                        .isTrue();
            }
        }

        @ParameterizedTest
        @MethodSource("io.keywright.SignatureTest#signersAndAlgorithms")
        void verify_signatureOfEither_true(TestKeys.Signer signer, SignatureAlgorithm algorithm) throws Exception {
            boolean ecdsa = signer.pair().publicKey() instanceof EcdsaPublicKey;
            for (Provider provider : List.of(jdk(algorithm), BOUNCY_CASTLE)) {
                KeyPair jca = signer.pair().toKeyPair(provider);
                Signature engine = Signature.getInstance(jcaName(algorithm), provider);
                engine.initSign(jca.getPrivate());
                engine.update(message);
                byte[] made = engine.sign();
                SshSignature signature = signature(algorithm, ecdsa ? fromDer(made) : made);
                assertThat(signer.pair().publicKey().verify(message, signature))
                        .as(provider.getName())
                        .isTrue();
            }
        }
    }

    @Nested
    class Decode {
        @Test
        void decode_cutAnywhereOrLonger_isMalformed() {
            byte[] encoded = TestKeys.Signer.P256.pair().sign(message).encode();
            for (int length = 0; length < encoded.length; length++) {
                byte[] cut = Arrays.copyOf(encoded, length);
                assertThatThrownBy(() -> SshSignature.decode(cut)).isInstanceOf(MalformedKeyException.class);
            }
            assertThatThrownBy(() -> SshSignature.decode(Arrays.copyOf(encoded, encoded.length + 1)))
                    .isInstanceOf(MalformedKeyException.class);
        }

        @Test
        void decode_sha1OrDsa_isUnsupportedByName() {
            for (String name : List.of("ssh-rsa", "ssh-dss", "sk-ssh-ed25519@openssh.com")) {
                byte[] encoded = TestKeys.wire(w -> w.writeString(name).writeString(new byte[40]));
                assertThatExceptionOfType(UnsupportedKeyException.class)
                        .isThrownBy(() -> SshSignature.decode(encoded))
                        .satisfies(e -> assertThat(e.algorithm()).isEqualTo(name));
            }
        }

        @Test
        void decode_veryLongName_isNotEchoed() {
            byte[] encoded =
                    TestKeys.wire(w -> w.writeString("x".repeat(100_000)).writeString(new byte[1]));
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> SshSignature.decode(encoded))
                    .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(200));
        }

        @Test
        void toString_signature_showsNoBytes() {
            assertThat(TestKeys.Signer.ED25519.pair().sign(message)).hasToString("SshSignature[ssh-ed25519, 64 bytes]");
        }
    }
}
