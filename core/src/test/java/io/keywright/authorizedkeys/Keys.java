package io.keywright.authorizedkeys;

import io.keywright.EcdsaCurve;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.internal.WireWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Keys and lines for tests. */
final class Keys {
    static final SshPublicKey ALICE = ed25519("alice");
    static final SshPublicKey BOB = ed25519("bob");
    static final SshPublicKey CAROL = ed25519("carol");
    static final SshPublicKey RSA = publicHalf(SshKeyPairGenerator.rsa(2048), "rsa");
    static final SshPublicKey ECDSA = publicHalf(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256), "ecdsa");
    static final SshPublicKey ED448 = publicHalf(SshKeyPairGenerator.ed448(), "ed448");
    static final SshPublicKey FUTURE = opaque("ssh-future@example.org");
    static final SshPublicKey CERTIFICATE = opaque("ssh-ed25519-cert-v01@openssh.com");

    private static final Map<SshPublicKey, String> BARE = new ConcurrentHashMap<>();

    private Keys() {}

    private static SshPublicKey ed25519(String comment) {
        return publicHalf(SshKeyPairGenerator.ed25519(), comment);
    }

    private static SshPublicKey publicHalf(SshKeyPairGenerator generator, String comment) {
        return generator.withComment(comment).generate().publicKey();
    }

    private static SshPublicKey opaque(String algorithm) {
        try (WireWriter writer = new WireWriter()) {
            return SshPublicKey.fromBlob(
                    writer.writeString(algorithm).writeString("whatever").toByteArray());
        }
    }

    static String base64(SshPublicKey key) {
        return base64(key.blob());
    }

    static String base64(byte[] blob) {
        return Base64.getEncoder().encodeToString(blob);
    }

    /** Type and blob, without a comment. Kept: generators ask for the same few keys a million times. */
    static String bare(SshPublicKey key) {
        return BARE.computeIfAbsent(key, each -> each.withComment("").toLine());
    }

    /** The same RSA key with a needless zero in front of each number. */
    static byte[] paddedRsaBlob() {
        byte[] blob = RSA.blob();
        io.keywright.internal.WireReader reader = new io.keywright.internal.WireReader("test", blob);
        try (WireWriter writer = new WireWriter()) {
            writer.writeString(reader.readString("name"));
            for (int i = 0; i < 2; i++) {
                byte[] number = reader.readString("number");
                writer.writeUint32(number.length + 2).writeByte(0).writeByte(0).writeBytes(number);
            }
            return writer.toByteArray();
        }
    }

    /** Text as bytes, one for one: what is not ASCII stands for itself. */
    static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    static AuthorizedKeys file(String latin1) {
        return AuthorizedKeys.parse(bytes(latin1));
    }

    static String text(AuthorizedKeys file) {
        return new String(file.toBytes(), StandardCharsets.ISO_8859_1);
    }

    /** A seed for this run, printed in every assertion that uses it, and settable to repeat a run. */
    static long seed() {
        return Long.getLong("keywright.seed", new SecureRandom().nextLong());
    }
}
