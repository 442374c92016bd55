package io.keywright.cli;

import io.keywright.Passphrase;
import io.keywright.rotation.DirectoryCredentialStore;
import io.keywright.rotation.DirectoryStoreSettings;
import io.keywright.rotation.DirectoryStoreSettings.ScryptCost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Encrypts a store under another secret. */
@Command(
        name = "change-secret",
        sortOptions = false,
        description =
                "Encrypt everything in a store under another secret. When this is interrupted, the old secret stays"
                        + " the store's, and the same command goes on where it was. Give the old secret again as the new one to"
                        + " change only the costs.")
final class StoreChangeSecret implements Callable<Integer> {
    private final Shell shell;

    @Spec
    CommandSpec spec;

    @Mixin
    StoreOptions store;

    @Option(names = "--new-secret-file", paramLabel = "P", description = "File with the new secret.")
    @Nullable
    Path newFile;

    @Option(names = "--new-secret-env", paramLabel = "NAME", description = "Environment variable with the new secret.")
    @Nullable
    String newVariable;

    @Option(
            names = "--scrypt-n",
            paramLabel = "N",
            description = "Cost of opening the store, a power of two: memory is N KiB. 32768 without this.")
    @Nullable
    Integer scryptCost;

    @Option(
            names = "--bcrypt-rounds",
            paramLabel = "N",
            description = "Cost of opening each key, as ssh-keygen -a; 24 without this.")
    @Nullable
    Integer bcryptRounds;

    StoreChangeSecret(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        DirectoryStoreSettings settings = settings();
        SecretSource source =
                new SecretSource(shell, spec, "--new-secret", "new secret of the store", newFile, newVariable);
        try (DirectoryCredentialStore open = store.openExisting(spec, settings);
                Passphrase secret = source.givenOrAskedTwice().orElseThrow(source::missing)) {
            open.changeSecret(secret);
            shell.out()
                    .println("the secret of the store in " + store.folder + " is changed for "
                            + open.list().size() + " credentials; backups still open with the old one");
        }
        return Keywright.DONE;
    }

    private DirectoryStoreSettings settings() {
        DirectoryStoreSettings settings = DirectoryStoreSettings.defaults();
        try {
            if (scryptCost != null) {
                ScryptCost usual = ScryptCost.DEFAULT;
                settings = settings.withScryptCost(new ScryptCost(scryptCost, usual.r(), usual.p()));
            }
            return bcryptRounds == null ? settings : settings.withBcryptRounds(bcryptRounds);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
