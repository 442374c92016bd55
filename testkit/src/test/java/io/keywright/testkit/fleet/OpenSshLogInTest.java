package io.keywright.testkit.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the model to the truth: the same cases as {@link LogInTest}, decided by a real sshd. */
@Tag("once")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenSshLogInTest {
    private static final int STRANGER = 4711;
    private static final int TOOL_TIMEOUT_SECONDS = 60;

    private Path directory;

    private OpenSshServer server;
    private ServerAccount account;
    private String key;
    private String other;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException, InterruptedException {
        directory = temporary;
        key = generate("key");
        other = generate("other");
        server = OpenSshServer.start();
        account = server.addAccount();
        Files.writeString(directory.resolve("known_hosts"), server.knownHosts());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    static List<LogInCase> lines() {
        return LogInCase.all();
    }

    /** Only root can make files that belong to others; without root there is no home to play with. */
    static List<FileCase> files() throws IOException, InterruptedException {
        if (!OpenSshServer.isRoot()) {
            return List.of();
        }
        String version = finish(start("ssh", "-V"));
        boolean patched = version.contains("Debian") || version.contains("Ubuntu");
        return Stream.concat(FileCase.all().stream(), FileCase.privateGroups(patched).stream())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("lines")
    void logIn_line_asTheModelSays(LogInCase each) throws Exception {
        if (account.isThrowAway()) {
            clearHome();
        }
        account.writeAuthorizedKeys(each.content(key, other));
        assertThat(logsIn()).isEqualTo(each.admitted());
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("files")
    void logIn_files_asTheModelSays(FileCase each) throws Exception {
        clearHome();
        each.setUp().accept(new RealGround());
        assertThat(logsIn()).isEqualTo(each.admitted());
    }

    private String generate(String name) throws IOException, InterruptedException {
        Path file = directory.resolve(name);
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file.toString());
        String[] line = Files.readString(Path.of(file + ".pub")).split(" ", 3);
        return line[0] + " " + line[1].strip();
    }

    private boolean logsIn() throws IOException, InterruptedException {
        Process ssh = start(
                "ssh",
                "-F",
                "none",
                "-i",
                directory.resolve("key").toString(),
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "IdentityAgent=none",
                "-o",
                "BatchMode=yes",
                "-o",
                "UserKnownHostsFile=" + directory.resolve("known_hosts"),
                "-p",
                String.valueOf(server.port()),
                account.name() + "@" + server.host(),
                "true");
        String said = finish(ssh);
        if (ssh.exitValue() == 0) {
            return true;
        }
        assertThat(said).as("what ssh says when it is refused").contains("Permission denied (publickey)");
        return false;
    }

    private void clearHome() throws IOException {
        Path home = account.home();
        try (Stream<Path> all = Files.walk(home)) {
            for (Path path : all.sorted(Comparator.reverseOrder())
                    .filter(path -> !path.equals(home))
                    .toList()) {
                Files.delete(path);
            }
        }
        account.own(home);
        account.setMode(home, 0755);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = start(command);
        String said = finish(process);
        assertThat(process.exitValue()).as(said).isZero();
    }

    private static Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return process;
    }

    private static String finish(Process process) throws IOException, InterruptedException {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(TOOL_TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    private final class RealGround implements FileCase.Ground {
        private Path at(String path) {
            return path.equals(".") ? account.home() : account.home().resolve(path);
        }

        @Override
        public void directory(String path, int mode) {
            doing(() -> {
                Files.createDirectory(at(path));
                account.own(at(path));
                account.setMode(at(path), mode);
            });
        }

        @Override
        public void keyFile(String path, int mode) {
            doing(() -> {
                Files.writeString(at(path), key + "\n");
                account.own(at(path));
                account.setMode(at(path), mode);
            });
        }

        @Override
        public void mode(String path, int mode) {
            doing(() -> run("chmod", Integer.toOctalString(mode), at(path).toString()));
        }

        @Override
        public void owner(String path, Owner owner) {
            doing(() -> {
                switch (owner) {
                    case ACCOUNT -> account.own(at(path));
                    case ROOT -> Files.setAttribute(at(path), "unix:uid", 0);
                    case STRANGER -> Files.setAttribute(at(path), "unix:uid", STRANGER);
                }
            });
        }

        @Override
        public void shareWithGroup(String path) {
            doing(() -> Files.setAttribute(at(path), "unix:gid", STRANGER));
        }

        @Override
        public void link(String target, String path) {
            doing(() -> {
                Files.createSymbolicLink(at(path), Path.of(target));
                account.own(at(path));
            });
        }

        @Override
        public void fifo(String path) {
            doing(() -> {
                run("mkfifo", at(path).toString());
                account.own(at(path));
            });
        }

        private interface Doing {
            void run() throws IOException, InterruptedException;
        }

        private void doing(Doing action) {
            try {
                action.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
