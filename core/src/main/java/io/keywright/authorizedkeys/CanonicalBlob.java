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
        if (numbers == 0 || isCanonical(blob, numbers)) {
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

    /** Looks at the numbers in place, since nearly all blobs are canonical. False when in doubt. */
    private static boolean isCanonical(byte[] blob, int numbers) {
        long at = 4 + length(blob, 0);
        for (int i = 0; i < numbers; i++) {
            long length = length(blob, at);
            long from = at + 4;
            at = from + length;
            if (length < 2 || at > blob.length) {
                return false;
            }
            if (blob[(int) from] == 0 && blob[(int) from + 1] >= 0) {
                return false;
            }
        }
        return at == blob.length;
    }

    private static long length(byte[] blob, long at) {
        if (at + 4 > blob.length) {
            return Integer.MAX_VALUE;
        }
        int i = (int) at;
        return (blob[i] & 0xffL) << 24 | (blob[i + 1] & 0xff) << 16 | (blob[i + 2] & 0xff) << 8 | (blob[i + 3] & 0xff);
    }
}
