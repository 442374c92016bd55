package io.keywright.transport.sshj;

import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.function.Supplier;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.transport.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * A key exchange of one message each way (RFC 4253, section 8; RFC 5656, section 4; RFC 8731).
 *
 * <pre>
 * client: byte 30, string or mpint value          server: byte 31, string host key, value, string signature
 * </pre>
 */
final class OneRoundKeyExchange extends SignedKeyExchange {
    private final Supplier<Agreement> agreements;
    private @Nullable Agreement agreement;

    OneRoundKeyExchange(String hash, Supplier<Agreement> agreements) {
        super(hash);
        this.agreements = agreements;
    }

    @Override
    void begin() throws TransportException {
        Agreement mine = agreements.get();
        agreement = mine;
        send(new SSHPacket(Message.KEXDH_INIT).putBytes(mine.publicValue()));
    }

    @Override
    public boolean next(Message message, SSHPacket packet) throws GeneralSecurityException, TransportException {
        if (message != Message.KEXDH_31) {
            throw unexpected(message);
        }
        finish(Objects.requireNonNull(agreement, "answered before it began"), packet, new byte[0]);
        return true;
    }
}
