package io.keywright.transport.sshj;

import io.keywright.transport.internal.ChannelStreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import net.schmizz.sshj.common.IOUtils;

/**
 * Bytes to a server and from it: a socket, or a channel of a jump host.
 *
 * @param hangUp closes both directions at once; whoever reads or writes gets an exception. Works again and again
 */
record Wire(InputStream input, OutputStream output, Runnable hangUp) {

    static Wire of(Socket socket) throws IOException {
        return new Wire(socket.getInputStream(), socket.getOutputStream(), () -> IOUtils.closeQuietly(socket));
    }

    static Wire of(ChannelStreams channel) {
        return new Wire(channel.input(), channel.output(), channel::close);
    }
}
