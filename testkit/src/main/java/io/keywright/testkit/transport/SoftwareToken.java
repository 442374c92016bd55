package io.keywright.testkit.transport;

import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.SignatureAlgorithm;
import io.keywright.SkEcdsaPublicKey;
import io.keywright.SkEd25519PublicKey;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.internal.WireWriter;
import io.keywright.transport.KeySigner;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A security token without the token: signs as a FIDO2 authenticator does whose owner touches it (OpenSSH's PROTOCOL.u2f).
 *
 * <pre>
 * signed:    byte[32] SHA-256(application), byte flags, uint32 counter, byte[32] SHA-256(message)
 * signature: string algorithm, string value, byte flags, uint32 counter
 * </pre>
 */
final class SoftwareToken implements KeySigner {
    private static final byte[] APPLICATION = "ssh:".getBytes(StandardCharsets.UTF_8);
    private static final int TOUCHED = 1;
    private static final int COUNTER = 42;

    /** The two kinds of keys that tokens hold. */
    enum Kind {
        ED25519 {
            @Override
            SoftwareToken make() {
                SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
                byte[] point = ((Ed25519PublicKey) pair.publicKey()).point();
                return new SoftwareToken(pair, SkEd25519PublicKey.of(point, APPLICATION), SignatureAlgorithm.ED25519);
            }
        },
        ECDSA {
            @Override
            SoftwareToken make() {
                SshKeyPair pair = SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256).generate();
                byte[] point = ((EcdsaPublicKey) pair.publicKey()).point();
                return new SoftwareToken(
                        pair, SkEcdsaPublicKey.of(point, APPLICATION), SignatureAlgorithm.ECDSA_NISTP256);
            }
        };

        abstract SoftwareToken make();
    }

    private final SshKeyPair pair;
    private final SshPublicKey publicKey;
    private final SignatureAlgorithm beneath;

    private SoftwareToken(SshKeyPair pair, SshPublicKey publicKey, SignatureAlgorithm beneath) {
        this.pair = pair;
        this.publicKey = publicKey;
        this.beneath = beneath;
    }

    @Override
    public SshPublicKey publicKey() {
        return publicKey;
    }

    @Override
    public byte[] sign(byte[] message, String algorithm) {
        try (WireWriter signed = new WireWriter();
                WireWriter signature = new WireWriter()) {
            signed.writeBytes(sha256(APPLICATION))
                    .writeByte(TOUCHED)
                    .writeUint32(COUNTER)
                    .writeBytes(sha256(message));
            return signature
                    .writeString(algorithm)
                    .writeString(pair.sign(signed.toByteArray(), beneath).value())
                    .writeByte(TOUCHED)
                    .writeUint32(COUNTER)
                    .toByteArray();
        }
    }

    private static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
