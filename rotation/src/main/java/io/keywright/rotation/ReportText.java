package io.keywright.rotation;

import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Lays a report out as a table for people. */
final class ReportText {
    private ReportText() {}

    static String of(RotationReport report) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "credential  %s%n", report.credential()));
        text.append(String.format(Locale.ROOT, "rotation    %s%n", report.rotation()));
        text.append(String.format(Locale.ROOT, "old key     %s%n", report.oldKey()));
        text.append(
                String.format(Locale.ROOT, "new key     %s%n", report.newKey().orElse("none was made")));
        text.append(String.format(Locale.ROOT, "outcome     %s%n", headline(report)));
        text.append(String.format(
                Locale.ROOT, "took        %s so far%n", report.duration().truncatedTo(ChronoUnit.SECONDS)));
        int width =
                report.devices().stream().mapToInt(d -> d.id().length()).max().orElse(6);
        String row = "%-" + Math.max(width, 6) + "s  %-17s  %-8s  %-8s  %-8s  %s%n";
        text.append('\n')
                .append(String.format(Locale.ROOT, row, "device", "outcome", "old was", "old is", "new is", "edits"));
        for (DeviceReport device : report.devices()) {
            RevocationProof proof = device.proof();
            text.append(String.format(
                    Locale.ROOT,
                    row,
                    device.id(),
                    device.outcome().label(),
                    proof.oldBefore().label(),
                    proof.oldAfter().label(),
                    proof.newAfter().label(),
                    edits(device)));
        }
        for (DeviceReport device : report.devices()) {
            if (!(device.outcome() instanceof DeviceOutcome.Done)) {
                text.append(device.id())
                        .append(": ")
                        .append(device.outcome().describe())
                        .append('\n');
            }
            device.notes()
                    .forEach(note ->
                            text.append(device.id()).append(": ").append(note).append('\n'));
            device.edits().stream()
                    .flatMap(edit -> edit.warnings().stream())
                    .forEach(warning -> text.append(device.id())
                            .append(": ")
                            .append(warning)
                            .append('\n'));
        }
        report.remains().forEach(what -> text.append("to do: ").append(what).append('\n'));
        return text.toString().replace("\r\n", "\n");
    }

    private static String headline(RotationReport report) {
        return switch (report.outcome()) {
            case SETTLING ->
                (report.isSuccess() ? "done on every device" : "done, but not proved on every device")
                        + "; the previous key is kept until the second proof, due "
                        + report.settlesAt().map(Object::toString).orElse("at once");
            case FINISHED -> report.remains().isEmpty() ? "finished, proved twice" : "ended; something is left to do";
            case OVERLAPPING ->
                "the new key is current; the old one is accepted as well until "
                        + report.contractsAt().map(Object::toString).orElse("now") + ", resume it then";
            case INCOMPLETE -> "not finished: the new key is current, some devices are not done; resume it";
            case ROLL_BACK_SETTLING ->
                "taken back, the old key is current; the new one is kept until the second proof, due "
                        + report.settlesAt().map(Object::toString).orElse("at once") + ": "
                        + report.reason().orElse("");
            case ROLLED_BACK ->
                "taken back, the old key is current: " + report.reason().orElse("");
            case ROLL_BACK_INCOMPLETE ->
                "being taken back, some devices are not done; resume it: "
                        + report.reason().orElse("");
        };
    }

    /** How many files were changed, how, and what that promises: {@code "2 by sftp, atomic, durable"}. */
    private static String edits(DeviceReport device) {
        List<RemoteEdit> changed =
                device.edits().stream().filter(RemoteEdit::changed).toList();
        if (changed.isEmpty()) {
            return "none";
        }
        String methods =
                changed.stream().map(edit -> edit.method().label()).distinct().collect(Collectors.joining(" and "));
        boolean atomic = changed.stream().allMatch(RemoteEdit::atomic);
        boolean durable = changed.stream().allMatch(RemoteEdit::durable);
        return changed.size() + " by " + methods + RemoteEdit.promise(atomic, durable);
    }
}
