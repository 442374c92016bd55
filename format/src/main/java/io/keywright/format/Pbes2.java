package io.keywright.format;

import io.keywright.Passphrase;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.jspecify.annotations.Nullable;

/**
 * PBES2, today's encryption of PKCS#8 (RFC 8018, section 6.2 and appendix A.4): a key derivation and a cipher, each with
 * parameters of its own, see {@link Pbes2Kdf} and {@link Pbes2Cipher}.
 *
 * <pre>
 *   SEQUENCE { 1.2.840.113549.1.5.13, SEQUENCE { KDF, cipher } }
 * </pre>
 */
final class Pbes2 implements Pkcs8Encryption {
    static final ASN1ObjectIdentifier PBES2 = new ASN1ObjectIdentifier("1.2.840.113549.1.5.13");
    /** RFC 8018, section 4.1, asks for 8 at least; 16 is what NIST SP 800-132 asks for. */
    private static final int SALT_BYTES = 16;

    private final Pbes2Kdf kdf;
    private final Pbes2Cipher cipher;

    private Pbes2(Pbes2Kdf kdf, Pbes2Cipher cipher) {
        this.kdf = kdf;
        this.cipher = cipher;
    }

    // --- reading ---

    static Pbes2 read(Asn1Reader reader) {
        Asn1Reader parameters = reader.readSequence("PBES2 parameters");
        reader.requireEnd("encryption scheme");
        Pbes2Kdf kdf = Pbes2Kdf.read(parameters.readSequence("KDF"));
        Pbes2Cipher cipher = Pbes2Cipher.read(parameters.readSequence("cipher"));
        parameters.requireEnd("PBES2 parameters");
        if (kdf.keyBytes() != 0 && cipher.keyBytes() != 0 && kdf.keyBytes() != cipher.keyBytes()) {
            throw reader.malformed("key length", "the cipher needs " + cipher.keyBytes() + " bytes");
        }
        return new Pbes2(kdf, cipher);
    }

    @Override
    public String cipherName() {
        return cipher.displayName();
    }

    @Override
    public KdfDescription kdf() {
        return kdf.describe();
    }

    @Override
    public boolean isOutdated() {
        return cipher.isOutdated();
    }

    @Override
    public boolean isCheap() {
        return kdf.isCheap();
    }

    @Override
    public void requireSupported() {
        cipher.requireSupported();
        kdf.requireSupported();
    }

    @Override
    public void requireWithin(ReadLimits limits) {
        kdf.requireWithin(limits);
    }

    @Override
    public byte @Nullable [] decrypt(byte[] data, Passphrase passphrase) {
        cipher.requireWhole(data);
        byte[] key = passphrase.secret().use(secret -> kdf.derive(secret, cipher.keyBytes()));
        try {
            return cipher.decrypt(key, data);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    // --- writing ---

    /** Chooses a salt for a key derivation. */
    static byte[] freshSalt(SecureRandom random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return salt;
    }

    /** Encrypts a plain PKCS#8 key under a fresh IV into the structure that goes between BEGIN and END. */
    static ASN1Sequence encrypt(
            byte[] plain, Passphrase passphrase, Pbes2Kdf kdf, PemCipher chosen, SecureRandom random) {
        byte[] iv = new byte[chosen.cipher.blockBytes];
        random.nextBytes(iv);
        Pbes2Cipher.Cbc cipher = new Pbes2Cipher.Cbc(chosen.cipher, iv);
        byte[] key = passphrase.secret().use(secret -> kdf.derive(secret, cipher.keyBytes()));
        try {
            DEROctetString sealed = new DEROctetString(cipher.encrypt(key, plain));
            return sequence(sequence(PBES2, sequence(kdf.identifier(), cipher.identifier())), sealed);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static ASN1Sequence sequence(ASN1Encodable... elements) {
        return new DERSequence(elements);
    }
}
