package io.keywright.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.EcdsaCurve;
import io.keywright.LimitExceededException;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.Tool;
import io.keywright.transport.HostKeyVerdict.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KnownHostsTest {
    private static final SshPublicKey ED25519 = publicKey(SshKeyPairGenerator.ed25519());
    private static final SshPublicKey OTHER_ED25519 = publicKey(SshKeyPairGenerator.ed25519());
    private static final SshPublicKey ECDSA = publicKey(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256));

    private static SshPublicKey publicKey(SshKeyPairGenerator generator) {
        try (SshKeyPair pair = generator.generate()) {
            return pair.publicKey();
        }
    }

    private static String line(String hosts, SshPublicKey key) {
        return hosts + " " + key.toLine() + "\n";
    }

    @Nested
    class Parse {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "\n",
                    "# comment",
                    "  # indented\n\n\t\n",
                    "host ssh-ed25519",
                    "host ssh-ed25519 not-base64 x\n",
                    "host 2048 65537 1234567890 an SSH 1 key\n",
                    "@unknown host ssh-ed25519 AAAA\r\n",
                    "|1|broken\n|2|a|b ssh-ed25519 AAAA\n"
                })
        void anyText_comesBackByteForByte(String text) {
            assertThat(KnownHosts.parse(text).toByteArray()).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        }

        @Test
        void bytesThatAreNoText_comeBackByteForByte() {
            byte[] content = new byte[600];
            for (int i = 0; i < content.length; i++) {
                content[i] = (byte) i;
            }
            assertThat(KnownHosts.parse(content).toByteArray()).isEqualTo(content);
        }

        @Test
        void badLines_areNumberedAndTheOthersWork() {
            KnownHosts hosts = KnownHosts.parse(
                    "# fine\nhost\n\nhost ssh-ed25519 AAAA\n" + line("good", ED25519) + line("@sometimes good", ECDSA));

            assertThat(hosts.badLines()).containsExactly(2, 4, 6);
            assertThat(hosts.keys("good", 22)).containsExactly(ED25519);
        }

        @Test
        void entries_tellLineMarkerHostsAndKey() {
            KnownHosts hosts = KnownHosts.parse("#\n" + line("a,b", ED25519.withComment("of a"))
                    + line("@revoked *", ECDSA) + line("@cert-authority *.example", OTHER_ED25519));

            assertThat(hosts.entries())
                    .containsExactly(
                            new KnownHosts.Entry(2, KnownHosts.Marker.NONE, "a,b", ED25519),
                            new KnownHosts.Entry(3, KnownHosts.Marker.REVOKED, "*", ECDSA),
                            new KnownHosts.Entry(4, KnownHosts.Marker.CERT_AUTHORITY, "*.example", OTHER_ED25519));
            assertThat(hosts.entries().get(0).key().comment().toString()).contains("of a");
        }

        @Test
        void fileLongerThanTheLimit_isRefusedUnread(@TempDir Path directory) throws Exception {
            Path file = directory.resolve("known_hosts");
            try (var channel = Files.newByteChannel(
                    file, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE)) {
                channel.position(KnownHosts.MAX_BYTES);
                channel.write(java.nio.ByteBuffer.wrap(new byte[] {'\n'})); // a sparse file: no disk is used
            }
            assertThatThrownBy(() -> KnownHosts.read(file)).isInstanceOf(LimitExceededException.class);
        }
    }

    @Nested
    class Judge {
        private Status judge(String file, String host, int port, SshPublicKey key) {
            return KnownHosts.parse(file).judge(host, port, key).status();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = ';',
                value = {
                    "host; host; 22; ACCEPTED",
                    "HOST; host; 22; ACCEPTED",
                    "host; Host; 22; ACCEPTED",
                    "other,host; host; 22; ACCEPTED",
                    "other; host; 22; UNKNOWN",
                    "hos; host; 22; UNKNOWN",
                    "hosts; host; 22; UNKNOWN",
                    "[host]:2222; host; 2222; ACCEPTED",
                    "[host]:2222; host; 22; UNKNOWN",
                    "[host]:2222; host; 2223; UNKNOWN",
                    "[host]:22; host; 22; UNKNOWN",
                    "host; host; 2222; ACCEPTED", // the fallback to the bare name
                    "*.example; web.example; 22; ACCEPTED",
                    "*.example; example; 22; UNKNOWN",
                    "web-?; web-1; 22; ACCEPTED",
                    "web-?; web-10; 22; UNKNOWN",
                    "web-?; web-; 22; UNKNOWN",
                    "*; anything; 22; ACCEPTED",
                    "*,!bad; good; 22; ACCEPTED",
                    "*,!bad; bad; 22; UNKNOWN",
                    "!bad,*; bad; 22; UNKNOWN",
                    "!bad; good; 22; UNKNOWN",
                    "*a*b*c; xaxbxbxc; 22; ACCEPTED",
                    "*a*b*c; xaxbxbxd; 22; UNKNOWN",
                    "[*]:2222; host; 2222; ACCEPTED",
                    "::1; ::1; 22; ACCEPTED",
                    "[::1]:2222; ::1; 2222; ACCEPTED",
                })
        void hostsField_matchesAsOpenSshDoes(String field, String host, int port, Status expected) {
            assertThat(judge(line(field, ED25519), host, port, ED25519)).isEqualTo(expected);
        }

        @Test
        void patternOfManyStars_endsSoon() {
            String field = "*a".repeat(200) + "b";
            assertThat(judge(line(field, ED25519), "a".repeat(2_000), 22, ED25519))
                    .isEqualTo(Status.UNKNOWN);
        }

        @Test
        void anotherKeyOfTheSameAlgorithm_isChanged() {
            HostKeyVerdict verdict = KnownHosts.parse(line("host", ED25519)).judge("host", 22, OTHER_ED25519);

            assertThat(verdict.status()).isEqualTo(Status.CHANGED);
            assertThat(verdict.known()).containsExactly(ED25519);
        }

        @Test
        void onlyAnotherAlgorithmOnRecord_isChanged() {
            assertThat(judge(line("host", ED25519), "host", 22, ECDSA)).isEqualTo(Status.CHANGED);
        }

        @Test
        void oneOfSeveralKeys_isAccepted() {
            String file = line("host", OTHER_ED25519) + line("h*", ED25519) + line("host", ECDSA);
            assertThat(judge(file, "host", 22, ECDSA)).isEqualTo(Status.ACCEPTED);
        }

        @Test
        void anotherKeyAtTheBareName_leavesTheOtherPortUnknown() {
            assertThat(judge(line("host", ED25519), "host", 2222, ECDSA)).isEqualTo(Status.UNKNOWN);
        }

        @Test
        void changedAtThePort_isNotSavedByTheBareName() {
            String file = line("[host]:2222", ED25519) + line("host", ECDSA);
            assertThat(judge(file, "host", 2222, ECDSA)).isEqualTo(Status.CHANGED);
        }

        @Test
        void revokedKey_isRevokedEvenWhereItIsAlsoAccepted() {
            String file = line("host", ED25519) + line("@revoked *", ED25519);
            assertThat(judge(file, "host", 22, ED25519)).isEqualTo(Status.REVOKED);
        }

        @Test
        void keyRevokedForTheBareName_isRevokedAtEveryPort() {
            String file = line("[host]:2222", ED25519) + line("@revoked host", ED25519);
            assertThat(judge(file, "host", 2222, ED25519)).isEqualTo(Status.REVOKED);
        }

        @Test
        void keyRevokedForAnotherHost_isUntouched() {
            String file = line("host", ED25519) + line("@revoked other", ED25519);
            assertThat(judge(file, "host", 22, ED25519)).isEqualTo(Status.ACCEPTED);
        }

        @Test
        void certificateAuthority_neverMatchesAPlainKey() {
            assertThat(judge(line("@cert-authority *", ED25519), "host", 22, ED25519))
                    .isEqualTo(Status.UNKNOWN);
        }

        @Test
        void unknownMarker_vouchesForNothing() {
            assertThat(judge(line("@trusted *", ED25519), "host", 22, ED25519)).isEqualTo(Status.UNKNOWN);
        }

        @ParameterizedTest
        @ValueSource(strings = {"|1||", "|1|", "|1|AAAA", "|1|!!|!!", "|2|AAAA|AAAA", "|1|AAAA|AAAA", "|"})
        void brokenHash_matchesNobody(String field) {
            assertThat(judge(line(field, ED25519), "host", 22, ED25519)).isEqualTo(Status.UNKNOWN);
        }

        @Test
        void crlfLines_work() {
            String file = line("host", ED25519).replace("\n", "\r\n");
            assertThat(judge(file, "host", 22, ED25519)).isEqualTo(Status.ACCEPTED);
        }

        @Test
        void blanksAround_work() {
            String file = "\t host \t " + ED25519.toLine().replace(" ", "  \t");
            assertThat(judge(file, "host", 22, ED25519)).isEqualTo(Status.ACCEPTED);
        }
    }

    @Nested
    class Algorithms {
        @Test
        void severalKeys_areListedOnceInTheFilesOrder() {
            KnownHosts hosts =
                    KnownHosts.parse(line("host", ECDSA) + line("host", ED25519) + line("host", OTHER_ED25519));
            assertThat(hosts.algorithms("host", 22)).containsExactly("ecdsa-sha2-nistp256", "ssh-ed25519");
        }

        @Test
        void nothingAtThePort_fallsBackToTheBareName() {
            KnownHosts hosts = KnownHosts.parse(line("host", ECDSA));
            assertThat(hosts.algorithms("host", 2222)).containsExactly("ecdsa-sha2-nistp256");
        }

        @Test
        void unknownHost_hasNone() {
            assertThat(KnownHosts.empty().algorithms("host", 22)).isEmpty();
        }
    }

    @Nested
    class Add {
        @Test
        void plainAndHashed_areFoundAgain() {
            KnownHosts hosts = KnownHosts.empty()
                    .with("plain", 22, ED25519)
                    .with("plain", 2222, ECDSA)
                    .withHashed("secret", 22, OTHER_ED25519, new SecureRandom());

            KnownHosts again = KnownHosts.parse(hosts.toByteArray());
            assertThat(again.keys("plain", 22)).containsExactly(ED25519);
            assertThat(again.keys("plain", 2222)).containsExactly(ECDSA);
            assertThat(again.keys("secret", 22)).containsExactly(OTHER_ED25519);
            assertThat(new String(hosts.toByteArray(), StandardCharsets.UTF_8)).doesNotContain("secret");
        }

        @Test
        void lastLineWithoutEnd_isNotGluedTo() {
            String before = line("a", ED25519).stripTrailing();
            KnownHosts hosts = KnownHosts.parse(before).with("b", 22, ECDSA);

            assertThat(new String(hosts.toByteArray(), StandardCharsets.UTF_8))
                    .isEqualTo(before + "\n" + line("b", ECDSA));
            assertThat(hosts.keys("a", 22)).containsExactly(ED25519);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a b", "a,b", "*", "a?", "!a", "|1|a|b", "@revoked", "#a", "a\nb", "ä"})
        void nameThatIsMoreThanAName_isRefused(String host) {
            assertThatThrownBy(() -> KnownHosts.empty().with(host, 22, ED25519))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class AgainstSshKeygen {
        @TempDir
        Path directory;

        private final Tool keygen = Tool.sshKeygen();

        private Path write(byte[] content) throws Exception {
            return Files.write(directory.resolve("known_hosts"), content);
        }

        @Test
        void whatWeAdd_isFoundByIt() throws Exception {
            Path file = write(KnownHosts.empty()
                    .with("plain", 22, ED25519)
                    .withHashed("hashed", 22, ECDSA, new SecureRandom())
                    .withHashed("hashed", 2222, OTHER_ED25519, new SecureRandom())
                    .toByteArray());

            for (String name : List.of("plain", "hashed", "[hashed]:2222")) {
                assertThat(keygen.run(directory, "-F", name, "-f", file.toString())
                                .orFail())
                        .contains("# Host " + name + " found");
            }
            assertThat(keygen.run(directory, "-F", "absent", "-f", file.toString())
                            .exitCode())
                    .isEqualTo(1);
        }

        @Test
        void whatItHashed_isFoundByUs() throws Exception {
            Path file = write((line("plain", ED25519) + line("[plain]:2222", ECDSA) + line("10.0.0.1", OTHER_ED25519))
                    .getBytes(StandardCharsets.UTF_8));
            keygen.run(directory, "-H", "-f", file.toString()).orFail();

            KnownHosts hosts = KnownHosts.read(file);
            assertThat(Files.readString(file)).doesNotContain("plain").contains("|1|");
            assertThat(hosts.keys("plain", 22)).containsExactly(ED25519);
            assertThat(hosts.keys("plain", 2222)).containsExactly(ECDSA);
            assertThat(hosts.keys("10.0.0.1", 22)).containsExactly(OTHER_ED25519);
        }

        @Test
        void whatItRemoved_isGoneForUsToo() throws Exception {
            Path file = write(KnownHosts.empty()
                    .with("stays", 22, ED25519)
                    .withHashed("goes", 22, ECDSA, new SecureRandom())
                    .toByteArray());
            keygen.run(directory, "-R", "goes", "-f", file.toString()).orFail();

            KnownHosts hosts = KnownHosts.read(file);
            assertThat(hosts.judge("goes", 22, ECDSA).status()).isEqualTo(Status.UNKNOWN);
            assertThat(hosts.judge("stays", 22, ED25519).status()).isEqualTo(Status.ACCEPTED);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = ';',
                value = {
                    "host; host",
                    "HOST; host",
                    "*.example; web.example",
                    "*.example; example",
                    "web-?; web-1",
                    "web-?; web-10",
                    "*,!bad; bad",
                    "!bad,*; good",
                    "!bad; good",
                    "*a*b*c; xaxbxbxc",
                    "a,b,c; b",
                    "a,,c; b",
                    "[host]:2222; [host]:2222",
                    "[*]:2222; [host]:2222",
                })
        void patterns_agreeWithIt(String field, String name) throws Exception {
            Path file = write(line(field, ED25519).getBytes(StandardCharsets.UTF_8));
            boolean itFinds =
                    keygen.run(directory, "-F", name, "-f", file.toString()).exitCode() == 0;

            assertThat(HostNames.matches(field, name)).isEqualTo(itFinds);
        }
    }
}
