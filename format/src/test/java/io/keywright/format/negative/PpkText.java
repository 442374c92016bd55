package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.ascii;
import static io.keywright.format.negative.Bytes.concat;
import static io.keywright.format.negative.Bytes.digest;
import static io.keywright.format.negative.Bytes.string;
import static io.keywright.format.negative.Bytes.uint32;

import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * A plain PPK seed taken apart, so that any one thing in it can be changed under a MAC that fits. What is encrypted becomes
 * version 2, whose key derivation is two SHA-1.
 */
final class PpkText {
    int version;
    String algorithm;
    String encryption = "none";
    String comment = "seed key";
    byte[] publicBlob;
    byte[] privateBlob;
    /** Instead of right padding. */
    byte @Nullable [] padding;
    /** In version 1, a hash instead of the MAC. */
    boolean hashOnly;

    PpkText(String seed) {
        String[] lines = Bytes.seed(seed + ".ppk").split("\r?\n", -1);
        version = lines[0].charAt("PuTTY-User-Key-File-".length()) - '0';
        algorithm = lines[0].substring(lines[0].indexOf(' ') + 1);
        int publicLines = Integer.parseInt(lines[3].substring("Public-Lines: ".length()));
        publicBlob = Base64.getDecoder().decode(String.join("", Arrays.copyOfRange(lines, 4, 4 + publicLines)));
        int privateLines = Integer.parseInt(lines[4 + publicLines].substring("Private-Lines: ".length()));
        int from = 5 + publicLines;
        privateBlob = Base64.getDecoder().decode(String.join("", Arrays.copyOfRange(lines, from, from + privateLines)));
    }

    /** Encrypts under the seeds' passphrase, as version 2. */
    PpkText encrypted() {
        version = 2;
        encryption = "aes256-cbc";
        return this;
    }

    /** Makes it version 1, whose sum covers the private blob alone. */
    PpkText version1() {
        version = 1;
        return this;
    }

    String text() {
        boolean plain = encryption.equals("none");
        byte[] padded = plain ? privateBlob : concat(privateBlob, padding == null ? rightPadding() : padding);
        byte[] covered = version == 1
                ? padded
                : concat(
                        string(ascii(algorithm)),
                        string(ascii(encryption)),
                        string(ascii(comment)),
                        string(publicBlob),
                        string(padded));
        byte[] passphrase = ascii(plain ? "" : Expectation.PASSPHRASE);
        byte[] mac = version == 3
                ? Bytes.hmac("HmacSHA256", new byte[0], covered)
                : Bytes.hmac("HmacSHA1", digest("SHA-1", ascii("putty-private-key-file-mac-key"), passphrase), covered);
        byte[] sum = hashOnly ? digest("SHA-1", covered) : mac;
        byte[] stored = plain ? padded : encrypt(padded, passphrase);
        return "PuTTY-User-Key-File-" + version + ": " + algorithm + "\nEncryption: " + encryption + "\nComment: "
                + comment
                + "\n" + body("Public-Lines: ", publicBlob) + body("Private-Lines: ", stored)
                + (hashOnly ? "Private-Hash: " : "Private-MAC: ")
                + HexFormat.of().formatHex(sum) + "\n";
    }

    private byte[] rightPadding() {
        return Arrays.copyOf(digest("SHA-1", privateBlob), -privateBlob.length & 15);
    }

    private static byte[] encrypt(byte[] padded, byte[] passphrase) {
        byte[] key = Arrays.copyOf(
                concat(digest("SHA-1", uint32(0), passphrase), digest("SHA-1", uint32(1), passphrase)), 32);
        return Bytes.cipher("AES/CBC/NoPadding", Cipher.ENCRYPT_MODE, key, new byte[16], padded);
    }

    private static String body(String header, byte[] blob) {
        String lines = blob.length == 0 ? "" : Bytes.base64(blob, 64);
        return header + lines.chars().filter(c -> c == '\n').count() + "\n" + lines;
    }
}
