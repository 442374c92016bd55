package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.ascii;
import static io.keywright.format.negative.Bytes.concat;
import static io.keywright.format.negative.Bytes.string;
import static io.keywright.format.negative.Bytes.uint32;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A plain openssh-key-v1 seed taken apart, so that any one thing in it can be changed. */
final class OpensshParts {
    private static final String LABEL = "OPENSSH PRIVATE KEY";

    byte[] magic = ascii("openssh-key-v1\0");
    byte[] cipher = string(ascii("none"));
    byte[] kdf = string(ascii("none"));
    byte[] kdfOptions = string(new byte[0]);
    long count = 1;
    byte[] blob;
    byte[] firstCheck = uint32(42);
    byte[] secondCheck = uint32(42);
    String type;
    /** The key's fields, each an SSH string or number. */
    final List<byte[]> fields = new ArrayList<>();

    byte[] comment = ascii("seed key");
    /** Null for the right one. */
    byte @Nullable [] padding;

    /** Comment and padding as they are to stand there; null for right ones. */
    byte @Nullable [] tail;

    int block = 8;
    /** Announced length of the private section; -1 for the right one. */
    long sectionLength = -1;

    byte[] behind = new byte[0];

    private OpensshParts(byte[] file) {
        int at = magic.length + 8 + 8 + 4 + 4;
        blob = Bytes.nth(Arrays.copyOfRange(file, at, file.length), 0);
        byte[] rest = Arrays.copyOfRange(file, at + 4 + blob.length + 4 + 8, file.length);
        type = new String(Bytes.nth(rest, 0), StandardCharsets.US_ASCII);
        int count = type.equals("ssh-rsa") ? 6 : type.equals("ssh-dss") ? 5 : type.startsWith("ecdsa") ? 3 : 2;
        for (int i = 1; i <= count; i++) {
            fields.add(Bytes.nth(rest, i));
        }
    }

    static OpensshParts of(String seed) {
        return new OpensshParts(Bytes.unpem(Bytes.seed(seed + ".key")));
    }

    /** Declares encryption; the section stays what it is, which no passphrase opens. */
    OpensshParts encrypted(String name, byte[] options) {
        cipher = string(ascii(name));
        kdf = string(ascii("bcrypt"));
        kdfOptions = string(options);
        block = 16;
        return this;
    }

    static byte[] bcrypt(byte[] salt, long rounds) {
        return concat(string(salt), uint32(rounds));
    }

    OpensshParts field(int index, byte[] value) {
        fields.set(index, value);
        return this;
    }

    private byte[] section() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(concat(firstCheck, secondCheck, string(ascii(type))));
        for (byte[] field : fields) {
            out.writeBytes(string(field));
        }
        if (tail != null) {
            out.writeBytes(tail);
            return out.toByteArray();
        }
        out.writeBytes(string(comment));
        if (padding != null) {
            out.writeBytes(padding);
        } else {
            for (int i = 1; out.size() % block != 0; i++) {
                out.write(i);
            }
        }
        return out.toByteArray();
    }

    byte[] binary() {
        byte[] section = section();
        long length = sectionLength < 0 ? section.length : sectionLength;
        return concat(magic, cipher, kdf, kdfOptions, uint32(count), string(blob), uint32(length), section, behind);
    }

    String text() {
        return text(binary());
    }

    static String text(byte[] binary) {
        return Bytes.pem(LABEL, binary);
    }
}
