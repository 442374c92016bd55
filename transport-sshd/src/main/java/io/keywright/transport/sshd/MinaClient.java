package io.keywright.transport.sshd;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.keyverifier.RejectAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSessionImpl;
import org.apache.sshd.client.session.SessionFactory;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.cipher.Cipher;
import org.apache.sshd.common.global.KeepAliveHandler;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.kex.KeyExchangeFactory;
import org.apache.sshd.common.kex.extension.DefaultClientKexExtensionHandler;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.random.JceRandomFactory;
import org.apache.sshd.common.random.SingletonRandomFactory;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.core.CoreModuleProperties;

/** Makes a MINA client that takes nothing from its surroundings and leaves nothing in them. */
final class MinaClient {
    /**
     * Key exchanges, cheapest first among the strong: a hybrid one that withstands quantum computers costs hardly more than
     * Curve25519. The sntrup761 hybrids, MINA's own first choice, cost ten times as much in Java and so come last; they
     * still protect wherever a server offers no other.
     */
    private static final List<BuiltinDHFactories> KEY_EXCHANGES = List.of(
            BuiltinDHFactories.mlkem768x25519,
            BuiltinDHFactories.curve25519,
            BuiltinDHFactories.curve25519_libssh,
            BuiltinDHFactories.ecdhp256,
            BuiltinDHFactories.ecdhp384,
            BuiltinDHFactories.ecdhp521,
            BuiltinDHFactories.curve448,
            BuiltinDHFactories.dhgex256,
            BuiltinDHFactories.dhg16_512,
            BuiltinDHFactories.dhg18_512,
            BuiltinDHFactories.dhg14_256,
            BuiltinDHFactories.sntrup761x25519,
            BuiltinDHFactories.sntrup761x25519_openssh);

    /**
     * Ciphers, authenticated ones first, and of them those that the JDK computes with the processor's own instructions; MINA
     * would begin with ChaCha20 on Bouncy Castle. What OpenSSH does not offer any more is not offered here either.
     */
    private static final List<NamedFactory<Cipher>> CIPHERS = List.of(
            BuiltinCiphers.aes256gcm,
            BuiltinCiphers.aes128gcm,
            BuiltinCiphers.cc20p1305_openssh,
            BuiltinCiphers.aes256ctr,
            BuiltinCiphers.aes192ctr,
            BuiltinCiphers.aes128ctr);

    // Stopping has nothing to flush: connections are closed before.
    private static final Duration STOP_WAIT = Duration.ofSeconds(5);

    private MinaClient() {}

    static SshClient start(SshdSettings settings) {
        Providers.handToMina();
        SshClient client = ClientBuilder.builder()
                // MINA would seed Bouncy Castle's generator with eight bytes.
                .randomFactory(new SingletonRandomFactory(JceRandomFactory.INSTANCE))
                .keyExchangeFactories(keyExchanges())
                .cipherFactories(CIPHERS)
                .signatureFactories(HostKeySignature.FACTORIES)
                .serverKeyVerifier(RejectAllServerKeyVerifier.INSTANCE) // HandshakeSession asks the target's instead
                .hostConfigEntryResolver(HostConfigEntryResolver.EMPTY)
                .kexExtensionHandler(new KeepsSignatureOrder())
                .channelFactories(List.of()) // a server opens no channel to us
                .globalRequestHandlers(List.of(KeepAliveHandler.INSTANCE))
                .build(true);
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        client.setAgentFactory(null);
        client.setIoServiceFactoryFactory(TunnelConnector.factory());
        client.setServiceFactories(List.of(AuthenticationService.FACTORY, HandshakeSession.CONNECTION_SERVICE));
        client.setSessionFactory(new SessionFactory(client) {
            @Override
            protected ClientSessionImpl doCreateSession(IoSession ioSession) throws Exception {
                return new HandshakeSession(getClient(), ioSession);
            }
        });
        CoreModuleProperties.NIO_WORKERS.set(client, settings.ioThreads());
        CoreModuleProperties.TCP_NODELAY.set(client, true);
        CoreModuleProperties.CLIENT_IDENTIFICATION.set(client, "Keywright");
        // Every wait has its own bound here, so that MINA's timers would only add surprises; idle connections and signs
        // of life are each session's own (HandshakeSession).
        CoreModuleProperties.AUTH_TIMEOUT.set(client, Duration.ZERO);
        CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO);
        CoreModuleProperties.STOP_WAIT_TIME.set(client, STOP_WAIT);
        client.start();
        return client;
    }

    static List<KeyExchangeFactory> keyExchanges() {
        return NamedFactory.setUpTransformedFactories(true, KEY_EXCHANGES, ClientBuilder.DH2KEX);
    }

    /** Takes note of the server's signature algorithms, and leaves the order of host key algorithms as it is. */
    private static final class KeepsSignatureOrder extends DefaultClientKexExtensionHandler {
        @Override
        protected void handleServerSignatureAlgorithms(Session session, Collection<String> algorithms) {
            if (algorithms != null) {
                session.setAttribute(SERVER_ALGORITHMS, new java.util.TreeSet<>(algorithms));
            }
        }
    }
}
