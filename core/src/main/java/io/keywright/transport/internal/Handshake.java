package io.keywright.transport.internal;

import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.KeyExchangeException;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection from the first byte to the end of its authentication: what the caller waits for, and what is known about
 * why it failed. Fed by a library's threads, read by the caller's.
 */
public abstract class Handshake {
    // What a server says is shown to a person; it cannot be trusted to be short.
    private static final int MAX_SHOWN_CHARS = 100;

    // Reasons for hanging up (RFC 4253, section 11.1).
    private static final int PROTOCOL_ERROR = 2;
    private static final int KEY_EXCHANGE_FAILED = 3;
    private static final int PROTOCOL_VERSION_NOT_SUPPORTED = 8;
    private static final int NO_MORE_AUTH_METHODS_AVAILABLE = 14;

    private final SshTarget target;
    private final AuthenticationDialogue dialogue;
    private final List<String> knownAlgorithms;
    private final CompletableFuture<Void> keysExchanged = new CompletableFuture<>();
    private final CompletableFuture<Void> authenticated = new CompletableFuture<>();
    private CompletableFuture<Runnable> callersWork = new CompletableFuture<>();
    private @Nullable String lineBeforeIdentification;
    private @Nullable String serverVersion;
    private @Nullable SshPublicKey hostKey;

    /**
     * Prepares for a connection.
     *
     * @throws TransportException when the target's host key verifier fails
     */
    protected Handshake(SshTarget target, AuthenticationDialogue dialogue) {
        this.target = target;
        this.dialogue = dialogue;
        try {
            knownAlgorithms = target.hostKeys().knownAlgorithms(target.host(), target.port());
        } catch (RuntimeException e) {
            throw new TransportException(
                    target, Phase.HOST_KEY, false, "the host key cannot be judged: " + e.getMessage(), e);
        }
    }

    /** Returns whom this connects to. */
    public final SshTarget target() {
        return target;
    }

    /** Returns what is said to the server to log in. */
    public final AuthenticationDialogue dialogue() {
        return dialogue;
    }

    // --- what the caller waits for ---

    /** Completes when the host has proved its key, and the key was accepted. */
    public final CompletableFuture<Void> keysExchanged() {
        return keysExchanged;
    }

    /** Completes when the dialogue has all its answers. */
    public final CompletableFuture<Void> authenticated() {
        return authenticated;
    }

    /** Waits for all of it, and does here what the dialogue wants done that may wait for an agent or a person. */
    final void await(Deadline connecting, Supplier<Deadline> authenticating) {
        connecting.await(keysExchanged, target, Phase.KEY_EXCHANGE, "the key exchange");
        Deadline deadline = authenticating.get();
        while (!authenticated.isDone()) {
            CompletableFuture<?> work = callersWork();
            deadline.await(
                    CompletableFuture.anyOf(authenticated, work), target, Phase.AUTHENTICATION, "authentication");
            if (work.isDone() && !authenticated.isDone()) {
                takeCallersWork().run();
            }
        }
        deadline.await(authenticated, target, Phase.AUTHENTICATION, "authentication");
    }

    /** Leaves work to the thread that opens the connection. */
    public final synchronized void askCaller(Runnable work) {
        callersWork.complete(work);
    }

    private synchronized CompletableFuture<Runnable> callersWork() {
        return callersWork;
    }

    /** Takes the work, before it is done: more may come of it. */
    private synchronized Runnable takeCallersWork() {
        Runnable work = callersWork.join();
        callersWork = new CompletableFuture<>();
        return work;
    }

    // --- the host key ---

    /** Orders host key algorithms so that the server shows a key that can be recognised, where it has one. */
    public final List<String> ordered(List<String> algorithms) {
        Set<String> ordered = new LinkedHashSet<>();
        for (String known : knownAlgorithms) {
            algorithms.stream()
                    .filter(name -> name.equals(known) || (known.equals("ssh-rsa") && name.startsWith("rsa-sha2-")))
                    .forEach(ordered::add);
        }
        ordered.addAll(algorithms);
        return new ArrayList<>(ordered);
    }

    /** Judges the host key, and fails when it is not accepted; called in each key exchange, once its signature is verified. */
    public final boolean accepts(SshPublicKey presented) {
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

    /** Returns the host key, once it was accepted. */
    public final synchronized SshPublicKey hostKey() {
        if (hostKey == null) {
            throw new IllegalStateException("the host key is known after the key exchange only");
        }
        return hostKey;
    }

    // --- what is heard ---

    /** The server sent its identification, or a line before that (RFC 4253, section 4.2). */
    public final synchronized void heardLine(String line) {
        if (line.startsWith("SSH-")) {
            serverVersion = line;
        } else if (lineBeforeIdentification == null && !line.isEmpty()) {
            lineBeforeIdentification = printable(line);
        }
    }

    /** Returns the server's identification, once it was heard. */
    public final synchronized String serverVersion() {
        if (serverVersion == null) {
            throw new IllegalStateException("the server has not identified itself");
        }
        return serverVersion;
    }

    /** The server sent SSH_MSG_DISCONNECT (RFC 4253, section 11.1). */
    public final void disconnected(int code, String message) {
        String said = "the server hung up: " + printable(message) + " (code " + code + ")";
        if (!keysExchanged.isDone()) {
            boolean disagreed =
                    code == KEY_EXCHANGE_FAILED || code == PROTOCOL_VERSION_NOT_SUPPORTED || code == PROTOCOL_ERROR;
            fail(() -> disagreed
                    ? new KeyExchangeException(target, Phase.KEY_EXCHANGE, said, null)
                    : new ConnectionLostException(target, Phase.KEY_EXCHANGE, said, null));
        } else if (isTooManyAttempts(code, message)) {
            boolean answersFirst = code == PROTOCOL_ERROR && serverVersion().contains("OpenSSH");
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
        return code == NO_MORE_AUTH_METHODS_AVAILABLE
                || message.toLowerCase(Locale.ROOT).contains("too many authentication");
    }

    // --- ends ---

    /** Ends the authentication as the dialogue says. */
    public final void take(AuthenticationDialogue.Step step) {
        if (step instanceof AuthenticationDialogue.Step.Failed failed) {
            fail(failed.exception());
        } else if (step instanceof AuthenticationDialogue.Step.AllAsked) {
            authenticated.complete(null);
        } else {
            throw new IllegalStateException("no end of an authentication: " + step);
        }
    }

    /** The connection is gone: the server closed it, or the network broke. */
    protected final void lost(String why, @Nullable Throwable cause) {
        String line = foreignLine();
        String said = line == null ? "" : ", having said: " + line;
        Phase phase = phase();
        if (line == null || isIdentified() || isOverload(line)) {
            fail(() -> new ConnectionLostException(target, phase, printable(why) + said, cause));
        } else {
            failAsForeign(line, cause);
        }
    }

    /** What came was not what it should be. */
    protected final void broken(Throwable cause) {
        String line = foreignLine();
        Phase phase = phase();
        String why = printable(String.valueOf(cause.getMessage()));
        if (line != null && !isIdentified() && !isOverload(line)) {
            failAsForeign(line, cause);
        } else if (phase == Phase.KEY_EXCHANGE) {
            fail(() -> new KeyExchangeException(target, phase, "no key exchange: " + why, cause));
        } else {
            fail(() -> new TransportException(target, phase, false, "the log-in broke off: " + why, cause));
        }
    }

    private void failAsForeign(String line, @Nullable Throwable cause) {
        fail(() -> new KeyExchangeException(
                target, Phase.KEY_EXCHANGE, "what answers there does not speak SSH, it said: " + line, cause));
    }

    private synchronized @Nullable String foreignLine() {
        return lineBeforeIdentification;
    }

    private synchronized boolean isIdentified() {
        return serverVersion != null;
    }

    private Phase phase() {
        return keysExchanged.isDone() ? Phase.AUTHENTICATION : Phase.KEY_EXCHANGE;
    }

    /** What OpenSSH's sshd says instead of its identification when it will not serve just now. */
    private static boolean isOverload(String line) {
        return line.startsWith("Exceeded MaxStartups") || line.startsWith("Not allowed at this time");
    }

    /** Fails whatever has not happened yet; the first failure stays. */
    public final void fail(Supplier<? extends RuntimeException> exception) {
        CallFailed failure = new CallFailed(exception);
        keysExchanged.completeExceptionally(failure);
        authenticated.completeExceptionally(failure);
    }

    private static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints()
                .limit(MAX_SHOWN_CHARS)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }
}
