package io.keywright.rotation;

import io.keywright.EcdsaCurve;
import io.keywright.SshKeyPairGenerator;
import java.util.OptionalInt;

/**
 * What key a credential is to have.
 *
 * @param type the key type
 * @param bits size of an RSA modulus, empty for the default and for every other type
 * @param comment the comment of generated keys
 */
public record KeySpec(Type type, OptionalInt bits, String comment) {

    /** Key types that are generated. */
    public enum Type {
        /** Ed25519. */
        ED25519("ed25519"),
        /** Ed448. */
        ED448("ed448"),
        /** ECDSA on P-256. */
        ECDSA_P256("ecdsa-p256"),
        /** ECDSA on P-384. */
        ECDSA_P384("ecdsa-p384"),
        /** ECDSA on P-521. */
        ECDSA_P521("ecdsa-p521"),
        /** RSA. */
        RSA("rsa");

        private final String label;

        Type(String label) {
            this.label = label;
        }

        /**
         * Returns the name used in credential files and on the command line.
         *
         * @return e.g. {@code "ecdsa-p256"}
         */
        public String label() {
            return label;
        }
    }

    /** Checks that only RSA has a size. */
    public KeySpec {
        if (bits.isPresent() && type != Type.RSA) {
            throw new IllegalArgumentException("only an RSA key has a choice of bits, not " + type.label());
        }
    }

    /**
     * Specifies an Ed25519 key.
     *
     * @param comment the comment of generated keys
     * @return the specification
     */
    public static KeySpec ed25519(String comment) {
        return new KeySpec(Type.ED25519, OptionalInt.empty(), comment);
    }

    /**
     * Makes the generator of such keys.
     *
     * @return a generator
     * @throws IllegalArgumentException when the RSA size is out of range
     */
    public SshKeyPairGenerator generator() {
        SshKeyPairGenerator generator = switch (type) {
            case ED25519 -> SshKeyPairGenerator.ed25519();
            case ED448 -> SshKeyPairGenerator.ed448();
            case ECDSA_P256 -> SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256);
            case ECDSA_P384 -> SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP384);
            case ECDSA_P521 -> SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP521);
            case RSA -> bits.isPresent() ? SshKeyPairGenerator.rsa(bits.getAsInt()) : SshKeyPairGenerator.rsa();
        };
        return generator.withComment(comment);
    }
}
