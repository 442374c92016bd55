package io.keywright.transport.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What honest servers never do; what they do is in the transport contract test. */
class SftpClientTest {
    private static final SshTarget TARGET = SshTarget.of(
            "host", 22, "user", (host, port, key) -> new HostKeyVerdict(HostKeyVerdict.Status.ACCEPTED, List.of()));

    /** Says hello as version 3, then answers each request with what a test has put in, or not at all. */
    private static final class Server implements Subsystem {
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final Deque<Function<Integer, byte[]>> answers = new ArrayDeque<>();
        private byte[] hello = packet(writer -> writer.writeByte(2).writeUint32(3));
        private Output output = (data, offset, length) -> {};
        private final List<Integer> types = new ArrayList<>();
        private int packets;
        private boolean greeted;
        private boolean abandoned;

        Server start(Output to) {
            output = to;
            return this;
        }

        void say(byte[] bytes) {
            output.receive(bytes, 0, bytes.length);
        }

        @Override
        public void write(byte[] data) {
            if (!greeted) {
                greeted = true;
                say(hello);
                return;
            }
            packets++;
            for (int start = 0; start < data.length; ) {
                WireReader packet = new WireReader("request", data, start, data.length);
                int length = (int) packet.readUint32("length");
                types.add(packet.readByte("type"));
                long id = packet.readUint32("id");
                if (!answers.isEmpty()) {
                    say(answers.remove().apply((int) id));
                }
                start += Integer.BYTES + length;
            }
        }

        @Override
        public CompletableFuture<Void> ended() {
            return ended;
        }

        @Override
        public void abandon() {
            abandoned = true;
        }
    }

    private static byte[] packet(Consumer<WireWriter> content) {
        try (WireWriter body = new WireWriter();
                WireWriter packet = new WireWriter()) {
            content.accept(body);
            return packet.writeString(body.toByteArray()).toByteArray();
        }
    }

    private static Function<Integer, byte[]> status(int code) {
        return id -> packet(writer -> writer.writeByte(101)
                .writeUint32(id)
                .writeUint32(code)
                .writeString("why")
                .writeString(""));
    }

    private static SftpClient open(Server server) {
        return SftpClient.open(TARGET, Deadline.in(Duration.ofSeconds(30)), server::start);
    }

    @Nested
    class Open {
        @Test
        void textOfALoginScript_isNoSftp() {
            Server server = new Server();
            server.hello = "Welcome to this machine\n".getBytes(StandardCharsets.US_ASCII);

            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(ChannelRefusedException.class)
                    .hasMessageContaining("login script");
            assertThat(server.abandoned).isTrue();
        }

        @Test
        void endWithoutAWord_isNoSftp() {
            Server server = new Server();
            server.hello = new byte[0];
            server.ended.complete(null);

            assertThatThrownBy(() -> open(server)).isInstanceOf(ChannelRefusedException.class);
        }

        @Test
        void otherVersion_isBroken() {
            Server server = new Server();
            server.hello = packet(writer -> writer.writeByte(2).writeUint32(6));

            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("6");
        }

        @Test
        void extensionsThatEndEarly_areBroken() {
            Server server = new Server();
            server.hello = packet(writer -> writer.writeByte(2).writeUint32(3).writeUint32(99));

            assertThatThrownBy(() -> open(server))
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("ends early");
        }

        @Test
        void answerInManyPieces_isPutTogether() {
            Server server = new Server();
            byte[] hello = packet(writer -> writer.writeByte(2)
                    .writeUint32(3)
                    .writeString("posix-rename@openssh.com")
                    .writeString("1"));
            server.hello = new byte[0];
            SftpClient session = SftpClient.open(TARGET, Deadline.in(Duration.ofSeconds(30)), output -> {
                server.start(output);
                for (byte one : hello) {
                    server.say(new byte[] {one});
                }
                return server;
            });

            assertThat(session.posixRename()).isPresent();
            assertThat(session.durableWrite()).isEmpty();
        }
    }

    @Nested
    class Answers {
        private final Server server = new Server();
        private final SftpClient session = open(server);

        private void assertBroken() {
            assertThatThrownBy(() -> session.realPath("."))
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("broke the SFTP protocol")
                    .extracting(e -> ((TransportException) e).phase())
                    .isEqualTo(Phase.SFTP);
        }

        @ParameterizedTest
        @ValueSource(longs = {0, (256 << 10) + 1025, 0x7fffffffL, 0xffffffffL})
        void packetOfNoOrTooManyBytes_isBroken(long length) {
            server.answers.add(id -> {
                try (WireWriter writer = new WireWriter()) {
                    return writer.writeUint32(length).toByteArray();
                }
            });
            assertBroken();
        }

        @Test
        void answerToNoRequest_isBroken() {
            server.answers.add(id -> status(0).apply(id + 1));
            assertBroken();
        }

        @Test
        void packetWithoutId_isBroken() {
            server.answers.add(id -> packet(writer -> writer.writeByte(101)));
            assertBroken();
        }

        @Test
        void answerOfAnotherKind_isBroken() {
            server.answers.add(
                    id -> packet(writer -> writer.writeByte(102).writeUint32(id).writeString("handle")));
            assertBroken();
        }

        @Test
        void moreNamesThanThereAre_areBroken() {
            server.answers.add(
                    id -> packet(writer -> writer.writeByte(104).writeUint32(id).writeUint32(0xffffffffL)));
            assertBroken();
        }

        @Test
        void status_isToldByItsMeaning() {
            server.answers.add(status(3));

            assertThatThrownBy(() -> session.remove("file"))
                    .isInstanceOf(SftpException.class)
                    .hasMessageContainingAll("file", "why")
                    .extracting(e -> ((SftpException) e).status())
                    .isEqualTo(SftpException.Status.PERMISSION_DENIED);
        }

        private static Function<Integer, byte[]> attributes(int mode) {
            return id -> packet(writer ->
                    writer.writeByte(105).writeUint32(id).writeUint32(4).writeUint32(mode));
        }

        private static Function<Integer, byte[]> handle(String handle) {
            return id -> packet(writer -> writer.writeByte(102).writeUint32(id).writeString(handle));
        }

        private static Function<Integer, byte[]> data(String content) {
            return id -> packet(writer -> writer.writeByte(103).writeUint32(id).writeString(content));
        }

        @Test
        void looks_sentTogether_areTwoPacketsAndAreReadTogether() {
            server.answers.addAll(List.of(
                    attributes(0100600),
                    handle("a"),
                    attributes(0100600),
                    handle("b"),
                    attributes(0100600),
                    data("one"),
                    attributes(0100600),
                    data("two"),
                    status(1)));
            Supplier<Optional<SftpSession.Look>> first = session.sendLook("first", 100);
            Supplier<Optional<SftpSession.Look>> second = session.sendLook("second", 100);

            assertThat(server.packets).isZero();
            assertThat(first.get().orElseThrow().content())
                    .hasValueSatisfying(one -> assertThat(one).asString().isEqualTo("one"));
            assertThat(second.get().orElseThrow().content())
                    .hasValueSatisfying(two -> assertThat(two).asString().isEqualTo("two"));
            assertThat(server.packets).isEqualTo(2);
            assertThat(server.types).containsExactly(7, 3, 7, 3, 8, 5, 8, 5);
        }

        @Test
        void look_whatIsNoRegularFile_isNotRead() {
            server.answers.addAll(List.of(attributes(0010600), handle("fifo"), status(0), status(2)));

            assertThat(session.sendLook("fifo", 100).get().orElseThrow().content())
                    .isEmpty();
            assertThat(session.stat("other")).isEmpty();
            assertThat(server.types).as("lstat, open, close, stat").containsExactly(7, 3, 4, 17);
        }

        @Test
        void look_fileThatMayNotBeWritten_isOpenedToReadOnly() {
            server.answers.addAll(List.of(
                    attributes(0100400),
                    status(3),
                    handle("read only"),
                    attributes(0100400),
                    data("content"),
                    status(1)));

            assertThat(session.sendLook("file", 100).get().orElseThrow().content())
                    .hasValueSatisfying(
                            content -> assertThat(content).asString().isEqualTo("content"));
        }

        @Test
        void look_nothingThere_isEmpty() {
            server.answers.addAll(List.of(status(2), status(2)));

            assertThat(session.sendLook("file", 100).get()).isEmpty();
        }

        @Test
        void endOfTheSession_isALoss() {
            server.ended.complete(null);

            assertThatThrownBy(() -> session.stat("file")).isInstanceOf(ConnectionLostException.class);
        }
    }
}
