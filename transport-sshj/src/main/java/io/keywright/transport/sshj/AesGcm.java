package io.keywright.transport.sshj;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import net.schmizz.sshj.transport.cipher.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * AES-GCM (RFC 5647, as OpenSSH's PROTOCOL 1.6 has it), of the JDK: a packet's length stays readable and is authenticated
 * with it.
 *
 * <pre>
 * nonce: 4 fixed bytes, uint64 that counts packets
 * </pre>
 */
final class AesGcm implements Cipher {
    private static final int NONCE_BYTES = 12;
    private static final int COUNTER_AT = 4;
    private static final int TAG_BYTES = 16;

    private final int keyBytes;
    private final javax.crypto.Cipher cipher;
    private final byte[] nonce = new byte[NONCE_BYTES];
    private Mode mode = Mode.Encrypt;
    private @Nullable SecretKeySpec key;

    AesGcm(int keyBytes) {
        this.keyBytes = keyBytes;
        try {
            cipher = javax.crypto.Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES", e);
        }
    }

    @Override
    public void init(Mode newMode, byte[] newKey, byte[] iv) {
        mode = newMode;
        key = new SecretKeySpec(newKey, 0, keyBytes, "AES");
        System.arraycopy(iv, 0, nonce, 0, NONCE_BYTES);
    }

    /** Begins a packet with what is authenticated only: its length. */
    @Override
    public void updateAAD(byte[] data, int offset, int length) {
        try {
            cipher.init(
                    mode == Mode.Encrypt ? javax.crypto.Cipher.ENCRYPT_MODE : javax.crypto.Cipher.DECRYPT_MODE,
                    key,
                    new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
            cipher.updateAAD(data, offset, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES takes a key of " + keyBytes + " bytes", e);
        }
    }

    /** Ends the packet: in place, with the tag after it. */
    @Override
    public void update(byte[] data, int offset, int length) {
        int input = mode == Mode.Encrypt ? length : length + TAG_BYTES;
        try {
            cipher.doFinal(data, offset, input, data, offset);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a packet was changed on its way", e);
        }
        ByteBuffer counter = ByteBuffer.wrap(nonce);
        counter.putLong(COUNTER_AT, counter.getLong(COUNTER_AT) + 1);
    }

    @Override
    public void updateAAD(byte[] data) {
        updateAAD(data, 0, data.length);
    }

    @Override
    public void updateWithAAD(byte[] data, int offset, int aadLength, int length) {
        updateAAD(data, offset, aadLength);
        update(data, offset + aadLength, length);
    }

    /** Returns the key's length, which sshj calls so. */
    @Override
    public int getBlockSize() {
        return keyBytes;
    }

    @Override
    public int getIVSize() {
        return NONCE_BYTES;
    }

    @Override
    public int getAuthenticationTagSize() {
        return TAG_BYTES;
    }

    @Override
    public void setSequenceNumber(long number) {
        // counts by itself
    }
}
