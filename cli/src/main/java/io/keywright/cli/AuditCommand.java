package io.keywright.cli;

import io.keywright.rotation.audit.Audit;
import io.keywright.rotation.audit.AuditReport;
import io.keywright.rotation.audit.ListedKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Says which keys let whom in, and what is wrong with them. */
@Command(
        name = "audit",
        sortOptions = false,
        description = "Read authorized_keys on every device and say of each key whose it is, and whether it is weak,"
                + " unknown, shared, expired, unrestricted, duplicated or overdue, and what else writes the files."
                + " Nothing is changed. Exits with 1 when a device could not be asked or a key is alarming.")
final class AuditCommand implements Callable<Integer> {
    /** Threads that wait for the network, most of the time; each holds one account's files. */
    private static final int MAX_PARALLEL = 256;

    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Mixin
    FleetOptions fleet;

    @Option(
            names = "--weak-keys",
            paramLabel = "LIST",
            description = "Fingerprints of weak keys, as in Debian's openssh-blacklist; may be given more than once.")
    List<Path> lists = List.of();

    @Option(
            names = "--rsa-bits",
            paramLabel = "N",
            defaultValue = "2048",
            description = "RSA keys are to have at least this size; 2048 without this.")
    int rsaBits;

    @Option(
            names = "--server-zone",
            paramLabel = "ZONE",
            defaultValue = "UTC",
            description = "The servers' time zone, for expiry times without one; UTC without this.")
    ZoneId serverZone;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many accounts are read at once; 16 without this.")
    int parallel;

    @Mixin
    JsonOption json;

    AuditCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        if (parallel < 1 || parallel > MAX_PARALLEL || rsaBits < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--parallel is 1 to " + MAX_PARALLEL + ", and --rsa-bits is positive");
        }
        ListedKeys listed = ListedKeys.NONE;
        for (Path list : lists) {
            listed = listed.with(list);
        }
        try (CredentialSession session = fleet.open()) {
            AuditReport report = Audit.of(session.engine(), session.store())
                    .withListedKeys(listed)
                    .withServerZone(serverZone)
                    .withRsaBits(rsaBits, Math.max(rsaBits, Audit.ADVISED_RSA_BITS))
                    .withExecutor(session.executor(parallel), parallel)
                    .report(session.credentials());
            Answers.print(shell, json, report::toJson, report::toText);
            return report.summary().isClean() ? Keywright.DONE : Keywright.FAILED;
        }
    }
}
