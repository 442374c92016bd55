package io.keywright.transport.sshj;

import io.keywright.transport.ShellRequest;
import io.keywright.transport.ShellSession;
import io.keywright.transport.TerminalSize;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.internal.Deadline;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.schmizz.sshj.common.Buffer;

/**
 * A shell in a terminal on a channel of its own (RFC 4254, sections 6.2, 6.5 and 6.7).
 *
 * <pre>
 * pty-req:       string TERM, uint32 columns, uint32 rows, uint32 width and height in pixels, string modes (none: 0)
 * window-change: uint32 columns, uint32 rows, uint32 width and height in pixels
 * </pre>
 */
final class SshjShellSession implements ShellSession {
    private static final byte[] NO_MODES = {0};

    private final ChannelStreams streams;

    private SshjShellSession(ChannelStreams streams) {
        this.streams = streams;
    }

    static SshjShellSession open(Link link, ShellRequest request) {
        Buffer.PlainBuffer terminal = new Buffer.PlainBuffer().putString(request.terminal());
        putSize(terminal, request.size()).putString(NO_MODES);
        List<LinkChannel.Request> requests = List.of(
                new LinkChannel.Request("pty-req", terminal, "for a terminal", Phase.CHANNEL),
                request.command()
                        .map(LinkChannel::exec)
                        .orElseGet(() ->
                                new LinkChannel.Request("shell", new Buffer.PlainBuffer(), "for a shell", Phase.EXEC)));
        return new SshjShellSession(new ChannelStreams(
                link,
                (on, receiver) -> LinkChannel.session(on, requests, receiver),
                Deadline.in(link.target().timeouts().request())));
    }

    private static Buffer.PlainBuffer putSize(Buffer.PlainBuffer buffer, TerminalSize size) {
        return buffer.putUInt32(size.columns())
                .putUInt32(size.rows())
                .putUInt32(0)
                .putUInt32(0);
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
        streams.channel().tell("window-change", putSize(new Buffer.PlainBuffer(), size));
    }

    @Override
    public boolean awaitEnd(Duration atMost) {
        try {
            Deadline.in(atMost)
                    .await(streams.channel().ended(), streams.channel().target(), Phase.EXEC, "running a shell");
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
