package io.keywright.benchmarks.goals;

import java.util.ArrayList;
import java.util.List;

/** All the promises. */
final class Goals {
    /** Keywright is never more than this much slower than what it stands on, called without it. */
    private static final double OVERHEAD = 0.95;

    private static final List<String> OPERATIONS = List.of("generate", "sign", "verify");

    /** Stands for a target where nothing is promised. */
    private static final double FOR_COMPARISON = Double.NaN;

    private static final String UNCHECKED =
            "this peer does not check that the private half belongs to the public one, which costs one multiplication:"
                    + " profiles/key-files.md";

    private static final String ARITHMETIC =
            "all but a few percent is arithmetic on the curve, where Bouncy Castle is the fastest in Java: profiles/crypto.md";

    private static final String AROUND_IT =
            "what is left are copies of the secret that are wiped, and SSH's encodings: profiles/crypto.md";

    private Goals() {}

    static List<Goal> all() {
        List<Goal> goals = new ArrayList<>();
        ed25519(goals);
        ecdsa(goals);
        rsa(goals);
        keyFiles(goals);
        authorizedKeys(goals);
        connections(goals);
        rotations(goals);
        return goals;
    }

    private static void ed25519(List<Goal> goals) {
        for (String operation : OPERATIONS) {
            for (String peer : List.of("jdk", "jsch", "maverick")) {
                goals.add(crypto(operation, "ed25519", "keywright", peer, 8, ARITHMETIC));
            }
            goals.add(crypto(operation, "ed25519", "keywright", "mina", 2, ARITHMETIC));
            goals.add(crypto(
                    operation,
                    "ed25519",
                    "keywright",
                    "i2p",
                    FOR_COMPARISON,
                    "i2p's engine accepts signatures that others changed (CVE-2020-36843), and is what MINA uses"));
            goals.add(crypto(operation, "ed25519", "keywright", "bc-direct", OVERHEAD, AROUND_IT));
            natively(goals, operation, "ed25519", "accp", "conscrypt");
        }
    }

    private static void ecdsa(List<Goal> goals) {
        for (String algorithm : List.of("p256", "p384", "p521")) {
            for (String operation : OPERATIONS) {
                goals.add(crypto(operation, algorithm, "keywright", "jdk", 4.5, ARITHMETIC));
                goals.add(crypto(operation, algorithm, "keywright", "bc-direct", OVERHEAD, AROUND_IT));
                natively(goals, operation, algorithm, "accp");
            }
        }
        for (String operation : OPERATIONS) {
            natively(goals, operation, "p256", "conscrypt");
        }
    }

    private static void natively(List<Goal> goals, String operation, String algorithm, String... providers) {
        for (String provider : providers) {
            goals.add(crypto(
                    operation,
                    algorithm,
                    provider.equals("accp") ? "keywright-native" : "keywright-" + provider,
                    provider,
                    OVERHEAD,
                    "generate".equals(operation)
                            ? "both halves are taken out of the provider's key objects, the private one into memory that is"
                                    + " wiped: profiles/crypto.md"
                            : AROUND_IT));
        }
    }

    private static Goal crypto(
            String operation, String algorithm, String ours, String peer, double target, String why) {
        String benchmark = "KeyCryptoBenchmark." + operation;
        return new Goal(
                algorithm + " " + operation + ", " + ours + " to " + peer,
                Contender.of(benchmark, "algorithm", algorithm, "peer", ours),
                Contender.of(benchmark, "algorithm", algorithm, "peer", peer),
                1,
                target,
                why);
    }

    private static void rsa(List<Goal> goals) {
        for (String algorithm : List.of("rsa2048", "rsa3072", "rsa4096")) {
            String benchmark = "RsaGenerationBenchmark.generate";
            goals.add(
                    new Goal(
                            algorithm + " generate, keywright to jdk",
                            Contender.of(benchmark, "algorithm", algorithm, "peer", "keywright"),
                            Contender.of(benchmark, "algorithm", algorithm, "peer", "jdk"),
                            1,
                            2,
                            "nearly all of it is Miller and Rabin's test, and two threads need two idle processors: profiles/rsa.md"));
        }
        // Of larger keys, only so few can be generated that the luck of finding primes would decide.
        goals.add(new Goal(
                "rsa2048 generate, keywright-native to accp",
                Contender.of("RsaGenerationBenchmark.generate", "algorithm", "rsa2048", "peer", "keywright-native"),
                Contender.of("RsaGenerationBenchmark.generate", "algorithm", "rsa2048", "peer", "accp"),
                1,
                OVERHEAD,
                "it is the same call, and one key takes ten times as long as another: profiles/rsa.md"));
    }

    private static void keyFiles(List<Goal> goals) {
        for (String peer : List.of("MINA", "SSHJ", "JSCH", "MAVERICK")) {
            goals.add(file("ed25519-encrypted", peer, 1.6, "nearly all of it is bcrypt_pbkdf: profiles/key-files.md"));
        }
        goals.add(file(
                "ed25519-encrypted", "SSH_KEYGEN", 1.3, "nearly all of it is bcrypt_pbkdf: profiles/key-files.md"));
        for (String peer : List.of("MINA", "SSHJ", "MAVERICK")) {
            goals.add(file("ed25519", peer, 1, "nearly all of it is the check of the halves: profiles/key-files.md"));
        }
        goals.add(file("ed25519", "JSCH", FOR_COMPARISON, UNCHECKED));
        for (String peer : List.of("MINA", "SSHJ")) {
            goals.add(file("rsa3072", peer, 40, "nearly all of it is the check of the halves: profiles/key-files.md"));
        }
        for (String peer : List.of("MINA", "SSHJ", "MAVERICK")) {
            goals.add(derivation("BCRYPT", peer, 1.6));
        }
        goals.add(derivation("ARGON2", "BC", OVERHEAD));
        goals.add(derivation("PBKDF2", "JDK", OVERHEAD));
        goals.add(derivation("PBKDF2", "BC", OVERHEAD));
        goals.add(derivation("SCRYPT", "BC", OVERHEAD));
        for (String ppk : List.of("plain", "encrypted")) {
            goals.add(new Goal(
                    "convert a PPK file, " + ppk + ", keywright to puttygen",
                    Contender.of("ConversionBenchmark.keywright", "ppk", ppk),
                    Contender.of("ConversionBenchmark.puttygen", "ppk", ppk),
                    1,
                    1,
                    "nearly all of it is Argon2: profiles/key-files.md"));
        }
    }

    private static Goal file(String content, String peer, double target, String why) {
        String benchmark = "KeyFileBenchmark.read";
        return new Goal(
                "read " + content + ", keywright to " + peer,
                Contender.of(benchmark, "content", content, "peer", "KEYWRIGHT"),
                Contender.of(benchmark, "content", content, "peer", peer),
                1,
                target,
                why);
    }

    private static Goal derivation(String function, String peer, double target) {
        String benchmark = "KeyDerivationBenchmark.derive";
        return new Goal(
                "derive a key with " + function + ", keywright to " + peer,
                Contender.of(benchmark, "peer", function + "_KEYWRIGHT"),
                Contender.of(benchmark, "peer", function + "_" + peer),
                1,
                target,
                "it is the same function, with a look at whether the thread was interrupted: profiles/key-files.md");
    }

    private static void authorizedKeys(List<Goal> goals) {
        goals.add(keys("parse 10000 lines, keywright to MINA", "parse", "minaParse", "10000", 4));
        goals.add(keys("list 1000 lines, keywright to MINA", "fingerprints", "minaFingerprints", "1000", 1000));
        goals.add(keys(
                "list 10000 lines, keywright to ssh-keygen", "fingerprints", "sshKeygenFingerprints", "10000", 20));
        goals.add(
                keys("replace a key in 10000 lines, keywright to MINA reading", "replaceOne", "minaParse", "10000", 4));
    }

    private static Goal keys(String name, String ours, String peer, String lines, double target) {
        return new Goal(
                name,
                Contender.of("AuthorizedKeysBenchmark." + ours, "lines", lines),
                Contender.of("AuthorizedKeysBenchmark." + peer, "lines", lines),
                1,
                target,
                "every byte of every line is looked at, to say as sshd does what is a key: profiles/authorized-keys.md");
    }

    private static void connections(List<Goal> goals) {
        goals.add(remote(
                "log-in, keywright-sshd to MINA as it comes", "LogInBenchmark.logIn", "keywright-sshd", "mina", 10));
        goals.add(remote(
                "log-in, keywright-sshj to MINA as it comes", "LogInBenchmark.logIn", "keywright-sshj", "mina", 10));
        goals.add(remote(
                "log-in, keywright-sshd to MINA tuned",
                "LogInBenchmark.logIn",
                "keywright-sshd",
                "mina-tuned",
                1 / 1.15));
        goals.add(remote(
                "log-in, keywright-sshj to sshj tuned",
                "LogInBenchmark.logIn",
                "keywright-sshj",
                "sshj-tuned",
                1 / 1.15));
        goals.add(remote(
                "log in and edit, keywright-sshd to MINA as it comes",
                "RemoteEditBenchmark.edit",
                "keywright-sshd",
                "mina",
                1));
    }

    private static Goal remote(String name, String benchmark, String ours, String peer, double target) {
        return new Goal(
                name,
                Contender.of(benchmark, "peer", ours),
                Contender.of(benchmark, "peer", peer),
                1,
                target,
                peer.startsWith("sshj")
                        ? "ours agrees on keys that withstand quantum computers, which sshj cannot"
                        : "most of it is key exchange, and waiting for the answer to each request: ../docs/connections.md");
    }

    private static void rotations(List<Goal> goals) {
        goals.add(new Goal(
                "rotate 1000 servers, to as many bare log-ins as it needs",
                Contender.of("EmbeddedFleetBenchmark.rotate", "devices", "1000"),
                Contender.of("EmbeddedFleetBenchmark.logIns", "devices", "1000"),
                1,
                0.6,
                "the same log-ins and edits without an engine take as long, and more than half of an edit is the servers' own"
                        + " work, on the same processors here: profiles/rotation.md"));
        goals.add(growth("1000", "10000"));
        goals.add(growth("10000", "100000"));
    }

    private static Goal growth(String fewer, String more) {
        return new Goal(
                "rotate " + more + " in-memory devices, each as fast as of " + fewer,
                Contender.of("FleetRotationBenchmark.rotate", "devices", more),
                Contender.of("FleetRotationBenchmark.rotate", "devices", fewer),
                10,
                0.9,
                "the in-memory devices fill the processor's caches and the heap, which the collector walks");
    }

    /** What is counted. */
    static List<CountedGoal> counted() {
        return List.of(
                new CountedGoal(
                        "3 connections a device in one wave",
                        Counts::connectionsADevice,
                        3,
                        "what proves the new key is kept until the old one goes, unless the device ends it: ../docs/connections.md"),
                new CountedGoal(
                        "4 connections a device",
                        Counts::connectionsADeviceKeepingNone,
                        4,
                        "each log-in proves something else about a device: ../docs/connections.md"),
                new CountedGoal(
                        "32 KiB allocated by an edit, whatever the file has",
                        Counts::editBytes,
                        32 * 1024.0,
                        "an edit allocates for what it changes: profiles/authorized-keys.md"),
                new CountedGoal(
                        "5 % of the processor for the engine itself",
                        Counts::engineShare,
                        0.05,
                        "the engine reads, compares and writes each file, and keeps the journal"),
                new CountedGoal(
                        "60 round trips a device",
                        Counts::roundTripsADevice,
                        60,
                        "an edit asks again whatever another writer may have changed since: the path, the content, the lock;"
                                + " each answer decides about the next request"));
    }
}
