package io.keywright.transport.sshj;

import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.SshSignature;
import io.keywright.transport.SshTarget;
import io.keywright.transport.internal.AuthenticationDialogue;
import io.keywright.transport.internal.Handshake;
import java.util.Arrays;
import java.util.Collection;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.DisconnectReason;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.transport.TransportException;
import org.jspecify.annotations.Nullable;

/** What sshj's reader tells, and whoever drives the exchange, in the words of sshj. */
final class SshjHandshake extends Handshake {
    // Of extensions, OpenSSH sends three.
    private static final int MAX_EXTENSIONS = 64;

    private boolean ended;
    private @Nullable String hostKeyAlgorithm;
    private @Nullable Collection<String> signatureAlgorithms;

    SshjHandshake(SshTarget target, AuthenticationDialogue dialogue) {
        super(target, dialogue);
    }

    /** Returns the server's {@code server-sig-algs} (RFC 8308), or null when it sent none. */
    synchronized @Nullable Collection<String> signatureAlgorithms() {
        return signatureAlgorithms;
    }

    /** Takes the host key algorithm that both sides agreed on, before each key exchange. */
    synchronized void agreedOn(String algorithm) {
        hostKeyAlgorithm = algorithm;
    }

    private synchronized @Nullable String agreedAlgorithm() {
        return hostKeyAlgorithm;
    }

    /**
     * Verifies a host key's signature and judges the key; called in each key exchange.
     *
     * @param blob the host key
     * @param signature its signature, with the algorithm's name
     * @param exchangeHash what was signed
     * @throws TransportException when it ends here; what the caller gets is kept
     */
    ProvedHostKey proveHostKey(byte[] blob, byte[] signature, byte[] exchangeHash) throws TransportException {
        SshPublicKey presented;
        try {
            presented = SshPublicKey.fromBlob(blob);
            SshSignature decoded = SshSignature.decode(signature);
            if (!decoded.algorithm().sshName().equals(agreedAlgorithm()) || !presented.verify(exchangeHash, decoded)) {
                throw new TransportException(
                        DisconnectReason.KEY_EXCHANGE_FAILED, "the host key's signature is not right");
            }
        } catch (SshKeyException e) {
            throw new TransportException(
                    DisconnectReason.KEY_EXCHANGE_FAILED, "the host key or its signature cannot be used", e);
        }
        if (!accepts(presented)) {
            throw new TransportException(DisconnectReason.HOST_KEY_NOT_VERIFIABLE, "the host key was not accepted");
        }
        return new ProvedHostKey(presented);
    }

    /** The connection ended, or broke. */
    synchronized void heardEnd() {
        ended = true;
    }

    private synchronized boolean hasEnded() {
        return ended;
    }

    /** The server sent a message that sshj keeps to itself. */
    void overheard(Message message, Buffer.PlainBuffer body) {
        try {
            if (message == Message.DISCONNECT) {
                disconnected(body.readUInt32AsInt(), body.readString());
            } else {
                takeExtensions(body);
            }
        } catch (Buffer.BufferException e) {
            failed(e);
        }
    }

    private void takeExtensions(Buffer.PlainBuffer body) throws Buffer.BufferException {
        long count = Math.min(body.readUInt32(), MAX_EXTENSIONS);
        for (long i = 0; i < count; i++) {
            String name = body.readString();
            String value = body.readString();
            if (name.equals("server-sig-algs")) {
                synchronized (this) {
                    signatureAlgorithms = Arrays.asList(value.split(",", -1));
                }
            }
        }
    }

    /** sshj gave up, because of the server, the network, or what came. */
    void failed(Throwable cause) {
        if (hasEnded() || isFarewell(cause)) {
            lost("the server closed the connection (" + cause.getMessage() + ")", cause);
        } else {
            broken(cause);
        }
    }

    /** Reasons for hanging up that are about the server's load or will, not about what was said. */
    private static boolean isFarewell(Throwable cause) {
        if (!(cause instanceof SSHException ssh)) {
            return false;
        }
        return switch (ssh.getDisconnectReason()) {
            case CONNECTION_LOST,
                    BY_APPLICATION,
                    TOO_MANY_CONNECTIONS,
                    SERVICE_NOT_AVAILABLE,
                    HOST_NOT_ALLOWED_TO_CONNECT -> true;
            default -> false;
        };
    }
}
