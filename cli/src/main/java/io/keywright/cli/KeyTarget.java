package io.keywright.cli;

import io.keywright.format.KeyFormat;
import io.keywright.format.KeyWriter;
import io.keywright.format.PublicKeyWriter;

/** What a key can be written as. */
enum KeyTarget {
    OPENSSH("openssh", KeyFormat.OPENSSH, Kind.PRIVATE),
    PEM("pem", KeyFormat.PEM, Kind.PRIVATE),
    PKCS8("pkcs8", KeyFormat.PKCS8, Kind.PRIVATE),
    PPK("ppk", KeyFormat.PPK, Kind.PRIVATE),
    PPK2("ppk2", KeyFormat.PPK, Kind.PRIVATE),
    SSHCOM("sshcom", KeyFormat.SSHCOM, Kind.PRIVATE),
    JWK("jwk", KeyFormat.JWK, Kind.PRIVATE),
    PUBLIC("public", KeyFormat.PUBLIC_LINE, Kind.PUBLIC),
    PUBLIC_SSH2("public-ssh2", KeyFormat.PUBLIC_RFC4716, Kind.PUBLIC),
    PUBLIC_PEM("public-pem", KeyFormat.PUBLIC_PEM, Kind.PUBLIC),
    PUBLIC_PKCS1("public-pkcs1", KeyFormat.PUBLIC_PEM, Kind.PUBLIC),
    PUBLIC_JWK("public-jwk", KeyFormat.JWK, Kind.PUBLIC),
    /** No key format: records of the DNS about a public key. */
    SSHFP("sshfp", KeyFormat.PUBLIC_LINE, Kind.TEXT),
    /** No key format: a document with a public key's line in it. */
    CLOUD_INIT("cloud-init", KeyFormat.PUBLIC_LINE, Kind.TEXT);

    /** Which half of a key is written, and whether as a key file. */
    private enum Kind {
        PRIVATE,
        PUBLIC,
        TEXT
    }

    private final String label;
    private final KeyFormat format;
    private final Kind kind;

    KeyTarget(String label, KeyFormat format, Kind kind) {
        this.label = label;
        this.format = format;
        this.kind = kind;
    }

    String label() {
        return label;
    }

    /** The format of what is written, or of the public key within it. */
    KeyFormat format() {
        return format;
    }

    /** Tells whether a private key is written. */
    boolean isPrivate() {
        return kind == Kind.PRIVATE;
    }

    /** Tells whether a text about a public key is written, which is no key file. */
    boolean isText() {
        return kind == Kind.TEXT;
    }

    /** Returns the writer of private keys. */
    KeyWriter privateWriter() {
        return this == PPK2 ? KeyWriter.ppk2() : KeyWriter.of(format);
    }

    /** Returns the writer of public keys. */
    PublicKeyWriter publicWriter() {
        return this == PUBLIC_PKCS1 ? KeyWriter.publicPkcs1() : PublicKeyWriter.of(format);
    }

    /** Reads the argument of {@code --to}. */
    static final class Converter extends LabelConverter<KeyTarget> {
        Converter() {
            super(values(), KeyTarget::label);
        }
    }
}
