package io.keywright.transport.sshj;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import net.schmizz.sshj.transport.digest.Digest;

/** A hash function of the JDK. */
final class JcaDigest implements Digest {
    private final MessageDigest digest;

    JcaDigest(String algorithm) {
        digest = of(algorithm);
    }

    static byte[] hash(String algorithm, byte[] first, byte[] second) {
        MessageDigest digest = of(algorithm);
        digest.update(first);
        return digest.digest(second);
    }

    private static MessageDigest of(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    @Override
    public void init() {
        digest.reset();
    }

    @Override
    public void update(byte[] data) {
        digest.update(data);
    }

    @Override
    public void update(byte[] data, int start, int length) {
        digest.update(data, start, length);
    }

    @Override
    public byte[] digest() {
        return digest.digest();
    }

    @Override
    public int getBlockSize() {
        return digest.getDigestLength();
    }
}
