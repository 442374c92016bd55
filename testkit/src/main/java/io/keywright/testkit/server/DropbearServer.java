package io.keywright.testkit.server;

import io.keywright.SshPublicKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A real dropbear, with its own host keys and port on 127.0.0.1, for one test. Root only: it makes throw-away accounts.
 *
 * <p>Keys are read from {@code .ssh/authorized_keys} below the home, which is compiled in (on OpenWrt, root's are in {@code
 * /etc/dropbear/authorized_keys}). Like StrictModes, dropbear wants the home, {@code .ssh} and the file to belong to the user
 * or root, and none of them writable for group or others. SFTP is there where a separate {@code sftp-server} is installed.
 *
 * <p>Thread-safe, except for {@link #addAccount()}.
 */
public final class DropbearServer implements AutoCloseable {
    private final ServerProcess process;
    private final List<SshPublicKey> hostKeys;

    private DropbearServer(ServerProcess process, List<SshPublicKey> hostKeys) {
        this.process = process;
        this.hostKeys = hostKeys;
    }

    /**
     * Begins to describe a server.
     *
     * @return a builder with defaults: an Ed25519 host key, no passwords, ten attempts, SFTP
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts a server with the defaults of {@link #builder()}.
     *
     * @return a server that accepts connections
     * @throws IllegalStateException as {@link Builder#start()}
     */
    public static DropbearServer start() {
        return builder().start();
    }

    /** Describes a server. Not thread-safe. */
    public static final class Builder {
        private final List<String> options = new ArrayList<>();
        private List<String> hostKeyTypes = List.of("ed25519");
        private boolean passwords;

        private Builder() {}

        /**
         * Chooses the host keys.
         *
         * @param types names as {@code dropbearkey -t} takes them: {@code ed25519}, {@code ecdsa}, {@code rsa}
         * @return this builder
         */
        public Builder withHostKeys(String... types) {
            hostKeyTypes = List.of(types);
            return this;
        }

        /**
         * Allows passwords as well as keys.
         *
         * @return this builder
         */
        public Builder withPasswordAuthentication() {
            passwords = true;
            return this;
        }

        /**
         * Bounds the attempts that may fail; dropbear counts wrong passwords and signatures, not keys that it refuses.
         *
         * @param tries at least 1; at the last one it hangs up without a word
         * @return this builder
         */
        public Builder withMaxTries(int tries) {
            options.addAll(List.of("-T", Integer.toString(tries)));
            return this;
        }

        /**
         * Takes SFTP away, as on a router: what asks for {@code sftp-server} fails, and everything else is run by a shell of
         * the test's choice.
         *
         * @param shell e.g. {@code "PATH=/tools exec /tools/sh"}, to which {@code -c} and the command are added
         * @return this builder
         */
        public Builder withoutSftp(String shell) {
            options.addAll(List.of(
                    "-c",
                    "case \"$SSH_ORIGINAL_COMMAND\" in *sftp-server*) exit 127;; esac; " + shell
                            + " -c \"$SSH_ORIGINAL_COMMAND\""));
            return this;
        }

        /**
         * Starts the server.
         *
         * @return a server that accepts connections
         * @throws IllegalStateException when dropbear is not installed or does not start, or the test does not run as root
         */
        public DropbearServer start() {
            if (!OpenSshServer.isRoot()) {
                throw new IllegalStateException("dropbear's tests make accounts: run them as root");
            }
            Path dropbear = Tools.find("dropbear", "dropbear-bin");
            Path generator = Tools.find("dropbearkey", "dropbear-bin");
            ServerProcess process = ServerProcess.prepare("dropbear");
            List<SshPublicKey> hostKeys = hostKeyTypes.stream()
                    .map(type -> hostKey(generator, type, file(process, type)))
                    .toList();
            process.start("Not backgrounding", "Failed listening", port -> command(dropbear, process, port));
            return new DropbearServer(process, hostKeys);
        }

        private static String file(ServerProcess process, String type) {
            return process.secrets().resolve("host_" + type).toString();
        }

        private static SshPublicKey hostKey(Path generator, String type, String file) {
            String printed = Tools.run(new byte[0], List.of(generator.toString(), "-t", type, "-f", file));
            return printed.lines()
                    .filter(line -> line.startsWith("ssh-") || line.startsWith("ecdsa-"))
                    .findFirst()
                    .map(SshPublicKey::parseLine)
                    .orElseThrow(() -> new IllegalStateException("dropbearkey printed no public key: " + printed));
        }

        private List<String> command(Path dropbear, ServerProcess process, int port) {
            List<String> command = new ArrayList<>(List.of(dropbear.toString(), "-F", "-E", "-m"));
            hostKeyTypes.forEach(type -> command.addAll(List.of("-r", file(process, type))));
            command.addAll(List.of("-p", "127.0.0.1:" + port));
            command.addAll(List.of("-P", process.secrets().resolve("pid").toString()));
            if (!passwords) {
                command.add("-s");
            }
            command.addAll(options);
            return command;
        }
    }

    /**
     * Returns where to connect.
     *
     * @return the address literal
     */
    public String host() {
        return "127.0.0.1";
    }

    /**
     * Returns the port.
     *
     * @return TCP port
     */
    public int port() {
        return process.port();
    }

    /**
     * Returns the host keys.
     *
     * @return the public halves, in the order of the builder's types
     */
    public List<SshPublicKey> hostKeys() {
        return hostKeys;
    }

    /**
     * Adds a throw-away account.
     *
     * @return an account without keys and with an unusable password
     */
    public ServerAccount addAccount() {
        return process.addAccount();
    }

    /**
     * Returns what the server has logged so far.
     *
     * @return the text
     */
    public String log() {
        return process.log();
    }

    /**
     * Waits until the log is as asked: the server writes a line after the client has had its answer.
     *
     * @param asked tells by the whole text so far
     * @return the text
     * @throws IllegalStateException when it is not so within 30 seconds, or the server has ended
     */
    public String awaitLog(Predicate<String> asked) {
        return process.awaitLog(asked);
    }

    /** Ends the server and removes its accounts and files. Closing again does nothing. */
    @Override
    public void close() {
        process.close();
    }

    /** Says where it listens. */
    @Override
    public String toString() {
        return "DropbearServer[127.0.0.1:" + port() + "]";
    }
}
