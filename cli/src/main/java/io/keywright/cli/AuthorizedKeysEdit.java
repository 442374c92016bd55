package io.keywright.cli;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.EditRefusedException;
import io.keywright.format.KeyReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the edits of an {@code authorized_keys} file have in common. */
final class AuthorizedKeysEdit {
    private final Shell shell;

    @Option(names = "--dry-run", description = "Show what would change, and change nothing.")
    boolean dryRun;

    @Option(
            names = "--force",
            description = "Do it even where it is refused as dangerous, as the removal of the last usable key is.")
    boolean force;

    @Mixin
    JsonOption json;

    AuthorizedKeysEdit(Shell shell) {
        this.shell = shell;
    }

    /** Reads the public key that an option names; a private key's file will do as well. */
    static SshPublicKey key(Path file) throws IOException {
        return KeyReader.of().readPublic(file);
    }

    /** Edits, writes when that changed anything, and says what changed. */
    int run(AuthorizedKeysFile file, Path named, UnaryOperator<AuthorizedKeys> edit) throws IOException {
        AuthorizedKeys before = file.parse();
        AuthorizedKeys after;
        try {
            after = edit.apply(force ? before.withForce() : before);
        } catch (EditRefusedException e) {
            boolean forcible = e.reason() == EditRefusedException.Reason.LAST_USABLE_KEY
                    || e.reason() == EditRefusedException.Reason.OTHER_OPTIONS;
            throw new CommandException(named + ": " + e.getMessage() + (forcible ? " with --force" : ""));
        }
        boolean changed = !before.equals(after);
        if (changed && !dryRun) {
            file.write(after);
        }
        String diff = before.diff(after);
        if (json.wanted) {
            Json.print(shell, fields -> {
                fields.writeStringField("file", named.toString());
                fields.writeBooleanField("changed", changed);
                fields.writeBooleanField("dryRun", dryRun);
                fields.writeNumberField("keysBefore", before.entries().size());
                fields.writeNumberField("keysAfter", after.entries().size());
                fields.writeStringField("diff", diff);
            });
        } else if (changed) {
            shell.out().print(diff);
        } else {
            shell.out().println(named + ": nothing to change");
        }
        return Keywright.DONE;
    }
}
