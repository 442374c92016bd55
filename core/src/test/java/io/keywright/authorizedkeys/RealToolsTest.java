package io.keywright.authorizedkeys;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshPublicKey;
import io.keywright.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the editor against OpenSSH: {@code ssh-keygen -lf}, a real {@code sshd}; its verdicts: {@link SshdVerdictTest}. */
class RealToolsTest {
    private static final Tool SSH = Tool.find("ssh", "openssh-client");
    private static final Tool SSH_KEYGEN = Tool.sshKeygen();

    @TempDir
    private Path folder;

    @Nested
    class Fingerprints {
        @Test
        void entries_generatedFiles_areWhatSshKeygenLists() throws IOException, InterruptedException {
            long seed = Keys.seed();
            for (int i = 0; i < 60; i++) {
                FileGenerator generator = new FileGenerator(seed + i);
                // A first line that begins like a private key would have the whole file read as one.
                StringBuilder text = new StringBuilder("# first line\n");
                for (int line = 0; line < 40; line++) {
                    text.append(generator.line()).append('\n');
                }
                List<String> expected = new ArrayList<>();
                for (Entry entry : Keys.file(text.toString()).entries()) {
                    boolean known = !List.of(
                                    Keys.ED448.algorithm(), Keys.FUTURE.algorithm(), Keys.CERTIFICATE.algorithm())
                            .contains(entry.algorithm());
                    // ssh-keygen, unlike sshd, wants just one blank between options and key.
                    int gap = entry.layout.typeStart - entry.layout.optionsEnd;
                    if (known && (entry.layout.optionsEnd == 0 || gap == 1)) {
                        expected.add(entry.fingerprint().toString());
                    }
                }
                Path file = Files.write(folder.resolve("keys"), Keys.bytes(text.toString()));
                // Not lines(): a comment may hold a CR.
                List<String> listed = Pattern.compile("^\\d+ (\\S+) ", Pattern.MULTILINE | Pattern.UNIX_LINES)
                        .matcher(SSH_KEYGEN.run(folder, "-lf", file.toString()).output())
                        .results()
                        .map(result -> result.group(1))
                        .toList();
                assertThat(listed).as("seed " + (seed + i)).isEqualTo(expected);
            }
        }
    }

    @Nested
    class Sshd {
        @Test
        void edits_restrictedOldLine_newKeyLogsInAndOldDoesNot() throws IOException, InterruptedException {
            SshPublicKey oldKey = Keys.CAROL;
            SshPublicKey newKey = makeIdentity();
            AuthorizedKeys file = Keys.file("# x\ncommand=\"echo \\\"a  b\\\"\",restrict " + Keys.bare(oldKey));
            AuthorizedKeys next = file.addLike(oldKey, newKey).add(Keys.ALICE);
            Files.write(folder.resolve("keys"), next.toBytes());
            assertThat(ssh("echo", "not", "this").orFail()).isEqualTo("a  b");
            Files.write(folder.resolve("keys"), next.remove(newKey).toBytes());
            assertThat(ssh("true").exitCode()).isNotZero();
        }

        /** sshd matches from= and its own Match blocks with the same functions; those it shows without a log-in. */
        @Test
        void admits_generatedLists_areDecidedAsSshdDoes() throws IOException, InterruptedException {
            makeIdentity();
            long seed = Keys.seed();
            Random random = new Random(seed);
            for (int i = 0; i < 150; i++) {
                String list = random.ints(1 + random.nextInt(3), 0, PATTERNS.size())
                        .mapToObj(index -> (random.nextInt(4) == 0 ? "!" : "") + PATTERNS.get(index))
                        .collect(Collectors.joining(","));
                String address = ADDRESSES.get(random.nextInt(ADDRESSES.size()));
                String host = HOSTS.get(random.nextInt(HOSTS.size()));
                assertThat(HostPatterns.match(list, address, host))
                        .as("seed " + seed + ", from=" + list + " for " + address + " " + host)
                        .isEqualTo(sshdAdmits(list, address, host));
            }
        }

        private static final List<String> PATTERNS = List.of(
                "10.0.0.1",
                "10.0.0.0/8",
                "10.1.0.0/16",
                "10.0.0.1/8",
                "10.*",
                "10.0.0.?",
                "*",
                "0.0.0.0/0",
                "::/0",
                "10",
                "127.1",
                "192.0.2.0/24",
                "192.0.2.0/33",
                "192.0.2.0/200",
                "192.0.2.0/x",
                "2001:db8::/32",
                "2001:db8::1/32",
                "2001:db8::1",
                "2001:DB8:*",
                "::1",
                "web",
                "*.example.org",
                "WEB.*",
                "w?b.example.org",
                "unknown",
                "0x7f.1");
        private static final List<String> ADDRESSES = List.of(
                "10.0.0.1", "10.1.2.3", "192.0.2.9", "0.0.0.10", "127.0.0.1", "2001:db8::1", "2001:db9::1", "::1");
        private static final List<String> HOSTS =
                List.of("web", "web.example.org", "WEB.Example.ORG", "db", "10.0.0.1");

        private boolean sshdAdmits(String list, String address, String host) throws IOException, InterruptedException {
            // With a star added, a list matches anything that it does not negate.
            Files.writeString(folder.resolve("matches"), """
                    HostKey %1$s/host
                    Match Address %2$s
                        Banner /address
                    Match Host %2$s
                        ForceCommand host
                    Match Address *,%2$s
                        MaxSessions 77
                    Match Host *,%2$s
                        MaxAuthTries 88
                    """.formatted(folder, list));
            if (System.getProperty("user.name").equals("root")) {
                Files.createDirectories(Path.of("/run/sshd"));
            }
            Tool.Result result = Tool.at(RealSshd.executable())
                    .run(folder, "-T", "-f", "matches", "-C", "user=root,host=" + host + ",addr=" + address);
            String shown = result.output();
            boolean negated = !shown.contains("maxsessions 77") || !shown.contains("maxauthtries 88");
            boolean matched = shown.contains("banner /address") || shown.contains("forcecommand host");
            return result.exitCode() == 0 && matched && !negated;
        }

        private SshPublicKey makeIdentity() throws IOException, InterruptedException {
            for (String name : List.of("id", "host")) {
                SSH_KEYGEN
                        .run(folder, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", name)
                        .orFail();
            }
            return SshPublicKey.parseLine(Files.readAllBytes(folder.resolve("id.pub")));
        }

        /** Logs in through an sshd that serves one connection on its standard input: no port, nothing left running. */
        private Tool.Result ssh(String... command) throws IOException, InterruptedException {
            RealSshd.writeConfig(folder, List.of());
            List<String> arguments = new ArrayList<>(List.of("-F", "none", "-T", "-i", "id"));
            for (String option : List.of(
                    "ProxyCommand=" + RealSshd.executable() + " -i -f " + folder.resolve("config") + " -E "
                            + folder.resolve("log"),
                    "StrictHostKeyChecking=no",
                    "UserKnownHostsFile=/dev/null",
                    "IdentitiesOnly=yes",
                    "IdentityAgent=none",
                    "BatchMode=yes")) {
                arguments.add("-o");
                arguments.add(option);
            }
            arguments.add(System.getProperty("user.name") + "@nowhere");
            arguments.addAll(List.of(command));
            return SSH.run(folder, arguments.toArray(new String[0]));
        }
    }
}
