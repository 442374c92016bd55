package io.keywright.format;

import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.UnsupportedKeyException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Null;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.crypto.generators.SCrypt;
import org.jspecify.annotations.Nullable;

/**
 * PBES2, the encryption of PKCS#8 (RFC 8018, section 6.2 and appendix A.4):
 *
 * <pre>
 *   SEQUENCE { 1.2.840.113549.1.5.13, SEQUENCE {
 *     SEQUENCE { 1.2.840.113549.1.5.12   PBKDF2: SEQUENCE { salt, iterations, key length OPTIONAL, PRF DEFAULT HMAC-SHA1 }
 *              | 1.3.6.1.4.1.11591.4.11  scrypt (RFC 7914, section 7): SEQUENCE { salt, N, r, p, key length OPTIONAL } },
 *     SEQUENCE { cipher in CBC mode, OCTET STRING IV } } }
 * </pre>
 */
final class Pbes2 {
    private static final String FORMAT = KeyFormat.PKCS8.displayName();
    private static final ASN1ObjectIdentifier PBES2 = new ASN1ObjectIdentifier("1.2.840.113549.1.5.13");
    private static final ASN1ObjectIdentifier PBKDF2 = new ASN1ObjectIdentifier("1.2.840.113549.1.5.12");
    private static final ASN1ObjectIdentifier SCRYPT = new ASN1ObjectIdentifier("1.3.6.1.4.1.11591.4.11");
    /** PBES1 and the schemes of PKCS#12, to be told by name. */
    private static final String PBES1_PREFIX = "1.2.840.113549.1.5.";

    private static final String PKCS12_PREFIX = "1.2.840.113549.1.12.1.";
    /** RFC 8018, section 4.1, asks for 8 at least; 16 is what NIST SP 800-132 asks for. */
    private static final int SALT_BYTES = 16;
    /** Below this, trying passphrases on a graphics card costs next to nothing. */
    private static final int CHEAP_BELOW_ITERATIONS = 100_000;
    /** N times r of OpenSSL's default. */
    private static final int CHEAP_BELOW_SCRYPT_WORK = 16384 * 8;

    /** The pseudo-random functions of PBKDF2 (RFC 8018, appendix B.1). */
    private enum Prf {
        SHA1("1.2.840.113549.2.7"),
        SHA224("1.2.840.113549.2.8"),
        SHA256("1.2.840.113549.2.9"),
        SHA384("1.2.840.113549.2.10"),
        SHA512("1.2.840.113549.2.11");

        private final String oid;

        Prf(String oid) {
            this.oid = oid;
        }

        static Prf of(ASN1ObjectIdentifier oid) {
            for (Prf prf : values()) {
                if (prf.oid.equals(oid.getId())) {
                    return prf;
                }
            }
            throw new UnsupportedKeyException(oid.getId(), "the function " + oid.getId() + " in PBKDF2 is not known");
        }
    }

    private final CbcCipher cipher;
    private final byte[] iv;
    private final byte[] salt;
    /** Null for scrypt. */
    private final @Nullable Prf prf;
    /** PBKDF2's iterations, or scrypt's N. */
    private final BigInteger cost;

    private final BigInteger blockSize;
    private final BigInteger parallelism;

    private Pbes2(
            CbcCipher cipher,
            byte[] iv,
            byte[] salt,
            @Nullable Prf prf,
            BigInteger cost,
            BigInteger blockSize,
            BigInteger parallelism) {
        this.cipher = cipher;
        this.iv = iv;
        this.salt = salt;
        this.prf = prf;
        this.cost = cost;
        this.blockSize = blockSize;
        this.parallelism = parallelism;
    }

    // --- reading ---

    /** Reads the AlgorithmIdentifier of an encrypted key. */
    static Pbes2 read(Asn1Reader reader) {
        ASN1ObjectIdentifier scheme = reader.readOid("encryption scheme");
        if (!scheme.equals(PBES2)) {
            boolean old =
                    scheme.getId().startsWith(PBES1_PREFIX) || scheme.getId().startsWith(PKCS12_PREFIX);
            throw new UnsupportedKeyException(
                    scheme.getId(),
                    "the encryption scheme " + scheme.getId() + (old ? ", of PBES1 or PKCS#12," : "")
                            + " is not read: write the key anew with openssl pkcs8 -topk8 -v2 aes-256-cbc");
        }
        Asn1Reader parameters = reader.readSequence("PBES2 parameters");
        Asn1Reader kdf = parameters.readSequence("KDF");
        Asn1Reader encryption = parameters.readSequence("cipher");
        parameters.requireEnd("PBES2 parameters");
        CbcCipher cipher = CbcCipher.ofOid(encryption.readOid("cipher").getId());
        byte[] iv = encryption.readOctets("IV");
        if (iv.length != cipher.blockBytes) {
            throw reader.malformed("IV", cipher.blockBytes + " bytes expected, got " + iv.length);
        }
        ASN1ObjectIdentifier name = kdf.readOid("KDF");
        if (name.equals(PBKDF2)) {
            return readPbkdf2(kdf.readSequence("PBKDF2 parameters"), cipher, iv);
        } else if (name.equals(SCRYPT)) {
            return readScrypt(kdf.readSequence("scrypt parameters"), cipher, iv);
        }
        throw new UnsupportedKeyException(name.getId(), "the key derivation " + name.getId() + " is not known");
    }

    private static Pbes2 readPbkdf2(Asn1Reader kdf, CbcCipher cipher, byte[] iv) {
        byte[] salt = kdf.readOctets("PBKDF2 salt");
        BigInteger iterations = positive(kdf, "PBKDF2 iterations");
        readKeyLength(kdf, cipher);
        Prf prf = Prf.SHA1;
        ASN1Encodable function = kdf.readOptional();
        if (function != null) {
            Asn1Reader named = kdf.sequence(function, "PBKDF2 function");
            prf = Prf.of(named.readOid("PBKDF2 function"));
            ASN1Encodable parameters = named.readOptional();
            if (parameters != null && !(parameters instanceof ASN1Null)) {
                throw named.malformed("PBKDF2 function", "there must be no parameters");
            }
        }
        kdf.requireEnd("PBKDF2 parameters");
        return new Pbes2(cipher, iv, salt, prf, iterations, BigInteger.ONE, BigInteger.ONE);
    }

    private static Pbes2 readScrypt(Asn1Reader kdf, CbcCipher cipher, byte[] iv) {
        byte[] salt = kdf.readOctets("scrypt salt");
        BigInteger cost = positive(kdf, "scrypt N");
        BigInteger blockSize = positive(kdf, "scrypt r");
        BigInteger parallelism = positive(kdf, "scrypt p");
        readKeyLength(kdf, cipher);
        kdf.requireEnd("scrypt parameters");
        // RFC 7914, section 2: a power of two above 1, and below 2^(16 r).
        BigInteger bits = blockSize.shiftLeft(4);
        if (cost.bitCount() != 1
                || cost.equals(BigInteger.ONE)
                || BigInteger.valueOf(cost.bitLength() - 1L).compareTo(bits) >= 0) {
            throw kdf.malformed("scrypt N", "it must be a power of two above 1 and below 2^(16 r)");
        }
        return new Pbes2(cipher, iv, salt, null, cost, blockSize, parallelism);
    }

    private static void readKeyLength(Asn1Reader kdf, CbcCipher cipher) {
        if (kdf.isNumberNext() && kdf.readSmallNumber("key length") != cipher.keyBytes) {
            throw kdf.malformed("key length", "the cipher needs " + cipher.keyBytes + " bytes");
        }
    }

    private static BigInteger positive(Asn1Reader reader, String field) {
        BigInteger number = reader.readNumber(field);
        if (number.signum() == 0) {
            throw reader.malformed(field, "it must be at least 1");
        }
        return number;
    }

    String cipherName() {
        return cipher.displayName;
    }

    boolean isOutdated() {
        return cipher.isOutdated();
    }

    KdfDescription kdf() {
        Map<String, Long> costs = new LinkedHashMap<>();
        if (prf != null) {
            costs.put("iterations", ReadLimits.saturated(cost));
            return new KdfDescription("PBKDF2-HMAC-" + prf.name(), costs);
        }
        costs.put("N", ReadLimits.saturated(cost));
        costs.put("r", ReadLimits.saturated(blockSize));
        costs.put("p", ReadLimits.saturated(parallelism));
        return new KdfDescription("scrypt", costs);
    }

    boolean isCheap() {
        return prf != null
                ? ReadLimits.saturated(cost) < CHEAP_BELOW_ITERATIONS
                : ReadLimits.saturated(cost.multiply(blockSize)) < CHEAP_BELOW_SCRYPT_WORK;
    }

    /** Refuses costs above the limits. */
    void requireWithin(ReadLimits limits) {
        if (prf != null) {
            limits.requirePbkdf2Iterations(ReadLimits.saturated(cost));
        } else {
            limits.requireScrypt(cost, blockSize, parallelism);
        }
    }

    /**
     * Decrypts.
     *
     * @return the plain text, which the caller wipes; null when the passphrase is wrong or the data is damaged
     * @throws MalformedKeyException when the data is no whole number of blocks
     */
    byte @Nullable [] decrypt(byte[] data, Passphrase passphrase, ReadLimits limits) {
        if (data.length == 0 || data.length % cipher.blockBytes != 0) {
            throw new MalformedKeyException(
                    FORMAT,
                    "encrypted data",
                    data.length + " bytes are no whole number of blocks of " + cipher.blockBytes);
        }
        requireWithin(limits);
        byte[] key = passphrase.secret().use(this::derive);
        try {
            return cipher.decryptPadded(key, iv, data);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private byte[] derive(byte[] passphrase) {
        if (prf != null) {
            return Pbkdf2.derive("Hmac" + prf.name(), passphrase, salt, cost.longValueExact(), cipher.keyBytes);
        }
        byte[] key = SCrypt.generate(
                passphrase,
                salt,
                cost.intValueExact(),
                blockSize.intValueExact(),
                parallelism.intValueExact(),
                cipher.keyBytes);
        // Bouncy Castle does not look at interruptions; within the limits it takes a second or so.
        if (Thread.currentThread().isInterrupted()) {
            Arrays.fill(key, (byte) 0);
            throw new KeyDerivationInterruptedException("scrypt");
        }
        return key;
    }

    // --- writing ---

    /** Chooses salt and IV for PBKDF2 with HMAC-SHA256 and AES-256. */
    static Pbes2 fresh(int iterations, SecureRandom random) {
        byte[] salt = new byte[SALT_BYTES];
        byte[] iv = new byte[CbcCipher.AES256.blockBytes];
        random.nextBytes(salt);
        random.nextBytes(iv);
        return new Pbes2(
                CbcCipher.AES256, iv, salt, Prf.SHA256, BigInteger.valueOf(iterations), BigInteger.ONE, BigInteger.ONE);
    }

    /** Encrypts a plain PKCS#8 key into the structure that goes between BEGIN and END. */
    ASN1Sequence encrypt(byte[] plain, Passphrase passphrase) {
        byte[] key = passphrase.secret().use(this::derive);
        try {
            byte[] sealed = cipher.encryptPadded(key, iv, plain);
            return sequence(identifier(), new DEROctetString(sealed));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private ASN1Sequence identifier() {
        ASN1Sequence function = sequence(new ASN1ObjectIdentifier(Prf.SHA256.oid), DERNull.INSTANCE);
        ASN1Sequence kdf = sequence(PBKDF2, sequence(new DEROctetString(salt), new ASN1Integer(cost), function));
        ASN1Sequence encryption = sequence(new ASN1ObjectIdentifier(cipher.oid), new DEROctetString(iv));
        return sequence(PBES2, sequence(kdf, encryption));
    }

    private static ASN1Sequence sequence(ASN1Encodable... elements) {
        return new DERSequence(elements);
    }
}
