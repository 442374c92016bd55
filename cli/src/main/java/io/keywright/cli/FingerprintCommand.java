package io.keywright.cli;

import io.keywright.Fingerprint;
import io.keywright.MalformedKeyException;
import io.keywright.NotAKeyException;
import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints fingerprints as {@code ssh-keygen -l} does. */
@Command(
        name = "fingerprint",
        sortOptions = false,
        description = "Print the fingerprint of a key, private or public, or of every key in an authorized_keys or"
                + " known_hosts file.")
final class FingerprintCommand implements Callable<Integer> {
    private final Shell shell;

    @Option(
            names = "--hash",
            paramLabel = "HASH",
            defaultValue = "sha256",
            converter = HashConverter.class,
            description = "sha256 (the default) or md5.")
    Fingerprint.Hash hash = Fingerprint.Hash.SHA256;

    @Option(names = "--art", description = "Draw it as well.")
    boolean art;

    @Mixin
    PassphraseOptions passphrase;

    @Mixin
    JsonOption json;

    @Parameters(paramLabel = "FILE", description = "The key file; - for standard input.")
    Path file;

    FingerprintCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        List<SshPublicKey> keys;
        try (KeyInput input = KeyInput.read(shell, file)) {
            keys = keys(input);
        }
        if (json.wanted) {
            Json.print(shell, fields -> {
                fields.writeStringField("file", file.toString());
                fields.writeArrayFieldStart("keys");
                for (SshPublicKey key : keys) {
                    fields.writeStartObject();
                    fields.writeStringField("algorithm", key.algorithm());
                    fields.writeNumberField("bits", key.bits());
                    fields.writeStringField("fingerprint", key.fingerprint(hash).toString());
                    fields.writeStringField("comment", key.comment().toString());
                    if (art) {
                        fields.writeStringField("art", key.randomart(hash));
                    }
                    fields.writeEndObject();
                }
                fields.writeEndArray();
            });
            return Keywright.DONE;
        }
        for (SshPublicKey key : keys) {
            shell.out().println(KeyText.of(key, hash));
            if (art) {
                shell.out().println(key.randomart(hash));
            }
        }
        return Keywright.DONE;
    }

    private List<SshPublicKey> keys(KeyInput input) throws IOException {
        try {
            return List.of(input.publicKey(passphrase));
        } catch (NotAKeyException | MalformedKeyException e) {
            List<SshPublicKey> keys = input.use(FingerprintCommand::keysInLines);
            if (keys.isEmpty()) {
                throw e;
            }
            return keys;
        }
    }

    /** In front of a key stand options in one sort of file and host names in the other; to the reader both are one. */
    private static List<SshPublicKey> keysInLines(byte[] content) {
        List<SshPublicKey> keys = new ArrayList<>();
        for (Entry entry : AuthorizedKeys.parse(content).entries()) {
            try {
                keys.add(entry.key());
            } catch (SshKeyException e) {
                throw new CommandException("line " + entry.number() + ": " + e.getMessage());
            }
        }
        return keys;
    }

    /** Reads the argument of {@code --hash}. */
    static final class HashConverter extends LabelConverter<Fingerprint.Hash> {
        HashConverter() {
            super(Fingerprint.Hash.values(), hash -> hash.name().toLowerCase(Locale.ROOT));
        }
    }
}
