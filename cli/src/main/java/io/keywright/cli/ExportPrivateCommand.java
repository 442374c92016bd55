package io.keywright.cli;

import io.keywright.Fingerprint;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyWriter;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.StoredSecret;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes the current private key of a credential to a file: the one way out of the store. */
@Command(
        name = "export-private",
        sortOptions = false,
        description = "Write the current private key out of the store, encrypted under a new passphrase. Who has it can"
                + " log in to every device until the next rotation.")
final class ExportPrivateCommand implements Callable<Integer> {
    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Mixin
    CredentialOptions credential;

    @Mixin
    NewPassphraseOptions newPassphrase;

    @Mixin
    OutputOptions output;

    @Mixin
    JsonOption json;

    ExportPrivateCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        if (output.file != null) {
            output.requireFree(output.file);
        } else if (json.wanted) {
            throw new ParameterException(
                    spec.commandLine(), "--json needs --out: standard output is where the private key goes");
        }
        try (Passphrase passphrase = newPassphrase.required();
                CredentialSession session = credential.open()) {
            String name = session.credential().name();
            KeyVersion current = session.store()
                    .find(name)
                    .flatMap(CredentialState::current)
                    .orElseThrow(() -> new CommandException(
                            "the store has no key for " + name + ": import one, or install it on a device"));
            try (SshKeyPair pair = session.store().exposeSecret(name, StoredSecret.key(current.number()));
                    EncodedKey encoded =
                            KeyWriter.openssh().withPassphrase(passphrase).write(pair)) {
                output.write(encoded, pair.comment());
            }
            report(name, current);
        }
        return Keywright.DONE;
    }

    private void report(String name, KeyVersion version) throws IOException {
        if (output.file == null) {
            return;
        }
        String file = output.file.toString();
        if (json.wanted) {
            Json.print(shell, fields -> {
                fields.writeStringField("credential", name);
                fields.writeNumberField("version", version.number());
                fields.writeStringField("file", file);
                Json.key(fields, version.publicKey());
            });
        } else {
            shell.out().println(KeyText.of(version.publicKey(), Fingerprint.Hash.SHA256));
        }
    }
}
