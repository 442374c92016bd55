package io.keywright.cli;

import io.keywright.format.KeyFormat;
import io.keywright.format.KeyWriter;
import io.keywright.format.PublicKeyWriter;

/** What a key can be written as. */
enum KeyTarget {
    OPENSSH("openssh", KeyFormat.OPENSSH),
    PEM("pem", KeyFormat.PEM),
    PKCS8("pkcs8", KeyFormat.PKCS8),
    PPK("ppk", KeyFormat.PPK),
    PPK2("ppk2", KeyFormat.PPK),
    SSHCOM("sshcom", KeyFormat.SSHCOM),
    JWK("jwk", KeyFormat.JWK),
    PUBLIC("public", KeyFormat.PUBLIC_LINE),
    PUBLIC_SSH2("public-ssh2", KeyFormat.PUBLIC_RFC4716),
    PUBLIC_PEM("public-pem", KeyFormat.PUBLIC_PEM),
    PUBLIC_JWK("public-jwk", KeyFormat.JWK);

    private final String label;
    private final KeyFormat format;

    KeyTarget(String label, KeyFormat format) {
        this.label = label;
        this.format = format;
    }

    String label() {
        return label;
    }

    KeyFormat format() {
        return format;
    }

    /** Tells whether a private key is written. */
    boolean isPrivate() {
        return format.holdsPrivateKeys() && this != PUBLIC_JWK;
    }

    /** Returns the writer of private keys; throws when there is none (yet). */
    KeyWriter privateWriter() {
        if (this == PPK2) {
            return KeyWriter.ppk2();
        }
        return KeyWriter.of(format);
    }

    /** Returns the writer of public keys; throws when there is none (yet). */
    PublicKeyWriter publicWriter() {
        return PublicKeyWriter.of(format);
    }

    /** Reads the argument of {@code --to}. */
    static final class Converter extends LabelConverter<KeyTarget> {
        Converter() {
            super(values(), KeyTarget::label);
        }
    }
}
