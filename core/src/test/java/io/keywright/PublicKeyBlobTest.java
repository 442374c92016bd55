package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.internal.WireWriter;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeyBlobTest {

    static Stream<SshPublicKey> publicKeys() {
        return TestKeys.publicKeys();
    }

    private static void assertMalformed(Consumer<WireWriter> parts, String message) {
        assertThatExceptionOfType(MalformedKeyException.class)
                .isThrownBy(() -> SshPublicKey.fromBlob(TestKeys.wire(parts)))
                .withMessageContaining(message);
    }

    private static SshPublicKey decode(Consumer<WireWriter> parts) {
        return SshPublicKey.fromBlob(TestKeys.wire(parts));
    }

    @Nested
    class FromBlob {
        @ParameterizedTest
        @MethodSource("io.keywright.PublicKeyBlobTest#publicKeys")
        void fromBlob_anyKey_roundTrips(SshPublicKey key) {
            SshPublicKey read = SshPublicKey.fromBlob(key.blob());
            assertThat(read).isEqualTo(key).hasSameHashCodeAs(key).hasSameClassAs(key);
            assertThat(read.blob()).isEqualTo(key.blob());
            assertThat(read.algorithm()).isEqualTo(key.algorithm());
            assertThat(read.bits()).isEqualTo(key.bits());
            assertThat(read.comment()).isEqualTo(KeyComment.EMPTY);
        }

        @ParameterizedTest
        @MethodSource("io.keywright.PublicKeyBlobTest#publicKeys")
        void fromBlob_truncatedAnywhere_isMalformed(SshPublicKey key) {
            byte[] blob = key.blob();
            // What is cut of a key of unknown structure cannot be noticed once its name is complete.
            int end = key instanceof OpaquePublicKey ? 4 + key.algorithm().length() : blob.length;
            for (int length = 0; length < end; length++) {
                byte[] cut = Arrays.copyOf(blob, length);
                assertThatThrownBy(() -> SshPublicKey.fromBlob(cut))
                        .as("%s cut to %d bytes", key.algorithm(), length)
                        .isInstanceOf(MalformedKeyException.class);
            }
        }

        @ParameterizedTest
        @MethodSource("io.keywright.PublicKeyBlobTest#publicKeys")
        void fromBlob_aByteBehind_isMalformedUnlessOpaque(SshPublicKey key) {
            byte[] longer = Arrays.copyOf(key.blob(), key.blob().length + 1);
            if (key instanceof OpaquePublicKey) {
                assertThat(SshPublicKey.fromBlob(longer).blob()).isEqualTo(longer);
            } else {
                assertThatThrownBy(() -> SshPublicKey.fromBlob(longer))
                        .isInstanceOf(MalformedKeyException.class)
                        .hasMessageContaining("1 bytes too many");
            }
        }

        @ParameterizedTest
        @MethodSource("io.keywright.PublicKeyBlobTest#publicKeys")
        void fromBlob_anyByteChanged_isAnotherKeyOrOurException(SshPublicKey key) {
            long seed = TestKeys.seed();
            Random random = new Random(seed);
            for (int i = 0; i < 2000; i++) {
                byte[] changed = key.blob();
                changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
                try {
                    SshPublicKey read = SshPublicKey.fromBlob(changed);
                    assertThat(read).as("seed %d", seed).isNotEqualTo(key);
                } catch (SshKeyException e) {
                    assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
                }
            }
        }

        @Test
        void fromBlob_noise_isNeverMoreThanOurException() {
            long seed = TestKeys.seed();
            Random random = new Random(seed);
            for (int i = 0; i < 20_000; i++) {
                byte[] noise = new byte[random.nextInt(80)];
                random.nextBytes(noise);
                assertThatThrownBy(() -> SshPublicKey.fromBlob(noise))
                        .as("seed %d", seed)
                        .isInstanceOf(SshKeyException.class);
            }
        }

        @Test
        void fromBlob_largerThanTheLimit_isRefused() {
            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> SshPublicKey.fromBlob(new byte[SshPublicKey.MAX_BLOB_BYTES + 1]))
                    .satisfies(e -> assertThat(e.allowed()).isEqualTo(SshPublicKey.MAX_BLOB_BYTES));
        }

        @Test
        void blob_changedByTheCaller_leavesTheKeyAlone() {
            TestKeys.publicKeys().forEach(key -> {
                byte[] before = key.blob();
                key.blob()[5] ^= 1;
                assertThat(key.blob()).isEqualTo(before);
            });
        }
    }

    @Nested
    class Rsa {
        private final BigInteger modulus =
                ((RsaPublicKey) TestKeys.Signer.RSA.pair().publicKey()).modulus();

        private void assertExponentRefused(long exponent) {
            assertMalformed(
                    w -> w.writeString("ssh-rsa")
                            .writeMpint(BigInteger.valueOf(exponent))
                            .writeMpint(modulus),
                    "exponent");
        }

        @Test
        void fromBlob_leadingZeros_areDropped() {
            SshPublicKey read = decode(w -> w.writeString("ssh-rsa")
                    .writeString(new byte[] {0, 0, 1, 0, 1})
                    .writeString(org.bouncycastle.util.Arrays.concatenate(new byte[3], modulus.toByteArray())));
            assertThat(read).isEqualTo(TestKeys.Signer.RSA.pair().publicKey());
            assertThat(read.blob())
                    .isEqualTo(TestKeys.Signer.RSA.pair().publicKey().blob());
        }

        @Test
        void fromBlob_negativeNumbers_areRefused() {
            assertMalformed(
                    w -> w.writeString("ssh-rsa")
                            .writeString(new byte[] {(byte) 0x80, 1})
                            .writeMpint(modulus),
                    "negative");
            assertMalformed(
                    w -> w.writeString("ssh-rsa")
                            .writeMpint(BigInteger.valueOf(65537))
                            .writeString(BigIntegers.asUnsignedByteArray(modulus)),
                    "negative");
        }

        @Test
        void fromBlob_evenModulus_isMalformed() {
            assertMalformed(
                    w -> w.writeString("ssh-rsa")
                            .writeMpint(BigInteger.valueOf(65537))
                            .writeMpint(modulus.clearBit(0)),
                    "odd");
        }

        @Test
        void fromBlob_zeroModulus_isMalformed() {
            assertMalformed(
                    w -> w.writeString("ssh-rsa")
                            .writeMpint(BigInteger.valueOf(65537))
                            .writeMpint(BigInteger.ZERO),
                    "modulus");
        }

        @ParameterizedTest
        @ValueSource(longs = {0, 1, 2, 4, 65536, (1L << 32) - 2, (1L << 32) + 1})
        void fromBlob_badExponent_isMalformed(long exponent) {
            assertExponentRefused(exponent);
        }

        @ParameterizedTest
        @ValueSource(longs = {3, 17, 65537, (1L << 32) - 1})
        void fromBlob_exponentAtTheBounds_isRead(long exponent) {
            RsaPublicKey key = RsaPublicKey.of(BigInteger.valueOf(exponent), modulus);
            assertThat(((RsaPublicKey) SshPublicKey.fromBlob(key.blob())).exponent())
                    .isEqualTo(exponent);
        }

        @Test
        void fromBlob_sizesAtTheBounds_areRead() {
            for (int bits : new int[] {RsaPublicKey.MIN_BITS, RsaPublicKey.MAX_BITS}) {
                BigInteger n = BigInteger.ONE.shiftLeft(bits - 1).setBit(0);
                SshPublicKey key = SshPublicKey.fromBlob(
                        RsaPublicKey.of(BigInteger.valueOf(65537), n).blob());
                assertThat(key.bits()).isEqualTo(bits);
            }
        }

        @Test
        void fromBlob_tooShort_saysHowLongItMustBe() {
            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> decode(w -> w.writeString("ssh-rsa")
                            .writeMpint(BigInteger.valueOf(65537))
                            .writeMpint(BigInteger.ONE.shiftLeft(1022).setBit(0))))
                    .withMessageContaining("RSA modulus size in bits: 1023, at least 1024 required")
                    .satisfies(e -> assertThat(e.actual()).isEqualTo(1023))
                    .satisfies(e -> assertThat(e.allowed()).isEqualTo(1024));
        }

        @Test
        void fromBlob_tooLong_exceedsTheLimit() {
            BigInteger n = BigInteger.ONE.shiftLeft(RsaPublicKey.MAX_BITS).setBit(0);
            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> decode(w -> w.writeString("ssh-rsa")
                            .writeMpint(BigInteger.valueOf(65537))
                            .writeMpint(n)));
            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> RsaPublicKey.of(BigInteger.valueOf(65537), n));
        }
    }

    @Nested
    class Dsa {
        private final DsaPublicKey key = (DsaPublicKey) TestKeys.dsa();

        private void assertRefused(BigInteger p, BigInteger q, BigInteger g, BigInteger y, String where) {
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> DsaPublicKey.of(p, q, g, y))
                    .satisfies(e -> assertThat(e.where()).isEqualTo(where));
        }

        @Test
        void of_badPrimes_areMalformed() {
            BigInteger two = BigInteger.TWO;
            assertRefused(key.p().clearBit(0), key.q(), key.g(), key.y(), "p");
            assertRefused(key.p().negate(), key.q(), key.g(), key.y(), "p");
            assertRefused(two.pow(510).setBit(0), key.q(), two, two, "p");
            assertRefused(two.pow(16384).setBit(0), key.q(), two, two, "p");
            assertRefused(key.p(), key.q().clearBit(0), key.g(), key.y(), "q");
            assertRefused(key.p(), key.q().negate(), key.g(), key.y(), "q");
            assertRefused(key.p(), two.pow(158).setBit(0), key.g(), key.y(), "q");
            assertRefused(key.p(), two.pow(256).setBit(0), key.g(), key.y(), "q");
        }

        @Test
        void of_sizesAndValuesAtTheBounds_areAccepted() {
            BigInteger two = BigInteger.TWO;
            for (int bits : new int[] {512, 16384}) {
                BigInteger p = two.pow(bits - 1).setBit(0);
                for (int order : new int[] {160, 256}) {
                    BigInteger q = two.pow(order - 1).setBit(0);
                    SshPublicKey made = DsaPublicKey.of(p, q, two, p.subtract(BigInteger.ONE));
                    assertThat(SshPublicKey.fromBlob(made.blob())).isEqualTo(made);
                    assertThat(made.bits()).isEqualTo(bits);
                }
            }
        }

        @Test
        void of_valuesOutsideTheGroup_areMalformed() {
            for (BigInteger bad : new BigInteger[] {
                BigInteger.ZERO, BigInteger.ONE, key.p(), key.g().negate()
            }) {
                assertRefused(key.p(), key.q(), bad, key.y(), "g");
                assertRefused(key.p(), key.q(), key.g(), bad, "y");
            }
        }

        @Test
        void fromBlob_dsa_keepsItsNumbers() {
            DsaPublicKey read = (DsaPublicKey) SshPublicKey.fromBlob(key.blob());
            assertThat(read.p()).isEqualTo(key.p());
            assertThat(read.q()).isEqualTo(key.q());
            assertThat(read.g()).isEqualTo(key.g());
            assertThat(read.y()).isEqualTo(key.y());
        }
    }

    @Nested
    class Ecdsa {
        private byte[] point(EcdsaCurve curve) {
            return TestKeys.Signer.valueOf("P" + curve.bits()).pair().publicKey() instanceof EcdsaPublicKey key
                    ? key.point()
                    : new byte[0];
        }

        private void assertPointRefused(EcdsaCurve curve, byte[] point) {
            assertMalformed(
                    w -> w.writeString(curve.algorithm())
                            .writeString(curve.sshName())
                            .writeString(point),
                    "point");
        }

        @ParameterizedTest
        @EnumSource
        void fromBlob_compressedOrHybridPoint_isRefused(EcdsaCurve curve) {
            byte[] point = point(curve);
            for (byte form : new byte[] {2, 3}) {
                byte[] compressed = Arrays.copyOf(point, 1 + curve.fieldBytes());
                compressed[0] = form;
                assertPointRefused(curve, compressed);
            }
            for (byte form : new byte[] {0, 2, 3, 5, 6, 7}) {
                byte[] hybrid = point.clone();
                hybrid[0] = form;
                assertPointRefused(curve, hybrid);
            }
        }

        @ParameterizedTest
        @EnumSource
        void fromBlob_infinity_isRefused(EcdsaCurve curve) {
            assertPointRefused(curve, new byte[0]);
            assertPointRefused(curve, new byte[1]);
            assertPointRefused(curve, new byte[1 + 2 * curve.fieldBytes()]);
            byte[] zero = new byte[1 + 2 * curve.fieldBytes()];
            zero[0] = 4;
            assertPointRefused(curve, zero);
        }

        @ParameterizedTest
        @EnumSource
        void fromBlob_offTheCurveOrOfWrongLength_isRefused(EcdsaCurve curve) {
            byte[] off = point(curve);
            off[off.length - 1] ^= 1;
            assertPointRefused(curve, off);
            assertPointRefused(curve, Arrays.copyOf(point(curve), off.length - 1));
            assertPointRefused(curve, Arrays.copyOf(point(curve), off.length + 1));
        }

        @ParameterizedTest
        @EnumSource
        void fromBlob_coordinateNotReduced_isRefused(EcdsaCurve curve) {
            byte[] point = point(curve);
            BigInteger x = new BigInteger(1, Arrays.copyOfRange(point, 1, 1 + curve.fieldBytes())).add(curve.prime());
            if (x.bitLength() <= 8 * curve.fieldBytes()) {
                BigIntegers.asUnsignedByteArray(x, point, 1, curve.fieldBytes());
            } else {
                Arrays.fill(point, 1, 1 + curve.fieldBytes(), (byte) 0xff);
            }
            assertPointRefused(curve, point);
        }

        @Test
        void fromBlob_curveOfAnotherAlgorithm_isMalformed() {
            byte[] point = point(EcdsaCurve.NISTP384);
            assertMalformed(
                    w -> w.writeString("ecdsa-sha2-nistp256")
                            .writeString("nistp384")
                            .writeString(point),
                    "curve");
            assertMalformed(
                    w -> w.writeString("ecdsa-sha2-nistp256")
                            .writeString("nistp256")
                            .writeString(point),
                    "point");
        }

        @Test
        void ofSshName_names_areThoseOfRfc5656() {
            assertThat(EcdsaCurve.ofSshName("nistp521")).contains(EcdsaCurve.NISTP521);
            assertThat(EcdsaCurve.ofSshName("nistp224")).isEmpty();
        }
    }

    @Nested
    class EdDsa {
        @ParameterizedTest
        @ValueSource(ints = {0, 31, 33, 57, 64})
        void fromBlob_ed25519OfWrongLength_isMalformed(int length) {
            assertMalformed(
                    w -> w.writeString("ssh-ed25519").writeString(new byte[length]),
                    "32 bytes expected, got " + length);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 32, 56, 58, 114})
        void fromBlob_ed448OfWrongLength_isMalformed(int length) {
            assertMalformed(w -> w.writeString("ssh-ed448").writeString(new byte[length]), "57 bytes expected");
        }

        /** y is 2, which has no x on either curve; p + 1 and all ones, which are not reduced; 1, the neutral element. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "0200000000000000000000000000000000000000000000000000000000000000",
                    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                    "0100000000000000000000000000000000000000000000000000000000000000",
                    "0000000000000000000000000000000000000000000000000000000000000000"
                })
        void fromBlob_ed25519OfNoUsablePoint_isMalformed(String hex) {
            byte[] point = java.util.HexFormat.of().parseHex(hex);
            assertMalformed(w -> w.writeString("ssh-ed25519").writeString(point), "no point");
            assertMalformed(
                    w -> w.writeString("sk-ssh-ed25519@openssh.com")
                            .writeString(point)
                            .writeString("ssh:"),
                    "no point");
        }

        @Test
        void fromBlob_ed448OfNoUsablePoint_isMalformed() {
            byte[] ones = new byte[57];
            Arrays.fill(ones, (byte) 0xff);
            byte[] neutral = new byte[57];
            neutral[0] = 1;
            for (byte[] point : new byte[][] {ones, neutral, new byte[57]}) {
                assertMalformed(w -> w.writeString("ssh-ed448").writeString(point), "no point");
            }
        }
    }

    @Nested
    class SecurityKey {
        @Test
        void fromBlob_application_isBytes() {
            byte[] point = ((EcdsaPublicKey) TestKeys.Signer.P256.pair().publicKey()).point();
            byte[] application = {'s', 's', 'h', ':', (byte) 0xfc};
            SkEcdsaPublicKey key = SkEcdsaPublicKey.of(point, application);
            application[0] = 0;
            SkEcdsaPublicKey read = (SkEcdsaPublicKey) SshPublicKey.fromBlob(key.blob());
            assertThat(read.applicationBytes()).containsExactly('s', 's', 'h', ':', 0xfc);
            assertThat(read.application()).isEqualTo("ssh:\ufffd");
            assertThat(read.point()).isEqualTo(point);
        }

        @Test
        void fromBlob_otherCurve_isMalformed() {
            byte[] point = ((EcdsaPublicKey) TestKeys.Signer.P384.pair().publicKey()).point();
            assertMalformed(
                    w -> w.writeString(SkEcdsaPublicKey.ALGORITHM)
                            .writeString("nistp384")
                            .writeString(point)
                            .writeString("ssh:"),
                    "curve");
        }
    }

    @Nested
    class Opaque {
        @Test
        void fromBlob_unknownAlgorithm_isKeptByteForByte() {
            byte[] blob = TestKeys.wire(w ->
                    w.writeString("ssh-mldsa44-ed25519@openssh.com").writeBytes(new byte[] {1, 2, 3, (byte) 0xff}));
            SshPublicKey key = SshPublicKey.fromBlob(blob);
            byte[] before = blob.clone();
            blob[blob.length - 1] = 0;
            assertThat(key).isInstanceOf(OpaquePublicKey.class);
            assertThat(key.blob()).isEqualTo(before);
            assertThat(key.algorithm()).isEqualTo("ssh-mldsa44-ed25519@openssh.com");
            assertThat(key.bits()).isZero();
            assertThat(SshPublicKey.parseLine(key.withComment("c").toLine())).isEqualTo(key);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "two words", "a,b", "say\"it", "#comment", "line\nend", "\u00e4"})
        void fromBlob_nameThatCannotStandInALine_isMalformed(String name) {
            assertMalformed(w -> w.writeString(name).writeString("data"), "algorithm");
        }
    }

    @Nested
    class Equality {
        @Test
        void equals_otherComment_sameKey() {
            TestKeys.publicKeys()
                    .forEach(key -> assertThat(key.withComment("another"))
                            .isEqualTo(key)
                            .hasSameHashCodeAs(key)
                            .isNotSameAs(key));
        }

        @Test
        void equals_otherKey_differs() {
            var keys = TestKeys.publicKeys().toList();
            for (int i = 0; i < keys.size(); i++) {
                for (int j = 0; j < keys.size(); j++) {
                    assertThat(keys.get(i).equals(keys.get(j))).isEqualTo(i == j);
                }
            }
            assertThat(keys.get(0)).isNotEqualTo(null).isNotEqualTo("key");
        }

        @Test
        void withComment_theSame_isTheSameObject() {
            TestKeys.publicKeys().forEach(key -> assertThat(key.withComment("")).isSameAs(key));
        }

        @Test
        void toString_key_showsAlgorithmAndFingerprintOnly() {
            SshPublicKey key = TestKeys.skEd25519().withComment("private name");
            assertThat(key).hasToString("sk-ssh-ed25519@openssh.com " + key.fingerprint());
        }
    }
}
