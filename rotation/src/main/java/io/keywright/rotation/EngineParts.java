package io.keywright.rotation;

import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportTimeouts;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What an engine is made of; shared by its planner, its runs and its installer. */
record EngineParts(
        SshTransport transport,
        CredentialStore store,
        RotationJournal journal,
        HostKeyVerifier hostKeys,
        TransportTimeouts timeouts,
        Clock clock,
        Pause pause,
        SecureRandom random,
        @Nullable Executor executor,
        Supplier<? extends Collection<Credential>> credentials,
        Backup backup,
        int keptConnections) {

    DeviceAccount account(
            Device device, String user, HostKeyVerifier verifier, RemoteLock.Owner owner, Runnable guard) {
        SshTarget target =
                SshTarget.of(device.host(), device.port(), user, verifier).withTimeouts(timeouts);
        return new DeviceAccount(transport, target, device, owner, random, pause, guard);
    }

    /** Where a credential's latest rotation stands; empty when it was never rotated. */
    Optional<RotationState> latest(String credential) {
        Optional<RotationJournal.Log> log = journal.openLatest(credential);
        if (log.isEmpty()) {
            return Optional.empty();
        }
        try (RotationJournal.Log open = log.get()) {
            return Optional.of(RotationState.replay(open));
        }
    }

    CredentialState require(String credential) {
        return store.find(credential)
                .orElseThrow(() -> new RotationException(
                        "the store has no key for " + credential + ": import or install one first", null));
    }

    KeyVersion requireCurrent(CredentialState state) {
        return state.current()
                .orElseThrow(() -> new RotationException(
                        "the store has no current key for " + state.name() + ": import or install one first", null));
    }
}
