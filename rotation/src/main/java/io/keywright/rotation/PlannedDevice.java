package io.keywright.rotation;

import io.keywright.SshPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a plan found out about a device, without changing anything on it.
 *
 * @param device the device
 * @param user the account on it
 * @param hostKey the host key that it showed, to which the rotation is pinned; empty when it was not reached
 * @param acceptedVersion the stored version that it let in or said it would, newest first; empty when none
 * @param files the files, by real path, in which the key was found
 * @param obstacle what stands in the way, or empty
 * @param managedBy what else writes one of the files, if that can be told; then no previous private key is destroyed
 *     without being asked to, for it may bring the old line back
 * @param warnings what does not stand in the way and should be known, each a sentence
 */
public record PlannedDevice(
        Device device,
        String user,
        Optional<SshPublicKey> hostKey,
        Optional<Integer> acceptedVersion,
        List<String> files,
        Optional<DeviceFailure> obstacle,
        Optional<String> managedBy,
        List<String> warnings) {

    /** Copies the lists. */
    public PlannedDevice {
        files = List.copyOf(files);
        warnings = List.copyOf(warnings);
    }

    /** A device about which nothing could be found out. */
    static PlannedDevice unseen(Device device, String user, DeviceFailure obstacle) {
        return new PlannedDevice(
                device,
                user,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.of(obstacle),
                Optional.empty(),
                List.of());
    }

    PlannedDevice withWarning(String warning) {
        List<String> more = new ArrayList<>(warnings);
        more.add(warning);
        return new PlannedDevice(device, user, hostKey, acceptedVersion, files, obstacle, managedBy, more);
    }
}
