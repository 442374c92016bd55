package io.keywright.testkit.server;

import io.keywright.SshKeyPair;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** OpenSSH's {@code ssh-agent}, started by a test and stopped by its process. */
public final class TestAgent implements AutoCloseable {
    private static final int STOP_SECONDS = 10;

    private final Path directory;
    private final Process process;

    private TestAgent(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
    }

    /**
     * Starts an agent without keys.
     *
     * @return an agent that listens
     */
    public static TestAgent start() {
        try {
            Path directory = Files.createTempDirectory(
                    "kw-agent", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Process process = new ProcessBuilder(
                            Tools.find("ssh-agent", "openssh-client").toString(),
                            "-D",
                            "-a",
                            directory.resolve("socket").toString())
                    .redirectErrorStream(true)
                    .start();
            // Its first line comes when it listens.
            int first = process.getInputStream().read();
            if (first < 0) {
                throw new IllegalStateException("ssh-agent ended at once");
            }
            return new TestAgent(directory, process);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start ssh-agent", e);
        }
    }

    /**
     * Returns where it listens.
     *
     * @return the socket
     */
    public Path socket() {
        return directory.resolve("socket");
    }

    /**
     * Gives it a private key.
     *
     * @param pair the key, with the comment that the agent will tell
     */
    public void add(SshKeyPair pair) {
        try (EncodedKey file = KeyWriter.openssh().write(pair)) {
            sshAdd(file.toByteArray());
        }
    }

    private void sshAdd(byte[] privateKey) {
        Tools.run(
                privateKey,
                List.of(
                        Tools.find("env", "coreutils").toString(),
                        "SSH_AUTH_SOCK=" + socket(),
                        Tools.find("ssh-add", "openssh-client").toString(),
                        "-q",
                        "-"));
    }

    /** Stops it; its keys are gone. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(socket());
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
