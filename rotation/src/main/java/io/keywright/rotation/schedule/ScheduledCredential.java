package io.keywright.rotation.schedule;

import io.keywright.rotation.Credential;

/**
 * A credential, and when its key may be changed.
 *
 * @param credential the credential; rotations are begun only where its policy is automatic, those that were begun are
 *     finished in any case
 * @param policy when
 */
public record ScheduledCredential(Credential credential, SchedulePolicy policy) {

    /** Checks that the jitter is shorter than the interval. */
    public ScheduledCredential {
        if (policy.jitter().compareTo(credential.policy().interval()) >= 0) {
            throw new IllegalArgumentException(
                    "the jitter of " + credential.name() + " is not shorter than its interval of "
                            + credential.policy().interval());
        }
    }
}
