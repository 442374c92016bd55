package io.keywright.testkit.fleet;

import io.keywright.LimitExceededException;
import io.keywright.SshPublicKey;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import java.util.List;
import java.util.function.Consumer;

/** A logged-in connection to a simulated server. */
final class SimulatedConnection implements SshConnection {
    private final Wire wire;
    private final SshPublicKey hostKey;
    private final List<ProbeAnswer> probes;
    private final Consumer<SimulatedConnection> onClose;

    SimulatedConnection(
            Wire wire, SshPublicKey hostKey, List<ProbeAnswer> probes, Consumer<SimulatedConnection> onClose) {
        this.wire = wire;
        this.hostKey = hostKey;
        this.probes = List.copyOf(probes);
        this.onClose = onClose;
    }

    @Override
    public SshTarget target() {
        return wire.target();
    }

    @Override
    public SshPublicKey hostKey() {
        return hostKey;
    }

    @Override
    public String serverVersion() {
        return wire.session().config().version();
    }

    @Override
    public List<ProbeAnswer> probes() {
        return probes;
    }

    @Override
    public ExecResult exec(ExecRequest request) {
        return wire.step(
                Verb.EXEC,
                request.command(),
                request.timeout().orElse(target().timeouts().request()),
                attempt -> {
                    requireSession(attempt, Phase.EXEC);
                    ExecResult result = run(request.command(), request.stdin());
                    requireWithin(result.stdout().length, request);
                    requireWithin(result.stderr().length, request);
                    return result;
                });
    }

    private ExecResult run(String requested, byte[] stdin) {
        ServerSession session = wire.session();
        String command = session.forcedCommand().orElse(requested);
        return session.device().run(new CommandCall(session.account(), command, requested, stdin));
    }

    private static void requireWithin(int bytes, ExecRequest request) {
        if (bytes > request.outputLimitBytes()) {
            throw new LimitExceededException(
                    "bytes of output", bytes, request.outputLimitBytes(), "ExecRequest.withOutputLimit raises it");
        }
    }

    @Override
    public SftpSession openSftp() {
        ServerSession session = wire.session();
        return wire.step(Verb.OPEN_SFTP, "sftp", target().timeouts().request(), attempt -> {
            requireSession(attempt, Phase.CHANNEL);
            String forced = session.forcedCommand().orElse("internal-sftp");
            if (!isSftpServer(forced)) {
                run("sftp", new byte[0]); // it runs all the same, and what it prints is no SFTP
                throw refused(Phase.CHANNEL, "a forced command runs instead of SFTP");
            }
            if (!session.config().sftp()) {
                throw refused(Phase.CHANNEL, "subsystem request failed");
            }
            return new SimulatedSftp(wire);
        });
    }

    private static boolean isSftpServer(String command) {
        String program = command.strip().split("\\s+", 2)[0];
        return program.equals("internal-sftp") || program.endsWith("/sftp-server") || program.equals("sftp-server");
    }

    private void requireSession(Wire.Attempt attempt, Phase phase) {
        if (attempt.isRefusing() || !wire.session().config().sessions()) {
            throw refused(phase, "the server opens no session");
        }
    }

    private ChannelRefusedException refused(Phase phase, String problem) {
        return new ChannelRefusedException(target(), phase, problem, null);
    }

    @Override
    public boolean isOpen() {
        return wire.isOpen();
    }

    @Override
    public void close() {
        onClose.accept(this);
        if (wire.isOpen()) {
            hangUp(wire);
        }
    }

    /** Ends a connection. That it breaks in this moment is no failure: nobody wants it any more. */
    static void hangUp(Wire wire) {
        try {
            wire.<Boolean>step(Verb.CLOSE, "", wire.target().timeouts().request(), attempt -> {
                wire.drop();
                return true;
            });
        } catch (ConnectionLostException | TransportTimeoutException brokenAnyway) {
            wire.drop();
        }
    }

    /** Says whom this connects to. */
    @Override
    public String toString() {
        return "SimulatedConnection[" + target() + "]";
    }
}
