package io.keywright.format;

import io.keywright.DsaPrivateKey;
import io.keywright.DsaPublicKey;
import io.keywright.EcdsaPrivateKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SkPrivateKey;
import io.keywright.SshKeyPair;
import io.keywright.SshPrivateKey;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.jspecify.annotations.Nullable;

/**
 * OpenSSL's traditional PEM: {@code RSA PRIVATE KEY}, {@code EC PRIVATE KEY} and {@code DSA PRIVATE KEY}, each with the
 * structure that {@link Asn1PrivateKeys} describes, in the clear or encrypted under the headers of RFC 1421:
 *
 * <pre>
 *   Proc-Type: 4,ENCRYPTED
 *   DEK-Info: AES-256-CBC,IV in hexadecimal digits
 *   (a blank line)
 *   base64 of the structure, padded as PKCS#7 says, in CBC mode
 * </pre>
 *
 * <p>The cipher's key is the chain D1 = MD5(passphrase || salt), Di = MD5(Di-1 || passphrase || salt), where the salt is the
 * IV's first 8 bytes whatever the IV's length: EVP_BytesToKey of OpenSSL with one iteration, which costs a thief next to
 * nothing. There is no check but the padding and the structure, so a wrong passphrase looks like damage.
 *
 * <p>There is no place for a comment, nor for Ed25519 and Ed448, which came later. What OpenSSL puts in front of an EC key,
 * {@code EC PARAMETERS}, is not needed: the key names its curve itself.
 */
final class PemCodec implements KeyCodec {
    static final PemCodec INSTANCE = new PemCodec();
    static final String FORMAT = KeyFormat.PEM.displayName();

    private static final String RSA = "RSA";
    private static final String EC = "EC";
    private static final String DSA = "DSA";
    private static final int SALT_BYTES = 8;
    private static final int MD5_BYTES = 16;

    private PemCodec() {}

    // --- reading ---

    @Override
    public SshKeyPair read(KeyBlock block, Context context) {
        PemHeaders headers = PemHeaders.read(block);
        byte[] data = block.decodeBase64(headers.bodyFrom(), block.bodyTo());
        try {
            return headers.encryption() == null
                    ? readKey(block, Asn1Reader.of(FORMAT, data, context.limits()))
                    : open(block, headers.encryption(), data, context);
        } finally {
            Arrays.fill(data, (byte) 0);
        }
    }

    @Override
    public KeyInspection inspect(KeyBlock block, Context context) {
        PemHeaders headers = PemHeaders.read(block);
        PemHeaders.DekInfo encryption = headers.encryption();
        if (encryption == null) {
            return Inspections.of(block, readPublic(block, context)).build();
        }
        byte[] data = block.decodeBase64(headers.bodyFrom(), block.bodyTo());
        CbcCipher cipher = CbcCipher.ofPemName(encryption.cipherName());
        if (cipher != null) {
            requireWhole(cipher, encryption, data);
        }
        Inspections found = Inspections.of(block, null)
                .encrypted(
                        cipher == null ? encryption.cipherName().toLowerCase(Locale.ROOT) : cipher.displayName,
                        new KdfDescription("MD5", Map.of("iterations", 1L)))
                .warnIf(cipher != null && cipher.isOutdated(), KeyWarning.OUTDATED_CIPHER)
                .warnIf(true, KeyWarning.CHEAP_KDF);
        if (block.beginsWith(RSA)) {
            found.algorithm(RsaPublicKey.ALGORITHM);
        } else if (block.beginsWith(DSA)) {
            found.algorithm(DsaPublicKey.ALGORITHM);
        }
        return found.build();
    }

    private static SshKeyPair open(KeyBlock block, PemHeaders.DekInfo encryption, byte[] data, Context context) {
        CbcCipher cipher = CbcCipher.ofPemName(encryption.cipherName());
        if (cipher == null) {
            throw new UnsupportedKeyException(
                    encryption.cipherName(),
                    "the cipher " + encryption.cipherName()
                            + " of PEM is not read: write the key anew with openssl pkcs8 -topk8");
        }
        requireWhole(cipher, encryption, data);
        if (context.passphrase() == null) {
            throw new PassphraseRequiredException(FORMAT, null);
        }
        byte[] iv = encryption.iv();
        byte[] key = context.passphrase().secret().use(secret -> derive(secret, iv, cipher.keyBytes));
        byte[] plain;
        try {
            plain = cipher.decryptPadded(key, iv, data);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
        if (plain == null) {
            throw new WrongPassphraseException(FORMAT, true);
        }
        try {
            return readKey(block, Asn1Reader.ofDecrypted(FORMAT, plain, context.limits()));
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static void requireWhole(CbcCipher cipher, PemHeaders.DekInfo encryption, byte[] data) {
        int ivBytes = encryption.ivHex().length() / 2;
        if (ivBytes != cipher.blockBytes) {
            throw malformed("DEK-Info", "an IV of " + cipher.blockBytes + " bytes is expected, got " + ivBytes);
        }
        if (data.length == 0 || data.length % cipher.blockBytes != 0) {
            throw malformed(
                    "encrypted data", data.length + " bytes are no whole number of blocks of " + cipher.blockBytes);
        }
    }

    private static SshKeyPair readKey(KeyBlock block, Asn1Reader reader) {
        if (block.beginsWith(RSA)) {
            return Asn1PrivateKeys.readRsa(reader);
        }
        return block.beginsWith(EC) ? Asn1PrivateKeys.readEc(reader, FORMAT, null) : Asn1PrivateKeys.readDsa(reader);
    }

    private static byte[] derive(byte[] passphrase, byte[] iv, int keyBytes) {
        byte[] key = new byte[keyBytes];
        byte[] link = new byte[MD5_BYTES];
        MD5Digest md5 = new MD5Digest();
        for (int done = 0; done < keyBytes; done += MD5_BYTES) {
            md5.update(link, 0, done == 0 ? 0 : MD5_BYTES);
            md5.update(passphrase, 0, passphrase.length);
            md5.update(iv, 0, SALT_BYTES);
            md5.doFinal(link, 0);
            System.arraycopy(link, 0, key, done, Math.min(MD5_BYTES, keyBytes - done));
        }
        Arrays.fill(link, (byte) 0);
        return key;
    }

    private static MalformedKeyException malformed(String where, String problem) {
        return new MalformedKeyException(FORMAT, where, problem);
    }

    // --- writing ---

    /** Encodes a key pair, encrypted when there is a passphrase. */
    static EncodedKey write(
            SshKeyPair pair,
            @Nullable Passphrase passphrase,
            CbcCipher cipher,
            boolean keepsComment,
            SecureRandom random) {
        String label = label(pair) + " PRIVATE KEY-----";
        byte[] plain = PublicPemCodec.encode(structure(pair));
        try {
            if (passphrase == null) {
                return armour(label, "", plain, keepsComment);
            }
            byte[] iv = new byte[cipher.blockBytes];
            random.nextBytes(iv);
            byte[] key = passphrase.secret().use(secret -> derive(secret, iv, cipher.keyBytes));
            try {
                String headers = "\nProc-Type: 4,ENCRYPTED\nDEK-Info: " + cipher.pemName + ","
                        + HexFormat.of().withUpperCase().formatHex(iv) + "\n";
                return armour(label, headers, cipher.encryptPadded(key, iv, plain), keepsComment);
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static EncodedKey armour(String label, String headers, byte[] body, boolean keepsComment) {
        byte[] file =
                KeyBlock.armour("-----BEGIN " + label + headers, "-----END " + label, body, PublicPemCodec.COLUMNS);
        return new EncodedKey(KeyFormat.PEM, keepsComment, SecretBytes.takeOver(file));
    }

    private static String label(SshKeyPair pair) {
        SshPrivateKey key = pair.privateKey();
        if (key instanceof RsaPrivateKey) {
            return RSA;
        } else if (key instanceof EcdsaPrivateKey) {
            return EC;
        } else if (key instanceof DsaPrivateKey) {
            return DSA;
        }
        String algorithm = pair.publicKey().algorithm();
        throw new UnsupportedKeyException(
                algorithm,
                algorithm + " has no traditional PEM and is not written: choose openssh-key-v1"
                        + (key instanceof SkPrivateKey ? "" : " or PKCS#8"));
    }

    private static ASN1Sequence structure(SshKeyPair pair) {
        SshPrivateKey key = pair.privateKey();
        if (key instanceof RsaPrivateKey rsa) {
            return Asn1PrivateKeys.rsa((RsaPublicKey) pair.publicKey(), rsa);
        } else if (key instanceof EcdsaPrivateKey ec) {
            return Asn1PrivateKeys.ec((EcdsaPublicKey) pair.publicKey(), ec, true);
        }
        return Asn1PrivateKeys.dsa((DsaPublicKey) pair.publicKey(), (DsaPrivateKey) key);
    }
}
