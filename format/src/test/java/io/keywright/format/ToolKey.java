package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A key that a tool made, without encryption, in the tool's own format; the tool showed the same public half as we do.
 *
 * @param name type and size, e.g. {@code rsa-2048}
 * @param file the tool's file
 * @param pair what we read
 */
record ToolKey(String name, Path file, SshKeyPair pair) {
    static final String COMMENT = "two words";

    static final List<String> OPENSSH_TYPES = List.of(
            "rsa-1024",
            "rsa-2048",
            "rsa-3072",
            "rsa-4096",
            "dsa-1024",
            "ecdsa-256",
            "ecdsa-384",
            "ecdsa-521",
            "ed25519-256");
    static final List<String> PUTTY_TYPES = List.of(
            "rsa-1024",
            "rsa-2048",
            "dsa-1024",
            "dsa-2048",
            "ecdsa-256",
            "ecdsa-384",
            "ecdsa-521",
            "eddsa-255",
            "eddsa-448");

    private static final List<String> OPENSSL_ALGORITHMS = List.of(
            "rsa -pkeyopt rsa_keygen_bits:1024",
            "rsa -pkeyopt rsa_keygen_bits:2048",
            "rsa -pkeyopt rsa_keygen_bits:3072",
            "rsa -pkeyopt rsa_keygen_bits:4096",
            "ec -pkeyopt ec_paramgen_curve:P-256",
            "ec -pkeyopt ec_paramgen_curve:P-384",
            "ec -pkeyopt ec_paramgen_curve:P-521",
            "ed25519",
            "ed448");

    /** The sizes of DSA in FIPS 186-4 of which q has a size that SSH's keys may have. */
    private static final List<String> OPENSSL_DSA = List.of("1024-160", "2048-224", "2048-256");

    String type() {
        return name.substring(0, name.indexOf('-'));
    }

    /** Makes one key of each type that ssh-keygen makes without a token. */
    static List<ToolKey> ofSshKeygen(Path folder) {
        List<ToolKey> keys = new ArrayList<>();
        for (String name : OPENSSH_TYPES) {
            Path file = folder.resolve("ssh-keygen-" + name);
            int dash = name.indexOf('-');
            String bits = name.substring(dash + 1);
            Tools.run(
                    "ssh-keygen", "-q", "-t", name.substring(0, dash), "-b", bits, "-N", "", "-C", COMMENT, "-f", file);
            ToolKey key = new ToolKey(name, file, read(file));
            assertThat(text(Path.of(file + ".pub")).strip())
                    .isEqualTo(key.pair.publicKey().toLine());
            keys.add(key);
        }
        return keys;
    }

    /** Makes one key of each type that puttygen makes for SSH-2. */
    static List<ToolKey> ofPuttygen(Path folder) {
        List<ToolKey> keys = new ArrayList<>();
        for (String name : PUTTY_TYPES) {
            Path file = folder.resolve("puttygen-" + name);
            int dash = name.indexOf('-');
            Tools.run(
                    "puttygen",
                    "-q",
                    "-t",
                    name.substring(0, dash),
                    "-b",
                    name.substring(dash + 1),
                    "-C",
                    COMMENT,
                    "--new-passphrase",
                    "/dev/null",
                    "-o",
                    file);
            ToolKey key = new ToolKey(name, file, read(file));
            assertThat(Tools.run("puttygen", file, "-O", "public-openssh"))
                    .isEqualTo(key.pair.publicKey().toLine());
            keys.add(key);
        }
        return keys;
    }

    /** Makes one key of each type that OpenSSL and SSH have in common. */
    static List<ToolKey> ofOpenssl(Path folder) {
        List<ToolKey> keys = new ArrayList<>();
        for (String algorithm : OPENSSL_ALGORITHMS) {
            String name = algorithm.replaceAll(" .*:", "-");
            Path file = folder.resolve("openssl-" + name);
            Tools.run("sh", "-c", "openssl genpkey -quiet -out '" + file + "' -algorithm " + algorithm);
            keys.add(opensslKey(name.contains("-") ? name : name + "-", file));
        }
        for (String sizes : OPENSSL_DSA) {
            int dash = sizes.indexOf('-');
            Path file = folder.resolve("openssl-dsa-" + sizes);
            Tools.run(
                    "sh",
                    "-c",
                    "openssl genpkey -quiet -genparam -algorithm dsa -pkeyopt dsa_paramgen_bits:"
                            + sizes.substring(0, dash) + " -pkeyopt dsa_paramgen_q_bits:" + sizes.substring(dash + 1)
                            + " | openssl genpkey -quiet -paramfile /dev/stdin -out '" + file + "'");
            keys.add(opensslKey("dsa-" + sizes, file));
        }
        return keys;
    }

    private static ToolKey opensslKey(String name, Path file) {
        ToolKey key = new ToolKey(name, file, read(file));
        try (EncodedKey encoded = KeyWriter.publicPem().write(key.pair.publicKey())) {
            assertThat(Tools.run("openssl", "pkey", "-in", file, "-pubout") + "\n")
                    .isEqualTo(encoded.toText());
        }
        return key;
    }

    private static SshKeyPair read(Path file) {
        try {
            return KeyReader.of().read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
