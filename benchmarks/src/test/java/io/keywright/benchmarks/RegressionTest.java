package io.keywright.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.Entry;
import io.keywright.benchmarks.peers.KeyCrypto;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Notices when something has become several times slower. Two contenders take turns in one thread, whose processor time
 * counts and not the clock's, and what is demanded is a fraction of what {@link io.keywright.benchmarks.goals goals} promise:
 * another program on the machine cannot make it fail. Bytes allocated are the same in every run.
 */
@Tag("once")
class RegressionTest {
    private static final int ROUNDS = 3;
    private static final long ROUND_NANOS = 40_000_000;

    @FunctionalInterface
    private interface Work {
        Object once() throws Exception;
    }

    @Nested
    class Crypto {
        /** Promised are 8 for Ed25519 and 4.5 for ECDSA. */
        @ParameterizedTest
        @CsvSource({"ed25519, 2.5", "p256, 1.5", "p521, 1.5"})
        void generate_againstTheJdk_isFarFaster(String algorithm, double least) throws Exception {
            KeyCrypto ours = KeyCrypto.of("keywright", algorithm);
            KeyCrypto jdk = KeyCrypto.of("jdk", algorithm);

            assertThat(ratio(ours::generate, jdk::generate)).isGreaterThan(least);
        }

        /** Promised are 8. */
        @Test
        void sign_againstTheJdk_isFarFaster() throws Exception {
            byte[] message = new byte[256];
            KeyCrypto ours = KeyCrypto.of("keywright", "ed25519");
            KeyCrypto jdk = KeyCrypto.of("jdk", "ed25519");

            assertThat(ratio(() -> ours.sign(message), () -> jdk.sign(message))).isGreaterThan(2.5);
        }
    }

    @Nested
    class Files {
        private final byte[] file = file(500);

        /** Promised are 1,000. */
        @Test
        void list_againstMina_isFarFaster() throws Exception {
            Work ours = () -> AuthorizedKeys.parse(file).entries().stream()
                    .map(Entry::fingerprint)
                    .toList();
            Work mina = () -> {
                List<String> prints = new ArrayList<>();
                for (AuthorizedKeyEntry entry :
                        AuthorizedKeyEntry.readAuthorizedKeys(new ByteArrayInputStream(file), true)) {
                    prints.add(KeyUtils.getFingerPrint(entry.resolvePublicKey(null, PublicKeyEntryResolver.IGNORING)));
                }
                return prints;
            };

            assertThat(ratio(ours, mina)).isGreaterThan(5);
        }

        /** The file itself, once read and once written, and an index of its lines; nothing for what is in the lines. */
        @Test
        void edit_oneLineOfMany_allocatesLittleMoreThanTheFile() throws Exception {
            byte[] large = file(5000);
            SshPublicKey added = key();
            Work edit = () -> AuthorizedKeys.parse(large).add(added).toBytes();
            edit.once();

            assertThat(allocated(edit)).isBetween((long) large.length, 8L * large.length);
        }
    }

    private static SshPublicKey key() {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            return pair.publicKey();
        }
    }

    private static byte[] file(int lines) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            text.append(key().toLine()).append(" user-").append(i).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The peer's time divided by ours, of the best round of each. */
    private static double ratio(Work ours, Work peer) throws Exception {
        double best = Double.MAX_VALUE;
        double peersBest = Double.MAX_VALUE;
        for (int round = 0; round <= ROUNDS; round++) {
            double our = nanos(ours);
            double peers = nanos(peer);
            if (round > 0) { // the first one only warms up
                best = Math.min(best, our);
                peersBest = Math.min(peersBest, peers);
            }
        }
        return peersBest / best;
    }

    private static double nanos(Work work) throws Exception {
        var threads = ManagementFactory.getThreadMXBean();
        long begin = threads.getCurrentThreadCpuTime();
        long end;
        int times = 0;
        do {
            assertThat(work.once()).isNotNull();
            times++;
            end = threads.getCurrentThreadCpuTime();
        } while (end - begin < ROUND_NANOS);
        return (end - begin) / (double) times;
    }

    private static long allocated(Work work) throws Exception {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(id);
        work.once();
        return threads.getThreadAllocatedBytes(id) - before;
    }
}
