package io.keywright.format.fuzz;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.Entry;
import io.keywright.format.CloudConfig;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyReader;
import io.keywright.format.KeyWriter;
import io.keywright.format.ReadLimits;
import io.keywright.format.SshfpRecord;
import io.keywright.transport.KnownHosts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/**
 * One target a reader, each a class as Jazzer wants it. Of any input, nothing but {@link SshKeyException} may come out; and
 * what is read must be the same when it is written and read again.
 *
 * <p>Where the format is base64 between two lines, the input is what that encodes: a fuzzer that has to find base64 finds
 * little else. Key derivations cost next to nothing, for they are not what is looked for.
 */
final class FuzzTargets {
    /** As the seeds are encrypted. */
    private static final String PASSPHRASE = "keywright-test";

    private static final ReadLimits LIMITS = ReadLimits.defaults()
            .withMaxBcryptRounds(1)
            .withMaxArgon2MemoryKib(64)
            .withMaxArgon2WorkKib(64)
            .withMaxArgon2Parallelism(1)
            .withMaxPbkdf2Iterations(16)
            .withMaxScryptMemoryBytes(16 * 1024);

    private FuzzTargets() {}

    /** Any text: which format it is, and where that begins and ends. */
    public static final class Detection {
        private Detection() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] text) {
            readAll(text);
        }
    }

    /** What stands in an openssh-key-v1 file. */
    public static final class Openssh {
        private Openssh() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] binary) {
            readAll(pem("OPENSSH PRIVATE KEY", binary));
        }
    }

    /** What stands in traditional PEM; the first byte chooses the label. */
    public static final class Pem {
        private static final String[] LABELS = {"RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"};

        private Pem() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] input) {
            if (input.length > 0) {
                readAll(pem(LABELS[(input[0] & 0xff) % LABELS.length], Arrays.copyOfRange(input, 1, input.length)));
            }
        }
    }

    /** What stands in PKCS#8. */
    public static final class Pkcs8 {
        private Pkcs8() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] der) {
            readAll(pem("PRIVATE KEY", der));
        }
    }

    /** What stands in PKCS#8, encrypted. */
    public static final class Pbes2 {
        private Pbes2() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] der) {
            readAll(pem("ENCRYPTED PRIVATE KEY", der));
        }
    }

    /** A PPK file from its second word on. */
    public static final class Ppk {
        private Ppk() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] text) {
            readAll(concat("PuTTY-User-Key-File-".getBytes(StandardCharsets.US_ASCII), text));
        }
    }

    /** What stands in ssh.com's private key file. */
    public static final class SshCom {
        private SshCom() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] binary) {
            readAll(armour(
                    "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", binary, "---- END SSH2 ENCRYPTED PRIVATE KEY ----"));
        }
    }

    /** The headers and the body of an RFC 4716 file. */
    public static final class Rfc4716 {
        private Rfc4716() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] text) {
            byte[] begin = "---- BEGIN SSH2 PUBLIC KEY ----\n".getBytes(StandardCharsets.US_ASCII);
            byte[] end = "\n---- END SSH2 PUBLIC KEY ----\n".getBytes(StandardCharsets.US_ASCII);
            readAll(concat(concat(begin, text), end));
        }
    }

    /** A public key's blob, in its line. */
    public static final class PublicBlob {
        private PublicBlob() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] blob) {
            try {
                roundTrip(SshPublicKey.fromBlob(blob));
            } catch (SshKeyException e) {
                // What is expected.
            }
        }
    }

    /** A public key's line, maybe with options. */
    public static final class PublicLine {
        private PublicLine() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] line) {
            readAll(line);
            try {
                roundTrip(KeyReader.of().withOptionsAllowed().readPublic(line));
            } catch (SshKeyException e) {
                // What is expected.
            }
        }
    }

    /** What stands in a public key in PEM; the first byte chooses the label. */
    public static final class PublicPem {
        private PublicPem() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] input) {
            if (input.length > 0) {
                String label = (input[0] & 1) == 0 ? "PUBLIC KEY" : "RSA PUBLIC KEY";
                readAll(pem(label, Arrays.copyOfRange(input, 1, input.length)));
            }
        }
    }

    /** A JSON Web Key. */
    public static final class Jwk {
        private Jwk() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] json) {
            readAll(concat(new byte[] {'{'}, json));
        }
    }

    /** An authorized_keys file: never refused, never changed. */
    public static final class AuthorizedKeysFile {
        private AuthorizedKeysFile() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] content) {
            AuthorizedKeys file = AuthorizedKeys.parse(content);
            require(Arrays.equals(file.toBytes(), content), "an unedited file is not what it was");
            for (Entry entry : file.entries()) {
                try {
                    require(!file.find(entry.key()).isEmpty(), "a key that is there is not found");
                    entry.options();
                    entry.permissions();
                    entry.usabilityAt(Instant.EPOCH);
                } catch (SshKeyException e) {
                    // What is expected: the blob is looked at late.
                }
            }
        }
    }

    /** A known_hosts file. */
    public static final class KnownHostsFile {
        private KnownHostsFile() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] content) {
            try {
                KnownHosts file = KnownHosts.parse(content);
                require(Arrays.equals(file.toByteArray(), content), "an unedited file is not what it was");
                for (KnownHosts.Entry entry : file.entries()) {
                    file.judge("example.org", 22, entry.key());
                }
                file.keys("127.0.0.1", 2222);
            } catch (SshKeyException e) {
                // What is expected.
            }
        }
    }

    /** A cloud-config, and a record of SSHFP: texts with keys in them. */
    public static final class CloudConfigFile {
        private CloudConfigFile() {}

        /** Jazzer's entry. */
        public static void fuzzerTestOneInput(byte[] yaml) {
            byte[] content = concat("#cloud-config\n".getBytes(StandardCharsets.US_ASCII), yaml);
            try {
                CloudConfig config = CloudConfig.parse(content, LIMITS);
                String text = config.toText();
                require(CloudConfig.parse(text).keys().size() == config.keys().size(), "not all keys were written");
            } catch (SshKeyException e) {
                // What is expected.
            }
            try {
                SshfpRecord record = SshfpRecord.parse(new String(yaml, StandardCharsets.UTF_8));
                require(SshfpRecord.parse(record.toText()).equals(record), "another record was written");
            } catch (SshKeyException e) {
                // What is expected.
            }
        }
    }

    // --- what all of them do ---

    private static void readAll(byte[] content) {
        byte[] before = content.clone();
        try (Passphrase passphrase = Passphrase.of(PASSPHRASE.toCharArray())) {
            KeyReader reader = KeyReader.of().withLimits(LIMITS).withPassphrase(passphrase);
            try (SshKeyPair pair = reader.read(content)) {
                roundTrip(pair);
            } catch (SshKeyException e) {
                require(!String.valueOf(e.getMessage()).isBlank(), "a failure without a message");
            }
            try {
                roundTrip(reader.readPublic(content));
            } catch (SshKeyException e) {
                require(!String.valueOf(e.getMessage()).isBlank(), "a failure without a message");
            }
            try {
                KeyReader.inspect(content).fingerprint();
            } catch (SshKeyException e) {
                require(!String.valueOf(e.getMessage()).isBlank(), "a failure without a message");
            }
        }
        require(Arrays.equals(before, content), "the caller's bytes were changed");
    }

    /** What was read can be written, unless the format has no place for it, and is then the same. */
    private static void roundTrip(SshKeyPair pair) {
        try (EncodedKey written =
                        KeyWriter.openssh().withComment(KeyComment.EMPTY).write(pair);
                SshKeyPair again = KeyReader.of().read(written.toText())) {
            require(again.publicKey().equals(pair.publicKey()), "another key was written");
        } catch (UnsupportedKeyException e) {
            throw new AssertionError("what is read as a pair has a place in openssh-key-v1", e);
        }
    }

    private static void roundTrip(SshPublicKey key) {
        SshPublicKey plain = key.withComment(KeyComment.EMPTY);
        require(SshPublicKey.fromBlob(plain.blob()).equals(key), "the blob is another key's");
        if (key.comment().fitsInLine()) {
            SshPublicKey again = SshPublicKey.parseLine(key.toLineBytes());
            require(again.equals(key), "the line is another key's");
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }

    private static byte[] pem(String label, byte[] content) {
        return armour("-----BEGIN " + label + "-----", content, "-----END " + label + "-----");
    }

    private static byte[] armour(String begin, byte[] content, String end) {
        String base64 = Base64.getEncoder().encodeToString(content);
        return (begin + "\n" + base64 + "\n" + end + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
