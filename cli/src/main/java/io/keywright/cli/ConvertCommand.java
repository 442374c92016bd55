package io.keywright.cli;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
            description =
                    "openssh, pem, pkcs8, ppk, ppk2, sshcom or jwk for a private key; public, public-ssh2,"
                            + " public-pem, public-pkcs1 or public-jwk for a public one; sshfp or cloud-init for a text about it.")
    KeyTarget target = KeyTarget.OPENSSH;

    @Mixin
    PassphraseOptions passphrase;

    @Mixin
    NewPassphraseOptions newPassphrase;

    @Option(names = "--plain", description = "Write an encrypted key without encryption.")
    boolean plain;

    @Mixin
    WriterOptions writerOptions;

    @Mixin
    PublicTextOptions textOptions;

    @Option(names = "--comment", paramLabel = "C", description = "Comment to write; the key's own without this.")
    @Nullable
    String comment;

    @Option(
            names = "--options-allowed",
            description = "Accept a line of authorized_keys as a public key; its options are left out.")
    boolean optionsAllowed;

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
                writePrivate(input, writerOptions.apply(target.privateWriter(), target));
            } else {
                writePublic(input.publicKey(passphrase, optionsAllowed));
            }
        }
        return Keywright.DONE;
    }

    private void requireSense() {
        textOptions.requireSense(target);
        if (plain && newPassphrase.isGiven()) {
            throw usage("--plain excludes a new passphrase: give one of them");
        }
        if (!target.isPrivate()) {
            writerOptions.requireNone(target);
            if (plain || newPassphrase.isGiven()) {
                throw usage("--to " + target.label() + " writes a public key, which is never encrypted");
            }
        } else if (target == KeyTarget.JWK && newPassphrase.isGiven()) {
            throw usage("--to jwk writes a key that is never encrypted: give no new passphrase");
        }
    }

    private void writePublic(SshPublicKey read) throws IOException {
        SshPublicKey key = comment == null ? read : read.withComment(comment);
        if (target.isText()) {
            output.write(textOptions.text(target, key).getBytes(StandardCharsets.UTF_8));
            return;
        }
        try (EncodedKey encoded = target.publicWriter().write(key)) {
            output.write(encoded, key.comment());
        }
    }

    private void writePrivate(KeyInput input, KeyWriter writer) throws IOException {
        boolean keepsPassphrase = !plain && !newPassphrase.isGiven();
        try (Passphrase old = input.passphrase(passphrase).orElse(null);
                SshKeyPair pair = input.pair(old);
                Passphrase fresh = newPassphrase.read().orElse(null)) {
            KeyComment told = comment == null ? pair.comment() : KeyComment.of(comment);
            Passphrase chosen = keepsPassphrase ? old : fresh;
            if (chosen != null && target == KeyTarget.JWK) {
                throw new CommandException("a JWK is never encrypted: give --plain to write the key in the clear");
            }
            KeyWriter ready = chosen == null ? writer : writer.withPassphrase(chosen);
            try (EncodedKey encoded = ready.withComment(told).write(pair)) {
                output.write(encoded, told);
            } catch (IllegalStateException e) {
                throw new CommandException(String.valueOf(e.getMessage()));
            }
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
