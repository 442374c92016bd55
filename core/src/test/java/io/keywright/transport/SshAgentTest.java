package io.keywright.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.internal.WireWriter;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an agent may answer; log-ins with OpenSSH's own agent are in the transports' contract test. */
class SshAgentTest {
    private static final SshPublicKey ED25519 = publicKey(SshKeyPairGenerator.ed25519());
    private static final SshPublicKey RSA = publicKey(SshKeyPairGenerator.rsa(2048));

    private Path directory;
    private ServerSocketChannel listener;
    private volatile byte[] asked = {};

    private static SshPublicKey publicKey(SshKeyPairGenerator generator) {
        try (SshKeyPair pair = generator.generate()) {
            return pair.publicKey();
        }
    }

    @BeforeEach
    void listen() throws IOException {
        // The path of a socket is short on some systems, and a test's own folder may be deep.
        directory = Files.createTempDirectory("kw");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
    }

    @AfterEach
    void stop() throws IOException {
        listener.close();
        Files.delete(directory.resolve("s"));
        Files.delete(directory);
    }

    private SshAgent agent() {
        return SshAgent.at(directory.resolve("s"));
    }

    /** Takes one request and sends these bytes, then hangs up. */
    private void answer(byte[] raw) {
        Thread thread = new Thread(() -> {
            try (SocketChannel client = listener.accept()) {
                ByteBuffer head = ByteBuffer.allocate(Integer.BYTES);
                readFully(client, head);
                ByteBuffer body = ByteBuffer.allocate(head.flip().getInt());
                readFully(client, body);
                asked = body.array();
                ByteBuffer out = ByteBuffer.wrap(raw);
                while (out.hasRemaining()) {
                    client.write(out);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void readFully(SocketChannel channel, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new IOException("the client hung up");
            }
        }
    }

    private static byte[] message(int type, Consumer<WireWriter> body) {
        try (WireWriter inner = new WireWriter();
                WireWriter outer = new WireWriter()) {
            inner.writeByte(type);
            body.accept(inner);
            return outer.writeString(inner.toByteArray()).toByteArray();
        }
    }

    private static byte[] signature(String algorithm) {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString(algorithm).writeString(new byte[64]).toByteArray();
        }
    }

    @Nested
    class Keys {
        @Test
        void keys_comeInOrderWithTheirComments() {
            answer(message(
                    12,
                    writer -> writer.writeUint32(2)
                            .writeString(ED25519.blob())
                            .writeString("one of mine")
                            .writeString(RSA.blob())
                            .writeString("")));

            assertThat(agent().keys().stream().map(KeySigner::publicKey)).containsExactly(ED25519, RSA);
            assertThat(asked).containsExactly(11);
        }

        @Test
        void noKeys_areAnEmptyList() {
            answer(message(12, writer -> writer.writeUint32(0)));

            assertThat(agent().keys()).isEmpty();
        }

        @Test
        void everyTruncation_isAFaultOfTheAgent() {
            byte[] whole = message(
                    12,
                    writer -> writer.writeUint32(1).writeString(ED25519.blob()).writeString("comment"));
            for (int length = 0; length < whole.length; length++) {
                answer(Arrays.copyOf(whole, length));

                assertThatThrownBy(() -> agent().keys())
                        .as("cut to %d bytes", length)
                        .isInstanceOf(AgentException.class);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"00000000", "ffffffff", "7fffffff0c", "000400010c", "000000010c", "000000050cffffffff"})
        void lengthsThatCannotBe_areRefusedBeforeTheyAreRead(String raw) {
            answer(HexFormat.of().parseHex(raw));

            assertThatThrownBy(() -> agent().keys()).isInstanceOf(AgentException.class);
        }

        @Test
        void nobodyThere_isAFaultOfTheAgent() {
            SshAgent none = SshAgent.at(directory.resolve("none"));

            assertThatThrownBy(none::keys)
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining("none")
                    .hasCauseInstanceOf(IOException.class);
        }

        @Test
        @Timeout(20)
        void silence_endsWithTheTimeout() {
            assertThatThrownBy(() -> agent().withTimeout(Duration.ofMillis(100)).keys())
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining("did not answer");
        }

        @Test
        @Timeout(20)
        void interruption_endsTheWaitAndStays() {
            Thread.currentThread().interrupt();

            assertThatThrownBy(() -> agent().keys()).isInstanceOf(AgentException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Nested
    class Sign {
        private final byte[] message = "to sign".getBytes(StandardCharsets.UTF_8);

        @Test
        void signature_isReturnedAsItCame() {
            byte[] signature = signature("ssh-ed25519");
            answer(message(14, writer -> writer.writeString(signature)));

            assertThat(agent().key(ED25519).sign(message, "ssh-ed25519")).isEqualTo(signature);
            assertThat(asked)
                    .isEqualTo(Arrays.copyOfRange(
                            message(
                                    13,
                                    writer -> writer.writeString(ED25519.blob())
                                            .writeString(message)
                                            .writeUint32(0)),
                            4,
                            4 + asked.length));
        }

        @Test
        void rsa_isAskedForWithTheFlagOfItsAlgorithm() {
            answer(message(14, writer -> writer.writeString(signature("rsa-sha2-512"))));
            agent().key(RSA).sign(message, "rsa-sha2-512");
            assertThat(asked[asked.length - 1]).isEqualTo((byte) 4);

            answer(message(14, writer -> writer.writeString(signature("rsa-sha2-256"))));
            agent().key(RSA).sign(message, "rsa-sha2-256");
            assertThat(asked[asked.length - 1]).isEqualTo((byte) 2);
        }

        @Test
        void oldAgentThatSignsWithSha1_isRefused() {
            answer(message(14, writer -> writer.writeString(signature("ssh-rsa"))));

            assertThatThrownBy(() -> agent().key(RSA).sign(message, "rsa-sha2-512"))
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining("ssh-rsa");
        }

        @Test
        void declined_isSaid() {
            answer(message(5, writer -> {}));

            assertThatThrownBy(() -> agent().key(ED25519).sign(message, "ssh-ed25519"))
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining("declined");
        }

        @Test
        void answerToAnotherQuestion_isAFaultOfTheAgent() {
            answer(message(12, writer -> writer.writeUint32(0)));

            assertThatThrownBy(() -> agent().key(ED25519).sign(message, "ssh-ed25519"))
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining("unknown answer");
        }
    }
}
