package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Ed25519PrivateKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.internal.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Builds plain openssh-key-v1 files in which any one thing is wrong. Every field starts right, for one Ed25519 key with the
 * comment "c".
 */
final class OpensshFile {
    static final SshKeyPair PAIR =
            SshKeyPairGenerator.ed25519().withComment("c").generate();
    static final byte[] POINT = ((Ed25519PublicKey) PAIR.publicKey()).point();
    static final byte[] SEED = ((Ed25519PrivateKey) PAIR.privateKey()).seed().toByteArray();

    String magic = "openssh-key-v1\0";
    String cipher = "none";
    String kdf = "none";
    byte[] kdfOptions = new byte[0];
    long count = 1;
    byte[] blob = PAIR.publicKey().blob();
    long firstCheck = 42;
    long secondCheck = 42;
    String type = "ssh-ed25519";
    byte[] fields = fields(POINT, concat(SEED, POINT));
    byte[] comment = {'c'};
    /** Filled up with right values to this block; 0 for none. */
    int block = 8;

    byte[] padding = new byte[0];
    byte[] behind = new byte[0];

    static byte[] fields(byte[]... strings) {
        try (WireWriter writer = new WireWriter()) {
            for (byte[] string : strings) {
                writer.writeString(string);
            }
            return writer.toByteArray();
        }
    }

    static byte[] concat(byte[]... parts) {
        try (WireWriter writer = new WireWriter()) {
            for (byte[] part : parts) {
                writer.writeBytes(part);
            }
            return writer.toByteArray();
        }
    }

    static byte[] bcrypt(byte[] salt, long rounds) {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString(salt).writeUint32(rounds).toByteArray();
        }
    }

    byte[] section() {
        try (WireWriter writer = new WireWriter()) {
            writer.writeUint32(firstCheck).writeUint32(secondCheck).writeString(type);
            writer.writeBytes(fields).writeString(comment).writeBytes(padding);
            for (int i = 1; block > 0 && writer.size() % block != 0; i++) {
                writer.writeByte(i);
            }
            return writer.toByteArray();
        }
    }

    byte[] binary() {
        try (WireWriter writer = new WireWriter()) {
            writer.writeBytes(magic.getBytes(StandardCharsets.US_ASCII));
            writer.writeString(cipher).writeString(kdf).writeString(kdfOptions).writeUint32(count);
            writer.writeString(blob).writeString(section()).writeBytes(behind);
            return writer.toByteArray();
        }
    }

    String text() {
        return text(binary());
    }

    static String text(byte[] binary) {
        return "-----BEGIN OPENSSH PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(binary)
                + "\n-----END OPENSSH PRIVATE KEY-----\n";
    }

    static byte[] binary(String text) {
        String base64 = text.substring(text.indexOf("KEY-----") + 8, text.indexOf("-----END"));
        return Base64.getMimeDecoder().decode(base64);
    }

    /** Decodes a plain file and blanks the eight random bytes, which are all that may differ between two writings. */
    static byte[] withoutCheckNumbers(byte[] file) {
        byte[] decoded = binary(new String(file, StandardCharsets.US_ASCII));
        // magic 15, "none" 8, "none" 8, empty options 4, count 4
        int at = 39;
        int blob = (decoded[at] & 0xff) << 24
                | (decoded[at + 1] & 0xff) << 16
                | (decoded[at + 2] & 0xff) << 8
                | (decoded[at + 3] & 0xff);
        at += 4 + blob + 4;
        assertThat(Arrays.copyOfRange(decoded, at, at + 4)).isEqualTo(Arrays.copyOfRange(decoded, at + 4, at + 8));
        Arrays.fill(decoded, at, at + 8, (byte) 0);
        return decoded;
    }
}
