package io.keywright.transport.sshj;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Objects;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.DisconnectReason;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.transport.Transport;
import net.schmizz.sshj.transport.TransportException;
import net.schmizz.sshj.transport.digest.Digest;
import net.schmizz.sshj.transport.kex.KeyExchange;
import org.jspecify.annotations.Nullable;

/**
 * A key exchange whose result the server signs (RFC 4253, section 8). The signature is verified and the host key judged
 * here, by Keywright's own keys, before sshj takes the result into use.
 *
 * <pre>
 * reply: string host key, string the server's value, string signature of H
 * H:     hash(string client version, string server version, string client KEXINIT, string server KEXINIT,
 *             string host key, what the exchange itself adds, secret)
 * </pre>
 */
abstract class SignedKeyExchange implements KeyExchange {
    private final Digest digest;
    private @Nullable Transport transport;
    private @Nullable SshjHandshake handshake;
    private Buffer.PlainBuffer hashed = new Buffer.PlainBuffer();
    private @Nullable BigInteger secret;
    private byte[] exchangeHash = new byte[0];
    private @Nullable PublicKey hostKey;

    SignedKeyExchange(String hash) {
        digest = new JcaDigest(hash);
    }

    /** Sends the first message. */
    abstract void begin() throws TransportException;

    @Override
    public final void init(
            Transport newTransport, String serverVersion, String clientVersion, byte[] serverInit, byte[] clientInit)
            throws TransportException {
        transport = newTransport;
        handshake = ((LinkConfig) newTransport.getConfig()).handshake();
        hashed = new Buffer.PlainBuffer()
                .putString(clientVersion)
                .putString(serverVersion)
                .putString(clientInit)
                .putString(serverInit);
        begin();
    }

    final void send(SSHPacket packet) throws TransportException {
        Objects.requireNonNull(transport, "sent before the exchange began").write(packet);
    }

    /**
     * Ends the exchange: computes the secret and the hash, verifies the signature and has the host key judged.
     *
     * @param added what this exchange adds to the hash before the client's value
     */
    final void finish(Agreement agreement, SSHPacket reply, byte[] added)
            throws GeneralSecurityException, TransportException {
        byte[] blob;
        byte[] serverValue;
        byte[] signature;
        try {
            blob = reply.readBytes();
            serverValue = reply.readBytes();
            signature = reply.readBytes();
        } catch (Buffer.BufferException e) {
            throw new TransportException(DisconnectReason.KEY_EXCHANGE_FAILED, "the server's answer ends early", e);
        }
        BigInteger agreed = agreement.agree(serverValue);
        hashed.putBytes(blob)
                .putRawBytes(added)
                .putBytes(agreement.publicValue())
                .putBytes(serverValue)
                .putMPInt(agreed);
        digest.update(hashed.array(), hashed.rpos(), hashed.available());
        exchangeHash = digest.digest();
        secret = agreed;
        hostKey =
                Objects.requireNonNull(handshake, "ended before it began").proveHostKey(blob, signature, exchangeHash);
    }

    static TransportException unexpected(Message message) {
        return new TransportException(
                DisconnectReason.KEY_EXCHANGE_FAILED, "message " + message + " during the key exchange");
    }

    @Override
    public final byte[] getH() {
        return exchangeHash.clone();
    }

    @Override
    public final BigInteger getK() {
        return Objects.requireNonNull(secret, "the exchange has not ended");
    }

    @Override
    public final Digest getHash() {
        return digest;
    }

    @Override
    public final PublicKey getHostKey() {
        return Objects.requireNonNull(hostKey, "the exchange has not ended");
    }
}
