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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole rotation, plan included, of an in-memory fleet: what the engine itself costs, without a network. Run it with
 * {@code ./bench FleetRotation}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(1)
public class FleetRotationBenchmark {
    /** How many devices the fleet has. */
    @Param({"10", "100"})
    public int devices;

    /** Rotates once, on a fresh fleet. */
    @Benchmark
    public RotationReport rotate() {
        InMemoryFleet fleet = InMemoryFleet.seeded(1);
        InMemoryCredentialStore store = new InMemoryCredentialStore(fleet.clock());
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
        try (RotationEngine engine = RotationEngine.builder()
                .transport(fleet.transport())
                .store(store)
                .journal(new InMemoryRotationJournal())
                .hostKeys((host, port, key) -> fleet.devices().stream()
                        .filter(device -> device.host().equals(host) && device.port() == port)
                        .findFirst()
                        .orElseThrow()
                        .pinnedHostKeys()
                        .verify(host, port, key))
                .clock(fleet.clock())
                .pause(fleet.clock()::advance)
                .build()) {
            RotationReport report = engine.rotate(engine.plan(Credential.of("bench", "deploy", listed)), event -> {});
            if (!report.isSuccess()) {
                throw new IllegalStateException(report.toText());
            }
            return report;
        }
    }
}
