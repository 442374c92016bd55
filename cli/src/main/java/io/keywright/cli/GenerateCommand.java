package io.keywright.cli;

import io.keywright.Fingerprint;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyWriter;
import io.keywright.rotation.KeySpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Generates a key pair. */
@Command(
        name = "generate",
        sortOptions = false,
        description = "Generate a key pair: FILE with the private key and FILE.pub with the public one.")
final class GenerateCommand implements Callable<Integer> {
    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "ed25519",
            converter = KeyTypeConverter.class,
            description = "ed25519 (the default), ed448, ecdsa-p256, ecdsa-p384, ecdsa-p521 or rsa.")
    KeySpec.Type type = KeySpec.Type.ED25519;

    @Option(
            names = "--bits",
            paramLabel = "N",
            description = "Size of an RSA key: " + SshKeyPairGenerator.MIN_RSA_BITS + " or more; "
                    + SshKeyPairGenerator.DEFAULT_RSA_BITS + " without this.")
    @Nullable
    Integer bits;

    @Option(names = "--comment", paramLabel = "C", description = "Comment of the key.")
    String comment = "";

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "openssh",
            converter = KeyTarget.Converter.class,
            description = "openssh (the default), pem, pkcs8, ppk, ppk2, sshcom or jwk.")
    KeyTarget format = KeyTarget.OPENSSH;

    @Mixin
    NewPassphraseOptions newPassphrase;

    @Mixin
    OutputOptions output;

    @Mixin
    JsonOption json;

    GenerateCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        SshKeyPairGenerator generator = checkedGenerator();
        KeyWriter writer = format.privateWriter();
        Path file = output.file;
        Path publicFile = file == null ? null : file.resolveSibling(file.getFileName() + ".pub");
        if (file != null && publicFile != null) {
            output.requireFree(file);
            output.requireFree(publicFile);
        }
        try (Passphrase passphrase = newPassphrase.read().orElse(null);
                SshKeyPair pair = generator.generate();
                EncodedKey encoded = (passphrase == null ? writer : writer.withPassphrase(passphrase)).write(pair)) {
            output.write(encoded, pair.comment());
            if (publicFile != null) {
                try (EncodedKey line = KeyWriter.publicLine().write(pair.publicKey())) {
                    output.writeTo(publicFile, line);
                }
                report(pair.publicKey(), String.valueOf(file), publicFile.toString(), passphrase != null);
            }
        }
        return Keywright.DONE;
    }

    private SshKeyPairGenerator checkedGenerator() {
        if (!format.isPrivate()) {
            throw new ParameterException(
                    spec.commandLine(), "--format " + format.label() + " has no place for a private key");
        }
        if (json.wanted && output.file == null) {
            throw new ParameterException(
                    spec.commandLine(), "--json needs --out: standard output is where the private key goes");
        }
        try {
            OptionalInt size = bits == null ? OptionalInt.empty() : OptionalInt.of(bits);
            SshKeyPairGenerator generator = new KeySpec(type, size, comment).generator();
            if (!io.keywright.KeyComment.of(comment).fitsInLine()) {
                throw new ParameterException(spec.commandLine(), "--comment must not have control characters");
            }
            return generator;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--bits: " + e.getMessage());
        }
    }

    private void report(SshPublicKey key, String file, String publicFile, boolean encrypted) throws IOException {
        if (!json.wanted) {
            shell.out().println(KeyText.of(key, Fingerprint.Hash.SHA256));
            return;
        }
        Json.print(shell, fields -> {
            fields.writeStringField("file", file);
            fields.writeStringField("publicFile", publicFile);
            fields.writeStringField("format", format.format().displayName());
            fields.writeBooleanField("encrypted", encrypted);
            Json.key(fields, key);
            fields.writeStringField("publicKey", key.toLine());
        });
    }

    /** Reads the argument of {@code --type}. */
    static final class KeyTypeConverter extends LabelConverter<KeySpec.Type> {
        KeyTypeConverter() {
            super(KeySpec.Type.values(), KeySpec.Type::label);
        }
    }
}
