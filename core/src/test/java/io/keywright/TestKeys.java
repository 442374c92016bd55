package io.keywright;

import io.keywright.internal.WireWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.Random;
import java.util.stream.Stream;

/** Keys for tests, each made once a run; and random sources that can be repeated. */
final class TestKeys {
    private TestKeys() {}

    /** One key pair of each kind that signs here. Shared: do not close them. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody closes them
    enum Signer {
        RSA(SshKeyPairGenerator.rsa(2048)),
        P256(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256)),
        P384(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP384)),
        P521(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP521)),
        ED25519(SshKeyPairGenerator.ed25519()),
        ED448(SshKeyPairGenerator.ed448());

        private final SshKeyPair pair;
        private final SshKeyPair other;

        Signer(SshKeyPairGenerator generator) {
            pair = generator.withComment("made by " + name()).generate();
            other = generator.generate();
        }

        SshKeyPair pair() {
            return pair;
        }

        /** Another pair of the same kind. */
        SshKeyPair other() {
            return other;
        }
    }

    /** Public keys of every class, without comments. */
    static Stream<SshPublicKey> publicKeys() {
        Stream<SshPublicKey> signers =
                Stream.of(Signer.values()).map(s -> s.pair().publicKey().withComment(""));
        return Stream.concat(signers, Stream.of(dsa(), skEcdsa(), skEd25519(), opaque()));
    }

    /** Those of {@link #publicKeys()} that OpenSSH knows. */
    static Stream<SshPublicKey> publicKeysOfOpenSsh() {
        return publicKeys().filter(k -> !(k instanceof Ed448PublicKey) && !(k instanceof OpaquePublicKey));
    }

    static KeyPair jcaDsa() {
        return Dsa.PAIR;
    }

    private static final class Dsa {
        private static final KeyPair PAIR = make();

        private static KeyPair make() {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("DSA", "SUN");
                generator.initialize(1024);
                return generator.generateKeyPair();
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }
    }

    static SshPublicKey dsa() {
        return SshPublicKey.of(jcaDsa().getPublic());
    }

    static SshPublicKey skEcdsa() {
        byte[] point = ((EcdsaPublicKey) Signer.P256.pair().publicKey()).point();
        return SkEcdsaPublicKey.of(point, "ssh:".getBytes(StandardCharsets.UTF_8));
    }

    static SshPublicKey skEd25519() {
        byte[] point = ((Ed25519PublicKey) Signer.ED25519.pair().publicKey()).point();
        return SkEd25519PublicKey.of(point, "ssh:deploy".getBytes(StandardCharsets.UTF_8));
    }

    static SshPublicKey opaque() {
        return SshPublicKey.fromBlob(wire(
                w -> w.writeString("ssh-future@example.org").writeBytes(new byte[] {0, 0, 0, 9, 1, (byte) 0xff})));
    }

    /** What is written by a few calls. */
    static byte[] wire(java.util.function.Consumer<WireWriter> parts) {
        try (WireWriter writer = new WireWriter()) {
            parts.accept(writer);
            return writer.toByteArray();
        }
    }

    /** A seed for this run, printed in every assertion that uses it, and settable to repeat a run. */
    static long seed() {
        return Long.getLong("keywright.seed", new SecureRandom().nextLong());
    }

    /** A "secure" random source that gives the same bytes for the same seed. */
    static SecureRandom repeatable(long seed) {
        return new Repeatable(seed);
    }

    private static final class Repeatable extends SecureRandom {
        private static final long serialVersionUID = 1;
        private final transient Random random;

        Repeatable(long seed) {
            this.random = new Random(seed);
        }

        @Override
        public void nextBytes(byte[] bytes) {
            random.nextBytes(bytes);
        }
    }
}
