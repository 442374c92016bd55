package io.keywright.transport.sshd;

import io.keywright.RsaPublicKey;
import io.keywright.SignatureAlgorithm;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The client's half of user authentication (RFC 4252): first asks about each probe key without a signature, then logs in,
 * with one request outstanding at any time.
 *
 * <pre>
 * probe:    byte 50, string user, string "ssh-connection", string "publickey", FALSE, string algorithm, string blob
 * log-in:   the same with TRUE, then string signature over (string session id, everything before it)
 * answers:  51 FAILURE (name-list that can continue, boolean partial), 52 SUCCESS, 60 PK_OK (algorithm, blob)
 * </pre>
 *
 * <p>A log-in with a key sends its signature at once: asking first would cost a round trip and tell nothing more. A log-in
 * with a password asks {@code none} first, which servers do not count, to learn which methods there are.
 *
 * <p>Knows nothing of networks: it is told what came and says what to do next. Driven by one thread at a time.
 */
final class AuthenticationDialogue {
    static final String SERVICE = "ssh-connection";

    private static final String PUBLIC_KEY = "publickey";
    private static final String PASSWORD = "password";
    private static final String KEYBOARD_INTERACTIVE = "keyboard-interactive";
    // A server that keeps asking empty questions must not keep us for ever; PAM stacks ask a handful.
    private static final int MAX_INTERACTIVE_ROUNDS = 16;
    // Everything in a request that is not its user, blob, signature or secret.
    private static final int REQUEST_OVERHEAD_BYTES = 256;

    /** What to do next. */
    sealed interface Step {
        /** Send a message; the body is written straight into the packet, so that no copy of a secret is left. */
        record Send(byte command, int sizeBytes, Consumer<Buffer> body) implements Step {}

        /** Everything was asked, and the request has no log-in. */
        record AllAsked() implements Step {}

        /** The server let us in. */
        record LoggedIn() implements Step {}

        /** It is over. */
        record Failed(Supplier<? extends RuntimeException> exception) implements Step {}
    }

    private enum Question {
        PROBE,
        NONE,
        KEY,
        PASSWORD,
        INTERACTIVE
    }

    private final SshTarget target;
    private final List<SshPublicKey> probes;
    private final @Nullable LogIn logIn;
    private final List<ProbeAnswer> answers = new ArrayList<>();
    private byte[] sessionId = new byte[0];
    private @Nullable Collection<String> serverAlgorithms;
    private @Nullable Question outstanding;
    private int requests;
    private boolean passwordGiven;
    private int interactiveRounds;

    AuthenticationDialogue(SshTarget target, List<SshPublicKey> probes, @Nullable LogIn logIn) {
        this.target = target;
        this.probes = List.copyOf(probes);
        this.logIn = logIn;
    }

    /** RSA has two signature algorithms, so its first request must wait until the server has said which it takes. */
    boolean dependsOnServerAlgorithms() {
        return probes.stream().anyMatch(RsaPublicKey.class::isInstance)
                || (logIn instanceof LogIn.Key key && key.pair().publicKey() instanceof RsaPublicKey);
    }

    /** Returns the answers so far, one a probe, in their order. */
    synchronized List<ProbeAnswer> answers() {
        return List.copyOf(answers);
    }

    /**
     * Begins.
     *
     * @param exchangeHash the session id (RFC 4253, section 7.2)
     * @param algorithms the server's {@code server-sig-algs} (RFC 8308), or null when it sent none
     */
    synchronized Step start(byte[] exchangeHash, @Nullable Collection<String> algorithms) {
        sessionId = exchangeHash.clone();
        serverAlgorithms = algorithms;
        return next();
    }

    /** Takes a message of the server, its command number already read, and says what to do next. */
    synchronized Step receive(int command, Buffer message) {
        Question question = outstanding;
        if (question == null) {
            return broken("an answer to no question (message " + command + ")");
        }
        switch (command) {
            case SshConstants.SSH_MSG_USERAUTH_FAILURE -> {
                List<String> methods = Arrays.asList(message.getString().split(","));
                return refused(question, methods, message.getBoolean());
            }
            case SshConstants.SSH_MSG_USERAUTH_SUCCESS -> {
                return letIn(question);
            }
            case SshConstants.SSH_MSG_USERAUTH_PK_OK -> { // also PASSWD_CHANGEREQ and INFO_REQUEST
                return switch (question) {
                    case PROBE -> accepted(message);
                    case PASSWORD ->
                        failed("the password has expired, and the server wants a new one", List.of(PASSWORD));
                    case INTERACTIVE -> answerPrompts(message);
                    case NONE, KEY -> broken("a question where yes or no was expected");
                };
            }
            default -> {
                return broken("message " + command + " during authentication");
            }
        }
    }

    /**
     * The server hung up because of too many attempts.
     *
     * <p>OpenSSH does so in place of the answer to the last attempt that it allows, after judging it. Others, MINA among
     * them, do so when one more comes, without a look at it: then only the very first question of a connection can count
     * as answered.
     *
     * @param said what it said
     * @param answersFirst whether the server is known to judge the attempt at which it hangs up
     * @return what that means for the question that is outstanding
     */
    synchronized Step tooManyAttempts(String said, boolean answersFirst) {
        boolean judged = answersFirst || requests == 1;
        boolean lastQuestion = answers.size() == probes.size() - 1 && logIn == null;
        if (outstanding == Question.PROBE && lastQuestion && judged) {
            answers.add(ProbeAnswer.REFUSED);
            return new Step.AllAsked();
        } else if (outstanding == Question.KEY && requests == 1) {
            return failed("refused " + described() + ", and " + said, List.of());
        }
        return new Step.Failed(() -> new AuthenticationLimitException(target, said, null));
    }

    private Step next() {
        outstanding = null;
        if (answers.size() < probes.size()) {
            return ask(probes.get(answers.size()));
        } else if (logIn instanceof LogIn.Key key) {
            return sign(key.pair());
        } else if (logIn instanceof LogIn.Password) {
            return request(Question.NONE, "none", 0, buffer -> {});
        }
        return new Step.AllAsked();
    }

    private Step ask(SshPublicKey key) {
        byte[] blob = key.blob();
        String algorithm = signatureAlgorithm(key);
        return request(Question.PROBE, PUBLIC_KEY, blob.length, buffer -> {
            buffer.putBoolean(false);
            buffer.putString(algorithm);
            buffer.putBytes(blob);
        });
    }

    private Step sign(SshKeyPair pair) {
        byte[] blob = pair.publicKey().blob();
        String algorithm = signatureAlgorithm(pair.publicKey());
        Buffer signed = new ByteArrayBuffer();
        signed.putBytes(sessionId);
        signed.putByte(SshConstants.SSH_MSG_USERAUTH_REQUEST);
        signed.putString(target.user());
        signed.putString(SERVICE);
        signed.putString(PUBLIC_KEY);
        signed.putBoolean(true);
        signed.putString(algorithm);
        signed.putBytes(blob);
        byte[] signature;
        try {
            signature = SignatureAlgorithm.ofSshName(algorithm)
                    .map(known -> pair.sign(signed.getCompactData(), known))
                    .orElseGet(() -> pair.sign(signed.getCompactData()))
                    .encode();
        } catch (RuntimeException e) {
            // A key that was closed too early, or that does not sign: the caller's own doing, told as it is.
            return new Step.Failed(() -> e);
        }
        return request(Question.KEY, PUBLIC_KEY, blob.length + signature.length, buffer -> {
            buffer.putBoolean(true);
            buffer.putString(algorithm);
            buffer.putBytes(blob);
            buffer.putBytes(signature);
        });
    }

    /** The algorithm that a key is asked about and signs with: RSA with SHA-512, or with SHA-256 where only that is taken. */
    private String signatureAlgorithm(SshPublicKey key) {
        if (!(key instanceof RsaPublicKey)) {
            return key.algorithm();
        }
        String preferred = SignatureAlgorithm.RSA_SHA2_512.sshName();
        String other = SignatureAlgorithm.RSA_SHA2_256.sshName();
        boolean onlyOther =
                serverAlgorithms != null && !serverAlgorithms.contains(preferred) && serverAlgorithms.contains(other);
        return onlyOther ? other : preferred;
    }

    private Step sendPassword(List<String> methods) {
        if (methods.contains(PASSWORD)) {
            byte[] password = password();
            return request(Question.PASSWORD, PASSWORD, password.length, buffer -> {
                buffer.putBoolean(false);
                buffer.putBytes(password);
                Arrays.fill(password, (byte) 0);
            });
        } else if (methods.contains(KEYBOARD_INTERACTIVE)) {
            return request(Question.INTERACTIVE, KEYBOARD_INTERACTIVE, 0, buffer -> {
                buffer.putString(""); // language, deprecated
                buffer.putString(""); // submethods: the server chooses
            });
        }
        return failed("the server takes no password", methods);
    }

    /** Answers a request of RFC 4256: the one hidden prompt with the password, none with nothing, others not at all. */
    private Step answerPrompts(Buffer message) {
        message.getString(); // name
        message.getString(); // instruction
        message.getString(); // language
        int prompts = message.getInt();
        if (++interactiveRounds > MAX_INTERACTIVE_ROUNDS) {
            return failed("the server asks without end", List.of(KEYBOARD_INTERACTIVE));
        }
        if (prompts == 0) {
            return new Step.Send(
                    SshConstants.SSH_MSG_USERAUTH_INFO_RESPONSE, Integer.BYTES, buffer -> buffer.putInt(0));
        }
        if (prompts == 1 && !passwordGiven) {
            message.getString(); // what a person would read
            boolean echo = message.getBoolean();
            if (!echo) {
                passwordGiven = true;
                byte[] password = password();
                return new Step.Send(
                        SshConstants.SSH_MSG_USERAUTH_INFO_RESPONSE,
                        password.length + REQUEST_OVERHEAD_BYTES,
                        buffer -> {
                            buffer.putInt(1);
                            buffer.putBytes(password);
                            Arrays.fill(password, (byte) 0);
                        });
            }
        }
        return failed("the server asks more than one hidden question", List.of(KEYBOARD_INTERACTIVE));
    }

    private Step accepted(Buffer message) {
        message.getString(); // algorithm: some servers repeat the key's type here instead of what was asked
        byte[] blob = message.getBytes();
        if (!Arrays.equals(blob, probes.get(answers.size()).blob())) {
            return broken("an answer about another key than the one asked about");
        }
        answers.add(ProbeAnswer.ACCEPTED);
        return next();
    }

    private Step refused(Question question, List<String> methods, boolean partial) {
        return switch (question) {
            case PROBE -> {
                if (!methods.contains(PUBLIC_KEY)) {
                    yield new Step.Failed(() -> new TransportException(
                            target,
                            Phase.AUTHENTICATION,
                            false,
                            "the server takes no public keys, so it cannot be asked about them; it offers " + methods,
                            null));
                }
                answers.add(ProbeAnswer.REFUSED);
                yield next();
            }
            case NONE -> sendPassword(methods);
            case PASSWORD -> {
                // Some servers list "password" and mean only the other method by it.
                yield partial ? moreWanted(methods) : failed("refused " + described(), methods);
            }
            case KEY, INTERACTIVE -> partial ? moreWanted(methods) : failed("refused " + described(), methods);
        };
    }

    private Step letIn(Question question) {
        outstanding = null;
        if (question == Question.PROBE) {
            return broken("a log-in without a signature: its answers about keys prove nothing");
        }
        // NONE: the server wants no password from this user; the log-in stands.
        return new Step.LoggedIn();
    }

    private Step moreWanted(List<String> methods) {
        return failed("took " + described() + " and wants another method as well", methods);
    }

    private String described() {
        return logIn instanceof LogIn.Key key
                ? "the key " + key.pair().publicKey().fingerprint()
                : "the password";
    }

    private byte[] password() {
        return ((LogIn.Password) java.util.Objects.requireNonNull(logIn))
                .password()
                .toByteArray();
    }

    private Step request(Question question, String method, int sizeBytes, Consumer<Buffer> rest) {
        outstanding = question;
        requests++;
        return new Step.Send(
                SshConstants.SSH_MSG_USERAUTH_REQUEST,
                target.user().length() * 4 + sizeBytes + REQUEST_OVERHEAD_BYTES,
                buffer -> {
                    buffer.putString(target.user());
                    buffer.putString(SERVICE);
                    buffer.putString(method);
                    rest.accept(buffer);
                });
    }

    private Step failed(String problem, List<String> methods) {
        List<String> left = methods.stream().filter(method -> !method.isEmpty()).toList();
        return new Step.Failed(() -> new AuthenticationRefusedException(target, problem, left, null));
    }

    private Step broken(String problem) {
        return new Step.Failed(() -> new TransportException(
                target, Phase.AUTHENTICATION, false, "the server broke the protocol: " + problem, null));
    }
}
