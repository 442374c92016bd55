package io.keywright.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.Entry;
import io.keywright.authorizedkeys.Line;
import io.keywright.authorizedkeys.Usability;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists the keys of an {@code authorized_keys} file. */
@Command(
        name = "list",
        sortOptions = false,
        description = "List the keys, each with its line, what sshd makes of it, its options and its comment.")
final class AuthorizedKeysList implements Callable<Integer> {
    private final Shell shell;
    private final Clock clock = Clock.system(ZoneId.systemDefault());

    @Parameters(paramLabel = "FILE", description = "The authorized_keys file.")
    Path file;

    @Mixin
    JsonOption json;

    AuthorizedKeysList(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        AuthorizedKeys keys = AuthorizedKeysFile.read(file).parse();
        List<Line.Malformed> malformed = keys.lines().stream()
                .filter(Line.Malformed.class::isInstance)
                .map(Line.Malformed.class::cast)
                .toList();
        if (json.wanted) {
            Json.print(shell, fields -> writeJson(fields, keys, malformed));
            return Keywright.DONE;
        }
        Table table = new Table("line", "algorithm", "fingerprint", "verdict", "options", "comment");
        for (Entry entry : keys.entries()) {
            table.add(
                    String.valueOf(entry.number()),
                    entry.algorithm(),
                    entry.fingerprint().toString(),
                    Json.label(usability(entry).verdict()),
                    entry.options().isEmpty() ? "-" : entry.options().text(),
                    entry.comment().isEmpty() ? "-" : entry.comment().toString());
        }
        table.print(shell.out());
        for (Line.Malformed line : malformed) {
            shell.warn(file + ":" + line.number() + ": sshd sees no key here: "
                    + line.problem().description());
        }
        return Keywright.DONE;
    }

    private Usability usability(Entry entry) {
        return entry.usabilityAt(clock.instant(), clock.getZone());
    }

    private void writeJson(JsonGenerator json, AuthorizedKeys keys, List<Line.Malformed> malformed) throws IOException {
        json.writeStringField("file", file.toString());
        json.writeArrayFieldStart("keys");
        for (Entry entry : keys.entries()) {
            Usability usability = usability(entry);
            json.writeStartObject();
            json.writeNumberField("line", entry.number());
            json.writeStringField("algorithm", entry.algorithm());
            json.writeStringField("fingerprint", entry.fingerprint().toString());
            json.writeStringField("options", entry.options().text());
            json.writeStringField("comment", entry.comment().toString());
            json.writeBooleanField("usable", usability.isUsable());
            json.writeStringField("verdict", Json.label(usability.verdict()));
            json.writeStringField("detail", usability.detail());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("malformed");
        for (Line.Malformed line : malformed) {
            json.writeStartObject();
            json.writeNumberField("line", line.number());
            json.writeStringField("problem", line.problem().description());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
