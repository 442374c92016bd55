package io.keywright.transport.internal;

import io.keywright.MalformedKeyException;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests and responses of SFTP version 3 on a channel, matched by their ids (draft-ietf-secsh-filexfer-02, section 3).
 *
 * <pre>
 * packet:   uint32 length, byte type, [uint32 request-id], type specific content
 * INIT:     byte 1, uint32 version                 VERSION: byte 2, uint32 version, (string name, string data)*
 * </pre>
 *
 * <p>Several requests may be outstanding at once. They are collected until {@link #sendUpTo}, so that those which do not wait for
 * each other's answers travel in one packet, which is encrypted and sent once.
 */
final class SftpWire implements Subsystem.Output {
    /** OpenSSH's own bound on a packet, plus room for what surrounds 256 KiB of data. */
    private static final int MAX_PACKET_BYTES = (256 << 10) + 1024;

    private static final int INIT = 1;
    private static final int VERSION = 2;
    private static final int SPOKEN_VERSION = 3;
    private static final int LENGTH_BYTES = 4;
    // More in one piece would only pile up: a packet of SSH's takes about as much.
    private static final int MAX_COLLECTED_BYTES = 32 << 10;

    private final SshTarget target;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, Asked> outstanding = new ConcurrentHashMap<>();
    private final CompletableFuture<WireReader> version = new CompletableFuture<>();
    private final AtomicBoolean greeted = new AtomicBoolean();
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private int lastCollected;
    private int lastSent;
    private byte[] packet = new byte[LENGTH_BYTES];
    private int filled;
    private int expected = LENGTH_BYTES;
    private boolean inBody;
    private volatile @Nullable CallFailed dead;
    private @Nullable Subsystem subsystem;

    /** A response without its length and id. */
    static final class Reply {
        private final int type;
        private final byte[] body;

        Reply(int type, byte[] body) {
            this.type = type;
            this.body = body;
        }

        int type() {
            return type;
        }

        /** Reads the body from its beginning. */
        WireReader content() {
            return new WireReader("SFTP response", body);
        }
    }

    /** A request, and the response to come. */
    static final class Asked extends CompletableFuture<Reply> {
        private final int id;

        private Asked(int id) {
            this.id = id;
        }
    }

    SftpWire(SshTarget target) {
        this.target = target;
    }

    /** Says hello without waiting for the server's consent, once. */
    @Override
    public void asked(Subsystem started) {
        if (greeted.compareAndSet(false, true)) {
            try (WireWriter hello = new WireWriter()) {
                hello.writeUint32(1 + LENGTH_BYTES).writeByte(INIT).writeUint32(SPOKEN_VERSION);
                started.write(hello.toByteArray());
            }
        }
    }

    /** Says hello, unless that is done; the answer is the rest of the server's VERSION packet. */
    CompletableFuture<WireReader> start(Subsystem started) {
        subsystem = started;
        // However the channel ends, no request is answered after that.
        CompletableFuture<?> unused = started.ended().whenComplete((nothing, failure) -> {
            if (failure instanceof CallFailed failed) {
                die(failed);
            } else if (version.isDone()) {
                die(new CallFailed(() ->
                        new ConnectionLostException(target, Phase.SFTP, "the server ended the SFTP session", null)));
            } else {
                die(notSftp("ended without a word of SFTP"));
            }
        });
        asked(started);
        return version;
    }

    /** Takes a request to be sent. The future completes with the response, or fails when there will be none. */
    Asked send(int type, Consumer<WireWriter> content) {
        int id = lastId.incrementAndGet();
        byte[] request = request(type, id, content);
        Asked reply = new Asked(id);
        outstanding.put(id, reply);
        CallFailed failure = dead;
        if (failure != null) {
            reply.completeExceptionally(failure);
            outstanding.remove(id);
        } else {
            synchronized (collected) {
                collected.writeBytes(request);
                lastCollected = id;
                if (collected.size() >= MAX_COLLECTED_BYTES) {
                    flush();
                }
            }
        }
        return reply;
    }

    /** Sends what has been collected, unless a request is on its way already; to be called before waiting for its answer. */
    void sendUpTo(Asked request) {
        synchronized (collected) {
            if (request.id - lastSent > 0 && collected.size() > 0) {
                flush();
            }
        }
    }

    private void flush() {
        Objects.requireNonNull(subsystem, "nothing is sent before hello").write(collected.toByteArray());
        collected.reset();
        lastSent = lastCollected;
    }

    private static byte[] request(int type, int id, Consumer<WireWriter> content) {
        try (WireWriter body = new WireWriter();
                WireWriter packet = new WireWriter()) {
            body.writeByte(type).writeUint32(id & 0xffff_ffffL);
            content.accept(body);
            return packet.writeString(body.toByteArray()).toByteArray();
        }
    }

    /** The server's answer makes no sense. */
    TransportException broken(String problem) {
        return new TransportException(
                target, Phase.SFTP, false, "the server broke the SFTP protocol: " + problem, null);
    }

    @Override
    public void receive(byte[] data, int offset, int length) {
        int from = offset;
        int end = offset + length;
        while (from < end && dead == null) {
            int take = Math.min(end - from, expected - filled);
            System.arraycopy(data, from, packet, filled, take);
            filled += take;
            from += take;
            if (filled == expected) {
                complete();
            }
        }
    }

    private void complete() {
        if (inBody) {
            try {
                receive(packet);
            } catch (MalformedKeyException e) {
                die(new CallFailed(() -> broken("a packet ends early")));
            }
            expect(LENGTH_BYTES, false);
            return;
        }
        long size = new WireReader("SFTP packet", packet).readUint32("length");
        if (size < 1 || size > MAX_PACKET_BYTES) {
            die(
                    version.isDone()
                            ? new CallFailed(() -> broken("a packet of " + size + " bytes"))
                            : notSftp("printed something else"));
        } else {
            expect((int) size, true);
        }
    }

    private void expect(int bytes, boolean body) {
        expected = bytes;
        inBody = body;
        filled = 0;
        packet = new byte[bytes];
    }

    private void receive(byte[] received) {
        WireReader content = new WireReader("SFTP packet", received);
        int type = content.readByte("type");
        if (type == VERSION) {
            long spoken = content.readUint32("version");
            if (spoken != SPOKEN_VERSION) {
                die(new CallFailed(() -> broken("version " + spoken + " where 3 was offered")));
            } else {
                version.complete(content);
            }
            return;
        }
        Asked reply = outstanding.remove((int) content.readUint32("request id"));
        if (reply == null) {
            die(new CallFailed(() -> broken("a response to no request")));
        } else {
            reply.complete(new Reply(type, content.readBytes(content.remaining(), "content")));
        }
    }

    /** A forced command runs in place of the subsystem, and a login script may print before it starts. */
    private CallFailed notSftp(String instead) {
        return new CallFailed(() -> new ChannelRefusedException(
                target,
                Phase.SFTP,
                "what runs there in place of SFTP " + instead
                        + ": does the key have a forced command, or a login script an output?",
                null));
    }

    private void die(CallFailed failure) {
        dead = failure;
        version.completeExceptionally(failure);
        outstanding.values().forEach(reply -> reply.completeExceptionally(failure));
        outstanding.clear();
    }
}
