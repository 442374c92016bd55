package io.keywright.rotation;

import io.keywright.authorizedkeys.ExpiryTime;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import io.keywright.rotation.RotationState.Stage;
import io.keywright.transport.LogIn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives the old key's lines an end of their own, in case nobody comes back to remove them: {@code expiry-time} of sshd(8),
 * once the new key is CURRENT.
 *
 * <p>Only where the server understands a time in UTC, which OpenSSH does since 9.1 (its release notes: the suffix {@code Z}).
 * Earlier ones read it in a zone that is not known here, and a server that cannot parse an option drops the line at once.
 */
final class DeadMansSwitch {
    private static final Pattern OPENSSH = Pattern.compile("SSH-2\\.0-OpenSSH_(\\d{1,3})\\.(\\d{1,3}).*");
    private static final int MAJOR = 9;
    private static final int MINOR = 1;

    /** With less than this an end could come while the device is worked on. */
    private static final Duration LEAST_TIME_LEFT = RotationPolicy.MIN_DEAD_MAN.dividedBy(2);

    private final RunContext run;

    private @Nullable Neighbours neighbours;

    DeadMansSwitch(RunContext run) {
        this.run = run;
    }

    void stamp() {
        Optional<Instant> until = run.state.oldKeyEndsAt;
        if (until.isPresent()) {
            neighbours = new Neighbours(run.parts, run.keys.stored());
            run.visit(
                    Phase.STAMP,
                    device -> device.stage == Stage.EXPANDED && !device.isQuarantined() && !device.isStampDecided(),
                    device -> stampDevice(device, until.get()));
        }
    }

    private boolean stampDevice(DeviceState device, Instant until) {
        Map<String, String> facts;
        try {
            facts = run.attempts(device, Phase.STAMP, () -> stampOnce(device, until))
                    .value();
        } catch (Attempts.StepFailedException e) {
            // What may have been stamped all the same is remembered, so that it is not taken for an owner's wish.
            facts = Map.of(
                    "stamp",
                    ExpiryTime.of(until).toString(),
                    "note",
                    "whether the old key was given an end is not known: "
                            + e.failure().message());
        }
        run.append(JournalEntry.Step.STAMPED, device, facts);
        return true;
    }

    private Map<String, String> stampOnce(DeviceState device, Instant until) {
        DeviceAccount account = run.account(device);
        // The end is fixed when the new key becomes CURRENT; a device that comes late is about to lose the old key
        // anyway.
        if (!run.now().isBefore(until.minus(LEAST_TIME_LEFT))) {
            return Map.of("note", "the old key was given no end of its own: it is about to be removed");
        }
        // Whoever else lives on the key would lose it at that end, as surely as by its removal.
        Optional<DeviceFailure> shared = Objects.requireNonNull(neighbours, "set before any device is visited")
                .at(device.device, device.user, device.hostKey);
        if (shared.isPresent()) {
            return Map.of(
                    "note",
                    "the old key was given no end of its own: " + shared.get().message());
        }
        try (DeviceAccount.Session session = account.logIn(LogIn.withKey(run.keys.newPair()), List.of())) {
            return stampOver(account, session, device, until);
        }
    }

    private Map<String, String> stampOver(
            DeviceAccount account, DeviceAccount.Session session, DeviceState device, Instant until) {
        String server = session.connection().serverVersion();
        if (!understandsUtc(server)) {
            return Map.of(
                    "note",
                    "the old key was given no end of its own: " + server
                            + " is not known to read an expiry-time in UTC (OpenSSH 9.1 does)");
        }
        boolean stamped =
                account.stampOver(session, run.keys.others(), run.keys.newKey(), run.keys.oldKeys(device), until);
        String stamp = ExpiryTime.of(until).toString();
        return stamped
                ? Map.of("stamp", stamp, "note", "the old key ends by itself at " + until)
                : Map.of("stamp", stamp, "note", "the old key has an end of its own, which was left as it is");
    }

    static boolean understandsUtc(String serverVersion) {
        Matcher openSsh = OPENSSH.matcher(serverVersion);
        if (!openSsh.matches()) {
            return false;
        }
        int major = Integer.parseInt(openSsh.group(1));
        return major > MAJOR || (major == MAJOR && Integer.parseInt(openSsh.group(2)) >= MINOR);
    }
}
