package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.keywright.EcdsaCurve;
import io.keywright.Fingerprint;
import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.KeyOptions;
import io.keywright.format.CloudConfig;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyInspection;
import io.keywright.format.KeyReader;
import io.keywright.format.KeyWriter;
import io.keywright.format.SshfpRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code keywright convert} from every format to every other, and every choice that a writer has. */
@Tag("once")
class ConvertMatrixTest {
    private static final String COMMENT = "my key, 2nd";
    /** Every format holds RSA; made once, never closed. */
    private static final SshKeyPair KEY =
            SshKeyPairGenerator.rsa(2048).withComment(COMMENT).generate();

    @TempDir
    Path folder;

    private Path secret;

    @BeforeEach
    void writeSecret() throws IOException {
        secret = Cli.secret(folder, "secret", "correct horse");
    }

    static Stream<Arguments> pairs() {
        List<Arguments> pairs = new ArrayList<>();
        for (KeyTarget from : KeyTarget.values()) {
            for (KeyTarget to : KeyTarget.values()) {
                if (!from.isText()) {
                    pairs.add(Arguments.of(from, to));
                }
            }
        }
        return pairs.stream();
    }

    private static boolean holdsComment(KeyTarget target) {
        return switch (target) {
            case PEM, PKCS8, PUBLIC_PEM, PUBLIC_PKCS1 -> false;
            default -> true;
        };
    }

    private Path source(KeyTarget from) throws IOException {
        Path file = folder.resolve("source");
        try (EncodedKey encoded = from.isPrivate()
                ? from.privateWriter().write(KEY)
                : from.publicWriter().write(KEY.publicKey())) {
            encoded.writeTo(file);
        }
        return file;
    }

    private static Object[] command(KeyTarget to, Object... rest) {
        List<Object> first = new ArrayList<>(List.of("convert", "--to", to.label()));
        if (to == KeyTarget.SSHFP) {
            first.addAll(List.of("--host", "host.example."));
        }
        return Cli.arguments(first, rest);
    }

    private static void assertIsTheKey(KeyTarget to, Cli.Result result, String comment) {
        if (to == KeyTarget.SSHFP) {
            assertThat(result.out().lines().map(SshfpRecord::parse))
                    .hasSize(2)
                    .allMatch(record -> record.matches(KEY.publicKey()));
            return;
        } else if (to == KeyTarget.CLOUD_INIT) {
            List<CloudConfig.Key> keys = CloudConfig.parse(result.out()).keys();
            assertThat(keys).containsExactly(new CloudConfig.Key(Optional.empty(), KeyOptions.NONE, KEY.publicKey()));
            assertThat(keys.get(0).publicKey().comment()).hasToString(comment);
            return;
        }
        KeyInspection found = KeyReader.inspect(result.bytes());
        assertThat(found.format()).isEqualTo(to.format());
        assertThat(found.holdsPrivateKey()).isEqualTo(to.isPrivate());
        assertThat(found.publicKey()).contains(KEY.publicKey());
        assertThat(found.comment().orElse(KeyComment.EMPTY)).hasToString(comment);
        if (to.isPrivate()) {
            try (SshKeyPair pair = KeyReader.of().read(result.bytes())) {
                assertThat(pair.publicKey()).isEqualTo(KEY.publicKey());
            }
        }
    }

    @Nested
    class Pairs {
        @ParameterizedTest
        @MethodSource("io.keywright.cli.ConvertMatrixTest#pairs")
        void convert_everyPair_isTheSameKeyAndALostCommentIsNoted(KeyTarget from, KeyTarget to) throws IOException {
            Cli.Result result = Cli.run(command(to, source(from)));

            if (to.isPrivate() && !from.isPrivate()) {
                assertThat(result.failure()).contains("this is the public key");
                assertThat(result.out()).isEmpty();
                return;
            }
            result.done();
            boolean lost = holdsComment(from) && !holdsComment(to);
            assertThat(result.err())
                    .isEqualTo(
                            lost
                                    ? "keywright: warning: the comment is left out: "
                                            + to.format().displayName() + " has no place for it\n"
                                    : "");
            assertIsTheKey(to, result, holdsComment(from) && holdsComment(to) ? COMMENT : "");
        }

        @ParameterizedTest
        @CsvSource({"openssh", "pem", "pkcs8", "ppk", "ppk2", "sshcom"})
        void convert_encryptedToEveryTarget_opensAndKeepsThePassphrase(String label) throws IOException {
            KeyTarget from = new KeyTarget.Converter().convert(label);
            Path file = folder.resolve("encrypted");
            try (Passphrase passphrase = Passphrase.of("correct horse".toCharArray());
                    EncodedKey encoded =
                            from.privateWriter().withPassphrase(passphrase).write(KEY)) {
                encoded.writeTo(file);
            }

            for (KeyTarget to : KeyTarget.values()) {
                Cli.Result result = Cli.run(command(to, "--passphrase-file", secret, "--comment", "c", file));

                if (to == KeyTarget.JWK) {
                    assertThat(result.failure()).contains("never encrypted", "--plain");
                    result = Cli.run(command(to, "--plain", "--passphrase-file", secret, "--comment", "c", file));
                    assertIsTheKey(to, result.quietly(), "c");
                } else if (to.isPrivate()) {
                    assertThat(KeyReader.inspect(result.done().bytes()).encrypted())
                            .as(to.label())
                            .isTrue();
                    try (Passphrase passphrase = Passphrase.of("correct horse".toCharArray());
                            SshKeyPair pair =
                                    KeyReader.of().withPassphrase(passphrase).read(result.bytes())) {
                        assertThat(pair.publicKey()).isEqualTo(KEY.publicKey());
                        assertThat(pair.comment()).hasToString(holdsComment(to) ? "c" : "");
                    }
                } else {
                    assertIsTheKey(to, result.done(), holdsComment(to) ? "c" : "");
                }
            }
        }

        @Test
        void convert_typeThatTheTargetDoesNotHold_isRefusedByName() throws IOException {
            List<SshKeyPair> keys = List.of(
                    SshKeyPairGenerator.ed25519().generate(),
                    SshKeyPairGenerator.ed448().generate(),
                    SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP384).generate());
            for (SshKeyPair key : keys) {
                Path file = folder.resolve("source");
                try (key;
                        EncodedKey encoded = KeyWriter.openssh().write(key)) {
                    encoded.replace(file);
                    for (KeyTarget to : KeyTarget.values()) {
                        Cli.Result result = Cli.run(command(to, file));
                        if (result.exitCode() == Keywright.DONE) {
                            assertThat(result.out()).isNotEmpty();
                        } else {
                            assertThat(to).isIn(KeyTarget.PEM, KeyTarget.SSHCOM, KeyTarget.PUBLIC_PKCS1);
                            assertThat(result.failure())
                                    .contains(key.publicKey().algorithm());
                            assertThat(result.out()).isEmpty();
                        }
                    }
                }
            }
        }
    }

    @Nested
    class Options {
        @ParameterizedTest
        @CsvSource({
            "openssh, --cipher, aes256-gcm@openssh.com, cipher, aes256-gcm@openssh.com",
            "openssh, --rounds, 3, kdf.rounds, 3",
            "pem, --cipher, aes-128-cbc, cipher, aes128-cbc",
            "pkcs8, --iterations, 2048, kdf.iterations, 2048",
            "pkcs8, --cipher, aes-128-cbc, cipher, aes128-cbc",
            "pkcs8, --kdf, scrypt, kdf.name, scrypt",
            "pkcs8, --prf, sha512, kdf.name, PBKDF2-HMAC-SHA512",
            "ppk, --kdf, Argon2i, kdf.name, Argon2i",
            "ppk, --memory, 1024, kdf.memory KiB, 1024",
            "ppk, --passes, 3, kdf.passes, 3",
            "ppk, --parallelism, 2, kdf.parallelism, 2"
        })
        void convert_writerOption_isInTheFile(String to, String option, String value, String fact, String expected)
                throws IOException {
            Path out = folder.resolve("out");

            Cli.run(
                            "convert",
                            "--to",
                            to,
                            option,
                            value,
                            "--new-passphrase-file",
                            secret,
                            "--out",
                            out,
                            source(KeyTarget.OPENSSH))
                    .done();

            JsonNode json = Cli.run("inspect", "--json", out).quietly().json();
            assertThat(json.at("/" + fact.replace('.', '/')).asText())
                    .as(json.toString())
                    .startsWith(expected);
        }

        @ParameterizedTest
        @CsvSource({
            "ppk, --rounds, 3, means nothing", "openssh, --memory, 3, means nothing", "jwk, --cipher, x, means nothing",
            "public, --passes, 3, means nothing", "openssh, --cipher, rot13, is none of",
                    "ppk, --kdf, scrypt, is none of",
            "openssh, --rounds, 0, --to openssh", "ppk, --passes, 0, --to ppk", "public, --host, h, means nothing",
            "sshfp, --user, u, means nothing", "openssh, --options, restrict, means nothing",
                    "sshfp, --comment, c, needs --host",
            "sshfp, --host, a b, host's name"
        })
        void convert_optionThatDoesNotFit_isWrongUsage(String to, String option, String value, String message)
                throws IOException {
            assertThat(Cli.run("convert", "--to", to, option, value, source(KeyTarget.OPENSSH))
                            .usageError())
                    .contains(message);
        }

        @Test
        void convert_costWithoutPassphrase_fails() throws IOException {
            assertThat(Cli.run("convert", "--to", "openssh", "--rounds", "3", source(KeyTarget.OPENSSH))
                            .failure())
                    .contains("no passphrase");
        }

        @Test
        void convert_jwkWithNewPassphrase_isWrongUsage() throws IOException {
            assertThat(Cli.run("convert", "--to", "jwk", "--new-passphrase-file", secret, source(KeyTarget.OPENSSH))
                            .usageError())
                    .contains("never encrypted");
        }

        @Test
        void convert_cloudInitForAUser_hasTheOptions() throws IOException {
            Path out = folder.resolve("user-data");

            Cli.run(
                            "convert",
                            "--to",
                            "cloud-init",
                            "--user",
                            "deploy",
                            "--options",
                            "restrict",
                            "--out",
                            out,
                            source(KeyTarget.PPK))
                    .quietly();

            assertThat(CloudConfig.parse(Files.readString(out)).keys())
                    .containsExactly(
                            new CloudConfig.Key(Optional.of("deploy"), KeyOptions.parse("restrict"), KEY.publicKey()));
        }

        @Test
        void convert_lineWithOptions_isReadWhereAllowed() throws IOException {
            Path line = Cli.file(folder, "line", "restrict " + KEY.publicKey().toLine() + "\n");

            assertThat(Cli.run("convert", "--to", "public", line).failure()).contains("options stand in front");
            assertThat(Cli.run("convert", "--to", "public", "--options-allowed", line)
                            .quietly()
                            .out())
                    .isEqualTo(KEY.publicKey().toLine() + "\n");
        }
    }

    @Nested
    class Passphrases {
        @Test
        void convert_passphraseFromDescriptor_isRead() throws IOException {
            Path encrypted = folder.resolve("encrypted");
            Cli.run(
                            "convert",
                            "--to",
                            "openssh",
                            "--new-passphrase-file",
                            secret,
                            "--out",
                            encrypted,
                            source(KeyTarget.PPK))
                    .quietly();

            try (InputStream open = Files.newInputStream(secret)) {
                assertThat(open.available()).isPositive();
                Cli.Result result = Cli.run(
                                "convert", "--to", "ppk", "--plain", "--passphrase-file", descriptor(secret), encrypted)
                        .quietly();

                assertIsTheKey(KeyTarget.PPK, result, COMMENT);
            }
        }

        /** Finds the descriptor of this process under which a file is open. */
        private static Path descriptor(Path file) throws IOException {
            try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
                return descriptors
                        .filter(fd -> pointsTo(fd, file))
                        .map(fd -> Path.of("/dev/fd").resolve(fd.getFileName()))
                        .findFirst()
                        .orElseThrow();
            }
        }

        private static boolean pointsTo(Path descriptor, Path file) {
            try {
                return Files.readSymbolicLink(descriptor).equals(file.toRealPath());
            } catch (IOException e) {
                // The listing's own descriptor is closed by now.
                return false;
            }
        }
    }

    @Nested
    class InspectJson {
        @ParameterizedTest
        @EnumSource(
                mode = EnumSource.Mode.EXCLUDE,
                names = {"SSHFP", "CLOUD_INIT"})
        void inspect_everyFormat_tellsEveryFact(KeyTarget from) throws IOException {
            Path file = source(from);
            SshPublicKey key = KEY.publicKey();

            JsonNode json = Cli.run("inspect", "--json", file).quietly().json();

            assertThat(json.get("format").asText()).isEqualTo(from.format().displayName());
            assertThat(json.get("private").asBoolean()).isEqualTo(from.isPrivate());
            assertThat(json.get("type").asText()).isEqualTo("ssh-rsa");
            assertThat(json.get("bits").asInt()).isEqualTo(2048);
            assertThat(json.at("/fingerprints/sha256").asText())
                    .isEqualTo(key.fingerprint().toString());
            assertThat(json.at("/fingerprints/md5").asText())
                    .isEqualTo(key.fingerprint(Fingerprint.Hash.MD5).toString());
            assertThat(json.at("/fingerprints/bubblebabble").asText()).isEqualTo(key.bubbleBabble());
            assertThat(json.get("encrypted").asBoolean()).isFalse();
            assertThat(json.get("comment").asText("")).isEqualTo(holdsComment(from) ? COMMENT : "");
            assertThat(json.get("commentBase64").isNull()).isTrue();
            assertThat(json.get("publicKey").asText()).startsWith("ssh-rsa ");
            assertThat(json.get("warnings")).isEmpty();
        }

        @Test
        void inspect_commentThatIsNoText_isThereAsBytes() throws IOException {
            Path file = folder.resolve("key");
            byte[] comment = {'a', '\n', (byte) 0xfc};
            try (EncodedKey encoded =
                    KeyWriter.openssh().withComment(KeyComment.ofBytes(comment)).write(KEY)) {
                encoded.writeTo(file);
            }

            JsonNode json = Cli.run("inspect", "--json", file).quietly().json();

            assertThat(json.get("comment").asText()).isEqualTo(new String(comment, StandardCharsets.UTF_8));
            assertThat(json.get("commentBase64").binaryValue()).isEqualTo(comment);
            assertThat(json.get("publicKey").asText())
                    .isEqualTo(KEY.publicKey().withComment("").toLine());
            assertThat(Cli.run("inspect", file).quietly().out()).contains("comment      a\\u{a}");
        }
    }
}
