package io.keywright.testkit.transport;

import io.keywright.Passphrase;
import io.keywright.SshPublicKey;
import java.nio.file.Path;
import java.util.List;

/** A server that a transport is tested against; it runs on this machine, and commands are run by a POSIX shell. */
public interface ContractServer extends AutoCloseable {

    /**
     * Returns where to connect.
     *
     * @return the address literal
     */
    String host();

    /**
     * Returns the port.
     *
     * @return TCP port
     */
    int port();

    /**
     * Returns the host keys.
     *
     * @return the public halves, in the order of {@link ServerOptions#hostKeyTypes()}
     */
    List<SshPublicKey> hostKeys();

    /**
     * Adds an account that nobody can log in to yet.
     *
     * @return the account
     */
    Account addAccount();

    /**
     * Returns how many clients it lets log in at the same time.
     *
     * @return 8 unless the server allows less
     */
    default int logInsAtOnce() {
        return 8;
    }

    /** Ends the server and everything of its accounts. */
    @Override
    void close();

    /** An account of the server. */
    interface Account {

        /**
         * Returns the name to log in with.
         *
         * @return the user name
         */
        String name();

        /**
         * Returns the directory, on this machine, that relative paths of SFTP start at.
         *
         * @return an absolute path
         */
        Path home();

        /**
         * Accepts these keys, and no others.
         *
         * @param keys public halves
         */
        void authorize(List<SshPublicKey> keys);

        /**
         * Accepts this password.
         *
         * @param password printable, without line ends
         */
        void setPassword(Passphrase password);
    }
}
