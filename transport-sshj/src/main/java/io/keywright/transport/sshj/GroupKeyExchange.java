package io.keywright.transport.sshj;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.DisconnectReason;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.transport.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * Diffie-Hellman in a group that the server chooses (RFC 4419).
 *
 * <pre>
 * client: byte 34, uint32 least, uint32 preferred, uint32 most bits      server: byte 31, mpint p, mpint g
 * client: byte 32, mpint e                                               server: byte 33, string host key, mpint f, signature
 * adds to the hash: the three sizes, p, g
 * </pre>
 */
final class GroupKeyExchange extends SignedKeyExchange {
    // RFC 8270: at least 2048 bits. 3072 is what OpenSSH prefers for a cipher of 128 bits; more than 8192 nobody asks
    // for.
    private static final int LEAST_BITS = 2048;
    private static final int PREFERRED_BITS = 3072;
    private static final int MOST_BITS = 8192;

    private final SecureRandom random;
    private @Nullable Agreement agreement;
    private byte[] added = new byte[0];

    GroupKeyExchange(SecureRandom random) {
        super("SHA-256");
        this.random = random;
    }

    @Override
    void begin() throws TransportException {
        send(new SSHPacket(Message.KEX_DH_GEX_REQUEST)
                .putUInt32(LEAST_BITS)
                .putUInt32(PREFERRED_BITS)
                .putUInt32(MOST_BITS));
    }

    @Override
    public boolean next(Message message, SSHPacket packet) throws GeneralSecurityException, TransportException {
        Agreement mine = agreement;
        if (message == Message.KEXDH_31 && mine == null) {
            agreement = agreeOnGroup(packet);
            return false;
        } else if (message == Message.KEX_DH_GEX_REPLY && mine != null) {
            finish(mine, packet, added);
            return true;
        }
        throw unexpected(message);
    }

    private Agreement agreeOnGroup(SSHPacket packet) throws TransportException, GeneralSecurityException {
        BigInteger prime;
        BigInteger generator;
        try {
            prime = packet.readMPInt();
            generator = packet.readMPInt();
        } catch (Buffer.BufferException e) {
            throw new TransportException(DisconnectReason.KEY_EXCHANGE_FAILED, "the server's group ends early", e);
        }
        if (prime.signum() <= 0 || prime.bitLength() < LEAST_BITS || prime.bitLength() > MOST_BITS) {
            throw new GeneralSecurityException("the server's prime has " + prime.bitLength() + " bits");
        } else if (generator.compareTo(BigInteger.ONE) <= 0
                || generator.compareTo(prime.subtract(BigInteger.ONE)) >= 0) {
            throw new GeneralSecurityException("the server's generator is out of its range");
        }
        Buffer.PlainBuffer sizesAndGroup = new Buffer.PlainBuffer()
                .putUInt32(LEAST_BITS)
                .putUInt32(PREFERRED_BITS)
                .putUInt32(MOST_BITS)
                .putMPInt(prime)
                .putMPInt(generator);
        added = sizesAndGroup.getCompactData();
        Agreement mine = new FiniteFieldAgreement(prime, generator, random);
        send(new SSHPacket(Message.KEX_DH_GEX_INIT).putBytes(mine.publicValue()));
        return mine;
    }
}
