package io.keywright.transport.sshj;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Bytes to a server and from it: a socket, or a channel of a jump host. */
interface Wire extends AutoCloseable {

    InputStream input();

    OutputStream output();

    /** Closes both directions at once; whoever reads or writes gets an exception. Closing again does nothing. */
    @Override
    void close();

    /** A socket. */
    static Wire of(java.net.Socket socket) throws IOException {
        InputStream input = socket.getInputStream();
        OutputStream output = socket.getOutputStream();
        return new Wire() {
            @Override
            public InputStream input() {
                return input;
            }

            @Override
            public OutputStream output() {
                return output;
            }

            @Override
            public void close() {
                net.schmizz.sshj.common.IOUtils.closeQuietly(socket);
            }
        };
    }
}
