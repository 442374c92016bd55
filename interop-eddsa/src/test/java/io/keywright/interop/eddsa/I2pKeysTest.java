package io.keywright.interop.eddsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywright.EcdsaCurve;
import io.keywright.Ed25519PrivateKey;
import io.keywright.KeyMismatchException;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.UnsupportedKeyException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import net.i2p.crypto.eddsa.EdDSAPrivateKey;
import net.i2p.crypto.eddsa.EdDSAPublicKey;
import net.i2p.crypto.eddsa.spec.EdDSANamedCurveTable;
import net.i2p.crypto.eddsa.spec.EdDSAParameterSpec;
import net.i2p.crypto.eddsa.spec.EdDSAPrivateKeySpec;
import net.i2p.crypto.eddsa.spec.EdDSAPublicKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class I2pKeysTest {
    private static final EdDSAParameterSpec ED25519 = EdDSANamedCurveTable.ED_25519_CURVE_SPEC;
    private static final byte[] MESSAGE = {1, 2, 3};

    /** RFC 8032, section 7.1, test 1. */
    private static final byte[] SEED =
            HexFormat.of().parseHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

    private static final byte[] POINT =
            HexFormat.of().parseHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

    /** What an application may hold: pairs of the JDK, of Bouncy Castle, and of i2p made in each of its ways. */
    static Stream<KeyPair> pairs() throws GeneralSecurityException {
        KeyPair jdk = generate("Ed25519", Security.getProvider("SunEC"));
        KeyPair bouncyCastle = generate("Ed25519", new BouncyCastleProvider());
        KeyPair i2p = new net.i2p.crypto.eddsa.KeyPairGenerator().generateKeyPair();
        return Stream.of(
                jdk,
                bouncyCastle,
                i2p,
                reencoded(jdk),
                reencoded(bouncyCastle),
                reencoded(i2p),
                new KeyPair(jdk.getPublic(), reencoded(jdk).getPrivate()),
                new KeyPair(reencoded(jdk).getPublic(), jdk.getPrivate()),
                new KeyPair(reencoded(bouncyCastle).getPublic(), bouncyCastle.getPrivate()));
    }

    private static KeyPair generate(String algorithm, Provider provider) throws GeneralSecurityException {
        return KeyPairGenerator.getInstance(algorithm, provider).generateKeyPair();
    }

    /** The same numbers, read by i2p's own classes from the standard encodings. */
    private static KeyPair reencoded(KeyPair pair) throws GeneralSecurityException {
        try (SshKeyPair ours = I2pKeys.keyPair(pair)) {
            // Not the pair's own encoding: Bouncy Castle's holds the public key too (RFC 5958), which i2p does not
            // read.
            byte[] encoded = ours.toKeyPair().getPrivate().getEncoded();
            return new KeyPair(
                    new EdDSAPublicKey(new X509EncodedKeySpec(pair.getPublic().getEncoded())),
                    new EdDSAPrivateKey(new PKCS8EncodedKeySpec(encoded)));
        }
    }

    private static EdDSAPrivateKey i2pPrivate(byte[] seed) {
        return new EdDSAPrivateKey(new EdDSAPrivateKeySpec(seed.clone(), ED25519));
    }

    private static EdDSAPublicKey i2pPublic(byte[] point) {
        return new EdDSAPublicKey(new EdDSAPublicKeySpec(point, ED25519));
    }

    @Nested
    class In {
        @ParameterizedTest
        @MethodSource("io.keywright.interop.eddsa.I2pKeysTest#pairs")
        void keyPair_ofAnyLibrary_survivesTheWayThroughAll(KeyPair pair) {
            try (SshKeyPair ours = I2pKeys.keyPair(pair);
                    SshKeyPair throughI2p = I2pKeys.keyPair(I2pKeys.toKeyPair(ours));
                    SshKeyPair throughJdk = I2pKeys.keyPair(ours.toKeyPair());
                    SshKeyPair throughBouncyCastle = I2pKeys.keyPair(ours.toKeyPair(new BouncyCastleProvider()))) {
                assertThat(I2pKeys.publicKey(pair.getPublic())).isEqualTo(ours.publicKey());
                for (SshKeyPair back : List.of(throughI2p, throughJdk, throughBouncyCastle)) {
                    assertThat(back.publicKey()).isEqualTo(ours.publicKey());
                    assertThat(seedOf(back)).isEqualTo(seedOf(ours));
                    assertThat(ours.publicKey().verify(MESSAGE, back.sign(MESSAGE)))
                            .isTrue();
                }
            }
        }

        @Test
        void keyPair_rfc8032Vector_hasItsNumbers() {
            try (SshKeyPair pair = I2pKeys.keyPair(i2pPrivate(SEED))) {
                assertThat(seedOf(pair)).isEqualTo(SEED);
                assertThat(pair.publicKey()).isEqualTo(I2pKeys.publicKey(i2pPublic(POINT)));
                assertThat(I2pKeys.publicKey(i2pPublic(POINT)).point()).isEqualTo(POINT);
                assertThat(pair.comment().isEmpty()).isTrue();
            }
        }

        @Test
        void keyPair_ofOtherAlgorithms_isConvertedAsByCore() throws GeneralSecurityException {
            try (SshKeyPair ec = SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256).generate()) {
                assertThat(I2pKeys.publicKey(ec.publicKey().toPublicKey())).isEqualTo(ec.publicKey());
            }
            KeyPair ed448 = generate("Ed448", Security.getProvider("SunEC"));
            try (SshKeyPair ours = I2pKeys.keyPair(ed448)) {
                assertThat(ours.publicKey().algorithm()).isEqualTo("ssh-ed448");
            }
        }

        @Test
        void close_ofOurs_leavesTheirs() {
            EdDSAPrivateKey theirs = i2pPrivate(SEED);
            I2pKeys.privateKey(theirs).close();
            I2pKeys.keyPair(theirs).close();
            assertThat(theirs.getSeed()).isEqualTo(SEED);
            try (Ed25519PrivateKey ours = I2pKeys.privateKey(theirs)) {
                Arrays.fill(theirs.getSeed(), (byte) 0);
                assertThat(ours.seed().toByteArray()).isEqualTo(SEED);
            }
        }
    }

    @Nested
    class Refused {
        @Test
        void privateKey_withoutSeed_saysWhatWouldDo() {
            EdDSAPrivateKey hashed = new EdDSAPrivateKey(
                    new EdDSAPrivateKeySpec(ED25519, i2pPrivate(SEED).getH()));
            assertThat(hashed.getSeed()).isNull();
            assertThatExceptionOfType(UnsupportedKeyException.class)
                    .isThrownBy(() -> I2pKeys.privateKey(hashed))
                    .withMessageContaining("has no seed")
                    .withMessageContaining("make it of the seed, or generate a new key");
            assertThatExceptionOfType(UnsupportedKeyException.class)
                    .isThrownBy(() -> I2pKeys.keyPair(new KeyPair(i2pPublic(POINT), hashed)))
                    .withMessageContaining("has no seed");
            assertThatExceptionOfType(UnsupportedKeyException.class)
                    .isThrownBy(() -> SshKeyPair.of(new KeyPair(i2pPublic(POINT), hashed)));
        }

        @Test
        void privateKey_carryingAnotherPoint_isAMismatch() {
            EdDSAPrivateKey other = new EdDSAPrivateKey(new EdDSAPrivateKeySpec(new byte[32], ED25519));
            EdDSAPrivateKey mixed = new EdDSAPrivateKey(
                    new EdDSAPrivateKeySpec(SEED.clone(), other.getH(), other.geta(), other.getA(), ED25519));
            assertThatExceptionOfType(KeyMismatchException.class).isThrownBy(() -> I2pKeys.privateKey(mixed));
            assertThatExceptionOfType(KeyMismatchException.class).isThrownBy(() -> I2pKeys.keyPair(mixed));
        }

        @ParameterizedTest
        @MethodSource("io.keywright.interop.eddsa.I2pKeysTest#pairs")
        void keyPair_halvesOfDifferentKeys_isAMismatch(KeyPair pair) {
            PublicKey stranger = i2pPublic(POINT);
            assertThatExceptionOfType(KeyMismatchException.class)
                    .isThrownBy(() -> I2pKeys.keyPair(new KeyPair(stranger, pair.getPrivate())));
            PrivateKey strangersOwn = i2pPrivate(SEED);
            assertThatExceptionOfType(KeyMismatchException.class)
                    .isThrownBy(() -> I2pKeys.keyPair(new KeyPair(pair.getPublic(), strangersOwn)));
        }

        /** The library takes any curve, and any hash in the place of SHA-512. */
        @Test
        void keys_ofOtherParameters_areUnsupported() {
            EdDSAParameterSpec otherHash =
                    new EdDSAParameterSpec(ED25519.getCurve(), "SHA3-512", ED25519.getScalarOps(), ED25519.getB());
            EdDSAPrivateKey privateKey = new EdDSAPrivateKey(new EdDSAPrivateKeySpec(SEED.clone(), otherHash));
            EdDSAPublicKey publicKey = new EdDSAPublicKey(new EdDSAPublicKeySpec(POINT, otherHash));
            assertThatExceptionOfType(UnsupportedKeyException.class).isThrownBy(() -> I2pKeys.privateKey(privateKey));
            assertThatExceptionOfType(UnsupportedKeyException.class).isThrownBy(() -> I2pKeys.publicKey(publicKey));
        }
    }

    @Nested
    class Out {
        @Test
        void toKeyPair_ed25519_isReadByTheLibraryItself() throws GeneralSecurityException {
            try (SshKeyPair ours =
                    SshKeyPairGenerator.ed25519().withComment("lost").generate()) {
                KeyPair theirs = I2pKeys.toKeyPair(ours);
                assertThat(new EdDSAPublicKey(
                                new X509EncodedKeySpec(theirs.getPublic().getEncoded())))
                        .isEqualTo(theirs.getPublic());
                assertThat(new EdDSAPrivateKey(
                                new PKCS8EncodedKeySpec(theirs.getPrivate().getEncoded())))
                        .isEqualTo(theirs.getPrivate());
                assertThat(I2pKeys.toPublicKey(ours.publicKey())).isEqualTo(theirs.getPublic());
                assertThat(((EdDSAPrivateKey) theirs.getPrivate()).getAbyte())
                        .isEqualTo(((EdDSAPublicKey) theirs.getPublic()).getAbyte());
            }
        }

        @Test
        void toPrivateKey_closedLater_keepsItsSeed() {
            EdDSAPrivateKey theirs;
            byte[] seed;
            try (SshKeyPair ours = SshKeyPairGenerator.ed25519().generate()) {
                theirs = I2pKeys.toPrivateKey(ours.privateKey());
                seed = seedOf(ours);
            }
            assertThat(theirs.getSeed()).isEqualTo(seed).isNotEqualTo(new byte[32]);
        }

        @Test
        void toKeyPair_otherAlgorithms_areUnsupported() {
            for (SshKeyPairGenerator generator :
                    List.of(SshKeyPairGenerator.ed448(), SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256))) {
                try (SshKeyPair pair = generator.generate()) {
                    assertThatExceptionOfType(UnsupportedKeyException.class)
                            .isThrownBy(() -> I2pKeys.toPublicKey(pair.publicKey()))
                            .withMessageContaining("Ed25519 keys only");
                    assertThatExceptionOfType(UnsupportedKeyException.class)
                            .isThrownBy(() -> I2pKeys.toPrivateKey(pair.privateKey()));
                    assertThatExceptionOfType(UnsupportedKeyException.class).isThrownBy(() -> I2pKeys.toKeyPair(pair));
                }
            }
        }

        @Test
        void toKeyPair_closed_isRefused() {
            SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
            pair.close();
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> I2pKeys.toKeyPair(pair));
        }
    }

    private static byte[] seedOf(SshKeyPair pair) {
        return ((Ed25519PrivateKey) pair.privateKey()).seed().toByteArray();
    }
}
