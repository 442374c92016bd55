package io.keywright.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Removes a device from a credential. */
@Command(
        name = "remove-device",
        sortOptions = false,
        description =
                "Remove a device from a credential for good: no rotation goes there or waits for it any more, and keys are"
                        + " destroyed that it may still accept. The journal keeps the reason. No device is asked.")
final class RemoveDeviceCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    CredentialOptions credential;

    @Option(names = "--device", required = true, paramLabel = "ID", description = "The device's id.")
    String device;

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "Why, and who says so: for whoever reads the journal or a report later.")
    String reason;

    RemoveDeviceCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (CredentialSession session = credential.open()) {
            String name = session.credential().name();
            session.localEngine().removeDevice(name, device, reason);
            Answers.print(shell, device + " is removed from " + name);
            boolean listed = session.credential().devices().stream()
                    .anyMatch(one -> one.id().equals(device));
            if (listed) {
                Answers.print(
                        shell,
                        credential.credentialFile + " still lists it: take it out there, or the next rotation"
                                + " takes it in again");
            }
            return Keywright.DONE;
        }
    }
}
