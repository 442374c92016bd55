package io.keywright.rotation;

import io.keywright.Passphrase;
import io.keywright.testkit.rotation.CredentialStoreContractTest;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.io.TempDir;

/** In this package since only here a lease can lose its lock. */
class DirectoryCredentialStoreContractTest extends CredentialStoreContractTest {
    @TempDir
    private Path directory;

    @Override
    protected CredentialStore reopen(Clock clock) {
        DirectoryStoreSettings settings = DirectoryStoreSettings.defaults()
                .withScryptCost(new DirectoryStoreSettings.ScryptCost(2, 1, 1))
                .withBcryptRounds(1)
                .withClock(clock);
        try (Passphrase secret = Passphrase.of("store secret".toCharArray())) {
            return DirectoryCredentialStore.open(directory.resolve("store"), secret, settings);
        }
    }

    @Override
    protected void abandon(CredentialStore.Lease lease) {
        ((DirectoryCredentialStore.DirectoryLease) lease).abandon();
    }
}
