package io.keywright.benchmarks.peers;

import com.hierynomus.sshj.transport.cipher.GcmCiphers;
import com.hierynomus.sshj.userauth.keyprovider.OpenSSHKeyV1KeyFile;
import io.keywright.benchmarks.fleet.ServerFleet;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyWriter;
import io.keywright.transport.SshTarget;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.SocketFactory;
import net.schmizz.sshj.DefaultConfig;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.transport.kex.Curve25519SHA256;
import net.schmizz.sshj.transport.verification.PromiscuousVerifier;

/** sshj's client. */
final class SshjRemoteWork extends RemoteWork {
    private final boolean tuned;
    private final ServerFleet fleet;
    private final DefaultConfig config = new DefaultConfig();
    private final OpenSSHKeyV1KeyFile key = new OpenSSHKeyV1KeyFile();

    SshjRemoteWork(boolean tuned) throws IOException {
        this.tuned = tuned;
        fleet = ServerFleet.start(1);
        fleet.reset();
        if (tuned) {
            // Its cheapest: sshj has no exchange that withstands quantum computers and is as cheap.
            config.setKeyExchangeFactories(List.of(new Curve25519SHA256.Factory()));
            config.setCipherFactories(List.of(GcmCiphers.AES256GCM()));
        }
        try (EncodedKey file = KeyWriter.openssh().write(fleet.key())) {
            key.init(new StringReader(new String(file.toByteArray(), StandardCharsets.US_ASCII)));
        }
    }

    @Override
    public void logIn() throws IOException {
        SshTarget target = fleet.request(0).target();
        try (SSHClient client = new SSHClient(config)) {
            if (tuned) {
                client.setSocketFactory(new WithoutDelay());
            }
            client.addHostKeyVerifier(new PromiscuousVerifier());
            client.connect(target.host(), target.port());
            client.authPublickey(ServerFleet.USER, key);
        }
    }

    @Override
    public void edit() {
        throw new UnsupportedOperationException("edits are measured against MINA");
    }

    @Override
    public void close() throws IOException {
        fleet.close();
    }

    /** Makes sockets that send what they are given at once. sshj asks for unconnected ones. */
    private static final class WithoutDelay extends SocketFactory {
        @Override
        public Socket createSocket() throws IOException {
            Socket socket = new Socket();
            socket.setTcpNoDelay(true);
            return socket;
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
            throw new UnsupportedOperationException();
        }
    }
}
