package io.keywright.rotation;

import io.keywright.SshKeyException;
import org.jspecify.annotations.Nullable;

/** A step on a device failed for a reason that only the protocol knows. Becomes a {@link DeviceFailure}. */
final class DeviceStepException extends SshKeyException {
    private static final long serialVersionUID = 1;

    private final DeviceFailure.Kind kind;

    DeviceStepException(DeviceFailure.Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    DeviceFailure.Kind kind() {
        return kind;
    }
}
