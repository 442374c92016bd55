package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywright.testkit.transport.ServerOptions.Method;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Servers that take no public keys, or count every refused one as an attempt: a part of {@link TransportContractTest}. */
abstract class LimitContract extends ContractGroup {
    LimitContract(AnyServerContractTest test) {
        super(test);
    }

    @Test
    void keyWhereNoneIsTaken_isRefused() {
        ContractServer server = server(ServerOptions.DEFAULT.withMethods(Method.PASSWORD));
        ConnectRequest request =
                ConnectRequest.of(target(server, server.addAccount()), LogIn.withKey(ContractKeys.MAIN.pair()));

        AuthenticationRefusedException refused =
                catchThrowableOfType(AuthenticationRefusedException.class, () -> transport.connect(request));

        assertThat(refused.methodsLeft()).doesNotContain("publickey");
    }

    @Test
    void serverWithoutPublicKeys_couldNotBeAsked() {
        ContractServer server = server(ServerOptions.DEFAULT.withMethods(Method.PASSWORD));
        SshTarget target = target(server, server.addAccount());

        assertThatThrownBy(() -> transport.probe(target, List.of(ContractKeys.MAIN.publicKey())))
                .isInstanceOf(TransportException.class)
                .isNotInstanceOf(AuthenticationRefusedException.class);
    }

    @Test
    void moreQuestionsThanAreAllowed_isTheLimitAndNoAnswer() {
        ContractServer server = server(ServerOptions.DEFAULT.withMaxTries(1));
        SshTarget target = target(server, server.addAccount());

        assertThatThrownBy(() ->
                        transport.probe(target, List.of(ContractKeys.MAIN.publicKey(), ContractKeys.SPARE.publicKey())))
                .isInstanceOf(AuthenticationLimitException.class);
    }

    @Test
    void refusedProbeThatUsesUpTheAttempts_isTheLimitOfAConnection() {
        ContractServer server = server(ServerOptions.DEFAULT.withMaxTries(1));
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        ConnectRequest request = ConnectRequest.of(target(server, account), LogIn.withKey(ContractKeys.MAIN.pair()))
                .withProbes(List.of(ContractKeys.SPARE.publicKey()));

        assertThatThrownBy(() -> transport.connect(request)).isInstanceOf(AuthenticationLimitException.class);
    }
}
