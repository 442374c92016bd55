package io.keywright.cli;

import io.keywright.Passphrase;
import io.keywright.rotation.KeyInstaller;
import io.keywright.transport.LogIn;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Takes the key from devices. */
@Command(
        name = "remove",
        sortOptions = false,
        description = "Remove every version of the key from the devices, and ask whether the current one is refused.")
final class RemoveCommand implements Callable<Integer> {
    @Mixin
    Deployments deployments;

    @Mixin
    PasswordOptions password;

    @Override
    public Integer call() throws IOException {
        try (Passphrase secret = password.read().orElse(null);
                CredentialSession session = deployments.credential.open()) {
            Optional<LogIn> bootstrap = Optional.ofNullable(secret).map(LogIn::withPassword);
            KeyInstaller installer = session.engine().installer();
            return deployments.run(session, devices -> installer.remove(session.credential(), devices, bootstrap));
        }
    }
}
