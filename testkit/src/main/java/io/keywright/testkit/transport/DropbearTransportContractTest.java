package io.keywright.testkit.transport;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywright.SshPublicKey;
import io.keywright.testkit.server.DropbearServer;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.testkit.transport.ServerOptions.Method;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/**
 * What every transport must do, against a real dropbear with OpenSSH's {@code sftp-server}. Run as root.
 *
 * <p>These parts of {@link TransportContractTest} are not in it, since dropbear 2022.83 cannot serve them:
 *
 * <ul>
 *   <li>{@code Prompts}: without PAM it has no keyboard-interactive authentication;
 *   <li>{@code Limits}: it cannot be told to take no public keys, and a key that it refuses is no failed attempt to it, so
 *       that any number of them may be asked about.
 * </ul>
 */
@Tag("once")
public abstract class DropbearTransportContractTest extends AnyServerContractTest {

    /** For subclasses. */
    protected DropbearTransportContractTest() {}

    @BeforeAll
    void accountsAreRoots() {
        assumeThat(OpenSshServer.isRoot()).isTrue();
    }

    @Override
    protected final ContractServer startServer(ServerOptions options) {
        return new RealDropbear(options);
    }

    /** Terminals and signals. */
    @Nested
    class Processes extends ProcessContract {
        Processes() {
            super(DropbearTransportContractTest.this);
        }
    }

    /** A dropbear as the contract wants it. */
    private static final class RealDropbear implements ContractServer {
        // It hangs up at once on the sixth client of an address that has not logged in yet, without a word.
        private static final int LOG_INS_AT_ONCE = 4;

        private final DropbearServer server;

        RealDropbear(ServerOptions options) {
            if (!options.methods().contains(Method.PUBLIC_KEY)
                    || options.methods().contains(Method.KEYBOARD_INTERACTIVE)) {
                throw new IllegalArgumentException("dropbear cannot be set up for " + options.methods());
            }
            DropbearServer.Builder builder = DropbearServer.builder()
                    .withHostKeys(options.hostKeyTypes().toArray(new String[0]))
                    .withMaxTries(options.maxTries());
            if (options.methods().contains(Method.PASSWORD)) {
                builder.withPasswordAuthentication();
            }
            if (!options.sftp()) {
                builder.withoutSftp("exec sh");
            }
            server = builder.start();
        }

        @Override
        public String host() {
            return server.host();
        }

        @Override
        public int port() {
            return server.port();
        }

        @Override
        public List<SshPublicKey> hostKeys() {
            return server.hostKeys();
        }

        @Override
        public Account addAccount() {
            ServerAccount account = server.addAccount();
            return new RealAccount(account, account.home());
        }

        @Override
        public int logInsAtOnce() {
            return LOG_INS_AT_ONCE;
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
