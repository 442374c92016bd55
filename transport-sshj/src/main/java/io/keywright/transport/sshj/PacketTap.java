package io.keywright.transport.sshj;

import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.transport.compression.Compression;

/**
 * "Compression" that compresses nothing, but sees each packet that the server sends: the one place where sshj shows those
 * that it swallows (the list of signature algorithms, RFC 8308) or retells (why the server hangs up).
 */
@SuppressWarnings({"rawtypes", "unchecked"}) // sshj's interface has raw types
final class PacketTap implements Compression {
    private final SshjHandshake handshake;

    PacketTap(SshjHandshake handshake) {
        this.handshake = handshake;
    }

    @Override
    public void init(Mode mode) {
        // nothing to prepare
    }

    @Override
    public boolean isDelayed() {
        return false;
    }

    @Override
    public void compress(Buffer buffer) {
        // goes out as it is
    }

    @Override
    public void uncompress(Buffer from, Buffer to) {
        byte number = from.array()[from.rpos()];
        if (from.available() > 0 && (number == Message.EXT_INFO.toByte() || number == Message.DISCONNECT.toByte())) {
            Buffer.PlainBuffer body = new Buffer.PlainBuffer(from.getCompactData());
            body.rpos(1);
            handshake.overheard(Message.fromByte(number), body);
        }
        to.putRawBytes(from.array(), from.rpos(), from.available());
    }
}
