package io.keywright.cli.demo;

import io.keywright.transport.KnownHosts;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a demonstration leaves on this machine: a temporary folder, readable by its user alone, and the processes
 * that work in it. Both are gone when this is closed, also when the demonstration is interrupted.
 */
final class DemoFolder implements AutoCloseable {
    private static final int SECRET_BYTES = 24;
    // A file that a dying process has just made can come between listing a directory and removing it.
    private static final int REMOVAL_ATTEMPTS = 5;

    private final Path root;
    private final boolean keep;
    private final List<JavaProcess> processes = new CopyOnWriteArrayList<>();
    private final PrintStream err;
    private final Thread onInterrupt = new Thread(this::cleanOnInterrupt, "demo-clean-up");
    private boolean cleaned;

    private DemoFolder(Path root, boolean keep, PrintStream err) {
        this.root = root;
        this.keep = keep;
        this.err = err;
    }

    /**
     * Makes the folder, with new secrets in it.
     *
     * @param keep whether it stays when this is closed
     * @param err hears of what could not be cleaned up when the JVM ends, where nobody can catch an exception
     */
    static DemoFolder create(boolean keep, PrintStream err) throws IOException {
        // Such a folder has mode 0700 from its first instant.
        DemoFolder folder = new DemoFolder(Files.createTempDirectory("keywright-demo-"), keep, err);
        Runtime.getRuntime().addShutdownHook(folder.onInterrupt);
        Files.createDirectory(folder.fleet());
        Files.createFile(folder.fleetLog());
        folder.writeSecret(folder.secretFile());
        folder.writeSecret(folder.passwordFile());
        return folder;
    }

    Path root() {
        return root;
    }

    /** The folder with a directory for each server. */
    Path fleet() {
        return root.resolve("fleet");
    }

    Path fleetLog() {
        return root.resolve("fleet.log");
    }

    Path credentialFile() {
        return root.resolve("deploy-demo.yaml");
    }

    Path store() {
        return root.resolve("store");
    }

    Path secretFile() {
        return root.resolve("store-secret");
    }

    Path passwordFile() {
        return root.resolve("password");
    }

    Path firstKey() {
        return root.resolve("first-key");
    }

    /** Makes a process end with the demonstration. */
    void endsWithUs(JavaProcess process) {
        processes.add(process);
    }

    /** Writes the credential file, and the host keys that it names. */
    void writeCredential(String name, List<FleetMember> members) throws IOException {
        StringBuilder yaml = new StringBuilder();
        yaml.append("name: ").append(name).append('\n');
        yaml.append("owner: demo\n");
        yaml.append("user: ").append(FleetMember.USER).append('\n');
        yaml.append("authenticate-with: self\n");
        yaml.append("key: { type: ed25519, comment: ").append(name).append(" }\n");
        yaml.append("policy: { canary: 1, parallelism: 1, on-failure: abort, settle: PT24H }\n");
        yaml.append("known-hosts: known_hosts\n");
        yaml.append("devices:\n");
        KnownHosts hosts = KnownHosts.empty();
        for (int i = 0; i < members.size(); i++) {
            FleetMember member = members.get(i);
            yaml.append("  - { id: ").append(member.id());
            yaml.append(", host: ").append(FleetMember.HOST);
            yaml.append(", port: ").append(member.port());
            yaml.append(i == 0 ? ", original: true }\n" : " }\n");
            hosts = hosts.with(FleetMember.HOST, member.port(), member.hostKey());
        }
        Files.writeString(credentialFile(), yaml);
        Files.write(root.resolve("known_hosts"), hosts.toByteArray());
    }

    private void writeSecret(Path file) throws IOException {
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        byte[] text = Base64.getUrlEncoder().withoutPadding().encode(random);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, text);
        Arrays.fill(random, (byte) 0);
        Arrays.fill(text, (byte) 0);
    }

    /** Ends the processes and removes the folder, unless it is to be kept. */
    @Override
    public void close() {
        clean();
        try {
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
        } catch (IllegalStateException e) {
            // The JVM is going down and runs the hook itself, which finds everything done.
            return;
        }
    }

    private void cleanOnInterrupt() {
        try {
            clean();
        } catch (UncheckedIOException | IllegalStateException e) {
            err.println("keywright: not everything was cleaned up: " + e.getMessage());
        }
    }

    private synchronized void clean() {
        if (cleaned) {
            return;
        }
        cleaned = true;
        processes.forEach(JavaProcess::close);
        if (!keep) {
            removeAll();
        }
    }

    private void removeAll() {
        IOException failure = null;
        for (int attempt = 0; attempt < REMOVAL_ATTEMPTS; attempt++) {
            try {
                Files.walkFileTree(root, new Removal());
                return;
            } catch (NoSuchFileException e) {
                if (Files.notExists(root)) {
                    return;
                }
                failure = e;
            } catch (IOException e) {
                failure = e;
            }
        }
        throw new UncheckedIOException(root + " could not be removed", Objects.requireNonNull(failure));
    }

    private static final class Removal extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
