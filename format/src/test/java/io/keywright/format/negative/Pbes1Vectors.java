package io.keywright.format.negative;

import static io.keywright.format.negative.Der.integer;
import static io.keywright.format.negative.Der.octets;
import static io.keywright.format.negative.Der.oid;
import static io.keywright.format.negative.Der.sequence;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;

/** PBES1 and the schemes of PKCS#12, which encrypted PKCS#8 before PBES2 did. */
final class Pbes1Vectors {
    private static final String FORMAT = "PKCS#8";
    private static final String LABEL = "ENCRYPTED PRIVATE KEY";
    private static final byte[] SALT = octets(new byte[8]);
    private static final byte[] DATA = octets(new byte[64]);

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        Pbes1Vectors set = new Pbes1Vectors();
        set.passphrases();
        set.costs("pbes1", Der.MD5_DES, "PBKDF1-MD5 iterations");
        set.costs("pkcs12", Der.PKCS12_3DES, "PKCS#12-SHA1 iterations");
        set.structure("pbes1", Der.MD5_DES);
        set.structure("pkcs12", Der.PKCS12_3DES);
        set.content();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String body) {
        vectors.add(expectation.vector("pbes1/" + name, why, body));
    }

    private void add(String name, String why, Expectation expectation, byte[] scheme, byte[]... data) {
        add(name, why, expectation.opened(), Bytes.pem(LABEL, sequence(scheme, Bytes.concat(data))));
    }

    private static byte[] scheme(String oid, byte[]... parameters) {
        return sequence(oid(oid), sequence(parameters));
    }

    private static Expectation malformed(String where, String message) {
        return Expectation.malformed(FORMAT, where, message);
    }

    private void passphrases() {
        String text = Bytes.seed("pbes1-pkcs8.pem");
        Expectation required = Expectation.passphraseRequired("none");
        add("no-passphrase", "encrypted, and no passphrase given", required, text);
        add("no-passphrase-public", "the public half, which is hidden too", required.on("readPublic"), text);
        add(
                "wrong-passphrase",
                "not the passphrase",
                Expectation.wrongPassphrase(true).withPassphrase("not it"),
                text);
        add(
                "damaged-data",
                "the last block is damaged",
                Expectation.wrongPassphrase(true).opened(),
                Bytes.pem(LABEL, Bytes.flip(Bytes.unpem(text), -1)));
    }

    private void costs(String name, String oid, String limit) {
        String raise = "ReadLimits.withMaxPbkdf2Iterations";
        cost(
                name,
                oid,
                "10000001",
                "one iteration above the limit",
                Expectation.limit(limit, 10_000_001, raise),
                BigInteger.valueOf(10_000_001));
        cost(
                name,
                oid,
                "2-to-31",
                "2^31 iterations, negative as an int",
                Expectation.limit(limit, 1L << 31, raise),
                BigInteger.ONE.shiftLeft(31));
        cost(
                name,
                oid,
                "2-to-32",
                "2^32 iterations, zero as an int",
                Expectation.limit(limit, 1L << 32, raise),
                BigInteger.ONE.shiftLeft(32));
        cost(
                name,
                oid,
                "2-to-64",
                "2^64 iterations, zero as a long",
                Expectation.limit(limit, Long.MAX_VALUE, raise),
                BigInteger.ONE.shiftLeft(64));
        cost(name, oid, "0", "no iteration", malformed("PBE iterations", "at least 1"), BigInteger.ZERO);
        cost(
                name,
                oid,
                "negative",
                "a negative number",
                malformed("PBE iterations", "negative number"),
                BigInteger.ONE.negate());
    }

    private void cost(
            String name, String oid, String cost, String why, Expectation expectation, BigInteger iterations) {
        add(name + "-iterations-" + cost, why, expectation, scheme(oid, SALT, integer(iterations)), DATA);
    }

    private void structure(String name, String oid) {
        byte[] right = scheme(oid, SALT, integer(16));
        add(
                name + "-parameters-missing",
                "no parameters",
                malformed("PBE parameters", "it is missing"),
                sequence(oid(oid)),
                DATA);
        add(
                name + "-parameters-null",
                "NULL for parameters",
                malformed("PBE parameters", "a SEQUENCE is expected"),
                sequence(oid(oid), Der.NULL),
                DATA);
        add(
                name + "-salt-missing",
                "no salt",
                malformed("PBE salt", "an OCTET STRING is expected"),
                scheme(oid, integer(16)),
                DATA);
        add(
                name + "-iterations-missing",
                "no iterations",
                malformed("PBE iterations", "it is missing"),
                scheme(oid, SALT),
                DATA);
        add(
                name + "-parameter-more",
                "a parameter too many",
                malformed("PBE parameters", "1 elements too many"),
                scheme(oid, SALT, integer(16), Der.NULL),
                DATA);
        add(
                name + "-scheme-more",
                "a field too many behind the parameters",
                malformed("encryption scheme", "1 elements too many"),
                sequence(oid(oid), sequence(SALT, integer(16)), Der.NULL),
                DATA);
        Expectation blocks = malformed("encrypted data", "no whole number of blocks of 8");
        add(name + "-data-empty", "no data", blocks, right, octets(new byte[0]));
        add(name + "-data-half-block", "data that ends within a block", blocks, right, octets(new byte[20]));
        add(name + "-data-missing", "no field of data", malformed("encrypted data", "it is missing"), right);
        add(
                name + "-data-more",
                "a field too many",
                malformed("encrypted key", "1 elements too many"),
                right,
                DATA,
                DATA);
    }

    /** What the right passphrase opens, and is broken. */
    private void content() {
        byte[] key = sequence(integer(0), sequence(oid(Der.ED25519)), octets(octets(new byte[31])));
        byte[] nothing = Bytes.ascii("no structure");
        Expectation seed = malformed("seed", "32 bytes expected");
        Expectation wrong = Expectation.wrongPassphrase(true);
        sealed("pbes1", Der.MD5_DES, "PBEWithMD5AndDES", seed, key, wrong, nothing);
        sealed("pkcs12", Der.PKCS12_3DES, "PBEWithSHA1AndDESede", seed, key, wrong, nothing);
        sealed("rc4", Der.PKCS12_RC4, "PBEWithSHA1AndRC4_128", seed, key, wrong, nothing);
        add(
                "rc4-data-empty",
                "no data, where a stream cipher has no blocks to miss",
                wrong,
                scheme(Der.PKCS12_RC4, SALT, integer(1)),
                octets(new byte[0]));
    }

    private void sealed(
            String name, String oid, String jca, Expectation seed, byte[] key, Expectation wrong, byte[] nothing) {
        byte[] scheme = scheme(oid, SALT, integer(1));
        add(
                name + "-content-seed-31",
                "the right passphrase opens a seed of 31 bytes",
                seed,
                scheme,
                octets(encrypt(jca, key)));
        add(
                name + "-content-no-structure",
                "the right passphrase opens no structure: it looks like a wrong one",
                wrong,
                scheme,
                octets(encrypt(jca, nothing)));
    }

    /** With a salt of eight zeros and one iteration. */
    private static byte[] encrypt(String jca, byte[] plain) {
        try {
            Cipher cipher = Cipher.getInstance(jca);
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    SecretKeyFactory.getInstance(jca)
                            .generateSecret(new PBEKeySpec(Expectation.PASSPHRASE.toCharArray())),
                    new PBEParameterSpec(new byte[8], 1));
            return cipher.doFinal(plain);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
