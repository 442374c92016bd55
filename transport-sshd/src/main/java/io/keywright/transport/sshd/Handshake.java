package io.keywright.transport.sshd;

import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.KeyExchangeException;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.AuthenticationDialogue;
import io.keywright.transport.internal.CallFailed;
import java.io.StreamCorruptedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.jspecify.annotations.Nullable;

/**
 * One connection from the first byte to the end of its authentication: what the caller waits for, and what is known about
 * why it failed. Fed by MINA's threads, read by the caller's.
 */
final class Handshake {
    /** Where a MINA session keeps its handshake. */
    static final AttributeKey<Handshake> KEY = new AttributeKey<>();

    // What a server says before its identification is shown to a person; it cannot be trusted to be short.
    private static final int MAX_SHOWN_LINE_CHARS = 100;

    private final SshTarget target;
    private final AuthenticationDialogue dialogue;
    private final CompletableFuture<Void> keysExchanged = new CompletableFuture<>();
    private final CompletableFuture<Void> authenticated = new CompletableFuture<>();
    private CompletableFuture<Runnable> callersWork = new CompletableFuture<>();
    private final List<String> linesBeforeIdentification = new ArrayList<>();
    private @Nullable SshPublicKey hostKey;

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

    /** Completes when the host has proved its key, and the key was accepted. */
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

    /** Judges the host key; called for each key exchange, after its signature was verified. */
    boolean acceptsHostKey(SshPublicKey presented) {
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
        synchronized (this) {
            hostKey = presented;
        }
        return true;
    }

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

    /** Remembers a line that the server sent before its identification (RFC 4253, section 4.2). */
    synchronized void heardLine(String line) {
        if (!line.startsWith("SSH-") && linesBeforeIdentification.isEmpty()) {
            linesBeforeIdentification.add(
                    line.length() > MAX_SHOWN_LINE_CHARS ? line.substring(0, MAX_SHOWN_LINE_CHARS) : line);
        }
    }

    /**
     * The server sent SSH_MSG_DISCONNECT.
     *
     * @param serverVersion its identification, or null when it has sent none yet
     */
    void disconnected(int code, String message, @Nullable String serverVersion) {
        String said = "the server hung up: " + printable(message) + " (code " + code + ")";
        if (!keysExchanged.isDone()) {
            boolean disagreed = code == SshConstants.SSH2_DISCONNECT_KEY_EXCHANGE_FAILED
                    || code == SshConstants.SSH2_DISCONNECT_PROTOCOL_VERSION_NOT_SUPPORTED
                    || code == SshConstants.SSH2_DISCONNECT_PROTOCOL_ERROR;
            fail(() -> disagreed
                    ? new KeyExchangeException(target, Phase.KEY_EXCHANGE, said, null)
                    : new ConnectionLostException(target, Phase.KEY_EXCHANGE, said, null));
        } else if (isTooManyAttempts(code, message)) {
            boolean answersFirst = code == SshConstants.SSH2_DISCONNECT_PROTOCOL_ERROR
                    && serverVersion != null
                    && serverVersion.contains("OpenSSH");
            take(dialogue.tooManyAttempts(said, answersFirst));
        } else {
            fail(() -> new ConnectionLostException(target, Phase.AUTHENTICATION, said, null));
        }
    }

    /** Something went wrong in MINA, or in the network beneath it. */
    void broken(Throwable cause) {
        Phase phase = keysExchanged.isDone() ? Phase.AUTHENTICATION : Phase.KEY_EXCHANGE;
        boolean protocol = cause instanceof SshException
                || cause instanceof StreamCorruptedException
                || cause instanceof RuntimeException;
        String why = printable(String.valueOf(cause.getMessage()));
        if (protocol && phase == Phase.KEY_EXCHANGE) {
            fail(() -> new KeyExchangeException(target, phase, "no key exchange: " + why, cause));
        } else if (protocol) {
            fail(() -> new TransportException(target, phase, false, "the log-in broke off: " + why, cause));
        } else {
            fail(() -> new ConnectionLostException(target, phase, "the connection broke: " + why, cause));
        }
    }

    /** The connection ended without a word. */
    void closed() {
        String line;
        synchronized (this) {
            line = linesBeforeIdentification.isEmpty() ? null : printable(linesBeforeIdentification.get(0));
        }
        Phase phase = keysExchanged.isDone() ? Phase.AUTHENTICATION : Phase.KEY_EXCHANGE;
        if (line != null && !isOverload(line) && phase == Phase.KEY_EXCHANGE) {
            fail(() -> new KeyExchangeException(
                    target, phase, "what answers there does not speak SSH, it said: " + line, null));
        } else {
            String said = line == null ? "" : ", having said: " + line;
            fail(() -> new ConnectionLostException(target, phase, "the server closed the connection" + said, null));
        }
    }

    /** Fails whatever has not happened yet; the first failure stays. */
    void fail(Supplier<? extends RuntimeException> exception) {
        CallFailed failure = new CallFailed(exception);
        keysExchanged.completeExceptionally(failure);
        authenticated.completeExceptionally(failure);
    }

    /**
     * OpenSSH and others say "Too many authentication failures" with code 2; RFC 4253 has a code of its own, 14. Code 2
     * alone may be any protocol error, and "too many connections" is about others: neither says anything about a key.
     */
    private static boolean isTooManyAttempts(int code, String message) {
        return code == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE
                || message.toLowerCase(Locale.ROOT).contains("too many authentication");
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
