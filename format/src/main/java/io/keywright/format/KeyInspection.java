package io.keywright.format;

import io.keywright.Fingerprint;
import io.keywright.KeyComment;
import io.keywright.SshPublicKey;
import java.util.List;
import java.util.Optional;

/**
 * What a key file tells without a passphrase. Immutable and thread-safe; holds nothing secret.
 *
 * @param format the file's format
 * @param holdsPrivateKey whether there is a private key in it
 * @param algorithm SSH's name of the key's algorithm, e.g. {@code "ssh-ed25519"}; empty where encryption hides it
 * @param bits the key's size as {@code ssh-keygen -l} counts; 0 where it is hidden or unknown
 * @param encrypted whether a passphrase is needed to read the private key
 * @param cipher the cipher's name as the file gives it; empty when not encrypted
 * @param kdf the key derivation function and its cost; empty when not encrypted
 * @param comment the comment, maybe an empty one; no value where encryption hides it or the format has none
 * @param publicKey the public key, with the comment; empty where encryption hides it
 * @param warnings what the owner should know, in a fixed order
 */
public record KeyInspection(
        KeyFormat format,
        boolean holdsPrivateKey,
        Optional<String> algorithm,
        int bits,
        boolean encrypted,
        Optional<String> cipher,
        Optional<KdfDescription> kdf,
        Optional<KeyComment> comment,
        Optional<SshPublicKey> publicKey,
        List<KeyWarning> warnings) {

    /** Copies the list. */
    public KeyInspection {
        warnings = List.copyOf(warnings);
    }

    /**
     * Computes the fingerprint of the public key.
     *
     * @return the SHA-256 fingerprint; empty where encryption hides the public key
     */
    public Optional<Fingerprint> fingerprint() {
        return publicKey.map(SshPublicKey::fingerprint);
    }
}
