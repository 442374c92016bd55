package io.keywright.testkit.fleet;

import io.keywright.SshPublicKey;
import io.keywright.testkit.fleet.ServerSession.Answer;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.KeySigner;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.Route;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.UnreachableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The transport SPI over an {@link InMemoryFleet}, for one process. */
final class SimulatedTransport implements SshTransport {
    private final InMemoryFleet fleet;
    private final SimulatedProcess process;
    private final Set<SimulatedConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    SimulatedTransport(InMemoryFleet fleet, SimulatedProcess process) {
        this.fleet = fleet;
        this.process = process;
    }

    @Override
    public String name() {
        return "in-memory";
    }

    @Override
    public SshConnection connect(ConnectRequest request) {
        Wire wire = new Wire(fleet, process, request.target());
        boolean done = false;
        try {
            SshPublicKey hostKey = open(wire);
            List<ProbeAnswer> answers = new ArrayList<>();
            for (SshPublicKey key : request.probes()) {
                answers.add(probe(wire, key, false));
            }
            logIn(wire, request.logIn(), request.probes().isEmpty());
            SimulatedConnection connection = new SimulatedConnection(wire, hostKey, answers, connections::remove);
            connections.add(connection);
            done = true;
            return connection;
        } finally {
            if (!done) {
                wire.drop();
            }
        }
    }

    @Override
    public ProbeReport probe(SshTarget target, List<SshPublicKey> keys) {
        Wire wire = new Wire(fleet, process, target);
        try {
            SshPublicKey hostKey = open(wire);
            String version = wire.session().config().version();
            List<ProbeAnswer> answers = new ArrayList<>();
            for (SshPublicKey key : keys) {
                answers.add(probe(wire, key, answers.size() == keys.size() - 1));
            }
            if (wire.isOpen()) {
                SimulatedConnection.hangUp(wire);
            }
            return new ProbeReport(hostKey, version, answers);
        } finally {
            wire.drop();
        }
    }

    private SshPublicKey open(Wire wire) {
        if (closed) {
            throw new IllegalStateException("the transport is closed");
        }
        SshTarget target = wire.target();
        if (!target.route().equals(Route.DIRECT)) {
            throw new UnsupportedOperationException("the in-memory fleet is reached directly, not " + target.route());
        }
        String detail = target.host() + ":" + target.port();
        return wire.step(Verb.CONNECT, detail, target.timeouts().connect(), attempt -> {
            Device device = fleet.answering(target.host(), target.port());
            if (device == null) {
                throw new UnreachableException(target, Phase.CONNECT, "nobody answers there", null);
            } else if (device.isSilent()) {
                fleet.clock().advance(target.timeouts().connect());
                throw new TransportTimeoutException(target, Phase.CONNECT, "no answer", null);
            } else if (!device.isUp()) {
                throw new UnreachableException(target, Phase.CONNECT, "connection refused", null);
            } else if (!device.admitsConnection(process.address())) {
                throw new ConnectionLostException(target, Phase.KEY_EXCHANGE, "the server hung up at once", null);
            }
            SshPublicKey hostKey = presented(device, target);
            HostKeyVerdict verdict = target.hostKeys().verify(target.host(), target.port(), hostKey);
            if (verdict.status() != HostKeyVerdict.Status.ACCEPTED) {
                throw new HostKeyRejectedException(target, hostKey, verdict);
            }
            wire.connected(ServerSession.open(device, process, target.user()));
            return hostKey;
        });
    }

    /** The server's key that the client prefers: the first of a known algorithm, else the server's first. */
    private static SshPublicKey presented(Device device, SshTarget target) {
        List<String> known = target.hostKeys().knownAlgorithms(target.host(), target.port());
        return device.hostKeys().stream()
                .min(Comparator.comparingInt(
                        key -> known.contains(key.algorithm()) ? known.indexOf(key.algorithm()) : Integer.MAX_VALUE))
                .orElseThrow();
    }

    private static ProbeAnswer probe(Wire wire, SshPublicKey key, boolean lastQuestion) {
        SshTarget target = wire.target();
        String detail = key.fingerprint().toString();
        return wire.step(Verb.PROBE, detail, target.timeouts().authentication(), attempt -> {
            Answer answer = wire.session().probe(key, attempt.isRefusing());
            if (answer == Answer.YES) {
                return ProbeAnswer.ACCEPTED;
            }
            attempt.refused();
            List<String> methods = wire.session().config().methods();
            if (answer == Answer.HUNG_UP && !lastQuestion) {
                throw tooMany(target);
            } else if (answer == Answer.NO && !methods.contains("publickey")) {
                throw new TransportException(
                        target, Phase.AUTHENTICATION, false, "the server takes no public keys: " + methods, null);
            }
            return ProbeAnswer.REFUSED;
        });
    }

    private static void logIn(Wire wire, LogIn logIn, boolean nothingElseWasAsked) {
        SshTarget target = wire.target();
        boolean withKey = !(logIn instanceof LogIn.Password);
        String described = described(logIn);
        ServerSession session = wire.session();
        wire.<Answer>step(Verb.LOG_IN, described, target.timeouts().authentication(), attempt -> {
            Answer answer = attempt(session, logIn, attempt.isRefusing());
            if (answer == Answer.NO || (answer == Answer.HUNG_UP && withKey && nothingElseWasAsked)) {
                List<String> left = answer == Answer.NO ? session.config().methods() : List.of();
                throw new AuthenticationRefusedException(target, "refused " + described, left, null);
            } else if (answer == Answer.HUNG_UP) {
                attempt.refused();
                throw tooMany(target);
            }
            return answer;
        });
    }

    private static String described(LogIn logIn) {
        if (logIn instanceof LogIn.Key key) {
            return "the key " + key.pair().publicKey().fingerprint();
        } else if (logIn instanceof LogIn.Signer key) {
            return "the key " + key.signer().publicKey().fingerprint();
        }
        return "a password";
    }

    private static Answer attempt(ServerSession session, LogIn logIn, boolean refusing) {
        if (logIn instanceof LogIn.Key key) {
            return session.logIn(KeySigner.of(key.pair()), refusing);
        } else if (logIn instanceof LogIn.Signer key) {
            return session.logIn(key.signer(), refusing);
        } else if (logIn instanceof LogIn.Password password) {
            return session.logIn(password.password(), refusing);
        }
        throw new UnsupportedOperationException("the in-memory fleet has neither agents nor prompts");
    }

    private static AuthenticationLimitException tooMany(SshTarget target) {
        return new AuthenticationLimitException(target, "Too many authentication failures", null);
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(connections).forEach(SimulatedConnection::close);
    }

    /** Says which process uses it. */
    @Override
    public String toString() {
        return "SimulatedTransport[" + process.name() + "]";
    }
}
