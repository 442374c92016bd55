package io.keywright.transport.sshd;

import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ShellRequest;
import io.keywright.transport.ShellSession;
import io.keywright.transport.TerminalSize;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.internal.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** A shell in a terminal on a channel of its own. */
final class SshdShellSession implements ShellSession {
    private final Link link;
    private final SessionChannel channel;
    private final ChannelStreams streams;

    private SshdShellSession(Link link, SessionChannel channel, ChannelStreams streams) {
        this.link = link;
        this.channel = channel;
        this.streams = streams;
    }

    static SshdShellSession open(Link link, ShellRequest request) {
        ChannelStreams streams = new ChannelStreams(receiver -> SessionChannel.shell(link.target(), request, receiver));
        link.open(streams.channel(), Deadline.in(link.target().timeouts().request()));
        return new SshdShellSession(link, (SessionChannel) streams.channel(), streams);
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
        try {
            channel.resize(size);
        } catch (IOException e) {
            throw new ConnectionLostException(link.target(), Phase.EXEC, "the terminal is gone", e);
        }
    }

    @Override
    public boolean awaitEnd(Duration atMost) {
        try {
            Deadline.in(atMost).await(channel.ended(), link.target(), Phase.EXEC, "running a shell");
            return true;
        } catch (TransportTimeoutException e) {
            return false;
        }
    }

    @Override
    public OptionalInt exitStatus() {
        Integer status = channel.getExitStatus();
        return status == null ? OptionalInt.empty() : OptionalInt.of(status);
    }

    @Override
    public Optional<String> signal() {
        return Optional.ofNullable(channel.getExitSignal());
    }

    @Override
    public void close() {
        streams.close();
    }
}
