package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Fingerprint;
import io.keywright.KeyComment;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
 * Whatever ssh-keygen, puttygen and openssl write is read: every format, key type and encryption. A cell makes the file with
 * the tool from one of the tool's own keys, asks what it is, and reads the same numbers and comment as from the original.
 */
@Tag("once")
class ReadMatrixTest {
    private static final String SECRET = "a pass phrase, n\u00f6t quite ASCII";
    /** Lets OpenSSL use what it keeps for old files only. */
    private static final String LEGACY = "-provider legacy -provider default ";

    private static final List<String> CIPHERS = List.of("aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des3", "des");
    private static final String PEM_KDF = "MD5 (iterations 1)";
    private static final int AT_LEAST = 250;

    @TempDir
    static Path folder = Path.of("");

    @AutoClose
    static @Nullable Matrix matrix;

    /** Making the keys takes seconds, but minutes on a machine that does ten other things. */
    @TestFactory
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    Stream<DynamicTest> read_writtenByATool_sameKey() throws IOException {
        Matrix cells = new Matrix(folder);
        matrix = cells;
        List<ToolKey> opensshKeys = ToolKey.ofSshKeygen(folder);
        List<ToolKey> puttyKeys = ToolKey.ofPuttygen(folder);
        List<ToolKey> opensslKeys = ToolKey.ofOpenssl(folder);
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);

        for (ToolKey key : opensshKeys) {
            addOpensshFormat(cells, key);
            addPemOfSshKeygen(cells, key, KeyFormat.PEM, "PEM", PEM_KDF);
            addPemOfSshKeygen(cells, key, KeyFormat.PKCS8, "PKCS8", "PBKDF2-HMAC-SHA256 (iterations 2048)");
            addFingerprints(cells, key);
            addPublicFormsOfSshKeygen(cells, key);
        }
        addTokenKeys(cells);
        addRefusalsOfSshKeygen(cells);
        for (ToolKey key : puttyKeys) {
            addPpk(cells, key, secret);
            addOpensshFormatOfPuttygen(cells, key, secret);
            addPemOfPuttygen(cells, key, secret);
            addSshCom(cells, key, secret);
            addPublicFormsOfPuttygen(cells, key);
        }
        addRefusalsOfPuttygen(cells, puttyKeys.get(0));
        for (ToolKey key : opensslKeys) {
            addPkcs8(cells, key);
            addOldPkcs8(cells, key);
            addPem(cells, key);
            addPublicFormsOfOpenssl(cells, key);
            if (key.type().equals("ec")) {
                addEcVariants(cells, key);
            }
        }
        addRefusalsOfOpenssl(cells, opensslKeys.get(0));
        return cells.tests("read what the tools write", AT_LEAST).stream();
    }

    /** What a file must be seen to be and to hold. */
    private record Expected(
            ToolKey key,
            KeyFormat format,
            boolean holdsComment,
            @Nullable String cipher,
            @Nullable String kdf) {
        static Expected plain(ToolKey key, KeyFormat format, boolean holdsComment) {
            return new Expected(key, format, holdsComment, null, null);
        }

        void assertReadFrom(Path file) throws IOException {
            SshPublicKey publicKey = key.pair().publicKey();
            KeyInspection seen = KeyReader.inspect(file);
            assertThat(seen.format()).isEqualTo(format);
            assertThat(seen.encrypted()).isEqualTo(cipher != null);
            assertThat(seen.cipher()).isEqualTo(Optional.ofNullable(cipher));
            assertThat(seen.kdf().map(KdfDescription::toString)).isEqualTo(Optional.ofNullable(kdf));
            seen.publicKey().ifPresent(shown -> assertThat(shown).isEqualTo(publicKey));
            if (cipher != null) {
                assertThatThrownBy(() -> KeyReader.of().read(file)).isInstanceOf(PassphraseRequiredException.class);
            }
            try (Passphrase passphrase = Passphrase.of(SECRET.toCharArray());
                    SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(file)) {
                SshKeyPair original = key.pair();
                if (!holdsComment) {
                    assertThat(pair.comment()).isEqualTo(KeyComment.EMPTY);
                    original = original.withComment("");
                }
                assertThat(Matrix.numbers(pair)).isEqualTo(Matrix.numbers(original));
            }
        }
    }

    // --- ssh-keygen ---

    private static void addOpensshFormat(Matrix cells, ToolKey key) {
        cells.add("ssh-keygen openssh-key-v1 " + key.name() + " none", work -> {
            Path file = Files.copy(key.file(), work.resolve("key"));
            Tools.run("ssh-keygen", "-q", "-p", "-P", "", "-N", "", "-f", file);
            Expected.plain(key, KeyFormat.OPENSSH, true).assertReadFrom(file);
        });
        for (OpensshCipher cipher : OpensshCipher.values()) {
            for (int rounds : new int[] {1, 3}) {
                addOpensshEncryption(cells, key, cipher, rounds);
            }
        }
        addOpensshEncryption(cells, key, OpensshCipher.AES256_CTR, 24);
    }

    private static void addOpensshEncryption(Matrix cells, ToolKey key, OpensshCipher cipher, int rounds) {
        cells.add("ssh-keygen openssh-key-v1 " + key.name() + " " + cipher.sshName() + " rounds " + rounds, work -> {
            Path file = encryptedBySshKeygen(key.file(), work, cipher, rounds);
            new Expected(key, KeyFormat.OPENSSH, true, cipher.sshName(), "bcrypt (rounds " + rounds + ")")
                    .assertReadFrom(file);
        });
    }

    private static Path encryptedBySshKeygen(Path original, Path work, OpensshCipher cipher, int rounds)
            throws IOException {
        Path file = Files.copy(original, work.resolve("key"));
        Tools.run("ssh-keygen", "-q", "-p", "-P", "", "-N", SECRET, "-Z", cipher.sshName(), "-a", rounds, "-f", file);
        return file;
    }

    /** ssh-keygen makes these with a token only, but encrypts those that we made. */
    private static void addTokenKeys(Matrix cells) throws IOException {
        for (String type : List.of("sk-ecdsa", "sk-ed25519")) {
            SshKeyPair pair = TestKeys.of(type);
            Path original = folder.resolve(type);
            byte[] plain;
            try (EncodedKey encoded = KeyWriter.openssh().write(pair)) {
                encoded.writeTo(original);
                plain = encoded.toByteArray();
            }
            for (OpensshCipher cipher : OpensshCipher.values()) {
                cells.add("ssh-keygen openssh-key-v1 " + type + " " + cipher.sshName(), work -> {
                    Path file = encryptedBySshKeygen(original, work, cipher, 1);
                    try (Passphrase passphrase = Passphrase.of(SECRET.toCharArray());
                            SshKeyPair read =
                                    KeyReader.of().withPassphrase(passphrase).read(file);
                            EncodedKey again = KeyWriter.openssh().write(read)) {
                        assertThat(OpensshFile.withoutCheckNumbers(again.toByteArray()))
                                .isEqualTo(OpensshFile.withoutCheckNumbers(plain));
                    }
                });
            }
        }
    }

    /** What {@code -m PEM} and {@code -m PKCS8} mean to ssh-keygen. */
    private static void addPemOfSshKeygen(Matrix cells, ToolKey key, KeyFormat format, String option, String kdf) {
        String name = "ssh-keygen " + format.displayName() + " " + key.name();
        if (key.type().equals("ed25519")) {
            cells.refused(name, "it writes its own format instead", work -> {
                Path file = Files.copy(key.file(), work.resolve("key"));
                Tools.run("ssh-keygen", "-q", "-p", "-P", "", "-N", "", "-m", option, "-f", file);
                Expected.plain(key, KeyFormat.OPENSSH, true).assertReadFrom(file);
            });
            return;
        }
        cells.add(name + " none", work -> {
            Path file = Files.copy(key.file(), work.resolve("key"));
            Tools.run("ssh-keygen", "-q", "-p", "-P", "", "-N", "", "-m", option, "-f", file);
            Expected.plain(key, format, false).assertReadFrom(file);
        });
        cells.add(name + " aes128-cbc", work -> {
            Path file = Files.copy(key.file(), work.resolve("key"));
            Tools.run("ssh-keygen", "-q", "-p", "-P", "", "-N", SECRET, "-m", option, "-f", file);
            new Expected(key, format, false, "aes128-cbc", kdf).assertReadFrom(file);
        });
    }

    private static void addFingerprints(Matrix cells, ToolKey key) {
        SshPublicKey publicKey = key.pair().publicKey();
        String tail = " " + ToolKey.COMMENT + " (" + publicKey.shortName() + ")";
        cells.add(
                "ssh-keygen fingerprint " + key.name() + " bubblebabble",
                work -> assertThat(Tools.run("ssh-keygen", "-B", "-f", key.file()))
                        .isEqualTo(publicKey.bits() + " " + publicKey.bubbleBabble() + tail));
        for (Fingerprint.Hash hash : Fingerprint.Hash.values()) {
            String name = hash == Fingerprint.Hash.MD5 ? "md5" : "sha256";
            String shown = publicKey.bits() + " " + publicKey.fingerprint(hash) + tail;
            cells.add(
                    "ssh-keygen fingerprint " + key.name() + " " + name,
                    work -> assertThat(Tools.run("ssh-keygen", "-l", "-E", name, "-f", key.file()))
                            .isEqualTo(shown));
            cells.add(
                    "ssh-keygen fingerprint " + key.name() + " randomart of " + name,
                    work -> assertThat(Tools.run("ssh-keygen", "-lv", "-E", name, "-f", key.file()))
                            .isEqualTo(shown + "\n" + publicKey.randomart(hash)));
        }
    }

    private static void addPublicFormsOfSshKeygen(Matrix cells, ToolKey key) {
        SshPublicKey expected = key.pair().publicKey();
        cells.add("ssh-keygen public line " + key.name(), work -> {
            SshPublicKey read = KeyReader.of().readPublic(Tools.run("ssh-keygen", "-y", "-f", key.file()));
            assertThat(read.toLine()).isEqualTo(expected.toLine());
        });
        cells.add("ssh-keygen RFC 4716 " + key.name(), work -> {
            Path line = Files.writeString(work.resolve("line"), expected.toLine() + "\n");
            String exported = Tools.run("ssh-keygen", "-e", "-m", "RFC4716", "-f", line);
            assertPublic(KeyFormat.PUBLIC_RFC4716, exported, expected);
            assertThat(KeyReader.of().readPublic(exported).comment().toString()).startsWith(expected.bits() + "-bit ");
        });
        if (key.type().equals("ed25519")) {
            for (String form : List.of("PEM", "PKCS8")) {
                cells.toolRefuses(
                        "ssh-keygen public " + form + " ed25519",
                        "unsupported key type",
                        "ssh-keygen",
                        "-e",
                        "-m",
                        form,
                        "-f",
                        key.file());
            }
            return;
        }
        cells.add(
                "ssh-keygen SPKI " + key.name(),
                work -> assertPublic(
                        KeyFormat.PUBLIC_PEM,
                        Tools.run("ssh-keygen", "-e", "-m", "PKCS8", "-f", key.file()),
                        expected));
        cells.add("ssh-keygen PEM public key " + key.name(), work -> {
            String exported = Tools.run("ssh-keygen", "-e", "-m", "PEM", "-f", key.file());
            assertThat(exported.startsWith("-----BEGIN RSA PUBLIC KEY-----"))
                    .isEqualTo(key.type().equals("rsa"));
            assertPublic(KeyFormat.PUBLIC_PEM, exported, expected);
        });
    }

    private static void assertPublic(KeyFormat format, String text, SshPublicKey expected) {
        KeyInspection seen = KeyReader.inspect(text);
        assertThat(seen.format()).isEqualTo(format);
        assertThat(seen.holdsPrivateKey()).isFalse();
        assertThat(KeyReader.of().readPublic(text)).isEqualTo(expected);
    }

    private static void addRefusalsOfSshKeygen(Matrix cells) {
        Path file = folder.resolve("never");
        cells.toolRefuses(
                "ssh-keygen rsa-1023",
                "1024 is the least",
                "ssh-keygen",
                "-t",
                "rsa",
                "-b",
                "1023",
                "-N",
                "",
                "-f",
                file);
        cells.toolRefuses(
                "ssh-keygen dsa-2048", "1024 only", "ssh-keygen", "-t", "dsa", "-b", "2048", "-N", "", "-f", file);
        cells.toolRefuses("ssh-keygen ed448", "unknown type", "ssh-keygen", "-t", "ed448", "-N", "", "-f", file);
        for (String type : List.of("ecdsa-sk", "ed25519-sk")) {
            cells.toolRefuses("ssh-keygen " + type, "needs a token", "ssh-keygen", "-t", type, "-N", "", "-f", file);
        }
    }

    // --- puttygen ---

    private static String putty(ToolKey key, Path out, String kind, Path newPassphrase, String... more) {
        List<Object> words = new ArrayList<>(List.of("puttygen", key.file(), "-O", kind, "-o", out));
        words.addAll(List.of("-P", "--old-passphrase", "/dev/null", "--new-passphrase", newPassphrase));
        words.addAll(List.of(more));
        return Tools.run(words.toArray());
    }

    private static void addPpk(Matrix cells, ToolKey key, Path secret) {
        Path none = Path.of("/dev/null");
        for (int version : new int[] {2, 3}) {
            cells.add("puttygen PPK " + version + " " + key.name() + " none", work -> {
                Path file = work.resolve("key");
                putty(key, file, "private", none, "--reencrypt", "--ppk-param", "version=" + version);
                Expected.plain(key, KeyFormat.PPK, true).assertReadFrom(file);
                try (SshKeyPair pair = KeyReader.of().read(file);
                        EncodedKey again = (version == 2 ? KeyWriter.ppk2() : KeyWriter.ppk()).write(pair)) {
                    assertThat(again.toText()).isEqualTo(Files.readString(file));
                }
            });
        }
        cells.add("puttygen PPK 2 " + key.name() + " aes256-cbc", work -> {
            Path file = work.resolve("key");
            putty(key, file, "private", secret, "--reencrypt", "--ppk-param", "version=2");
            new Expected(key, KeyFormat.PPK, true, "aes256-cbc", "SHA-1").assertReadFrom(file);
        });
        for (String kind : List.of("Argon2id", "Argon2i", "Argon2d")) {
            for (String cost : List.of("memory=8192,passes=1,parallelism=1", "memory=100,passes=3,parallelism=4")) {
                addArgon2(cells, key, secret, kind, cost);
            }
        }
    }

    private static void addArgon2(Matrix cells, ToolKey key, Path secret, String kind, String cost) {
        cells.add("puttygen PPK 3 " + key.name() + " aes256-cbc " + kind + " " + cost, work -> {
            Path file = work.resolve("key");
            String parameters = "kdf=" + kind.replace('A', 'a') + "," + cost;
            putty(key, file, "private", secret, "--reencrypt", "--ppk-param", parameters);
            String shown =
                    cost.replace("memory", "memory KiB").replace('=', ' ').replace(",", ", ");
            new Expected(key, KeyFormat.PPK, true, "aes256-cbc", kind + " (" + shown + ")").assertReadFrom(file);
        });
    }

    private static void addOpensshFormatOfPuttygen(Matrix cells, ToolKey key, Path secret) {
        cells.add("puttygen private-openssh-new " + key.name() + " none", work -> {
            Path file = work.resolve("key");
            putty(key, file, "private-openssh-new", Path.of("/dev/null"));
            Expected.plain(key, KeyFormat.OPENSSH, true).assertReadFrom(file);
        });
        cells.add("puttygen private-openssh-new " + key.name() + " aes256-ctr", work -> {
            Path file = work.resolve("key");
            putty(key, file, "private-openssh-new", secret);
            new Expected(key, KeyFormat.OPENSSH, true, "aes256-ctr", "bcrypt (rounds 16)").assertReadFrom(file);
        });
    }

    private static void addPemOfPuttygen(Matrix cells, ToolKey key, Path secret) {
        boolean eddsa = key.type().equals("eddsa");
        cells.add("puttygen private-openssh " + key.name() + " none", work -> {
            Path file = work.resolve("key");
            putty(key, file, "private-openssh", Path.of("/dev/null"));
            Expected.plain(key, eddsa ? KeyFormat.OPENSSH : KeyFormat.PEM, eddsa)
                    .assertReadFrom(file);
        });
        cells.add("puttygen private-openssh " + key.name() + " encrypted", work -> {
            Path file = work.resolve("key");
            putty(key, file, "private-openssh", secret);
            Expected expected = eddsa
                    ? new Expected(key, KeyFormat.OPENSSH, true, "aes256-ctr", "bcrypt (rounds 16)")
                    : new Expected(key, KeyFormat.PEM, false, "3des-cbc", PEM_KDF);
            expected.assertReadFrom(file);
        });
    }

    private static void addSshCom(Matrix cells, ToolKey key, Path secret) {
        if (!key.type().equals("rsa") && !key.type().equals("dsa")) {
            cells.toolRefuses(
                    "puttygen private-sshcom " + key.name(),
                    "the format has RSA and DSA only",
                    "puttygen",
                    key.file(),
                    "-O",
                    "private-sshcom",
                    "-o",
                    folder.resolve("never"));
            return;
        }
        cells.add("puttygen private-sshcom " + key.name() + " none", work -> {
            Path file = work.resolve("key");
            putty(key, file, "private-sshcom", Path.of("/dev/null"));
            Expected.plain(key, KeyFormat.SSHCOM, true).assertReadFrom(file);
        });
        cells.add("puttygen private-sshcom " + key.name() + " 3des-cbc", work -> {
            Path file = work.resolve("key");
            putty(key, file, "private-sshcom", secret);
            new Expected(key, KeyFormat.SSHCOM, true, "3des-cbc", "MD5").assertReadFrom(file);
        });
    }

    private static void addPublicFormsOfPuttygen(Matrix cells, ToolKey key) {
        SshPublicKey expected = key.pair().publicKey();
        // PuTTY counts the bits of Ed25519's field, OpenSSH and we those of its encoding.
        int bits = key.name().equals("eddsa-255") ? 255 : expected.bits();
        cells.add("puttygen public line " + key.name(), work -> {
            String line = Tools.run("puttygen", key.file(), "-O", "public-openssh");
            assertThat(KeyReader.of().readPublic(line).toLine()).isEqualTo(line);
            assertThat(line).isEqualTo(expected.toLine());
        });
        cells.add("puttygen RFC 4716 " + key.name(), work -> {
            String exported = Tools.run("puttygen", key.file(), "-O", "public");
            assertPublic(KeyFormat.PUBLIC_RFC4716, exported, expected);
            assertThat(KeyReader.of().readPublic(exported).comment()).isEqualTo(expected.comment());
        });
        for (Fingerprint.Hash hash : Fingerprint.Hash.values()) {
            String name = hash == Fingerprint.Hash.MD5 ? "md5" : "sha256";
            String bare = expected.fingerprint(hash).toString().replace("MD5:", "");
            cells.add(
                    "puttygen fingerprint " + key.name() + " " + name,
                    work -> assertThat(Tools.run("puttygen", key.file(), "-O", "fingerprint", "-E", name))
                            .isEqualTo(expected.algorithm() + " " + bits + " " + bare));
        }
    }

    private static void addRefusalsOfPuttygen(Matrix cells, ToolKey any) {
        cells.refused("puttygen PPK 1", "0.78 writes a file that it cannot read itself, later ones none", work -> {
            Path file = work.resolve("key");
            Tools.Outcome written = Tools.tryRun(
                    "puttygen", any.file(), "-O", "private", "--reencrypt", "--ppk-param", "version=1", "-o", file);
            assertThat(written.exitCode() != 0
                            || Tools.tryRun("puttygen", file, "-O", "private-openssh-new", "-o", work.resolve("again"))
                                            .exitCode()
                                    != 0)
                    .isTrue();
        });
    }

    // --- openssl ---

    private static void openssl(ToolKey key, Path out, String program, String options) {
        Tools.run(
                "sh",
                "-c",
                "openssl " + program + " -passout 'pass:" + SECRET + "' " + options + " -in '" + key.file() + "' -out '"
                        + out + "'");
    }

    private static String seenName(String cipher) {
        return switch (cipher) {
            case "des3" -> "3des-cbc";
            case "des" -> "des-cbc";
            default -> cipher.replace("aes-", "aes");
        };
    }

    private static void addPkcs8(Matrix cells, ToolKey key) {
        cells.add(
                "openssl PKCS#8 " + key.name() + " none",
                work -> Expected.plain(key, KeyFormat.PKCS8, false).assertReadFrom(key.file()));
        for (String cipher : CIPHERS) {
            String option = LEGACY + "-v2 " + cipher;
            for (String hash : List.of("SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "SHA512-224", "SHA512-256")) {
                cells.add("openssl PKCS#8 " + key.name() + " " + cipher + " PBKDF2 " + hash, work -> {
                    Path file = work.resolve("key");
                    openssl(key, file, "pkcs8 -topk8", option + " -v2prf hmacWith" + hash + " -iter 1000");
                    String kdf = "PBKDF2-HMAC-" + hash.replace('-', '/') + " (iterations 1000)";
                    new Expected(key, KeyFormat.PKCS8, false, seenName(cipher), kdf).assertReadFrom(file);
                });
            }
            cells.add("openssl PKCS#8 " + key.name() + " " + cipher + " scrypt", work -> {
                Path file = work.resolve("key");
                openssl(key, file, "pkcs8 -topk8", option + " -scrypt -scrypt_N 1024 -scrypt_r 4 -scrypt_p 2");
                new Expected(key, KeyFormat.PKCS8, false, seenName(cipher), "scrypt (N 1024, r 4, p 2)")
                        .assertReadFrom(file);
            });
        }
    }

    /** OpenSSL's name of a scheme of PBES1 or PKCS#12, its cipher's and its key derivation's. */
    private record OldScheme(String name, String cipher, String kdf) {}

    private static final List<OldScheme> OLD_SCHEMES = List.of(
            new OldScheme("PBE-MD5-DES", "des-cbc", "PBKDF1-MD5"),
            new OldScheme("PBE-SHA1-DES", "des-cbc", "PBKDF1-SHA1"),
            new OldScheme("PBE-MD5-RC2-64", "rc2-64-cbc", "PBKDF1-MD5"),
            new OldScheme("PBE-SHA1-RC2-64", "rc2-64-cbc", "PBKDF1-SHA1"),
            new OldScheme("PBE-SHA1-RC4-128", "rc4-128", "PKCS#12-SHA1"),
            new OldScheme("PBE-SHA1-RC4-40", "rc4-40", "PKCS#12-SHA1"),
            new OldScheme("PBE-SHA1-3DES", "3des-cbc", "PKCS#12-SHA1"),
            new OldScheme("PBE-SHA1-2DES", "2des-cbc", "PKCS#12-SHA1"),
            new OldScheme("PBE-SHA1-RC2-128", "rc2-128-cbc", "PKCS#12-SHA1"),
            new OldScheme("PBE-SHA1-RC2-40", "rc2-40-cbc", "PKCS#12-SHA1"));

    private static void addOldPkcs8(Matrix cells, ToolKey key) {
        for (OldScheme scheme : OLD_SCHEMES) {
            cells.add("openssl PKCS#8 " + key.name() + " " + scheme.name, work -> {
                Path file = work.resolve("key");
                openssl(key, file, "pkcs8 -topk8", LEGACY + "-v1 " + scheme.name);
                new Expected(key, KeyFormat.PKCS8, false, scheme.cipher, scheme.kdf + " (iterations 2048)")
                        .assertReadFrom(file);
            });
        }
    }

    private static void addPem(Matrix cells, ToolKey key) {
        String name = "openssl PEM " + key.name();
        if (key.type().startsWith("ed")) {
            cells.toolRefuses(
                    name, "there is no traditional PEM of EdDSA", "openssl", "pkey", "-traditional", "-in", key.file());
            return;
        }
        cells.add(name + " none", work -> {
            Path file = work.resolve("key");
            Tools.run("openssl", "pkey", "-traditional", "-in", key.file(), "-out", file);
            Expected.plain(key, KeyFormat.PEM, false).assertReadFrom(file);
        });
        for (String cipher : CIPHERS) {
            cells.add(name + " " + cipher, work -> {
                Path file = work.resolve("key");
                openssl(key, file, "pkey -traditional", LEGACY + "-" + cipher);
                new Expected(key, KeyFormat.PEM, false, seenName(cipher), PEM_KDF).assertReadFrom(file);
            });
        }
    }

    private static void addPublicFormsOfOpenssl(Matrix cells, ToolKey key) {
        SshPublicKey expected = key.pair().publicKey();
        cells.add(
                "openssl SPKI " + key.name(),
                work -> assertPublic(
                        KeyFormat.PUBLIC_PEM, Tools.run("openssl", "pkey", "-in", key.file(), "-pubout"), expected));
        if (key.type().equals("rsa")) {
            cells.add(
                    "openssl PKCS#1 public key " + key.name(),
                    work -> assertPublic(
                            KeyFormat.PUBLIC_PEM,
                            Tools.run("openssl", "rsa", "-in", key.file(), "-RSAPublicKey_out"),
                            expected));
        }
    }

    private static void addEcVariants(Matrix cells, ToolKey key) {
        cells.add("openssl PKCS#8 " + key.name() + " without its public half", work -> {
            Path file = work.resolve("key");
            Tools.run(
                    "sh",
                    "-c",
                    "openssl ec -no_public -in '" + key.file() + "' | openssl pkcs8 -topk8 -nocrypt -out '" + file
                            + "'");
            Expected.plain(key, KeyFormat.PKCS8, false).assertReadFrom(file);
        });
        cells.add("openssl PEM " + key.name() + " without its public half", work -> {
            Path file = work.resolve("key");
            Tools.run("openssl", "ec", "-no_public", "-in", key.file(), "-out", file);
            Expected.plain(key, KeyFormat.PEM, false).assertReadFrom(file);
        });
        cells.add("openssl PEM " + key.name() + " behind EC PARAMETERS", work -> {
            Path file = work.resolve("key");
            Tools.run(
                    "openssl",
                    "ecparam",
                    "-name",
                    key.name()
                            .replace("ec-P-256", "prime256v1")
                            .replace("ec-P-", "secp")
                            .replaceAll("(secp.*)", "$1r1"),
                    "-out",
                    file);
            String parameters = Files.readString(file);
            assertThat(parameters).startsWith("-----BEGIN EC PARAMETERS-----");
            String body = Tools.run("openssl", "pkey", "-traditional", "-in", key.file());
            Files.writeString(file, parameters + body + "\n");
            Expected.plain(key, KeyFormat.PEM, false).assertReadFrom(file);
        });
        for (String form : List.of("compressed", "hybrid")) {
            cells.refused("openssl SPKI " + key.name() + " " + form, "SSH's points are never compressed", work -> {
                String text = Tools.run("openssl", "pkey", "-in", key.file(), "-pubout", "-ec_conv_form", form);
                assertThatThrownBy(() -> KeyReader.of().readPublic(text)).isInstanceOf(MalformedKeyException.class);
            });
        }
        cells.refused("openssl PKCS#8 " + key.name() + " explicit curve", "SSH knows named curves only", work -> {
            Path file = work.resolve("key");
            Tools.run("openssl", "pkey", "-in", key.file(), "-ec_param_enc", "explicit", "-out", file);
            assertThatThrownBy(() -> KeyReader.of().read(file))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageContaining("named curves");
        });
    }

    private static void addRefusalsOfOpenssl(Matrix cells, ToolKey key) {
        for (String cipher : List.of("aes-128-gcm", "aes-256-gcm", "aes-256-ccm", "chacha20-poly1305", "aes-256-ctr")) {
            cells.toolRefuses(
                    "openssl PKCS#8 " + cipher,
                    "it writes no AEAD or counter mode with PBES2",
                    "openssl",
                    "pkcs8",
                    "-topk8",
                    "-v2",
                    cipher,
                    "-passout",
                    "pass:x",
                    "-in",
                    key.file());
        }
        for (String scheme : List.of("PBE-MD2-DES", "PBE-MD2-RC2-64")) {
            cells.toolRefuses(
                    "openssl PKCS#8 " + scheme,
                    "it comes without MD2",
                    "sh",
                    "-c",
                    "openssl pkcs8 -topk8 " + LEGACY + "-v1 " + scheme + " -passout pass:x -in '" + key.file() + "'");
        }
        String pkcs8 = "pkcs8 -topk8";
        addUnsupported(cells, key, pkcs8, "-v2 aes-256-cbc -v2prf hmacWithMD5", "no program's default");
        for (String cipher : List.of("camellia-256-cbc", "aria-256-cbc", "sm4-cbc", "aes-256-cfb", "aes-256-ofb")) {
            addUnsupported(cells, key, pkcs8, "-v2 " + cipher, "no SSH program writes it");
            addUnsupported(cells, key, "pkey -traditional", "-" + cipher, "no SSH program writes it");
        }
        for (String cipher : List.of("seed-cbc", "bf-cbc", "cast5-cbc", "rc2-cbc")) {
            addUnsupported(cells, key, pkcs8, LEGACY + "-v2 " + cipher, "OpenSSL itself took leave of it");
            addUnsupported(cells, key, "pkey -traditional", LEGACY + "-" + cipher, "OpenSSL itself took leave of it");
        }
    }

    private static void addUnsupported(Matrix cells, ToolKey key, String program, String options, String reason) {
        cells.refused("openssl " + program + " " + options, reason, work -> {
            Path file = work.resolve("key");
            openssl(key, file, program, options);
            try (Passphrase passphrase = Passphrase.of(SECRET.toCharArray())) {
                assertThatThrownBy(
                                () -> KeyReader.of().withPassphrase(passphrase).read(file))
                        .isInstanceOf(UnsupportedKeyException.class)
                        .isInstanceOf(SshKeyException.class);
            }
        });
    }
}
