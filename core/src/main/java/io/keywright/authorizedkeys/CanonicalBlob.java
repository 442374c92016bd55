package io.keywright.authorizedkeys;

import io.keywright.MalformedKeyException;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;

/**
 * Public key blobs as their key would write them. Only RSA and DSA blobs have a choice: sshd(8) accepts zeros in front of
 * their numbers, so that two different blobs can be one key.
 */
final class CanonicalBlob {
    private static final String FORMAT = "public key blob";

    private CanonicalBlob() {}

    /** Returns the blob without needless zeros; as it is when it has none, or is broken. Makes no key object. */
    static byte[] of(String algorithm, byte[] blob) {
        int numbers = switch (algorithm) {
            case "ssh-rsa" -> 2;
            case "ssh-dss" -> 4;
            default -> 0;
        };
        if (numbers == 0) {
            return blob;
        }
        try (WireWriter writer = new WireWriter()) {
            WireReader reader = new WireReader(FORMAT, blob);
            writer.writeString(reader.readName("algorithm"));
            for (int i = 0; i < numbers; i++) {
                byte[] number = reader.readString("number");
                if (number.length > 0 && number[0] < 0) {
                    return blob;
                }
                writer.writeUnsigned(number);
            }
            reader.requireEnd("end of the blob");
            return writer.size() == blob.length ? blob : writer.toByteArray();
        } catch (MalformedKeyException e) {
            // Broken blobs are compared and hashed as they are; whoever asks for the key learns what is wrong.
            return blob;
        }
    }
}
