package io.keywright.rotation;

import java.time.Duration;
import java.util.List;

/**
 * How a rotation stands with one device, and how it came there.
 *
 * @param id the device
 * @param host host name or address
 * @param port TCP port
 * @param user the account
 * @param outcome how it stands
 * @param proof what was asked and answered
 * @param edits what became of each file that was edited
 * @param attempts how often its steps were tried, failures included
 * @param took how long adding and removing took together, waiting between attempts included
 * @param notes what else is to be known, each a sentence
 */
public record DeviceReport(
        String id,
        String host,
        int port,
        String user,
        DeviceOutcome outcome,
        RevocationProof proof,
        List<RemoteEdit> edits,
        int attempts,
        Duration took,
        List<String> notes) {

    /** Copies the list. */
    public DeviceReport {
        edits = List.copyOf(edits);
        notes = List.copyOf(notes);
    }
}
