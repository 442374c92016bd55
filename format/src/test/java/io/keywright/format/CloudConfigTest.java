package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.keywright.KeyComment;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.NotAKeyException;
import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.KeyOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys of a cloud-config, against PyYAML, which is what cloud-init reads with. */
class CloudConfigTest {
    private static final SshPublicKey KEY = TestKeys.of("ed25519").publicKey();
    private static final SshPublicKey OTHER = TestKeys.of("nistp256").publicKey();
    private static final String LINE = KEY.toLine();

    /** Writes a document with two keys, for the default user and for one of two others. */
    private static final String DUMP = """
            import sys, yaml
            key, other, file = sys.argv[1:]
            keys = [key, 'restrict ' + other]
            users = ['default', dict(name='a', ssh_authorized_keys=keys, sudo=None), dict(name='b', lock_passwd=True)]
            document = dict(ssh_authorized_keys=keys, packages=['vim'], password='x', users=users)
            open(file, 'w').write('#cloud-config\\n' + yaml.safe_dump(document, width=40))
            """;

    @TempDir
    Path folder;

    private Map<String, Object> readByPyYaml(String document) throws IOException, JoseException {
        Path file = Files.writeString(folder.resolve("user-data"), document);
        return JsonUtil.parseJson(Tools.run(
                "/usr/bin/python3",
                "-c",
                "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))",
                file));
    }

    private static List<CloudConfig.Key> keysOf(String document) {
        return CloudConfig.parse(document).keys();
    }

    private static CloudConfig.Key key(String user, String options, SshPublicKey key) {
        return new CloudConfig.Key(
                Optional.ofNullable(user), options.isEmpty() ? KeyOptions.NONE : KeyOptions.parse(options), key);
    }

    @Nested
    class Write {
        @Test
        void toText_topAndUser_isThisDocument() {
            String text = CloudConfig.empty()
                    .with(KEY)
                    .withUser("deploy", KEY, KeyOptions.parse("restrict,command=\"/bin/echo \\\"a\\\"\""))
                    .toText();

            assertThat(text)
                    .isEqualTo("#cloud-config\nssh_authorized_keys:\n- \"" + LINE + "\"\nusers:\n- default\n"
                            + "- name: \"deploy\"\n  ssh_authorized_keys:\n"
                            + "  - \"restrict,command=\\\"/bin/echo \\\\\\\"a\\\\\\\"\\\" " + LINE + "\"\n");
        }

        @Test
        void toText_noKeys_isTheHeader() {
            assertThat(CloudConfig.empty().toText()).isEqualTo("#cloud-config\n");
            assertThat(keysOf("#cloud-config\n")).isEmpty();
        }

        @Test
        void toText_everyTypeAndHostileTexts_areTheSameToPyYaml() throws IOException, JoseException {
            CloudConfig document = CloudConfig.empty();
            int count = 0;
            for (String comment : List.of(
                    "plain",
                    "a: b # c",
                    "'q' \"d\" \\ %",
                    "Schl\u00fcssel \ud83d\udd11 \u2028\ufeff\u0085",
                    "- x",
                    "{{ jinja }}",
                    "tab\there",
                    "x".repeat(500),
                    "&a *b !c |",
                    "no",
                    "a  b")) {
                for (String type : TestKeys.all().keySet()) {
                    SshPublicKey key = TestKeys.of(type).publicKey().withComment(comment);
                    document = count++ % 2 == 0
                            ? document.with(key)
                            : document.withUser("no", key, KeyOptions.parse("restrict"));
                }
            }
            document = document.withUser("0x1F", KEY, KeyOptions.NONE).withUser("a: b", KEY, KeyOptions.NONE);

            String text = document.toText();

            assertThat(text).isASCII();
            Map<String, Object> seen = readByPyYaml(text);
            assertThat(seen.keySet()).containsExactlyInAnyOrder("ssh_authorized_keys", "users");
            List<?> users = (List<?>) seen.get("users");
            assertThat(users.get(0)).isEqualTo("default");
            assertThat(users.stream().skip(1).map(user -> ((Map<?, ?>) user).get("name")))
                    .isEqualTo(List.of("no", "0x1F", "a: b"));
            assertThat(lines(seen)).isEqualTo(lines(document, null));
            assertThat(lines((Map<?, ?>) users.get(1))).isEqualTo(lines(document, "no"));
            assertThat(keysOf(text)).containsExactlyInAnyOrderElementsOf(document.keys());
            assertThat(keysOf(text).stream()
                            .map(key -> key.publicKey().comment().toString()))
                    .containsExactlyInAnyOrderElementsOf(document.keys().stream()
                            .map(key -> key.publicKey().comment().toString())
                            .toList());
        }

        private static List<String> lines(Map<?, ?> seen) {
            return ((List<?>) seen.get("ssh_authorized_keys"))
                    .stream().map(String::valueOf).toList();
        }

        private static List<String> lines(CloudConfig document, String user) {
            return document.keys().stream()
                    .filter(key -> key.user().equals(Optional.ofNullable(user)))
                    .map(key -> (key.options().isEmpty() ? "" : key.options().text() + " ")
                            + key.publicKey().toLine())
                    .toList();
        }

        @Test
        void toText_commentThatCannotStandThere_isRefused() {
            for (KeyComment comment :
                    List.of(KeyComment.of("a\nb"), KeyComment.ofBytes(new byte[] {'J', (byte) 0xfc}))) {
                CloudConfig document = CloudConfig.empty().with(KEY.withComment(comment));
                assertThatThrownBy(document::toText).isExactlyInstanceOf(SshKeyException.class);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a\nb", "\u0000"})
        void withUser_nameThatIsNone_isRefused(String name) {
            assertThatThrownBy(() -> CloudConfig.empty().withUser(name, KEY, KeyOptions.NONE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Read {
        @Test
        void parse_documentOfPyYaml_givesEveryUsersKeys() throws IOException {
            Path file = folder.resolve("user-data");
            Tools.run("/usr/bin/python3", "-c", DUMP, LINE, OTHER.toLine(), file);

            // PyYAML writes the list once, and an alias where it stands again.
            assertThat(Files.readString(file)).contains("*id001");
            assertThat(keysOf(Files.readString(file)))
                    .containsExactly(
                            key(null, "", KEY),
                            key(null, "restrict", OTHER),
                            key("a", "", KEY),
                            key("a", "restrict", OTHER));
        }

        @Test
        void parse_otherForms_areReadAsCloudInitDoes() {
            assertThat(keysOf("\uFEFF#cloud-config  \r\nssh_authorized_keys: [ '" + LINE + "' ]\r\n"))
                    .containsExactly(key(null, "", KEY));
            assertThat(keysOf("#cloud-config\nssh_authorized_keys: |\n  # mine\n  " + LINE + "\n\n  " + OTHER.toLine()
                            + "\n"))
                    .containsExactly(key(null, "", KEY), key(null, "", OTHER));
            assertThat(keysOf(
                            "#cloud-config\nusers:\n  a:\n    ssh-authorized-keys:\n      x: " + LINE + "\n  b: {}\n"))
                    .containsExactly(key("a", "", KEY));
            assertThat(keysOf(
                            "#cloud-config\nuser: {name: u, ssh_authorized_keys: [" + LINE + "]}\nusers: [default]\n"))
                    .containsExactly(key("u", "", KEY));
            assertThat(keysOf("#cloud-config\nssh_authorized_keys:\nusers: default\nuser: u\n"))
                    .isEmpty();
        }

        /** But for blanks and text in front: cloud-init asks for its header in the first line. */
        @ParameterizedTest
        @ValueSource(strings = {"\n", "\r\n", "\r", "  \n", "  \r\n", "\n\n", "\n# by hand\n"})
        void parse_anyLineEnd_givesTheSameKeys(String end) {
            String text = String.join(
                    end,
                    "#cloud-config",
                    "ssh_authorized_keys:",
                    "- " + LINE,
                    "users:",
                    "- name: a",
                    "  ssh_authorized_keys:",
                    "  - " + OTHER.toLine());
            for (String variant : List.of(text, text + end, "\ufeff" + text + end)) {
                assertThat(keysOf(variant)).containsExactly(key(null, "", KEY), key("a", "", OTHER));
            }
        }

        @Test
        void parse_comment_isKept() {
            assertThat(keysOf("#cloud-config\nssh_authorized_keys: ['"
                                    + KEY.withComment("\u00e4 b  c").toLine() + "']\n")
                            .get(0)
                            .publicKey()
                            .comment())
                    .hasToString("\u00e4 b  c");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "packages: []\n",
                    "#cloud-config-archive\n- a\n",
                    "## template: jinja\n#cloud-config\n",
                    " #cloud-config\n"
                })
        void parse_noCloudConfig_isRefused(String document) {
            assertThatThrownBy(() -> keysOf(document)).isInstanceOf(NotAKeyException.class);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "- a",
                    "just text",
                    "a: b: c",
                    "ssh_authorized_keys: [1]",
                    "ssh_authorized_keys: [[a]]",
                    "ssh_authorized_keys: [null]",
                    "ssh_authorized_keys: true",
                    "ssh_authorized_keys: ['ssh-ed25519']",
                    "ssh_authorized_keys: ['ssh-ed25519 AAAA x']",
                    "ssh_authorized_keys: [!!binary aGVsbG8=]",
                    "ssh_authorized_keys: []\nssh_authorized_keys: []",
                    "<<: {ssh_authorized_keys: []}",
                    "users: [{ssh_authorized_keys: []}]",
                    "users: [{name: 7, ssh_authorized_keys: []}]",
                    "users: [{<<: {}, name: a}]",
                    "a: 1\n---\nb: 2",
                    "a: *nothing",
                    "a: [",
                    "a: \"\\q\"",
                    "\ta: 1",
                    "a: @b",
                    "!!java.net.URL [x]"
                })
        void parse_brokenDocument_isMalformedWithoutShowingIt(String body) {
            assertThatThrownBy(() -> keysOf("#cloud-config\n" + body + "\n"))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasNoCause()
                    .hasMessageStartingWith("cloud-config");
        }

        @Test
        void parse_passwordInBrokenYaml_isNotShown() {
            assertThatThrownBy(() -> keysOf("#cloud-config\npassword: hunter2: hunter2\n"))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageNotContaining("hunter2");
        }

        @Test
        void parse_notUtf8_isMalformed() {
            assertThatThrownBy(() -> CloudConfig.parse(
                            "#cloud-config\na: \u00e4\n".getBytes(StandardCharsets.ISO_8859_1), ReadLimits.defaults()))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("UTF-8");
        }
    }

    @Nested
    class Bombs {
        private static void refusedInTime(String document) {
            assertTimeoutPreemptively(
                    Duration.ofSeconds(5),
                    () -> assertThatThrownBy(() -> keysOf("#cloud-config\n" + document))
                            .isInstanceOf(SshKeyException.class));
        }

        @Test
        void parse_depth_isRefused() {
            refusedInTime("[".repeat(500_000));
            refusedInTime("{a: ".repeat(200_000));
            refusedInTime("- ".repeat(400_000));
            refusedInTime("ssh_authorized_keys: " + "[".repeat(100) + "]".repeat(100));
        }

        @Test
        void parse_aliases_areRefused() {
            StringBuilder laughs = new StringBuilder("a0: &a0 [x, x]\n");
            for (int i = 1; i < 60; i++) {
                laughs.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
            }
            refusedInTime(laughs + "ssh_authorized_keys: *a59\n");
            refusedInTime("ssh_authorized_keys: &a [*a]\n");
        }

        @Test
        void parse_manyKeysThroughScalarAliases_areALimit() {
            String document = "k: &k " + LINE + "\nssh_authorized_keys:\n" + "- *k\n".repeat(150_000);

            assertThatThrownBy(() -> keysOf("#cloud-config\n" + document)).isInstanceOf(LimitExceededException.class);
        }

        @Test
        void parse_tooLong_isALimit() {
            assertThatThrownBy(() -> keysOf("#cloud-config\n#" + "x".repeat(1024 * 1024)))
                    .isInstanceOf(LimitExceededException.class);
        }

        @Test
        void parse_randomDamage_throwsNothingElse() {
            long seed = 20_261_121;
            Random random = new Random(seed);
            byte[] good = CloudConfig.empty()
                    .with(KEY)
                    .withUser("deploy", OTHER, KeyOptions.parse("restrict"))
                    .toText()
                    .getBytes(StandardCharsets.UTF_8);
            int refused = 0;
            for (int i = 0; i < 2000; i++) {
                byte[] bad = good.clone();
                for (int n = random.nextInt(4); n >= 0; n--) {
                    bad["#cloud-config\n".length() + random.nextInt(bad.length - 14)] = (byte) random.nextInt(256);
                }
                try {
                    assertThat(CloudConfig.parse(bad, ReadLimits.defaults()).keys())
                            .as("seed %s", seed)
                            .hasSizeLessThan(3);
                } catch (SshKeyException e) {
                    refused++;
                }
            }
            assertThat(refused).as("seed %s", seed).isBetween(1000, 2000);
        }
    }
}
