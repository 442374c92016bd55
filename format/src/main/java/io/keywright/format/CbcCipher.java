package io.keywright.format;

import java.util.Arrays;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.CipherParameters;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.DESEngine;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.jspecify.annotations.Nullable;

/** The ciphers in CBC mode that encrypt PEM files: as PBES2 and as {@code DEK-Info} name them. */
enum CbcCipher {
    AES128("2.16.840.1.101.3.4.1.2", "AES-128-CBC", "aes128-cbc", 16, 16),
    AES192("2.16.840.1.101.3.4.1.22", "AES-192-CBC", "aes192-cbc", 24, 16),
    AES256("2.16.840.1.101.3.4.1.42", "AES-256-CBC", "aes256-cbc", 32, 16),
    TRIPLE_DES("1.2.840.113549.3.7", "DES-EDE3-CBC", "3des-cbc", 24, 8),
    DES("1.3.14.3.2.7", "DES-CBC", "des-cbc", 8, 8);

    final String oid;
    /** OpenSSL's name. */
    final String pemName;

    final String displayName;
    final int keyBytes;
    final int blockBytes;

    CbcCipher(String oid, String pemName, String displayName, int keyBytes, int blockBytes) {
        this.oid = oid;
        this.pemName = pemName;
        this.displayName = displayName;
        this.keyBytes = keyBytes;
        this.blockBytes = blockBytes;
    }

    /** Finds a cipher by its OBJECT IDENTIFIER; null when there is none. */
    static @Nullable CbcCipher ofOid(String oid) {
        for (CbcCipher cipher : values()) {
            if (cipher.oid.equals(oid)) {
                return cipher;
            }
        }
        return null;
    }

    /** Finds a cipher by OpenSSL's name, in either case as OpenSSL takes it; null when there is none. */
    static @Nullable CbcCipher ofPemName(String name) {
        for (CbcCipher cipher : values()) {
            if (cipher.pemName.equalsIgnoreCase(name)) {
                return cipher;
            }
        }
        return null;
    }

    boolean isOutdated() {
        return this == TRIPLE_DES || this == DES;
    }

    /** Decrypts whole blocks and takes the padding of PKCS#7 away (RFC 5652, section 6.3); null when that is wrong. */
    byte @Nullable [] decryptPadded(byte[] key, byte[] iv, byte[] data) {
        return decryptPadded(engine(), new ParametersWithIV(new KeyParameter(key), iv), data);
    }

    /** Does the same with any block cipher. */
    static byte @Nullable [] decryptPadded(BlockCipher engine, CipherParameters keyAndIv, byte[] data) {
        byte[] padded = process(engine, false, keyAndIv, data);
        try {
            int count = padded[padded.length - 1];
            if (count < 1 || count > engine.getBlockSize()) {
                return null;
            }
            for (int i = padded.length - count; i < padded.length; i++) {
                if (padded[i] != count) {
                    return null;
                }
            }
            return Arrays.copyOf(padded, padded.length - count);
        } finally {
            Arrays.fill(padded, (byte) 0);
        }
    }

    byte[] encryptPadded(byte[] key, byte[] iv, byte[] plain) {
        int count = blockBytes - plain.length % blockBytes;
        byte[] padded = Arrays.copyOf(plain, plain.length + count);
        Arrays.fill(padded, plain.length, padded.length, (byte) count);
        try {
            return process(true, key, iv, padded);
        } finally {
            Arrays.fill(padded, (byte) 0);
        }
    }

    /** Encrypts or decrypts whole blocks, without padding. */
    byte[] process(boolean encrypt, byte[] key, byte[] iv, byte[] data) {
        return process(engine(), encrypt, new ParametersWithIV(new KeyParameter(key), iv), data);
    }

    private static byte[] process(BlockCipher engine, boolean encrypt, CipherParameters keyAndIv, byte[] data) {
        BlockCipher mode = CBCBlockCipher.newInstance(engine);
        mode.init(encrypt, keyAndIv);
        byte[] out = new byte[data.length];
        for (int done = 0; done < data.length; done += mode.getBlockSize()) {
            mode.processBlock(data, done, out, done);
        }
        return out;
    }

    private BlockCipher engine() {
        return switch (this) {
            case AES128, AES192, AES256 -> AESEngine.newInstance();
            case TRIPLE_DES -> new DESedeEngine();
            case DES -> new DESEngine();
        };
    }
}
