package io.keywright.benchmarks.goals;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.benchmarks.fleet.ServerFleet;
import io.keywright.rotation.RemoteAuthorizedKeys;
import io.keywright.transport.SshConnection;
import java.io.IOException;

/**
 * What is counted once, on a few servers behind relays: connections, and how often a client waits for a server.
 *
 * @param connectionsADevice of a rotation without its plan, in one wave
 * @param connectionsADeviceKeepingNone of one that keeps no connection open from one phase to the next
 * @param roundTripsADevice of a rotation without its plan
 * @param planRoundTripsADevice of a plan
 * @param logInRoundTrips of one log-in, from the client's first byte to a connection that is logged in
 * @param editRoundTrips of one edit of a remote file on a connection that is open, SFTP's own beginning included
 * @param editBytes that replacing a key in a file of 10,000 lines in memory allocates, without reading and writing the file
 * @param engineShare of the processor time of a rotation, from 0 to 1; sampled, so that it differs a little from run to run
 */
record Counts(
        double connectionsADevice,
        double connectionsADeviceKeepingNone,
        double roundTripsADevice,
        double planRoundTripsADevice,
        double logInRoundTrips,
        double editRoundTrips,
        double editBytes,
        double engineShare) {
    private static final int DEVICES = 3;

    /**
     * Counts.
     *
     * @param many on how many servers the engine's share is measured
     */
    static Counts measure(int many) throws IOException {
        try (ServerFleet fleet = ServerFleet.startCounted(DEVICES)) {
            long beforePlan = fleet.roundTrips();
            fleet.reset();
            long planned = fleet.roundTrips();
            long connections = fleet.connections();
            fleet.rotate();
            double ofRotation = fleet.roundTrips() - planned;
            double connected = fleet.connections() - connections;
            fleet.reset(0);
            long connectionsBefore = fleet.connections();
            fleet.rotate();
            double connectedKeepingNone = fleet.connections() - connectionsBefore;
            fleet.reset();
            long beforeLogIn = fleet.roundTrips();
            try (SshConnection connection = fleet.connect(0)) {
                long loggedIn = fleet.roundTrips();
                edit(connection);
                return new Counts(
                        connected / DEVICES,
                        connectedKeepingNone / DEVICES,
                        ofRotation / DEVICES,
                        (planned - beforePlan) / (double) DEVICES,
                        loggedIn - beforeLogIn,
                        fleet.roundTrips() - loggedIn,
                        EditAllocation.measure(),
                        EngineShare.measure(many));
            }
        }
    }

    private static void edit(SshConnection connection) {
        SshPublicKey another;
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            another = pair.publicKey();
        }
        try (RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "counted")) {
            remote.edit(".ssh/authorized_keys", keys -> keys.add(another));
        }
    }
}
