package io.keywright.transport.sshd;

import io.keywright.SignatureAlgorithm;
import io.keywright.SshPublicKey;
import io.keywright.SshSignature;
import java.io.ByteArrayOutputStream;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.List;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.session.SessionContext;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a host key's signature over the exchange hash with Keywright's own code, whatever providers MINA found. It does
 * not sign: users are authenticated by {@link AuthenticationService}.
 */
final class HostKeySignature implements Signature {
    // In the order in which they are offered when nothing is known about a host. SHA-1 with RSA is not offered.
    private static final List<SignatureAlgorithm> ALGORITHMS = List.of(
            SignatureAlgorithm.ED25519,
            SignatureAlgorithm.ECDSA_NISTP256,
            SignatureAlgorithm.ECDSA_NISTP384,
            SignatureAlgorithm.ECDSA_NISTP521,
            SignatureAlgorithm.RSA_SHA2_512,
            SignatureAlgorithm.RSA_SHA2_256);

    /** One for each host key algorithm that is offered. */
    static final List<NamedFactory<Signature>> FACTORIES =
            ALGORITHMS.stream().map(HostKeySignature::factory).toList();

    private final SignatureAlgorithm algorithm;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private @Nullable SshPublicKey key;

    private HostKeySignature(SignatureAlgorithm algorithm) {
        this.algorithm = algorithm;
    }

    /** Converts a key that MINA decoded back to its blob, and that to ours. */
    static SshPublicKey toSshPublicKey(PublicKey key) {
        Buffer buffer = new ByteArrayBuffer();
        buffer.putRawPublicKey(key);
        return SshPublicKey.fromBlob(buffer.getCompactData());
    }

    @Override
    public String getAlgorithm() {
        return algorithm.sshName();
    }

    @Override
    public void initVerifier(SessionContext session, PublicKey hostKey) {
        key = toSshPublicKey(hostKey);
    }

    @Override
    public void update(SessionContext session, byte[] data, int offset, int length) {
        message.write(data, offset, length);
    }

    @Override
    public boolean verify(SessionContext session, byte[] signature) {
        SshSignature decoded = SshSignature.decode(signature);
        return key != null && decoded.algorithm() == algorithm && key.verify(message.toByteArray(), decoded);
    }

    @Override
    public void initSigner(SessionContext session, PrivateKey privateKey) {
        throw new UnsupportedOperationException("host keys are only verified here");
    }

    @Override
    public byte[] sign(SessionContext session) {
        throw new UnsupportedOperationException("host keys are only verified here");
    }

    private static NamedFactory<Signature> factory(SignatureAlgorithm algorithm) {
        return new NamedFactory<>() {
            @Override
            public String getName() {
                return algorithm.sshName();
            }

            @Override
            public Signature create() {
                return new HostKeySignature(algorithm);
            }
        };
    }
}
