package io.keywright.rotation;

import java.util.List;
import java.util.Optional;

/**
 * What became of installing, verifying or removing a key on one device.
 *
 * @param device the device's id
 * @param target {@code user@host:port}
 * @param key the key's fingerprint
 * @param acceptedBefore whether the device accepted the key before anything was changed; UNKNOWN where it was not asked
 * @param accepted whether the device accepts the key now; that it refuses one which it never accepted proves little
 * @param edits what became of each file that was edited
 * @param failure why it is not as it should be, or empty
 */
public record KeyDeployment(
        String device,
        String target,
        String key,
        Answer acceptedBefore,
        Answer accepted,
        List<RemoteEdit> edits,
        Optional<DeviceFailure> failure) {

    /** Copies the list. */
    public KeyDeployment {
        edits = List.copyOf(edits);
    }
}
