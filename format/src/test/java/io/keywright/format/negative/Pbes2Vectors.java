package io.keywright.format.negative;

import static io.keywright.format.negative.Der.integer;
import static io.keywright.format.negative.Der.octets;
import static io.keywright.format.negative.Der.oid;
import static io.keywright.format.negative.Der.sequence;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;

/** PBES2, the encryption of PKCS#8: costs nobody should pay, and structures that do not fit. */
final class Pbes2Vectors {
    private static final String FORMAT = "PKCS#8";
    private static final byte[] SALT = octets(new byte[16]);
    private static final byte[] PRF = sequence(oid(Der.HMAC_SHA256), Der.NULL);
    private static final byte[] AES = sequence(oid(Der.AES256_CBC), octets(new byte[16]));
    private static final byte[] DATA = octets(new byte[64]);

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        Pbes2Vectors set = new Pbes2Vectors();
        set.passphrases();
        set.costs();
        set.names();
        set.structure();
        set.content();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String body) {
        vectors.add(expectation.vector("pbes2/" + name, why, body));
    }

    private void add(String name, String why, Expectation expectation, byte[] kdf, byte[] cipher, byte[] data) {
        byte[] scheme = sequence(oid(Der.PBES2), sequence(kdf, cipher));
        add(name, why, expectation.opened(), Bytes.pem("ENCRYPTED PRIVATE KEY", sequence(scheme, data)));
    }

    private static byte[] pbkdf2(byte[]... fields) {
        return sequence(oid(Der.PBKDF2), sequence(fields));
    }

    private static byte[] scrypt(BigInteger n, long r, long p) {
        return sequence(oid(Der.SCRYPT), sequence(SALT, integer(n), integer(r), integer(p)));
    }

    private static Expectation malformed(String where, String message) {
        return Expectation.malformed(FORMAT, where, message);
    }

    private void passphrases() {
        for (String kdf : List.of("pbkdf2", "scrypt")) {
            String text = Bytes.seed(kdf + "-pkcs8.pem");
            add(
                    kdf + "-no-passphrase",
                    "encrypted, and no passphrase given; the public key is hidden as well",
                    Expectation.passphraseRequired("none"),
                    text);
            add(
                    kdf + "-no-passphrase-public",
                    "the public half, which is hidden too",
                    Expectation.passphraseRequired("none").on("readPublic"),
                    text);
            add(
                    kdf + "-wrong-passphrase",
                    "not the passphrase",
                    Expectation.wrongPassphrase(true).withPassphrase("not it"),
                    text);
        }
        byte[] der = Bytes.unpem(Bytes.seed("pbkdf2-pkcs8.pem"));
        add(
                "damaged-data",
                "the last block is damaged",
                Expectation.wrongPassphrase(true).opened(),
                Bytes.pem("ENCRYPTED PRIVATE KEY", Bytes.flip(der, -1)));
    }

    private void costs() {
        String raise = "ReadLimits.withMaxPbkdf2Iterations";
        String limit = "PBKDF2 iterations";
        pbkdf2Cost(
                "10000001",
                "one iteration above the limit",
                Expectation.limit(limit, 10_000_001, raise),
                BigInteger.valueOf(10_000_001));
        pbkdf2Cost(
                "2-to-31",
                "2^31 iterations, negative as an int",
                Expectation.limit(limit, 1L << 31, raise),
                BigInteger.ONE.shiftLeft(31));
        pbkdf2Cost(
                "2-to-32",
                "2^32 iterations, zero as an int",
                Expectation.limit(limit, 1L << 32, raise),
                BigInteger.ONE.shiftLeft(32));
        pbkdf2Cost(
                "2-to-64",
                "2^64 iterations, zero as a long",
                Expectation.limit(limit, Long.MAX_VALUE, raise),
                BigInteger.ONE.shiftLeft(64));
        pbkdf2Cost("0", "no iteration", malformed(limit, "at least 1"), BigInteger.ZERO);
        pbkdf2Cost("negative", "a negative number", malformed(limit, "negative number"), BigInteger.ONE.negate());
        String memory = "scrypt memory in bytes";
        String heap = "ReadLimits.withMaxScryptMemoryBytes";
        scryptCost(
                "memory-32-gib",
                "32 GiB of memory",
                Expectation.limit(memory, 1L << 35, heap),
                scrypt(BigInteger.ONE.shiftLeft(25), 8, 1));
        scryptCost(
                "memory-r",
                "512 MiB of memory by the block size",
                Expectation.limit(memory, 1L << 29, heap),
                scrypt(BigInteger.TWO, 1 << 21, 1));
        scryptCost(
                "memory-overflow",
                "more memory than a long can say",
                Expectation.limit(memory, Long.MAX_VALUE, heap),
                scrypt(BigInteger.ONE.shiftLeft(62), 8, 1));
        scryptCost(
                "n-2-to-64",
                "N is 2^64, zero as a long",
                Expectation.limit(memory, Long.MAX_VALUE, heap),
                scrypt(BigInteger.ONE.shiftLeft(64), 8, 1));
        scryptCost(
                "n-max",
                "N is a number of 8 KiB",
                Expectation.limit("PKCS#8 number size in bits", 65_536, "fixed"),
                scrypt(BigInteger.ONE.shiftLeft(65_535), 8, 1));
        scryptCost(
                "r-2-to-62",
                "a block size whose 128-fold is zero as a long",
                Expectation.limit(memory, Long.MAX_VALUE, heap),
                scrypt(BigInteger.TWO, 1L << 62, 1));
        scryptCost(
                "memory-256-mib-and-one",
                "one block above the limit",
                Expectation.limit(memory, 128L * (1 << 18) * 9, heap),
                scrypt(BigInteger.ONE.shiftLeft(18), 9, 1));
        scryptCost(
                "parallelism-17",
                "one above the limit",
                Expectation.limit("scrypt parallelism", 17, "fixed"),
                scrypt(BigInteger.valueOf(16), 1, 17));
        scryptCost(
                "parallelism-2-to-40",
                "2^40 lanes",
                Expectation.limit("scrypt parallelism", 1L << 40, "fixed"),
                scrypt(BigInteger.valueOf(16), 1, 1L << 40));
        Expectation power = malformed("scrypt N", "a power of two above 1");
        scryptCost("n-15", "N is no power of two", power, scrypt(BigInteger.valueOf(15), 1, 1));
        scryptCost("n-1", "N is 1", power, scrypt(BigInteger.ONE, 1, 1));
        scryptCost("n-2-to-16", "N is not below 2^(16 r)", power, scrypt(BigInteger.ONE.shiftLeft(16), 1, 1));
        scryptCost("n-0", "N is 0", malformed("scrypt N", "at least 1"), scrypt(BigInteger.ZERO, 1, 1));
        scryptCost("r-0", "r is 0", malformed("scrypt r", "at least 1"), scrypt(BigInteger.TWO, 0, 1));
        scryptCost("p-0", "p is 0", malformed("scrypt p", "at least 1"), scrypt(BigInteger.TWO, 1, 0));
        scryptCost(
                "p-negative",
                "a negative number",
                malformed("scrypt p", "negative number"),
                scrypt(BigInteger.TWO, 1, -1));
    }

    private void pbkdf2Cost(String name, String why, Expectation expectation, BigInteger iterations) {
        add("pbkdf2-iterations-" + name, why, expectation, pbkdf2(SALT, integer(iterations), PRF), AES, DATA);
    }

    private void scryptCost(String name, String why, Expectation expectation, byte[] kdf) {
        add("scrypt-" + name, why, expectation, kdf, AES, DATA);
    }

    private void names() {
        byte[] kdf = pbkdf2(SALT, integer(16), PRF);
        add(
                "scheme-unknown",
                "an encryption scheme that nobody knows",
                Expectation.unsupported("1.2.3.4", "").opened(),
                Bytes.pem("ENCRYPTED PRIVATE KEY", sequence(sequence(oid(Der.UNKNOWN), Der.NULL), DATA)));
        add(
                "kdf-unknown",
                "a key derivation that nobody knows",
                Expectation.unsupported("1.2.3.4", "key derivation"),
                sequence(oid(Der.UNKNOWN), sequence()),
                AES,
                DATA);
        add(
                "cipher-unknown",
                "a cipher that nobody knows",
                Expectation.unsupported("1.2.3.4", "cipher"),
                kdf,
                sequence(oid(Der.UNKNOWN), octets(new byte[16])),
                DATA);
        add(
                "prf-unknown",
                "a pseudo-random function that nobody knows",
                Expectation.unsupported("1.2.3.4", "function"),
                pbkdf2(SALT, integer(16), sequence(oid(Der.UNKNOWN), Der.NULL)),
                AES,
                DATA);
        add(
                "prf-parameters",
                "parameters of the function",
                malformed("PBKDF2 function", "there must be no parameters"),
                pbkdf2(SALT, integer(16), sequence(oid(Der.HMAC_SHA256), integer(1))),
                AES,
                DATA);
    }

    private void structure() {
        byte[] kdf = pbkdf2(SALT, integer(16), PRF);
        add(
                "iv-15",
                "an IV of 15 bytes",
                malformed("IV", "16 bytes expected, got 15"),
                kdf,
                sequence(oid(Der.AES256_CBC), octets(new byte[15])),
                DATA);
        add("iv-missing", "no IV", malformed("IV", "it is missing"), kdf, sequence(oid(Der.AES256_CBC)), DATA);
        add(
                "key-length",
                "a key length that is not the cipher's",
                malformed("key length", "the cipher needs 32 bytes"),
                pbkdf2(SALT, integer(16), integer(16), PRF),
                AES,
                DATA);
        add(
                "key-length-2gib",
                "a key of 2 GiB",
                malformed("key length", "the cipher needs 32 bytes"),
                pbkdf2(SALT, integer(16), integer(0x7fffffff), PRF),
                AES,
                DATA);
        add(
                "salt-missing",
                "no salt",
                malformed("PBKDF2 salt", "an OCTET STRING is expected"),
                pbkdf2(integer(16), PRF),
                AES,
                DATA);
        add(
                "iterations-missing",
                "no iterations",
                malformed("PBKDF2 iterations", "an INTEGER is expected"),
                pbkdf2(SALT, PRF),
                AES,
                DATA);
        add(
                "parameter-more",
                "a parameter too many",
                malformed("PBKDF2 parameters", "1 elements too many"),
                pbkdf2(SALT, integer(16), PRF, Der.NULL),
                AES,
                DATA);
        add(
                "data-empty",
                "no data",
                malformed("encrypted data", "no whole number of blocks"),
                kdf,
                AES,
                octets(new byte[0]));
        add(
                "data-half-block",
                "data that ends within a block",
                malformed("encrypted data", "no whole number of blocks"),
                kdf,
                AES,
                octets(new byte[40]));
        add("data-missing", "no field of data", malformed("encrypted data", "it is missing"), kdf, AES, new byte[0]);
        add(
                "data-more",
                "a field too many",
                malformed("encrypted key", "1 elements too many"),
                kdf,
                AES,
                Bytes.concat(DATA, DATA));
    }

    /** What the right passphrase opens, and is broken. */
    private void content() {
        byte[] key = sequence(integer(0), sequence(oid(Der.ED25519)), octets(octets(new byte[31])));
        sealed(
                "content-seed-31",
                "the right passphrase opens a seed of 31 bytes",
                malformed("seed", "32 bytes expected"),
                key);
        sealed(
                "content-no-structure",
                "the right passphrase opens no structure: it looks like a wrong one",
                Expectation.wrongPassphrase(true),
                Bytes.ascii("no structure"));
    }

    private void sealed(String name, String why, Expectation expectation, byte[] plain) {
        byte[] derived = Arrays.copyOf(firstBlock(), 32);
        byte[] data = Bytes.cipher("AES/CBC/PKCS5Padding", Cipher.ENCRYPT_MODE, derived, new byte[16], plain);
        add(name, why, expectation, pbkdf2(SALT, integer(1), PRF), AES, octets(data));
    }

    /** PBKDF2's first block with one iteration: a single HMAC. */
    private static byte[] firstBlock() {
        return Bytes.hmac(
                "HmacSHA256", Bytes.ascii(Expectation.PASSPHRASE), Bytes.concat(new byte[16], Bytes.uint32(1)));
    }
}
