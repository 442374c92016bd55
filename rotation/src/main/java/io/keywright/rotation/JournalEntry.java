package io.keywright.rotation;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One line of a rotation's journal. Holds no secrets.
 *
 * @param at when, by the engine's clock
 * @param step what happened or is about to happen
 * @param device the device it is about, or empty
 * @param facts what else is needed to resume or report; names and meanings are the engine's
 */
public record JournalEntry(Instant at, Step step, Optional<String> device, Map<String, String> facts) {

    /** Sorts and copies the facts. */
    public JournalEntry {
        facts = Collections.unmodifiableMap(new TreeMap<>(facts));
    }

    /** Steps of a rotation. Those that end in -ING are intents, durable before anything remote is touched. */
    public enum Step {
        /** The rotation exists. */
        BEGUN,
        /** A device belongs to it. */
        PLANNED,
        /** A device has come to the credential since the plan; it catches up. */
        JOINED,
        /** The host key of a device that could not be reached when the plan was made. */
        PINNED,
        /** Somebody removed a device from the credential, and answers for what it still accepts. */
        REMOVED,
        /** The new key is durable in the store. */
        STAGED,
        /** The new key is about to be added to a device. */
        EXPANDING,
        /** A device accepts the new key, and the old one was accepted there before. */
        EXPANDED,
        /** A device's step has failed for good; what follows depends on the policy. */
        FAILED,
        /** The rotation goes on without a device. */
        QUARANTINED,
        /** The new key is CURRENT. */
        PROMOTED,
        /** The old key's lines on a device were given an end, or the facts say why not. */
        STAMPED,
        /** Nothing is removed before a backup has the new private key. */
        AWAITING_BACKUP,
        /** The old key is about to be removed from a device. */
        CONTRACTING,
        /** The old key is removed from a device; the facts have the proof, or say that it is missing. */
        CONTRACTED,
        /** The rotation is being taken back. */
        ABORTING,
        /** The new key is about to be removed from a device. */
        ROLLING_BACK,
        /** The new key is on a device no more, and the old one still logs in. */
        ROLLED_BACK,
        /** The new key is ROLLED_BACK in the store. */
        DISCARDED,
        /** All devices are done, or taken back; the second proof is due later. */
        SETTLING,
        /** The second proof of a device. */
        CONFIRMED,
        /** A private key is destroyed in the store. */
        DESTROYED,
        /** The store was restored from a backup, and brought back to what the devices said. */
        RECONCILED,
        /** Nothing is left to do. */
        CLOSED
    }
}
