package io.keywright.format;

import io.keywright.Passphrase;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.CipherParameters;
import org.bouncycastle.crypto.ExtendedDigest;
import org.bouncycastle.crypto.PBEParametersGenerator;
import org.bouncycastle.crypto.digests.MD2Digest;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.engines.DESEngine;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.engines.RC2Engine;
import org.bouncycastle.crypto.engines.RC4Engine;
import org.bouncycastle.crypto.generators.PKCS12ParametersGenerator;
import org.bouncycastle.crypto.generators.PKCS5S1ParametersGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The encryption of PKCS#8 from before PBES2, which is read and never written: PBES1 (RFC 8018, section 6.1 and appendix A.3)
 * and the schemes of PKCS#12 (RFC 7292, appendices B and C). Both are
 *
 * <pre>
 *   SEQUENCE { scheme, SEQUENCE { OCTET STRING salt, INTEGER iterations } }
 * </pre>
 *
 * <p>PBES1 derives key and IV together from the passphrase's bytes; PKCS#12 derives one after the other from the passphrase
 * in UTF-16 with two zero bytes behind it. All but RC4 is in CBC mode, padded as PKCS#7 says. RC2's effective key size is
 * that of the key.
 */
final class Pbes1 implements Pkcs8Encryption {
    private static final int BLOCK_BYTES = 8;

    /** The old block ciphers, and the one that is none. */
    private enum Engine {
        DES,
        TRIPLE_DES,
        RC2,
        RC4;

        BlockCipher blockCipher() {
            return switch (this) {
                case DES -> new DESEngine();
                case TRIPLE_DES -> new DESedeEngine();
                case RC2 -> new RC2Engine();
                case RC4 -> throw new IllegalStateException("RC4 has no blocks");
            };
        }
    }

    /** What stands for the scheme in a file. */
    enum Scheme {
        MD2_DES("1.2.840.113549.1.5.1", "des-cbc", Engine.DES, 64, "MD2"),
        MD5_DES("1.2.840.113549.1.5.3", "des-cbc", Engine.DES, 64, "MD5"),
        MD2_RC2("1.2.840.113549.1.5.4", "rc2-64-cbc", Engine.RC2, 64, "MD2"),
        MD5_RC2("1.2.840.113549.1.5.6", "rc2-64-cbc", Engine.RC2, 64, "MD5"),
        SHA1_DES("1.2.840.113549.1.5.10", "des-cbc", Engine.DES, 64, "SHA1"),
        SHA1_RC2("1.2.840.113549.1.5.11", "rc2-64-cbc", Engine.RC2, 64, "SHA1"),
        PKCS12_RC4_128("1.2.840.113549.1.12.1.1", "rc4-128", Engine.RC4, 128, "SHA1"),
        PKCS12_RC4_40("1.2.840.113549.1.12.1.2", "rc4-40", Engine.RC4, 40, "SHA1"),
        PKCS12_3DES("1.2.840.113549.1.12.1.3", "3des-cbc", Engine.TRIPLE_DES, 192, "SHA1"),
        PKCS12_2DES("1.2.840.113549.1.12.1.4", "2des-cbc", Engine.TRIPLE_DES, 128, "SHA1"),
        PKCS12_RC2_128("1.2.840.113549.1.12.1.5", "rc2-128-cbc", Engine.RC2, 128, "SHA1"),
        PKCS12_RC2_40("1.2.840.113549.1.12.1.6", "rc2-40-cbc", Engine.RC2, 40, "SHA1");

        private final String oid;
        private final String cipherName;
        private final Engine engine;
        private final int keyBits;
        private final String digestName;

        Scheme(String oid, String cipherName, Engine engine, int keyBits, String digestName) {
            this.oid = oid;
            this.cipherName = cipherName;
            this.engine = engine;
            this.keyBits = keyBits;
            this.digestName = digestName;
        }

        static @Nullable Scheme of(String oid) {
            for (Scheme scheme : values()) {
                if (scheme.oid.equals(oid)) {
                    return scheme;
                }
            }
            return null;
        }

        private ExtendedDigest digest() {
            return switch (digestName) {
                case "MD2" -> new MD2Digest();
                case "MD5" -> new MD5Digest();
                default -> new SHA1Digest();
            };
        }

        private boolean isPkcs12() {
            return name().startsWith("PKCS12");
        }

        private String kdfName() {
            return (isPkcs12() ? "PKCS#12-" : "PBKDF1-") + digestName;
        }
    }

    private final Scheme scheme;
    private final byte[] salt;
    private final BigInteger iterations;

    private Pbes1(Scheme scheme, byte[] salt, BigInteger iterations) {
        this.scheme = scheme;
        this.salt = salt;
        this.iterations = iterations;
    }

    static Pbes1 read(Scheme scheme, Asn1Reader reader) {
        Asn1Reader parameters = reader.readSequence("PBE parameters");
        byte[] salt = parameters.readOctets("PBE salt");
        BigInteger iterations = parameters.readPositive("PBE iterations");
        parameters.requireEnd("PBE parameters");
        reader.requireEnd("encryption scheme");
        return new Pbes1(scheme, salt, iterations);
    }

    @Override
    public String cipherName() {
        return scheme.cipherName;
    }

    @Override
    public KdfDescription kdf() {
        return new KdfDescription(scheme.kdfName(), Map.of("iterations", ReadLimits.saturated(iterations)));
    }

    @Override
    public boolean isOutdated() {
        return true;
    }

    @Override
    public boolean isCheap() {
        return ReadLimits.saturated(iterations) < Pbes2Kdf.CHEAP_BELOW_ITERATIONS;
    }

    @Override
    public void requireSupported() {
        // Every one of them is.
    }

    @Override
    public void requireWithin(ReadLimits limits) {
        limits.requireIterations(scheme.kdfName(), ReadLimits.saturated(iterations));
    }

    @Override
    public byte @Nullable [] decrypt(byte[] data, Passphrase passphrase) {
        if (scheme.engine != Engine.RC4 && (data.length == 0 || data.length % BLOCK_BYTES != 0)) {
            throw Pkcs8Encryption.notWhole(data.length, BLOCK_BYTES);
        }
        CipherParameters key = passphrase.secret().use(this::derive);
        if (scheme.engine == Engine.RC4) {
            RC4Engine rc4 = new RC4Engine();
            rc4.init(false, key);
            byte[] plain = new byte[data.length];
            rc4.processBytes(data, 0, data.length, plain, 0);
            return plain;
        }
        return CbcCipher.decryptPadded(scheme.engine.blockCipher(), key, data);
    }

    private CipherParameters derive(byte[] passphrase) {
        ExtendedDigest digest = new InterruptibleDigest(scheme.digest(), scheme.kdfName());
        boolean pkcs12 = scheme.isPkcs12();
        PBEParametersGenerator generator =
                pkcs12 ? new PKCS12ParametersGenerator(digest) : new PKCS5S1ParametersGenerator(digest);
        byte[] secret = pkcs12 ? utf16(passphrase) : passphrase;
        try {
            generator.init(secret, salt, iterations.intValueExact());
            return scheme.engine == Engine.RC4
                    ? generator.generateDerivedParameters(scheme.keyBits)
                    : generator.generateDerivedParameters(scheme.keyBits, BLOCK_BYTES * Byte.SIZE);
        } finally {
            if (pkcs12) {
                Arrays.fill(secret, (byte) 0);
            }
        }
    }

    /**
     * Turns UTF-8 into a BMPString with its two zero bytes. Bytes that are no UTF-8 become a character each, as with OpenSSL,
     * which so opens what older programs wrote.
     */
    static byte[] utf16(byte[] passphrase) {
        CharBuffer characters;
        try {
            characters = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(passphrase));
        } catch (CharacterCodingException e) {
            characters = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(passphrase));
        }
        byte[] out = new byte[2 * characters.remaining() + 2];
        ByteBuffer.wrap(out).asCharBuffer().put(characters.duplicate());
        Arrays.fill(characters.array(), '\0');
        return out;
    }
}
