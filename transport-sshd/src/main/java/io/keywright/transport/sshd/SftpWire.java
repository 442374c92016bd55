package io.keywright.transport.sshd;

import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.CallFailed;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.BufferException;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Requests and responses of SFTP version 3 on a channel, matched by their ids (draft-ietf-secsh-filexfer-02, section 3).
 *
 * <pre>
 * packet:   uint32 length, byte type, [uint32 request-id], type specific content
 * INIT:     byte 1, uint32 version                 VERSION: byte 2, uint32 version, (string name, string data)*
 * </pre>
 *
 * <p>Several requests may be outstanding at once.
 */
final class SftpWire implements OutgoingChannel.Receiver {
    /** OpenSSH's own bound on a packet, plus room for what surrounds 256 KiB of data. */
    private static final int MAX_PACKET_BYTES = (256 << 10) + 1024;

    private static final byte INIT = 1;
    private static final int VERSION = 2;
    private static final int SPOKEN_VERSION = 3;
    private static final int LENGTH_BYTES = 4;

    private final SshTarget target;
    private final SessionChannel channel;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Reply>> outstanding = new ConcurrentHashMap<>();
    private final CompletableFuture<Buffer> version = new CompletableFuture<>();
    private byte[] packet = new byte[LENGTH_BYTES];
    private int filled;
    private int expected = LENGTH_BYTES;
    private boolean inBody;
    private volatile @Nullable CallFailed dead;

    /** A response without its length and id. */
    record Reply(int type, Buffer content) {}

    SftpWire(SshTarget target) {
        this.target = target;
        this.channel = SessionChannel.subsystem(target, "sftp", this);
        // However the channel ends, no request is answered after that.
        CompletableFuture<?> unused = channel.ended().whenComplete((nothing, failure) -> {
            if (failure instanceof CallFailed failed) {
                die(failed);
            } else if (version.isDone()) {
                die(new CallFailed(() ->
                        new ConnectionLostException(target, Phase.SFTP, "the server ended the SFTP session", null)));
            } else {
                die(notSftp("ended without a word of SFTP"));
            }
        });
    }

    SessionChannel channel() {
        return channel;
    }

    /** Says hello; the answer is the rest of the server's VERSION packet. */
    CompletableFuture<Buffer> start() {
        Buffer hello = new ByteArrayBuffer();
        hello.putInt(1 + LENGTH_BYTES);
        hello.putByte(INIT);
        hello.putInt(SPOKEN_VERSION);
        channel.write(hello.getCompactData());
        return version;
    }

    /** Sends a request. The future completes with the response, or fails when there will be none. */
    CompletableFuture<Reply> send(int type, Consumer<Buffer> content) {
        int id = lastId.incrementAndGet();
        Buffer request = new ByteArrayBuffer();
        request.putInt(0); // the length, put right below
        request.putByte((byte) type);
        request.putInt(id);
        content.accept(request);
        int end = request.wpos();
        request.wpos(0);
        request.putInt(end - LENGTH_BYTES);
        request.wpos(end);
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        outstanding.put(id, reply);
        CallFailed failure = dead;
        if (failure != null) {
            reply.completeExceptionally(failure);
            outstanding.remove(id);
        } else {
            channel.write(request.getCompactData());
        }
        return reply;
    }

    /** The server's answer makes no sense. */
    TransportException broken(String problem) {
        return new TransportException(
                target, Phase.SFTP, false, "the server broke the SFTP protocol: " + problem, null);
    }

    @Override
    public void standardOutput(byte[] data, int offset, int length) {
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

    @Override
    public void standardError(byte[] data, int offset, int length) {
        // A server's chatter; the protocol runs on standard output alone.
    }

    private void complete() {
        if (inBody) {
            try {
                receive(new ByteArrayBuffer(packet, 0, expected));
            } catch (BufferException e) {
                die(new CallFailed(() -> broken("a packet ends early")));
            }
            expect(LENGTH_BYTES, false);
            return;
        }
        int size = new ByteArrayBuffer(packet, 0, LENGTH_BYTES).getInt();
        if (size < 1 || size > MAX_PACKET_BYTES) {
            die(
                    version.isDone()
                            ? new CallFailed(() -> broken("a packet of " + (size & 0xffffffffL) + " bytes"))
                            : notSftp("printed something else"));
        } else {
            expect(size, true);
        }
    }

    private void expect(int bytes, boolean body) {
        expected = bytes;
        inBody = body;
        filled = 0;
        packet = new byte[bytes];
    }

    private void receive(Buffer content) {
        int type = content.getUByte();
        if (type == VERSION) {
            int spoken = content.getInt();
            if (spoken != SPOKEN_VERSION) {
                die(new CallFailed(() -> broken("version " + spoken + " where 3 was offered")));
            } else {
                version.complete(content);
            }
            return;
        }
        CompletableFuture<Reply> reply = outstanding.remove(content.getInt());
        if (reply == null) {
            die(new CallFailed(() -> broken("a response to no request")));
        } else {
            reply.complete(new Reply(type, content));
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
