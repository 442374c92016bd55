package io.keywright.cli;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyWriter;
import io.keywright.format.PublicKeyWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a key in another format, or its public half. */
@Command(
        name = "convert",
        sortOptions = false,
        description = "Write a key in another format, or only its public half. A plain key stays plain and an encrypted"
                + " one keeps its passphrase, unless told otherwise.")
final class ConvertCommand implements Callable<Integer> {
    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "F",
            converter = KeyTarget.Converter.class,
            description = "openssh, pem, pkcs8, ppk, ppk2, sshcom, jwk, public, public-ssh2, public-pem or public-jwk.")
    KeyTarget target = KeyTarget.OPENSSH;

    @Mixin
    PassphraseOptions passphrase;

    @Mixin
    NewPassphraseOptions newPassphrase;

    @Option(names = "--plain", description = "Write an encrypted key without encryption.")
    boolean plain;

    @Mixin
    OutputOptions output;

    @Parameters(paramLabel = "FILE", description = "The key file; - for standard input.")
    Path file;

    ConvertCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        requireSense();
        if (output.file != null) {
            output.requireFree(output.file);
        }
        try (KeyInput input = KeyInput.read(shell, file)) {
            if (target.isPrivate()) {
                writePrivate(input, target.privateWriter());
            } else {
                writePublic(input, target.publicWriter());
            }
        }
        return Keywright.DONE;
    }

    private void requireSense() {
        if (plain && newPassphrase.isGiven()) {
            throw new ParameterException(spec.commandLine(), "--plain excludes a new passphrase: give one of them");
        }
        if (!target.isPrivate() && (plain || newPassphrase.isGiven())) {
            throw new ParameterException(
                    spec.commandLine(), "--to " + target.label() + " writes a public key, which is never encrypted");
        }
    }

    private void writePublic(KeyInput input, PublicKeyWriter writer) throws IOException {
        SshPublicKey key = input.publicKey(passphrase);
        try (EncodedKey encoded = writer.write(key)) {
            output.write(encoded, key.comment());
        }
    }

    private void writePrivate(KeyInput input, KeyWriter writer) throws IOException {
        boolean keepsPassphrase = !plain && !newPassphrase.isGiven();
        try (Passphrase old = input.passphrase(passphrase).orElse(null);
                SshKeyPair pair = input.pair(old);
                Passphrase fresh = newPassphrase.read().orElse(null)) {
            Passphrase chosen = keepsPassphrase ? old : fresh;
            try (EncodedKey encoded = (chosen == null ? writer : writer.withPassphrase(chosen)).write(pair)) {
                output.write(encoded, pair.comment());
            }
        }
    }
}
