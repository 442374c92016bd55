package io.keywright.cli;

import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.FileRotationJournal;
import io.keywright.rotation.RotationEngine;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KnownHosts;
import io.keywright.transport.SshTransport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Credentials, the open store with their keys, and the engine that changes them, which is made when it is first needed. Not
 * thread-safe.
 */
final class CredentialSession implements AutoCloseable {
    private final List<CredentialFile> files;
    private final Path storeFolder;
    private final CredentialStore store;
    private final Supplier<SshTransport> transports;
    private @Nullable RotationEngine engine;
    private @Nullable ExecutorService executor;

    CredentialSession(
            List<CredentialFile> files, Path storeFolder, CredentialStore store, Supplier<SshTransport> transports) {
        this.files = files;
        this.storeFolder = storeFolder;
        this.store = store;
        this.transports = transports;
    }

    /** The credential of a command that is about one. */
    Credential credential() {
        return files.get(0).credential();
    }

    List<Credential> credentials() {
        return files.stream().map(CredentialFile::credential).toList();
    }

    List<CredentialFile> files() {
        return files;
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
                .hostKeys(hostKeys)
                .credentials(this::credentials);
        int parallelism = credentials().stream()
                .mapToInt(credential -> credential.policy().parallelism())
                .max()
                .orElse(1);
        if (parallelism > 1) {
            builder.executor(executor(parallelism));
        }
        engine = builder.build();
        return engine;
    }

    /** Returns threads that end with this session; as many as were asked for first. */
    Executor executor(int threads) {
        if (executor == null) {
            executor = Executors.newFixedThreadPool(threads, task -> {
                Thread thread = new Thread(task, "keywright-device");
                thread.setDaemon(true);
                return thread;
            });
        }
        return executor;
    }

    /** The host keys of all credentials together, as ssh has them with several UserKnownHostsFile. */
    private KnownHosts knownHosts() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (CredentialFile file : files) {
            all.writeBytes(Files.readAllBytes(knownHosts(file)));
            all.write('\n'); // the last line of a file may lack its end
        }
        return KnownHosts.parse(all.toByteArray());
    }

    private static Path knownHosts(CredentialFile file) {
        if (file.knownHosts().isEmpty()) {
            throw new CommandException(
                    file.path() + ":1:1: 'known-hosts' is missing: it names the file with the servers'" + " host keys, "
                            + howToMakeIt("known_hosts", file.credential()));
        }
        Path knownHosts = file.knownHosts().get();
        if (!Files.exists(knownHosts)) {
            throw new CommandException(knownHosts + ", which 'known-hosts' in " + file.path() + " names, is missing: "
                    + howToMakeIt("it", file.credential()));
        }
        return knownHosts;
    }

    private static String howToMakeIt(String name, Credential credential) {
        String command = credential.devices().stream()
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
