package io.keywright.cli;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the difference between two {@code authorized_keys} files, or what an edit of one would make of it. */
@Command(
        name = "diff",
        sortOptions = false,
        description = "Show what OTHER has in place of FILE, or what an edit would make of FILE: --new adds, --old"
                + " removes, both replace. Nothing is changed.")
final class AuthorizedKeysDiff implements Callable<Integer> {
    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "The authorized_keys file.")
    Path file;

    @Parameters(index = "1", arity = "0..1", paramLabel = "OTHER", description = "The file to compare it with.")
    @Nullable
    Path other;

    @Option(names = "--old", paramLabel = "PUB", description = "File with the public key to remove or replace.")
    @Nullable
    Path oldKey;

    @Option(
            names = {"--new", "--key"},
            paramLabel = "PUB",
            description = "File with the public key to add or put in place.")
    @Nullable
    Path newKey;

    @Mixin
    JsonOption json;

    AuthorizedKeysDiff(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        if ((other == null) == (oldKey == null && newKey == null)) {
            throw new ParameterException(
                    spec.commandLine(), "give either a second file, or --old, --new or both of them");
        }
        AuthorizedKeys before = AuthorizedKeysFile.read(file).parse();
        AuthorizedKeys after = after(before);
        String diff = before.diff(after);
        if (json.wanted) {
            Json.print(shell, fields -> {
                fields.writeStringField("file", file.toString());
                fields.writeBooleanField("different", !before.equals(after));
                fields.writeNumberField("keysBefore", before.entries().size());
                fields.writeNumberField("keysAfter", after.entries().size());
                fields.writeStringField("diff", diff);
            });
        } else {
            shell.out().print(diff);
        }
        return Keywright.DONE;
    }

    /** Forced: a question about an edit is not the edit. */
    private AuthorizedKeys after(AuthorizedKeys before) throws IOException {
        if (other != null) {
            return AuthorizedKeysFile.read(other).parse();
        }
        AuthorizedKeys forced = before.withForce();
        SshPublicKey removed = oldKey == null ? null : AuthorizedKeysEdit.key(oldKey);
        SshPublicKey added = newKey == null ? null : AuthorizedKeysEdit.key(newKey);
        if (removed != null && added != null) {
            return forced.replace(removed, added);
        } else if (added != null) {
            return forced.add(added);
        }
        return removed == null ? before : forced.remove(removed);
    }
}
