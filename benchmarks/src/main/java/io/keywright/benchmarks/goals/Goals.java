package io.keywright.benchmarks.goals;

import java.util.ArrayList;
import java.util.List;

/** All the promises. */
final class Goals {
    /** Keywright is never more than this much slower than what it stands on, called without it. */
    private static final double OVERHEAD = 0.95;

    private static final List<String> OPERATIONS = List.of("generate", "sign", "verify");

    private static final String UNCHECKED =
            "this peer does not check that the private half belongs to the public one, which costs one multiplication";

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
                goals.add(crypto(operation, "ed25519", "keywright", peer, 8, ""));
            }
            goals.add(crypto(operation, "ed25519", "keywright", "mina", 2, ""));
            goals.add(crypto(operation, "ed25519", "keywright", "bc-direct", OVERHEAD, ""));
            goals.add(crypto(operation, "ed25519", "keywright-native", "accp", OVERHEAD, nativeOverhead(operation)));
        }
    }

    private static void ecdsa(List<Goal> goals) {
        for (String algorithm : List.of("p256", "p384", "p521")) {
            for (String operation : OPERATIONS) {
                goals.add(crypto(operation, algorithm, "keywright", "jdk", 4.5, ""));
                goals.add(crypto(operation, algorithm, "keywright", "bc-direct", OVERHEAD, ""));
                goals.add(
                        crypto(operation, algorithm, "keywright-native", "accp", OVERHEAD, nativeOverhead(operation)));
            }
        }
    }

    private static String nativeOverhead(String operation) {
        return switch (operation) {
            case "generate" -> "the provider's key object is taken apart into numbers, and the point is checked";
            case "verify" -> "a public key of ours is made into a key object of the provider's for each signature";
            default -> "";
        };
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
            goals.add(new Goal(
                    algorithm + " generate, keywright to jdk",
                    Contender.of(benchmark, "algorithm", algorithm, "peer", "keywright"),
                    Contender.of(benchmark, "algorithm", algorithm, "peer", "jdk"),
                    1,
                    2,
                    "two primes at a time need two idle processors, and the slower of two searches ends the work"));
            goals.add(new Goal(
                    algorithm + " generate, keywright-native to accp",
                    Contender.of(benchmark, "algorithm", algorithm, "peer", "keywright-native"),
                    Contender.of(benchmark, "algorithm", algorithm, "peer", "accp"),
                    1,
                    OVERHEAD,
                    "one key takes ten times as long as another: the error is larger than what is missing"));
        }
    }

    private static void keyFiles(List<Goal> goals) {
        for (String peer : List.of("MINA", "SSHJ", "JSCH", "MAVERICK")) {
            goals.add(file("ed25519-encrypted", peer, 1.6, ""));
        }
        goals.add(file("ed25519-encrypted", "SSH_KEYGEN", 1.3, ""));
        for (String peer : List.of("MINA", "SSHJ")) {
            goals.add(file("ed25519", peer, 1, ""));
            goals.add(file("rsa3072", peer, 40, ""));
        }
        for (String peer : List.of("JSCH", "MAVERICK")) {
            goals.add(file("ed25519", peer, 1, UNCHECKED));
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
                "");
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
                        : "");
    }

    private static void rotations(List<Goal> goals) {
        goals.add(new Goal(
                "rotate 1000 servers, to as many bare log-ins as it needs",
                Contender.of("EmbeddedFleetBenchmark.rotate", "devices", "1000"),
                Contender.of("EmbeddedFleetBenchmark.logIns", "devices", "1000"),
                1,
                0.6,
                "between the log-ins are the edits, most of whose time is round trips that depend on each other, and waiting"
                        + " for the disk, twice a device on the server and four times in the journal"));
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
                        "the log-in that proves the new key is hung up before the old key is removed: keeping one open to"
                                + " every device of a wave would make a wave as small as servers let connections idle"),
                new CountedGoal("4 connections a device", Counts::connectionsADevice, 4, ""),
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
