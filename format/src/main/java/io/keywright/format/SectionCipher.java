package io.keywright.format;

import java.util.Arrays;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.ChaChaEngine;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.modes.SICBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts and decrypts the private section of an openssh-key-v1 file. Key and IV come as one array, the way the KDF gives
 * them; an authenticated cipher's tag follows the ciphertext and covers nothing else.
 */
final class SectionCipher {
    /** The length of an authenticated cipher's tag. */
    static final int TAG_BYTES = 16;

    private static final int CHACHA_KEY_BYTES = 32;

    private SectionCipher() {}

    /** Encrypts; the plain text's length is a multiple of the block. Returns ciphertext and, for some ciphers, tag. */
    static byte[] encrypt(OpensshCipher cipher, byte[] keyAndIv, byte[] plain) {
        return switch (cipher.mode) {
            case CBC, CTR -> blocks(true, cipher, keyAndIv, plain, 0, plain.length);
            case GCM -> {
                byte[] sealed = gcm(true, keyAndIv, cipher, plain, 0, plain.length);
                if (sealed == null) {
                    throw new IllegalStateException("encryption has no tag to fail on");
                }
                yield sealed;
            }
            case CHACHA20_POLY1305 -> {
                byte[] sealed = new byte[plain.length + TAG_BYTES];
                ChaChaEngine stream = chacha(keyAndIv);
                Poly1305 mac = poly1305(stream);
                stream.processBytes(plain, 0, plain.length, sealed, 0);
                mac.update(sealed, 0, plain.length);
                mac.doFinal(sealed, plain.length);
                yield sealed;
            }
        };
    }

    /**
     * Decrypts {@code length} bytes of ciphertext, which the tag follows directly in the array for those that have one.
     * Returns null when the tag is wrong.
     */
    static byte @Nullable [] decrypt(OpensshCipher cipher, byte[] keyAndIv, byte[] data, int from, int length) {
        return switch (cipher.mode) {
            case CBC, CTR -> blocks(false, cipher, keyAndIv, data, from, length);
            case GCM -> gcm(false, keyAndIv, cipher, data, from, length + TAG_BYTES);
            case CHACHA20_POLY1305 -> {
                ChaChaEngine stream = chacha(keyAndIv);
                Poly1305 mac = poly1305(stream);
                byte[] tag = new byte[TAG_BYTES];
                mac.update(data, from, length);
                mac.doFinal(tag, 0);
                if (!org.bouncycastle.util.Arrays.constantTimeAreEqual(TAG_BYTES, tag, 0, data, from + length)) {
                    yield null;
                }
                byte[] plain = new byte[length];
                stream.processBytes(data, from, length, plain, 0);
                yield plain;
            }
        };
    }

    private static byte[] blocks(
            boolean encrypt, OpensshCipher cipher, byte[] keyAndIv, byte[] data, int from, int length) {
        BlockCipher engine = cipher == OpensshCipher.TRIPLE_DES_CBC ? new DESedeEngine() : AESEngine.newInstance();
        BlockCipher mode = cipher.mode == OpensshCipher.Mode.CBC
                ? CBCBlockCipher.newInstance(engine)
                : SICBlockCipher.newInstance(engine);
        mode.init(
                encrypt,
                new ParametersWithIV(
                        new KeyParameter(keyAndIv, 0, cipher.keyBytes), keyAndIv, cipher.keyBytes, cipher.ivBytes));
        byte[] out = new byte[length];
        for (int done = 0; done < length; done += cipher.blockBytes) {
            mode.processBlock(data, from + done, out, done);
        }
        return out;
    }

    private static byte @Nullable [] gcm(
            boolean encrypt, byte[] keyAndIv, OpensshCipher cipher, byte[] data, int from, int length) {
        GCMModeCipher gcm = GCMBlockCipher.newInstance(AESEngine.newInstance());
        byte[] iv = Arrays.copyOfRange(keyAndIv, cipher.keyBytes, cipher.keyBytes + cipher.ivBytes);
        gcm.init(encrypt, new AEADParameters(new KeyParameter(keyAndIv, 0, cipher.keyBytes), TAG_BYTES * 8, iv));
        byte[] out = new byte[gcm.getOutputSize(length)];
        int written = gcm.processBytes(data, from, length, out, 0);
        try {
            gcm.doFinal(out, written);
            return out;
        } catch (InvalidCipherTextException e) {
            Arrays.fill(out, (byte) 0);
            return null;
        }
    }

    /** Only the first half of the 64 key bytes is used: the other is for packet lengths, which a file has none of. */
    private static ChaChaEngine chacha(byte[] keyAndIv) {
        ChaChaEngine stream = new ChaChaEngine(20);
        stream.init(true, new ParametersWithIV(new KeyParameter(keyAndIv, 0, CHACHA_KEY_BYTES), new byte[8]));
        return stream;
    }

    /** Takes the first block of the key stream as the key of the MAC; the text starts with the second block. */
    private static Poly1305 poly1305(ChaChaEngine stream) {
        byte[] block = new byte[64];
        stream.processBytes(block, 0, block.length, block, 0);
        Poly1305 mac = new Poly1305();
        mac.init(new KeyParameter(block, 0, CHACHA_KEY_BYTES));
        Arrays.fill(block, (byte) 0);
        return mac;
    }
}
