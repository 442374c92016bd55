package io.keywright.cli.demo;

import io.keywright.Passphrase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.file.FileSystemFactory;
import org.apache.sshd.common.file.root.RootedFileSystemProvider;
import org.apache.sshd.common.io.nio2.Nio2ServiceFactoryFactory;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.random.JceRandomFactory;
import org.apache.sshd.common.random.SingletonRandomFactory;
import org.apache.sshd.common.session.SessionContext;
import org.apache.sshd.common.util.threads.CloseableExecutorService;
import org.apache.sshd.common.util.threads.ThreadUtils;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.ServerBuilder;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;

/**
 * Any number of SSH servers in this process, each with a port, a host key, a user and a file system of its own.
 *
 * <p>One MINA server listens on all their ports and tells them apart by the port that a connection came in on. So a
 * thousand of them need no more threads than one: a few for input and output, and one for each SFTP session that is open.
 * Thread-safe.
 */
public final class EmbeddedFleet implements AutoCloseable {
    static final String HOST = "127.0.0.1";
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    // What OpenSSH's sshd allows unless it is configured otherwise.
    private static final int MAX_AUTH_TRIES = 6;
    // Connections are not expected to be idle; one that was forgotten must not keep its threads and files.
    private static final Duration IDLE_LIMIT = Duration.ofMinutes(2);
    // More wait in line at once only when something is wrong.
    private static final int BACKLOG = 1024;

    // Cheap ones among the strong: the first is what Keywright's own transport asks for.
    private static final List<BuiltinDHFactories> KEY_EXCHANGES =
            List.of(BuiltinDHFactories.mlkem768x25519, BuiltinDHFactories.curve25519, BuiltinDHFactories.ecdhp256);

    private final Map<Integer, EmbeddedServer> byPort = new ConcurrentHashMap<>();
    private final CloseableExecutorService sftpSessions = ThreadUtils.newCachedThreadPool("fleet-sftp");
    private final Listener listener;

    private EmbeddedFleet() {
        MinaProviders.prepare();
        listener = new Listener();
        configure(listener);
    }

    /**
     * Starts a fleet without any server.
     *
     * @return the fleet; the caller closes it
     */
    public static EmbeddedFleet start() {
        EmbeddedFleet fleet = new EmbeddedFleet();
        try {
            fleet.listener.start();
            // MINA does not start without a port. Ports are given one by one, so this one is let go.
            fleet.listener.releaseAll();
            return fleet;
        } catch (IOException e) {
            fleet.close();
            throw new UncheckedIOException("no SSH server can be started on " + HOST, e);
        }
    }

    /**
     * Adds a server on a free port, with a new Ed25519 host key, and starts it.
     *
     * @param user the one account that it has
     * @param password what the account may also log in with, copied; its key files are asked first
     * @param root the directory that is the root of its file system; the account's home is {@code home/USER} in it
     * @return the server
     * @throws UncheckedIOException when no port is free or the home cannot be made
     */
    public EmbeddedServer add(String user, Passphrase password, Path root) {
        try {
            KeyPair hostKey = KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256);
            synchronized (listener) {
                int port = listener.bind(0);
                EmbeddedServer server = new EmbeddedServer(this, port, user, password, hostKey, root);
                byPort.put(port, server);
                return server;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no SSH server can be added on " + HOST, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM makes no Ed25519 keys", e);
        }
    }

    /**
     * Lists the servers.
     *
     * @return all that were added, running or not
     */
    public List<EmbeddedServer> servers() {
        return List.copyOf(byPort.values());
    }

    /** Stops every server and hangs up every connection. */
    @Override
    public void close() {
        try {
            listener.stop(true);
        } catch (IOException e) {
            throw new UncheckedIOException("the fleet did not stop in time", e);
        } finally {
            sftpSessions.shutdownNow();
            byPort.values().forEach(EmbeddedServer::forgetPassword);
        }
    }

    void listen(int port) {
        synchronized (listener) {
            try {
                listener.bind(port);
            } catch (IOException e) {
                throw new UncheckedIOException("port " + port + " is no longer free", e);
            }
        }
    }

    void hangUp(int port) {
        synchronized (listener) {
            listener.release(port);
        }
    }

    /** The server that a connection came in to. */
    private EmbeddedServer server(SessionContext session) {
        int port = ((InetSocketAddress) session.getLocalAddress()).getPort();
        EmbeddedServer server = byPort.get(port);
        if (server == null) {
            throw new IllegalStateException("a connection came in on port " + port + ", which is no server's");
        }
        return server;
    }

    private void configure(SshServer server) {
        server.setHost(HOST);
        server.setPort(0);
        server.setRandomFactory(new SingletonRandomFactory(JceRandomFactory.INSTANCE));
        server.setIoServiceFactoryFactory(new Nio2ServiceFactoryFactory(null));
        server.setKeyExchangeFactories(
                NamedFactory.setUpTransformedFactories(true, KEY_EXCHANGES, ServerBuilder.DH2KEX));
        server.setKeyPairProvider(new HostKeys());
        server.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE, UserAuthPasswordFactory.INSTANCE));
        server.setPublickeyAuthenticator((user, key, session) -> server(session).admits(user, key, session));
        server.setPasswordAuthenticator(
                (user, password, session) -> server(session).admits(user, password));
        server.setFileSystemFactory(new Roots());
        server.setSubsystemFactories(List.of(ServerSftp.factory(new ServerFiles(this::server), sftpSessions)));
        CoreModuleProperties.SERVER_IDENTIFICATION.set(server, "Keywright_fleet");
        CoreModuleProperties.NIO_WORKERS.set(server, Runtime.getRuntime().availableProcessors() + 1);
        // Without it each small answer waits 40 ms for the client's delayed acknowledgement.
        CoreModuleProperties.TCP_NODELAY.set(server, true);
        CoreModuleProperties.SOCKET_BACKLOG.set(server, BACKLOG);
        CoreModuleProperties.MAX_AUTH_REQUESTS.set(server, MAX_AUTH_TRIES);
        CoreModuleProperties.IDLE_TIMEOUT.set(server, IDLE_LIMIT);
        CoreModuleProperties.STOP_WAIT_TIME.set(server, Duration.ofSeconds(5));
        // As with OpenSSH, a file is on the disk when the client asks for it, not whenever one is closed.
        server.getProperties().put(SftpFileSystemAccessor.PROP_AUTO_SYNC_FILE_ON_CLOSE, false);
    }

    /** MINA's server, listening on more than one port. */
    private static final class Listener extends SshServer {
        Listener() {
            ServerBuilder.builder().factory(() -> this).build(true);
        }

        /** Listens on a port, or on a free one for 0, and returns it. */
        int bind(int port) throws IOException {
            Set<SocketAddress> before = acceptor.getBoundAddresses();
            acceptor.bind(at(port));
            Set<SocketAddress> added = new HashSet<>(acceptor.getBoundAddresses());
            added.removeAll(before);
            return ((InetSocketAddress) added.iterator().next()).getPort();
        }

        void release(int port) {
            acceptor.unbind(at(port));
            getActiveSessions().stream()
                    .filter(session -> ((InetSocketAddress) session.getLocalAddress()).getPort() == port)
                    .forEach(session -> session.close(true));
        }

        void releaseAll() {
            acceptor.unbind();
        }

        /** By its bytes: no name service is asked, and there is one answer. */
        private static InetSocketAddress at(int port) {
            try {
                return new InetSocketAddress(InetAddress.getByAddress(HOST, LOOPBACK), port);
            } catch (UnknownHostException e) {
                throw new AssertionError("four bytes are an address", e);
            }
        }
    }

    private final class HostKeys implements KeyPairProvider {
        @Override
        public Iterable<KeyPair> loadKeys(SessionContext session) {
            return List.of(server(session).hostKeyPair());
        }

        @Override
        public KeyPair loadKey(SessionContext session, String keyType) {
            // MINA asks for the type that was agreed on, and only this one is offered.
            return server(session).hostKeyPair();
        }

        @Override
        public Iterable<String> getKeyTypes(SessionContext session) {
            return new ArrayList<>(List.of(KeyPairProvider.SSH_ED25519));
        }
    }

    private final class Roots implements FileSystemFactory {
        @Override
        public Path getUserHomeDir(SessionContext session) {
            return server(session).home();
        }

        @Override
        public FileSystem createFileSystem(SessionContext session) throws IOException {
            return new RootedFileSystemProvider().newFileSystem(server(session).root(), Map.of());
        }
    }

    /** Says how many servers there are. */
    @Override
    public String toString() {
        return "EmbeddedFleet[" + byPort.size() + " servers]";
    }
}
