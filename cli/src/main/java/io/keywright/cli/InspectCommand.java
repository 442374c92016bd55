package io.keywright.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.keywright.Fingerprint;
import io.keywright.KeyComment;
import io.keywright.SshPublicKey;
import io.keywright.format.KdfDescription;
import io.keywright.format.KeyInspection;
import io.keywright.format.KeyReader;
import io.keywright.format.KeyWarning;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Says what a key file is. */
@Command(
        name = "inspect",
        sortOptions = false,
        description = "Say what a key file is, private or public, without its passphrase.")
final class InspectCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    JsonOption json;

    @Parameters(paramLabel = "FILE", description = "The key file; - for standard input.")
    Path file;

    InspectCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        KeyInspection found = inspection();
        if (json.wanted) {
            Json.print(shell, fields -> {
                fields.writeStringField("format", found.format().displayName());
                fields.writeBooleanField("private", found.holdsPrivateKey());
                Json.text(fields, "type", found.algorithm().orElse(null));
                fields.writeNumberField("bits", found.bits());
                Json.text(fields, "fingerprint", found.fingerprint().orElse(null));
                fields.writeFieldName("fingerprints");
                writeFingerprints(fields, found);
                fields.writeBooleanField("encrypted", found.encrypted());
                Json.text(fields, "cipher", found.cipher().orElse(null));
                fields.writeFieldName("kdf");
                writeKdf(fields, found);
                Json.text(fields, "comment", found.comment().orElse(null));
                Json.text(
                        fields,
                        "commentBase64",
                        found.comment()
                                .filter(comment -> !isText(comment))
                                .map(comment -> Base64.getEncoder().encodeToString(comment.toByteArray()))
                                .orElse(null));
                Json.text(
                        fields,
                        "publicKey",
                        found.publicKey().map(InspectCommand::line).orElse(null));
                fields.writeArrayFieldStart("warnings");
                for (KeyWarning warning : found.warnings()) {
                    fields.writeStartObject();
                    fields.writeStringField("code", Json.label(warning));
                    fields.writeStringField("message", warning.description());
                    fields.writeEndObject();
                }
                fields.writeEndArray();
            });
        } else {
            printText(found);
        }
        return Keywright.DONE;
    }

    private KeyInspection inspection() throws IOException {
        // A file's permissions are part of what there is to say; a pipe has none and can be read once only.
        if (Files.isRegularFile(file)) {
            return KeyReader.inspect(file);
        }
        try (KeyInput input = KeyInput.read(shell, file)) {
            return input.inspect();
        }
    }

    /** A comment that is not UTF-8 loses bytes in JSON, which is text. */
    private static boolean isText(KeyComment comment) {
        return KeyComment.of(comment.toString()).equals(comment);
    }

    /** A private key's comment may hold what cannot stand in a line. */
    private static String line(SshPublicKey key) {
        return (key.comment().fitsInLine() ? key : key.withComment(KeyComment.EMPTY)).toLine();
    }

    private static void writeFingerprints(JsonGenerator json, KeyInspection found) throws IOException {
        if (found.publicKey().isEmpty()) {
            json.writeNull();
            return;
        }
        SshPublicKey key = found.publicKey().get();
        json.writeStartObject();
        for (Fingerprint.Hash hash : Fingerprint.Hash.values()) {
            json.writeStringField(Json.label(hash), key.fingerprint(hash).toString());
        }
        json.writeStringField("bubblebabble", key.bubbleBabble());
        json.writeEndObject();
    }

    private static void writeKdf(JsonGenerator json, KeyInspection found) throws IOException {
        if (found.kdf().isEmpty()) {
            json.writeNull();
            return;
        }
        KdfDescription kdf = found.kdf().get();
        json.writeStartObject();
        json.writeStringField("name", kdf.name());
        for (Map.Entry<String, Long> cost : kdf.cost().entrySet()) {
            json.writeNumberField(cost.getKey(), cost.getValue());
        }
        json.writeEndObject();
    }

    private void printText(KeyInspection found) {
        row("format", found.format().displayName());
        row("holds", found.holdsPrivateKey() ? "a private key" : "a public key");
        row("type", found.algorithm().orElse("hidden by the encryption"));
        row("bits", found.bits() == 0 ? "unknown" : String.valueOf(found.bits()));
        row("fingerprint", found.fingerprint().map(Object::toString).orElse("hidden by the encryption"));
        if (found.holdsPrivateKey()) {
            row("encrypted", found.encrypted() ? "yes" : "no");
        }
        found.cipher().ifPresent(cipher -> row("cipher", cipher));
        found.kdf().ifPresent(kdf -> row("kdf", kdf.toString()));
        row("comment", comment(found));
        found.publicKey().ifPresent(key -> row("public key", line(key)));
        found.warnings().forEach(warning -> row("warning", warning.description()));
    }

    private static String comment(KeyInspection found) {
        if (found.comment().isPresent()) {
            return found.comment().get().isEmpty()
                    ? "none"
                    : found.comment().get().toString();
        }
        return found.encrypted() ? "hidden by the encryption" : "none: this format has no place for one";
    }

    private void row(String name, String value) {
        PrintStream out = shell.out();
        out.println((name + "            ").substring(0, 13) + Printable.of(value));
    }
}
