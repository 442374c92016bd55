package io.keywright.authorizedkeys;

import io.keywright.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real {@code sshd} on a port of 127.0.0.1, asked what it makes of a file: a client offers public keys without having
 * their private halves, and the server's log tells of each what it read in the file until it accepted the key or not.
 */
final class RealSshd implements AutoCloseable {
    /** As a rule of its own, so that the machine need have no time zone data. It is that of America/New_York. */
    static final String ZONE_RULE = "EST5EDT,M3.2.0,M11.1.0";

    /** The most identities that ssh takes. */
    static final int MAX_KEYS = 100;

    private static final int START_ATTEMPTS = 5;
    private static final int START_MILLIS = 10_000;
    private static final String PROBE = "trying public key file ";

    private final Path folder;
    private final Process process;
    private final int port;

    private RealSshd(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    static RealSshd start(Path folder) throws IOException, InterruptedException {
        Tool.sshKeygen()
                .run(folder, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "host")
                .orFail();
        for (int i = 0; i < START_ATTEMPTS; i++) {
            int port = freePort();
            List<String> more = new ArrayList<>(List.of("Port " + port, "ListenAddress 127.0.0.1"));
            writeConfig(folder, more);
            // Since OpenSSH 9.8, an address whose keys are refused is soon refused itself.
            if (Tool.at(executable())
                            .run(folder, "-t", "-f", "config", "-o", "PerSourcePenalties=no")
                            .exitCode()
                    == 0) {
                more.add("PerSourcePenalties no");
                writeConfig(folder, more);
            }
            ProcessBuilder builder = new ProcessBuilder(
                            executable().toString(), "-D", "-f", path(folder, "config"), "-E", path(folder, "log"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            builder.environment().put("TZ", ZONE_RULE);
            RealSshd sshd = new RealSshd(folder, builder.start(), port);
            if (sshd.isListening()) {
                return sshd;
            }
            // Somebody else may have taken the port.
            sshd.close();
        }
        throw new AssertionError(
                "sshd did not start: " + Files.readString(folder.resolve("log"), StandardCharsets.ISO_8859_1));
    }

    /** Writes the configuration for a server that reads {@code keys} in the folder, and for whoever runs the test. */
    static void writeConfig(Path folder, List<String> more) throws IOException {
        List<String> config = new ArrayList<>(List.of(
                "HostKey " + path(folder, "host"),
                "AuthorizedKeysFile " + path(folder, "keys"),
                "StrictModes no",
                "PermitRootLogin yes",
                "PermitUserEnvironment yes",
                "PermitTunnel yes",
                "UsePAM no",
                "UseDNS no",
                "PasswordAuthentication no",
                "KbdInteractiveAuthentication no",
                "PidFile none",
                "LoginGraceTime 0",
                "MaxAuthTries 1000",
                "LogLevel DEBUG1"));
        config.addAll(more);
        Files.write(folder.resolve("config"), config);
        if (System.getProperty("user.name").equals("root")) {
            Files.createDirectories(Path.of("/run/sshd"));
        }
    }

    static Path executable() {
        return Stream.of("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("sshd is missing (Debian's package openssh-server)"));
    }

    /**
     * Asks about keys.
     *
     * @param authorizedKeys the file
     * @param publicKeys files with one public key each, readable by their owner only
     * @return for each key, in order, the log's lines while the server looked for it
     */
    List<List<String>> ask(byte[] authorizedKeys, List<Path> publicKeys) throws IOException, InterruptedException {
        if (publicKeys.size() > MAX_KEYS) {
            throw new IllegalArgumentException("ssh takes " + MAX_KEYS + " identities");
        }
        Files.write(folder.resolve("keys"), authorizedKeys);
        // The server appends.
        Files.write(folder.resolve("log"), new byte[0]);
        List<String> arguments = new ArrayList<>(List.of("-q", "-F", "none", "-T", "-p", String.valueOf(port)));
        for (String option : List.of(
                "StrictHostKeyChecking=no",
                "UserKnownHostsFile=/dev/null",
                "IdentitiesOnly=yes",
                "IdentityAgent=none",
                "BatchMode=yes")) {
            arguments.addAll(List.of("-o", option));
        }
        publicKeys.forEach(key -> arguments.addAll(List.of("-i", key.toString())));
        arguments.addAll(List.of(System.getProperty("user.name") + "@127.0.0.1", "true"));
        Tool.Result result = Tool.find("ssh", "openssh-client").run(folder, arguments.toArray(new String[0]));
        List<List<String>> probes = new ArrayList<>();
        // Not lines(): a carriage return may stand inside one.
        for (String line :
                new String(Files.readAllBytes(folder.resolve("log")), StandardCharsets.ISO_8859_1).split("\n", -1)) {
            if (line.contains(PROBE + folder.resolve("keys"))) {
                probes.add(new ArrayList<>());
            } else if (!probes.isEmpty()) {
                probes.get(probes.size() - 1).add(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
            }
        }
        if (probes.size() != publicKeys.size()) {
            throw new AssertionError(probes.size() + " of " + publicKeys.size() + " keys were offered: " + result);
        }
        return probes;
    }

    private static String path(Path folder, String name) {
        return folder.resolve(name).toString();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean isListening() throws InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < START_MILLIS * 1_000_000L) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected() && process.isAlive();
            } catch (IOException notYet) {
                if (process.waitFor(10, TimeUnit.MILLISECONDS)) {
                    return false;
                }
            }
        }
        return false;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(START_MILLIS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
