package io.keywright.transport;

import io.keywright.KeyComment;
import io.keywright.MalformedKeyException;
import io.keywright.SignatureAlgorithm;
import io.keywright.SshPublicKey;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A running {@code ssh-agent}, or anything that speaks its protocol (draft-ietf-sshm-ssh-agent) on a Unix-domain socket:
 * lists its keys and lets it sign. Immutable and thread-safe; each request is a connection of its own.
 *
 * <pre>
 * message:  uint32 length, byte type, body
 * request:  11 REQUEST_IDENTITIES | 13 SIGN_REQUEST (string blob, string data, uint32 flags)
 * answer:   12 IDENTITIES_ANSWER (uint32 count, count times: string blob, string comment)
 *           14 SIGN_RESPONSE (string signature) | 5 FAILURE
 * </pre>
 */
public final class SshAgent {
    /** Time for an answer by default: enough for a person to touch a token or to confirm. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    private static final int FAILURE = 5;
    private static final int REQUEST_IDENTITIES = 11;
    private static final int IDENTITIES_ANSWER = 12;
    private static final int SIGN_REQUEST = 13;
    private static final int SIGN_RESPONSE = 14;
    private static final int FLAG_RSA_SHA2_256 = 2;
    private static final int FLAG_RSA_SHA2_512 = 4;
    // OpenSSH's agent and client both stop at 256 KiB.
    private static final int MAX_MESSAGE_BYTES = 256 << 10;

    private final Path socket;
    private final Duration timeout;

    private SshAgent(Path socket, Duration timeout) {
        this.socket = socket;
        this.timeout = timeout;
    }

    /**
     * Names an agent by its socket; nothing is sent yet.
     *
     * @param socket the socket's path
     * @return the agent
     */
    public static SshAgent at(Path socket) {
        return new SshAgent(Objects.requireNonNull(socket, "socket"), DEFAULT_TIMEOUT);
    }

    /**
     * Finds the agent of this process by its environment variable {@code SSH_AUTH_SOCK}.
     *
     * @return the agent, or empty when the variable is not set
     */
    public static Optional<SshAgent> fromEnvironment() {
        return Optional.ofNullable(System.getenv("SSH_AUTH_SOCK"))
                .filter(path -> !path.isEmpty())
                .map(path -> at(Path.of(path)));
    }

    /**
     * Returns this agent with another bound on each request.
     *
     * @param forAnAnswer the bound, positive
     * @return a copy
     */
    public SshAgent withTimeout(Duration forAnAnswer) {
        if (forAnAnswer.isZero() || forAnAnswer.isNegative()) {
            throw new IllegalArgumentException("a timeout must be positive, got " + forAnAnswer);
        }
        return new SshAgent(socket, forAnAnswer);
    }

    /**
     * Lists the agent's keys.
     *
     * @return the keys, in the agent's order, each with its comment
     * @throws AgentException when the agent cannot be asked
     */
    public List<KeySigner> keys() {
        byte[] answer = call(new byte[] {REQUEST_IDENTITIES}, IDENTITIES_ANSWER, "to list its keys");
        try {
            WireReader reader = new WireReader("agent's list of keys", answer);
            long count = reader.readUint32("count");
            List<KeySigner> keys = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                SshPublicKey key = SshPublicKey.fromBlob(reader.readString("key"));
                keys.add(new AgentKey(key.withComment(KeyComment.ofBytes(reader.readString("comment")))));
            }
            return List.copyOf(keys);
        } catch (MalformedKeyException e) {
            throw new AgentException(this + " answered what cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Names one of the agent's keys; nothing is sent yet.
     *
     * @param publicKey the public half
     * @return the key, which signs as long as the agent holds it
     */
    public KeySigner key(SshPublicKey publicKey) {
        return new AgentKey(Objects.requireNonNull(publicKey, "publicKey"));
    }

    /** Says the socket. */
    @Override
    public String toString() {
        return "the agent at " + socket;
    }

    private byte[] sign(SshPublicKey key, byte[] message, String algorithm) {
        int flags = 0;
        if (algorithm.equals(SignatureAlgorithm.RSA_SHA2_256.sshName())) {
            flags = FLAG_RSA_SHA2_256;
        } else if (algorithm.equals(SignatureAlgorithm.RSA_SHA2_512.sshName())) {
            flags = FLAG_RSA_SHA2_512;
        }
        byte[] request;
        try (WireWriter writer = new WireWriter()) {
            request = writer.writeByte(SIGN_REQUEST)
                    .writeString(key.blob())
                    .writeString(message)
                    .writeUint32(flags)
                    .toByteArray();
        }
        byte[] answer = call(request, SIGN_RESPONSE, "to sign with " + key.fingerprint());
        try {
            WireReader reader = new WireReader("agent's signature", answer);
            byte[] signature = reader.readString("signature");
            String made = new WireReader("agent's signature", signature).readName("algorithm");
            // Old agents do not know the flags and answer with SHA-1.
            if (flags != 0 && !made.equals(algorithm)) {
                throw new AgentException(
                        this + " signed with " + made + " where " + algorithm + " was asked for", null);
            }
            return signature;
        } catch (MalformedKeyException e) {
            throw new AgentException(this + " answered what cannot be read: " + e.getMessage(), e);
        }
    }

    /** Sends one message and returns the body of the answer, without its type. */
    private byte[] call(byte[] request, int expected, String purpose) {
        long end = System.nanoTime() + timeout.toNanos();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.configureBlocking(false);
            SelectionKey ready = channel.register(selector, 0);
            ByteBuffer out = ByteBuffer.allocate(Integer.BYTES + request.length);
            out.putInt(request.length).put(request).flip();
            while (out.hasRemaining()) {
                await(ready, SelectionKey.OP_WRITE, end, purpose);
                channel.write(out);
            }
            int length = read(channel, ready, Integer.BYTES, end, purpose).getInt();
            if (length < 1 || length > MAX_MESSAGE_BYTES) {
                throw new AgentException(this + " announced an answer of " + length + " bytes", null);
            }
            ByteBuffer answer = read(channel, ready, length, end, purpose);
            int type = answer.get() & 0xff;
            if (type == FAILURE) {
                throw new AgentException(this + " declined " + purpose, null);
            } else if (type != expected) {
                throw new AgentException(this + " gave an unknown answer (message " + type + ")", null);
            }
            byte[] body = new byte[answer.remaining()];
            answer.get(body);
            return body;
        } catch (IOException | UnsupportedOperationException e) {
            throw new AgentException(this + " cannot be asked " + purpose + ": " + e.getMessage(), e);
        }
    }

    private ByteBuffer read(SocketChannel channel, SelectionKey ready, int bytes, long end, String purpose)
            throws IOException {
        ByteBuffer in = ByteBuffer.allocate(bytes);
        while (in.hasRemaining()) {
            await(ready, SelectionKey.OP_READ, end, purpose);
            if (channel.read(in) < 0) {
                throw new AgentException(this + " hung up when asked " + purpose, null);
            }
        }
        return in.flip();
    }

    private void await(SelectionKey ready, int operation, long end, String purpose) throws IOException {
        ready.interestOps(operation);
        Selector selector = ready.selector();
        while (true) {
            selector.selectedKeys().clear();
            long millis = Math.max(1, (end - System.nanoTime()) / 1_000_000);
            if (selector.select(millis) > 0) {
                return;
            } else if (Thread.currentThread().isInterrupted()) {
                throw new AgentException("interrupted while " + this + " was asked " + purpose, null);
            } else if (System.nanoTime() - end >= 0) {
                throw new AgentException(this + " did not answer within " + timeout + " when asked " + purpose, null);
            }
        }
    }

    /** A key that the agent holds, or held. */
    private final class AgentKey implements KeySigner {
        private final SshPublicKey publicKey;

        AgentKey(SshPublicKey publicKey) {
            this.publicKey = publicKey;
        }

        @Override
        public SshPublicKey publicKey() {
            return publicKey;
        }

        @Override
        public byte[] sign(byte[] message, String algorithm) {
            return SshAgent.this.sign(publicKey, message, algorithm);
        }

        /** Says the fingerprint and the agent. */
        @Override
        public String toString() {
            return "KeySigner[" + publicKey.fingerprint() + " of " + SshAgent.this + "]";
        }
    }
}
