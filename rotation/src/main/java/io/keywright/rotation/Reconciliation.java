package io.keywright.rotation;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the devices answered about the versions in a store that was restored from a backup.
 *
 * @param credential the credential's name
 * @param complete whether every device has answered; only then is the store changed, and may be used again
 * @param devices what each device answered
 */
public record Reconciliation(String credential, boolean complete, List<DeviceAnswer> devices) {

    /** Copies the list. */
    public Reconciliation {
        devices = List.copyOf(devices);
    }

    /**
     * What one device answered.
     *
     * @param device the device's id
     * @param accepted the numbers of the versions that it accepts; empty when it accepts none, and somebody has to install the
     *     key anew, or when it could not be asked
     * @param failure why it could not be asked, or empty
     */
    public record DeviceAnswer(String device, Set<Integer> accepted, Optional<DeviceFailure> failure) {

        /** Copies the set. */
        public DeviceAnswer {
            accepted = Set.copyOf(accepted);
        }
    }
}
