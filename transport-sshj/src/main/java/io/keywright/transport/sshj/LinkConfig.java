package io.keywright.transport.sshj;

import io.keywright.SignatureAlgorithm;
import java.security.SecureRandom;
import java.util.List;
import net.schmizz.keepalive.KeepAliveProvider;
import net.schmizz.sshj.ConfigImpl;
import net.schmizz.sshj.common.LoggerFactory;
import net.schmizz.sshj.transport.random.Random;
import org.slf4j.Logger;
import org.slf4j.helpers.NOPLogger;

/**
 * sshj's settings for one connection, none of them its defaults: making those tries out every cipher of sshj, which
 * registers Bouncy Castle with the JVM.
 */
final class LinkConfig extends ConfigImpl {
    // In the order in which they are offered when nothing is known about a host. SHA-1 with RSA is not offered.
    private static final List<String> HOST_KEY_ALGORITHMS = List.of(
                    SignatureAlgorithm.ED25519,
                    SignatureAlgorithm.ECDSA_NISTP256,
                    SignatureAlgorithm.ECDSA_NISTP384,
                    SignatureAlgorithm.ECDSA_NISTP521,
                    SignatureAlgorithm.RSA_SHA2_512,
                    SignatureAlgorithm.RSA_SHA2_256)
            .stream()
            .map(SignatureAlgorithm::sshName)
            .toList();

    private static final Padding PADDING = new Padding();

    private final SshjHandshake handshake;

    private LinkConfig(SshjHandshake handshake) {
        this.handshake = handshake;
    }

    /** Makes the settings. */
    static LinkConfig of(SshjHandshake handshake) {
        LinkConfig config = new LinkConfig(handshake);
        config.setVersion("Keywright");
        config.setLoggerFactory(new Silence());
        config.setRandomFactory(() -> PADDING);
        config.setKeyExchangeFactories(KeyExchanges.FACTORIES);
        config.setKeyAlgorithms(handshake.ordered(HOST_KEY_ALGORITHMS).stream()
                // Only the name is used: host keys are proved in SignedKeyExchange.
                .map(name -> Algorithm.<com.hierynomus.sshj.key.KeyAlgorithm>of(name, () -> null))
                .toList());
        config.setCipherFactories(Ciphers.FACTORIES);
        config.setMACFactories(JcaMac.FACTORIES);
        config.setCompressionFactories(List.of(Algorithm.of("none", () -> new PacketTap(handshake))));
        config.setFileKeyProviderFactories(List.of());
        // Never started: Liveness watches all connections, with one thread of the transport.
        config.setKeepAliveProvider(KeepAliveProvider.HEARTBEAT);
        return config;
    }

    SshjHandshake handshake() {
        return handshake;
    }

    /** The JDK's randomness, for sshj's padding and cookies. */
    private static final class Padding implements Random {
        private final SecureRandom random = new SecureRandom();

        @Override
        public void fill(byte[] bytes) {
            random.nextBytes(bytes);
        }

        @Override
        public void fill(byte[] bytes, int start, int length) {
            byte[] drawn = new byte[length];
            random.nextBytes(drawn);
            System.arraycopy(drawn, 0, bytes, start, length);
        }
    }

    /** sshj logs whole packets at its finest level, passwords with them. What matters is told by exceptions. */
    private static final class Silence implements LoggerFactory {
        @Override
        public Logger getLogger(String name) {
            return NOPLogger.NOP_LOGGER;
        }

        @Override
        public Logger getLogger(Class<?> type) {
            return NOPLogger.NOP_LOGGER;
        }
    }
}
