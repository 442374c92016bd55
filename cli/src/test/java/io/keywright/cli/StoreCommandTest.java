package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code keywright store} and {@code keywright import}: no server is needed for either. */
@Tag("once")
class StoreCommandTest {
    @TempDir
    Path folder;

    private Path store;
    private Path secret;
    private Path credential;

    @BeforeEach
    void makeAStore() throws IOException {
        store = folder.resolve("store");
        secret = Cli.secret(folder, "secret", "secret of the store\n");
        credential = Cli.file(folder, "web.yaml", "name: web\nuser: deploy\ndevices: []\n");
        Cli.run("generate", "--out", folder.resolve("key"), "--comment", "pasted")
                .done();
    }

    private Cli.Result importKey(Object... more) {
        return Cli.run(Cli.arguments(
                List.of("import", "--credential", credential, "--store", store, "--secret-file", secret), more));
    }

    private Cli.Result store(String command, Object... more) {
        return Cli.run(Cli.arguments(List.of("store", command, "--store", store, "--secret-file", secret), more));
    }

    @Nested
    class Import {
        @Test
        void import_publicHalfOfTheKey_isStored() {
            assertThat(importKey("--public", folder.resolve("key.pub"), folder.resolve("key"))
                            .done()
                            .out())
                    .contains("version 1 of web is current");
        }

        @Test
        void import_publicHalfOfAnother_isRefusedAndNothingIsStored() {
            Cli.run("generate", "--out", folder.resolve("other")).done();
            assertThat(importKey("--public", folder.resolve("other.pub"), folder.resolve("key"))
                            .failure())
                    .contains("private and public key", "SHA256:");
            assertThat(store("public-key", "web").failure()).contains("the store has no credential web");
        }

        @Test
        void import_publicHalfWithoutAKey_isWrongUsage() {
            assertThat(importKey("--password-file", secret, "--public", folder.resolve("key.pub"))
                            .usageError())
                    .contains("--public goes with KEYFILE");
        }
    }

    @Nested
    class Look {
        @Test
        void list_credentials_areInATableAndInJson() throws IOException {
            importKey(folder.resolve("key")).done();
            assertThat(store("list").quietly().out()).contains("web", "ssh-ed25519", "SHA256:");
            JsonNode listed = store("list", "--json").quietly().json().at("/credentials/0");
            assertThat(listed.get("credential").asText()).isEqualTo("web");
            assertThat(listed.at("/versions/0/label").asText()).isEqualTo("current");
        }

        @Test
        void list_damagedCredential_failsAndNamesTheFile() throws IOException {
            importKey(folder.resolve("key")).done();
            Files.writeString(store.resolve("credentials-1/web/labels.jsonl"), "{}\n");
            Cli.Result result = store("list");
            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.out()).contains("web", "labels.jsonl", "damaged");
        }

        @Test
        void publicKey_current_isItsLineAndNothingElse() throws IOException {
            importKey(folder.resolve("key")).done();
            assertThat(store("public-key", "web").quietly().out())
                    .isEqualTo(Files.readString(folder.resolve("key.pub")));
            assertThat(store("public-key", "web", "--key-version", "7").failure())
                    .contains("web has no version 7");
        }

        @Test
        void list_folderThatIsNoStore_makesNone() {
            assertThat(store("list").failure()).contains("is no store");
            assertThat(store).doesNotExist();
        }
    }

    @Nested
    class ChangeSecret {
        @Test
        void changeSecret_newSecretAndCosts_openEverythingAndTheOldNothing() throws IOException {
            importKey(folder.resolve("key")).done();
            Path next = Cli.secret(folder, "next", "another secret\n");
            assertThat(store("change-secret", "--new-secret-file", next, "--scrypt-n", "1024", "--bcrypt-rounds", "2")
                            .quietly()
                            .out())
                    .contains("is changed for 1 credentials");
            assertThat(store("list").failure()).contains("the secret is not that of the store");
            assertThat(Files.readString(store.resolve("store.json"))).contains("\"n\":1024");
            secret = next;
            assertThat(store("public-key", "web").quietly().out())
                    .isEqualTo(Files.readString(folder.resolve("key.pub")));
        }

        @Test
        void changeSecret_costOutOfRange_isWrongUsage() throws IOException {
            importKey(folder.resolve("key")).done();
            assertThat(store("change-secret", "--new-secret-file", secret, "--scrypt-n", "1000")
                            .usageError())
                    .contains("a power of two");
        }
    }
}
