package io.keywright.transport.internal;

import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.RsaPublicKey;
import io.keywright.SignatureAlgorithm;
import io.keywright.SshPublicKey;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import io.keywright.transport.AgentException;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.InteractiveResponder;
import io.keywright.transport.KeySigner;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportInterruptedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The client's half of user authentication (RFC 4252): first asks about each probe key without a signature, then logs in,
 * with one request outstanding at any time.
 *
 * <pre>
 * probe:    byte 50, string user, string "ssh-connection", string "publickey", FALSE, string algorithm, string blob
 * log-in:   the same with TRUE, then string signature over (string session id, everything before it)
 * answers:  51 FAILURE (name-list that can continue, boolean partial), 52 SUCCESS, 60 PK_OK (algorithm, blob)
 * prompts:  60 INFO_REQUEST (name, instruction, language, uint32 count, count times: text, boolean echo),
 *           61 INFO_RESPONSE (uint32 count, count times: answer)                                  (RFC 4256)
 * </pre>
 *
 * <p>A log-in with one key sends its signature at once: asking first would cost a round trip and tell nothing more. Of an
 * agent's keys, only one that the server said yes to signs. A log-in with a password asks {@code none} first, which servers
 * do not count, to learn which methods there are.
 *
 * <p>Knows nothing of networks: it is told what came and says what to do next. Driven by one thread at a time.
 */
public final class AuthenticationDialogue {
    /** The service that is logged in to. */
    public static final String SERVICE = "ssh-connection";

    /** SSH_MSG_USERAUTH_REQUEST, the first number of user authentication. */
    public static final int REQUEST = 50;
    /** SSH_MSG_USERAUTH_FAILURE. */
    public static final int FAILURE = 51;
    /** SSH_MSG_USERAUTH_SUCCESS. */
    public static final int SUCCESS = 52;
    /** SSH_MSG_USERAUTH_BANNER; not an answer, and not for the dialogue. */
    public static final int BANNER = 53;
    /** SSH_MSG_USERAUTH_PK_OK, also PASSWD_CHANGEREQ and INFO_REQUEST: the method that was asked for decides. */
    public static final int QUESTION_BACK = 60;
    /** SSH_MSG_USERAUTH_INFO_RESPONSE. */
    public static final int INFO_RESPONSE = 61;

    private static final String PUBLIC_KEY = "publickey";
    private static final String PASSWORD = "password";
    private static final String KEYBOARD_INTERACTIVE = "keyboard-interactive";
    // A server that keeps asking empty questions must not keep us for ever; PAM stacks ask a handful.
    private static final int MAX_INTERACTIVE_ROUNDS = 16;
    // What a person can be expected to answer at once.
    private static final int MAX_PROMPTS = 32;

    /** What to do next. */
    public sealed interface Step {
        /** Send a message. */
        final class Send implements Step {
            private final int command;
            private final byte[] body;

            private Send(int command, byte[] body) {
                this.command = command;
                this.body = body;
            }

            /** Returns the message number. */
            public int command() {
                return command;
            }

            /** Returns the length of the body, in bytes. */
            public int sizeBytes() {
                return body.length;
            }

            /** Hands the body, which may hold a password, to whoever puts it into a packet, and wipes it. Works once. */
            public void write(Consumer<byte[]> packet) {
                packet.accept(body);
                Arrays.fill(body, (byte) 0);
            }
        }

        /** Do this work, which may wait for an agent or a person, on the thread that opens the connection; take its step. */
        record Later(Supplier<Step> work) implements Step {}

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
        /** About a key of an agent, without a signature. */
        CANDIDATE,
        KEY,
        PASSWORD,
        INTERACTIVE
    }

    private final SshTarget target;
    private final List<SshPublicKey> probes;
    private final @Nullable LogIn logIn;
    private final List<ProbeAnswer> answers = new ArrayList<>();
    private final Deque<KeySigner> candidates = new ArrayDeque<>();
    private byte[] sessionId = new byte[0];
    private @Nullable Collection<String> serverAlgorithms;
    private @Nullable Question outstanding;
    private @Nullable KeySigner candidate;
    private int keysOfAgent;
    private int requests;
    private boolean passwordGiven;
    private int interactiveRounds;

    /**
     * Prepares a dialogue.
     *
     * @param target whom to log in to
     * @param probes keys to ask about first
     * @param logIn how to log in, or null to ask only
     */
    public AuthenticationDialogue(SshTarget target, List<SshPublicKey> probes, @Nullable LogIn logIn) {
        this.target = target;
        this.probes = List.copyOf(probes);
        this.logIn = logIn;
    }

    /** RSA has two signature algorithms, so its first request must wait until the server has said which it takes. */
    public boolean dependsOnServerAlgorithms() {
        return probes.stream().anyMatch(RsaPublicKey.class::isInstance)
                || (logIn instanceof LogIn.Key key && key.pair().publicKey() instanceof RsaPublicKey)
                || (logIn instanceof LogIn.Signer key && key.signer().publicKey() instanceof RsaPublicKey)
                || logIn instanceof LogIn.Agent;
    }

    /** Returns the answers so far, one a probe, in their order. */
    public synchronized List<ProbeAnswer> answers() {
        return List.copyOf(answers);
    }

    /**
     * Begins.
     *
     * @param exchangeHash the session id (RFC 4253, section 7.2)
     * @param algorithms the server's {@code server-sig-algs} (RFC 8308), or null when it sent none
     */
    public synchronized Step start(byte[] exchangeHash, @Nullable Collection<String> algorithms) {
        sessionId = exchangeHash.clone();
        serverAlgorithms = algorithms;
        return next();
    }

    /**
     * Takes a message of the server and says what to do next.
     *
     * @param command its number
     * @param message what comes after the number
     */
    public synchronized Step receive(int command, byte[] message) {
        Question question = outstanding;
        if (question == null) {
            return broken("an answer to no question (message " + command + ")");
        }
        WireReader reader = new WireReader("message " + command, message);
        try {
            return switch (command) {
                case FAILURE -> {
                    List<String> methods = Arrays.asList(text(reader, "methods").split(",", -1));
                    yield refused(question, methods, reader.readByte("partial success") != 0);
                }
                case SUCCESS -> letIn(question);
                case QUESTION_BACK -> // also PASSWD_CHANGEREQ and INFO_REQUEST
                    switch (question) {
                        case PROBE, CANDIDATE -> accepted(question, reader);
                        case PASSWORD ->
                            failed("the password has expired, and the server wants a new one", List.of(PASSWORD));
                        case INTERACTIVE -> answerPrompts(reader);
                        case NONE, KEY -> broken("a question where yes or no was expected");
                    };
                default -> broken("message " + command + " during authentication");
            };
        } catch (MalformedKeyException e) {
            return broken(String.valueOf(e.getMessage()));
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
    public synchronized Step tooManyAttempts(String said, boolean answersFirst) {
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
            return ask(Question.PROBE, probes.get(answers.size()));
        } else if (logIn instanceof LogIn.Key key) {
            return sign(KeySigner.of(key.pair()));
        } else if (logIn instanceof LogIn.Signer key) {
            return new Step.Later(() -> sign(key.signer()));
        } else if (logIn instanceof LogIn.Agent holder) {
            return new Step.Later(() -> askFirst(holder));
        } else if (logIn instanceof LogIn.Password) {
            return request(Question.NONE, "none", writer -> {});
        } else if (logIn instanceof LogIn.Prompts) {
            return startInteractive();
        }
        return new Step.AllAsked();
    }

    // --- keys ---

    private Step ask(Question question, SshPublicKey key) {
        return request(
                question,
                PUBLIC_KEY,
                writer ->
                        writer.writeByte(0).writeString(signatureAlgorithm(key)).writeString(key.blob()));
    }

    private Step askFirst(LogIn.Agent holder) {
        List<KeySigner> keys;
        try {
            keys = holder.agent().keys();
        } catch (AgentException e) {
            return agentFailed(e);
        }
        synchronized (this) {
            keys.stream().limit(LogIn.Agent.MAX_KEYS_ASKED).forEach(candidates::add);
            keysOfAgent = keys.size();
            return askNext(List.of(PUBLIC_KEY));
        }
    }

    /** Asks about the agent's next key. */
    private Step askNext(List<String> methods) {
        candidate = candidates.poll();
        if (candidate != null) {
            return ask(Question.CANDIDATE, candidate.publicKey());
        } else if (keysOfAgent == 0) {
            return failed("the agent holds no key", methods);
        } else if (keysOfAgent <= LogIn.Agent.MAX_KEYS_ASKED) {
            return failed("refused every key of the agent", methods);
        }
        return failed(
                "refused the agent's first " + LogIn.Agent.MAX_KEYS_ASKED + " keys, and was not asked about the other "
                        + (keysOfAgent - LogIn.Agent.MAX_KEYS_ASKED) + ": log in with one of them by name",
                methods);
    }

    /** Signs, without a lock: a signer may wait for a person. */
    private Step sign(KeySigner signer) {
        byte[] blob = signer.publicKey().blob();
        String algorithm = signatureAlgorithm(signer.publicKey());
        byte[] signature;
        try (WireWriter signed = new WireWriter()) {
            signed.writeString(sessionId)
                    .writeByte(REQUEST)
                    .writeString(target.user())
                    .writeString(SERVICE)
                    .writeString(PUBLIC_KEY)
                    .writeByte(1)
                    .writeString(algorithm)
                    .writeString(blob);
            signature = signer.sign(signed.toByteArray(), algorithm);
        } catch (AgentException e) {
            return agentFailed(e);
        } catch (RuntimeException e) {
            // A key that was closed too early, or that does not sign: the caller's own doing, told as it is.
            return new Step.Failed(() -> e);
        }
        synchronized (this) {
            candidate = signer;
            return request(
                    Question.KEY,
                    PUBLIC_KEY,
                    writer -> writer.writeByte(1)
                            .writeString(algorithm)
                            .writeString(blob)
                            .writeString(signature));
        }
    }

    private Step agentFailed(AgentException e) {
        String problem = String.valueOf(e.getMessage());
        if (Thread.currentThread().isInterrupted()) {
            return new Step.Failed(() -> new TransportInterruptedException(target, Phase.AUTHENTICATION, problem, e));
        }
        return new Step.Failed(() -> new TransportException(target, Phase.AUTHENTICATION, false, problem, e));
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

    private Step accepted(Question question, WireReader message) {
        message.readString("algorithm"); // some servers repeat the key's type here instead of what was asked
        byte[] blob = message.readString("key");
        SshPublicKey asked = question == Question.PROBE
                ? probes.get(answers.size())
                : Objects.requireNonNull(candidate, "a candidate was asked about")
                        .publicKey();
        if (!Arrays.equals(blob, asked.blob())) {
            return broken("an answer about another key than the one asked about");
        }
        if (question == Question.CANDIDATE) {
            outstanding = null;
            KeySigner chosen = Objects.requireNonNull(candidate);
            return new Step.Later(() -> sign(chosen));
        }
        answers.add(ProbeAnswer.ACCEPTED);
        return next();
    }

    // --- passwords and prompts ---

    private Step sendPassword(List<String> methods) {
        if (methods.contains(PASSWORD)) {
            return request(Question.PASSWORD, PASSWORD, writer -> {
                writer.writeByte(0);
                writeSecret(writer, password());
            });
        } else if (methods.contains(KEYBOARD_INTERACTIVE)) {
            return startInteractive();
        }
        return failed("the server takes no password", methods);
    }

    private Step startInteractive() {
        return request(
                Question.INTERACTIVE,
                KEYBOARD_INTERACTIVE,
                writer -> writer.writeString("") // language, deprecated
                        .writeString("")); // submethods: the server chooses
    }

    private Step answerPrompts(WireReader message) {
        if (++interactiveRounds > MAX_INTERACTIVE_ROUNDS) {
            return failed("the server asks without end", List.of(KEYBOARD_INTERACTIVE));
        }
        String name = shown(text(message, "name"));
        String instruction = shown(text(message, "instruction"));
        message.readString("language");
        long count = message.readUint32("number of prompts");
        if (count > MAX_PROMPTS) {
            return failed("the server asks " + count + " questions at once", List.of(KEYBOARD_INTERACTIVE));
        }
        List<InteractiveResponder.Prompt> prompts = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            String text = shown(text(message, "prompt"));
            prompts.add(new InteractiveResponder.Prompt(text, message.readByte("echo") != 0));
        }
        if (logIn instanceof LogIn.Prompts asked) {
            InteractiveResponder.Challenge challenge = new InteractiveResponder.Challenge(name, instruction, prompts);
            return new Step.Later(() -> answer(asked.responder(), challenge));
        }
        return answerWithPassword(prompts);
    }

    private Step answer(InteractiveResponder responder, InteractiveResponder.Challenge challenge) {
        List<Passphrase> given = List.of();
        try {
            given = Objects.requireNonNull(responder.answer(challenge), "no answers were given, not even none");
            if (given.size() != challenge.prompts().size()) {
                throw new IllegalStateException(
                        challenge.prompts().size() + " questions were answered with " + given.size() + " answers");
            }
            return respond(given);
        } catch (RuntimeException e) {
            return new Step.Failed(() -> e); // the caller's own, told as it is
        } finally {
            given.stream().filter(Objects::nonNull).forEach(Passphrase::close);
        }
    }

    /** Answers the one hidden prompt with the password, none with nothing, and others not at all. */
    private Step answerWithPassword(List<InteractiveResponder.Prompt> prompts) {
        if (prompts.isEmpty()) {
            return respond(List.of());
        } else if (prompts.size() == 1 && !passwordGiven && !prompts.get(0).echo()) {
            passwordGiven = true;
            return respond(List.of(password()));
        }
        return failed("the server asks more than one hidden question", List.of(KEYBOARD_INTERACTIVE));
    }

    private static Step.Send respond(List<Passphrase> given) {
        try (WireWriter writer = new WireWriter()) {
            writer.writeUint32(given.size());
            given.forEach(answer -> writeSecret(writer, answer));
            return new Step.Send(INFO_RESPONSE, writer.toByteArray());
        }
    }

    private static void writeSecret(WireWriter writer, Passphrase secret) {
        byte[] bytes = secret.toByteArray();
        writer.writeString(bytes);
        Arrays.fill(bytes, (byte) 0);
    }

    private Passphrase password() {
        return ((LogIn.Password) Objects.requireNonNull(logIn)).password();
    }

    private static String text(WireReader message, String field) {
        return new String(message.readString(field), StandardCharsets.UTF_8);
    }

    /** Makes a server's text fit to be shown: a control character could rewrite a terminal. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? '?' : c)
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }

    // --- ends ---

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
            case CANDIDATE -> askNext(methods);
            // Some servers list "password" and mean only the other method by it.
            case KEY, PASSWORD, INTERACTIVE ->
                partial ? moreWanted(methods) : failed("refused " + described(), methods);
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
        if (candidate != null) {
            return "the key " + candidate.publicKey().fingerprint();
        }
        return logIn instanceof LogIn.Prompts ? "the answers" : "the password";
    }

    private Step request(Question question, String method, Consumer<WireWriter> rest) {
        outstanding = question;
        requests++;
        try (WireWriter writer = new WireWriter()) {
            writer.writeString(target.user()).writeString(SERVICE).writeString(method);
            rest.accept(writer);
            return new Step.Send(REQUEST, writer.toByteArray());
        }
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
