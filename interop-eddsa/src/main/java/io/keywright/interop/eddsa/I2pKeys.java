package io.keywright.interop.eddsa;

import io.keywright.Ed25519PrivateKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.KeyMismatchException;
import io.keywright.MalformedKeyException;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.SshPrivateKey;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.Arrays;
import net.i2p.crypto.eddsa.EdDSAKey;
import net.i2p.crypto.eddsa.EdDSAPrivateKey;
import net.i2p.crypto.eddsa.EdDSAPublicKey;
import net.i2p.crypto.eddsa.spec.EdDSANamedCurveTable;
import net.i2p.crypto.eddsa.spec.EdDSAParameterSpec;
import net.i2p.crypto.eddsa.spec.EdDSAPrivateKeySpec;
import net.i2p.crypto.eddsa.spec.EdDSAPublicKeySpec;

/**
 * Conversion of Ed25519 keys (RFC 8032) from and to the classes of {@code net.i2p.crypto:eddsa}. Numbers are copied; each
 * side keeps its own object. Stateless and thread-safe.
 */
public final class I2pKeys {
    /** Not looked up by its name: any code may put another curve under that. */
    private static final EdDSAParameterSpec ED25519 = EdDSANamedCurveTable.ED_25519_CURVE_SPEC;

    private I2pKeys() {}

    /**
     * Converts a public key, whoever made it.
     *
     * @param key a key of i2p, or any that {@link SshPublicKey#of(PublicKey)} takes
     * @return the public key, without a comment
     * @throws UnsupportedKeyException when it is on another curve than Ed25519, or SSH has no such key
     * @throws MalformedKeyException when it is no point of the curve
     */
    public static SshPublicKey publicKey(PublicKey key) {
        return key instanceof EdDSAPublicKey i2p ? publicKey(i2p) : SshPublicKey.of(key);
    }

    /**
     * Converts a public key of i2p.
     *
     * @param key the key
     * @return the public key, without a comment
     * @throws UnsupportedKeyException when it is on another curve than Ed25519
     * @throws MalformedKeyException when it is no point of the curve
     */
    public static Ed25519PublicKey publicKey(EdDSAPublicKey key) {
        requireEd25519(key);
        return Ed25519PublicKey.of(key.getAbyte());
    }

    /**
     * Converts a private key of i2p.
     *
     * @param key the key, which has a seed and the public point that belongs to it
     * @return the private key, to be closed
     * @throws UnsupportedKeyException when it has no seed, since it was made of the seed's hash, from which there is no way
     *     back; or when it is on another curve than Ed25519
     * @throws KeyMismatchException when the public point that it carries is not the seed's
     */
    public static Ed25519PrivateKey privateKey(EdDSAPrivateKey key) {
        requireEd25519(key);
        byte[] seed = key.getSeed();
        if (seed == null) {
            throw new UnsupportedKeyException(
                    key.getAlgorithm(),
                    "the private key was made of the hash of its seed and has no seed, which is all that SSH's formats"
                            + " store: make it of the seed, or generate a new key");
        }
        // A copy: the array is the key's own, and ours is wiped when it is closed.
        Ed25519PrivateKey copy = Ed25519PrivateKey.takeOver(SecretBytes.copyOf(seed));
        if (!Arrays.equals(copy.derivePublicKey().point(), key.getAbyte())) {
            copy.close();
            throw new KeyMismatchException(
                    "i2p private key", "seed and point", "the public point that it carries is not the seed's");
        }
        return copy;
    }

    /**
     * Converts a private key of i2p, which carries its public half.
     *
     * @param key the key
     * @return the pair, without a comment, to be closed
     * @throws UnsupportedKeyException see {@link #privateKey(EdDSAPrivateKey)}
     * @throws KeyMismatchException when the public point that it carries is not the seed's
     */
    public static SshKeyPair keyPair(EdDSAPrivateKey key) {
        Ed25519PrivateKey privateKey = privateKey(key);
        return SshKeyPair.of(privateKey.derivePublicKey(), privateKey);
    }

    /**
     * Converts a key pair, whoever made it; its halves need not come from the same library.
     *
     * @param pair halves of i2p, or any that {@link SshKeyPair#of(KeyPair)} takes
     * @return the pair, without a comment, to be closed; the JCA pair stays the caller's
     * @throws UnsupportedKeyException when a half is of no kind that SSH has, or the private half does not show its seed
     * @throws KeyMismatchException when the halves do not belong together
     * @throws MalformedKeyException when a half is broken
     */
    public static SshKeyPair keyPair(KeyPair pair) {
        SshPublicKey publicKey = publicKey(pair.getPublic());
        if (pair.getPrivate() instanceof EdDSAPrivateKey i2p) {
            return SshKeyPair.of(publicKey, privateKey(i2p));
        }
        return SshKeyPair.of(new KeyPair(publicKey.toPublicKey(), pair.getPrivate()));
    }

    /**
     * Makes a public key of i2p.
     *
     * @param key an Ed25519 key; its comment is lost
     * @return the key
     * @throws UnsupportedKeyException when it is no Ed25519 key
     */
    public static EdDSAPublicKey toPublicKey(SshPublicKey key) {
        if (key instanceof Ed25519PublicKey ed25519) {
            return new EdDSAPublicKey(new EdDSAPublicKeySpec(ed25519.point(), ED25519));
        }
        throw notEd25519(key.algorithm());
    }

    /**
     * Makes a private key of i2p. It cannot be wiped: drop it soon.
     *
     * @param key an Ed25519 key
     * @return the key
     * @throws UnsupportedKeyException when it is no Ed25519 key
     * @throws IllegalStateException when closed
     */
    public static EdDSAPrivateKey toPrivateKey(SshPrivateKey key) {
        if (key instanceof Ed25519PrivateKey ed25519) {
            // The array becomes the new key's own, so this copy must not be wiped.
            return new EdDSAPrivateKey(new EdDSAPrivateKeySpec(ed25519.seed().toByteArray(), ED25519));
        }
        throw notEd25519(key.toString());
    }

    /**
     * Makes a key pair of i2p. Its private half cannot be wiped: drop it soon.
     *
     * @param pair an Ed25519 pair; its comment is lost
     * @return the pair
     * @throws UnsupportedKeyException when it is no Ed25519 pair
     * @throws IllegalStateException when closed
     */
    public static KeyPair toKeyPair(SshKeyPair pair) {
        return new KeyPair(toPublicKey(pair.publicKey()), toPrivateKey(pair.privateKey()));
    }

    /** The library lets a key have any curve and hash. */
    private static void requireEd25519(EdDSAKey key) {
        if (!ED25519.equals(key.getParams())) {
            throw new UnsupportedKeyException(
                    EdDSAKey.KEY_ALGORITHM, "the i2p key is on another curve, or with another hash, than Ed25519");
        }
    }

    private static UnsupportedKeyException notEd25519(String kind) {
        return new UnsupportedKeyException(
                kind,
                "net.i2p.crypto:eddsa has Ed25519 keys only; this one is " + kind + ": hand it over as a JCA key");
    }
}
