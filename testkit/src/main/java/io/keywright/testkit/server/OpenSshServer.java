package io.keywright.testkit.server;

import io.keywright.SshPublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    // A free port may be taken by somebody else before sshd has it.
    private static final int START_ATTEMPTS = 5;
    private static final Pattern OPENSSH_VERSION = Pattern.compile("OpenSSH_([0-9]+)\\.([0-9]+)");
    private static final SecureRandom NAMES = new SecureRandom();

    private final Path directory;
    private final @Nullable Path ownKeysDirectory;
    private final List<SshPublicKey> hostKeys;
    private final List<ServerAccount> accounts = new ArrayList<>();
    private final Thread atExit = new Thread(this::cleanUp, "openssh-server-clean-up");
    private @Nullable Process process;
    private ServerLog log = new ServerLog();
    private int port;
    private boolean closed;

    private OpenSshServer(Path directory, @Nullable Path ownKeysDirectory, List<SshPublicKey> hostKeys) {
        this.directory = directory;
        this.ownKeysDirectory = ownKeysDirectory;
        this.hostKeys = hostKeys;
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
            OpenSshServer server = prepare();
            Runtime.getRuntime().addShutdownHook(server.atExit);
            try {
                server.launch(sshd, this);
            } catch (RuntimeException e) {
                server.close();
                throw e;
            }
            return server;
        }

        private OpenSshServer prepare() {
            try {
                if (isRoot()) {
                    // Where a service's start would have made it; sshd refuses to start without.
                    Files.createDirectories(Path.of("/run/sshd"));
                }
                Path directory = Files.createTempDirectory("keywright-sshd");
                // Homes are in it, which their accounts must be able to reach.
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
                Path ownKeys = isRoot()
                        ? null
                        : Files.createTempDirectory(Path.of(System.getProperty("user.home")), ".keywright-test");
                List<SshPublicKey> keys = new ArrayList<>();
                Path secrets = Files.createDirectory(directory.resolve("etc"), ServerAccount.mode(0700));
                for (String type : hostKeyTypes) {
                    Path file = secrets.resolve("host_" + type);
                    Tools.run(
                            new byte[0],
                            List.of("ssh-keygen", "-q", "-t", type, "-N", "", "-C", "", "-f", file.toString()));
                    keys.add(SshPublicKey.parseLine(Files.readAllBytes(Path.of(file + ".pub"))));
                }
                return new OpenSshServer(directory, ownKeys, List.copyOf(keys));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot prepare a server", e);
            }
        }

        private String config(OpenSshServer server, int port) {
            List<String> config = new ArrayList<>(lines);
            config.add("ListenAddress 127.0.0.1");
            config.add("Port " + port);
            hostKeyTypes.forEach(type -> config.add("HostKey " + server.directory.resolve("etc/host_" + type)));
            if (server.ownKeysDirectory != null) {
                config.add("AuthorizedKeysFile " + server.ownKeysDirectory.resolve("authorized_keys"));
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
        return port;
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
                .append(port)
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
        ServerAccount account;
        if (ownKeysDirectory != null) {
            if (!accounts.isEmpty()) {
                throw new IllegalStateException("only root has more than one account: run the tests as root");
            }
            account = ServerAccount.current(ownKeysDirectory.resolve("authorized_keys"));
        } else {
            String name = "kw" + Integer.toUnsignedString(NAMES.nextInt(), 36).toLowerCase(Locale.ROOT);
            account = ServerAccount.create(name, directory.resolve(name));
        }
        accounts.add(account);
        return account;
    }

    /**
     * Returns what the server has logged so far, at level DEBUG3.
     *
     * @return the text
     */
    public String log() {
        return log.text();
    }

    /**
     * Waits until the log is as asked: the server writes a line after the client has had its answer.
     *
     * @param asked tells by the whole text so far
     * @return the text
     * @throws IllegalStateException when it is not so within 30 seconds, or the server has ended
     */
    public String awaitLog(Predicate<String> asked) {
        try {
            if (!log.await(asked, START_TIMEOUT)) {
                throw new IllegalStateException("sshd did not log what was expected, but:\n" + log.text());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for sshd's log", e);
        }
        return log.text();
    }

    /**
     * Returns the processes that serve a connection each.
     *
     * @return those that run now; each ends some time after its connection
     */
    public Set<ProcessHandle> sessions() {
        Process running = process;
        return running == null ? Set.of() : running.children().collect(Collectors.toUnmodifiableSet());
    }

    /** Ends the server and every session of it at once, like a machine that loses power. Accounts stay. */
    public void kill() {
        Process running = process;
        if (running == null) {
            return;
        }
        // Sessions are processes of their own, which outlive the one that listens.
        List<ProcessHandle> sessions = running.descendants().toList();
        running.destroyForcibly();
        sessions.forEach(ProcessHandle::destroyForcibly);
        try {
            running.waitFor(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the server and removes its accounts and files. Closing again does nothing. */
    @Override
    public void close() {
        cleanUp();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            return; // the JVM is going down, and the hook is what runs this
        }
    }

    private void launch(Path sshd, Builder builder) {
        for (int attempt = 1; ; attempt++) {
            port = freePort();
            Path config = directory.resolve("etc/sshd_config");
            try {
                Files.writeString(config, builder.config(this, port), StandardCharsets.UTF_8);
                process = new ProcessBuilder(sshd.toString(), "-D", "-e", "-f", config.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                process.getOutputStream().close();
                log = ServerLog.follow(process.getErrorStream(), "sshd-log-" + port);
                if (log.await(text -> text.contains("Server listening on"), START_TIMEOUT)) {
                    return;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start " + sshd, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while sshd started", e);
            }
            kill();
            if (attempt == START_ATTEMPTS || !log.text().contains("Address already in use")) {
                throw new IllegalStateException("sshd did not start:\n" + log.text());
            }
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }

    private synchronized void cleanUp() {
        if (closed) {
            return;
        }
        closed = true;
        kill();
        RuntimeException failure = null;
        for (ServerAccount account : accounts) {
            try {
                account.remove();
            } catch (RuntimeException e) {
                failure = e; // the others must go all the same
            }
        }
        delete(directory);
        if (ownKeysDirectory != null) {
            delete(ownKeysDirectory);
        }
        if (failure != null) {
            throw failure;
        }
    }

    static void delete(Path tree) {
        try {
            Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + tree, e);
        }
    }
}
