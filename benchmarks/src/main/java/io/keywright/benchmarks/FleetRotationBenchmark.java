package io.keywright.benchmarks;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.InMemoryFleet;
import io.keywright.testkit.rotation.InMemoryCredentialStore;
import io.keywright.testkit.rotation.InMemoryRotationJournal;
import io.keywright.transport.HostKeyVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole rotation, plan included, of an in-memory fleet, one device at a time: what the engine itself costs, and the
 * simulated devices with it, without a network and without signatures. Making the fleet is not counted. Run it with
 * {@code ./bench FleetRotation}, one size with {@code ./bench FleetRotation -p devices=1000}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class FleetRotationBenchmark {
    /** How many devices the fleet has. */
    @Param({"10", "100", "1000", "10000", "100000"})
    public int devices;

    private InMemoryFleet fleet;
    private InMemoryCredentialStore store;
    private Credential credential;

    /** Makes a fleet that accepts the first key of a new credential. */
    @Setup(Level.Iteration)
    public void makeFleet() {
        fleet = InMemoryFleet.seeded(1);
        fleet.setTraceLimit(0);
        fleet.setVerifiesSignatures(false);
        store = new InMemoryCredentialStore(fleet.clock());
        List<Device> listed = new ArrayList<>();
        try (SshKeyPair first = SshKeyPairGenerator.ed25519().generate();
                CredentialStore.Lease lease = store.lease("bench")) {
            store.importKey(lease, first);
            for (int i = 0; i < devices; i++) {
                var device = fleet.addDevice("d" + i);
                device.addAccount("deploy").authorize(first.publicKey());
                listed.add(Device.of(device.id(), device.host(), device.port()));
            }
        }
        credential = Credential.of("bench", "deploy", listed);
    }

    /** Rotates once. */
    @Benchmark
    public RotationReport rotate() {
        try (RotationEngine engine = RotationEngine.builder()
                .transport(fleet.transport())
                .store(store)
                .journal(new InMemoryRotationJournal())
                .hostKeys((host, port, key) -> new HostKeyVerdict(HostKeyVerdict.Status.ACCEPTED, List.of()))
                .clock(fleet.clock())
                .pause(fleet.clock()::advance)
                .build()) {
            RotationReport report = engine.rotate(engine.plan(credential), event -> {});
            if (!report.isSuccess()) {
                throw new IllegalStateException(report.toText());
            }
            return report;
        }
    }
}
