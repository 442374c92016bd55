package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SshKeyPairTest {

    private static SecretBytes secret(BigInteger number) {
        return SecretBytes.takeOver(BigIntegers.asUnsignedByteArray(number));
    }

    /** Every secret of a private half. */
    private static List<SecretBytes> secrets(SshPrivateKey key) {
        if (key instanceof RsaPrivateKey rsa) {
            return List.of(rsa.exponent(), rsa.primeP(), rsa.primeQ(), rsa.coefficient());
        } else if (key instanceof DsaPrivateKey dsa) {
            return List.of(dsa.x());
        } else if (key instanceof EcdsaPrivateKey ec) {
            return List.of(ec.scalar());
        } else if (key instanceof Ed25519PrivateKey ed) {
            return List.of(ed.seed());
        } else if (key instanceof Ed448PrivateKey ed) {
            return List.of(ed.seed());
        }
        SkPrivateKey sk = (SkPrivateKey) key;
        return List.of(sk.keyHandle(), sk.reserved());
    }

    private static void assertRefusedAndWiped(SshPublicKey publicKey, SshPrivateKey privateKey) {
        assertThatThrownBy(() -> SshKeyPair.of(publicKey, privateKey)).isInstanceOf(MalformedKeyException.class);
        assertThat(secrets(privateKey)).allMatch(SecretBytes::isClosed);
    }

    @Nested
    class Of {
        @Test
        void of_halvesOfDifferentKeys_areRefusedAndTheSecretIsWiped() {
            List<SshKeyPair> pairs = new ArrayList<>();
            for (TestKeys.Signer signer : TestKeys.Signer.values()) {
                pairs.add(signer.pair());
                pairs.add(signer.other());
            }
            try (SshKeyPair dsa = SshKeyPair.of(TestKeys.jcaDsa())) {
                pairs.add(dsa);
                for (SshKeyPair one : pairs) {
                    for (SshKeyPair two : pairs) {
                        SshPrivateKey copy = two.privateKey().copy();
                        if (one == two) {
                            SshKeyPair.of(one.publicKey(), copy).close();
                        } else {
                            assertThatExceptionOfType(KeyMismatchException.class)
                                    .isThrownBy(() -> SshKeyPair.of(one.publicKey(), copy));
                        }
                        assertThat(secrets(copy)).allMatch(SecretBytes::isClosed);
                    }
                }
            }
        }

        @Test
        void of_opaqueOrSecurityKeyWithOrdinarySecret_isRefused() {
            for (SshPublicKey key : List.of(TestKeys.opaque(), TestKeys.skEd25519(), TestKeys.skEcdsa())) {
                assertRefusedAndWiped(
                        key, TestKeys.Signer.ED25519.pair().privateKey().copy());
            }
        }

        @Test
        void of_securityKey_keepsFlagsAndHandle() {
            SkPrivateKey half = SkPrivateKey.takeOver(
                    0x25, SecretBytes.takeOver(new byte[] {1, 2}), SecretBytes.takeOver(new byte[0]));
            SshKeyPair pair = SshKeyPair.of(TestKeys.skEcdsa(), half);
            SkPrivateKey copied = (SkPrivateKey) pair.copy().privateKey();
            pair.close();
            assertThat(copied.flags()).isEqualTo(0x25);
            assertThat(copied.keyHandle().toByteArray()).containsExactly(1, 2);
            assertRefusedAndWiped(
                    TestKeys.Signer.ED25519.pair().publicKey(),
                    SkPrivateKey.takeOver(1, SecretBytes.takeOver(new byte[1]), SecretBytes.takeOver(new byte[1])));
        }

        @Test
        void takeOver_flagsBeyondAByte_areRefused() {
            for (int flags : new int[] {-1, 256}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> SkPrivateKey.takeOver(
                                flags, SecretBytes.takeOver(new byte[1]), SecretBytes.takeOver(new byte[0])));
            }
        }

        @Test
        void of_closedSecret_throwsIllegalState() {
            SshPrivateKey closed = TestKeys.Signer.P256.pair().privateKey().copy();
            closed.close();
            assertThatIllegalStateException()
                    .isThrownBy(() -> SshKeyPair.of(TestKeys.Signer.P256.pair().publicKey(), closed));
        }
    }

    @Nested
    class Rsa {
        private final RsaPublicKey key =
                (RsaPublicKey) TestKeys.Signer.RSA.pair().publicKey();
        private final RsaPrivateKey half =
                (RsaPrivateKey) TestKeys.Signer.RSA.pair().privateKey();
        private final BigInteger d = RsaPrivateKey.number(half.exponent());
        private final BigInteger p = RsaPrivateKey.number(half.primeP());
        private final BigInteger q = RsaPrivateKey.number(half.primeQ());
        private final BigInteger iqmp = RsaPrivateKey.number(half.coefficient());

        private RsaPrivateKey of(BigInteger d, BigInteger p, BigInteger q, BigInteger iqmp) {
            return RsaPrivateKey.takeOver(secret(d), secret(p), secret(q), secret(iqmp));
        }

        @Test
        void of_exponentModuloLcm_isAccepted() {
            BigInteger p1 = p.subtract(BigInteger.ONE);
            BigInteger q1 = q.subtract(BigInteger.ONE);
            BigInteger lcm = p1.divide(p1.gcd(q1)).multiply(q1);
            try (SshKeyPair pair = SshKeyPair.of(key, of(key.exponent().modInverse(lcm), p, q, iqmp))) {
                byte[] message = {1};
                assertThat(key.verify(message, pair.sign(message))).isTrue();
            }
            try (SshKeyPair pair = SshKeyPair.of(key, of(key.exponent().modInverse(p1.multiply(q1)), p, q, iqmp))) {
                assertThat(pair.publicKey()).isEqualTo(key);
            }
        }

        @Test
        void of_anyNumberWrong_isRefused() {
            List<UnaryOperator<BigInteger>> changes = List.of(
                    n -> n.add(BigInteger.TWO),
                    n -> BigInteger.ZERO,
                    n -> BigInteger.ONE,
                    n -> n.add(key.modulus()),
                    n -> n.shiftLeft(100_000).setBit(0));
            for (UnaryOperator<BigInteger> change : changes) {
                assertRefusedAndWiped(key, of(change.apply(d), p, q, iqmp));
                assertRefusedAndWiped(key, of(d, change.apply(p), q, iqmp));
                assertRefusedAndWiped(key, of(d, p, change.apply(q), iqmp));
                assertRefusedAndWiped(key, of(d, p, q, change.apply(iqmp)));
            }
        }

        @Test
        void of_primesSwapped_isRefusedForTheCoefficient() {
            // What ssh.com's format calls p is q here: a reader that forgets that must not get away with it.
            assertRefusedAndWiped(key, of(d, q, p, iqmp));
            SshKeyPair.of(key, of(d, q, p, p.modInverse(q))).close();
        }

        @Test
        void of_trivialFactors_areRefused() {
            assertRefusedAndWiped(key, of(d, key.modulus(), BigInteger.ONE, BigInteger.ONE));
            assertRefusedAndWiped(key, of(d, BigInteger.ONE, key.modulus(), BigInteger.ZERO));
        }
    }

    @Nested
    class Ecdsa {
        @ParameterizedTest
        @EnumSource
        void derivePublicKey_scalarOutOfRange_isMalformed(EcdsaCurve curve) {
            BigInteger n = curve.domain().getN();
            for (BigInteger bad : List.of(BigInteger.ZERO, n, n.add(BigInteger.ONE), n.shiftLeft(10_000))) {
                EcdsaPrivateKey half = EcdsaPrivateKey.takeOver(curve, secret(bad));
                assertThatExceptionOfType(MalformedKeyException.class).isThrownBy(half::derivePublicKey);
                assertRefusedAndWiped(
                        TestKeys.Signer.valueOf("P" + curve.bits()).pair().publicKey(), half);
            }
        }

        @ParameterizedTest
        @EnumSource
        void derivePublicKey_extremeScalars_areOnTheCurve(EcdsaCurve curve) {
            BigInteger n = curve.domain().getN();
            EcdsaPublicKey one =
                    EcdsaPrivateKey.takeOver(curve, secret(BigInteger.ONE)).derivePublicKey();
            EcdsaPublicKey last = EcdsaPrivateKey.takeOver(curve, secret(n.subtract(BigInteger.ONE)))
                    .derivePublicKey();
            assertThat(one.point()).isEqualTo(curve.domain().getG().getEncoded(false));
            // -G has the same x and another y
            int x = 1 + curve.fieldBytes();
            assertThat(Arrays.copyOf(last.point(), x)).isEqualTo(Arrays.copyOf(one.point(), x));
            assertThat(last).isNotEqualTo(one);
        }

        @Test
        void of_scalarWithLeadingZeros_isAccepted() {
            EcdsaPrivateKey half = (EcdsaPrivateKey) TestKeys.Signer.P256.pair().privateKey();
            byte[] padded = new byte[40];
            byte[] scalar = half.scalar().toByteArray();
            System.arraycopy(scalar, 0, padded, 40 - scalar.length, scalar.length);
            SshKeyPair.of(
                            TestKeys.Signer.P256.pair().publicKey(),
                            EcdsaPrivateKey.takeOver(EcdsaCurve.NISTP256, SecretBytes.takeOver(padded)))
                    .close();
            assertThat(padded).containsOnly(0);
        }
    }

    @Nested
    class EdDsa {
        @Test
        void takeOver_seedOfWrongLength_isRefusedAndWiped() {
            for (int length : new int[] {0, 31, 33, 56, 58, 64}) {
                SecretBytes seed = SecretBytes.takeOver(new byte[length]);
                assertThatExceptionOfType(MalformedKeyException.class)
                        .isThrownBy(() -> Ed25519PrivateKey.takeOver(seed));
                assertThat(seed.isClosed()).isTrue();
                SecretBytes other = SecretBytes.takeOver(new byte[length]);
                assertThatExceptionOfType(MalformedKeyException.class)
                        .isThrownBy(() -> Ed448PrivateKey.takeOver(other));
                assertThat(other.isClosed()).isTrue();
            }
        }
    }

    @Nested
    class Copies {
        @ParameterizedTest
        @EnumSource
        void withComment_original_keepsItsOwnLife(TestKeys.Signer signer) {
            SshKeyPair pair = signer.pair().copy();
            SshKeyPair commented = pair.withComment("new");
            assertThat(commented.comment()).hasToString("new");
            assertThat(commented.publicKey()).isEqualTo(pair.publicKey());
            assertThat(pair.comment()).hasToString("made by " + signer);
            pair.close();
            pair.close();
            assertThat(secrets(pair.privateKey())).allMatch(SecretBytes::isClosed);
            assertThat(commented.publicKey().verify(new byte[3], commented.sign(new byte[3])))
                    .isTrue();
            commented.close();
            assertThat(secrets(commented.privateKey())).allMatch(SecretBytes::isClosed);
            assertThatIllegalStateException().isThrownBy(pair::copy);
            assertThatIllegalStateException().isThrownBy(() -> pair.withComment("x"));
            assertThatIllegalStateException().isThrownBy(pair::toKeyPair);
        }
    }

    @Nested
    class Print {
        @ParameterizedTest
        @EnumSource
        void toString_pair_showsThePublicHalfOnly(TestKeys.Signer signer) {
            assertThat(signer.pair())
                    .hasToString("SshKeyPair[" + signer.pair().publicKey().algorithm() + " "
                            + signer.pair().publicKey().fingerprint() + "]");
            assertThat(signer.pair().privateKey().toString()).matches("\\w+PrivateKey\\[redacted]");
        }
    }
}
