package io.keywright.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the credentials of a store. */
@Command(
        name = "list",
        sortOptions = false,
        description = "List the credentials in a store. Exits with 1 when one of them is damaged.")
final class StoreList implements Callable<Integer> {
    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Mixin
    StoreOptions store;

    @Mixin
    JsonOption json;

    StoreList(Shell shell) {
        this.shell = shell;
    }

    /** A credential, or why it cannot be read. */
    private record Row(String name, Optional<CredentialState> state, Optional<String> damage) {}

    @Override
    public Integer call() throws IOException {
        List<Row> rows = new ArrayList<>();
        try (CredentialStore open = store.openExisting(spec)) {
            for (String name : open.list()) {
                rows.add(row(open, name));
            }
        }
        if (json.wanted) {
            Json.print(shell, fields -> writeJson(fields, rows));
        } else {
            print(rows);
        }
        return rows.stream().allMatch(row -> row.damage().isEmpty()) ? Keywright.DONE : Keywright.FAILED;
    }

    private static Row row(CredentialStore open, String name) {
        try {
            return new Row(name, open.find(name), Optional.empty());
        } catch (StoreException e) {
            // the others can still be listed
            return new Row(name, Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    private void print(List<Row> rows) {
        Table table = new Table("credential", "version", "key", "fingerprint", "since", "password", "remark");
        for (Row row : rows) {
            Optional<KeyVersion> current = row.state().flatMap(CredentialState::current);
            table.add(
                    row.name(),
                    current.map(version -> String.valueOf(version.number())).orElse("-"),
                    current.map(version -> version.publicKey().algorithm()).orElse("-"),
                    current.map(version -> version.publicKey().fingerprint().toString())
                            .orElse("-"),
                    current.map(version -> version.changed().toString()).orElse("-"),
                    row.state().filter(CredentialState::hasPassword).isPresent() ? "yes" : "-",
                    row.damage().orElse("-"));
        }
        table.print(shell.out());
    }

    private static void writeJson(JsonGenerator json, List<Row> rows) throws IOException {
        json.writeArrayFieldStart("credentials");
        for (Row row : rows) {
            json.writeStartObject();
            json.writeStringField("credential", row.name());
            Json.text(json, "damage", row.damage().orElse(null));
            json.writeBooleanField(
                    "password", row.state().filter(CredentialState::hasPassword).isPresent());
            json.writeArrayFieldStart("versions");
            for (KeyVersion version : row.state().map(CredentialState::versions).orElse(List.of())) {
                json.writeStartObject();
                json.writeNumberField("number", version.number());
                json.writeStringField("label", Json.label(version.label()));
                json.writeStringField("changed", version.changed().toString());
                Json.key(json, version.publicKey());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
