package io.keywright.format.negative;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The few byte operations that vectors are made with. Not our production code, which the vectors are to test. */
final class Bytes {
    private Bytes() {}

    /** Reads a seed as text, one char a byte. */
    static String seed(String file) {
        try {
            return Files.readString(
                    NegativeVector.folder().resolve("seeds").resolve(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] uint32(long value) {
        return new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    /** An SSH string. */
    static byte[] string(byte[] content) {
        return concat(uint32(content.length), content);
    }

    static byte[] strings(byte[]... contents) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] content : contents) {
            out.writeBytes(string(content));
        }
        return out.toByteArray();
    }

    static byte[] mpint(BigInteger number) {
        return number.signum() == 0 ? new byte[0] : number.toByteArray();
    }

    static byte[] flip(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at < 0 ? changed.length + at : at] ^= 1;
        return changed;
    }

    static String base64(byte[] bytes, int columns) {
        return Base64.getMimeEncoder(columns, new byte[] {'\n'}).encodeToString(bytes) + "\n";
    }

    /** Base64 in PEM. */
    static String pem(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n" + base64(content, 64) + "-----END " + label + "-----\n";
    }

    /** What stands between the BEGIN and the END line, decoded; there are no headers. */
    static byte[] unpem(String text) {
        int from = text.indexOf('\n') + 1;
        return Base64.getMimeDecoder().decode(text.substring(from, text.indexOf("-----END")));
    }

    /** The n-th SSH string of a run of them, as it is. */
    static byte[] nth(byte[] strings, int index) {
        int at = 0;
        for (int i = 0; i < index; i++) {
            at += 4 + length(strings, at);
        }
        int length = length(strings, at);
        byte[] content = new byte[length];
        System.arraycopy(strings, at + 4, content, 0, length);
        return content;
    }

    /** As ssh-keygen -l prints it. */
    static String fingerprint(byte[] blob) {
        return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest("SHA-256", blob));
    }

    /** The fingerprint of a seed's public key line. */
    static String fingerprintOf(String pubFile) {
        String line = seed(pubFile);
        int from = line.indexOf(' ') + 1;
        return fingerprint(Base64.getDecoder().decode(line.substring(from, line.indexOf(' ', from))));
    }

    static byte[] digest(String name, byte[]... parts) {
        try {
            return MessageDigest.getInstance(name).digest(concat(parts));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An HMAC under a key that may be empty, which stands for one zero byte. */
    static byte[] hmac(String name, byte[] key, byte[] data) {
        try {
            Mac mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, name));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] cipher(String transformation, int mode, byte[] key, byte[] iv, byte[] data) {
        try {
            Cipher cipher = Cipher.getInstance(transformation);
            String name = transformation.substring(0, transformation.indexOf('/'));
            cipher.init(mode, new SecretKeySpec(key, name), new IvParameterSpec(iv));
            return cipher.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static int length(byte[] bytes, int at) {
        return new BigInteger(1, new byte[] {bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]}).intValueExact();
    }
}
