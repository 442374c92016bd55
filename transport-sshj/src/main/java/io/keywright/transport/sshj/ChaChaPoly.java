package io.keywright.transport.sshj;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import net.schmizz.sshj.transport.cipher.Cipher;
import org.bouncycastle.crypto.engines.ChaChaEngine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * {@code chacha20-poly1305@openssh.com} (OpenSSH's PROTOCOL.chacha20poly1305), of Bouncy Castle's own classes.
 *
 * <pre>
 * key:    32 bytes for the content, 32 bytes for the length
 * packet: length under the second key; content under the first from block 1; Poly1305 tag over both ciphertexts
 * nonce:  uint64 packet number; the tag's key is the first 32 bytes of the content's block 0
 * </pre>
 */
final class ChaChaPoly implements Cipher {
    private static final int KEY_BYTES = 32;
    private static final int BLOCK_BYTES = 64;
    private static final int LENGTH_BYTES = 4;
    private static final int TAG_BYTES = 16;

    private final ChaChaEngine content = new ChaChaEngine();
    private final ChaChaEngine lengths = new ChaChaEngine();
    private final Poly1305 poly = new Poly1305();
    private Mode mode = Mode.Encrypt;
    private KeyParameter contentKey = new KeyParameter(new byte[KEY_BYTES]);
    private KeyParameter lengthKey = contentKey;

    @Override
    public void init(Mode newMode, byte[] key, byte[] iv) {
        mode = newMode;
        contentKey = new KeyParameter(key, 0, KEY_BYTES);
        lengthKey = new KeyParameter(key, KEY_BYTES, KEY_BYTES);
    }

    /** Begins a packet. */
    @Override
    public void setSequenceNumber(long number) {
        byte[] nonce = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        content.init(true, new ParametersWithIV(contentKey, nonce));
        lengths.init(true, new ParametersWithIV(lengthKey, nonce));
        byte[] block = new byte[BLOCK_BYTES];
        content.processBytes(block, 0, BLOCK_BYTES, block, 0);
        poly.init(new KeyParameter(block, 0, KEY_BYTES));
        Arrays.fill(block, (byte) 0);
    }

    /** Takes the packet's length, which is encrypted on its own, in place. */
    @Override
    public void updateAAD(byte[] data, int offset, int length) {
        if (length != LENGTH_BYTES) {
            throw new IllegalArgumentException("a packet's length has " + LENGTH_BYTES + " bytes, got " + length);
        }
        if (mode == Mode.Decrypt) {
            poly.update(data, offset, length);
        }
        lengths.processBytes(data, offset, length, data, offset);
        if (mode == Mode.Encrypt) {
            poly.update(data, offset, length);
        }
    }

    /** Ends the packet: in place, with the tag after it. */
    @Override
    public void update(byte[] data, int offset, int length) {
        byte[] tag = new byte[TAG_BYTES];
        if (mode == Mode.Decrypt) {
            poly.update(data, offset, length);
            poly.doFinal(tag, 0);
            byte[] sent = Arrays.copyOfRange(data, offset + length, offset + length + TAG_BYTES);
            if (!MessageDigest.isEqual(tag, sent)) {
                throw new IllegalStateException("a packet was changed on its way");
            }
        }
        content.processBytes(data, offset, length, data, offset);
        if (mode == Mode.Encrypt) {
            poly.update(data, offset, length);
            poly.doFinal(data, offset + length);
        }
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

    /** Returns the length of both keys, which sshj calls so. */
    @Override
    public int getBlockSize() {
        return 2 * KEY_BYTES;
    }

    @Override
    public int getIVSize() {
        return 0;
    }

    @Override
    public int getAuthenticationTagSize() {
        return TAG_BYTES;
    }
}
