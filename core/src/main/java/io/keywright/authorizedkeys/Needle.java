package io.keywright.authorizedkeys;

import io.keywright.SshPublicKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** A key that is looked for in many lines, which are decoded only where their text leaves a doubt. */
final class Needle {
    private final String algorithm;
    private final byte[] blob;
    private final byte[] base64;

    Needle(SshPublicKey key) {
        this.algorithm = key.algorithm();
        this.blob = CanonicalBlob.of(algorithm, key.blob());
        this.base64 = Base64.getEncoder().encodeToString(blob).getBytes(StandardCharsets.US_ASCII);
    }

    boolean isIn(Entry entry) {
        return isIn(entry.data, entry.layout);
    }

    boolean isIn(byte[] data, LineLayout layout) {
        int length = layout.blobEnd - layout.blobStart;
        if (length < base64.length || !layout.algorithm.equals(algorithm)) {
            return false;
        }
        if (length == base64.length) {
            return Arrays.equals(data, layout.blobStart, layout.blobEnd, base64, 0, base64.length);
        }
        // Longer text may hold needless zeros, or characters that base64 skips: only decoding tells.
        return Arrays.equals(
                CanonicalBlob.of(algorithm, Base64Text.decode(data, layout.blobStart, layout.blobEnd)), blob);
    }
}
