package io.keywright.cli;

import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.FileRotationJournal;
import io.keywright.rotation.RotationEngine;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KnownHosts;
import io.keywright.transport.SshTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A credential, the open store with its keys, and the engine that changes them, which is made when it is first needed. Not
 * thread-safe.
 */
final class CredentialSession implements AutoCloseable {
    private final CredentialFile file;
    private final Path path;
    private final Path storeFolder;
    private final CredentialStore store;
    private final Supplier<SshTransport> transports;
    private @Nullable RotationEngine engine;
    private @Nullable ExecutorService executor;

    CredentialSession(
            CredentialFile file,
            Path path,
            Path storeFolder,
            CredentialStore store,
            Supplier<SshTransport> transports) {
        this.file = file;
        this.path = path;
        this.storeFolder = storeFolder;
        this.store = store;
        this.transports = transports;
    }

    Credential credential() {
        return file.credential();
    }

    CredentialStore store() {
        return store;
    }

    /** Returns an engine that connects to devices, and to no host whose key is not on record. */
    RotationEngine engine() throws IOException {
        return engineWith(HostKeyVerifier.strict(knownHosts()));
    }

    /** Returns an engine that reads the store and the journal only. */
    RotationEngine localEngine() {
        return engineWith((host, port, presented) -> new HostKeyVerdict(HostKeyVerdict.Status.UNKNOWN, List.of()));
    }

    private RotationEngine engineWith(HostKeyVerifier hostKeys) {
        if (engine != null) {
            return engine;
        }
        RotationEngine.Builder builder = RotationEngine.builder()
                .transport(transports.get())
                .store(store)
                // Beside the credentials, for the two belong together: a backup has both or is none.
                .journal(FileRotationJournal.open(storeFolder.resolve("journal")))
                .hostKeys(hostKeys);
        int parallelism = credential().policy().parallelism();
        if (parallelism > 1) {
            executor = Executors.newFixedThreadPool(parallelism, task -> {
                Thread thread = new Thread(task, "keywright-device");
                thread.setDaemon(true);
                return thread;
            });
            builder.executor(executor);
        }
        engine = builder.build();
        return engine;
    }

    private KnownHosts knownHosts() throws IOException {
        if (file.knownHosts().isEmpty()) {
            throw new CommandException(path + ":1:1: 'known-hosts' is missing: it names the file with the servers' host"
                    + " keys, " + howToMakeIt("known_hosts"));
        }
        Path knownHosts = file.knownHosts().get();
        if (!Files.exists(knownHosts)) {
            throw new CommandException(
                    knownHosts + ", which 'known-hosts' in " + path + " names, is missing: " + howToMakeIt("it"));
        }
        return KnownHosts.read(knownHosts);
    }

    private String howToMakeIt(String name) {
        String command = credential().devices().stream()
                .findFirst()
                .map(device -> "ssh-keyscan -p " + device.port() + " " + device.host())
                .orElse("ssh-keyscan -p PORT HOST");
        return "make " + name + " with '" + command
                + " >> FILE' for each device, and check the keys with the servers' owner before you trust them";
    }

    /** Closes the store, and the engine if there is one. */
    @Override
    public void close() {
        if (executor != null) {
            executor.shutdownNow();
        }
        if (engine == null) {
            store.close();
        } else {
            engine.close();
        }
    }
}
