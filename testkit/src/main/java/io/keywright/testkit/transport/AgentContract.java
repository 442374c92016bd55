package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywright.SshPublicKey;
import io.keywright.testkit.server.TestAgent;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.KeySigner;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshAgent;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Logging in with OpenSSH's agent, and with keys that sign elsewhere: a part of {@link TransportContractTest}. */
abstract class AgentContract extends ContractGroup {
    AgentContract(AnyServerContractTest test) {
        super(test);
    }

    private SshTarget accountOf(SshPublicKey key) {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(key));
        return target(server, account);
    }

    private void assertLogsIn(SshTarget target, LogIn logIn) {
        try (SshConnection connection = transport.connect(ConnectRequest.of(target, logIn))) {
            assertThat(connection.isOpen()).isTrue();
        }
    }

    private static TestAgent agentWith(ContractKeys... keys) {
        TestAgent agent = TestAgent.start();
        for (ContractKeys key : keys) {
            agent.add(key.pair());
        }
        return agent;
    }

    @ParameterizedTest
    @EnumSource
    void agentsKeyOfEveryType_logsIn(ContractKeys key) {
        try (TestAgent agent = agentWith(key)) {
            assertLogsIn(accountOf(key.publicKey()), LogIn.withAgent(SshAgent.at(agent.socket())));
        }
    }

    @ParameterizedTest
    @EnumSource
    void tokensKey_isAskedAboutAndLogsIn(SoftwareToken.Kind kind) {
        SoftwareToken token = kind.make();
        ConnectRequest request = ConnectRequest.of(accountOf(token.publicKey()), LogIn.withSigner(token))
                .withProbes(List.of(token.publicKey()));
        try (SshConnection connection = transport.connect(request)) {
            assertThat(connection.probes()).containsExactly(ProbeAnswer.ACCEPTED);
        }
    }

    @Test
    void oneOfTheAgentsKeys_isFound() {
        try (TestAgent agent = agentWith(ContractKeys.SPARE, ContractKeys.ECDSA_P256, ContractKeys.MAIN)) {
            assertLogsIn(accountOf(ContractKeys.MAIN.publicKey()), LogIn.withAgent(SshAgent.at(agent.socket())));
        }
    }

    @Test
    void namedKeyOfTheAgent_logsIn() {
        try (TestAgent agent = agentWith(ContractKeys.SPARE, ContractKeys.MAIN)) {
            KeySigner signer = SshAgent.at(agent.socket()).key(ContractKeys.MAIN.publicKey());

            assertLogsIn(accountOf(ContractKeys.MAIN.publicKey()), LogIn.withSigner(signer));
        }
    }

    @Test
    void noneOfTheAgentsKeys_isARefusal() {
        try (TestAgent agent = agentWith(ContractKeys.SPARE)) {
            ConnectRequest request = ConnectRequest.of(
                    accountOf(ContractKeys.MAIN.publicKey()), LogIn.withAgent(SshAgent.at(agent.socket())));

            assertThat(catchThrowableOfType(AuthenticationRefusedException.class, () -> transport.connect(request)))
                    .hasMessageContaining("agent");
        }
    }

    @Test
    void keyThatTheAgentDoesNotHold_isAFaultOfTheLogIn() {
        try (TestAgent agent = agentWith()) {
            KeySigner signer = SshAgent.at(agent.socket()).key(ContractKeys.MAIN.publicKey());
            ConnectRequest request =
                    ConnectRequest.of(accountOf(ContractKeys.MAIN.publicKey()), LogIn.withSigner(signer));

            assertThatThrownBy(() -> transport.connect(request))
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("declined");
        }
    }

    @Test
    void probeAndAgent_shareAConnection() {
        try (TestAgent agent = agentWith(ContractKeys.MAIN)) {
            ConnectRequest request = ConnectRequest.of(
                            accountOf(ContractKeys.MAIN.publicKey()), LogIn.withAgent(SshAgent.at(agent.socket())))
                    .withProbes(List.of(ContractKeys.SPARE.publicKey(), ContractKeys.MAIN.publicKey()));
            try (SshConnection connection = transport.connect(request)) {
                assertThat(connection.probes()).containsExactly(ProbeAnswer.REFUSED, ProbeAnswer.ACCEPTED);
            }
        }
    }
}
