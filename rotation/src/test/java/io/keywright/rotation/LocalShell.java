package io.keywright.rotation;

import io.keywright.LimitExceededException;
import io.keywright.SshPublicKey;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.TransportTimeouts;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * A connection whose commands run here, in a real shell with a home of its own. Tools can be put before those of the machine.
 * Four are from the start: the machine's clock stands still and goes 25 seconds at each sleep, nothing is forced to the disk
 * but what is asked for by name, and {@code id} tells a name that no account has, so that the home is {@code $HOME}.
 */
final class LocalShell implements SshConnection {
    /** What {@code sh} is; each is what the script meets on servers: Debian's, Red Hat's, and that of small devices. */
    enum Kind {
        DASH("ln -s \"$(command -v dash)\" \"$1/sh\""),
        BASH("ln -s \"$(command -v bash)\" \"$1/sh\""),
        BUSYBOX("busybox --install -s \"$1\"");

        private final String install;

        Kind(String install) {
            this.install = install;
        }
    }

    /** Where the clock stands at first, in seconds. */
    static final long NOW = 1_700_000_000;

    /** A third of this is how long the script waits for a lock. */
    static final Duration REQUEST = Duration.ofMinutes(2);

    /** What the editors made here draw instead of random digits. */
    static final String NONCE = "0101010101010101";

    /** What Java says of a process that has not read what it was sent. */
    private static final Set<String> NOT_READ = Set.of("Broken pipe", "Stream closed");

    private static final int NOBODY = 65534;
    private static final int LONGEST_RUN_SECONDS = 60;

    private final Path directory;
    private final List<String> asWhom = new ArrayList<>();
    private final Map<String, String> variables = new TreeMap<>();
    private String version = "SSH-2.0-OpenSSH_9.2p1";
    private IntConsumer beforeRun = run -> {};
    private int runs;
    private int lostInputBytes;

    LocalShell(Kind kind, Path directory) {
        this.directory = directory;
        try {
            for (String each : List.of("home", "elsewhere", "tools", "shell", "talk")) {
                Files.createDirectories(
                        directory.resolve(each),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            }
            ask(
                    "set -e; " + kind.install + "; test -x \"$1/sh\"",
                    directory.resolve("shell").toString());
            Files.writeString(clock(), NOW + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tool("date", "[ \"$*\" = +%s ] || { PATH=/usr/bin:/bin; exec date \"$@\"; }", "cat \"" + clock() + "\"");
        tool("sleep", "read now <\"" + clock() + "\"", "echo $((now + 25)) >\"" + clock() + "\"");
        tool("sync", "exit 0");
        tool(
                "id",
                "case \"$*\" in",
                "    -un) echo keywright-has-no-such-account ;;",
                "    -u) echo \"${STATED_UID:-$(PATH=/usr/bin:/bin; id -u)}\" ;;",
                "    *) PATH=/usr/bin:/bin; exec id \"$@\" ;;",
                "esac");
    }

    /** Runs something as the tests' own user, which must succeed. */
    static String ask(String command, String... arguments) {
        List<String> line = new ArrayList<>(List.of("sh", "-c", command, "sh"));
        line.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " failed, is everything installed? " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    // --- the machine ---

    Path home() {
        return directory.resolve("home");
    }

    /** The file in which the clock's seconds are. */
    Path clock() {
        return directory.resolve("clock");
    }

    /** A directory that is neither the home nor below it. */
    Path elsewhere() {
        return directory.resolve("elsewhere");
    }

    /** Puts a program of these lines before the machine's own of that name. */
    void tool(String name, String... lines) {
        program("tools", name, lines);
    }

    /** Puts a program where only commands look whose PATH was changed, and tells the directory. */
    Path program(String place, String name, String... lines) {
        try {
            Path file = Files.createDirectories(directory.resolve(place)).resolve(name);
            Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            return file.getParent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a program fail as one does that is there but not for this machine. */
    void broken(String... names) {
        for (String name : names) {
            tool(name, "exit 126");
        }
    }

    /** Makes whoever logs in somebody with this user id, as {@code id} tells. */
    void statedUid(int uid) {
        variables.put("STATED_UID", Integer.toString(uid));
    }

    void serverVersion(String identification) {
        version = identification;
    }

    /** Makes whoever logs in no more than a user, also where the tests run as root: for what permissions refuse. */
    void asNobody() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                if (uid(file) == 0 && !Files.isSymbolicLink(file)) {
                    Files.setAttribute(file, "unix:uid", NOBODY);
                    Files.setAttribute(file, "unix:gid", NOBODY);
                }
            }
        }
        if (uid(Path.of("/proc/self")) == 0) {
            Files.setPosixFilePermissions(directory.getParent(), PosixFilePermissions.fromString("rwx--x--x"));
            asWhom.addAll(List.of("/usr/bin/setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
        }
    }

    static int uid(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    /** What is called before each run of a command, the first being number 1. */
    void beforeRun(IntConsumer action) {
        beforeRun = action;
    }

    /** How many commands were run. */
    int runs() {
        return runs;
    }

    /** Loses the end of what every command is sent from now on. */
    void loseInput(int bytes) {
        lostInputBytes = bytes;
    }

    // --- who edits on it ---

    ShellEditor editor(RemoteLock.Owner owner, Pause pause) {
        return ShellEditor.open(this, RunAs.SELF, owner, new FixedRandom(), pause)
                .orElseThrow(() -> new IllegalStateException("the script found no shell"));
    }

    /** Draws the same always. */
    static final class FixedRandom extends SecureRandom {
        private static final long serialVersionUID = 1;

        @Override
        public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 1);
        }
    }

    // --- the connection ---

    @Override
    public SshTarget target() {
        return SshTarget.of("shell.invalid", 22, "somebody", (host, port, presented) -> {
                    throw new UnsupportedOperationException("there is no server");
                })
                .withTimeouts(TransportTimeouts.of(REQUEST, REQUEST, REQUEST));
    }

    @Override
    public SshPublicKey hostKey() {
        throw new UnsupportedOperationException("there is no server");
    }

    @Override
    public String serverVersion() {
        return version;
    }

    @Override
    public List<ProbeAnswer> probes() {
        return List.of();
    }

    @Override
    public ExecResult exec(ExecRequest request) {
        beforeRun.accept(++runs);
        Path stdout = directory.resolve("talk").resolve("stdout");
        Path stderr = directory.resolve("talk").resolve("stderr");
        List<String> command = new ArrayList<>(asWhom);
        command.addAll(List.of(directory.resolve("shell").resolve("sh").toString(), "-c", request.command()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home().toFile())
                .redirectOutput(stdout.toFile())
                .redirectError(stderr.toFile());
        builder.environment().clear();
        builder.environment().put("HOME", home().toString());
        builder.environment()
                .put("PATH", directory.resolve("tools") + ":" + directory.resolve("shell") + ":/usr/bin:/bin");
        builder.environment().putAll(variables);
        try {
            int status = run(builder.start(), request.stdin());
            return new ExecResult(status, null, limited(stdout, request), limited(stderr, request));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private int run(Process process, byte[] input) throws IOException, InterruptedException {
        boolean ended = false;
        try {
            write(process, input);
            ended = process.waitFor(LONGEST_RUN_SECONDS, TimeUnit.SECONDS);
        } finally {
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
        if (!ended) {
            throw new TransportTimeoutException(
                    target(), TransportException.Phase.EXEC, "the command does not end", null);
        }
        return process.exitValue();
    }

    private void write(Process process, byte[] input) throws IOException {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input, 0, Math.max(0, input.length - lostInputBytes));
        } catch (IOException e) {
            // A command that does not read its input to the end is no failure of the connection.
            if (!NOT_READ.contains(String.valueOf(e.getMessage()))) {
                throw e;
            }
        }
    }

    private static byte[] limited(Path output, ExecRequest request) throws IOException {
        long size = Files.size(output);
        if (size > request.outputLimitBytes()) {
            throw new LimitExceededException("output", size, request.outputLimitBytes(), "nothing raises it here");
        }
        return Files.readAllBytes(output);
    }

    @Override
    public SftpSession openSftp() {
        throw new ChannelRefusedException(target(), TransportException.Phase.SFTP, "there is a shell only", null);
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    /** Removes the links to the machine's shells. */
    @Override
    public void close() {
        try (Stream<Path> links = Files.list(directory.resolve("shell"))) {
            for (Path link : links.toList()) {
                Files.delete(link);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
