package io.keywright.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.keywright.SshKeyException;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.schedule.Schedule;
import io.keywright.rotation.schedule.ScheduleRunner;
import io.keywright.rotation.schedule.ScheduledCredential;
import io.keywright.rotation.schedule.ScheduledTask;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what is to be done next about credentials, and does what is due. */
@Command(
        name = "schedule",
        sortOptions = false,
        description =
                "Say what is next for each credential and when: a rotation where the policy is automatic, the rest of"
                        + " one that was interrupted, the second proof of one that has settled. With --run, do what is due now,"
                        + " one after the other: for a timer that calls this every so often.")
final class ScheduleCommand implements Callable<Integer> {
    private final Shell shell;
    private final Clock clock = Clock.systemUTC();

    @Mixin
    FleetOptions fleet;

    @Option(names = "--run", description = "Do what is due.")
    boolean run;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "What the jitter depends on, beside the credential's name; 0 without this.")
    long seed;

    @Mixin
    JsonOption json;

    ScheduleCommand(Shell shell) {
        this.shell = shell;
    }

    /** What is next for a credential, and what became of it where it was run. */
    private record Row(CredentialFile file, Optional<ScheduledTask> next, Optional<String> result, boolean failed) {}

    @Override
    public Integer call() throws IOException {
        List<Row> rows = new ArrayList<>();
        try (CredentialSession session = fleet.open()) {
            RotationEngine engine = run ? session.engine() : session.localEngine();
            for (CredentialFile file : session.files()) {
                rows.add(row(engine, file));
            }
        }
        if (json.wanted) {
            Json.print(shell, fields -> writeJson(fields, rows));
        } else {
            print(rows);
        }
        return rows.stream().anyMatch(Row::failed) ? Keywright.FAILED : Keywright.DONE;
    }

    private Row row(RotationEngine engine, CredentialFile file) {
        String name = file.credential().name();
        try {
            ScheduledCredential scheduled = new ScheduledCredential(file.credential(), file.schedule());
            Instant now = clock.instant();
            Optional<ScheduledTask> next = new Schedule(seed).next(scheduled, engine.status(name), now);
            if (!run || next.filter(task -> task.isDue(now)).isEmpty()) {
                return new Row(file, next, Optional.empty(), false);
            }
            Optional<RotationReport> report;
            try (ProgressDisplay progress = ProgressDisplay.on(shell)) {
                report = ScheduleRunner.perform(
                        engine, file.credential(), next.get().action(), progress);
            }
            String result = report.map(stands -> Json.label(stands.outcome())).orElse("nothing was left to do");
            return new Row(
                    file,
                    next,
                    Optional.of(result),
                    report.filter(ScheduleCommand::isFailed).isPresent());
        } catch (SshKeyException e) {
            // One credential that cannot be changed keeps no other from being changed.
            return new Row(file, Optional.empty(), Optional.of(String.valueOf(e.getMessage())), true);
        }
    }

    /** An overlap is what was asked for, where every device has the new key. */
    private static boolean isFailed(RotationReport report) {
        return report.outcome() == RotationReport.Outcome.OVERLAPPING
                ? report.devices().stream().anyMatch(device -> device.outcome() instanceof DeviceOutcome.Quarantined)
                : !report.isSuccess();
    }

    private void print(List<Row> rows) {
        Table table = new Table("credential", "next", "due", "starts", "result");
        for (Row row : rows) {
            table.add(
                    row.file().credential().name(),
                    row.next().map(task -> task.action().label()).orElse("-"),
                    row.next().map(task -> seconds(task.due())).orElse("-"),
                    row.next().map(task -> starts(task)).orElse("-"),
                    row.result().orElse("-"));
        }
        table.print(shell.out());
    }

    private String starts(ScheduledTask task) {
        return task.isDue(clock.instant()) ? "now" : seconds(task.start());
    }

    private static String seconds(Instant moment) {
        return Instant.ofEpochSecond(moment.getEpochSecond()).toString();
    }

    private static void writeJson(JsonGenerator json, List<Row> rows) throws IOException {
        json.writeArrayFieldStart("credentials");
        for (Row row : rows) {
            json.writeStartObject();
            json.writeStringField("credential", row.file().credential().name());
            Json.text(
                    json, "next", row.next().map(task -> task.action().label()).orElse(null));
            Json.text(json, "due", row.next().map(ScheduledTask::due).orElse(null));
            Json.text(json, "start", row.next().map(ScheduledTask::start).orElse(null));
            Json.text(json, "result", row.result().orElse(null));
            json.writeBooleanField("failed", row.failed());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
