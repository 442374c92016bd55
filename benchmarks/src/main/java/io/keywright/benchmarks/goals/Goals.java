package io.keywright.benchmarks.goals;

import java.util.ArrayList;
import java.util.List;

/** All the promises. */
final class Goals {
    /** Keywright is never more than this much slower than what it stands on, called without it. */
    private static final double OVERHEAD = 0.95;

    private static final List<String> OPERATIONS = List.of("generate", "sign", "verify");

    private Goals() {}

    static List<Goal> all() {
        List<Goal> goals = new ArrayList<>();
        ed25519(goals);
        ecdsa(goals);
        rsa(goals);
        keyFiles(goals);
        authorizedKeys(goals);
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
                target,
                why);
    }

    private static void rsa(List<Goal> goals) {
        for (String algorithm : List.of("rsa2048", "rsa3072", "rsa4096")) {
            String benchmark = "RsaGenerationBenchmark.generate";
            Contender jdk = Contender.of(benchmark, "algorithm", algorithm, "peer", "jdk");
            goals.add(new Goal(
                    algorithm + " generate, keywright to jdk",
                    Contender.of(benchmark, "algorithm", algorithm, "peer", "keywright"),
                    jdk,
                    2,
                    "two primes at a time need two idle processors, and the slower of two searches ends the work"));
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
    }

    private static Goal file(String content, String peer, double target, String why) {
        String benchmark = "KeyFileBenchmark.read";
        return new Goal(
                "read " + content + ", keywright to " + peer,
                Contender.of(benchmark, "content", content, "peer", "KEYWRIGHT"),
                Contender.of(benchmark, "content", content, "peer", peer),
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
                target,
                "");
    }
}
