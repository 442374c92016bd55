package io.keywright.testkit.simulation;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPolicy;
import io.keywright.testkit.fleet.Account;
import io.keywright.testkit.fleet.InMemoryFleet;
import io.keywright.testkit.fleet.SimulatedProcess;
import io.keywright.transport.HostKeyVerifier;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** Everything that outlives an engine: devices with files as they are found in the field, the store and the journal. */
final class World implements AutoCloseable {
    static final String NAME = "deploy-prod";
    static final String USER = "deploy";
    static final String HIDDEN_FILE = "/etc/keys/deploy";

    /** What surrounds our key in a file; {@code %s} is our key's line, {@code %h} another's. */
    private static final List<String> FILES = List.of(
            "# who logs in here\n\n%s\n%h\n",
            "%h\n%s",
            "%h\nfrom=\"10.0.0.0/8,*.example\",command=\"echo \\\"hi\\\"\" ssh-ed25519 not-base64 first\n%s\n# end",
            "# managed by hand\r\nno-pty   %s\r\nfrobnicate ssh-ed25519 AAAA x\r\n%h\r\n",
            "\t%s\n%h\n%s\nssh-foo AAAAB3 unknown type\n",
            "%s\n",
            "from=\"192.0.2.1\" %s\nfrom=\"127.0.0.1\" %s\n%h\n");

    /** The files of the first schedules of all: one of each sort that an engine treats differently. */
    private static final int PLAIN = 0;

    /** Some fleets are larger: then each log-in is closed before the next phase. */
    private static final int KEPT_CONNECTIONS = 2;

    final InMemoryFleet fleet;
    final PartsUnderTest parts;
    final Credential credential;
    final Invariants invariants;
    final Schedule schedule = new Schedule();
    private final long seed;
    private final Map<String, HostKeyVerifier> pins = new HashMap<>();
    private final Map<String, SshPublicKey> hostKeys = new HashMap<>();
    private int processes;

    /** Decides what a world is like. */
    record Sort(int devices, boolean varied, RotationPolicy.OnFailure onFailure, int attempts) {}

    World(long seed, Sort sort, Simulation.Parts parts) {
        this.seed = seed;
        SplittableRandom random = new SplittableRandom(seed);
        fleet = InMemoryFleet.seeded(seed);
        fleet.setTraceLimit(0);
        fleet.setVerifiesSignatures(false);
        this.parts = parts.create(fleet.clock());
        credential = credential(sort);
        SshPublicKey old = importFirst();
        SshPublicKey human = fleet.hostKey("human").withComment("first");
        List<DeviceTruth> truths = new ArrayList<>();
        for (Device device : credential.devices()) {
            int file = sort.varied() ? random.nextInt(FILES.size()) : PLAIN;
            String text = FILES.get(file);
            var machine = fleet.addDevice(device.id());
            Account account = machine.addAccount(USER);
            account.writeAuthorizedKeys(text.replace("%s", old.toLine()).replace("%h", human.toLine()));
            List<String> files = new ArrayList<>(
                    List.of("/home/" + USER + "/.ssh/authorized_keys", "/home/" + USER + "/.ssh/authorized_keys2"));
            if (sort.varied()) {
                vary(account, old, files, random);
            }
            pins.put(device.id(), machine.pinnedHostKeys());
            hostKeys.put(device.id(), machine.hostKeys().get(0));
            truths.add(new DeviceTruth(account, files));
            machine.fileSystem().sync();
        }
        invariants = new Invariants(fleet, this.parts.store(), NAME, seed, schedule);
        invariants.begin(truths);
    }

    private static Credential credential(Sort sort) {
        List<Device> devices = new ArrayList<>();
        for (int i = 1; i <= sort.devices(); i++) {
            devices.add(Device.of("web-" + i, "web-" + i, 22));
        }
        devices.set(devices.size() - 1, devices.get(devices.size() - 1).asOriginal());
        return Credential.of(NAME, USER, devices)
                .withPolicy(
                        RotationPolicy.DEFAULT.withOnFailure(sort.onFailure()).withAttempts(sort.attempts()));
    }

    private SshPublicKey importFirst() {
        try (SshKeyPair first = SshKeyPairGenerator.ed25519()
                        .withComment("first")
                        .withRandom(new SeededRandom(seed))
                        .generate();
                CredentialStore.Lease lease = parts.store().lease(NAME)) {
            parts.store().importKey(lease, first);
            return first.publicKey();
        }
    }

    private static void vary(Account account, SshPublicKey old, List<String> files, SplittableRandom random) {
        if (random.nextInt(6) == 0) {
            account.files().writeText(".ssh/authorized_keys2", "# more\n" + old.toLine() + "\n");
        }
        if (random.nextInt(12) == 0) {
            // sshd reads a file that nobody told the engine about
            account.device().configure(c -> c.withAuthorizedKeysFiles(".ssh/authorized_keys", HIDDEN_FILE));
            account.device().files().makeDirectory("/etc", 0755);
            account.device().files().makeDirectory("/etc/keys", 0755);
            account.device().files().writeText(HIDDEN_FILE, old.toLine() + "\n");
            files.set(1, HIDDEN_FILE);
        }
        if (random.nextInt(6) == 0) {
            account.device().configure(c -> c.withMaxAuthTries(1 + random.nextInt(3)));
        }
        if (random.nextInt(6) == 0) {
            account.device().setClockSkew(Duration.ofSeconds(random.nextInt(-3600, 3600)));
        }
    }

    /** Starts a process. */
    SimulatedProcess process() {
        return fleet.process("engine-" + ++processes);
    }

    /** Makes the engine of a process. */
    RotationEngine engine(SimulatedProcess process, Duration skew) {
        return RotationEngine.builder()
                .transport(parts.transport(process))
                .store(parts.seenByEngine(new SteppedStore(parts.store(), process, invariants), process))
                .journal(parts.seenByEngine(new SteppedJournal(parts.journal(), process, invariants), process))
                .hostKeys((host, port, key) -> pin(host).verify(host, port, key))
                .clock(skew.isZero() ? fleet.clock() : Clock.offset(fleet.clock(), skew))
                .pause(process.pause())
                .random(new SeededRandom(seed * 1000 + processes))
                .keptConnections(KEPT_CONNECTIONS)
                .build();
    }

    /** The host key that a device had at first. */
    SshPublicKey hostKey(String device) {
        return Objects.requireNonNull(hostKeys.get(device), device);
    }

    /** Whether some device reads a file that nobody told the engine about. */
    boolean hasHiddenFile() {
        return fleet.devices().stream().anyMatch(device -> device.files().exists(HIDDEN_FILE));
    }

    private HostKeyVerifier pin(String host) {
        HostKeyVerifier pin = pins.get(host);
        if (pin == null) {
            throw new IllegalArgumentException("no host " + host);
        }
        return pin;
    }

    Account account(String device) {
        return invariants.device(device).account();
    }

    @Override
    public void close() {
        parts.close();
    }

    /** Random bytes that depend on the seed only. */
    private static final class SeededRandom extends SecureRandom {
        private static final long serialVersionUID = 1;
        private final SplittableRandom source;

        SeededRandom(long seed) {
            super(null, null); // no provider is asked
            source = new SplittableRandom(seed);
        }

        @Override
        public void nextBytes(byte[] bytes) {
            source.nextBytes(bytes);
        }
    }
}
