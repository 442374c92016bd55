package io.keywright.benchmarks;

import io.keywright.benchmarks.peers.KeyCrypto;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The providers that Keywright chooses from, side by side in one thread, which is what the decision about them rests on: they
 * take turns, and the thread's processor time counts, so that a busy machine does no harm. {@code ./bench --providers} prints
 * the table, in microseconds.
 */
public final class ProviderComparison {
    private static final List<String> PEERS = List.of("jdk", "bc-direct", "i2p", "accp", "conscrypt");
    private static final List<String> ALGORITHMS = List.of("ed25519", "p256", "p384", "p521", "rsa3072");
    private static final int ROUNDS = 9;
    private static final long ROUND_NANOS = 60_000_000;

    @FunctionalInterface
    private interface Work {
        Object once() throws Exception;
    }

    private ProviderComparison() {}

    /**
     * Prints the table.
     *
     * @param args none
     * @throws Exception when a provider fails
     */
    public static void main(String[] args) throws Exception {
        System.out.println("| | " + String.join(" | ", PEERS) + " |\n|---|" + "---:|".repeat(PEERS.size()));
        byte[] message = new byte[256];
        for (String algorithm : ALGORITHMS) {
            Map<String, Work> generating = new LinkedHashMap<>();
            Map<String, Work> signing = new LinkedHashMap<>();
            Map<String, Work> verifying = new LinkedHashMap<>();
            for (String peer : PEERS) {
                if (knows(peer, algorithm)) {
                    KeyCrypto generator = KeyCrypto.of(peer, algorithm);
                    generating.put(peer, generator::generate);
                    KeyCrypto signer = KeyCrypto.of(peer, algorithm);
                    byte[] signature = signer.sign(message);
                    signing.put(peer, () -> signer.sign(message));
                    verifying.put(peer, () -> signer.verify(message, signature));
                }
            }
            if (!algorithm.startsWith(
                    "rsa")) { // whose keys differ by a factor of ten: ./bench RsaGeneration has the average of many
                print(algorithm + " generate", generating);
            }
            print(algorithm + " sign", signing);
            print(algorithm + " verify", verifying);
        }
    }

    private static boolean knows(String peer, String algorithm) {
        return switch (peer) {
            case "i2p" -> algorithm.equals("ed25519");
            case "bc-direct" -> !algorithm.startsWith("rsa");
            default -> true;
        };
    }

    private static void print(String title, Map<String, Work> contenders) throws Exception {
        Map<String, double[]> nanos = new LinkedHashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (Map.Entry<String, Work> contender : contenders.entrySet()) {
                nanos.computeIfAbsent(contender.getKey(), peer -> new double[ROUNDS])[round] =
                        nanos(contender.getValue());
            }
        }
        StringBuilder row = new StringBuilder("| " + title + " |");
        for (String peer : PEERS) {
            double[] rounds = nanos.get(peer);
            row.append(rounds == null ? " |" : String.format(Locale.ROOT, " %.1f |", median(rounds) / 1000));
        }
        System.out.println(row);
    }

    /** Of the later rounds: the first ones warm up. */
    private static double median(double[] rounds) {
        double[] later = Arrays.copyOfRange(rounds, ROUNDS / 3, ROUNDS);
        Arrays.sort(later);
        return later[later.length / 2];
    }

    private static double nanos(Work work) throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long begin = threads.getCurrentThreadCpuTime();
        long end;
        int times = 0;
        do {
            if (work.once() == null) {
                throw new IllegalStateException("nothing came of it");
            }
            times++;
            end = threads.getCurrentThreadCpuTime();
        } while (end - begin < ROUND_NANOS);
        return (end - begin) / (double) times;
    }
}
