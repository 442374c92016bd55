package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.UnsupportedKeyException;
import java.security.SecureRandom;

/**
 * Writes private keys in one format. Immutable and thread-safe; each {@code with...} returns a copy. The formats' own
 * options are methods of the subtypes. More formats will come.
 *
 * <pre>{@code
 * EncodedKey file = KeyWriter.openssh().withPassphrase(passphrase).write(pair);
 * }</pre>
 */
public sealed interface KeyWriter
        permits JwkKeyWriter, OpensshKeyWriter, PemKeyWriter, Pkcs8KeyWriter, PpkKeyWriter, SshComKeyWriter {

    /**
     * Writes OpenSSH's own format, the one to choose unless another program asks for another.
     *
     * @return a writer of plain keys, until it is given a passphrase
     */
    static OpensshKeyWriter openssh() {
        return OpensshKeyWriter.PLAIN;
    }

    /**
     * Writes PKCS#8 in PEM, for OpenSSL, Java and their kin. It holds no comment.
     *
     * @return a writer of plain keys, until it is given a passphrase
     */
    static Pkcs8KeyWriter pkcs8() {
        return Pkcs8KeyWriter.PLAIN;
    }

    /**
     * Writes OpenSSL's traditional PEM, for programs that read nothing newer. It holds no comment and no Ed25519.
     *
     * @return a writer of plain keys, until it is given a passphrase
     */
    static PemKeyWriter pem() {
        return PemKeyWriter.PLAIN;
    }

    /**
     * Writes PPK version 3, for PuTTY 0.75 and later and what understands its files.
     *
     * @return a writer of plain keys, until it is given a passphrase
     */
    static PpkKeyWriter ppk() {
        return PpkKeyWriter.VERSION_3;
    }

    /**
     * Writes PPK version 2, for programs that do not know version 3.
     *
     * @return a writer of plain keys, until it is given a passphrase
     */
    static PpkKeyWriter ppk2() {
        return PpkKeyWriter.VERSION_2;
    }

    /**
     * Writes the private key file of ssh.com, {@code SSH2 ENCRYPTED PRIVATE KEY}: RSA and DSA, for ssh.com's server and its
     * kin. Its encryption is weak.
     *
     * @return a writer of plain keys, until it is given a passphrase
     */
    static SshComKeyWriter sshcom() {
        return SshComKeyWriter.PLAIN;
    }

    /**
     * Writes a private JSON Web Key (RFC 7517), for JOSE and OAuth. It is always plain.
     *
     * @return a writer of plain keys
     */
    static JwkKeyWriter jwk() {
        return JwkKeyWriter.INSTANCE;
    }

    /**
     * Returns a writer of a format, with that format's defaults.
     *
     * @param format a format of private keys
     * @return the writer
     * @throws UnsupportedKeyException when private keys are not written in that format
     */
    static KeyWriter of(KeyFormat format) {
        return switch (format) {
            case OPENSSH -> openssh();
            case PKCS8 -> pkcs8();
            case PPK -> ppk();
            case PEM -> pem();
            case SSHCOM -> sshcom();
            case JWK -> jwk();
            case PUBLIC_LINE, PUBLIC_RFC4716, PUBLIC_PEM ->
                throw new UnsupportedKeyException(
                        format.displayName(), "private keys are not written in the format " + format.displayName());
        };
    }

    /**
     * Writes public keys as OpenSSH's one line.
     *
     * @return a writer of public keys
     */
    static PublicKeyWriter publicLine() {
        return PublicKeyWriter.of(KeyFormat.PUBLIC_LINE);
    }

    /**
     * Writes public keys as RFC 4716 says, {@code SSH2 PUBLIC KEY}: for ssh.com's server and its kin.
     *
     * @return a writer of public keys
     */
    static PublicKeyWriter publicRfc4716() {
        return PublicKeyWriter.of(KeyFormat.PUBLIC_RFC4716);
    }

    /**
     * Writes public keys as {@code PUBLIC KEY} in PEM (RFC 7468, section 13): for OpenSSL and its kin. It holds no comment.
     *
     * @return a writer of public keys
     */
    static PublicKeyWriter publicPem() {
        return PublicKeyWriter.of(KeyFormat.PUBLIC_PEM);
    }

    /**
     * Writes public RSA keys as {@code RSA PUBLIC KEY} in PEM (PKCS#1; RFC 8017, appendix A.1.1). It holds no comment.
     *
     * @return a writer of public keys, which refuses those that are not RSA
     */
    static PublicKeyWriter publicPkcs1() {
        return PublicKeyWriter.ofPkcs1();
    }

    /**
     * Writes public keys as JSON Web Keys (RFC 7517), for JOSE and OAuth.
     *
     * @return a writer of public keys
     */
    static PublicKeyWriter publicJwk() {
        return PublicKeyWriter.of(KeyFormat.JWK);
    }

    /**
     * Returns the format.
     *
     * @return the format
     */
    KeyFormat format();

    /**
     * Returns a writer that encrypts.
     *
     * @param passphrase stays the caller's, who closes it after writing
     * @return a copy
     * @throws UnsupportedKeyException when keys in this format are never encrypted
     */
    KeyWriter withPassphrase(Passphrase passphrase);

    /**
     * Returns a writer that writes another comment than the key's.
     *
     * @param comment the comment
     * @return a copy
     */
    KeyWriter withComment(KeyComment comment);

    /**
     * Returns a writer that writes another comment than the key's.
     *
     * @param comment the comment
     * @return a copy
     */
    KeyWriter withComment(String comment);

    /**
     * Returns a writer with a random source of the caller's, for salts and the like.
     *
     * @param random the source
     * @return a copy
     */
    KeyWriter withRandom(SecureRandom random);

    /**
     * Writes a key.
     *
     * @param pair the key, which stays the caller's
     * @return the file's content; the caller closes it
     * @throws UnsupportedKeyException when the format has no place for such a key
     * @throws SshKeyException when the comment cannot stand in the format
     * @throws KeyDerivationInterruptedException when the thread is interrupted meanwhile
     * @throws IllegalStateException when options of encryption are set and there is no passphrase, or the key is closed
     */
    EncodedKey write(SshKeyPair pair);
}
