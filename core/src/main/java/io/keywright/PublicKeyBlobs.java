package io.keywright;

import io.keywright.internal.WireReader;

/** Decodes public key blobs: reads the algorithm's name and hands the rest to the class of that algorithm. */
final class PublicKeyBlobs {
    static final String FORMAT = "public key blob";

    private PublicKeyBlobs() {}

    static SshPublicKey decode(byte[] blob) {
        if (blob.length > SshPublicKey.MAX_BLOB_BYTES) {
            throw new LimitExceededException(
                    "public key blob size in bytes", blob.length, SshPublicKey.MAX_BLOB_BYTES, "this limit is fixed");
        }
        WireReader reader = new WireReader(FORMAT, blob);
        String algorithm = reader.readName("algorithm");
        SshPublicKey key = switch (algorithm) {
            case RsaPublicKey.ALGORITHM -> RsaPublicKey.read(reader);
            case DsaPublicKey.ALGORITHM -> DsaPublicKey.read(reader);
            case "ecdsa-sha2-nistp256" -> EcdsaPublicKey.read(EcdsaCurve.NISTP256, reader);
            case "ecdsa-sha2-nistp384" -> EcdsaPublicKey.read(EcdsaCurve.NISTP384, reader);
            case "ecdsa-sha2-nistp521" -> EcdsaPublicKey.read(EcdsaCurve.NISTP521, reader);
            case Ed25519PublicKey.ALGORITHM -> Ed25519PublicKey.read(reader);
            case Ed448PublicKey.ALGORITHM -> Ed448PublicKey.read(reader);
            case SkEcdsaPublicKey.ALGORITHM -> SkEcdsaPublicKey.read(reader);
            case SkEd25519PublicKey.ALGORITHM -> SkEd25519PublicKey.read(reader);
            default -> OpaquePublicKey.of(algorithm, blob);
        };
        if (!(key instanceof OpaquePublicKey)) {
            reader.requireEnd("end of the blob");
        }
        return key;
    }
}
