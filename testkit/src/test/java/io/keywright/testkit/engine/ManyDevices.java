package io.keywright.testkit.engine;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.JournalEntry;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationJournal;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.InMemoryFleet;
import io.keywright.testkit.rotation.InMemoryCredentialStore;
import io.keywright.testkit.simulation.DelegatingConnection;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import java.util.AbstractList;
import java.util.List;
import java.util.Optional;

/**
 * Rotates a key on many devices in a process of its own, whose heap is what the test gives it. The devices are one device of
 * the in-memory fleet that plays all of them in turn, so that what fills the heap is the engine's.
 */
final class ManyDevices {
    private static final String USER = "deploy";
    private static final String PLAYER = "player";

    private ManyDevices() {}

    /**
     * Rotates once, and says how it went.
     *
     * @param args the number of devices
     */
    public static void main(String[] args) {
        int count = Integer.parseInt(args[0]);
        InMemoryFleet fleet = InMemoryFleet.seeded(1);
        fleet.setTraceLimit(0);
        fleet.setVerifiesSignatures(false);
        fleet.addDevice(PLAYER).addAccount(USER);
        InMemoryCredentialStore store = new InMemoryCredentialStore(fleet.clock());
        Stage stage = new Stage(fleet, count);
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519()
                        .withRandom(new World.SeededRandom(1))
                        .generate();
                CredentialStore.Lease lease = store.lease("fleet")) {
            store.importKey(lease, pair);
            stage.authorizeEverywhere(pair.publicKey());
        }
        Credential credential = Credential.of("fleet", USER, devices(count));
        try (RotationEngine engine = RotationEngine.builder()
                .transport(stage)
                .store(store)
                .journal(new ForgetfulJournal())
                .hostKeys((host, port, key) -> new HostKeyVerdict(HostKeyVerdict.Status.ACCEPTED, List.of()))
                .clock(fleet.clock())
                .pause(fleet.clock()::advance)
                .random(new World.SeededRandom(2))
                .build()) {
            RotationReport report = engine.rotate(engine.plan(credential), event -> {});
            System.out.println("rotated " + report.devices().size() + " devices, success: " + report.isSuccess());
        }
    }

    private static List<Device> devices(int count) {
        return new AbstractList<>() {
            @Override
            public Device get(int index) {
                return Device.of("d" + index, "d" + index, 22);
            }

            @Override
            public int size() {
                return count;
            }
        };
    }

    /** A transport on which one device plays all the others. For one thread. */
    private static final class Stage implements SshTransport {
        private final InMemoryFleet fleet;
        private final SshTransport transport;
        private final byte[][] files;
        private int playing = -1;

        Stage(InMemoryFleet fleet, int count) {
            this.fleet = fleet;
            this.transport = fleet.transport();
            this.files = new byte[count][];
        }

        void authorizeEverywhere(SshPublicKey key) {
            byte[] file = (key.toLine() + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
            java.util.Arrays.fill(files, file);
        }

        private SshTarget play(SshTarget target) {
            int device = Integer.parseInt(target.host().substring(1));
            if (device != playing) {
                if (playing >= 0) {
                    files[playing] = fleet.device(PLAYER).account(USER).authorizedKeys();
                }
                fleet.device(PLAYER).account(USER).writeAuthorizedKeys(files[device]);
                fleet.device(PLAYER).setHostKeys(fleet.hostKey(target.host()));
                playing = device;
            }
            return new SshTarget(
                    PLAYER, target.port(), target.user(), target.hostKeys(), target.timeouts(), target.route());
        }

        @Override
        public String name() {
            return "many devices";
        }

        @Override
        public SshConnection connect(ConnectRequest request) {
            SshConnection connection = transport.connect(
                    ConnectRequest.of(play(request.target()), request.logIn()).withProbes(request.probes()));
            return new Role(connection, request.target());
        }

        @Override
        public ProbeReport probe(SshTarget target, List<SshPublicKey> keys) {
            return transport.probe(play(target), keys);
        }

        @Override
        public void close() {
            transport.close();
        }
    }

    /** A connection to the device that is being played. */
    private static final class Role extends DelegatingConnection {
        private final SshTarget target;

        Role(SshConnection connection, SshTarget target) {
            super(connection);
            this.target = target;
        }

        @Override
        public SshTarget target() {
            return target;
        }
    }

    /** A journal that keeps nothing: a real one keeps it on a disk, and nobody resumes here. */
    private static final class ForgetfulJournal implements RotationJournal {
        @Override
        public Log begin(String credential, String rotation, List<JournalEntry> beginning) {
            return new Log() {
                @Override
                public String rotation() {
                    return rotation;
                }

                @Override
                public List<JournalEntry> entries() {
                    return List.of();
                }

                @Override
                public void append(List<JournalEntry> entries) {}

                @Override
                public void close() {}
            };
        }

        @Override
        public Optional<Log> openLatest(String credential) {
            return Optional.empty();
        }
    }
}
