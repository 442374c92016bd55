package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * bcrypt_pbkdf against OpenSSH's: {@code ssh-keygen} encrypts a key with random rounds, a cipher that takes a random number of
 * bytes of the derived key, and a random passphrase, and the file is read here. One wrong bit of what is derived, and it is not.
 *
 * <p>{@code -Pdifferential} takes 1,000 files and up to 48 rounds; {@code -Dkeywright.differential.files}, {@code
 * -Dkeywright.differential.rounds} and {@code -Dkeywright.differential.seed} choose others.
 */
@Tag("once")
class BcryptDifferentialTest {
    private static final int FILES = Integer.getInteger("keywright.differential.files", 50);
    private static final int MAX_ROUNDS = Integer.getInteger("keywright.differential.rounds", 8);
    private static final long SEED =
            Long.getLong("keywright.differential.seed", new SecureRandom().nextInt() & 0xffffffffL);

    /** Every length of key and IV that there is: one block of the derivation, or two of which the second is cut differently. */
    private static final Map<String, Integer> DERIVED_BYTES = Map.of(
            "3des-cbc", 32,
            "aes128-ctr", 32,
            "aes128-cbc", 32,
            "aes192-ctr", 40,
            "aes192-cbc", 40,
            "aes256-ctr", 48,
            "aes128-gcm@openssh.com", 28,
            "aes256-gcm@openssh.com", 44,
            "chacha20-poly1305@openssh.com", 64);

    private static final List<String> CIPHERS =
            DERIVED_BYTES.keySet().stream().sorted().toList();
    // Not 0: there is no file without a passphrase. ssh-keygen wants five at least, and 1,024 are its most.
    private static final int MIN_LENGTH = 5;
    private static final int MAX_LENGTH = 1000;

    @TempDir
    static Path folder = Path.of("");

    @AutoClose
    static @Nullable Matrix matrix;

    @TestFactory
    Stream<DynamicTest> read_randomParameters_derivesWhatSshKeygenDerived() {
        Matrix cells = new Matrix(folder);
        matrix = cells;
        Random random = new Random(SEED);
        for (int i = 0; i < FILES; i++) {
            // Each length at least once, in however short a run.
            String cipher = CIPHERS.get(i < CIPHERS.size() ? i : random.nextInt(CIPHERS.size()));
            int rounds = rounds(random);
            String passphrase = passphrase(random);
            cells.add(
                    "ssh-keygen, seed " + SEED + " file " + i + ": " + cipher + " with " + DERIVED_BYTES.get(cipher)
                            + " bytes, " + rounds + " rounds, " + passphrase.length() + " characters",
                    directory -> check(directory, cipher, rounds, passphrase));
        }
        return cells.tests("differential run of bcrypt with seed " + SEED, FILES).stream();
    }

    /** From 1 to the most, as often below the root of it as above: rounds take time, and the fortieth does what the fourth did. */
    private static int rounds(Random random) {
        return (int) Math.pow(MAX_ROUNDS + 1, random.nextDouble());
    }

    private static String passphrase(Random random) {
        // Mostly short ones; some longer than SHA-512's block.
        int length =
                MIN_LENGTH + (random.nextInt(4) > 0 ? random.nextInt(20) : random.nextInt(MAX_LENGTH - MIN_LENGTH));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) (' ' + random.nextInt(0x7f - ' ')));
        }
        return text.toString();
    }

    private static void check(Path directory, String cipher, int rounds, String text) throws IOException {
        Path file = directory.resolve("key");
        Tools.run("ssh-keygen", "-q", "-t", "ed25519", "-Z", cipher, "-a", rounds, "-N", text, "-C", "", "-f", file);
        SshPublicKey expected = SshPublicKey.parseLine(
                Files.readString(Path.of(file + ".pub"), StandardCharsets.UTF_8).strip());
        try (Passphrase passphrase = Passphrase.of(text.toCharArray());
                SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(Files.readAllBytes(file))) {
            assertThat(pair.publicKey()).isEqualTo(expected);
        }
    }
}
