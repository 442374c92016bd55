package io.keywright.transport.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.LimitExceededException;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ChannelsTest {
    private static final Deadline DEADLINE = Deadline.in(Duration.ofSeconds(30));
    private static final RemoteChannel.Purpose PURPOSE = new RemoteChannel.Purpose.Destination("host", 1);

    private static SshTarget target() {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            return SshTarget.of("host", 22, "user", HostKeyVerifier.pinned(List.of(pair.publicKey())));
        }
    }

    /** A channel whose other end is the test. */
    private static final class Far implements RemoteChannel {
        private final Receiver receiver;
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final CompletableFuture<Void> gone = new CompletableFuture<>();
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private boolean goesWhenAsked = true;
        private boolean abandoned;
        private int taken;
        private int askedWhetherGone;

        Far(Receiver receiver) {
            this.receiver = receiver;
        }

        void says(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            receiver.standardOutput(bytes, 0, bytes.length);
        }

        @Override
        public void write(byte[] data) {
            written.writeBytes(data);
        }

        @Override
        public long queuedBytes() {
            return 0;
        }

        @Override
        public void endInput() {
            written.write('$');
        }

        @Override
        public void took(int bytes) {
            taken += bytes;
        }

        @Override
        public void resize(TerminalSize size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> ended() {
            return ended;
        }

        @Override
        public void abandon() {
            abandoned = true;
        }

        /** Asked about by who wants to open another one: the server closes its side some time after that. */
        @Override
        public boolean isAbandoned() {
            if (abandoned && goesWhenAsked) {
                new Thread(() -> gone.complete(null)).start();
            }
            return abandoned;
        }

        @Override
        public CompletableFuture<Void> gone() {
            askedWhetherGone++;
            return gone;
        }

        @Override
        public @Nullable Integer exitStatus() {
            return 0;
        }

        @Override
        public @Nullable String exitSignal() {
            return null;
        }
    }

    /** A connection that opens such channels. */
    private static final class Near implements Link {
        private final List<Far> opened = new ArrayList<>();
        private final List<Boolean> othersWereGone = new ArrayList<>();
        private Consumer<Far> program = far -> {};

        @Override
        public Handshake handshake() {
            SshTarget target = ChannelsTest.target();
            return new Handshake(target, new AuthenticationDialogue(target, List.of(), null)) {};
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public RemoteChannel open(RemoteChannel.Purpose purpose, RemoteChannel.Receiver receiver, Deadline deadline) {
            othersWereGone.add(opened.stream().allMatch(other -> other.gone.isDone()));
            Far far = new Far(receiver);
            opened.add(far);
            program.accept(far);
            return far;
        }

        @Override
        public void whenOver(Runnable action) {
            // never over
        }

        @Override
        public CompletableFuture<Void> sayGoodBye() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void hangUp() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }

    private final Near near = new Near();
    private final Channels channels = new Channels(near);

    private ChannelStreams open() {
        return ChannelStreams.open(channels, PURPOSE, DEADLINE);
    }

    @Nested
    class Open {
        @Test
        void abandonedChannel_isGoneBeforeTheNextOneComes() {
            open().close();
            open();

            assertThat(near.othersWereGone).containsExactly(true, true);
        }

        @Test
        void channelThatIsInUse_isNotWaitedFor() {
            open();
            open();

            assertThat(near.othersWereGone).containsExactly(true, false);
        }

        @Test
        void channelThatNeverGoes_isWaitedForOnceAndNotWithoutEnd() {
            ChannelStreams first = open();
            near.opened.get(0).goesWhenAsked = false;
            first.close();
            ChannelStreams second = ChannelStreams.open(channels, PURPOSE, Deadline.in(Duration.ofMillis(10)));

            assertThat(second.channel()).isSameAs(near.opened.get(1));
            int asked = near.opened.get(0).askedWhetherGone;
            open();
            assertThat(near.opened.get(0).askedWhetherGone).isEqualTo(asked);
        }
    }

    @Nested
    class Streams {
        private final ChannelStreams streams = open();
        private final Far far = near.opened.get(0);

        @Test
        void whatIsRead_makesRoomForAsMuch() throws IOException {
            far.says("hello");
            far.receiver.endOfOutput();

            assertThat(streams.input().readNBytes(2)).hasSize(2);
            assertThat(far.taken).isEqualTo(2);
            assertThat(streams.input().available()).isEqualTo(3);
            assertThat(streams.input().readAllBytes()).hasSize(3);
            assertThat(far.taken).isEqualTo(5);
        }

        @Test
        void lostConnection_isNoEnd() {
            far.ended.completeExceptionally(new IOException());
            far.receiver.endOfOutput();

            assertThatThrownBy(() -> streams.input().read())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("connection ended");
        }

        @Test
        void closedStreams_takeNothingMore() throws IOException {
            streams.output().write("in".getBytes(StandardCharsets.UTF_8));
            streams.output().close();
            streams.output().close();
            assertThat(far.written.toString(StandardCharsets.UTF_8)).isEqualTo("in$");
            assertThatThrownBy(() -> streams.output().write(1)).isInstanceOf(IOException.class);

            streams.close();
            far.says("late");
            assertThat(streams.input().available()).isZero();
            assertThatThrownBy(() -> streams.input().read()).isInstanceOf(IOException.class);
            assertThat(far.abandoned).isTrue();
        }
    }

    @Nested
    class Commands {
        @Test
        void outputBeforeTheCallerWaits_isKept() {
            near.program = far -> {
                far.says("out");
                far.ended.complete(null);
            };

            assertThat(new Command(channels, ExecRequest.of("x")).run().stdoutText())
                    .isEqualTo("out");
        }

        @Test
        void tooMuchOutput_endsACommandThatGoesOn() {
            near.program = far -> far.says("four");

            assertThatThrownBy(() -> new Command(channels, ExecRequest.of("x").withOutputLimit(3)).run())
                    .isInstanceOf(LimitExceededException.class);
            assertThat(near.opened.get(0).abandoned).isTrue();
        }
    }
}
