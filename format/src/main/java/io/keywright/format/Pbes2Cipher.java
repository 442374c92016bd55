package io.keywright.format;

import io.keywright.MalformedKeyException;
import io.keywright.UnsupportedKeyException;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.jspecify.annotations.Nullable;

/**
 * The cipher of {@link Pbes2}, with its parameters. Immutable.
 *
 * <pre>
 *   AES, DES-EDE3, DES in CBC mode, see {@link CbcCipher}:  OCTET STRING IV          RFC 8018, appendix B.2
 *   2.16.840.1.101.3.4.1.6, .26, .46  AES-128, -192, -256 in GCM:
 *                                     SEQUENCE { nonce, tag length DEFAULT 12 }      RFC 5084, section 3.2
 * </pre>
 *
 * <p>GCM's tag stands behind the ciphertext. No OpenSSL writes it, but Bouncy Castle can.
 */
sealed interface Pbes2Cipher {

    static Pbes2Cipher read(Asn1Reader reader) {
        String oid = reader.readOid("cipher").getId();
        CbcCipher cbc = CbcCipher.ofOid(oid);
        if (cbc != null) {
            return Cbc.read(cbc, reader);
        }
        int gcmKeyBytes = Gcm.keyBytes(oid);
        return gcmKeyBytes > 0 ? Gcm.read(gcmKeyBytes, reader) : new UnknownCipher(oid);
    }

    String displayName();

    /** Returns the length of the key that it needs; 0 when that is not known. */
    int keyBytes();

    boolean isOutdated();

    void requireSupported();

    /**
     * Refuses data of a length that cannot be.
     *
     * @throws MalformedKeyException when it cannot
     */
    void requireWhole(byte[] data);

    /** Decrypts; null when padding or tag are wrong. */
    byte @Nullable [] decrypt(byte[] key, byte[] data);

    /** A block cipher in CBC mode. */
    final class Cbc implements Pbes2Cipher {
        private final CbcCipher cipher;
        private final byte[] iv;

        Cbc(CbcCipher cipher, byte[] iv) {
            this.cipher = cipher;
            this.iv = iv;
        }

        private static Cbc read(CbcCipher cipher, Asn1Reader reader) {
            byte[] iv = reader.readOctets("IV");
            reader.requireEnd("cipher");
            if (iv.length != cipher.blockBytes) {
                throw reader.malformed("IV", cipher.blockBytes + " bytes expected, got " + iv.length);
            }
            return new Cbc(cipher, iv);
        }

        @Override
        public String displayName() {
            return cipher.displayName;
        }

        @Override
        public int keyBytes() {
            return cipher.keyBytes;
        }

        @Override
        public boolean isOutdated() {
            return cipher.isOutdated();
        }

        @Override
        public void requireSupported() {
            // It is.
        }

        @Override
        public void requireWhole(byte[] data) {
            if (data.length == 0 || data.length % cipher.blockBytes != 0) {
                throw Pkcs8Encryption.notWhole(data.length, cipher.blockBytes);
            }
        }

        @Override
        public byte @Nullable [] decrypt(byte[] key, byte[] data) {
            return cipher.decryptPadded(key, iv, data);
        }

        byte[] encrypt(byte[] key, byte[] plain) {
            return cipher.encryptPadded(key, iv, plain);
        }

        /** Makes the AlgorithmIdentifier. */
        DERSequence identifier() {
            return new DERSequence(new ASN1Encodable[] {new ASN1ObjectIdentifier(cipher.oid), new DEROctetString(iv)});
        }
    }

    /** AES in Galois/counter mode. */
    final class Gcm implements Pbes2Cipher {
        private static final int DEFAULT_TAG_BYTES = 12;
        private static final int MAX_TAG_BYTES = 16;
        /** RFC 5084 recommends 12. */
        private static final int MAX_NONCE_BYTES = 64;

        private final int keyBytes;
        private final byte[] nonce;
        private final int tagBytes;

        private Gcm(int keyBytes, byte[] nonce, int tagBytes) {
            this.keyBytes = keyBytes;
            this.nonce = nonce;
            this.tagBytes = tagBytes;
        }

        private static int keyBytes(String oid) {
            return switch (oid) {
                case "2.16.840.1.101.3.4.1.6" -> 16;
                case "2.16.840.1.101.3.4.1.26" -> 24;
                case "2.16.840.1.101.3.4.1.46" -> 32;
                default -> 0;
            };
        }

        private static Gcm read(int keyBytes, Asn1Reader reader) {
            Asn1Reader parameters = reader.readSequence("GCM parameters");
            reader.requireEnd("cipher");
            byte[] nonce = parameters.readOctets("GCM nonce");
            int tagBytes = parameters.isNumberNext() ? parameters.readSmallNumber("GCM tag length") : DEFAULT_TAG_BYTES;
            parameters.requireEnd("GCM parameters");
            if (nonce.length < 1 || nonce.length > MAX_NONCE_BYTES) {
                throw reader.malformed("GCM nonce", "1 to " + MAX_NONCE_BYTES + " bytes expected");
            }
            if (tagBytes < DEFAULT_TAG_BYTES || tagBytes > MAX_TAG_BYTES) {
                throw reader.malformed(
                        "GCM tag length", DEFAULT_TAG_BYTES + " to " + MAX_TAG_BYTES + " bytes expected");
            }
            return new Gcm(keyBytes, nonce, tagBytes);
        }

        @Override
        public String displayName() {
            return "aes" + keyBytes * Byte.SIZE + "-gcm";
        }

        @Override
        public int keyBytes() {
            return keyBytes;
        }

        @Override
        public boolean isOutdated() {
            return false;
        }

        @Override
        public void requireSupported() {
            // It is.
        }

        @Override
        public void requireWhole(byte[] data) {
            if (data.length <= tagBytes) {
                throw new MalformedKeyException(
                        KeyFormat.PKCS8.displayName(),
                        "encrypted data",
                        data.length + " bytes hold nothing but a tag of " + tagBytes);
            }
        }

        @Override
        public byte @Nullable [] decrypt(byte[] key, byte[] data) {
            GCMModeCipher gcm = GCMBlockCipher.newInstance(AESEngine.newInstance());
            gcm.init(false, new AEADParameters(new KeyParameter(key), tagBytes * Byte.SIZE, nonce));
            byte[] plain = new byte[gcm.getOutputSize(data.length)];
            int written = gcm.processBytes(data, 0, data.length, plain, 0);
            try {
                gcm.doFinal(plain, written);
                return plain;
            } catch (InvalidCipherTextException e) {
                Arrays.fill(plain, (byte) 0);
                return null;
            }
        }
    }

    /** A cipher that can only be named. */
    record UnknownCipher(String oid) implements Pbes2Cipher {
        @Override
        public String displayName() {
            return oid;
        }

        @Override
        public int keyBytes() {
            return 0;
        }

        @Override
        public boolean isOutdated() {
            return false;
        }

        @Override
        public void requireSupported() {
            throw new UnsupportedKeyException(oid, "the cipher " + oid + " is not known");
        }

        @Override
        public void requireWhole(byte[] data) {
            // Nobody knows.
        }

        @Override
        public byte @Nullable [] decrypt(byte[] key, byte[] data) {
            requireSupported();
            return null;
        }
    }
}
