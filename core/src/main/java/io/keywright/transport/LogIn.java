package io.keywright.transport;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.util.Objects;

/**
 * How to log in: a closed choice that may grow.
 *
 * <p>A log-in refers to the caller's secret and does not own it: the caller closes the key pair or password, once no
 * connection is being opened with it any more.
 */
public sealed interface LogIn {

    /**
     * Logs in with a key pair (RFC 4252, section 7).
     *
     * @param pair the key pair
     * @return the log-in
     */
    static LogIn withKey(SshKeyPair pair) {
        return new Key(pair);
    }

    /**
     * Logs in with a password (RFC 4252, section 8), or by answering a keyboard-interactive request that asks one hidden
     * question (RFC 4256) where the server offers only that.
     *
     * @param password the password
     * @return the log-in
     */
    static LogIn withPassword(Passphrase password) {
        return new Password(password);
    }

    /**
     * Logs in with a private key that signs elsewhere (RFC 4252, section 7).
     *
     * @param signer the key
     * @return the log-in
     */
    static LogIn withSigner(KeySigner signer) {
        return new Signer(signer);
    }

    /**
     * Logs in with whichever key of an agent the server accepts: it is asked about {@link Agent#MAX_KEYS_ASKED} of them
     * at most, in the agent's order, since each refusal counts as a failed attempt. Where the agent holds more, name the
     * key: {@code withSigner(agent.key(publicKey))}.
     *
     * @param agent the agent
     * @return the log-in
     */
    static LogIn withAgent(SshAgent agent) {
        return new Agent(agent);
    }

    /**
     * Logs in by answering whatever the server asks (RFC 4256).
     *
     * @param responder answers the questions
     * @return the log-in
     */
    static LogIn withPrompts(InteractiveResponder responder) {
        return new Prompts(responder);
    }

    /** Log-in with a key pair. */
    final class Key implements LogIn {
        private final SshKeyPair pair;

        private Key(SshKeyPair pair) {
            this.pair = Objects.requireNonNull(pair, "pair");
        }

        /**
         * Returns the key pair.
         *
         * @return the caller's key pair
         */
        public SshKeyPair pair() {
            return pair;
        }

        /** Says the fingerprint only. */
        @Override
        public String toString() {
            return "LogIn.Key[" + pair.publicKey().fingerprint() + "]";
        }
    }

    /** Log-in with a password. */
    final class Password implements LogIn {
        private final Passphrase password;

        private Password(Passphrase password) {
            this.password = Objects.requireNonNull(password, "password");
        }

        /**
         * Returns the password.
         *
         * @return the caller's password
         */
        public Passphrase password() {
            return password;
        }

        /** Says nothing about the password. */
        @Override
        public String toString() {
            return "LogIn.Password[redacted]";
        }
    }

    /** Log-in with a private key that signs elsewhere. */
    final class Signer implements LogIn {
        private final KeySigner signer;

        private Signer(KeySigner signer) {
            this.signer = Objects.requireNonNull(signer, "signer");
        }

        /**
         * Returns the key.
         *
         * @return the caller's signer
         */
        public KeySigner signer() {
            return signer;
        }

        /** Says the fingerprint only. */
        @Override
        public String toString() {
            return "LogIn.Signer[" + signer.publicKey().fingerprint() + "]";
        }
    }

    /** Log-in with a key of an agent. */
    final class Agent implements LogIn {
        /** One less than OpenSSH's default {@code MaxAuthTries}, so that the log-in itself is not the attempt too many. */
        public static final int MAX_KEYS_ASKED = 5;

        private final SshAgent agent;

        private Agent(SshAgent agent) {
            this.agent = Objects.requireNonNull(agent, "agent");
        }

        /**
         * Returns the agent.
         *
         * @return the agent
         */
        public SshAgent agent() {
            return agent;
        }

        /** Says the agent. */
        @Override
        public String toString() {
            return "LogIn.Agent[" + agent + "]";
        }
    }

    /** Log-in by answering questions. */
    final class Prompts implements LogIn {
        private final InteractiveResponder responder;

        private Prompts(InteractiveResponder responder) {
            this.responder = Objects.requireNonNull(responder, "responder");
        }

        /**
         * Returns who answers.
         *
         * @return the caller's responder
         */
        public InteractiveResponder responder() {
            return responder;
        }

        /** Says nothing about the answers. */
        @Override
        public String toString() {
            return "LogIn.Prompts";
        }
    }
}
