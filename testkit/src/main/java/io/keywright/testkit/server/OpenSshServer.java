package io.keywright.testkit.server;

import io.keywright.SshPublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real OpenSSH {@code sshd}, with its own configuration, host keys and port on 127.0.0.1, for one test.
 *
 * <p>Started as root, it makes throw-away accounts of the operating system and removes them at the end. Started by anybody
 * else, its one account is the user's own, and keys are read from a file beside the user's {@code authorized_keys}. Modes
 * are checked strictly, as servers do. Everything ends with {@link #close()}, and in any case with the JVM.
 *
 * <p>Thread-safe, except for {@link #addAccount()}.
 */
public final class OpenSshServer implements AutoCloseable {
    private static final Pattern OPENSSH_VERSION = Pattern.compile("OpenSSH_([0-9]+)\\.([0-9]+)");

    private final ServerProcess process;
    private final List<SshPublicKey> hostKeys;
    private final @Nullable Path ownKeys;
    private boolean ownAccountAdded;

    private OpenSshServer(ServerProcess process, List<SshPublicKey> hostKeys, @Nullable Path ownKeys) {
        this.process = process;
        this.hostKeys = hostKeys;
        this.ownKeys = ownKeys;
    }

    /**
     * Begins to describe a server.
     *
     * @return a builder with defaults: an Ed25519 host key, public key authentication only, the SFTP server within sshd
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts a server with the defaults of {@link #builder()}.
     *
     * @return a server that accepts connections
     * @throws IllegalStateException when {@code sshd} is not installed or does not start
     */
    public static OpenSshServer start() {
        return builder().start();
    }

    /**
     * Tells whether tests run as root, and so have throw-away accounts and passwords.
     *
     * @return true for root
     */
    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Where SFTP comes from. */
    public enum Sftp {
        /** {@code Subsystem sftp internal-sftp}. */
        INTERNAL,
        /** The program {@code sftp-server}. */
        EXTERNAL,
        /** No such subsystem. */
        NONE
    }

    /** Describes a server. Not thread-safe. */
    public static final class Builder {
        private final List<String> lines = new ArrayList<>();
        private List<String> hostKeyTypes = List.of("ed25519");
        private Sftp sftp = Sftp.INTERNAL;
        private boolean passwords;

        private Builder() {}

        /**
         * Adds a line to {@code sshd_config}, in front of the defaults, so that it wins.
         *
         * @param line e.g. {@code "MaxAuthTries 1"}
         * @return this builder
         */
        public Builder withConfigLine(String line) {
            lines.add(line);
            return this;
        }

        /**
         * Chooses the host keys.
         *
         * @param types names as {@code ssh-keygen -t} takes them: {@code ed25519}, {@code ecdsa}, {@code rsa}
         * @return this builder
         */
        public Builder withHostKeys(String... types) {
            hostKeyTypes = List.of(types);
            return this;
        }

        /**
         * Chooses where SFTP comes from.
         *
         * @param source within sshd by default
         * @return this builder
         */
        public Builder withSftp(Sftp source) {
            sftp = source;
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
         * Starts the server.
         *
         * @return a server that accepts connections
         * @throws IllegalStateException when {@code sshd} is not installed or does not start
         */
        public OpenSshServer start() {
            Path sshd = Tools.find("sshd", "openssh-server");
            Tools.find("ssh-keygen", "openssh-client");
            ServerProcess process = ServerProcess.prepare("sshd");
            Path ownKeys = isRoot() ? null : ownKeys(process);
            if (ownKeys == null) {
                makePrivilegeSeparationDirectory();
            }
            List<SshPublicKey> keys = hostKeyTypes.stream()
                    .map(type -> hostKey(type, hostKeyFile(process, type)))
                    .toList();
            process.start("Server listening on", "Address already in use", port -> {
                Path config = process.secrets().resolve("sshd_config");
                write(config, config(process, ownKeys, port));
                return List.of(sshd.toString(), "-D", "-e", "-f", config.toString());
            });
            return new OpenSshServer(process, keys, ownKeys);
        }

        /** Where a service's start would have made it; sshd refuses to start without. */
        private static void makePrivilegeSeparationDirectory() {
            try {
                Files.createDirectories(Path.of("/run/sshd"));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot make sshd's directory", e);
            }
        }

        /** A place for keys that the checks of modes and owners let pass, away from the user's own file. */
        private static Path ownKeys(ServerProcess process) {
            try {
                Path directory = Files.createTempDirectory(Path.of(System.getProperty("user.home")), ".keywright-test");
                process.deleteAtTheEnd(directory);
                return directory.resolve("authorized_keys");
            } catch (IOException e) {
                throw new UncheckedIOException("cannot prepare a place for keys", e);
            }
        }

        private static Path hostKeyFile(ServerProcess process, String type) {
            return process.secrets().resolve("host_" + type);
        }

        private static SshPublicKey hostKey(String type, Path file) {
            Tools.run(new byte[0], List.of("ssh-keygen", "-q", "-t", type, "-N", "", "-C", "", "-f", file.toString()));
            try {
                return SshPublicKey.parseLine(Files.readAllBytes(Path.of(file + ".pub")));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read a host key", e);
            }
        }

        private static void write(Path file, String text) {
            try {
                Files.writeString(file, text, StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write the server's settings", e);
            }
        }

        private String config(ServerProcess process, @Nullable Path ownKeys, int port) {
            List<String> config = new ArrayList<>(lines);
            config.add("ListenAddress 127.0.0.1");
            config.add("Port " + port);
            hostKeyTypes.forEach(type -> config.add("HostKey " + hostKeyFile(process, type)));
            if (ownKeys != null) {
                config.add("AuthorizedKeysFile " + ownKeys);
            }
            config.add("PidFile none");
            config.add("LogLevel DEBUG3");
            config.add("StrictModes yes");
            config.add("UsePAM no");
            config.add("UseDNS no");
            config.add("PrintMotd no");
            config.add("PrintLastLog no");
            config.add("PasswordAuthentication " + (passwords ? "yes" : "no"));
            config.add("KbdInteractiveAuthentication no");
            // Tests connect more often, and fail more often, than a friend would.
            config.add("MaxStartups 1000");
            if (hasPenalties()) {
                config.add("PerSourcePenalties no");
            }
            switch (sftp) {
                case INTERNAL -> config.add("Subsystem sftp internal-sftp");
                case EXTERNAL -> config.add("Subsystem sftp " + externalSftp());
                case NONE -> {}
            }
            return String.join("\n", config) + "\n";
        }

        private static Path externalSftp() {
            return Stream.of("/usr/lib/openssh", "/usr/libexec/openssh", "/usr/lib/ssh", "/usr/libexec")
                    .map(directory -> Path.of(directory, "sftp-server"))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "this test needs sftp-server: install the package openssh-sftp-server"));
        }

        /** OpenSSH 9.8 punishes addresses that fail; older ones do not know the word. */
        private static boolean hasPenalties() {
            String banner = Tools.run(new byte[0], List.of("ssh", "-V"));
            Matcher version = OPENSSH_VERSION.matcher(banner);
            if (!version.find()) {
                throw new IllegalStateException("not OpenSSH: " + banner);
            }
            int major = Integer.parseInt(version.group(1));
            return major > 9 || (major == 9 && Integer.parseInt(version.group(2)) >= 8);
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
     * Returns the server's lines for a {@code known_hosts} file.
     *
     * @return a line a host key, each with its line end
     */
    public String knownHosts() {
        StringBuilder lines = new StringBuilder();
        hostKeys.forEach(key -> lines.append("[127.0.0.1]:")
                .append(port())
                .append(' ')
                .append(key.toLine())
                .append('\n'));
        return lines.toString();
    }

    /**
     * Adds an account: a throw-away one for root, else, and only once, the one that runs the test.
     *
     * @return an account without keys and with an unusable password
     */
    public ServerAccount addAccount() {
        if (ownKeys == null) {
            return process.addAccount();
        } else if (ownAccountAdded) {
            throw new IllegalStateException("only root has more than one account: run the tests as root");
        }
        ownAccountAdded = true;
        return ServerAccount.current(ownKeys);
    }

    /**
     * Returns what the server has logged so far, at level DEBUG3.
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

    /**
     * Returns the processes that serve a connection each.
     *
     * @return those that run now; each ends some time after its connection
     */
    public Set<ProcessHandle> sessions() {
        return process.sessions();
    }

    /** Ends the server and every session of it at once, like a machine that loses power. Accounts stay. */
    public void kill() {
        process.kill();
    }

    /** Ends the server and removes its accounts and files. Closing again does nothing. */
    @Override
    public void close() {
        process.close();
    }
}
