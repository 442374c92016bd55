package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintCommandTest {
    @TempDir
    Path folder;

    private Path key;

    @BeforeEach
    void makeKey() {
        key = folder.resolve("key");
        Cli.run("generate", "--type", "ecdsa-p384", "--comment", "a b", "--out", key)
                .quietly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256", "md5"})
    void fingerprint_hash_isSshKeygens(String hash) throws Exception {
        String expected =
                Tool.sshKeygen().run(folder, "-l", "-E", hash, "-f", "key").orFail();

        assertThat(Cli.run("fingerprint", "--hash", hash, key).quietly().out()).isEqualTo(expected);
        assertThat(Cli.run("fingerprint", "--hash", hash, folder.resolve("key.pub"))
                        .quietly()
                        .out())
                .isEqualTo(expected);
    }

    @Test
    void fingerprint_art_isSshKeygens() throws Exception {
        assertThat(Cli.run("fingerprint", "--art", key).quietly().out())
                .isEqualTo(Tool.sshKeygen().run(folder, "-lv", "-f", "key").orFail());
    }

    @Test
    void fingerprint_noComment_isSshKeygens() throws Exception {
        Cli.run("generate", "--out", folder.resolve("bare")).quietly();

        assertThat(Cli.run("fingerprint", folder.resolve("bare.pub")).quietly().out())
                .isEqualTo(Tool.sshKeygen().run(folder, "-l", "-f", "bare.pub").orFail());
    }

    @Test
    void fingerprint_json_hasAll() throws IOException {
        JsonNode json = Cli.run("fingerprint", "--json", "--art", key).quietly().json();

        assertThat(json.get("keys")).hasSize(1);
        JsonNode one = json.get("keys").get(0);
        assertThat(one.get("algorithm").asText()).isEqualTo("ecdsa-sha2-nistp384");
        assertThat(one.get("bits").asInt()).isEqualTo(384);
        assertThat(one.get("fingerprint").asText()).startsWith("SHA256:");
        assertThat(one.get("comment").asText()).isEqualTo("a b");
        assertThat(one.get("art").asText()).contains("[ECDSA 384]");
    }

    @Test
    void fingerprint_authorizedKeys_hasALineForEachKey() throws Exception {
        Cli.run("generate", "--comment", "second", "--out", folder.resolve("other"))
                .quietly();
        String first = Files.readString(folder.resolve("key.pub"));
        String second = Files.readString(folder.resolve("other.pub"));
        Path file = Cli.file(folder, "authorized_keys", "# ours\nrestrict " + first + "\n" + second);

        assertThat(Cli.run("fingerprint", file).quietly().out())
                .isEqualTo(Cli.run("fingerprint", key).out()
                        + Cli.run("fingerprint", folder.resolve("other")).out());
    }

    @Test
    void fingerprint_knownHosts_hasALineForEachKey() throws Exception {
        String line = Files.readString(folder.resolve("key.pub"));
        Path file = Cli.file(folder, "known_hosts", "[127.0.0.1]:2201,web-1 " + line + "web-2 " + line);

        assertThat(Cli.run("fingerprint", file).quietly().out().lines()).hasSize(2);
    }

    @Test
    void fingerprint_noKey_fails() throws IOException {
        assertThat(Cli.run("fingerprint", Cli.file(folder, "none", "hello\n")).failure())
                .isNotEmpty();
    }

    @Test
    void fingerprint_unknownHash_isWrongUsage() {
        assertThat(Cli.run("fingerprint", "--hash", "sha1", key).usageError())
                .contains("'sha1' is none of sha256, md5");
    }
}
