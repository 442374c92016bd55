package io.keywright.cli;

import io.keywright.rotation.Credential;
import io.keywright.rotation.Device;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which of a credential's devices a command is about. */
final class DeviceOptions {
    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(
            names = "--device",
            paramLabel = "ID",
            description = "Only this device; may be given more than once. Without it, all of them.")
    List<String> ids = List.of();

    /** Returns the chosen devices in the order of a rotation. */
    List<Device> of(Credential credential) {
        List<Device> all = credential.devicesInOrder();
        if (all.isEmpty()) {
            throw new CommandException("credential " + credential.name() + " has no devices");
        }
        if (ids.isEmpty()) {
            return all;
        }
        Set<String> wanted = new LinkedHashSet<>(ids);
        all.forEach(device -> wanted.remove(device.id()));
        if (!wanted.isEmpty()) {
            throw new ParameterException(
                    command.commandLine(),
                    "credential " + credential.name() + " has no device " + String.join(", ", wanted) + ", only "
                            + String.join(", ", all.stream().map(Device::id).toList()));
        }
        return all.stream().filter(device -> ids.contains(device.id())).toList();
    }
}
