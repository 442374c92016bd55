package io.keywright.format;

import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;

/** Writes public keys in one format, comment and all where it has a place. Immutable and thread-safe. */
public final class PublicKeyWriter {
    private final KeyFormat format;

    private PublicKeyWriter(KeyFormat format) {
        this.format = format;
    }

    /**
     * Returns a writer of a format.
     *
     * @param format a format of public keys
     * @return the writer
     * @throws UnsupportedKeyException when public keys are not written in that format
     */
    public static PublicKeyWriter of(KeyFormat format) {
        if (format != KeyFormat.PUBLIC_LINE && format != KeyFormat.PUBLIC_RFC4716) {
            throw new UnsupportedKeyException(
                    format.displayName(), "public keys are not written in the format " + format.displayName());
        }
        return new PublicKeyWriter(format);
    }

    /**
     * Returns the format.
     *
     * @return the format
     */
    public KeyFormat format() {
        return format;
    }

    /**
     * Writes a key.
     *
     * @param key the key
     * @return the file's content, with a final newline
     * @throws SshKeyException when the comment cannot stand in the format
     */
    public EncodedKey write(SshPublicKey key) {
        return format == KeyFormat.PUBLIC_RFC4716 ? Rfc4716Codec.write(key) : PublicLineCodec.write(key);
    }
}
