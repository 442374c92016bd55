package io.keywright.testkit.transport;

import io.keywright.transport.SshTransport;
import org.junit.jupiter.api.Nested;

/**
 * What every {@link SshTransport} must do, against a server that can be set up as {@link ServerOptions} say. Extend it, say
 * how to make a transport, and how to start a server; {@link OpenSshTransportContractTest} and {@link
 * DropbearTransportContractTest} have the server already.
 */
public abstract class TransportContractTest extends AnyServerContractTest {

    /** For subclasses. */
    protected TransportContractTest() {}

    /** Answering what the server asks. */
    @Nested
    class Prompts extends PromptContract {
        Prompts() {
            super(TransportContractTest.this);
        }
    }

    /** Servers that take few questions about keys, or none. */
    @Nested
    class Limits extends LimitContract {
        Limits() {
            super(TransportContractTest.this);
        }
    }
}
