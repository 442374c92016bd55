package io.keywright.testkit.rotation;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One account of this machine behind several real servers, each of which can be edited over in its own way. The file that is
 * edited is not the one that lets the tests in.
 */
final class EditedAccount implements AutoCloseable {
    /** What a server offers, and so how files on it are edited. */
    enum Way {
        SFTP,
        DASH,
        BUSYBOX;

        /** How the edit calls it. */
        String method() {
            return this == SFTP ? "sftp" : "shell";
        }
    }

    private final Path shells;
    private final Map<Way, OpenSshServer> servers = new EnumMap<>(Way.class);
    private final ServerAccount account;
    private final SshKeyPair pair;
    private final Path directory;

    EditedAccount() {
        try {
            shells = Files.createTempDirectory("keywright-shells");
            Files.setPosixFilePermissions(shells, PosixFilePermissions.fromString("rwxr-xr-x"));
            OpenSshServer first = OpenSshServer.start();
            servers.put(Way.SFTP, first);
            account = first.addAccount();
            pair = SshKeyPairGenerator.ed25519().generate();
            account.writeAuthorizedKeys(pair.publicKey().toLine() + "\n");
            servers.put(Way.DASH, shellOnly("dash", "ln -s \"$(command -v dash)\" \"$1/sh\""));
            servers.put(Way.BUSYBOX, shellOnly("busybox", "busybox --install -s \"$1\""));
            directory = account.authorizedKeys().resolveSibling("edited");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server without SFTP, whose commands find one shell's tools first. */
    private OpenSshServer shellOnly(String name, String install) throws IOException {
        Path tools = Files.createDirectory(shells.resolve(name));
        Files.setPosixFilePermissions(tools, PosixFilePermissions.fromString("rwxr-xr-x"));
        run("set -e; " + install + "; test -x \"$1/sh\"", tools.toString());
        return OpenSshServer.builder()
                .withSftp(OpenSshServer.Sftp.NONE)
                .withConfigLine("AuthorizedKeysFile " + account.authorizedKeys())
                .withConfigLine("SetEnv PATH=" + tools + ":/usr/bin:/bin")
                .start();
    }

    /** Runs a shell command as the tests' own user; anything but status 0 is an exception. */
    static void run(String command, String... arguments) {
        List<String> line = new ArrayList<>(List.of("sh", "-c", command, "sh"));
        line.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " failed, is everything installed? " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    ServerAccount account() {
        return account;
    }

    OpenSshServer server(Way way) {
        return Objects.requireNonNull(servers.get(way), "a server for every way");
    }

    SshTarget target(Way way) {
        return target(way, server(way).host(), server(way).port());
    }

    /** The same account by another address, as that of a relay. */
    SshTarget target(Way way, String host, int port) {
        return SshTarget.of(
                host, port, account.name(), HostKeyVerifier.pinned(server(way).hostKeys()));
    }

    SshConnection connect(SshTransport transport, Way way) {
        return connect(transport, target(way));
    }

    SshConnection connect(SshTransport transport, SshTarget target) {
        return transport.connect(ConnectRequest.of(target, LogIn.withKey(pair)));
    }

    /** The directory of the edited file, which {@link #reset} empties. */
    Path directory() {
        return directory;
    }

    Path file() {
        return directory.resolve("authorized_keys");
    }

    /** Removes the edited file and everything beside it. */
    void reset() {
        try {
            delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the edited file from its beginning, mode 0600, the account's own. */
    void write(String content) {
        account.write(file(), content.getBytes(StandardCharsets.UTF_8), 0600);
    }

    String read() {
        try {
            return Files.readString(file());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The names beside the edited file. */
    List<String> names() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path lock() {
        return directory.resolve("authorized_keys.keywright-lock");
    }

    /** Leaves a lock, as an editor that died would have, of the kind that SFTP or a shell makes. */
    void leaveLock(Way kind, Instant since) {
        try {
            String owner = "keywright-1 somebody 1 0123456789abcdef";
            if (kind == Way.SFTP) {
                account.write(lock(), (owner + "\n").getBytes(StandardCharsets.UTF_8), 0600);
            } else {
                String line = owner + " " + since.getEpochSecond() + "\n";
                account.write(lock().resolve("owner"), line.getBytes(StandardCharsets.UTF_8), 0600);
            }
            Files.setLastModifiedTime(lock(), FileTime.from(since));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets the lease of a lock that is there come to its end. */
    void ageLock() {
        try {
            Path owner = lock().resolve("owner");
            Instant past = Instant.EPOCH.plusSeconds(1);
            if (Files.exists(owner)) {
                String words = Files.readString(owner).strip();
                Files.writeString(
                        owner,
                        words.substring(0, words.lastIndexOf(' ') + 1) + past.getEpochSecond() + "\n",
                        StandardOpenOption.TRUNCATE_EXISTING);
            }
            if (Files.exists(lock())) {
                Files.setLastModifiedTime(lock(), FileTime.from(past));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SshPublicKey newKey(String comment) {
        try (SshKeyPair pair =
                SshKeyPairGenerator.ed25519().withComment(comment).generate()) {
            return pair.publicKey();
        }
    }

    @Override
    public void close() {
        servers.values().forEach(OpenSshServer::close);
        pair.close();
        try {
            delete(shells);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path tree) throws IOException {
        if (Files.notExists(tree)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
