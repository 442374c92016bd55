package io.keywright.cli;

import io.keywright.format.Argon2Kind;
import io.keywright.format.KeyWriter;
import io.keywright.format.OpensshCipher;
import io.keywright.format.OpensshKeyWriter;
import io.keywright.format.Pbkdf2Prf;
import io.keywright.format.PemCipher;
import io.keywright.format.PemKeyWriter;
import io.keywright.format.Pkcs8KeyWriter;
import io.keywright.format.PpkKeyWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a private key is encrypted; each format has its own choices. */
final class WriterOptions {
    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    @Option(
            names = "--cipher",
            paramLabel = "NAME",
            description =
                    "Cipher of openssh (e.g. aes256-ctr, aes256-gcm@openssh.com), pem or pkcs8 (e.g. AES-256-CBC).")
    @Nullable
    String cipher;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds of bcrypt, for openssh.")
    @Nullable
    Integer rounds;

    @Option(names = "--iterations", paramLabel = "N", description = "Iterations of PBKDF2, for pkcs8.")
    @Nullable
    Integer iterations;

    @Option(names = "--prf", paramLabel = "NAME", description = "Function of PBKDF2, e.g. sha256, for pkcs8.")
    @Nullable
    String prf;

    @Option(
            names = "--kdf",
            paramLabel = "NAME",
            description = "argon2id, argon2i or argon2d, for ppk; pbkdf2 or scrypt, for pkcs8.")
    @Nullable
    String kdf;

    @Option(names = "--memory", paramLabel = "KIB", description = "Memory of Argon2 in KiB, for ppk.")
    @Nullable
    Integer memory;

    @Option(names = "--passes", paramLabel = "N", description = "Passes of Argon2, for ppk.")
    @Nullable
    Integer passes;

    @Option(names = "--parallelism", paramLabel = "N", description = "Parallelism of Argon2, for ppk.")
    @Nullable
    Integer parallelism;

    /** Sets what was chosen; fails when something was that the format does not know. */
    KeyWriter apply(KeyWriter writer, KeyTarget target) {
        try {
            if (writer instanceof OpensshKeyWriter openssh) {
                requireOnly(target, "--cipher", "--rounds");
                return apply(openssh);
            } else if (writer instanceof PemKeyWriter pem) {
                requireOnly(target, "--cipher");
                return cipher == null ? pem : pem.withCipher(choice(PemCipher.values(), PemCipher::pemName, cipher));
            } else if (writer instanceof Pkcs8KeyWriter pkcs8) {
                requireOnly(target, "--cipher", "--kdf", "--iterations", "--prf");
                return apply(pkcs8);
            } else if (writer instanceof PpkKeyWriter ppk) {
                requireOnly(target, "--kdf", "--memory", "--passes", "--parallelism");
                return apply(ppk);
            }
            requireNone(target);
            return writer;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--to " + target.label() + ": " + e.getMessage());
        }
    }

    private OpensshKeyWriter apply(OpensshKeyWriter writer) {
        OpensshKeyWriter chosen = writer;
        if (cipher != null) {
            chosen = chosen.withCipher(choice(OpensshCipher.values(), OpensshCipher::sshName, cipher));
        }
        return rounds == null ? chosen : chosen.withRounds(rounds);
    }

    private Pkcs8KeyWriter apply(Pkcs8KeyWriter writer) {
        Pkcs8KeyWriter chosen = writer;
        if (cipher != null) {
            chosen = chosen.withCipher(choice(PemCipher.values(), PemCipher::pemName, cipher));
        }
        if (kdf != null && choice(Pkcs8Kdf.values(), Pkcs8Kdf::label, kdf) == Pkcs8Kdf.SCRYPT) {
            if (iterations != null || prf != null) {
                throw new ParameterException(
                        command.commandLine(), "--iterations and --prf are PBKDF2's: leave them out with --kdf scrypt");
            }
            return chosen.withScrypt();
        }
        if (prf != null) {
            chosen = chosen.withPrf(choice(Pbkdf2Prf.values(), Pbkdf2Prf::name, prf));
        }
        return iterations == null ? chosen : chosen.withIterations(iterations);
    }

    /** The key derivations of PKCS#8. */
    private enum Pkcs8Kdf {
        PBKDF2,
        SCRYPT;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private PpkKeyWriter apply(PpkKeyWriter writer) {
        PpkKeyWriter chosen = writer;
        if (kdf != null) {
            chosen = chosen.withArgon2(choice(Argon2Kind.values(), Argon2Kind::displayName, kdf));
        }
        if (memory != null) {
            chosen = chosen.withMemoryKib(memory);
        }
        if (passes != null) {
            chosen = chosen.withPasses(passes);
        }
        return parallelism == null ? chosen : chosen.withParallelism(parallelism);
    }

    /** Fails when any of these options was given. */
    void requireNone(KeyTarget target) {
        requireOnly(target);
    }

    private void requireOnly(KeyTarget target, String... known) {
        Map<String, @Nullable Object> given = new LinkedHashMap<>();
        given.put("--cipher", cipher);
        given.put("--rounds", rounds);
        given.put("--iterations", iterations);
        given.put("--prf", prf);
        given.put("--kdf", kdf);
        given.put("--memory", memory);
        given.put("--passes", passes);
        given.put("--parallelism", parallelism);
        Set<String> allowed = Set.of(known);
        given.forEach((name, value) -> {
            if (value != null && !allowed.contains(name)) {
                throw new ParameterException(
                        command.commandLine(), name + " means nothing for --to " + target.label() + ": leave it out");
            }
        });
    }

    private <T> T choice(T[] choices, Function<T, String> name, String wanted) {
        List<T> all = Arrays.asList(choices);
        return all.stream()
                .filter(one -> name.apply(one).equalsIgnoreCase(wanted))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        command.commandLine(),
                        "'" + wanted + "' is none of "
                                + String.join(
                                        ", ",
                                        all.stream()
                                                .map(one -> name.apply(one).toLowerCase(Locale.ROOT))
                                                .toList())));
    }
}
