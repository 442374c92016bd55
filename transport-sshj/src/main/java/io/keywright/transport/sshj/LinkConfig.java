package io.keywright.transport.sshj;

import io.keywright.SignatureAlgorithm;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

    private final Handshake handshake;

    private LinkConfig(Handshake handshake) {
        this.handshake = handshake;
    }

    /**
     * Makes the settings.
     *
     * @throws TransportException when the target's host key verifier fails
     */
    static LinkConfig of(Handshake handshake) {
        LinkConfig config = new LinkConfig(handshake);
        config.setVersion("Keywright");
        config.setLoggerFactory(new Silence());
        config.setRandomFactory(() -> PADDING);
        config.setKeyExchangeFactories(KeyExchanges.FACTORIES);
        config.setKeyAlgorithms(ordered(handshake.target()).stream()
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

    Handshake handshake() {
        return handshake;
    }

    /** Orders the host key algorithms so that the server shows a key that can be recognised, where it has one. */
    private static List<String> ordered(SshTarget target) {
        Set<String> ordered = new LinkedHashSet<>();
        for (String known : known(target)) {
            HOST_KEY_ALGORITHMS.stream()
                    .filter(name -> name.equals(known) || (known.equals("ssh-rsa") && name.startsWith("rsa-sha2-")))
                    .forEach(ordered::add);
        }
        ordered.addAll(HOST_KEY_ALGORITHMS);
        return new ArrayList<>(ordered);
    }

    private static List<String> known(SshTarget target) {
        try {
            return target.hostKeys().knownAlgorithms(target.host(), target.port());
        } catch (RuntimeException e) {
            throw new TransportException(
                    target, Phase.HOST_KEY, false, "the host key cannot be judged: " + e.getMessage(), e);
        }
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
