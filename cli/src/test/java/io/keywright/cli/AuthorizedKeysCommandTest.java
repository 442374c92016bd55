package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorizedKeysCommandTest {
    @TempDir
    Path folder;

    private Path alice;
    private Path bob;
    private Path carol;
    private String aliceLine;
    private String bobLine;
    private String carolLine;
    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        alice = key("alice");
        bob = key("bob");
        carol = key("carol");
        aliceLine = Files.readString(alice).strip();
        bobLine = Files.readString(bob).strip();
        carolLine = Files.readString(carol).strip();
        // Everything that an edit could spoil: a comment, CR LF, a tab, an unknown option, junk, and no last line end.
        file = Cli.secret(
                folder,
                "authorized_keys",
                "# ours\r\n\n\tfrom=\"10.0.0.0/8\",pty   " + aliceLine + "\r\nnew-option " + carolLine
                        + "\njunk\nrestrict " + bobLine);
    }

    private Path key(String name) {
        Cli.run("generate", "--comment", name + "@host", "--out", folder.resolve(name))
                .quietly();
        return folder.resolve(name + ".pub");
    }

    private Cli.Result edit(Object... args) {
        return Cli.run(Cli.arguments(java.util.List.of("authorized-keys"), args));
    }

    @Nested
    class Listing {
        @Test
        void list_text_hasEachKeyWithLineVerdictAndOptions() {
            Cli.Result result = edit("list", file);

            assertThat(result.exitCode()).isZero();
            assertThat(result.out().lines().map(line -> line.replaceAll(" {2,}", "|")))
                    .hasSize(4)
                    .anyMatch(line -> line.startsWith("3|ssh-ed25519|SHA256:")
                            && line.endsWith("|usable|from=\"10.0.0.0/8\",pty|alice@host"))
                    .anyMatch(line -> line.startsWith("4|") && line.contains("|unknown-option|new-option|carol@host"))
                    .anyMatch(line -> line.startsWith("6|") && line.endsWith("|usable|restrict|bob@host"));
            assertThat(result.err())
                    .isEqualTo("keywright: warning: " + file
                            + ":5: sshd sees no key here: no key type and key are found\n");
        }

        @Test
        void list_json_hasEachKeyAndWhatIsMalformed() throws IOException {
            JsonNode json = edit("list", "--json", file).quietly().json();

            assertThat(json.get("keys")).hasSize(3);
            JsonNode first = json.get("keys").get(0);
            assertThat(first.get("line").asInt()).isEqualTo(3);
            assertThat(first.get("options").asText()).isEqualTo("from=\"10.0.0.0/8\",pty");
            assertThat(first.get("comment").asText()).isEqualTo("alice@host");
            assertThat(first.get("usable").asBoolean()).isTrue();
            assertThat(json.get("keys").get(1).get("verdict").asText()).isEqualTo("unknown-option");
            assertThat(json.get("malformed").get(0).get("line").asInt()).isEqualTo(5);
        }

        @Test
        void list_missingFile_fails() {
            assertThat(edit("list", folder.resolve("nope")).failure()).contains("nope: no such file");
        }

        @Test
        void list_folder_fails() {
            assertThat(edit("list", folder).failure()).contains("no regular file");
        }
    }

    @Nested
    class Adding {
        @Test
        void add_newKey_endsTheLastLineAndTouchesNothingElse() throws IOException {
            Path dave = key("dave");
            String before = Files.readString(file);

            Cli.Result result = edit("add", file, "--key", dave).quietly();

            assertThat(Files.readString(file)).isEqualTo(before + "\n" + Files.readString(dave));
            assertThat(result.out()).contains("+7: ssh-ed25519 SHA256:", "dave@host");
        }

        @Test
        void add_presentKey_changesNothing() throws IOException {
            edit("add", file, "--key", bob, "--options", "restrict").quietly();
            String before = Files.readString(file);

            assertThat(edit("add", file, "--key", bob, "--options", "restrict")
                            .quietly()
                            .out())
                    .isEqualTo(file + ": nothing to change\n");
            assertThat(Files.readString(file)).isEqualTo(before);
        }

        @Test
        void add_options_standInFrontOfTheKey() throws IOException {
            Path dave = key("dave");

            edit("add", file, "--key", dave, "--options", "restrict,from=\"10.0.0.0/8\"")
                    .quietly();

            assertThat(Files.readString(file)).endsWith("\nrestrict,from=\"10.0.0.0/8\" " + Files.readString(dave));
        }

        @Test
        void add_presentWithOtherOptions_failsUnlessForced() throws IOException {
            String before = Files.readString(file);

            assertThat(edit("add", file, "--key", bob).failure()).contains("other options", "--force");
            assertThat(Files.readString(file)).isEqualTo(before);

            edit("add", file, "--key", bob, "--force").quietly();
            assertThat(Files.readString(file)).isEqualTo(before + "\n" + bobLine + "\n");
        }

        @Test
        void add_unknownOption_fails() {
            assertThat(edit("add", file, "--key", key("dave"), "--options", "no-such-thing")
                            .failure())
                    .contains("sshd would drop the line");
        }

        @Test
        void add_missingFile_isMadeForItsOwnerOnly() throws IOException {
            Path fresh = folder.resolve("fresh");

            edit("add", fresh, "--key", alice).quietly();

            assertThat(fresh).hasContent(aliceLine);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh)))
                    .isEqualTo("rw-------");
        }

        @Test
        void add_missingFolder_fails() {
            assertThat(edit("add", folder.resolve("no").resolve("file"), "--key", alice)
                            .failure())
                    .contains(folder.resolve("no") + ": no such file or folder");
        }

        @Test
        void add_dryRun_showsAndChangesNothing() throws IOException {
            String before = Files.readString(file);

            Cli.Result result =
                    edit("add", file, "--key", key("dave"), "--dry-run").quietly();

            assertThat(result.out()).contains("dave@host");
            assertThat(Files.readString(file)).isEqualTo(before);
        }

        @Test
        void add_privateKeyFile_addsItsPublicHalf() throws IOException {
            Path dave = key("dave");

            edit("add", file, "--key", folder.resolve("dave")).quietly();

            assertThat(Files.readString(file)).endsWith(Files.readString(dave)).doesNotContain("PRIVATE");
        }
    }

    @Nested
    class Replacing {
        @Test
        void replace_oldKey_keepsOptionsAndEveryOtherByte() throws IOException {
            Path dave = key("dave");
            String daveLine = Files.readString(dave).strip();
            String before = Files.readString(file);

            edit("replace", file, "--old", alice, "--new", dave).quietly();

            assertThat(Files.readString(file)).isEqualTo(before.replace(aliceLine, daveLine));
        }

        @Test
        void replace_keepComment_keepsTheOldOne() throws IOException {
            Path dave = key("dave");

            edit("replace", file, "--old", alice, "--new", dave, "--keep-comment")
                    .quietly();

            assertThat(Files.readString(file)).contains("alice@host").doesNotContain("dave@host");
        }

        @Test
        void replace_absentKey_fails() throws IOException {
            String before = Files.readString(file);

            assertThat(edit("replace", file, "--old", key("dave"), "--new", key("erin"))
                            .failure())
                    .contains("is not in the file");
            assertThat(Files.readString(file)).isEqualTo(before);
        }

        @Test
        void replace_again_changesNothing() {
            Path dave = key("dave");
            edit("replace", file, "--old", alice, "--new", dave).quietly();

            assertThat(edit("replace", file, "--old", alice, "--new", dave)
                            .quietly()
                            .out())
                    .contains("nothing to change");
        }

        @Test
        void replace_json_saysWhatChanged() throws IOException {
            JsonNode json = edit("replace", file, "--old", alice, "--new", key("dave"), "--json")
                    .quietly()
                    .json();

            assertThat(json.get("changed").asBoolean()).isTrue();
            assertThat(json.get("dryRun").asBoolean()).isFalse();
            assertThat(json.get("keysBefore").asInt()).isEqualTo(3);
            assertThat(json.get("keysAfter").asInt()).isEqualTo(3);
            assertThat(json.get("diff").asText()).contains("dave@host");
        }

        @Test
        void replace_withoutNew_isWrongUsage() {
            assertThat(edit("replace", file, "--old", alice).usageError()).contains("--new");
        }
    }

    @Nested
    class Removing {
        @Test
        void remove_key_takesItsLineOnly() throws IOException {
            String before = Files.readString(file);

            edit("remove", file, "--key", alice).quietly();

            assertThat(Files.readString(file))
                    .isEqualTo(before.replace("\tfrom=\"10.0.0.0/8\",pty   " + aliceLine + "\r\n", ""));
        }

        @Test
        void remove_absentKey_changesNothing() {
            assertThat(edit("remove", file, "--key", key("dave")).quietly().out())
                    .contains("nothing to change");
        }

        @Test
        void remove_lastUsableKey_failsUnlessForced() throws IOException {
            edit("remove", file, "--key", alice).quietly();
            String before = Files.readString(file);

            assertThat(edit("remove", file, "--key", bob).failure()).contains("no usable key", "--force");
            assertThat(Files.readString(file)).isEqualTo(before);

            edit("remove", file, "--key", bob, "--force").quietly();
            assertThat(Files.readString(file)).doesNotContain(bobLine).contains(carolLine, "junk", "# ours");
        }

        @Test
        void remove_missingFile_fails() {
            assertThat(edit("remove", folder.resolve("nope"), "--key", bob).failure())
                    .contains("no such file");
        }
    }

    @Nested
    class Differences {
        @Test
        void diff_twoFiles_showsHunks() throws IOException {
            Path other = Cli.file(folder, "other", Files.readString(file).replace(aliceLine, bobLine));

            assertThat(edit("diff", file, other).quietly().out())
                    .startsWith("@@ -3 +3 @@\n-3: from=")
                    .contains("alice@host", "+3: ", "bob@host");
        }

        @Test
        void diff_sameFiles_isEmpty() {
            assertThat(edit("diff", file, file).quietly().out()).isEmpty();
        }

        @Test
        void diff_edits_showWhatTheyWouldDo() throws IOException {
            Path dave = key("dave");
            String before = Files.readString(file);

            assertThat(edit("diff", file, "--new", dave).quietly().out()).contains("+7: ");
            assertThat(edit("diff", file, "--old", alice).quietly().out()).contains("-3: ");
            assertThat(edit("diff", file, "--old", alice, "--new", dave)
                            .quietly()
                            .out())
                    .contains("-3: ", "+3: ");
            assertThat(Files.readString(file)).isEqualTo(before);
        }

        @Test
        void diff_json_saysWhether() throws IOException {
            assertThat(edit("diff", file, file, "--json")
                            .quietly()
                            .json()
                            .get("different")
                            .asBoolean())
                    .isFalse();
            assertThat(edit("diff", file, "--old", bob, "--json")
                            .quietly()
                            .json()
                            .get("different")
                            .asBoolean())
                    .isTrue();
        }

        @Test
        void diff_nothingToCompare_isWrongUsage() {
            assertThat(edit("diff", file).usageError()).contains("second file", "--old");
            assertThat(edit("diff", file, file, "--old", bob).usageError()).contains("second file");
        }
    }

    @Nested
    class TheFile {
        @Test
        void edit_mode_staysWhatItWas() throws IOException {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

            edit("remove", file, "--key", alice).quietly();

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-r-----");
            assertThat(folder.toFile().list((where, name) -> name.endsWith(".new")))
                    .isEmpty();
        }

        @Test
        void edit_link_changesTheFileBehindIt() throws IOException {
            Path link = Files.createSymbolicLink(folder.resolve("link"), file);

            edit("remove", link, "--key", alice).quietly();

            assertThat(link).isSymbolicLink();
            assertThat(Files.readString(file)).doesNotContain(aliceLine);
        }

        @Test
        void edit_linkToNothing_fails() throws IOException {
            Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nothing"));

            assertThat(edit("add", link, "--key", alice).failure()).contains("is a link to a file that is not there");
        }

        @Test
        void edit_noSubcommand_isWrongUsage() {
            assertThat(edit().usageError()).contains("list, diff, add, remove, replace");
        }
    }
}
