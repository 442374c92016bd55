package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.ascii;
import static io.keywright.format.negative.Bytes.concat;
import static io.keywright.format.negative.Bytes.flip;
import static io.keywright.format.negative.Bytes.string;
import static io.keywright.format.negative.Bytes.uint32;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** PPK, version 1, which no program writes any more: its sums, which leave the public half out, and DSA's group hash. */
final class PpkVersion1Vectors {
    private static final String FORMAT = "PPK";

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        PpkVersion1Vectors set = new PpkVersion1Vectors();
        set.sums();
        set.headers();
        set.encryption();
        set.publicHalf();
        set.privateHalf();
        return set.vectors;
    }

    private static Expectation malformed(String where, String message) {
        return Expectation.malformed(FORMAT, where, message);
    }

    private void add(String seed, String name, String why, Expectation expectation, Consumer<PpkText> fault) {
        edit(seed, name, why, expectation, fault, "", "");
    }

    private void edit(
            String seed,
            String name,
            String why,
            Expectation expectation,
            Consumer<PpkText> fault,
            String regex,
            String replacement) {
        PpkText text = new PpkText(seed).version1();
        fault.accept(text);
        String before = text.text();
        String after = before.replaceFirst(regex, replacement);
        if (!regex.isEmpty() && after.equals(before)) {
            throw new IllegalStateException(name + ": nothing was replaced");
        }
        vectors.add(expectation.vector("ppk1/" + name, why, after));
    }

    private static void asItIs(PpkText text) {}

    private static void hashed(PpkText text) {
        text.hashOnly = true;
    }

    private static void sealed(PpkText text) {
        text.encrypted().version1();
    }

    private void sums() {
        Expectation damaged = malformed("Private-MAC", "changed or damaged");
        for (boolean hash : new boolean[] {false, true}) {
            String name = hash ? "hash" : "mac";
            String header = hash ? "Private-Hash" : "Private-MAC";
            Consumer<PpkText> kind = hash ? PpkVersion1Vectors::hashed : PpkVersion1Vectors::asItIs;
            String other = hash ? "Private-MAC" : "Private-Hash";
            edit("ed25519", name, "a sum that does not fit", damaged, kind, header + ": ..", header + ": 00");
            edit("ed25519", name + "-short", "a sum without its last byte", damaged, kind, "..\n$", "\n");
            edit("ed25519", name + "-long", "a sum of a byte too many", damaged, kind, "\n$", "00\n");
            edit("ed25519", name + "-relabelled", "the sum of the other kind", damaged, kind, header, other);
            edit(
                    "ed25519",
                    name + "-hex",
                    "no hexadecimal",
                    malformed(header, "hexadecimal"),
                    kind,
                    header + ": ..",
                    header + ": xy");
            edit(
                    "ed25519",
                    name + "-empty",
                    "no value of the sum",
                    malformed("header", "a value is missing"),
                    kind,
                    header + ": .*",
                    header + ":");
            edit(
                    "ed25519",
                    name + "-data",
                    "the private half is changed",
                    damaged,
                    kind,
                    "(Private-Lines: 1\n.{10}).",
                    "$1/");
        }
        edit(
                "ed25519",
                "sum-missing",
                "the sum is missing",
                malformed("Private-Lines", "the text is cut off"),
                PpkVersion1Vectors::asItIs,
                "Private-MAC: .*\n",
                "");
        edit(
                "ed25519",
                "sum-unknown",
                "a sum that does not exist",
                malformed("Private-MAC", "expected here"),
                PpkVersion1Vectors::asItIs,
                "Private-MAC",
                "Private-Sum");
        edit(
                "ed25519",
                "version-2",
                "version 1 relabelled as 2",
                damaged,
                PpkVersion1Vectors::asItIs,
                "File-1",
                "File-2");
        edit(
                "ed25519",
                "version-2-hash",
                "a hash, which version 2 does not have",
                malformed("Private-MAC", "expected here"),
                PpkVersion1Vectors::hashed,
                "File-1",
                "File-2");
    }

    private void headers() {
        edit(
                "ed25519",
                "comment-missing",
                "the header Comment is missing",
                malformed("Comment", "expected here"),
                PpkVersion1Vectors::asItIs,
                "Comment: .*\n",
                "");
        edit(
                "ed25519",
                "key-derivation",
                "Argon2, which version 1 does not have",
                malformed("Private-Lines", "expected here").opened(),
                PpkVersion1Vectors::sealed,
                "Private-Lines",
                "Key-Derivation: Argon2id\nPrivate-Lines");
        edit(
                "ed25519",
                "cipher-unknown",
                "a cipher that PuTTY does not know",
                Expectation.unsupported("3des-cbc", "3des-cbc").opened(),
                PpkVersion1Vectors::sealed,
                "aes256-cbc",
                "3des-cbc");
        edit(
                "ed25519",
                "private-lines-huge",
                "more lines than any file has",
                malformed("Private-Lines", "fewer lines than it says"),
                PpkVersion1Vectors::asItIs,
                "Private-Lines: 1",
                "Private-Lines: 999999999");
    }

    private void encryption() {
        String fingerprint = Bytes.fingerprintOf("ed25519.pub");
        add(
                "ed25519",
                "no-passphrase",
                "encrypted, and no passphrase given",
                Expectation.passphraseRequired(fingerprint),
                PpkVersion1Vectors::sealed);
        add(
                "ed25519",
                "wrong-passphrase",
                "not the passphrase",
                Expectation.wrongPassphrase(true).withPassphrase("not it"),
                PpkVersion1Vectors::sealed);
        edit(
                "ed25519",
                "encrypted-mac",
                "a MAC that does not fit, where a wrong passphrase looks alike",
                Expectation.wrongPassphrase(true).opened(),
                PpkVersion1Vectors::sealed,
                "Private-MAC: ..",
                "Private-MAC: 00");
        edit(
                "ed25519",
                "encrypted-empty",
                "no encrypted data",
                malformed("private blob", "no whole number of blocks of 16").opened(),
                PpkVersion1Vectors::sealed,
                "Private-Lines: 1\n.*\n",
                "Private-Lines: 0\n");
        add(
                "ed25519",
                "padding-zeros",
                "padding of zeros, under a MAC that fits",
                malformed("padding", "not what PuTTY writes").opened(),
                text -> {
                    sealed(text);
                    text.padding = new byte[12];
                });
    }

    private void publicHalf() {
        add(
                "ed25519",
                "swapped-public",
                "the public key of another key, which no sum covers",
                Expectation.mismatch(""),
                text -> text.publicBlob = OpensshParts.of("other").blob);
        add(
                "ed25519",
                "swapped-public-type",
                "a public key of another type",
                malformed("algorithm", "name different ones"),
                text -> text.publicBlob = new PpkText("rsa").publicBlob);
        add(
                "p256",
                "public-off-curve",
                "a point beside the curve",
                Expectation.malformed("ecdsa-sha2-nistp256", "point", "not on the curve"),
                text -> text.publicBlob = flip(text.publicBlob, -1));
    }

    private void privateHalf() {
        add(
                "ed25519",
                "seed-31",
                "a seed of 31 bytes",
                malformed("seed", "32 bytes expected, got 31"),
                text -> text.privateBlob = string(new byte[31]));
        add(
                "ed25519",
                "private-2gib",
                "a seed of 2 GiB announced",
                malformed("seed", "2147483647 bytes announced"),
                text -> text.privateBlob = concat(uint32(0x7fffffff), new byte[32]));
        add(
                "ed25519",
                "trailing-byte",
                "a byte behind the private key",
                malformed("padding", "not what PuTTY writes"),
                text -> text.privateBlob = concat(text.privateBlob, new byte[1]));
        add(
                "rsa",
                "rsa-coefficient",
                "another coefficient",
                Expectation.mismatch("coefficient"),
                text -> text.privateBlob = flip(text.privateBlob, -1));
        add(
                "dsa",
                "dsa-x",
                "the x of another key",
                Expectation.mismatch(""),
                text -> text.privateBlob = flip(text.privateBlob, -1));
        Expectation group = malformed("DSA group hash", "another group's");
        add(
                "dsa",
                "group-hash",
                "the hash of another group",
                group,
                text -> text.privateBlob = concat(text.privateBlob, string(new byte[20])));
        add(
                "dsa",
                "group-hash-short",
                "a hash of 19 bytes",
                group,
                text -> text.privateBlob = concat(text.privateBlob, string(new byte[19])));
        add(
                "dsa",
                "group-hash-2gib",
                "a hash of 2 GiB announced",
                malformed("DSA group hash", "2147483647 bytes announced"),
                text -> text.privateBlob = concat(text.privateBlob, uint32(0x7fffffff), new byte[20]));
        add(
                "dsa",
                "group-hash-text",
                "a text where the hash of the group would stand",
                group,
                text -> text.privateBlob = concat(text.privateBlob, string(ascii("sixteen bytes or more"))));
    }
}
