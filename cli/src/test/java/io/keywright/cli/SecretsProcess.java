package io.keywright.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.format.KeyReader;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.DirectoryCredentialStore;
import io.keywright.rotation.DirectoryStoreSettings;
import io.keywright.rotation.FileRotationJournal;
import io.keywright.rotation.KeyDeployment;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.StoredSecret;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KnownHosts;
import io.keywright.transport.SshTransport;
import io.keywright.transport.sshd.SshdTransport;
import io.keywright.transport.sshj.SshjTransport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Rotates a key with both transports, from the installation by password to the destruction of the previous key, and dumps its
 * own heap twice: while a store, a key and a password are open, and after all is closed. Started by {@link SecretsTest}, in a
 * process of its own: the test itself knows the secrets.
 */
final class SecretsProcess {
    /** What a program may still hold when it has closed everything: garbage would prove nothing. */
    private static final List<Object> KEPT = new ArrayList<>();

    static final String CREDENTIAL = "deploy-prod";
    static final String BOOTSTRAP = "bootstrap";

    private SecretsProcess() {}

    /** Takes the folder, the server's port and the user. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Device device = Device.of("web-1", "127.0.0.1", Integer.parseInt(arguments[1]));
        Credential credential =
                Credential.of(CREDENTIAL, arguments[2], List.of(device)).withAuthenticateWith(BOOTSTRAP);
        fill(folder);
        rotate(folder, SshdTransport.create(), credential);
        rotate(folder, SshjTransport.create(), credential);
        open(folder);
        dump(folder.resolve("closed.hprof"));
        if (KEPT.isEmpty()) {
            throw new IllegalStateException("nothing was kept");
        }
    }

    /** As the tests' fleet opens one, whose class this process must not load: it knows the password. */
    private static CredentialStore store(Path folder) throws IOException {
        DirectoryStoreSettings cheap = DirectoryStoreSettings.defaults()
                .withScryptCost(new DirectoryStoreSettings.ScryptCost(1024, 8, 1))
                .withBcryptRounds(1);
        try (Passphrase secret = secret(folder.resolve("store-secret"))) {
            CredentialStore store = DirectoryCredentialStore.open(folder.resolve("store"), secret, cheap);
            KEPT.add(secret);
            KEPT.add(store);
            return store;
        }
    }

    /** The caller closes it. */
    private static Passphrase secret(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try {
            return Passphrase.ofBytes(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static void fill(Path folder) throws IOException {
        try (CredentialStore store = store(folder);
                SshKeyPair first = KeyReader.of().read(folder.resolve("first"));
                Passphrase password = secret(folder.resolve("password"))) {
            try (CredentialStore.Lease lease = store.lease(CREDENTIAL)) {
                store.importKey(lease, first);
            }
            try (CredentialStore.Lease lease = store.lease(BOOTSTRAP)) {
                store.putPassword(lease, password);
            }
            KEPT.addAll(List.of(first, password));
        }
    }

    private static void rotate(Path folder, SshTransport transport, Credential credential) throws IOException {
        Duration[] ahead = {Duration.ZERO};
        Clock clock = new Clock() {
            @Override
            public java.time.ZoneId getZone() {
                return java.time.ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public java.time.Instant instant() {
                return Clock.systemUTC().instant().plus(ahead[0]);
            }
        };
        try (RotationEngine engine = RotationEngine.builder()
                .transport(transport)
                .store(store(folder))
                .journal(FileRotationJournal.open(folder.resolve("journal")))
                .hostKeys(HostKeyVerifier.strict(KnownHosts.read(folder.resolve("known_hosts"))))
                .clock(clock)
                .build()) {
            KEPT.add(engine);
            KEPT.add(transport);
            KeyDeployment installed =
                    engine.installer().install(credential, credential.devices().get(0), Optional.empty());
            require(installed.failure().isEmpty(), installed.toString());
            RotationReport rotated = engine.rotate(engine.plan(credential), KEPT::add);
            require(rotated.isSuccess(), rotated.toText());
            KEPT.add(rotated);
            ahead[0] = credential.policy().settle().plusHours(1);
            RotationReport finished = engine.resume(credential, KEPT::add).orElseThrow();
            require(finished.outcome() == RotationReport.Outcome.FINISHED, finished.toText());
        }
    }

    private static void open(Path folder) throws IOException {
        try (CredentialStore store = store(folder);
                Passphrase password = store.exposeSecret(BOOTSTRAP, StoredSecret.password())) {
            int current =
                    store.find(CREDENTIAL).orElseThrow().current().orElseThrow().number();
            try (SshKeyPair pair = store.exposeSecret(CREDENTIAL, StoredSecret.key(current))) {
                KEPT.addAll(List.of(password, pair));
                dump(folder.resolve("open.hprof"));
            }
        }
    }

    private static void dump(Path file) throws IOException {
        System.gc();
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(file.toString(), true);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalStateException(otherwise);
        }
    }
}
