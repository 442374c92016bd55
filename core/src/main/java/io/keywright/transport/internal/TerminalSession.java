package io.keywright.transport.internal;

import io.keywright.transport.ShellRequest;
import io.keywright.transport.ShellSession;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TerminalSize;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** A shell in a terminal on a channel of its own. */
final class TerminalSession implements ShellSession {
    private final SshTarget target;
    private final ChannelStreams streams;

    private TerminalSession(SshTarget target, ChannelStreams streams) {
        this.target = target;
        this.streams = streams;
    }

    static TerminalSession open(Channels channels, ShellRequest request) {
        SshTarget target = channels.target();
        Deadline deadline = Deadline.in(target.timeouts().request());
        return new TerminalSession(
                target, ChannelStreams.open(channels, new RemoteChannel.Purpose.Terminal(request), deadline));
    }

    @Override
    public OutputStream input() {
        return streams.output();
    }

    @Override
    public InputStream output() {
        return streams.input();
    }

    @Override
    public void resize(TerminalSize size) {
        streams.channel().resize(size);
    }

    @Override
    public boolean awaitEnd(Duration atMost) {
        try {
            Deadline.in(atMost).await(streams.channel().ended(), target, Phase.EXEC, "running a shell");
            return true;
        } catch (TransportTimeoutException e) {
            return false;
        }
    }

    @Override
    public OptionalInt exitStatus() {
        Integer status = streams.channel().exitStatus();
        return status == null ? OptionalInt.empty() : OptionalInt.of(status);
    }

    @Override
    public Optional<String> signal() {
        return Optional.ofNullable(streams.channel().exitSignal());
    }

    @Override
    public void close() {
        streams.close();
    }
}
