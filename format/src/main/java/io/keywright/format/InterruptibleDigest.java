package io.keywright.format;

import org.bouncycastle.crypto.ExtendedDigest;

/**
 * A hash function that stops a key derivation when its thread is interrupted. Bouncy Castle's generators do not look at
 * interruptions, but hash once an iteration, through this. Not thread-safe.
 */
final class InterruptibleDigest implements ExtendedDigest {
    private final ExtendedDigest digest;
    private final String kdf;

    InterruptibleDigest(ExtendedDigest digest, String kdf) {
        this.digest = digest;
        this.kdf = kdf;
    }

    @Override
    public int doFinal(byte[] out, int offset) {
        // A volatile read, next to nothing beside the hash.
        if (Thread.currentThread().isInterrupted()) {
            throw new KeyDerivationInterruptedException(kdf);
        }
        return digest.doFinal(out, offset);
    }

    @Override
    public String getAlgorithmName() {
        return digest.getAlgorithmName();
    }

    @Override
    public int getDigestSize() {
        return digest.getDigestSize();
    }

    @Override
    public int getByteLength() {
        return digest.getByteLength();
    }

    @Override
    public void update(byte in) {
        digest.update(in);
    }

    @Override
    public void update(byte[] in, int offset, int length) {
        digest.update(in, offset, length);
    }

    @Override
    public void reset() {
        digest.reset();
    }
}
