package io.keywright.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.keywright.Fingerprint;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.KeyVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts an existing key, or the password of a bootstrap credential, into the store. */
@Command(
        name = "import",
        sortOptions = false,
        description =
                "Put an existing key into the store, where it becomes the credential's current one; or the password"
                        + " of a credential that others authenticate with.")
final class ImportCommand implements Callable<Integer> {
    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Mixin
    CredentialOptions credential;

    @Mixin
    PassphraseOptions passphrase;

    @Mixin
    PasswordOptions password;

    @Mixin
    JsonOption json;

    @Option(
            names = "--public",
            paramLabel = "FILE",
            description = "The public half, in any format: the import is refused unless the two belong together.")
    @Nullable
    Path publicFile;

    @Parameters(arity = "0..1", paramLabel = "KEYFILE", description = "The private key's file; - for standard input.")
    @Nullable
    Path keyFile;

    ImportCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (Passphrase secret = password.read().orElse(null)) {
            if ((keyFile == null) == (secret == null)) {
                throw new ParameterException(
                        spec.commandLine(), "give either KEYFILE or the password of the account (--password-file)");
            }
            if (publicFile != null && keyFile == null) {
                throw new ParameterException(spec.commandLine(), "--public goes with KEYFILE");
            }
            try (CredentialSession session = credential.open()) {
                if (secret != null) {
                    importPassword(session, secret);
                } else if (keyFile != null) {
                    importKey(session, keyFile);
                }
            }
        }
        return Keywright.DONE;
    }

    private void importKey(CredentialSession session, Path path) throws IOException {
        try (KeyInput input = KeyInput.read(shell, path);
                Passphrase opening = input.passphrase(passphrase).orElse(null);
                SshKeyPair pair = pair(input, opening);
                CredentialStore.Lease lease =
                        session.store().lease(session.credential().name())) {
            KeyVersion version = session.store().importKey(lease, pair);
            report(session.credential(), Optional.of(version));
        }
    }

    private SshKeyPair pair(KeyInput input, @Nullable Passphrase opening) throws IOException {
        if (publicFile == null) {
            return input.pair(opening);
        }
        try (KeyInput expected = KeyInput.read(shell, publicFile)) {
            return input.pair(opening, expected);
        }
    }

    private void importPassword(CredentialSession session, Passphrase secret) throws IOException {
        try (CredentialStore.Lease lease =
                session.store().lease(session.credential().name())) {
            session.store().putPassword(lease, secret);
        }
        report(session.credential(), Optional.empty());
    }

    private void report(Credential imported, Optional<KeyVersion> version) throws IOException {
        if (json.wanted) {
            Json.print(shell, fields -> writeJson(fields, imported, version));
        } else if (version.isPresent()) {
            shell.out()
                    .println("version " + version.get().number() + " of " + imported.name() + " is current: "
                            + KeyText.of(version.get().publicKey(), Fingerprint.Hash.SHA256));
        } else {
            shell.out().println("the password of " + imported.name() + " is stored");
        }
    }

    private static void writeJson(JsonGenerator json, Credential imported, Optional<KeyVersion> version)
            throws IOException {
        json.writeStringField("credential", imported.name());
        json.writeStringField("imported", version.isPresent() ? "key" : "password");
        if (version.isPresent()) {
            json.writeNumberField("version", version.get().number());
            Json.key(json, version.get().publicKey());
        }
    }
}
