package io.keywright.transport;

import io.keywright.SignatureAlgorithm;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import java.util.Objects;

/**
 * A private key that signs where it is: in an agent, a security module, another process.
 *
 * <p>Implementations are thread-safe. Signing may block on a device or a person, within bounds of its own.
 */
public interface KeySigner {

    /**
     * Returns the public half.
     *
     * @return the public key
     */
    SshPublicKey publicKey();

    /**
     * Signs a message.
     *
     * @param message what to sign
     * @param algorithm the signature algorithm's SSH name, e.g. {@code "rsa-sha2-512"}; the key's own type but for RSA
     * @return the signature as RFC 4253, section 6.6 encodes it: algorithm name and value, for keys in security tokens
     *     with flags and counter (OpenSSH's PROTOCOL.u2f) after them
     * @throws io.keywright.SshKeyException when the key is gone, or whoever holds it declines
     */
    byte[] sign(byte[] message, String algorithm);

    /**
     * Makes a signer of a key pair.
     *
     * @param pair stays the caller's, who closes it when nothing will be signed any more
     * @return a signer that signs in this process
     */
    static KeySigner of(SshKeyPair pair) {
        Objects.requireNonNull(pair, "pair");
        return new KeySigner() {
            @Override
            public SshPublicKey publicKey() {
                return pair.publicKey();
            }

            @Override
            public byte[] sign(byte[] message, String algorithm) {
                return SignatureAlgorithm.ofSshName(algorithm)
                        .map(known -> pair.sign(message, known))
                        .orElseGet(() -> pair.sign(message))
                        .encode();
            }

            /** Says the fingerprint. */
            @Override
            public String toString() {
                return "KeySigner[" + pair.publicKey().fingerprint() + "]";
            }
        };
    }
}
