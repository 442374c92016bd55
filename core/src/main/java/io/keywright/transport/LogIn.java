package io.keywright.transport;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;

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

    /** Log-in with a key pair. */
    final class Key implements LogIn {
        private final SshKeyPair pair;

        private Key(SshKeyPair pair) {
            this.pair = java.util.Objects.requireNonNull(pair, "pair");
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
            this.password = java.util.Objects.requireNonNull(password, "password");
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
}
