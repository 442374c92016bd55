package io.keywright.testkit.server;

import io.keywright.SshPublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A real dropbear, with its own host key and port on 127.0.0.1, for one test. Root only: it makes throw-away accounts.
 *
 * <p>Keys are read from {@code .ssh/authorized_keys} below the home, which is compiled in (on OpenWrt, root's are in {@code
 * /etc/dropbear/authorized_keys}). Like StrictModes, dropbear wants the home, {@code .ssh} and the file to belong to the user
 * or root, and none of them writable for group or others. SFTP is there where a separate {@code sftp-server} is installed.
 *
 * <p>Thread-safe, except for {@link #addAccount()}.
 */
public final class DropbearServer implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    // A free port may be taken by somebody else before dropbear has it.
    private static final int START_ATTEMPTS = 5;
    private static final SecureRandom NAMES = new SecureRandom();

    private final Path directory;
    private final SshPublicKey hostKey;
    private final List<ServerAccount> accounts = new ArrayList<>();
    private final Thread atExit = new Thread(this::cleanUp, "dropbear-server-clean-up");
    private @Nullable Process process;
    private ServerLog log = new ServerLog();
    private int port;
    private boolean closed;

    private DropbearServer(Path directory, SshPublicKey hostKey) {
        this.directory = directory;
        this.hostKey = hostKey;
    }

    /**
     * Starts a server.
     *
     * @return a server that accepts connections
     * @throws IllegalStateException when dropbear is not installed or does not start, or the test does not run as root
     */
    public static DropbearServer start() {
        return start(List.of());
    }

    /**
     * Starts a server without SFTP, as on a router: what asks for {@code sftp-server} fails, and everything else is run by
     * a shell of the test's choice.
     *
     * @param shell e.g. {@code "PATH=/tools exec /tools/sh"}, to which {@code -c} and the command are added
     * @return a server that accepts connections
     * @throws IllegalStateException as {@link #start()}
     */
    public static DropbearServer startWithoutSftp(String shell) {
        String command = "case \"$SSH_ORIGINAL_COMMAND\" in *sftp-server*) exit 127;; esac; " + shell
                + " -c \"$SSH_ORIGINAL_COMMAND\"";
        return start(List.of("-c", command));
    }

    private static DropbearServer start(List<String> options) {
        if (!OpenSshServer.isRoot()) {
            throw new IllegalStateException("dropbear's tests make accounts: run them as root");
        }
        Path dropbear = Tools.find("dropbear", "dropbear-bin");
        DropbearServer server = prepare();
        Runtime.getRuntime().addShutdownHook(server.atExit);
        try {
            server.launch(dropbear, options);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private static DropbearServer prepare() {
        try {
            Path directory = Files.createTempDirectory("keywright-dropbear");
            // Homes are in it, which their accounts must be able to reach.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
            Path secrets = Files.createDirectory(directory.resolve("etc"), ServerAccount.mode(0700));
            String printed = Tools.run(
                    new byte[0],
                    List.of(
                            Tools.find("dropbearkey", "dropbear-bin").toString(),
                            "-t",
                            "ed25519",
                            "-f",
                            secrets.resolve("host_key").toString()));
            String line = printed.lines()
                    .filter(text -> text.startsWith("ssh-ed25519 "))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("dropbearkey printed no public key"));
            return new DropbearServer(directory, SshPublicKey.parseLine(line));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare a server", e);
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
     * Returns the host key.
     *
     * @return its public half
     */
    public SshPublicKey hostKey() {
        return hostKey;
    }

    /**
     * Adds a throw-away account.
     *
     * @return an account without keys and with an unusable password
     */
    public ServerAccount addAccount() {
        String name = "kw" + Integer.toUnsignedString(NAMES.nextInt(), 36).toLowerCase(Locale.ROOT);
        ServerAccount account = ServerAccount.create(name, directory.resolve(name));
        accounts.add(account);
        return account;
    }

    /**
     * Returns what the server has logged so far.
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
                throw new IllegalStateException("dropbear did not log what was expected, but:\n" + log.text());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for dropbear's log", e);
        }
        return log.text();
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

    private void launch(Path dropbear, List<String> options) {
        for (int attempt = 1; ; attempt++) {
            port = OpenSshServer.freePort();
            List<String> command = new ArrayList<>(List.of(
                    dropbear.toString(),
                    "-F",
                    "-E",
                    "-m",
                    "-s",
                    "-r",
                    directory.resolve("etc/host_key").toString(),
                    "-p",
                    "127.0.0.1:" + port,
                    "-P",
                    directory.resolve("etc/pid").toString()));
            command.addAll(options);
            try {
                process = new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                process.getOutputStream().close();
                log = ServerLog.follow(process.getErrorStream(), "dropbear-log-" + port);
                if (log.await(text -> text.contains("Not backgrounding"), START_TIMEOUT)
                        && !log.text().contains("Failed listening")) {
                    return;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start " + dropbear, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while dropbear started", e);
            }
            kill();
            if (attempt == START_ATTEMPTS || !log.text().contains("Failed listening")) {
                throw new IllegalStateException("dropbear did not start:\n" + log.text());
            }
        }
    }

    private void kill() {
        Process running = process;
        if (running == null) {
            return;
        }
        List<ProcessHandle> sessions = running.descendants().toList();
        running.destroyForcibly();
        sessions.forEach(ProcessHandle::destroyForcibly);
        try {
            running.waitFor(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
        OpenSshServer.delete(directory);
        if (failure != null) {
            throw failure;
        }
    }

    /** Says where it listens. */
    @Override
    public String toString() {
        return "DropbearServer[127.0.0.1:" + port + "]";
    }
}
