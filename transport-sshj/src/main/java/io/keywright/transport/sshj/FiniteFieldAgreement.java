package io.keywright.transport.sshj;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import org.bouncycastle.crypto.params.DHParameters;

/** Diffie-Hellman with numbers (RFC 4253, section 8; groups of RFC 8268). */
final class FiniteFieldAgreement implements Agreement {
    // Twice the strength of the strongest group that is offered, with room: RFC 4419, section 6.2 allows short
    // exponents.
    private static final int EXPONENT_BITS = 512;

    private final BigInteger prime;
    private final BigInteger exponent;
    private final BigInteger sent;

    FiniteFieldAgreement(DHParameters group, SecureRandom random) {
        this(group.getP(), group.getG(), random);
    }

    FiniteFieldAgreement(BigInteger prime, BigInteger generator, SecureRandom random) {
        this.prime = prime;
        exponent = new BigInteger(EXPONENT_BITS, random).setBit(EXPONENT_BITS - 1);
        sent = generator.modPow(exponent, prime);
    }

    @Override
    public byte[] publicValue() {
        return sent.toByteArray();
    }

    @Override
    public BigInteger agree(byte[] serverValue) throws GeneralSecurityException {
        BigInteger received = new BigInteger(serverValue);
        // 0, 1 and p - 1 would make the secret known to everybody.
        if (received.compareTo(BigInteger.ONE) <= 0 || received.compareTo(prime.subtract(BigInteger.ONE)) >= 0) {
            throw new GeneralSecurityException("the server's number is out of its range");
        }
        return received.modPow(exponent, prime);
    }
}
