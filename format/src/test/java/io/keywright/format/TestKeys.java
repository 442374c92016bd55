package io.keywright.format;

import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.SecretBytes;
import io.keywright.SkEcdsaPublicKey;
import io.keywright.SkEd25519PublicKey;
import io.keywright.SkPrivateKey;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** One key of each type for all tests; made once, never closed. */
final class TestKeys {
    static final String COMMENT = "deploy key@prod 1";

    private static final Map<String, SshKeyPair> ALL = generate();

    private TestKeys() {}

    /** Keys by a short name. */
    static Map<String, SshKeyPair> all() {
        return ALL;
    }

    static SshKeyPair of(String name) {
        SshKeyPair pair = ALL.get(name);
        if (pair == null) {
            throw new AssertionError("no test key " + name);
        }
        return pair;
    }

    private static Map<String, SshKeyPair> generate() {
        Map<String, SshKeyPair> keys = new LinkedHashMap<>();
        keys.put("ed25519", SshKeyPairGenerator.ed25519().withComment(COMMENT).generate());
        keys.put("ed448", SshKeyPairGenerator.ed448().withComment(COMMENT).generate());
        keys.put("rsa", SshKeyPairGenerator.rsa(2048).withComment(COMMENT).generate());
        for (EcdsaCurve curve : EcdsaCurve.values()) {
            keys.put(
                    curve.sshName(),
                    SshKeyPairGenerator.ecdsa(curve).withComment(COMMENT).generate());
        }
        keys.put("dsa", dsa());
        keys.put("sk-ecdsa", skEcdsa());
        keys.put("sk-ed25519", skEd25519());
        return keys;
    }

    /** DSA is never generated here, so ssh-keygen makes it. */
    private static SshKeyPair dsa() {
        try {
            Path folder = Files.createTempDirectory("dsa");
            Path file = folder.resolve("key");
            Tools.prepare("ssh-keygen", "-q", "-t", "dsa", "-N", "", "-C", COMMENT, "-f", file);
            SshKeyPair pair = KeyReader.of().read(file);
            Files.delete(file);
            Files.delete(folder.resolve("key.pub"));
            Files.delete(folder);
            return pair;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static SshKeyPair skEcdsa() {
        EcdsaPublicKey key = (EcdsaPublicKey)
                SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256).generate().publicKey();
        return token(SkEcdsaPublicKey.of(key.point(), "ssh:".getBytes(StandardCharsets.US_ASCII)));
    }

    private static SshKeyPair skEd25519() {
        Ed25519PublicKey key =
                (Ed25519PublicKey) SshKeyPairGenerator.ed25519().generate().publicKey();
        return token(SkEd25519PublicKey.of(key.point(), "ssh:app".getBytes(StandardCharsets.US_ASCII)));
    }

    private static SshKeyPair token(SshPublicKey publicKey) {
        byte[] handle = new byte[64];
        handle[0] = 7;
        handle[63] = (byte) 0x80;
        return SshKeyPair.of(
                publicKey.withComment(COMMENT),
                SkPrivateKey.takeOver(0x21, SecretBytes.copyOf(handle), SecretBytes.copyOf(new byte[0])));
    }
}
