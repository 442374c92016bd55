package io.keywright.cli;

import io.keywright.Passphrase;
import io.keywright.rotation.KeyInstaller;
import io.keywright.transport.LogIn;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Puts the current key on devices. */
@Command(
        name = "install",
        sortOptions = false,
        description =
                "Put the current key on the devices and log in with it, as ssh-copy-id does. A credential without a"
                        + " key is given one first.")
final class InstallCommand implements Callable<Integer> {
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
            return deployments.run(session, devices -> installer.install(session.credential(), devices, bootstrap));
        }
    }
}
