package io.keywright.format;

import io.keywright.DsaPrivateKey;
import io.keywright.EcdsaPrivateKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PrivateKey;
import io.keywright.Ed448PrivateKey;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.SshPrivateKey;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.jspecify.annotations.Nullable;

/**
 * PKCS#8 in PEM (RFC 5958), plain or encrypted:
 *
 * <pre>
 *   -----BEGIN PRIVATE KEY-----
 *     SEQUENCE { version, algorithm, see {@link KeyAlgorithmInfo}; OCTET STRING key,
 *                [0] attributes OPTIONAL, [1] BIT STRING public key OPTIONAL }
 *     version 0 without and 1 with a public key; key in it:
 *       RSA, EC  see {@link Asn1PrivateKeys};  DSA  INTEGER x;  Ed25519, Ed448  OCTET STRING seed (RFC 8410, section 7)
 *   -----BEGIN ENCRYPTED PRIVATE KEY-----
 *     SEQUENCE { scheme, see {@link Pkcs8Encryption}; OCTET STRING encrypted }
 * </pre>
 *
 * <p>Version 0 is written, for OpenSSL 3.0 and ssh-keygen refuse the other. There is no place for a comment, and an
 * encrypted key shows nothing of its public half.
 */
final class Pkcs8Codec implements KeyCodec {
    static final Pkcs8Codec INSTANCE = new Pkcs8Codec();
    static final String FORMAT = KeyFormat.PKCS8.displayName();

    private static final String ENCRYPTED_LABEL = "ENCRYPTED PRIVATE KEY";
    private static final String PLAIN_LABEL = "PRIVATE KEY";

    private Pkcs8Codec() {}

    // --- reading ---

    @Override
    public SshKeyPair read(KeyBlock block, Context context) {
        byte[] der = block.decodeBase64();
        try {
            return block.beginsWith(ENCRYPTED_LABEL)
                    ? open(der, context)
                    : readPlain(Asn1Reader.of(FORMAT, der, context.limits()), context.limits());
        } finally {
            Arrays.fill(der, (byte) 0);
        }
    }

    @Override
    public KeyInspection inspect(KeyBlock block, Context context) {
        if (!block.beginsWith(ENCRYPTED_LABEL)) {
            return Inspections.of(block, readPublic(block, context)).build();
        }
        Asn1Reader reader = Asn1Reader.of(FORMAT, block.decodeBase64(), context.limits());
        Pkcs8Encryption scheme = Pkcs8Encryption.read(reader.readSequence("encryption scheme"));
        reader.readOctets("encrypted data");
        reader.requireEnd("encrypted key");
        return Inspections.of(block, null)
                .encrypted(scheme.cipherName(), scheme.kdf())
                .warnIf(scheme.isOutdated(), KeyWarning.OUTDATED_CIPHER)
                .warnIf(scheme.isCheap(), KeyWarning.CHEAP_KDF)
                .warnIf(exceeds(scheme, context.limits()), KeyWarning.KDF_ABOVE_LIMIT)
                .build();
    }

    private static boolean exceeds(Pkcs8Encryption scheme, ReadLimits limits) {
        try {
            scheme.requireWithin(limits);
            return false;
        } catch (LimitExceededException e) {
            return true;
        }
    }

    private static SshKeyPair open(byte[] der, Context context) {
        Asn1Reader reader = Asn1Reader.of(FORMAT, der, context.limits());
        Pkcs8Encryption scheme = Pkcs8Encryption.read(reader.readSequence("encryption scheme"));
        byte[] data = reader.readOctets("encrypted data");
        reader.requireEnd("encrypted key");
        scheme.requireSupported();
        if (context.passphrase() == null) {
            throw new PassphraseRequiredException(FORMAT, null);
        }
        scheme.requireWithin(context.limits());
        byte[] plain = scheme.decrypt(data, context.passphrase());
        if (plain == null) {
            throw new WrongPassphraseException(FORMAT, true);
        }
        try {
            return readPlain(Asn1Reader.ofDecrypted(FORMAT, plain, context.limits()), context.limits());
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static SshKeyPair readPlain(Asn1Reader reader, ReadLimits limits) {
        int version = reader.readSmallNumber("version");
        if (version != 0 && version != 1) {
            throw reader.malformed("version", "0 or 1 expected");
        }
        KeyAlgorithmInfo algorithm = KeyAlgorithmInfo.read(reader, FORMAT);
        byte[] key = reader.readOctets("private key");
        try {
            reader.readTagged(0);
            byte[] point = reader.readImplicitBits(1, "public key");
            reader.requireEnd("private key");
            if (point != null && version == 0) {
                throw reader.malformed("public key", "there must be none in version 0");
            }
            SshKeyPair pair = readKey(algorithm, key, limits);
            if (point != null && !Arrays.equals(point, PublicPemCodec.keyBits(pair.publicKey()))) {
                pair.close();
                throw Asn1PrivateKeys.mismatch("public key and private key");
            }
            return pair;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static SshKeyPair readKey(KeyAlgorithmInfo algorithm, byte[] key, ReadLimits limits) {
        ASN1ObjectIdentifier oid = algorithm.oid();
        if (oid.equals(KeyAlgorithmInfo.RSA)) {
            algorithm.requireNoParameters();
            return Asn1PrivateKeys.readRsa(Asn1Reader.of(FORMAT, key, limits));
        } else if (oid.equals(KeyAlgorithmInfo.EC)) {
            return Asn1PrivateKeys.readEc(Asn1Reader.of(FORMAT, key, limits), FORMAT, algorithm.curve());
        } else if (oid.equals(KeyAlgorithmInfo.DSA)) {
            return Asn1PrivateKeys.dsaPair(
                    algorithm.dsaGroup(), Asn1Reader.readLoneNumber(FORMAT, key, "DSA x", limits));
        } else if (oid.equals(KeyAlgorithmInfo.ED25519)) {
            algorithm.requireNoParameters();
            Ed25519PrivateKey seed = Ed25519PrivateKey.takeOver(readSeed(key, Ed25519PrivateKey.SEED_BYTES, limits));
            return SshKeyPair.of(seed.derivePublicKey(), seed);
        } else if (oid.equals(KeyAlgorithmInfo.ED448)) {
            algorithm.requireNoParameters();
            Ed448PrivateKey seed = Ed448PrivateKey.takeOver(readSeed(key, Ed448PrivateKey.SEED_BYTES, limits));
            return SshKeyPair.of(seed.derivePublicKey(), seed);
        }
        throw algorithm.unknown();
    }

    private static SecretBytes readSeed(byte[] key, int length, ReadLimits limits) {
        byte[] seed = Asn1Reader.readLoneOctets(FORMAT, key, "seed", limits);
        try {
            if (seed.length != length) {
                throw new MalformedKeyException(FORMAT, "seed", length + " bytes expected, got " + seed.length);
            }
            return SecretBytes.copyOf(seed);
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    // --- writing ---

    /** How to encrypt; the key derivation has its salt already. */
    record Encryption(Passphrase passphrase, Pbes2Kdf kdf, PemCipher cipher) {}

    /** Encodes a key pair, encrypted unless {@code encryption} is null. */
    static EncodedKey write(
            SshKeyPair pair, @Nullable Encryption encryption, boolean keepsComment, SecureRandom random) {
        byte[] plain = PublicPemCodec.encode(new DERSequence(new ASN1Encodable[] {
            new ASN1Integer(0), KeyAlgorithmInfo.identifierFor(pair.publicKey(), FORMAT), new DEROctetString(key(pair))
        }));
        try {
            if (encryption == null) {
                return armour(PLAIN_LABEL, plain, keepsComment);
            }
            ASN1Sequence sealed =
                    Pbes2.encrypt(plain, encryption.passphrase(), encryption.kdf(), encryption.cipher(), random);
            return armour(ENCRYPTED_LABEL, PublicPemCodec.encode(sealed), keepsComment);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static EncodedKey armour(String label, byte[] der, boolean keepsComment) {
        byte[] file = KeyBlock.armour(
                "-----BEGIN " + label + "-----", "-----END " + label + "-----", der, PublicPemCodec.COLUMNS);
        return new EncodedKey(KeyFormat.PKCS8, keepsComment, SecretBytes.takeOver(file));
    }

    private static byte[] key(SshKeyPair pair) {
        SshPrivateKey key = pair.privateKey();
        if (key instanceof RsaPrivateKey rsa) {
            return PublicPemCodec.encode(Asn1PrivateKeys.rsa((RsaPublicKey) pair.publicKey(), rsa));
        } else if (key instanceof EcdsaPrivateKey ec) {
            return PublicPemCodec.encode(Asn1PrivateKeys.ec((EcdsaPublicKey) pair.publicKey(), ec, false));
        } else if (key instanceof DsaPrivateKey dsa) {
            return PublicPemCodec.encode(new ASN1Integer(Asn1PrivateKeys.number(dsa.x())));
        } else if (key instanceof Ed25519PrivateKey ed) {
            return ed.seed().use(seed -> PublicPemCodec.encode(new DEROctetString(seed)));
        } else if (key instanceof Ed448PrivateKey ed) {
            return ed.seed().use(seed -> PublicPemCodec.encode(new DEROctetString(seed)));
        }
        throw new UnsupportedKeyException(
                pair.publicKey().algorithm(),
                FORMAT + " has no place for keys of type " + pair.publicKey().algorithm() + ", which are not written");
    }
}
