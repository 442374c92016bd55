package io.keywright.transport.sshj;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What sshj reads of a server: everything from its identification on (RFC 4253, section 4.2). Lines before that are told to
 * the handshake, within bounds that sshj does not have, and so is the end.
 */
final class ServerInput extends InputStream {
    // OpenSSH's own bounds.
    private static final int MAX_LINES = 1024;
    private static final int MAX_LINE_BYTES = 8192;
    private static final String IDENTIFICATION = "SSH-";
    // A packet of a chatty protocol fits in; larger ones are read directly.
    private static final int BUFFER_BYTES = 4096;

    private final InputStream source;
    private final SshjHandshake handshake;
    private final Activity activity;
    private byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int end;
    private boolean identified;

    ServerInput(InputStream source, SshjHandshake handshake, Activity activity) {
        this.source = source;
        this.handshake = handshake;
        this.activity = activity;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, to.length);
        if (!identified) {
            identify();
        }
        if (position == end) {
            if (length >= BUFFER_BYTES) {
                return heard(source.read(to, offset, length));
            }
            if (!fill()) {
                return -1;
            }
        }
        int count = Math.min(length, end - position);
        System.arraycopy(buffer, position, to, offset, count);
        position += count;
        return count;
    }

    /** Skips to the identification, and makes it the first thing in the buffer. */
    private void identify() throws IOException {
        for (int lines = 0; lines < MAX_LINES; lines++) {
            byte[] line = readLine();
            String text = new String(line, StandardCharsets.UTF_8).stripTrailing();
            if (text.startsWith(IDENTIFICATION)) {
                handshake.heardLine(text);
                unread(line);
                identified = true;
                return;
            }
            handshake.heardLine(text);
            if (line.length == 0) {
                identified = true; // the end, which sshj finds out next
                return;
            }
        }
        throw new IOException("no identification within " + MAX_LINES + " lines");
    }

    /** Reads up to the end of the line, or of everything. */
    private byte[] readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < MAX_LINE_BYTES) {
            if (position == end && !fill()) {
                return line.toByteArray();
            }
            byte next = buffer[position++];
            line.write(next);
            if (next == '\n') {
                return line.toByteArray();
            }
        }
        throw new IOException("no identification: a line has more than " + MAX_LINE_BYTES + " bytes");
    }

    private void unread(byte[] line) {
        byte[] rest = new byte[Math.max(BUFFER_BYTES, line.length + end - position)];
        System.arraycopy(line, 0, rest, 0, line.length);
        System.arraycopy(buffer, position, rest, line.length, end - position);
        end = line.length + end - position;
        position = 0;
        buffer = rest;
    }

    private boolean fill() throws IOException {
        position = 0;
        end = Math.max(0, heard(source.read(buffer, 0, buffer.length)));
        return end > 0;
    }

    private int heard(int count) {
        if (count < 0) {
            handshake.heardEnd();
        } else {
            activity.received();
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
