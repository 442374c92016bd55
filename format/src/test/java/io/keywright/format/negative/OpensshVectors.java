package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.ascii;
import static io.keywright.format.negative.Bytes.concat;
import static io.keywright.format.negative.Bytes.flip;
import static io.keywright.format.negative.Bytes.seed;
import static io.keywright.format.negative.Bytes.string;
import static io.keywright.format.negative.Bytes.strings;
import static io.keywright.format.negative.Bytes.uint32;
import static io.keywright.format.negative.Bytes.unpem;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** openssh-key-v1: its envelope, its encryption and the frame of the private section. The numbers: {@link OpensshNumberVectors}. */
final class OpensshVectors {
    private static final String FORMAT = "openssh-key-v1";
    private static final byte[] SALT = ascii("0123456789abcdef");

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        OpensshVectors set = new OpensshVectors();
        set.envelope();
        set.names();
        set.kdf();
        set.cuts();
        set.encryption();
        set.section();
        set.ed25519();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String body) {
        vectors.add(expectation.vector("openssh/" + name, why, body));
    }

    private void add(String name, String why, Expectation expectation, Consumer<OpensshParts> fault) {
        OpensshParts parts = OpensshParts.of("ed25519");
        fault.accept(parts);
        add(name, why, expectation, parts.text());
    }

    private static Expectation malformed(String where, String message) {
        return Expectation.malformed(FORMAT, where, message);
    }

    private void envelope() {
        Expectation magic = malformed("magic", "does not begin with openssh-key-v1");
        add("magic-empty", "there is nothing between BEGIN and END", magic, OpensshParts.text(new byte[0]));
        add("magic-missing", "the magic word is missing", magic, p -> p.magic = new byte[0]);
        add("magic-v2", "a version that does not exist", magic, p -> p.magic = ascii("openssh-key-v2\0"));
        add(
                "magic-without-zero",
                "the zero behind the magic word is missing",
                malformed("cipher", "bytes announced"),
                p -> p.magic = ascii("openssh-key-v1"));
        Expectation count = malformed("key count", "1 expected");
        add("nkeys-0", "no key", count, p -> p.count = 0);
        add("nkeys-2", "two keys announced", count, p -> p.count = 2);
        add("nkeys-2gib", "2^31-1 keys announced: nothing may be allocated for them", count, p -> p.count = 0x7fffffff);
        add("nkeys-max", "2^32-1 keys announced", count, p -> p.count = 0xffffffffL);
        Expectation end = malformed("end", "bytes expected behind the private section");
        add("trailing-byte", "a byte behind the private section", end, p -> p.behind = new byte[1]);
        add("trailing-tag", "a tag, and no cipher that has one", end, p -> p.behind = new byte[16]);
        Expectation blocks = malformed("private section", "no whole number of blocks");
        add("section-half-block", "the private section ends within a block", blocks, p -> p.padding = new byte[] {1});
        add("section-empty", "an empty private section", blocks, p -> p.sectionLength = 0);
        add("section-blocks-of-8", "blocks of 8 where AES has 16", blocks, p -> {
            p.encrypted("aes256-cbc", OpensshParts.bcrypt(SALT, 1));
            p.padding = new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
        });
        Expectation left = malformed("private section", "left");
        add("section-2gib", "a section of 2 GiB announced", left, p -> p.sectionLength = 0x7fffffff);
        add("section-4gib", "a section of 4 GiB announced", left, p -> p.sectionLength = 0xffffffffL);
        add("section-one-more", "one byte more announced than there is", left, p -> p.sectionLength = 145);
    }

    private void names() {
        Expectation none = malformed("KDF", "must both be none, or neither");
        add("kdf-without-cipher", "a KDF and no cipher", none, p -> {
            p.kdf = string(ascii("bcrypt"));
            p.kdfOptions = string(OpensshParts.bcrypt(SALT, 1));
        });
        add("cipher-without-kdf", "a cipher and no KDF", none, p -> p.cipher = string(ascii("aes256-ctr")));
        add(
                "options-without-kdf",
                "options for no KDF",
                malformed("KDF options", "1 bytes too many"),
                p -> p.kdfOptions = string(new byte[1]));
        add(
                "cipher-empty",
                "the cipher has no name",
                malformed("cipher", "1 to 64 characters"),
                p -> p.cipher = string(new byte[0]));
        add(
                "cipher-long",
                "a cipher's name of 65 bytes",
                malformed("cipher", "at most 64 bytes"),
                p -> p.cipher = string(ascii("x".repeat(65))));
        add(
                "cipher-umlaut",
                "a cipher's name that is not ASCII",
                malformed("cipher", "not printable US-ASCII"),
                p -> p.cipher = string(ascii("aes\u00e4")));
        add(
                "cipher-escape",
                "a terminal's escape sequence for a name",
                malformed("cipher", "not printable US-ASCII"),
                p -> p.cipher = string(ascii("\u001b[2J")));
        add(
                "cipher-2gib",
                "a name of 2 GiB announced",
                malformed("cipher", "2147483647 bytes announced"),
                p -> p.cipher = uint32(0x7fffffff));
        add(
                "cipher-negative",
                "a length of 2^31, negative as an int",
                malformed("cipher", "2147483648 bytes announced"),
                p -> p.cipher = uint32(0x80000000L));
        add(
                "kdf-2gib",
                "a KDF's name of 2 GiB announced",
                malformed("KDF", "2147483647 bytes announced"),
                p -> p.kdf = uint32(0x7fffffff));
        add(
                "kdf-line-end",
                "a line end in the KDF's name",
                malformed("KDF", "not printable US-ASCII"),
                p -> p.kdf = string(ascii("none\n")));
        add(
                "cipher-unknown",
                "a cipher that does not exist",
                Expectation.unsupported("aes999-ctr", "aes999-ctr").opened(),
                p -> p.encrypted("aes999-ctr", OpensshParts.bcrypt(SALT, 1)));
        add(
                "cipher-arcfour",
                "a cipher that OpenSSH has dropped",
                Expectation.unsupported("arcfour", "arcfour").opened(),
                p -> p.encrypted("arcfour", OpensshParts.bcrypt(SALT, 1)));
        add(
                "kdf-unknown",
                "a KDF that OpenSSH does not know",
                Expectation.unsupported("scrypt", "scrypt").opened(),
                p -> {
                    p.encrypted("aes256-ctr", OpensshParts.bcrypt(SALT, 1));
                    p.kdf = string(ascii("scrypt"));
                });
    }

    private void kdf() {
        Expectation options = malformed("KDF options", "must not be empty").opened();
        kdf("salt-empty", "no salt", options, OpensshParts.bcrypt(new byte[0], 1));
        kdf("rounds-0", "no rounds", options, OpensshParts.bcrypt(SALT, 0));
        kdf(
                "options-empty",
                "no options",
                malformed("KDF salt length", "4 bytes needed").opened(),
                new byte[0]);
        kdf(
                "options-cut",
                "options without rounds",
                malformed("KDF rounds", "4 bytes needed").opened(),
                string(SALT));
        kdf(
                "options-trailing",
                "a byte behind the rounds",
                malformed("KDF options", "1 bytes too many").opened(),
                concat(OpensshParts.bcrypt(SALT, 1), new byte[1]));
        kdf(
                "salt-2gib",
                "a salt of 2 GiB announced",
                malformed("KDF salt", "2147483647 bytes announced").opened(),
                uint32(0x7fffffff));
        kdf(
                "rounds-2049",
                "one round above the limit",
                Expectation.limit("bcrypt rounds", 2049, "ReadLimits.withMaxBcryptRounds")
                        .opened(),
                OpensshParts.bcrypt(SALT, 2049));
        kdf(
                "rounds-max",
                "2^32-1 rounds: hours, were they begun",
                Expectation.limit("bcrypt rounds", 0xffffffffL, "ReadLimits.withMaxBcryptRounds")
                        .opened(),
                OpensshParts.bcrypt(SALT, 0xffffffffL));
    }

    private void kdf(String name, String why, Expectation expectation, byte[] options) {
        add("kdf-" + name, why, expectation, p -> p.encrypted("aes256-ctr", options));
    }

    private void cuts() {
        byte[] binary = unpem(seed("ed25519.key"));
        cut("cipher-length", binary, 17, malformed("cipher length", "4 bytes needed, 2 left"));
        cut("cipher", binary, 21, malformed("cipher", "4 bytes announced, 2 left"));
        cut("kdf", binary, 29, malformed("KDF", "4 bytes announced, 2 left"));
        cut("kdf-options", binary, 33, malformed("KDF options length", "4 bytes needed"));
        cut("count", binary, 36, malformed("key count", "4 bytes needed"));
        cut("blob", binary, 70, malformed("public key", "51 bytes announced"));
        cut("section-length", binary, 97, malformed("private section length", "4 bytes needed, 3 left"));
        cut("section", binary, binary.length - 8, malformed("private section", "left"));
        String text = seed("ed25519.key");
        Expectation end = malformed("END line", "cut off before the END line");
        add("cut-before-end", "the END line is missing", end, text.substring(0, text.indexOf("-----END")));
        add("cut-in-end", "the END line is cut", end, text.substring(0, text.indexOf("-----END") + 20));
        add("cut-in-body", "the text ends within the body", end, text.substring(0, 200));
        add("cut-after-begin", "nothing but the BEGIN line", end, text.substring(0, 36));
        add("end-of-another", "the END line is of another format", end, text.replace("END OPENSSH", "END RSA"));
        Expectation base64 = malformed("base64", "is not base64, or a part is missing");
        add("base64-character", "a character that is not base64", base64, text.replace("AAAAB", "AA*AB"));
        add("base64-url", "base64 in its URL alphabet", base64, text.replaceFirst("\nb3BlbnNza", "\nb3Blb-_za"));
        add("base64-padding-within", "padding amid the body", base64, text.replaceFirst("\nQ", "=\nQ"));
        add("base64-one-left", "one character is missing", base64, text.replaceFirst("b3B", "b3"));
    }

    private void cut(String name, byte[] binary, int length, Expectation expectation) {
        add(
                "cut-" + name,
                "the decoded data ends within: " + name,
                expectation,
                OpensshParts.text(Arrays.copyOf(binary, length)));
    }

    private void encryption() {
        byte[] ctr = unpem(seed("ctr.key"));
        Expectation wrong = Expectation.wrongPassphrase(true);
        for (String name : List.of("ctr", "gcm", "chacha")) {
            add("wrong-passphrase-" + name, "not the passphrase", wrong.withPassphrase("not it"), seed(name + ".key"));
        }
        add(
                "blank-passphrase",
                "blanks are a passphrase, and not the right one",
                wrong.withPassphrase("  "),
                seed("ctr.key"));
        String fingerprint =
                Bytes.fingerprint(Bytes.nth(Arrays.copyOfRange(ctr, 15 + 14 + 10 + 28 + 4, ctr.length), 0));
        add(
                "no-passphrase",
                "encrypted, and no passphrase given",
                Expectation.passphraseRequired(fingerprint),
                seed("ctr.key"));
        byte[] gcm = unpem(seed("gcm.key"));
        byte[] chacha = unpem(seed("chacha.key"));
        add("gcm-tag", "the tag is damaged", wrong.opened(), OpensshParts.text(flip(gcm, -1)));
        add("gcm-data", "the data under the tag is damaged", wrong.opened(), OpensshParts.text(flip(gcm, -40)));
        add("chacha-tag", "the tag is damaged", wrong.opened(), OpensshParts.text(flip(chacha, -1)));
        Expectation end =
                malformed("end", "16 bytes expected behind the private section").opened();
        add("gcm-without-tag", "the tag is missing", end, OpensshParts.text(Arrays.copyOf(gcm, gcm.length - 16)));
        add("chacha-short-tag", "the tag is cut", end, OpensshParts.text(Arrays.copyOf(chacha, chacha.length - 1)));
        add("gcm-trailing", "a byte behind the tag", end, OpensshParts.text(concat(gcm, new byte[1])));
        add(
                "ctr-check-number",
                "a check number is damaged; the type behind it tells that the passphrase is right",
                malformed("check numbers", "although the passphrase is right").opened(),
                OpensshParts.text(flip(ctr, 15 + 14 + 10 + 28 + 4 + 55 + 4)));
        add(
                "ctr-padding",
                "the padding is damaged",
                malformed("padding", "count 1, 2, 3").opened(),
                OpensshParts.text(flip(ctr, -1)));
        byte[] other = OpensshParts.of("other").blob;
        byte[] swapped = ctr.clone();
        System.arraycopy(other, 0, swapped, 15 + 14 + 10 + 28 + 4 + 4, other.length);
        add(
                "ctr-swapped-public",
                "the public key in the clear is another key's",
                Expectation.mismatch("the public key in the clear is not this private key's")
                        .opened(),
                OpensshParts.text(swapped));
    }

    private void section() {
        add(
                "check-numbers",
                "the check numbers differ",
                malformed("check numbers", "the data is damaged"),
                p -> p.secondCheck = uint32(43));
        Expectation padding = malformed("padding", "count 1, 2, 3");
        byte[] right = {1, 2, 3, 4, 5};
        add("padding-from-0", "padding that counts from 0", padding, p -> p.padding = new byte[] {0, 1, 2, 3, 4});
        add("padding-zeros", "padding of zeros", padding, p -> p.padding = new byte[5]);
        add("padding-pkcs", "padding as in PKCS#7", padding, p -> p.padding = new byte[] {5, 5, 5, 5, 5});
        add("padding-last", "the last byte of padding is wrong", padding, p -> p.padding = flip(right, 4));
        add(
                "padding-21",
                "21 bytes of padding: a block and a half too much",
                malformed("padding", "at most 16 bytes"),
                p -> {
                    p.padding = new byte[21];
                    for (int i = 0; i < 21; i++) {
                        p.padding[i] = (byte) (i + 1);
                    }
                });
        // Type and key take 127 bytes: one more, or nine, and the blocks are whole.
        add(
                "comment-missing",
                "the section ends before the comment",
                malformed("comment length", "4 bytes needed"),
                p -> p.tail = new byte[1]);
        add(
                "comment-2gib",
                "a comment of 2 GiB announced",
                malformed("comment", "2147483647 bytes announced"),
                p -> p.tail = concat(uint32(0x7fffffff), new byte[5]));
        add(
                "type-inside",
                "another type within the section",
                Expectation.mismatch("key type differs"),
                p -> p.type = "ssh-rsa");
        add(
                "type-inside-2gib",
                "a type of 2 GiB announced",
                malformed("key type", "2147483647 bytes announced"),
                p -> p.secondCheck = concat(p.secondCheck, uint32(0x7fffffff)));
        add(
                "blob-empty",
                "an empty public key",
                Expectation.malformed("public key blob", "algorithm length", "4 bytes needed"),
                p -> p.blob = new byte[0]);
        add(
                "blob-trailing",
                "a byte behind the public key",
                Expectation.malformed("public key blob", "end of the blob", "1 bytes too many"),
                p -> p.blob = concat(p.blob, new byte[1]));
        add(
                "blob-unknown-type",
                "a type that nobody knows",
                Expectation.unsupported("ssh-unheard-of", "ssh-unheard-of"),
                p -> p.blob = strings(ascii("ssh-unheard-of"), new byte[5]));
        add(
                "blob-certificate",
                "a certificate for a public key",
                Expectation.unsupported("ssh-ed25519-cert-v01@openssh.com", "are not known"),
                p -> p.blob = strings(ascii("ssh-ed25519-cert-v01@openssh.com"), new byte[32]));
        add(
                "swapped-public",
                "the public key is another key's",
                Expectation.mismatch("the public key in the clear is not this private key's"),
                p -> p.blob = OpensshParts.of("other").blob);
        add(
                "swapped-public-type",
                "the public key is of another type",
                Expectation.mismatch("key type differs"),
                p -> p.blob = OpensshParts.of("p256").blob);
    }

    private void ed25519() {
        byte[] point = OpensshParts.of("ed25519").fields.get(0);
        byte[] both = OpensshParts.of("ed25519").fields.get(1);
        byte[] seed = Arrays.copyOf(both, 32);
        byte[] other = OpensshParts.of("other").fields.get(0);
        add(
                "ed25519-inner-point",
                "another point within the section",
                Expectation.mismatch("the point differs"),
                p -> p.field(0, other));
        add(
                "ed25519-point-behind-seed",
                "another point behind the seed",
                Expectation.mismatch("point behind the seed differs"),
                p -> p.field(1, concat(seed, other)));
        add("ed25519-seed", "another seed", Expectation.mismatch("seed"), p -> p.field(1, concat(new byte[32], point)));
        Expectation length = malformed("seed and point", "64 bytes expected");
        add("ed25519-seed-alone", "the point behind the seed is missing", length, p -> p.field(1, seed));
        add("ed25519-seed-long", "a byte too many", length, p -> p.field(1, concat(both, new byte[1])));
        add("ed25519-seed-empty", "no seed", length, p -> p.field(1, new byte[0]));
        add(
                "ed25519-seed-2gib",
                "a seed of 2 GiB announced",
                malformed("seed and point", "2147483647 bytes announced"),
                p -> {
                    p.fields.remove(1);
                    p.tail = concat(uint32(0x7fffffff), new byte[1]);
                });
        Expectation key = Expectation.malformed("ssh-ed25519", "key", "32 bytes");
        add(
                "ed25519-blob-short",
                "a point of 31 bytes",
                key,
                p -> p.blob = strings(ascii("ssh-ed25519"), new byte[31]));
        add("ed25519-blob-long", "a point of 33 bytes", key, p -> p.blob = strings(ascii("ssh-ed25519"), new byte[33]));
        add(
                "ed25519-blob-off-curve",
                "a point that is not on the curve",
                Expectation.malformed("ssh-ed25519", "key", "no point of the curve"),
                p -> {
                    byte[] off = new byte[32];
                    off[0] = 2;
                    p.blob = strings(ascii("ssh-ed25519"), off);
                });
        add(
                "ed25519-blob-not-canonical",
                "a point whose coordinate is not below the field's prime",
                Expectation.malformed("ssh-ed25519", "key", "no point of the curve"),
                p -> {
                    byte[] off = new byte[32];
                    Arrays.fill(off, (byte) 0xff);
                    off[31] = 0x7f;
                    p.blob = strings(ascii("ssh-ed25519"), off);
                });
    }
}
