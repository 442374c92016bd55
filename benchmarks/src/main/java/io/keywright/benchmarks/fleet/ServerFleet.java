package io.keywright.benchmarks.fleet;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.cli.demo.EmbeddedFleet;
import io.keywright.cli.demo.EmbeddedServer;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.DirectoryCredentialStore;
import io.keywright.rotation.FileRotationJournal;
import io.keywright.rotation.RemoteAuthorizedKeys;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.server.TcpRelay;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.sshd.SshdTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A fleet of embedded SSH servers on loopback, and a credential on all of them that can be rotated again and again, with the
 * directory store and the file journal that an application would use. For one thread.
 */
public final class ServerFleet implements AutoCloseable {
    /** The account on each server. */
    public static final String USER = "deploy";

    /** How many devices are worked on at once: with more, two processors do no more. */
    public static final int PARALLELISM = 32;

    /** Longer than a client takes to send what it sends without waiting. */
    private static final Duration LINE = Duration.ofMillis(10);

    private final Path directory;
    private final Passphrase secret = Passphrase.ofBytes("a benchmark's".getBytes(StandardCharsets.UTF_8));
    private final EmbeddedFleet servers = EmbeddedFleet.start();
    private final List<TcpRelay> relays = new ArrayList<>();
    private final List<Device> devices = new ArrayList<>();
    private final SshKeyPair first = SshKeyPairGenerator.ed25519().generate();
    private final CountingTransport transport = new CountingTransport(SshdTransport.create());
    private final ExecutorService executor = Executors.newFixedThreadPool(PARALLELISM);
    private int resets;
    private @Nullable RotationEngine engine;
    private @Nullable RotationPlan plan;

    private ServerFleet(Path directory) {
        this.directory = directory;
    }

    /**
     * Starts servers.
     *
     * @param count how many
     * @return the fleet, whose servers accept the first key; before each rotation, {@link #reset} has to be called
     * @throws IOException when there is no room for their files
     */
    public static ServerFleet start(int count) throws IOException {
        return start(count, false);
    }

    /**
     * Starts servers, each behind a relay that counts round trips.
     *
     * @param count how many
     * @return the fleet, whose servers accept the first key; before each rotation, {@link #reset} has to be called
     * @throws IOException when there is no room for their files
     */
    public static ServerFleet startCounted(int count) throws IOException {
        return start(count, true);
    }

    private static ServerFleet start(int count, boolean counted) throws IOException {
        ServerFleet fleet = new ServerFleet(Files.createTempDirectory("keywright-bench"));
        for (int i = 0; i < count; i++) {
            EmbeddedServer server = fleet.servers.add(USER, fleet.secret, fleet.directory.resolve("device-" + i));
            int port = server.port();
            if (counted) {
                TcpRelay relay = TcpRelay.to(server.host(), port, LINE);
                fleet.relays.add(relay);
                port = relay.port();
            }
            fleet.devices.add(Device.of("device-" + i, server.host(), port));
        }
        fleet.acceptFirstKey();
        return fleet;
    }

    /**
     * Makes every server accept the first key again, and nothing else, begins a new store and a new journal, and plans.
     *
     * @throws IOException when a file cannot be written
     */
    public void reset() throws IOException {
        reset(RotationEngine.DEFAULT_KEPT_CONNECTIONS);
    }

    /**
     * As {@link #reset()}, for an engine that keeps connections open between the phases of a rotation, or does not.
     *
     * @param keptConnections how many at most
     * @throws IOException when a file cannot be written
     */
    public void reset(int keptConnections) throws IOException {
        closeEngine();
        acceptFirstKey();
        Path folder = directory.resolve("run-" + ++resets);
        DirectoryCredentialStore opened = DirectoryCredentialStore.open(folder.resolve("store"), secret);
        try (CredentialStore.Lease lease = opened.lease("bench")) {
            opened.importKey(lease, first);
        }
        RotationEngine made = RotationEngine.builder()
                .transport(transport)
                .store(opened)
                .journal(FileRotationJournal.open(folder.resolve("journal")))
                .hostKeys(ServerFleet::accept)
                .executor(executor)
                .keptConnections(keptConnections)
                .build();
        engine = made;
        plan = made.plan(
                Credential.of("bench", USER, devices).withPolicy(RotationPolicy.DEFAULT.withParallelism(PARALLELISM)));
    }

    private void acceptFirstKey() throws IOException {
        for (EmbeddedServer server : servers.servers()) {
            Files.writeString(
                    server.authorizedKeysFile(),
                    "# benchmark\n" + first.publicKey().toLine() + "\n");
        }
    }

    /**
     * Rotates as planned by the latest {@link #reset}, once for each of them.
     *
     * @return the report of a rotation that succeeded
     */
    public RotationReport rotate() {
        if (engine == null || plan == null) {
            throw new IllegalStateException("reset() makes a plan");
        }
        RotationReport report = engine.rotate(plan, event -> {});
        if (!report.isSuccess()) {
            throw new IllegalStateException(report.toText());
        }
        return report;
    }

    /**
     * Opens and closes connections, logged in with the first key, as many at once as a rotation works on.
     *
     * @param each how many on each server
     */
    public void logIn(int each) {
        CompletableFuture<?>[] all = IntStream.range(0, each * devices.size())
                .mapToObj(i -> CompletableFuture.runAsync(
                        () -> transport.connect(request(i % devices.size())).close(), executor))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(all).join();
    }

    /**
     * Opens four connections to each server, one after another, and does over the first and the third what a rotation does there:
     * adds a key, and removes it again from wherever it is.
     */
    public void logInAndEdit() {
        SshPublicKey added;
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            added = pair.publicKey();
        }
        CompletableFuture<?>[] all = IntStream.range(0, devices.size())
                .mapToObj(i -> CompletableFuture.runAsync(() -> logInAndEdit(i, added), executor))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(all).join();
    }

    private void logInAndEdit(int device, SshPublicKey added) {
        edit(device, keys -> keys.contains(first.publicKey()) ? keys.add(added) : keys);
        connect(device).close();
        edit(device, keys -> keys.remove(added), keys -> keys);
        connect(device).close();
    }

    /** One edit after another of each file; one that changes nothing reads. */
    @SafeVarargs
    private void edit(int device, UnaryOperator<AuthorizedKeys>... edits) {
        try (SshConnection connection = connect(device);
                RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "bench")) {
            for (UnaryOperator<AuthorizedKeys> edit : edits) {
                remote.standardFiles().forEach(file -> remote.edit(file, edit));
            }
        }
    }

    /**
     * Opens a connection, logged in with the first key.
     *
     * @param device the number of the server, from 0
     * @return the connection; the caller closes it
     */
    public SshConnection connect(int device) {
        return transport.connect(request(device));
    }

    /**
     * Says how to log in to a server with the first key.
     *
     * @param device the number of the server, from 0
     * @return the request, for any transport
     */
    public ConnectRequest request(int device) {
        Device chosen = devices.get(device);
        return ConnectRequest.of(
                SshTarget.of(chosen.host(), chosen.port(), USER, ServerFleet::accept), LogIn.withKey(first));
    }

    /**
     * Returns the key that every server accepts at first, and after a {@link #reset}.
     *
     * @return the pair, which stays the fleet's
     */
    public SshKeyPair key() {
        return first;
    }

    /**
     * Returns how many connections were opened through {@link #transport()}, by rotations and plans too.
     *
     * @return a number that never falls
     */
    public long connections() {
        return transport.connections();
    }

    /**
     * Returns how often a client waited for one of the servers.
     *
     * @return a number that never falls; 0 unless round trips are counted
     */
    public long roundTrips() {
        return relays.stream().mapToLong(TcpRelay::roundTrips).sum();
    }

    /**
     * Returns the transport that the engine uses.
     *
     * @return a transport that stays the fleet's
     */
    public SshTransport transport() {
        return transport;
    }

    private static HostKeyVerdict accept(String host, int port, SshPublicKey key) {
        return new HostKeyVerdict(HostKeyVerdict.Status.ACCEPTED, List.of());
    }

    private void closeEngine() {
        if (engine != null) {
            engine.close();
        }
    }

    /** Stops the servers and removes their files. */
    @Override
    public void close() throws IOException {
        closeEngine();
        transport.closeForGood();
        executor.shutdown();
        relays.forEach(TcpRelay::close);
        servers.close();
        first.close();
        secret.close();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(ServerFleet::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
