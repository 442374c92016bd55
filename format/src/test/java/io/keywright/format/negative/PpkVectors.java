package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.ascii;
import static io.keywright.format.negative.Bytes.concat;
import static io.keywright.format.negative.Bytes.flip;
import static io.keywright.format.negative.Bytes.mpint;
import static io.keywright.format.negative.Bytes.seed;
import static io.keywright.format.negative.Bytes.string;
import static io.keywright.format.negative.Bytes.strings;
import static io.keywright.format.negative.Bytes.uint32;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** PPK, versions 2 and 3: headers, line counts, MACs, key derivation, and private blobs under a MAC that fits. */
final class PpkVectors {
    private static final String FORMAT = "PPK";
    private static final String ENCRYPTED = "ed25519-encrypted.ppk";

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        PpkVectors set = new PpkVectors();
        set.headers();
        set.lineCounts();
        set.cuts();
        set.macs();
        set.encryption();
        set.argon2();
        set.publicBlobs();
        set.privateBlobs();
        set.rsaNumbers();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String body) {
        vectors.add(expectation.vector("ppk/" + name, why, body));
    }

    private void add(String seed, String name, String why, Expectation expectation, Consumer<PpkText> fault) {
        PpkText text = new PpkText(seed);
        fault.accept(text);
        add(name, why, expectation, text.text());
    }

    /** A vector of a seed in which a text is replaced, which must be there. */
    private void edit(String seed, String name, String why, Expectation expectation, String regex, String replacement) {
        String before = seed(seed);
        String after = before.replaceFirst(regex, replacement);
        if (after.equals(before)) {
            throw new IllegalStateException(name + ": nothing was replaced");
        }
        add(name, why, expectation, after);
    }

    private static Expectation malformed(String where, String message) {
        return Expectation.malformed(FORMAT, where, message);
    }

    private void headers() {
        String plain = "ed25519.ppk";
        Expectation versions = Expectation.unsupported(FORMAT, "versions");
        edit(plain, "version-4", "a version that does not exist", versions, "File-3:", "File-4:");
        edit(plain, "version-0", "a version that does not exist", versions, "File-3:", "File-0:");
        Expectation first = malformed("first line", "a version of one digit and a colon");
        edit(plain, "version-33", "a version of two digits", first, "File-3:", "File-33:");
        edit(plain, "version-none", "no version", first, "File-3:", "File-:");
        edit(
                plain,
                "encryption-missing",
                "the header Encryption is missing",
                malformed("Encryption", "expected here"),
                "Encryption: none\r?\n",
                "");
        edit(
                plain,
                "comment-missing",
                "the header Comment is missing",
                malformed("Comment", "expected here"),
                "Comment: seed key\r?\n",
                "");
        edit(
                plain,
                "headers-swapped",
                "Comment before Encryption",
                malformed("Encryption", "expected here"),
                "(Encryption: none)(\r?\n)(Comment: seed key)",
                "$3$2$1");
        edit(
                plain,
                "header-unknown",
                "a header that does not exist",
                malformed("Public-Lines", "expected here"),
                "Public-Lines",
                "Subject: x\nPublic-Lines");
        edit(
                plain,
                "encryption-empty",
                "no value",
                malformed("header", "a value is missing"),
                "Encryption: none",
                "Encryption:");
        edit(
                plain,
                "encryption-long",
                "a value of 257 bytes",
                malformed("header", "a value is too long"),
                "Encryption: none",
                "Encryption: " + "x".repeat(257));
        edit(
                plain,
                "encryption-escape",
                "a terminal's escape sequence",
                malformed("header", "not printable US-ASCII"),
                "Encryption: none",
                "Encryption: \u001b[2J");
        edit(
                ENCRYPTED,
                "cipher-unknown",
                "a cipher that PuTTY does not know",
                Expectation.unsupported("aes128-gcm", "aes128-gcm").opened(),
                "aes256-cbc",
                "aes128-gcm");
        edit(
                plain,
                "algorithm-of-another",
                "the first line and the blob name different algorithms",
                malformed("algorithm", "name different ones"),
                "ssh-ed25519",
                "ssh-rsa");
        edit(
                plain,
                "algorithm-missing",
                "the first line names no algorithm",
                malformed("header", "a value is missing"),
                ": ssh-ed25519",
                ":");
        String text = seed(plain);
        add(
                "two-keys",
                "two keys in one text",
                Expectation.malformed("key file", "second key", "two keys where one is expected"),
                text + text);
    }

    private void lineCounts() {
        String plain = "rsa.ppk";
        Expectation more = malformed("Public-Lines", "more lines than it says");
        Expectation fewer = malformed("Public-Lines", "fewer lines than it says");
        edit(plain, "public-lines-less", "one line more than announced", more, "Public-Lines: 6", "Public-Lines: 5");
        edit(plain, "public-lines-more", "one line less than announced", fewer, "Public-Lines: 6", "Public-Lines: 7");
        edit(plain, "public-lines-0", "no line announced", more, "Public-Lines: 6", "Public-Lines: 0");
        edit(
                plain,
                "public-lines-huge",
                "more lines than any file has",
                fewer,
                "Public-Lines: 6",
                "Public-Lines: 999999999");
        Expectation number = malformed("Public-Lines", "a number of at most 9 digits");
        edit(plain, "public-lines-negative", "a negative number", number, "Public-Lines: 6", "Public-Lines: -6");
        edit(
                plain,
                "public-lines-2gib",
                "a number of ten digits",
                number,
                "Public-Lines: 6",
                "Public-Lines: 2147483648");
        edit(plain, "public-lines-word", "no number", number, "Public-Lines: 6", "Public-Lines: six");
        edit(
                plain,
                "private-lines-less",
                "one line more than announced",
                malformed("Private-Lines", "more lines than it says"),
                "Private-Lines: 14",
                "Private-Lines: 13");
        edit(
                plain,
                "private-lines-more",
                "one line less than announced",
                malformed("Private-Lines", "fewer lines than it says"),
                "Private-Lines: 14",
                "Private-Lines: 15");
        edit(
                plain,
                "base64-character",
                "a character that is not base64",
                malformed("base64", "is not base64"),
                "(Private-Lines: 14\r?\n)A",
                "$1*");
    }

    private void cuts() {
        String text = seed("ed25519.ppk").replace("\r", "");
        cut(text, "first-line", "PuTTY-User-Key-File-", malformed("first line", "cut off"));
        cut(text, "algorithm", "ssh-ed25519\n", malformed("Encryption", "expected here"));
        cut(text, "encryption", "none\n", malformed("Comment", "expected here"));
        cut(text, "comment", "Comment: seed key\n", malformed("Public-Lines", "expected here"));
        cut(text, "public-lines", "Public-Lines: 2\n", malformed("Public-Lines", "fewer lines"));
        cut(text, "private-lines", "Private-Lines: 1\n", malformed("Private-Lines", "fewer lines"));
        String beforeMac = text.substring(0, text.indexOf("Private-MAC"));
        add("cut-before-mac", "the MAC is missing", malformed("Private-Lines", "the text is cut off"), beforeMac);
        add(
                "cut-in-mac",
                "the MAC is cut within a byte",
                malformed("Private-MAC", "hexadecimal"),
                text.substring(0, text.length() - 2));
    }

    private void cut(String text, String name, String last, Expectation expectation) {
        add(
                "cut-after-" + name,
                "the text ends behind: " + name,
                expectation,
                text.substring(0, text.indexOf(last) + last.length()));
    }

    private void macs() {
        Expectation damaged = malformed("Private-MAC", "changed or damaged");
        for (String seed : List.of("ed25519", "ed25519-v2")) {
            String file = seed + ".ppk";
            edit(file, seed + "-mac", "a MAC that does not fit", damaged, "Private-MAC: ..", "Private-MAC: 00");
            edit(file, seed + "-mac-comment", "another comment than the MAC's", damaged, "seed key", "seed kex");
            edit(
                    file,
                    seed + "-mac-short",
                    "a MAC without its last byte",
                    damaged,
                    "(Private-MAC: .*)..(\r?\n)",
                    "$1$2");
            edit(
                    file,
                    seed + "-mac-hex",
                    "a MAC that is no hexadecimal",
                    malformed("Private-MAC", "hexadecimal"),
                    "Private-MAC: ..",
                    "Private-MAC: xy");
        }
        edit("ed25519.ppk", "mac-version-2", "version 3 relabelled as 2", damaged, "File-3", "File-2");
        edit("ed25519-v2.ppk", "mac-version-3", "version 2 relabelled as 3", damaged, "File-2", "File-3");
        edit(
                "ed25519.ppk",
                "mac-missing",
                "no value of the MAC",
                malformed("header", "a value is missing"),
                "Private-MAC: .*",
                "Private-MAC:");
        edit(
                "ed25519-encrypted-v2.ppk",
                "mac-encrypted",
                "a MAC that does not fit, where a wrong passphrase looks alike",
                Expectation.wrongPassphrase(true).opened(),
                "Private-MAC: ..",
                "Private-MAC: 00");
    }

    private void encryption() {
        String fingerprint = Bytes.fingerprintOf("ed25519.pub");
        for (String seed : List.of(ENCRYPTED, "ed25519-encrypted-v2.ppk")) {
            String name = seed.replace(".ppk", "");
            add(
                    name + "-no-passphrase",
                    "encrypted, and no passphrase given",
                    Expectation.passphraseRequired(fingerprint),
                    seed(seed));
            add(
                    name + "-wrong-passphrase",
                    "not the passphrase",
                    Expectation.wrongPassphrase(true).withPassphrase("not it"),
                    seed(seed));
        }
        Expectation blocks =
                malformed("private blob", "no whole number of blocks of 16").opened();
        String text = seed("ed25519-encrypted-v2.ppk");
        add(
                "encrypted-empty",
                "no encrypted data",
                blocks,
                text.replaceFirst("Private-Lines: 1\r?\n[^\r\n]*\r?\n", "Private-Lines: 0\n"));
        add(
                "encrypted-half-block",
                "encrypted data that ends within a block",
                blocks,
                text.replaceFirst("(Private-Lines: 1\r?\n[^\r\n]*)[^\r\n]{4}(\r?\n)", "$1$2"));
    }

    private void argon2() {
        Expectation memory = Expectation.limit("Argon2 memory in KiB", 4194304, "ReadLimits.withMaxArgon2MemoryKib")
                .opened();
        kdf("memory-4-gib", "4 GiB of memory", memory, "Memory: 64", "Memory: 4194304");
        kdf(
                "memory-max",
                "the most that nine digits can say",
                Expectation.limit("Argon2 memory in KiB", 999999999, "ReadLimits.withMaxArgon2MemoryKib")
                        .opened(),
                "Memory: 64",
                "Memory: 999999999");
        kdf(
                "passes-max",
                "more passes than a year holds",
                Expectation.limit("Argon2 passes times KiB", 63999999936L, "ReadLimits.withMaxArgon2WorkKib")
                        .opened(),
                "Passes: 1",
                "Passes: 999999999");
        kdf(
                "parallelism-17",
                "one lane above the limit",
                Expectation.limit("Argon2 parallelism", 17, "ReadLimits.withMaxArgon2Parallelism")
                        .opened(),
                "(Argon2-Memory: )64(\r?\nArgon2-Passes: 1\r?\nArgon2-Parallelism: )1",
                "$1" + "136$2" + "17");
        Expectation below = malformed("Argon2", "below what RFC 9106 allows").opened();
        kdf("passes-0", "no pass", below, "Passes: 1", "Passes: 0");
        kdf("parallelism-0", "no lane", below, "Parallelism: 1", "Parallelism: 0");
        kdf("memory-7", "less than eight blocks a lane", below, "Memory: 64", "Memory: 7");
        kdf("memory-0", "no memory", below, "Memory: 64", "Memory: 0");
        kdf(
                "memory-negative",
                "a negative number",
                malformed("Argon2-Memory", "a number of at most 9 digits").opened(),
                "Memory: 64",
                "Memory: -64");
        kdf(
                "memory-hex",
                "a hexadecimal number",
                malformed("Argon2-Memory", "a number of at most 9 digits").opened(),
                "Memory: 64",
                "Memory: 0x40");
        kdf(
                "memory-2-to-32",
                "2^32 KiB, zero as an int",
                malformed("Argon2-Memory", "a number of at most 9 digits").opened(),
                "Memory: 64",
                "Memory: 4294967296");
        kdf(
                "kind-unknown",
                "an Argon2 that does not exist",
                Expectation.unsupported("Argon2x", "Argon2x").opened(),
                "Argon2id",
                "Argon2x");
        kdf(
                "kind-scrypt",
                "a key derivation that PuTTY does not know",
                Expectation.unsupported("scrypt", "scrypt").opened(),
                "Argon2id",
                "scrypt");
        kdf(
                "missing",
                "no header of the key derivation",
                malformed("Key-Derivation", "expected here").opened(),
                "(?s)Key-Derivation.*Private-Lines",
                "Private-Lines");
        kdf(
                "salt-odd",
                "a salt of half a byte too much",
                malformed("Argon2-Salt", "hexadecimal").opened(),
                "Salt: ",
                "Salt: 0");
        kdf("salt-missing", "no salt", malformed("header", "a value is missing").opened(), "Salt: [0-9a-f]*", "Salt:");
        kdf(
                "salt-other",
                "another salt: another key",
                Expectation.wrongPassphrase(true).opened(),
                "Salt: ..",
                "Salt: 00");
    }

    private void kdf(String name, String why, Expectation expectation, String regex, String replacement) {
        edit(ENCRYPTED, "argon2-" + name, why, expectation, regex, replacement);
    }

    private void publicBlobs() {
        byte[] other = new PpkText("rsa").publicBlob;
        add(
                "ed25519",
                "swapped-public",
                "the public key of another key, under a MAC that fits",
                Expectation.mismatch(""),
                t -> t.publicBlob = OpensshParts.of("other").blob);
        add(
                "ed25519",
                "swapped-public-type",
                "a public key of another type",
                malformed("algorithm", "name different ones"),
                t -> t.publicBlob = other);
        add(
                "ed25519",
                "public-empty",
                "no public key",
                Expectation.malformed("public key blob", "algorithm length", "4 bytes needed"),
                t -> t.publicBlob = new byte[0]);
        add(
                "ed25519",
                "public-trailing",
                "a byte behind the public key",
                Expectation.malformed("public key blob", "end of the blob", "1 bytes too many"),
                t -> t.publicBlob = concat(t.publicBlob, new byte[1]));
        add(
                "ed25519",
                "public-2gib",
                "an algorithm's name of 2 GiB announced",
                Expectation.malformed("public key blob", "algorithm", "2147483647 bytes announced"),
                t -> t.publicBlob = concat(uint32(0x7fffffff), new byte[8]));
        add(
                "p256",
                "public-off-curve",
                "a point beside the curve",
                Expectation.malformed("ecdsa-sha2-nistp256", "point", "not on the curve"),
                t -> t.publicBlob = flip(t.publicBlob, -1));
        add(
                "ed25519",
                "type-unknown",
                "a type that nobody knows",
                Expectation.unsupported("ssh-unheard-of", "ssh-unheard-of"),
                t -> {
                    t.algorithm = "ssh-unheard-of";
                    t.publicBlob = strings(ascii("ssh-unheard-of"), new byte[5]);
                });
    }

    private void privateBlobs() {
        add(
                "ed25519",
                "private-empty",
                "no private key",
                malformed("seed length", "4 bytes needed"),
                t -> t.privateBlob = new byte[0]);
        add(
                "ed25519",
                "private-2gib",
                "a seed of 2 GiB announced",
                malformed("seed", "2147483647 bytes announced"),
                t -> t.privateBlob = concat(uint32(0x7fffffff), new byte[32]));
        add(
                "ed25519",
                "seed-31",
                "a seed of 31 bytes",
                malformed("seed", "32 bytes expected, got 31"),
                t -> t.privateBlob = string(new byte[31]));
        add(
                "ed25519",
                "seed-33",
                "a seed of 33 bytes",
                malformed("seed", "32 bytes expected, got 33"),
                t -> t.privateBlob = string(new byte[33]));
        add(
                "ed25519",
                "seed",
                "the seed of another key, under a MAC that fits",
                Expectation.mismatch(""),
                t -> t.privateBlob = flip(t.privateBlob, 20));
        Expectation padding = malformed("padding", "not what PuTTY writes");
        add(
                "ed25519",
                "trailing-byte",
                "a byte behind the private key",
                padding,
                t -> t.privateBlob = concat(t.privateBlob, new byte[1]));
        add(
                "ed25519",
                "padding-zeros",
                "padding of zeros, under a MAC that fits",
                padding.opened(),
                t -> t.encrypted().padding = new byte[12]);
        add(
                "ed25519",
                "padding-block-too-much",
                "a block of padding too much, under a MAC that fits",
                padding.opened(),
                t -> {
                    byte[] right = Arrays.copyOf(Bytes.digest("SHA-1", t.privateBlob), 12);
                    t.encrypted().padding = concat(right, new byte[16]);
                });
        BigInteger scalar = new BigInteger(1, Bytes.nth(new PpkText("p256").privateBlob, 0));
        add(
                "p256",
                "scalar-negative",
                "a negative scalar",
                malformed("ECDSA scalar", "negative number"),
                t -> t.privateBlob = string(mpint(scalar.negate())));
        add(
                "p256",
                "scalar-0",
                "a scalar of zero",
                Expectation.malformed("ecdsa-sha2-nistp256", "private scalar", "out of range"),
                t -> t.privateBlob = string(new byte[0]));
        add(
                "p256",
                "scalar-above-order",
                "the right scalar plus the order",
                Expectation.malformed("ecdsa-sha2-nistp256", "private scalar", "out of range"),
                t -> t.privateBlob = string(mpint(scalar.add(OpensshNumberVectors.P256_ORDER))));
        add(
                "p256",
                "scalar",
                "the scalar of another key, under a MAC that fits",
                Expectation.mismatch(""),
                t -> t.privateBlob = string(mpint(scalar.xor(BigInteger.ONE))));
        add(
                "dsa",
                "dsa-x",
                "the x of another key, under a MAC that fits",
                Expectation.mismatch(""),
                t -> t.privateBlob = flip(t.privateBlob, -1));
    }

    private void rsaNumbers() {
        byte[] blob = new PpkText("rsa").privateBlob;
        byte[] d = Bytes.nth(blob, 0);
        byte[] p = Bytes.nth(blob, 1);
        byte[] q = Bytes.nth(blob, 2);
        byte[] iqmp = Bytes.nth(blob, 3);
        rsa("d", "the private exponent of no such key", Expectation.mismatch("exponent"), flip(d, 5), p, q, iqmp);
        rsa(
                "d-negative",
                "a negative number",
                malformed("RSA private exponent", "negative number"),
                mpint(new BigInteger(1, d).negate()),
                p,
                q,
                iqmp);
        rsa("primes-swapped", "p and q are exchanged", Expectation.mismatch("coefficient"), d, q, p, iqmp);
        rsa("prime", "p is another number", Expectation.mismatch("primes"), d, flip(p, 5), q, iqmp);
        rsa("coefficient", "another coefficient", Expectation.mismatch("coefficient"), d, p, q, flip(iqmp, 5));
        rsa(
                "coefficient-missing",
                "a number is missing",
                malformed("RSA coefficient length", "4 bytes needed"),
                d,
                p,
                q);
        rsa("number-more", "a number too many", malformed("padding", "not what PuTTY writes"), d, p, q, iqmp, iqmp);
    }

    private void rsa(String name, String why, Expectation expectation, byte[]... numbers) {
        add("rsa", "rsa-" + name, why, expectation, t -> t.privateBlob = strings(numbers));
    }
}
