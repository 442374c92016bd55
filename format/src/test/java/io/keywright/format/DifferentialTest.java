package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random keys in random files, both ways. A tool makes a key and writes a file, which is read here; the key is written here to
 * another file, which the tools read. What puttygen says about the tool's own file, as a plain PPK file, is what we must say
 * about the first and puttygen about the second: public key, private numbers and comment.
 *
 * <p>{@code -Pdifferential} takes 2,000 keys; {@code -Dkeywright.differential.keys} and {@code -Dkeywright.differential.seed}
 * choose others.
 */
@Tag("once")
class DifferentialTest {
    private static final int KEYS = Integer.getInteger("keywright.differential.keys", 100);
    private static final long SEED =
            Long.getLong("keywright.differential.seed", new SecureRandom().nextInt() & 0xffffffffL);

    private static final Path NONE = Path.of("/dev/null");
    private static final String ALPHABET = "abcXYZ 0189 \"'\\:;#=,@/-_()\u00e4\u00df\u20ac\u65e5";

    @TempDir
    static Path folder = Path.of("");

    @AutoClose
    static @Nullable Matrix matrix;

    @TestFactory
    Stream<DynamicTest> convert_randomKey_sameNumbersAndComment() {
        Matrix cells = new Matrix(folder);
        matrix = cells;
        Random random = new Random(SEED);
        for (int i = 0; i < KEYS; i++) {
            Draw draw = Draw.from(random);
            cells.add(draw.maker + " seed " + SEED + " key " + i + " " + draw, draw::check);
        }
        return cells.tests("differential run with seed " + SEED, KEYS).stream();
    }

    /** A passphrase, or none where the text is empty. */
    private static final class Secret implements AutoCloseable {
        private final @Nullable Passphrase passphrase;

        Secret(String text) {
            passphrase = text.isEmpty() ? null : Passphrase.of(text.toCharArray());
        }

        KeyReader reader() {
            return passphrase == null ? KeyReader.of() : KeyReader.of().withPassphrase(passphrase);
        }

        KeyWriter sealedBy(KeyWriter writer) {
            return passphrase == null ? writer : writer.withPassphrase(passphrase);
        }

        @Override
        public void close() {
            if (passphrase != null) {
                passphrase.close();
            }
        }
    }

    /** One random key and its two files. A secret that is empty means none. */
    private record Draw(
            String maker,
            String type,
            int bits,
            String comment,
            String secret,
            KeyFormat toolFormat,
            KeyFormat ourFormat,
            OpensshCipher cipher,
            int rounds,
            String ppkParameters,
            String ourSecret,
            OpensshCipher ourCipher,
            int ourCost) {
        private static final List<String> OPENSSH_TYPES = List.of("rsa", "dsa", "ecdsa", "ed25519");
        private static final List<String> PUTTY_TYPES = List.of("rsa", "dsa", "ecdsa", "ed25519", "ed448");
        private static final List<OpensshCipher> PUTTY_CIPHERS =
                List.of(OpensshCipher.AES256_CTR, OpensshCipher.AES256_CBC);

        static Draw from(Random random) {
            boolean putty = random.nextBoolean();
            String type = pick(random, putty ? PUTTY_TYPES : OPENSSH_TYPES);
            List<OpensshCipher> ciphers = List.of(OpensshCipher.values());
            return new Draw(
                    putty ? "puttygen" : "ssh-keygen",
                    type,
                    switch (type) {
                        // odd sizes have leading zeros in odd places
                        case "rsa" -> 1024 + random.nextInt(700);
                        case "dsa" -> 1024;
                        case "ecdsa" -> pick(random, List.of(256, 384, 521));
                        default -> 0;
                    },
                    text(random, 1, 80),
                    random.nextInt(4) == 0 ? "" : text(random, 5, 90),
                    pick(random, putty ? formatsOfPuttygen(type) : formatsOfSshKeygen(type)),
                    pick(random, formatsForTools(type)),
                    pick(random, ciphers),
                    1 + random.nextInt(8),
                    ppkParameters(random),
                    random.nextInt(4) == 0 ? "" : text(random, 5, 90),
                    pick(random, type.equals("ed448") ? PUTTY_CIPHERS : ciphers),
                    1 + random.nextInt(4));
        }

        private static List<KeyFormat> formatsOfSshKeygen(String type) {
            return type.equals("ed25519")
                    ? List.of(KeyFormat.OPENSSH)
                    : List.of(KeyFormat.OPENSSH, KeyFormat.OPENSSH, KeyFormat.PKCS8, KeyFormat.PEM);
        }

        private static List<KeyFormat> formatsOfPuttygen(String type) {
            List<KeyFormat> formats = new ArrayList<>(List.of(KeyFormat.PPK, KeyFormat.PPK, KeyFormat.OPENSSH));
            if (type.equals("rsa") || type.equals("dsa")) {
                formats.add(KeyFormat.SSHCOM);
            }
            if (!type.startsWith("ed")) {
                formats.add(KeyFormat.PEM);
            }
            return formats;
        }

        /** What we write and one of the two tools reads. */
        private static List<KeyFormat> formatsForTools(String type) {
            List<KeyFormat> formats = new ArrayList<>(formatsOfPuttygen(type));
            if (!type.startsWith("ed")) {
                formats.add(KeyFormat.PKCS8);
            }
            return formats;
        }

        private static String ppkParameters(Random random) {
            if (random.nextInt(3) == 0) {
                return "version=2";
            }
            int lanes = 1 + random.nextInt(4);
            return "kdf=" + pick(random, List.of("argon2id", "argon2i", "argon2d")) + ",parallelism=" + lanes
                    + ",passes=" + (1 + random.nextInt(4)) + ",memory=" + (8 * lanes + random.nextInt(3000));
        }

        private static <T> T pick(Random random, List<T> from) {
            return from.get(random.nextInt(from.size()));
        }

        private static String text(Random random, int least, int most) {
            int length = least + random.nextInt(most - least + 1);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < length; i++) {
                text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
            return text.toString();
        }

        private static boolean holdsComment(KeyFormat format) {
            return format != KeyFormat.PKCS8 && format != KeyFormat.PEM;
        }

        void check(Path work) throws IOException {
            Path original = make(work.resolve("original"));
            String expected = asPlainPpk(original, NONE, work.resolve("expected"));
            Path written = work.resolve("written");
            if (maker.equals("puttygen")) {
                writeWithPuttygen(original, written);
            } else {
                Files.copy(original, written);
                writeWithSshKeygen(written);
            }
            try (Secret opening = new Secret(secret);
                    SshKeyPair read = opening.reader().read(written);
                    SshKeyPair pair = holdsComment(toolFormat) ? read : read.withComment(comment)) {
                assertThat(KeyReader.inspect(written).format()).isEqualTo(toolFormat);
                assertThat(pair.comment().toString()).isEqualTo(comment);
                assertThat(Matrix.numbers(pair)).isEqualTo(expected);
                assertToolsRead(writeOurs(pair, work.resolve("ours")), expected);
            }
        }

        private Path make(Path file) {
            List<Object> words = new ArrayList<>(List.of(maker, "-q", "-t", type, "-C", comment));
            if (bits != 0) {
                words.addAll(List.of("-b", bits));
            }
            words.addAll(
                    maker.equals("puttygen")
                            ? List.of("--new-passphrase", NONE, "-o", file)
                            : List.of("-N", "", "-f", file));
            Tools.run(words.toArray());
            return file;
        }

        private void writeWithSshKeygen(Path file) {
            List<Object> words = new ArrayList<>(List.of("ssh-keygen", "-q", "-p", "-P", "", "-N", secret, "-f", file));
            words.addAll(
                    switch (toolFormat) {
                        case PKCS8 -> List.of("-m", "PKCS8");
                        case PEM -> List.of("-m", "PEM");
                        default -> List.of("-a", rounds, "-Z", cipher.sshName());
                    });
            Tools.run(words.toArray());
        }

        private void writeWithPuttygen(Path original, Path file) throws IOException {
            List<Object> words = new ArrayList<>(List.of("puttygen", original, "-P", "--reencrypt", "-o", file));
            words.addAll(List.of("--old-passphrase", NONE, "--new-passphrase", passphraseFile(file, secret), "-O"));
            switch (toolFormat) {
                case PPK -> words.addAll(List.of("private", "--ppk-param", ppkParameters));
                case SSHCOM -> words.add("private-sshcom");
                case PEM -> words.add("private-openssh");
                default -> words.add("private-openssh-new");
            }
            Tools.run(words.toArray());
        }

        private static Path passphraseFile(Path beside, String secret) throws IOException {
            return Files.writeString(beside.resolveSibling(beside.getFileName() + ".passphrase"), secret);
        }

        private Path writeOurs(SshKeyPair pair, Path file) throws IOException {
            boolean plain = ourSecret.isEmpty();
            KeyWriter writer = switch (ourFormat) {
                case OPENSSH ->
                    plain
                            ? KeyWriter.openssh()
                            : KeyWriter.openssh().withCipher(ourCipher).withRounds(ourCost);
                case PKCS8 -> plain ? KeyWriter.pkcs8() : KeyWriter.pkcs8().withIterations(ourCost * 100);
                case PPK ->
                    plain || ourCost == 1 ? KeyWriter.ppk2() : KeyWriter.ppk().withPasses(ourCost - 1);
                default -> KeyWriter.of(ourFormat);
            };
            try (Secret sealing = new Secret(ourSecret);
                    EncodedKey encoded = sealing.sealedBy(writer).write(pair)) {
                assertThat(encoded.keepsComment()).isEqualTo(holdsComment(ourFormat));
                encoded.writeTo(file);
            }
            return file;
        }

        private void assertToolsRead(Path file, String expected) throws IOException {
            Path secretFile = passphraseFile(file, ourSecret);
            boolean opensshFirst =
                    !holdsComment(ourFormat) || (ourFormat == KeyFormat.OPENSSH && !type.equals("ed448"));
            if (opensshFirst) {
                // ssh-keygen owns these formats, or is the one of the two that reads them
                Tools.run("ssh-keygen", "-q", "-p", "-P", ourSecret, "-N", "", "-f", file);
                secretFile = NONE;
            }
            if (!holdsComment(ourFormat)) {
                Tools.run("ssh-keygen", "-q", "-c", "-C", comment, "-P", "", "-f", file);
            }
            assertThat(asPlainPpk(file, secretFile, file.resolveSibling("again")))
                    .isEqualTo(expected);
        }

        private static String asPlainPpk(Path file, Path secretFile, Path out) throws IOException {
            Tools.run(
                    "puttygen",
                    file,
                    "-P",
                    "--reencrypt",
                    "--old-passphrase",
                    secretFile,
                    "--new-passphrase",
                    NONE,
                    "-O",
                    "private",
                    "-o",
                    out);
            return Files.readString(out);
        }
    }
}
