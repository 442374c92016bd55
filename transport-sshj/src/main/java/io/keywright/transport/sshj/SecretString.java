package io.keywright.transport.sshj;

import java.math.BigInteger;

/**
 * A shared secret that is a string, not a number, as the exchanges with a post-quantum part have it. sshj knows secrets as
 * numbers only, and writes their {@link #toByteArray()} behind a length: which makes this one a string of exactly its bytes,
 * without the zero that keeps an mpint positive.
 */
final class SecretString extends BigInteger {
    private static final long serialVersionUID = 1;

    private final transient byte[] bytes;

    SecretString(byte[] bytes) {
        super(1, bytes);
        this.bytes = bytes.clone();
    }

    @Override
    public byte[] toByteArray() {
        return bytes.clone();
    }
}
