package io.keywright.cli;

import io.keywright.rotation.KeyInstaller;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Logs in to devices with the current key. */
@Command(
        name = "verify",
        sortOptions = false,
        description = "Log in to the devices with the current key. Nothing is changed.")
final class VerifyCommand implements Callable<Integer> {
    @Mixin
    Deployments deployments;

    @Override
    public Integer call() throws IOException {
        try (CredentialSession session = deployments.credential.open()) {
            KeyInstaller installer = session.engine().installer();
            return deployments.run(session, devices -> installer.verify(session.credential(), devices));
        }
    }
}
