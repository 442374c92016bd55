package io.keywright.benchmarks.peers;

import io.keywright.benchmarks.fleet.ServerFleet;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyWriter;
import io.keywright.transport.SshTarget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/** Apache MINA SSHD's client, and an edit as programs make it that use it. */
final class MinaRemoteWork extends RemoteWork {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String FILE = ".ssh/authorized_keys";
    private static final byte[] LINE = "# another line\n".getBytes(StandardCharsets.US_ASCII);

    private final SshClient client;
    private final Server server;
    private final KeyPair key;

    /** What it talks to. */
    private interface Server {
        String host();

        int port();

        void stop() throws IOException;
    }

    private MinaRemoteWork(SshClient client, Server server, KeyPair key) {
        this.client = client;
        this.server = server;
        this.key = key;
        client.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
        client.start();
    }

    /** Nothing is set that a program does not have to set. */
    static MinaRemoteWork asItComes() throws IOException, GeneralSecurityException {
        KeyPair key = KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256);
        KeyPair hostKey = KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256);
        Path home = Files.createTempDirectory("keywright-bench");
        Files.createDirectory(home.resolve(".ssh"));
        Files.writeString(home.resolve(FILE), "# benchmark\n");
        SshServer server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setPort(0);
        server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
        server.setPublickeyAuthenticator((user, asked, session) -> KeyUtils.compareKeys(asked, key.getPublic()));
        server.setFileSystemFactory(new VirtualFileSystemFactory(home));
        server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
        server.start();
        return new MinaRemoteWork(
                SshClient.setUpDefaultClient(),
                new Server() {
                    @Override
                    public String host() {
                        return server.getHost();
                    }

                    @Override
                    public int port() {
                        return server.getPort();
                    }

                    @Override
                    public void stop() throws IOException {
                        server.stop(true);
                        Files.delete(home.resolve(FILE));
                        Files.delete(home.resolve(".ssh"));
                        Files.delete(home);
                    }
                },
                key);
    }

    /** With the settings of Keywright's transport, and to the same server. */
    static MinaRemoteWork tuned() throws IOException, GeneralSecurityException {
        ServerFleet fleet = ServerFleet.start(1);
        fleet.reset();
        SshTarget target = fleet.request(0).target();
        SshClient client = SshClient.setUpDefaultClient();
        client.setKeyExchangeFactories(NamedFactory.setUpTransformedFactories(
                true, List.of(BuiltinDHFactories.mlkem768x25519), ClientBuilder.DH2KEX));
        client.setCipherFactories(List.of(BuiltinCiphers.aes256gcm));
        CoreModuleProperties.TCP_NODELAY.set(client, true);
        return new MinaRemoteWork(
                client,
                new Server() {
                    @Override
                    public String host() {
                        return target.host();
                    }

                    @Override
                    public int port() {
                        return target.port();
                    }

                    @Override
                    public void stop() throws IOException {
                        fleet.close();
                    }
                },
                read(fleet));
    }

    private static KeyPair read(ServerFleet fleet) throws IOException, GeneralSecurityException {
        try (EncodedKey file = KeyWriter.openssh().write(fleet.key())) {
            return SecurityUtils.loadKeyPairIdentities(
                            null, NamedResource.ofName("key"), new ByteArrayInputStream(file.toByteArray()), null)
                    .iterator()
                    .next();
        }
    }

    private ClientSession session() throws IOException {
        ClientSession session = client.connect(ServerFleet.USER, server.host(), server.port())
                .verify(TIMEOUT)
                .getSession();
        session.addPublicKeyIdentity(key);
        session.auth().verify(TIMEOUT);
        return session;
    }

    @Override
    public void logIn() throws IOException {
        session().close();
    }

    @Override
    public void edit() throws IOException {
        try (ClientSession session = session();
                SftpClient sftp = SftpClientFactory.instance().createSftpClient(session)) {
            byte[] before;
            try (InputStream in = sftp.read(FILE)) {
                before = in.readAllBytes();
            }
            int mode = sftp.stat(FILE).getPermissions();
            String text = new String(before, StandardCharsets.UTF_8);
            String line = new String(LINE, StandardCharsets.UTF_8);
            String after = text.endsWith(line) ? text.substring(0, text.length() - line.length()) : text + line;
            try (OutputStream out = sftp.write(FILE + ".new")) {
                out.write(after.getBytes(StandardCharsets.UTF_8));
            }
            sftp.setStat(FILE + ".new", new SftpClient.Attributes().perms(mode));
            sftp.rename(FILE + ".new", FILE, SftpClient.CopyMode.Overwrite);
        }
    }

    @Override
    public void close() throws IOException {
        client.stop();
        server.stop();
    }
}
