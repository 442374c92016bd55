package io.keywright.testkit.transport;

import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What every {@link SshTransport} must do against any server, however little that server can be set up to do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(ThreadsOfATimeout.class)
abstract class AnyServerContractTest {
    private final Map<ServerOptions, ContractServer> servers = new HashMap<>();
    private SshTransport transport = NoTransport.INSTANCE;

    /**
     * Creates the transport under test.
     *
     * @return a new transport; the test closes it
     */
    protected abstract SshTransport createTransport();

    /**
     * Starts a server.
     *
     * @param options what the test needs
     * @return a server that accepts connections; the test closes it
     */
    protected abstract ContractServer startServer(ServerOptions options);

    @BeforeAll
    void openTransport() {
        transport = createTransport();
    }

    @AfterAll
    void closeEverything() {
        transport.close();
        servers.values().forEach(ContractServer::close);
    }

    /**
     * Returns the transport that the tests share.
     *
     * @return the transport under test
     */
    protected final SshTransport transport() {
        return transport;
    }

    /**
     * Returns a server with these options, which tests share.
     *
     * @param options what the test needs
     * @return a running server
     */
    protected final ContractServer server(ServerOptions options) {
        return servers.computeIfAbsent(options, this::startServer);
    }

    /** Logging in. */
    @Nested
    class Connect extends LogInContract {
        Connect() {
            super(AnyServerContractTest.this);
        }
    }

    /** Logging in with an agent. */
    @Nested
    class Agents extends AgentContract {
        Agents() {
            super(AnyServerContractTest.this);
        }
    }

    /** Asking about keys. */
    @Nested
    class Probe extends ProbeContract {
        Probe() {
            super(AnyServerContractTest.this);
        }
    }

    /** Recognising the server. */
    @Nested
    class HostKeys extends HostKeyContract {
        HostKeys() {
            super(AnyServerContractTest.this);
        }
    }

    /** Running commands. */
    @Nested
    class Exec extends ExecContract {
        Exec() {
            super(AnyServerContractTest.this);
        }
    }

    /** Files. */
    @Nested
    class Sftp extends SftpContract {
        Sftp() {
            super(AnyServerContractTest.this);
        }
    }

    /** Jump hosts and proxies. */
    @Nested
    class Routes extends RouteContract {
        Routes() {
            super(AnyServerContractTest.this);
        }
    }

    /** Destinations beyond the server. */
    @Nested
    class Forwarding extends ForwardingContract {
        Forwarding() {
            super(AnyServerContractTest.this);
        }
    }

    /** Idle connections and signs of life. */
    @Nested
    class Liveness extends LivenessContract {
        Liveness() {
            super(AnyServerContractTest.this);
        }
    }

    /** What goes wrong on the way. */
    @Nested
    class Failures extends FailureContract {
        Failures() {
            super(AnyServerContractTest.this);
        }
    }

    /** The end of connections and transports. */
    @Nested
    class Close extends CloseContract {
        Close() {
            super(AnyServerContractTest.this);
        }
    }

    /** Stands for the transport until the test has made one. */
    private enum NoTransport implements SshTransport {
        INSTANCE;

        @Override
        public SshConnection connect(ConnectRequest request) {
            throw new IllegalStateException("the test has not begun");
        }

        @Override
        public ProbeReport probe(SshTarget target, List<SshPublicKey> keys) {
            throw new IllegalStateException("the test has not begun");
        }

        @Override
        public void close() {
            // nothing to close
        }
    }
}
