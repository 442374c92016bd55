package io.keywright.transport.sshj;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import net.schmizz.sshj.transport.cipher.Cipher;

/** AES in counter mode (RFC 4344, section 4), of the JDK. One stream for all packets, which a MAC has to protect. */
final class AesCtr implements Cipher {
    private static final int AES_BLOCK_BYTES = 16;

    private final int keyBytes;
    private final javax.crypto.Cipher cipher;

    AesCtr(int keyBytes) {
        this.keyBytes = keyBytes;
        try {
            cipher = javax.crypto.Cipher.getInstance("AES/CTR/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES", e);
        }
    }

    @Override
    public void init(Mode mode, byte[] key, byte[] iv) {
        try {
            cipher.init(
                    mode == Mode.Encrypt ? javax.crypto.Cipher.ENCRYPT_MODE : javax.crypto.Cipher.DECRYPT_MODE,
                    new SecretKeySpec(key, 0, keyBytes, "AES"),
                    new IvParameterSpec(Arrays.copyOf(iv, AES_BLOCK_BYTES)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES takes a key of " + keyBytes + " bytes", e);
        }
    }

    @Override
    public void update(byte[] data, int offset, int length) {
        try {
            cipher.update(data, offset, length, data, offset);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a stream cipher's output is as long as its input", e);
        }
    }

    /** Returns the key's length, which sshj calls so. */
    @Override
    public int getBlockSize() {
        return keyBytes;
    }

    @Override
    public int getIVSize() {
        return AES_BLOCK_BYTES;
    }

    @Override
    public int getAuthenticationTagSize() {
        return 0;
    }

    @Override
    public void updateAAD(byte[] data, int offset, int length) {
        throw new UnsupportedOperationException("counter mode does not authenticate");
    }

    @Override
    public void updateAAD(byte[] data) {
        updateAAD(data, 0, data.length);
    }

    @Override
    public void updateWithAAD(byte[] data, int offset, int aadLength, int length) {
        updateAAD(data, offset, aadLength);
    }

    @Override
    public void setSequenceNumber(long number) {
        // counts by itself
    }
}
