package io.keywright.format;

import io.keywright.UnsupportedKeyException;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Null;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;

/**
 * The key derivation of {@link Pbes2}, with its parameters. Immutable.
 *
 * <pre>
 *   1.2.840.113549.1.5.12   PBKDF2 (RFC 8018, appendix A.2):
 *                           SEQUENCE { salt, iterations, key length OPTIONAL, PRF DEFAULT HMAC-SHA1 }
 *   1.3.6.1.4.1.11591.4.11  scrypt (RFC 7914, section 7):
 *                           SEQUENCE { salt, N, r, p, key length OPTIONAL }
 * </pre>
 */
sealed interface Pbes2Kdf {
    /** Below this, trying passphrases on a graphics card costs next to nothing. */
    int CHEAP_BELOW_ITERATIONS = 100_000;

    ASN1ObjectIdentifier PBKDF2 = new ASN1ObjectIdentifier("1.2.840.113549.1.5.12");
    ASN1ObjectIdentifier SCRYPT = new ASN1ObjectIdentifier("1.3.6.1.4.1.11591.4.11");

    static Pbes2Kdf read(Asn1Reader reader) {
        ASN1ObjectIdentifier oid = reader.readOid("KDF");
        if (oid.equals(PBKDF2)) {
            return Pbkdf2Kdf.read(reader.readSequence("PBKDF2 parameters"));
        } else if (oid.equals(SCRYPT)) {
            return ScryptKdf.read(reader.readSequence("scrypt parameters"));
        }
        return new UnknownKdf(oid.getId());
    }

    /** Returns the key's length as the file tells it; 0 when it does not. */
    int keyBytes();

    KdfDescription describe();

    boolean isCheap();

    void requireSupported();

    void requireWithin(ReadLimits limits);

    /** Derives a key, which the caller wipes. */
    byte[] derive(byte[] passphrase, int keyBytes);

    /** Makes the AlgorithmIdentifier. */
    DERSequence identifier();

    /** PBKDF2. */
    final class Pbkdf2Kdf implements Pbes2Kdf {
        private final byte[] salt;
        private final BigInteger iterations;
        private final int keyBytes;
        private final String prfOid;

        Pbkdf2Kdf(byte[] salt, BigInteger iterations, int keyBytes, String prfOid) {
            this.salt = salt;
            this.iterations = iterations;
            this.keyBytes = keyBytes;
            this.prfOid = prfOid;
        }

        private static Pbkdf2Kdf read(Asn1Reader reader) {
            byte[] salt = reader.readOctets("PBKDF2 salt");
            BigInteger iterations = reader.readPositive("PBKDF2 iterations");
            int keyBytes = readKeyBytes(reader);
            String prf = Pbkdf2Prf.SHA1.oid;
            ASN1Encodable function = reader.readOptional();
            if (function != null) {
                Asn1Reader named = reader.sequence(function, "PBKDF2 function");
                prf = named.readOid("PBKDF2 function").getId();
                ASN1Encodable parameters = named.readOptional();
                if (parameters != null && !(parameters instanceof ASN1Null)) {
                    throw named.malformed("PBKDF2 function", "there must be no parameters");
                }
            }
            reader.requireEnd("PBKDF2 parameters");
            return new Pbkdf2Kdf(salt, iterations, keyBytes, prf);
        }

        @Override
        public int keyBytes() {
            return keyBytes;
        }

        @Override
        public KdfDescription describe() {
            Pbkdf2Prf prf = Pbkdf2Prf.ofOid(prfOid);
            return new KdfDescription(
                    "PBKDF2-" + (prf == null ? prfOid : "HMAC-" + prf.hashName),
                    Map.of("iterations", ReadLimits.saturated(iterations)));
        }

        @Override
        public boolean isCheap() {
            return ReadLimits.saturated(iterations) < CHEAP_BELOW_ITERATIONS;
        }

        @Override
        public void requireSupported() {
            prf();
        }

        @Override
        public void requireWithin(ReadLimits limits) {
            limits.requireIterations("PBKDF2", ReadLimits.saturated(iterations));
        }

        @Override
        public byte[] derive(byte[] passphrase, int bytes) {
            return Pbkdf2.derive(prf().macName(), passphrase, salt, iterations.longValueExact(), bytes);
        }

        private Pbkdf2Prf prf() {
            Pbkdf2Prf prf = Pbkdf2Prf.ofOid(prfOid);
            if (prf == null) {
                throw new UnsupportedKeyException(prfOid, "the function " + prfOid + " in PBKDF2 is not known");
            }
            return prf;
        }

        @Override
        public DERSequence identifier() {
            DERSequence function = sequence(new ASN1ObjectIdentifier(prfOid), DERNull.INSTANCE);
            return sequence(PBKDF2, sequence(new DEROctetString(salt), new ASN1Integer(iterations), function));
        }
    }

    /** scrypt. */
    final class ScryptKdf implements Pbes2Kdf {
        /** N times r of OpenSSL's default. */
        private static final int CHEAP_BELOW_WORK = 16384 * 8;

        private final byte[] salt;
        private final BigInteger cost;
        private final BigInteger blockSize;
        private final BigInteger parallelism;
        private final int keyBytes;

        private ScryptKdf(byte[] salt, BigInteger cost, BigInteger blockSize, BigInteger parallelism, int keyBytes) {
            this.salt = salt;
            this.cost = cost;
            this.blockSize = blockSize;
            this.parallelism = parallelism;
            this.keyBytes = keyBytes;
        }

        ScryptKdf(byte[] salt, ScryptCost cost) {
            this(
                    salt,
                    BigInteger.valueOf(cost.cost()),
                    BigInteger.valueOf(cost.blockSize()),
                    BigInteger.valueOf(cost.parallelism()),
                    0);
        }

        private static ScryptKdf read(Asn1Reader reader) {
            byte[] salt = reader.readOctets("scrypt salt");
            BigInteger cost = reader.readPositive("scrypt N");
            BigInteger blockSize = reader.readPositive("scrypt r");
            BigInteger parallelism = reader.readPositive("scrypt p");
            int keyBytes = readKeyBytes(reader);
            reader.requireEnd("scrypt parameters");
            // RFC 7914, section 2: a power of two above 1, and below 2^(16 r).
            BigInteger bits = blockSize.shiftLeft(4);
            if (cost.bitCount() != 1
                    || cost.equals(BigInteger.ONE)
                    || BigInteger.valueOf(cost.bitLength() - 1L).compareTo(bits) >= 0) {
                throw reader.malformed("scrypt N", "it must be a power of two above 1 and below 2^(16 r)");
            }
            return new ScryptKdf(salt, cost, blockSize, parallelism, keyBytes);
        }

        @Override
        public int keyBytes() {
            return keyBytes;
        }

        @Override
        public KdfDescription describe() {
            Map<String, Long> costs = new LinkedHashMap<>();
            costs.put("N", ReadLimits.saturated(cost));
            costs.put("r", ReadLimits.saturated(blockSize));
            costs.put("p", ReadLimits.saturated(parallelism));
            return new KdfDescription("scrypt", costs);
        }

        @Override
        public boolean isCheap() {
            return ReadLimits.saturated(cost.multiply(blockSize)) < CHEAP_BELOW_WORK;
        }

        @Override
        public void requireSupported() {
            // It is.
        }

        @Override
        public void requireWithin(ReadLimits limits) {
            limits.requireScrypt(cost, blockSize, parallelism);
        }

        @Override
        public byte[] derive(byte[] passphrase, int bytes) {
            return Scrypt.derive(
                    passphrase,
                    salt,
                    cost.intValueExact(),
                    blockSize.intValueExact(),
                    parallelism.intValueExact(),
                    bytes);
        }

        @Override
        public DERSequence identifier() {
            return sequence(
                    SCRYPT,
                    sequence(
                            new DEROctetString(salt),
                            new ASN1Integer(cost),
                            new ASN1Integer(blockSize),
                            new ASN1Integer(parallelism)));
        }
    }

    /** A key derivation that can only be named. */
    record UnknownKdf(String oid) implements Pbes2Kdf {
        @Override
        public int keyBytes() {
            return 0;
        }

        @Override
        public KdfDescription describe() {
            return new KdfDescription(oid, Map.of());
        }

        @Override
        public boolean isCheap() {
            return false;
        }

        @Override
        public void requireSupported() {
            throw new UnsupportedKeyException(oid, "the key derivation " + oid + " is not known");
        }

        @Override
        public void requireWithin(ReadLimits limits) {
            // Nothing is computed.
        }

        @Override
        public byte[] derive(byte[] passphrase, int bytes) {
            throw new IllegalStateException("unknown");
        }

        @Override
        public DERSequence identifier() {
            throw new IllegalStateException("unknown");
        }
    }

    /** Reads the key's length; a number that no cipher's key has is -1, which no cipher needs. */
    private static int readKeyBytes(Asn1Reader reader) {
        if (!reader.isNumberNext()) {
            return 0;
        }
        int bytes = reader.readSmallNumber("key length");
        return bytes == 0 ? -1 : bytes;
    }

    private static DERSequence sequence(ASN1Encodable... elements) {
        return new DERSequence(elements);
    }
}
