package io.keywright.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A server program with its folder, its throw-away accounts and its log, all of which end with it, and in any case with the
 * JVM. Thread-safe, except for {@link #addAccount}.
 */
final class ServerProcess implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    // A free port may be taken by somebody else before the server has it.
    private static final int START_ATTEMPTS = 5;
    private static final SecureRandom NAMES = new SecureRandom();

    private final String name;
    private final Path directory;
    private final Path secrets;
    private final List<Path> alsoDeleted = new ArrayList<>();
    private final List<ServerAccount> accounts = new ArrayList<>();
    private final Thread atExit;
    private @Nullable Process process;
    private ServerLog log = new ServerLog();
    private int port;
    private boolean closed;

    private ServerProcess(String name, Path directory, Path secrets) {
        this.name = name;
        this.directory = directory;
        this.secrets = secrets;
        this.atExit = new Thread(this::cleanUp, name + "-clean-up");
    }

    /**
     * Makes the folder of a server that does not run yet.
     *
     * @param name the program's, for what is said about it
     */
    static ServerProcess prepare(String name) {
        try {
            Path directory = Files.createTempDirectory("keywright-" + name);
            // Homes are in it, which their accounts must be able to reach.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
            Path secrets = Files.createDirectory(directory.resolve("etc"), ServerAccount.mode(0700));
            ServerProcess server = new ServerProcess(name, directory, secrets);
            Runtime.getRuntime().addShutdownHook(server.atExit);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + name, e);
        }
    }

    /** The folder for host keys and settings, which nobody else can read. */
    Path secrets() {
        return secrets;
    }

    /** Deletes this, too, when everything ends. */
    void deleteAtTheEnd(Path tree) {
        alsoDeleted.add(tree);
    }

    /**
     * Starts the program on a free port, and closes this when it does not start.
     *
     * @param listening what it logs when it listens
     * @param portTaken what it logs when somebody else has the port
     * @param command makes the command line for a port; the log is what it writes to standard error
     * @throws IllegalStateException when it does not start
     */
    void start(String listening, String portTaken, IntFunction<List<String>> command) {
        boolean started = false;
        try {
            for (int attempt = 1; !started; attempt++) {
                port = freePort();
                started = launch(command.apply(port), listening);
                if (!started && (attempt == START_ATTEMPTS || !log.text().contains(portTaken))) {
                    throw new IllegalStateException(name + " did not start:\n" + log.text());
                }
            }
        } finally {
            if (!started) {
                close();
            }
        }
    }

    private boolean launch(List<String> command, String listening) {
        try {
            Process launched = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process = launched;
            launched.getOutputStream().close();
            log = ServerLog.follow(launched.getErrorStream(), name + "-log-" + port);
            if (log.await(text -> text.contains(listening), TIMEOUT)) {
                return true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command.get(0), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " started", e);
        }
        kill();
        return false;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }

    int port() {
        return port;
    }

    /** Makes an account of the operating system, for root only; its home is in the server's folder. */
    ServerAccount addAccount() {
        String user = "kw" + Integer.toUnsignedString(NAMES.nextInt(), 36).toLowerCase(Locale.ROOT);
        ServerAccount account = ServerAccount.create(user, directory.resolve(user));
        accounts.add(account);
        return account;
    }

    String log() {
        return log.text();
    }

    /**
     * Waits until the log is as asked.
     *
     * @throws IllegalStateException when it is not so in time, or the server has ended
     */
    String awaitLog(Predicate<String> asked) {
        try {
            if (!log.await(asked, TIMEOUT)) {
                throw new IllegalStateException(name + " did not log what was expected, but:\n" + log.text());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the log of " + name, e);
        }
        return log.text();
    }

    /** The processes that serve a connection each. */
    Set<ProcessHandle> sessions() {
        Process running = process;
        return running == null ? Set.of() : running.children().collect(Collectors.toUnmodifiableSet());
    }

    /** Ends the program and every session of it at once; accounts and files stay. */
    void kill() {
        Process running = process;
        if (running == null) {
            return;
        }
        // Sessions are processes of their own, which outlive the one that listens.
        List<ProcessHandle> sessions = running.descendants().toList();
        running.destroyForcibly();
        sessions.forEach(ProcessHandle::destroyForcibly);
        try {
            running.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends everything. Closing again does nothing. */
    @Override
    public void close() {
        cleanUp();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            return; // the JVM is going down, and the hook is what runs this
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
        alsoDeleted.forEach(ServerProcess::delete);
        if (failure != null) {
            throw failure;
        }
    }

    private static void delete(Path tree) {
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
