package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as it is run: in a process of its own, from another folder. */
class ChildJvmTest {
    @TempDir
    Path folder;

    @Test
    void generate_relativeFile_isMadeInTheWorkingFolder() throws Exception {
        Tool.Result result = Tool.keywright().run(folder, "generate", "--comment", "child", "--out", "key");

        assertThat(result.exitCode()).as(result.errors()).isZero();
        assertThat(result.errors()).isEmpty();
        assertThat(Tool.sshKeygen().run(folder, "-l", "-f", "key").orFail()).isEqualTo(result.output());
    }

    @Test
    void exitCodes_areTheProcesss() throws Exception {
        Tool.Result failed = Tool.keywright().run(folder, "inspect", "nope");
        Tool.Result wrong = Tool.keywright().run(folder, "inspect");
        Tool.Result help = Tool.keywright().run(folder, "--help");

        assertThat(failed.exitCode()).isEqualTo(Keywright.FAILED);
        assertThat(failed.errors()).isEqualTo("keywright: nope: no such file or folder\n");
        assertThat(wrong.exitCode()).isEqualTo(Keywright.WRONG_USAGE);
        assertThat(wrong.errors().lines()).hasSize(1);
        assertThat(help.exitCode()).isZero();
        assertThat(help.errors()).isEmpty();
    }

    @Test
    void secrets_noTerminal_areNeverAskedFor() throws Exception {
        Path secret = Cli.secret(folder, "secret", "s3cret\n");
        Tool.keywright()
                .run(folder, "generate", "--out", "key", "--new-passphrase-file", secret.toString())
                .orFail();

        Tool.Result result = Tool.keywright().run(folder, "convert", "--to", "openssh", "key");

        assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
        assertThat(result.errors()).contains("give --passphrase-file or --passphrase-env");
    }

    @Test
    void comment_notAscii_isUtf8WhateverTheLocale() throws Exception {
        Path key = folder.resolve("key");
        Cli.run("generate", "--comment", "Schl\u00fcssel \uD83D\uDD11", "--out", key)
                .quietly();

        Tool.Result result = Tool.keywright().run(folder, "fingerprint", "key.pub");

        assertThat(result.orFail()).contains("Schl\u00fcssel \uD83D\uDD11");
    }

    @Test
    @Timeout(300)
    void rotate_wholeLife_isQuietButForItsOwnLines() throws Exception {
        try (TestFleet fleet = new TestFleet(folder, 2)) {
            fleet.keywright("install", "--password-file", fleet.password).quietly();

            Tool.Result result = Tool.keywright()
                    .run(
                            folder,
                            "rotate",
                            "--credential",
                            "deploy-prod.yaml",
                            "--store",
                            "store",
                            "--secret-file",
                            "store-secret",
                            "--json");

            assertThat(result.exitCode()).as(result.errors()).isZero();
            assertThat(success(result.output())).isTrue();
            // Nothing of MINA's, and nothing of the logging's own.
            assertThat(result.errors().lines())
                    .allMatch(line -> line.matches(
                            "looking at 2 devices|rotating .*|staged version .*|adding .*|removing .*|web-. .*|version 2 is"
                                    + " current|settling until .*"));
        }
    }

    @Test
    void debug_rotation_logsNoSecretAndNoPacket() throws Exception {
        try (TestFleet fleet = new TestFleet(folder, 1)) {
            Tool.Result result = Tool.keywright()
                    .run(
                            folder,
                            "--debug",
                            "install",
                            "--credential",
                            "deploy-prod.yaml",
                            "--store",
                            "store",
                            "--secret-file",
                            "store-secret",
                            "--password-file",
                            "password");

            assertThat(result.exitCode()).as(result.errors()).isZero();
            assertThat(fleet.authorizedKeys(1)).endsWith(" deploy-prod\n");
            String said = result.output() + result.errors();
            assertThat(said).doesNotContain(TestFleet.PASSWORD, TestFleet.STORE_SECRET);
            // MINA's warning of what it had no time to send names the message, and shows nothing of it.
            assertThat(said.lines().filter(line -> !line.contains("doCloseImmediately(")))
                    .noneMatch(line -> line.contains("SSH_MSG_"));
        }
    }

    private static boolean success(String json) throws IOException {
        return new ObjectMapper().readTree(json).get("success").asBoolean();
    }

    @Test
    void debug_showsTheStackTraceAndNoSecret() throws Exception {
        Path secret = Cli.secret(folder, "secret", "s3cret-of-mine\n");
        Files.writeString(folder.resolve("key"), "not a key");

        Tool.Result result = Tool.keywright()
                .run(folder, "--debug", "convert", "--to", "openssh", "--passphrase-file", secret.toString(), "key");

        assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
        assertThat(result.errors()).contains("\tat io.keywright.").doesNotContain("s3cret-of-mine");
    }
}
