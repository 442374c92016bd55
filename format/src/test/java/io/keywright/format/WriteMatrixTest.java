package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is written here is read by the tool that owns the format, and what the tool then writes itself, without encryption,
 * equals what we write without encryption.
 */
@Tag("once")
class WriteMatrixTest {
    private static final String SECRET = "a pass phrase, n\u00f6t quite ASCII";
    private static final int AT_LEAST = 250;

    @TempDir
    static Path folder = Path.of("");

    @AutoClose
    static @Nullable Matrix matrix;

    /** Making the keys takes seconds, but minutes on a machine that does ten other things. */
    @TestFactory
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    Stream<DynamicTest> write_anyKey_toolWritesTheSame() throws IOException {
        Matrix cells = new Matrix(folder);
        matrix = cells;
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        for (Map.Entry<String, SshKeyPair> key : keys().entrySet()) {
            addOpenssh(cells, key.getKey(), key.getValue(), secret);
            addPublicForms(cells, key.getKey(), key.getValue().publicKey());
            if (!key.getKey().startsWith("sk-")) {
                addPkcs8(cells, key.getKey(), key.getValue());
                addPpk(cells, key.getKey(), key.getValue(), secret);
            }
            if (!key.getKey().startsWith("sk-") && !key.getKey().startsWith("ed")) {
                addPem(cells, key.getKey(), key.getValue(), secret);
            }
            if (key.getKey().startsWith("rsa") || key.getKey().startsWith("dsa")) {
                addSshCom(cells, key.getKey(), key.getValue(), secret);
            }
        }
        return cells.tests("write what the tools read", AT_LEAST).stream();
    }

    /** One key of each type and size; the sizes of DSA that are not 1024 come from puttygen. */
    private static Map<String, SshKeyPair> keys() throws IOException {
        Map<String, SshKeyPair> keys = new LinkedHashMap<>(TestKeys.all());
        SshKeyPair rsa2048 = keys.remove("rsa");
        keys.put("rsa-2048", rsa2048);
        keys.put(
                "rsa-3072",
                SshKeyPairGenerator.rsa(3072).withComment(TestKeys.COMMENT).generate());
        keys.put(
                "rsa-4096",
                SshKeyPairGenerator.rsa(4096).withComment(TestKeys.COMMENT).generate());
        Path dsa = folder.resolve("dsa-2048");
        Tools.run("puttygen", "-q", "-t", "dsa", "-b", "2048", "--new-passphrase", "/dev/null", "-o", dsa);
        keys.put("dsa-2048", KeyReader.of().read(dsa));
        return keys;
    }

    private static Passphrase passphrase() {
        return Passphrase.of(SECRET.toCharArray());
    }

    private static String text(KeyWriter writer, SshKeyPair pair) {
        try (EncodedKey encoded = writer.write(pair)) {
            return encoded.toText();
        }
    }

    /** Writes a key with a writer, to a file for the owner alone. */
    private static Path write(KeyWriter writer, SshKeyPair pair, Path work) throws IOException {
        Path file = work.resolve("key");
        try (EncodedKey encoded = writer.write(pair)) {
            encoded.writeTo(file);
        }
        return file;
    }

    private static Path writeEncrypted(KeyWriter writer, SshKeyPair pair, Path work) throws IOException {
        try (Passphrase passphrase = passphrase()) {
            return write(writer.withPassphrase(passphrase), pair, work);
        }
    }

    // --- openssh-key-v1 ---

    private static void addOpenssh(Matrix cells, String name, SshKeyPair pair, Path secret) {
        boolean opensshKnows = !name.equals("ed448");
        if (opensshKnows) {
            cells.add("ssh-keygen openssh-key-v1 " + name + " none", work -> {
                Path file = write(KeyWriter.openssh(), pair, work);
                assertSshKeygenWritesTheSame(file, "", pair);
            });
        } else {
            cells.refused("ssh-keygen openssh-key-v1 ed448", "OpenSSH does not know the type", work -> {
                Path file = write(KeyWriter.openssh(), pair, work);
                assertThat(Tools.tryRun("ssh-keygen", "-y", "-f", file).exitCode())
                        .isNotZero();
            });
        }
        for (OpensshCipher cipher : OpensshCipher.values()) {
            for (int rounds : new int[] {1, 3}) {
                if (opensshKnows) {
                    cells.add(
                            "ssh-keygen openssh-key-v1 " + name + " " + cipher.sshName() + " rounds " + rounds,
                            work -> {
                                Path file = writeEncrypted(
                                        KeyWriter.openssh().withCipher(cipher).withRounds(rounds), pair, work);
                                assertSshKeygenWritesTheSame(file, SECRET, pair);
                            });
                }
            }
        }
        if (name.startsWith("sk-")) {
            cells.refused("puttygen openssh-key-v1 " + name, "PuTTY does not know tokens", work -> {
                Path file = write(KeyWriter.openssh(), pair, work);
                assertThat(Tools.tryRun("puttygen", file, "-L").exitCode()).isNotZero();
            });
        } else {
            addOpensshForPuttygen(cells, name, pair, secret);
        }
    }

    private static void assertSshKeygenWritesTheSame(Path file, String passphrase, SshKeyPair pair) throws IOException {
        Tools.run("ssh-keygen", "-q", "-p", "-P", passphrase, "-N", "", "-f", file);
        try (EncodedKey plain = KeyWriter.openssh().write(pair)) {
            assertThat(OpensshFile.withoutCheckNumbers(Files.readAllBytes(file)))
                    .isEqualTo(OpensshFile.withoutCheckNumbers(plain.toByteArray()));
        }
    }

    private static void addOpensshForPuttygen(Matrix cells, String name, SshKeyPair pair, Path secret) {
        cells.add("puttygen openssh-key-v1 " + name + " none", work -> {
            Path file = write(KeyWriter.openssh(), pair, work);
            assertPuttygenWritesTheSame(file, Path.of("/dev/null"), 3, pair);
        });
        for (OpensshCipher cipher : OpensshCipher.values()) {
            if (cipher == OpensshCipher.AES256_CTR || cipher == OpensshCipher.AES256_CBC) {
                cells.add("puttygen openssh-key-v1 " + name + " " + cipher.sshName(), work -> {
                    Path file = writeEncrypted(
                            KeyWriter.openssh().withCipher(cipher).withRounds(2), pair, work);
                    assertPuttygenWritesTheSame(file, secret, 3, pair);
                });
            } else if (name.equals("ed25519")) {
                cells.refused("puttygen openssh-key-v1 " + cipher.sshName(), "PuTTY knows AES-256 only", work -> {
                    Path file = writeEncrypted(
                            KeyWriter.openssh().withCipher(cipher).withRounds(2), pair, work);
                    Tools.Outcome outcome = Tools.tryRun(
                            "puttygen", file, "--old-passphrase", secret, "-O", "private", "-o", work.resolve("out"));
                    assertThat(outcome.exitCode()).isNotZero();
                    assertThat(outcome.errors()).contains("cipher");
                });
            }
        }
    }

    // --- PPK ---

    private static void addPpk(Matrix cells, String name, SshKeyPair pair, Path secret) {
        for (int version : new int[] {2, 3}) {
            PpkKeyWriter writer = version == 2 ? KeyWriter.ppk2() : KeyWriter.ppk();
            cells.add("puttygen PPK " + version + " " + name + " none", work -> {
                Path file = write(writer, pair, work);
                assertPuttygenWritesTheSame(file, Path.of("/dev/null"), version, pair);
            });
        }
        cells.add("puttygen PPK 2 " + name + " aes256-cbc", work -> {
            Path file = writeEncrypted(KeyWriter.ppk2(), pair, work);
            assertPuttygenWritesTheSame(file, secret, 2, pair);
        });
        for (Argon2Kind kind : Argon2Kind.values()) {
            for (int lanes : new int[] {1, 4}) {
                PpkKeyWriter writer = KeyWriter.ppk()
                        .withArgon2(kind)
                        .withMemoryKib(64 * lanes)
                        .withPasses(lanes)
                        .withParallelism(lanes);
                cells.add("puttygen PPK 3 " + name + " aes256-cbc " + kind.displayName() + " lanes " + lanes, work -> {
                    Path file = writeEncrypted(writer, pair, work);
                    assertPuttygenWritesTheSame(file, secret, 3, pair);
                });
            }
        }
    }

    /** Lets puttygen convert to a plain PPK file, in which nothing is left to chance. */
    private static void assertPuttygenWritesTheSame(
            Path file, Path passphrase, int version, SshKeyPair pair, String... more) throws IOException {
        Path out = file.resolveSibling("out");
        List<Object> words = new ArrayList<>(List.of("puttygen", file));
        words.addAll(List.of(more));
        words.addAll(List.of(
                "-P",
                "--reencrypt",
                "--old-passphrase",
                passphrase,
                "--new-passphrase",
                "/dev/null",
                "-O",
                "private",
                "--ppk-param",
                "version=" + version,
                "-o",
                out));
        Tools.run(words.toArray());
        assertThat(Files.readString(out)).isEqualTo(text(version == 2 ? KeyWriter.ppk2() : KeyWriter.ppk(), pair));
    }

    // --- ssh.com ---

    private static void addSshCom(Matrix cells, String name, SshKeyPair pair, Path secret) {
        cells.add("puttygen ssh.com " + name + " none", work -> {
            Path file = write(KeyWriter.sshcom(), pair, work);
            assertPuttygenWritesTheSame(file, Path.of("/dev/null"), 3, pair);
        });
        cells.add("puttygen ssh.com " + name + " 3des-cbc", work -> {
            Path file = writeEncrypted(KeyWriter.sshcom(), pair, work);
            assertPuttygenWritesTheSame(file, secret, 3, pair);
        });
        cells.add("ssh-keygen ssh.com " + name + " none", work -> {
            Path file = write(KeyWriter.sshcom(), pair, work);
            try (SshKeyPair imported = KeyReader.of().read(Tools.run("ssh-keygen", "-i", "-f", file));
                    SshKeyPair bare = pair.withComment("")) {
                assertThat(Matrix.numbers(imported)).isEqualTo(Matrix.numbers(bare));
            }
        });
    }

    // --- traditional PEM ---

    private static final List<String> PUTTY_READS = List.of("none", PemCipher.AES128_CBC.pemName());

    private static void addPem(Matrix cells, String name, SshKeyPair pair, Path secret) {
        addPem(cells, name + " none", pair, "", Path.of("/dev/null"), work -> write(KeyWriter.pem(), pair, work));
        for (PemCipher cipher : PemCipher.values()) {
            PemKeyWriter writer = KeyWriter.pem().withCipher(cipher);
            addPem(
                    cells,
                    name + " " + cipher.pemName(),
                    pair,
                    SECRET,
                    secret,
                    work -> writeEncrypted(writer, pair, work));
        }
    }

    /** Writes a cell's file to a folder. */
    @FunctionalInterface
    private interface CellFile {
        Path writeTo(Path work) throws IOException;
    }

    private static void addPem(
            Matrix cells, String name, SshKeyPair pair, String passphrase, Path passphraseFile, CellFile cell) {
        cells.add(
                "openssl PEM " + name,
                work -> assertThat(Tools.run(
                                        "openssl",
                                        "pkey",
                                        "-traditional",
                                        "-passin",
                                        "pass:" + passphrase,
                                        "-in",
                                        cell.writeTo(work))
                                + "\n")
                        .isEqualTo(text(KeyWriter.pem(), pair)));
        cells.add("ssh-keygen PEM " + name, work -> {
            Path file = cell.writeTo(work);
            Tools.run("ssh-keygen", "-q", "-p", "-m", "PEM", "-P", passphrase, "-N", "", "-f", file);
            assertThat(Files.readString(file)).isEqualTo(text(KeyWriter.pem(), pair));
        });
        if (PUTTY_READS.stream().noneMatch(name::endsWith)) {
            cells.refused("puttygen PEM " + name, "PuTTY knows AES-128 only", work -> {
                Path file = cell.writeTo(work);
                Tools.Outcome outcome = Tools.tryRun(
                        "puttygen",
                        file,
                        "--old-passphrase",
                        passphraseFile,
                        "-O",
                        "private",
                        "-o",
                        work.resolve("out"));
                assertThat(outcome.exitCode()).isNotZero();
                assertThat(outcome.errors()).contains("unsupported cipher");
            });
            return;
        }
        cells.add(
                "puttygen PEM " + name,
                work -> assertPuttygenWritesTheSame(
                        cell.writeTo(work),
                        passphraseFile,
                        3,
                        pair,
                        "-C",
                        pair.comment().toString()));
    }

    // --- PKCS#8 ---

    private static void addPkcs8(Matrix cells, String name, SshKeyPair pair) {
        addPkcs8(cells, name + " none", pair, "", work -> write(KeyWriter.pkcs8(), pair, work));
        for (PemCipher cipher : PemCipher.values()) {
            for (Pbkdf2Prf prf : Pbkdf2Prf.values()) {
                // each cipher and each function once
                if (cipher == PemCipher.AES256_CBC || prf == Pbkdf2Prf.SHA256) {
                    addPkcs8(
                            cells,
                            name + " " + cipher + " PBKDF2 " + prf,
                            pair,
                            SECRET,
                            work -> writeEncrypted(
                                    KeyWriter.pkcs8()
                                            .withCipher(cipher)
                                            .withPrf(prf)
                                            .withIterations(1000),
                                    pair,
                                    work));
                }
            }
            addPkcs8(
                    cells,
                    name + " " + cipher + " scrypt",
                    pair,
                    SECRET,
                    work -> writeEncrypted(KeyWriter.pkcs8().withCipher(cipher).withScrypt(1024, 4, 2), pair, work));
        }
    }

    private static void addPkcs8(Matrix cells, String name, SshKeyPair pair, String passphrase, CellFile cell) {
        cells.add(
                "openssl PKCS#8 " + name,
                work -> assertThat(
                                Tools.run("openssl", "pkey", "-passin", "pass:" + passphrase, "-in", cell.writeTo(work))
                                        + "\n")
                        .isEqualTo(text(KeyWriter.pkcs8(), pair)));
        if (name.startsWith("ed")) {
            cells.refused("ssh-keygen PKCS#8 " + name, "9.2 to 9.5 read no EdDSA in PKCS#8", work -> {
                Path file = cell.writeTo(work);
                assertThat(Tools.tryRun("ssh-keygen", "-y", "-P", passphrase, "-f", file)
                                .exitCode())
                        .isNotZero();
            });
        } else {
            cells.add("ssh-keygen PKCS#8 " + name, work -> {
                Path file = cell.writeTo(work);
                Tools.run("ssh-keygen", "-q", "-p", "-m", "PKCS8", "-P", passphrase, "-N", "", "-f", file);
                assertThat(Files.readString(file)).isEqualTo(text(KeyWriter.pkcs8(), pair));
            });
        }
    }

    // --- public keys ---

    private static Path write(PublicKeyWriter writer, SshPublicKey key, Path work) throws IOException {
        Path file = work.resolve("key");
        try (EncodedKey encoded = writer.write(key)) {
            encoded.writeTo(file);
        }
        return file;
    }

    private static void addPublicForms(Matrix cells, String name, SshPublicKey key) {
        String bare = key.withComment("").toLine();
        boolean opensshKnows = !name.equals("ed448");
        boolean isToken = name.startsWith("sk-");
        if (opensshKnows) {
            cells.add("ssh-keygen RFC 4716 " + name, work -> {
                Path file = write(KeyWriter.publicRfc4716(), key, work);
                assertThat(Tools.run("ssh-keygen", "-i", "-f", file)).isEqualTo(bare);
            });
            cells.add("ssh-keygen public line " + name, work -> {
                Path file = write(KeyWriter.publicLine(), key, work);
                String tail =
                        key.comment().isEmpty() ? "no comment" : key.comment().toString();
                assertThat(Tools.run("ssh-keygen", "-l", "-f", file))
                        .isEqualTo(key.bits() + " " + key.fingerprint() + " " + tail + " (" + key.shortName() + ")");
            });
        }
        if (!isToken) {
            for (PublicKeyWriter writer : List.of(KeyWriter.publicRfc4716(), KeyWriter.publicLine())) {
                cells.add("puttygen " + writer.format().displayName() + " " + name, work -> {
                    Path file = write(writer, key, work);
                    assertThat(Tools.run("puttygen", file, "-O", "public-openssh"))
                            .isEqualTo(key.toLine());
                });
            }
        }
        if (!isToken) {
            cells.add("openssl SPKI " + name, work -> {
                Path file = write(KeyWriter.publicPem(), key, work);
                assertThat(Tools.run("openssl", "pkey", "-pubin", "-in", file) + "\n")
                        .isEqualTo(Files.readString(file));
            });
        }
        if (!isToken && !name.startsWith("ed")) {
            cells.add("ssh-keygen SPKI " + name, work -> {
                Path file = write(KeyWriter.publicPem(), key, work);
                assertThat(Tools.run("ssh-keygen", "-i", "-m", "PKCS8", "-f", file))
                        .isEqualTo(bare);
            });
        }
        if (name.startsWith("rsa")) {
            cells.add("openssl PKCS#1 public key " + name, work -> {
                Path file = write(KeyWriter.publicPkcs1(), key, work);
                assertThat(Tools.run("openssl", "rsa", "-RSAPublicKey_in", "-RSAPublicKey_out", "-in", file) + "\n")
                        .isEqualTo(Files.readString(file));
            });
            cells.add("ssh-keygen PKCS#1 public key " + name, work -> {
                Path file = write(KeyWriter.publicPkcs1(), key, work);
                assertThat(Tools.run("ssh-keygen", "-i", "-m", "PEM", "-f", file))
                        .isEqualTo(bare);
            });
        }
    }
}
