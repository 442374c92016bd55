package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a plan finds out about an account's files by reading them. For one thread. */
final class Inspection {
    private final Map<Integer, SshPublicKey> versions;
    private final Instant now;
    private final List<String> files = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private Optional<String> managedBy = Optional.empty();
    private Optional<DeviceFailure> obstacle = Optional.empty();

    /**
     * Begins.
     *
     * @param versions what to look for, newest first
     */
    Inspection(Map<Integer, SshPublicKey> versions, Instant now) {
        this.versions = versions;
        this.now = now;
    }

    void run(RemoteAuthorizedKeys remote, List<String> named, SshConnection connection) {
        List<String> paths = new ArrayList<>();
        for (String file : named) {
            RemoteFile found = remote.read(file);
            paths.add(found.path());
            inspect(found);
        }
        for (String other : UsualPlaces.holding(remote, paths, versions.values())) {
            warnings.add(other + " has the key as well and is not among the files that were named: should its sshd read"
                    + " it, the old key stays accepted");
        }
        if (remote.method() == EditMethod.SFTP) {
            try (SftpSession sftp = connection.openSftp()) {
                WriteAccess access = new WriteAccess(sftp);
                obstacle = files.stream()
                        .map(access::obstacle)
                        .flatMap(Optional::stream)
                        .findFirst()
                        .map(what -> new DeviceFailure(DeviceFailure.Kind.FILE_NOT_WRITABLE, false, what));
            }
        }
    }

    /** The real paths of the files with a key of ours. */
    List<String> files() {
        return List.copyOf(files);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    Optional<String> managedBy() {
        return managedBy;
    }

    /** What would keep the files from being changed. */
    Optional<DeviceFailure> obstacle() {
        return obstacle;
    }

    private void inspect(RemoteFile file) {
        AuthorizedKeys keys = file.keys();
        boolean found = false;
        for (Map.Entry<Integer, SshPublicKey> version : versions.entrySet()) {
            int lines = keys.find(version.getValue()).size();
            found |= lines > 0;
            if (lines > 1) {
                warnings.add(file.path() + " has version " + version.getKey() + " on " + lines
                        + " lines; all of them will be replaced");
            }
        }
        if (found) {
            files.add(file.path());
            warnWhenAlone(file);
        }
        if (file.exists()) {
            warnings.addAll(file.strictModesTrouble());
        }
        FileManagers.of(keys).ifPresent(manager -> {
            managedBy = Optional.of(manager);
            warnings.add(
                    file.path() + " is managed by " + manager + ", which may bring the old key back: tell it of the"
                            + " new one, too; previous private keys are not destroyed without being asked to");
        });
    }

    private void warnWhenAlone(RemoteFile file) {
        boolean others = file.keys().entries().stream()
                .filter(entry -> !entry.isCertAuthority())
                .filter(entry -> versions.values().stream().noneMatch(entry::holds))
                .anyMatch(entry -> entry.usabilityAt(now).mayBeUsable());
        if (!others) {
            warnings.add(file.path() + " lets nobody else in: should the store be lost, so is the account");
        }
    }
}
