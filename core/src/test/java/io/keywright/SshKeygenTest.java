package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Fingerprint.Hash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Public keys and signatures held against the real {@code ssh-keygen}. */
class SshKeygenTest {
    private static final Tool SSH_KEYGEN = Tool.sshKeygen();

    @TempDir
    private Path folder;

    static Stream<SshPublicKey> publicKeysOfOpenSsh() {
        return TestKeys.publicKeysOfOpenSsh();
    }

    private String list(Path publicKey, String... arguments) throws IOException, InterruptedException {
        String[] all = Stream.concat(Stream.of(arguments), Stream.of("-f", publicKey.toString()))
                .toArray(String[]::new);
        return SSH_KEYGEN.run(folder, all).orFail();
    }

    private Path generate(String type, String bits, String comment) throws IOException, InterruptedException {
        Path file = folder.resolve("made-" + type + bits);
        SSH_KEYGEN
                .run(folder, "-q", "-t", type, "-b", bits, "-N", "", "-C", comment, "-f", file.toString())
                .orFail();
        return file;
    }

    private static String listing(SshPublicKey key, String print) {
        String comment = key.comment().isEmpty() ? "no comment" : key.comment().toString();
        return key.bits() + " " + print + " " + comment + " (" + key.shortName() + ")";
    }

    private void assertListedAlike(Path file, SshPublicKey key) throws IOException, InterruptedException {
        String sha256 = listing(key, key.fingerprint().toString());
        String md5 = listing(key, key.fingerprint(Hash.MD5).toString());
        assertThat(list(file, "-l")).isEqualTo(sha256);
        assertThat(list(file, "-l", "-E", "md5")).isEqualTo(md5);
        assertThat(list(file, "-lv")).isEqualTo(sha256 + "\n" + key.randomart(Hash.SHA256));
        assertThat(list(file, "-lv", "-E", "md5")).isEqualTo(md5 + "\n" + key.randomart(Hash.MD5));
        assertThat(list(file, "-B")).isEqualTo(listing(key, key.bubbleBabble()));
    }

    @Nested
    class List {
        @ParameterizedTest
        @CsvSource({
            "rsa, 1024",
            "rsa, 3072",
            "rsa, 4096",
            "dsa, 1024",
            "ecdsa, 256",
            "ecdsa, 384",
            "ecdsa, 521",
            "ed25519, 256"
        })
        void list_keyMadeBySshKeygen_isEqual(String type, String bits) throws Exception {
            Path file = generate(type, bits, "made by ssh-keygen");
            byte[] line = Files.readAllBytes(file.resolveSibling(file.getFileName() + ".pub"));
            SshPublicKey key = SshPublicKey.parseLine(line);
            assertThat(key.comment()).hasToString("made by ssh-keygen");
            assertThat(key.toLine() + "\n").isEqualTo(new String(line, StandardCharsets.UTF_8));
            assertListedAlike(file.resolveSibling(file.getFileName() + ".pub"), key);
        }

        @ParameterizedTest
        @MethodSource("io.keywright.SshKeygenTest#publicKeysOfOpenSsh")
        void list_keyMadeHere_isEqual(SshPublicKey key) throws Exception {
            SshPublicKey commented = key.withComment("made by Keywright");
            Path file = Files.write(
                    folder.resolve("ours.pub"), (commented.toLine() + "\n").getBytes(StandardCharsets.UTF_8));
            assertListedAlike(file, commented);
            Files.write(file, (key.toLine() + "\n").getBytes(StandardCharsets.UTF_8));
            assertListedAlike(file, key);
        }
    }

    @Nested
    class Sign {
        private static final String NAMESPACE = "test@keywright";
        private final byte[] message = "what both must agree upon".getBytes(StandardCharsets.UTF_8);

        /** OpenSSH's PROTOCOL.sshsig: what is really signed. */
        private byte[] signedData(String hash, byte[] data) {
            String jcaName = hash.equals("sha256") ? "SHA-256" : "SHA-512";
            return TestKeys.wire(w -> w.writeBytes("SSHSIG".getBytes(StandardCharsets.US_ASCII))
                    .writeString(NAMESPACE)
                    .writeString("")
                    .writeString(hash)
                    .writeString(Fingerprint.digest(jcaName, data)));
        }

        private String armoured(SshPublicKey key, SshSignature signature) {
            byte[] blob = TestKeys.wire(w -> w.writeBytes("SSHSIG".getBytes(StandardCharsets.US_ASCII))
                    .writeUint32(1)
                    .writeString(key.blob())
                    .writeString(NAMESPACE)
                    .writeString("")
                    .writeString("sha512")
                    .writeString(signature.encode()));
            byte[] lineEnd = {'\n'};
            return "-----BEGIN SSH SIGNATURE-----\n"
                    + Base64.getMimeEncoder(70, lineEnd).encodeToString(blob)
                    + "\n-----END SSH SIGNATURE-----\n";
        }

        private Tool.Result check(byte[] data, Path signature) throws IOException, InterruptedException {
            return SSH_KEYGEN.run(folder, data, "-Y", "check-novalidate", "-n", NAMESPACE, "-s", signature.toString());
        }

        private void assertSshKeygenVerifies(TestKeys.Signer signer, SignatureAlgorithm algorithm) throws Exception {
            SshSignature signature = signer.pair().sign(signedData("sha512", message), algorithm);
            Path file = Files.writeString(
                    folder.resolve("ours.sig"), armoured(signer.pair().publicKey(), signature));
            assertThat(check(message, file).orFail())
                    .contains("Good", signer.pair().publicKey().fingerprint().toString());
            assertThat(check("something else".getBytes(StandardCharsets.UTF_8), file)
                            .exitCode())
                    .isNotZero();
        }

        @ParameterizedTest
        @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ED448")
        void sign_madeHere_sshKeygenVerifies(TestKeys.Signer signer) throws Exception {
            assertSshKeygenVerifies(
                    signer, SignatureAlgorithm.defaultFor(signer.pair().publicKey()));
        }

        @org.junit.jupiter.api.Test
        void sign_rsaWithSha256MadeHere_sshKeygenVerifies() throws Exception {
            assertSshKeygenVerifies(TestKeys.Signer.RSA, SignatureAlgorithm.RSA_SHA2_256);
        }

        @ParameterizedTest
        @CsvSource({"rsa, 3072", "ecdsa, 256", "ecdsa, 384", "ecdsa, 521", "ed25519, 256"})
        void sign_madeBySshKeygen_isVerifiedHere(String type, String bits) throws Exception {
            Path file = generate(type, bits, "signer");
            Path data = Files.write(folder.resolve("message"), message);
            SSH_KEYGEN
                    .run(folder, "-q", "-Y", "sign", "-n", NAMESPACE, "-f", file.toString(), data.toString())
                    .orFail();
            String armour = Files.readString(folder.resolve("message.sig"));
            byte[] blob = Base64.getMimeDecoder().decode(armour.replaceAll("-----.*-----", ""));
            var reader = new io.keywright.internal.WireReader("SSHSIG", blob);
            reader.readBytes(6, "magic");
            reader.readUint32("version");
            SshPublicKey key = SshPublicKey.fromBlob(reader.readString("key"));
            reader.readString("namespace");
            reader.readString("reserved");
            String hash = reader.readName("hash");
            SshSignature signature = SshSignature.decode(reader.readString("signature"));
            reader.requireEnd("end");
            assertThat(key)
                    .isEqualTo(SshPublicKey.parseLine(
                            Files.readAllBytes(file.resolveSibling(file.getFileName() + ".pub"))));
            assertThat(key.verify(signedData(hash, message), signature)).isTrue();
            assertThat(key.verify(signedData(hash, new byte[0]), signature)).isFalse();
        }
    }
}
