package io.keywright;

/**
 * A public key of an algorithm that Keywright has no class for, such as a certificate. It is listed, compared, installed
 * and removed, and comes back byte for byte; it cannot be validated or used to verify.
 */
public final class OpaquePublicKey extends SshPublicKey {
    private final String algorithm;

    private OpaquePublicKey(String algorithm, byte[] blob, KeyComment comment) {
        super(blob, comment);
        this.algorithm = algorithm;
    }

    static OpaquePublicKey of(String algorithm, byte[] blob) {
        // Its length was checked when it was read. In a line "#" begins a comment and quotes and commas belong to
        // options.
        boolean nameFits = !algorithm.isEmpty()
                && algorithm.charAt(0) != '#'
                && algorithm.chars().noneMatch(c -> c <= ' ' || c == ',' || c == '"');
        if (!nameFits) {
            throw new MalformedKeyException(
                    PublicKeyBlobs.FORMAT, "algorithm", "not a name as RFC 4251, section 6, allows it");
        }
        return new OpaquePublicKey(algorithm, blob.clone(), KeyComment.EMPTY);
    }

    @Override
    public String algorithm() {
        return algorithm;
    }

    /** Always 0: the size is unknown. */
    @Override
    public int bits() {
        return 0;
    }

    @Override
    public String shortName() {
        return "UNKNOWN";
    }

    @Override
    OpaquePublicKey copyWith(KeyComment newComment) {
        return new OpaquePublicKey(algorithm, blobInPlace(), newComment);
    }
}
