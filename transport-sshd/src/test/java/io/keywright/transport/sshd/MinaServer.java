package io.keywright.transport.sshd;

import io.keywright.EcdsaCurve;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.testkit.transport.ContractServer;
import io.keywright.testkit.transport.ServerOptions;
import io.keywright.testkit.transport.ServerOptions.Method;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.UserAuthFactory;
import org.apache.sshd.server.auth.keyboard.UserAuthKeyboardInteractiveFactory;
import org.apache.sshd.server.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/**
 * MINA's own server, in this JVM, on 127.0.0.1. Commands are run by {@code sh} in the account's home. Public for the tests of
 * other transports, which find it in this module's test jar.
 */
public final class MinaServer implements ContractServer {
    private final SshServer server;
    private final List<SshPublicKey> hostKeys = new ArrayList<>();
    private final Map<String, MinaAccount> accounts = new ConcurrentHashMap<>();
    private final Path directory;

    private MinaServer(ServerOptions options) throws IOException {
        Providers.handToMina();
        directory = Files.createTempDirectory("keywright-mina");
        server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setKeyPairProvider(hostKeys(options.hostKeyTypes()));
        server.setUserAuthFactories(
                options.methods().stream().map(MinaServer::factory).toList());
        server.setPublickeyAuthenticator((user, key, session) ->
                accounts.containsKey(user) && accounts.get(user).keys.contains(HostKeySignature.toSshPublicKey(key)));
        server.setPasswordAuthenticator((user, password, session) ->
                accounts.containsKey(user) && password.equals(accounts.get(user).password));
        // It does not count the first request, and hangs up when one comes that is too many.
        CoreModuleProperties.MAX_AUTH_REQUESTS.set(server, options.maxTries() - 1);
        CoreModuleProperties.TCP_NODELAY.set(server, true);
        server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
        server.setFileSystemFactory(new VirtualFileSystemFactory() {
            @Override
            public Path getUserHomeDir(org.apache.sshd.common.session.SessionContext session) {
                return accounts.get(session.getUsername()).home;
            }
        });
        if (options.sftp()) {
            server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
        }
        server.setCommandFactory((channel, command) ->
                new ShellCommand(command, accounts.get(channel.getSession().getUsername()).home));
        server.setShellFactory(channel -> new TerminalShell());
        server.start();
    }

    public static MinaServer start(ServerOptions options) {
        try {
            return new MinaServer(options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private KeyPairProvider hostKeys(List<String> types) {
        List<KeyPair> pairs = new ArrayList<>();
        for (String type : types) {
            SshKeyPairGenerator generator = switch (type) {
                case "ed25519" -> SshKeyPairGenerator.ed25519();
                case "ecdsa" -> SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256);
                case "rsa" -> SshKeyPairGenerator.rsa();
                default -> throw new IllegalArgumentException(type);
            };
            try (SshKeyPair pair = generator.generate()) {
                hostKeys.add(pair.publicKey());
                pairs.add(pair.toKeyPair(SecurityUtils.getRegisteredProvider(SecurityUtils.BOUNCY_CASTLE)
                        .getSecurityProvider()));
            }
        }
        return KeyPairProvider.wrap(pairs);
    }

    private static UserAuthFactory factory(Method method) {
        return switch (method) {
            case PUBLIC_KEY -> UserAuthPublicKeyFactory.INSTANCE;
            case PASSWORD -> UserAuthPasswordFactory.INSTANCE;
            case KEYBOARD_INTERACTIVE -> UserAuthKeyboardInteractiveFactory.INSTANCE;
        };
    }

    /** MINA's server itself, for what the contract does not name. */
    public SshServer mina() {
        return server;
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return server.getPort();
    }

    @Override
    public List<SshPublicKey> hostKeys() {
        return List.copyOf(hostKeys);
    }

    @Override
    public Account addAccount() {
        return addAccount("user" + accounts.size());
    }

    /** Adds an account of this name, whose home is the root of all that SFTP shows. */
    public Account addAccount(String name) {
        try {
            MinaAccount account = new MinaAccount(name, Files.createDirectory(directory.resolve(name)));
            accounts.put(name, account);
            return account;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.stop(true);
            try (Stream<Path> tree = Files.walk(directory)) {
                for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class MinaAccount implements Account {
        private final String name;
        private final Path home;
        private volatile Set<SshPublicKey> keys = Set.of();
        private volatile String password = "";

        MinaAccount(String name, Path home) {
            this.name = name;
            this.home = home;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Path home() {
            return home;
        }

        @Override
        public void authorize(List<SshPublicKey> authorized) {
            keys = Set.copyOf(authorized);
        }

        @Override
        public void setPassword(Passphrase given) {
            password = new String(given.toByteArray(), StandardCharsets.UTF_8);
        }
    }
}
