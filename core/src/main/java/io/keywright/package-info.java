/**
 * SSH keys: public keys, key pairs, generation, signatures and fingerprints.
 *
 * <pre>{@code
 * try (SshKeyPair pair = SshKeyPairGenerator.ed25519().withComment("deploy@prod").generate()) {
 *     String line = pair.publicKey().toLine();           // ssh-ed25519 AAAA... deploy@prod
 *     Fingerprint print = pair.publicKey().fingerprint();  // SHA256:...
 *     SshSignature signature = pair.sign(message);
 *     boolean genuine = pair.publicKey().verify(message, signature);
 * }
 * }</pre>
 *
 * <p>Public keys, fingerprints, comments and signatures are immutable and thread-safe. Secrets ({@link
 * io.keywright.SecretBytes}, {@link io.keywright.Passphrase}, {@link io.keywright.SshPrivateKey}, {@link
 * io.keywright.SshKeyPair}) are closeable, and wiped when closed.
 */
@NullMarked
package io.keywright;

import org.jspecify.annotations.NullMarked;
