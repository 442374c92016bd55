package io.keywright.transport.sshd;

import io.keywright.transport.ShellRequest;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TerminalSize;
import io.keywright.transport.TransportException.Phase;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.util.buffer.Buffer;

/** A channel of type "session" that runs one command, subsystem or shell (RFC 4254, section 6). */
final class SessionChannel extends OutgoingChannel {
    private static final byte END_OF_TERMINAL_MODES = 0;

    /**
     * A request on the channel.
     *
     * @param type e.g. {@code "exec"}
     * @param purpose as it reads after "the server refuses the request"
     * @param body what comes after the fields that all requests have
     */
    private record Request(String type, String purpose, Consumer<Buffer> body) {}

    private final List<Request> requests;
    private final Deque<Request> unanswered = new ArrayDeque<>();

    private SessionChannel(SshTarget target, Receiver receiver, Request... requests) {
        super("session", target, receiver);
        this.requests = List.of(requests);
    }

    /** For a command, a subsystem, or a terminal. */
    static SessionChannel of(SshTarget target, Purpose purpose, Receiver receiver) {
        if (purpose instanceof Purpose.Command command) {
            return new SessionChannel(target, receiver, exec(command.line()));
        } else if (purpose instanceof Purpose.NamedSubsystem subsystem) {
            String name = subsystem.name();
            return new SessionChannel(
                    target, receiver, new Request("subsystem", "for " + name, buffer -> buffer.putString(name)));
        } else if (purpose instanceof Purpose.Terminal terminal) {
            return shell(target, terminal.request(), receiver);
        }
        throw new IllegalArgumentException("no session is for " + purpose);
    }

    private static SessionChannel shell(SshTarget target, ShellRequest request, Receiver receiver) {
        Request terminal = new Request("pty-req", "for a terminal", buffer -> {
            buffer.putString(request.terminal());
            putSize(buffer, request.size());
            buffer.putBytes(new byte[] {END_OF_TERMINAL_MODES});
        });
        Request program = request.command()
                .map(SessionChannel::exec)
                .orElseGet(() -> new Request("shell", "for a shell", buffer -> {}));
        return new SessionChannel(target, receiver, terminal, program);
    }

    private static Request exec(String commandLine) {
        return new Request("exec", "to run a command", buffer -> buffer.putString(commandLine));
    }

    @Override
    public void resize(TerminalSize size) {
        try {
            send("window-change", false, buffer -> putSize(buffer, size));
        } catch (IOException e) {
            log.debug("{}: the terminal is gone", this, e); // as its output tells whoever reads it
        }
    }

    private static void putSize(Buffer buffer, TerminalSize size) {
        buffer.putUInt(size.columns());
        buffer.putUInt(size.rows());
        buffer.putUInt(0); // pixels are unknown
        buffer.putUInt(0);
    }

    @Override
    String purpose() {
        return requests.get(requests.size() - 1).purpose();
    }

    /** Sends all requests at once; the answers come in the same order. */
    @Override
    void opened() throws IOException {
        synchronized (unanswered) {
            unanswered.addAll(requests);
        }
        for (Request request : requests) {
            send(request.type(), true, request.body());
        }
    }

    private void send(String type, boolean wantsReply, Consumer<Buffer> body) throws IOException {
        Buffer buffer = getSession().createBuffer(SshConstants.SSH_MSG_CHANNEL_REQUEST);
        buffer.putUInt(getRecipient());
        buffer.putString(type);
        buffer.putBoolean(wantsReply);
        body.accept(buffer);
        writePacket(buffer);
    }

    @Override
    public void handleSuccess() {
        synchronized (unanswered) {
            unanswered.poll();
            if (!unanswered.isEmpty()) {
                return;
            }
        }
        isReady();
    }

    @Override
    public void handleFailure() {
        Request refused;
        synchronized (unanswered) {
            refused = unanswered.poll();
            unanswered.clear();
        }
        if (refused != null) {
            Phase phase = refused.type().equals("exec") ? Phase.EXEC : Phase.CHANNEL;
            refuse(phase, "the server refuses the request " + refused.purpose());
        }
        abandon();
    }
}
