package io.keywright.transport.sshj;

import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.SshSignature;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.KeyExchangeException;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.AuthenticationDialogue;
import io.keywright.transport.internal.CallFailed;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.DisconnectReason;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHException;
import org.jspecify.annotations.Nullable;

/**
 * One connection from the first byte to the end of its authentication: what the caller waits for, and what is known about
 * why it failed. Fed by sshj's reader and by whoever drives the exchange, read by the caller's thread.
 */
final class Handshake {
    // What a server says before its identification is shown to a person; it cannot be trusted to be short.
    private static final int MAX_SHOWN_LINE_CHARS = 100;
    // Of extensions, OpenSSH sends three.
    private static final int MAX_EXTENSIONS = 64;

    private final SshTarget target;
    private final AuthenticationDialogue dialogue;
    private final CompletableFuture<Void> keysExchanged = new CompletableFuture<>();
    private final CompletableFuture<Void> authenticated = new CompletableFuture<>();
    private CompletableFuture<Runnable> callersWork = new CompletableFuture<>();
    private @Nullable String lineBeforeIdentification;
    private @Nullable String serverVersion;
    private boolean ended;
    private @Nullable String hostKeyAlgorithm;
    private @Nullable SshPublicKey hostKey;
    private @Nullable Collection<String> signatureAlgorithms;

    Handshake(SshTarget target, AuthenticationDialogue dialogue) {
        this.target = target;
        this.dialogue = dialogue;
    }

    SshTarget target() {
        return target;
    }

    AuthenticationDialogue dialogue() {
        return dialogue;
    }

    /** Completes when the host has proved its key, the key was accepted, and everything is encrypted. */
    CompletableFuture<Void> keysExchanged() {
        return keysExchanged;
    }

    /** Completes when the dialogue has all its answers. */
    CompletableFuture<Void> authenticated() {
        return authenticated;
    }

    synchronized SshPublicKey hostKey() {
        if (hostKey == null) {
            throw new IllegalStateException("the host key is known after the key exchange only");
        }
        return hostKey;
    }

    synchronized String serverVersion() {
        if (serverVersion == null) {
            throw new IllegalStateException("the server has not identified itself");
        }
        return serverVersion;
    }

    /** Returns the server's {@code server-sig-algs} (RFC 8308), or null when it sent none. */
    synchronized @Nullable Collection<String> signatureAlgorithms() {
        return signatureAlgorithms;
    }

    // --- the host key ---

    /** Takes the host key algorithm that both sides agreed on, before each key exchange. */
    synchronized void agreedOn(String algorithm) {
        hostKeyAlgorithm = algorithm;
    }

    /**
     * Verifies a host key's signature and judges the key; called in each key exchange.
     *
     * @param blob the host key
     * @param signature its signature, with the algorithm's name
     * @param exchangeHash what was signed
     * @throws net.schmizz.sshj.transport.TransportException when it ends here; what the caller gets is kept
     */
    ProvedHostKey proveHostKey(byte[] blob, byte[] signature, byte[] exchangeHash)
            throws net.schmizz.sshj.transport.TransportException {
        SshPublicKey presented;
        try {
            presented = SshPublicKey.fromBlob(blob);
            SshSignature decoded = SshSignature.decode(signature);
            if (!decoded.algorithm().sshName().equals(agreedAlgorithm()) || !presented.verify(exchangeHash, decoded)) {
                throw new net.schmizz.sshj.transport.TransportException(
                        DisconnectReason.KEY_EXCHANGE_FAILED, "the host key's signature is not right");
            }
        } catch (SshKeyException e) {
            throw new net.schmizz.sshj.transport.TransportException(
                    DisconnectReason.KEY_EXCHANGE_FAILED, "the host key or its signature cannot be used", e);
        }
        if (!accepts(presented)) {
            throw new net.schmizz.sshj.transport.TransportException(
                    DisconnectReason.HOST_KEY_NOT_VERIFIABLE, "the host key was not accepted");
        }
        synchronized (this) {
            hostKey = presented;
        }
        return new ProvedHostKey(presented);
    }

    private synchronized @Nullable String agreedAlgorithm() {
        return hostKeyAlgorithm;
    }

    private boolean accepts(SshPublicKey presented) {
        HostKeyVerdict verdict;
        try {
            verdict = target.hostKeys().verify(target.host(), target.port(), presented);
        } catch (RuntimeException e) {
            fail(() -> new TransportException(
                    target, Phase.HOST_KEY, false, "the host key could not be judged: " + e.getMessage(), e));
            return false;
        }
        if (verdict.status() != HostKeyVerdict.Status.ACCEPTED) {
            fail(() -> new HostKeyRejectedException(target, presented, verdict));
            return false;
        }
        return true;
    }

    // --- work for the caller's thread ---

    /** Leaves work to the thread that opens the connection. */
    synchronized void askCaller(Runnable work) {
        callersWork.complete(work);
    }

    /** Completes when there is work for the thread that opens the connection. */
    synchronized CompletableFuture<Runnable> callersWork() {
        return callersWork;
    }

    /** Takes the work, before it is done: more may come of it. */
    synchronized Runnable takeCallersWork() {
        Runnable work = callersWork.join();
        callersWork = new CompletableFuture<>();
        return work;
    }

    // --- what is heard ---

    /** The server sent a line before its identification (RFC 4253, section 4.2). */
    synchronized void heardLine(String line) {
        if (lineBeforeIdentification == null && !line.isEmpty()) {
            lineBeforeIdentification = printable(line);
        }
    }

    /** The server identified itself. */
    synchronized void heardIdentification(String line) {
        serverVersion = line;
    }

    /** The connection ended, or broke. */
    synchronized void heardEnd() {
        ended = true;
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
            broken(e);
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

    private void disconnected(int code, String message) {
        String said = "the server hung up: " + printable(message) + " (code " + code + ")";
        if (isTooManyAttempts(code, message)) {
            boolean answersFirst = code == DisconnectReason.PROTOCOL_ERROR.toInt()
                    && serverVersion().contains("OpenSSH");
            take(dialogue.tooManyAttempts(said, answersFirst));
        } else {
            fail(() -> new ConnectionLostException(target, Phase.AUTHENTICATION, said, null));
        }
    }

    /**
     * OpenSSH and others say "Too many authentication failures" with code 2; RFC 4253 has a code of its own, 14. Code 2
     * alone may be any protocol error, and "too many connections" is about others: neither says anything about a key.
     */
    private static boolean isTooManyAttempts(int code, String message) {
        return code == DisconnectReason.NO_MORE_AUTH_METHODS_AVAILABLE.toInt()
                || message.toLowerCase(Locale.ROOT).contains("too many authentication");
    }

    // --- ends ---

    /** Ends the authentication as the dialogue says. */
    void take(AuthenticationDialogue.Step step) {
        if (step instanceof AuthenticationDialogue.Step.Failed failed) {
            fail(failed.exception());
        } else if (step instanceof AuthenticationDialogue.Step.AllAsked) {
            authenticated.complete(null);
        } else {
            throw new IllegalStateException("no end of an authentication: " + step);
        }
    }

    /** sshj gave up, because of the server, the network, or what came. */
    void broken(Throwable cause) {
        boolean gone;
        String line;
        synchronized (this) {
            gone = ended || isFarewell(cause);
            line = lineBeforeIdentification;
        }
        Phase phase = keysExchanged.isDone() ? Phase.AUTHENTICATION : Phase.KEY_EXCHANGE;
        String why = printable(String.valueOf(cause.getMessage()));
        if (line != null && !isOverload(line) && serverVersionOrNull() == null) {
            fail(() -> new KeyExchangeException(
                    target, phase, "what answers there does not speak SSH, it said: " + line, cause));
        } else if (gone) {
            String said = line == null ? "" : ", having said: " + line;
            fail(() -> new ConnectionLostException(
                    target, phase, "the server closed the connection (" + why + ")" + said, cause));
        } else if (phase == Phase.KEY_EXCHANGE) {
            fail(() -> new KeyExchangeException(target, phase, "no key exchange: " + why, cause));
        } else {
            fail(() -> new TransportException(target, phase, false, "the log-in broke off: " + why, cause));
        }
    }

    private synchronized @Nullable String serverVersionOrNull() {
        return serverVersion;
    }

    /** Fails whatever has not happened yet; the first failure stays. */
    void fail(Supplier<? extends RuntimeException> exception) {
        CallFailed failure = new CallFailed(exception);
        keysExchanged.completeExceptionally(failure);
        authenticated.completeExceptionally(failure);
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

    /** What OpenSSH's sshd says instead of its identification when it will not serve just now. */
    private static boolean isOverload(String line) {
        return line.startsWith("Exceeded MaxStartups") || line.startsWith("Not allowed at this time");
    }

    private static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints()
                .limit(MAX_SHOWN_LINE_CHARS)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }
}
