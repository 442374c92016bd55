package io.keywright.format;

import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.UnsupportedKeyException;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.jspecify.annotations.Nullable;

/** How an encrypted PKCS#8 key is encrypted, as its AlgorithmIdentifier says. Immutable. */
sealed interface Pkcs8Encryption permits Pbes1, Pbes2, Pkcs8Encryption.Unknown {

    /**
     * Reads the AlgorithmIdentifier of an encrypted key. A scheme, a cipher or a key derivation that nobody knows here is no
     * mistake yet: it can be described, see {@link #requireSupported}.
     *
     * @throws MalformedKeyException when it is broken
     */
    static Pkcs8Encryption read(Asn1Reader reader) {
        ASN1ObjectIdentifier oid = reader.readOid("encryption scheme");
        if (oid.equals(Pbes2.PBES2)) {
            return Pbes2.read(reader);
        }
        Pbes1.Scheme scheme = Pbes1.Scheme.of(oid.getId());
        return scheme == null ? new Unknown(oid.getId()) : Pbes1.read(scheme, reader);
    }

    /** Returns the cipher's name, its OID where the name is not known. */
    String cipherName();

    /** Describes the key derivation. */
    KdfDescription kdf();

    /** Tells whether the cipher is DES or another of its time. */
    boolean isOutdated();

    /** Tells whether trying passphrases costs less than it should today. */
    boolean isCheap();

    /**
     * Refuses what can only be described.
     *
     * @throws UnsupportedKeyException when it cannot be decrypted
     */
    void requireSupported();

    /**
     * Refuses costs above the limits.
     *
     * @throws LimitExceededException when there are some
     */
    void requireWithin(ReadLimits limits);

    /**
     * Decrypts, once both requirements are met.
     *
     * @return the plain text, which the caller wipes; null when the passphrase is wrong or the data is damaged
     * @throws MalformedKeyException when the data has an impossible length
     * @throws KeyDerivationInterruptedException when the thread is interrupted meanwhile
     */
    byte @Nullable [] decrypt(byte[] data, Passphrase passphrase);

    /** Makes the exception for data of an impossible length. */
    static MalformedKeyException notWhole(int bytes, int blockBytes) {
        return new MalformedKeyException(
                KeyFormat.PKCS8.displayName(),
                "encrypted data",
                bytes + " bytes are no whole number of blocks of " + blockBytes);
    }

    /** A scheme that is neither PBES1, PKCS#12's nor PBES2. */
    record Unknown(String oid) implements Pkcs8Encryption {
        @Override
        public String cipherName() {
            return oid;
        }

        @Override
        public KdfDescription kdf() {
            return new KdfDescription("unknown", Map.of());
        }

        @Override
        public boolean isOutdated() {
            return false;
        }

        @Override
        public boolean isCheap() {
            return false;
        }

        @Override
        public void requireSupported() {
            throw new UnsupportedKeyException(
                    oid,
                    "the encryption scheme " + oid
                            + " is not known: write the key anew with openssl pkcs8 -topk8 -v2 aes-256-cbc");
        }

        @Override
        public void requireWithin(ReadLimits limits) {
            // Nothing is computed.
        }

        @Override
        public byte @Nullable [] decrypt(byte[] data, Passphrase passphrase) {
            requireSupported();
            return null;
        }
    }
}
