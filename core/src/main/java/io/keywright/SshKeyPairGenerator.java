package io.keywright;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Objects;
import org.bouncycastle.util.BigIntegers;
import org.jspecify.annotations.Nullable;

/**
 * Generates key pairs. Immutable and thread-safe: each {@code with...} returns a copy.
 *
 * <p>Unless a provider is named, each algorithm uses the fastest sound implementation that is there: {@link
 * NativeCrypto}, or else Bouncy Castle for curves, and for RSA a search for primes in two threads, the second one of the common
 * pool, with the JDK's test of what is prime. No provider is ever registered.
 */
public final class SshKeyPairGenerator {
    /** The smallest RSA modulus that is generated, in bits. */
    public static final int MIN_RSA_BITS = 2048;
    /** The RSA modulus that is generated unless told otherwise, in bits. */
    public static final int DEFAULT_RSA_BITS = 3072;

    private enum Kind {
        RSA,
        ECDSA,
        ED25519,
        ED448
    }

    private final Kind kind;
    private final int rsaBits;
    private final @Nullable EcdsaCurve curve;
    private final KeyComment comment;
    private final @Nullable SecureRandom random;
    private final @Nullable Provider provider;

    /** Looking for the random source among the JVM's providers takes a thirtieth of what an Ed25519 key does. */
    private static final class Shared {
        static final SecureRandom RANDOM = new SecureRandom();
    }

    private SshKeyPairGenerator(
            Kind kind,
            int rsaBits,
            @Nullable EcdsaCurve curve,
            KeyComment comment,
            @Nullable SecureRandom random,
            @Nullable Provider provider) {
        this.kind = kind;
        this.rsaBits = rsaBits;
        this.curve = curve;
        this.comment = comment;
        this.random = random;
        this.provider = provider;
    }

    private static SshKeyPairGenerator of(Kind kind, int rsaBits, @Nullable EcdsaCurve curve) {
        return new SshKeyPairGenerator(kind, rsaBits, curve, KeyComment.EMPTY, null, null);
    }

    /**
     * Generates Ed25519 keys (RFC 8709): the choice for whoever has no reason for another.
     *
     * @return a generator
     */
    public static SshKeyPairGenerator ed25519() {
        return of(Kind.ED25519, 0, null);
    }

    /**
     * Generates Ed448 keys (RFC 8709). OpenSSH does not know them; PuTTY does.
     *
     * @return a generator
     */
    public static SshKeyPairGenerator ed448() {
        return of(Kind.ED448, 0, null);
    }

    /**
     * Generates ECDSA keys (RFC 5656).
     *
     * @param curve the curve
     * @return a generator
     */
    public static SshKeyPairGenerator ecdsa(EcdsaCurve curve) {
        return of(Kind.ECDSA, 0, Objects.requireNonNull(curve, "curve"));
    }

    /**
     * Generates RSA keys of {@value #DEFAULT_RSA_BITS} bits with the exponent 65537.
     *
     * @return a generator
     */
    public static SshKeyPairGenerator rsa() {
        return rsa(DEFAULT_RSA_BITS);
    }

    /**
     * Generates RSA keys with the exponent 65537.
     *
     * @param bits size of the modulus, {@value #MIN_RSA_BITS} to {@value RsaPublicKey#MAX_BITS}
     * @return a generator
     * @throws IllegalArgumentException when the size is out of range
     */
    public static SshKeyPairGenerator rsa(int bits) {
        if (bits < MIN_RSA_BITS || bits > RsaPublicKey.MAX_BITS) {
            throw new IllegalArgumentException("an RSA key is generated with " + MIN_RSA_BITS + " to "
                    + RsaPublicKey.MAX_BITS + " bits, got " + bits);
        }
        return of(Kind.RSA, bits, null);
    }

    /**
     * Returns this generator with a comment for its keys.
     *
     * @param text the comment
     * @return a copy
     */
    public SshKeyPairGenerator withComment(String text) {
        return withComment(KeyComment.of(text));
    }

    /**
     * Returns this generator with a comment for its keys.
     *
     * @param newComment the comment
     * @return a copy
     */
    public SshKeyPairGenerator withComment(KeyComment newComment) {
        return new SshKeyPairGenerator(
                kind, rsaBits, curve, Objects.requireNonNull(newComment, "newComment"), random, provider);
    }

    /**
     * Returns this generator with a random source of the caller's.
     *
     * @param source used for every secret, and from the calling thread only: RSA takes three times as long
     * @return a copy
     */
    public SshKeyPairGenerator withRandom(SecureRandom source) {
        return new SshKeyPairGenerator(
                kind, rsaBits, curve, comment, Objects.requireNonNull(source, "source"), provider);
    }

    /**
     * Returns this generator with a JCA provider of the caller's choice.
     *
     * @param chosen offers a {@code KeyPairGenerator} for the algorithm; need not be registered
     * @return a copy
     */
    public SshKeyPairGenerator withProvider(Provider chosen) {
        return new SshKeyPairGenerator(kind, rsaBits, curve, comment, random, Objects.requireNonNull(chosen, "chosen"));
    }

    /**
     * Generates a key pair; RSA takes from tens of milliseconds to seconds.
     *
     * @return a new pair; the caller closes it
     * @throws UnsupportedKeyException when the chosen provider does not offer the algorithm
     */
    public SshKeyPair generate() {
        SecureRandom source = random == null ? Shared.RANDOM : random;
        SshKeyPair pair = provider == null ? generateByChoice(source) : SshKeyPair.of(pairByJca(provider, source));
        if (comment.isEmpty()) {
            return pair;
        }
        try (pair) {
            return pair.withComment(comment);
        }
    }

    private SshKeyPair generateByChoice(SecureRandom source) {
        // A native provider has a random source of its own, and two threads would ask one in no order that can be
        // repeated.
        if (random == null) {
            Provider fastest = NativeCrypto.forAlgorithm(signatureAlgorithm());
            if (fastest != null) {
                return JcaKeys.generated(pairByJca(fastest, source), curve);
            } else if (kind == Kind.RSA) {
                return RsaKeyGeneration.generate(rsaBits, source);
            }
        }
        return kind == Kind.RSA ? SshKeyPair.of(pairByJca(JcaKeys.rsaProvider(), source)) : generateDirectly(source);
    }

    private SshKeyPair generateDirectly(SecureRandom source) {
        if (kind == Kind.ED25519) {
            Ed25519PrivateKey key = Ed25519PrivateKey.takeOver(random(source, Ed25519PrivateKey.SEED_BYTES));
            return SshKeyPair.generated(key.derivePublicKey(), key);
        } else if (kind == Kind.ED448) {
            Ed448PrivateKey key = Ed448PrivateKey.takeOver(random(source, Ed448PrivateKey.SEED_BYTES));
            return SshKeyPair.generated(key.derivePublicKey(), key);
        }
        EcdsaCurve chosen = Objects.requireNonNull(curve, "curve");
        BigInteger order = chosen.domain().getN();
        // Uniform in [1, n-1] by rejection (FIPS 186-5, appendix A.2.2).
        BigInteger scalar = BigIntegers.createRandomInRange(BigInteger.ONE, order.subtract(BigInteger.ONE), source);
        EcdsaPrivateKey key = EcdsaPrivateKey.takeOver(
                chosen, SecretBytes.takeOver(BigIntegers.asUnsignedByteArray(chosen.fieldBytes(), scalar)));
        return SshKeyPair.generated(key.derivePublicKey(), key);
    }

    private KeyPair pairByJca(Provider chosen, SecureRandom source) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(jcaName(), chosen);
            AlgorithmParameterSpec parameters = jcaParameters();
            if (parameters != null) {
                generator.initialize(parameters, source);
            } else if (random != null) {
                // The algorithm's name fixes the size; the number only carries the random source to the provider.
                generator.initialize(kind == Kind.ED25519 ? 255 : 448, source);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException
                | InvalidParameterException
                | ProviderException
                | UnsupportedOperationException e) {
            throw new UnsupportedKeyException(
                    jcaName(),
                    "the provider " + chosen.getName() + " generates no " + jcaName()
                            + " keys: name another provider, or none");
        }
    }

    private SignatureAlgorithm signatureAlgorithm() {
        return switch (kind) {
            case RSA -> SignatureAlgorithm.RSA_SHA2_512;
            case ECDSA ->
                SignatureAlgorithm.ofSshName(
                                Objects.requireNonNull(curve, "curve").algorithm())
                        .orElseThrow();
            case ED25519 -> SignatureAlgorithm.ED25519;
            case ED448 -> SignatureAlgorithm.ED448;
        };
    }

    private String jcaName() {
        return switch (kind) {
            case RSA -> "RSA";
            case ECDSA -> "EC";
            case ED25519 -> "Ed25519";
            case ED448 -> "Ed448";
        };
    }

    private @Nullable AlgorithmParameterSpec jcaParameters() {
        return switch (kind) {
            case RSA -> new RSAKeyGenParameterSpec(rsaBits, RsaKeyGeneration.EXPONENT);
            case ECDSA ->
                new ECGenParameterSpec(Objects.requireNonNull(curve, "curve").jcaName());
            case ED25519, ED448 -> null;
        };
    }

    private static SecretBytes random(SecureRandom source, int count) {
        byte[] bytes = new byte[count];
        source.nextBytes(bytes);
        return SecretBytes.takeOver(bytes);
    }
}
