package io.keywright.rotation;

import java.util.List;
import java.util.Optional;

/**
 * What is known about a credential without asking any device.
 *
 * @param credential its name
 * @param versions every version of its key, oldest first
 * @param resumable whether its latest rotation has something left to do
 * @param latest how its latest rotation stands, or empty when it was never rotated
 */
public record CredentialStatus(
        String credential, List<KeyVersion> versions, boolean resumable, Optional<RotationReport> latest) {

    /** Copies the list. */
    public CredentialStatus {
        versions = List.copyOf(versions);
    }

    /**
     * Writes the status for people.
     *
     * @return lines of text, each ended by LF
     */
    public String toText() {
        StringBuilder text =
                new StringBuilder("credential  ").append(credential).append('\n');
        for (KeyVersion version : versions) {
            text.append("version ")
                    .append(version.number())
                    .append("  ")
                    .append(version.label().name().toLowerCase(java.util.Locale.ROOT))
                    .append("  ")
                    .append(version.publicKey().algorithm())
                    .append("  ")
                    .append(version.publicKey().fingerprint())
                    .append("  since ")
                    .append(version.changed())
                    .append('\n');
        }
        boolean settling = latest.flatMap(RotationReport::settlesAt).isPresent();
        if (resumable && !settling) {
            text.append("the latest rotation is not finished: resume it\n");
        }
        latest.ifPresent(report -> text.append('\n').append(report.toText()));
        return text.toString();
    }

    /**
     * Writes the status for programs.
     *
     * @return one JSON object
     */
    public String toJson() {
        return RotationJson.of(this);
    }
}
