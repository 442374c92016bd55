package io.keywright.rotation;

import java.time.Instant;
import java.util.List;

/**
 * What a rotation would meet: the result of a dry run. It fixes the rotation's devices, their order and their host keys.
 *
 * @param credential the credential
 * @param made when the plan was made
 * @param current the version that would be replaced
 * @param devices what was found out about each device, in the order of the rotation
 * @param warnings what is to be known beyond single devices, each a sentence
 */
public record RotationPlan(
        Credential credential, Instant made, KeyVersion current, List<PlannedDevice> devices, List<String> warnings) {

    /** Copies the lists. */
    public RotationPlan {
        devices = List.copyOf(devices);
        warnings = List.copyOf(warnings);
    }

    /**
     * Tells whether nothing stands in the way on any device.
     *
     * @return true when no device has an obstacle
     */
    public boolean isClear() {
        return devices.stream().allMatch(device -> device.obstacle().isEmpty());
    }

    /**
     * Writes the plan for people.
     *
     * @return lines of text, each ended by LF
     */
    public String toText() {
        StringBuilder text = new StringBuilder();
        text.append("credential  ").append(credential.name()).append('\n');
        text.append("key         ")
                .append(current.publicKey().fingerprint())
                .append(" (version ")
                .append(current.number())
                .append(")\n");
        text.append("new key     ").append(credential.key().type().label()).append('\n');
        warnings.forEach(warning -> text.append("warning     ").append(warning).append('\n'));
        for (PlannedDevice planned : devices) {
            text.append(planned.device().id())
                    .append("  ")
                    .append(planned.user())
                    .append('@')
                    .append(planned.device().host())
                    .append(':')
                    .append(planned.device().port())
                    .append("  ")
                    .append(planned.obstacle()
                            .map(o -> "IN THE WAY: " + o.message())
                            .orElse("ready"))
                    .append('\n');
            planned.files()
                    .forEach(file -> text.append("    key in ").append(file).append('\n'));
            planned.warnings()
                    .forEach(warning -> text.append("    ").append(warning).append('\n'));
        }
        return text.toString();
    }

    /**
     * Writes the plan for programs.
     *
     * @return one JSON object
     */
    public String toJson() {
        return RotationJson.of(this);
    }
}
