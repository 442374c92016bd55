package io.keywright.transport.sshj;

import java.math.BigInteger;
import java.security.GeneralSecurityException;

/** One side of a key agreement, with a key of its own that is used once. */
interface Agreement {

    /** Returns what the server is told, as the content of a string on the wire; an mpint's content is one, too. */
    byte[] publicValue();

    /**
     * Computes the secret, as {@code K} of RFC 4253, section 8: what sshj writes as an mpint.
     *
     * @throws GeneralSecurityException when the server's value is not one that an honest server sends
     */
    BigInteger agree(byte[] serverValue) throws GeneralSecurityException;
}
