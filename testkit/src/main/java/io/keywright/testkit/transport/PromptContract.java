package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.testkit.transport.ServerOptions.Method;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.InteractiveResponder;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Logging in by keyboard-interactive (RFC 4256): a part of {@link TransportContractTest}. */
abstract class PromptContract extends ContractGroup {
    PromptContract(AnyServerContractTest test) {
        super(test);
    }

    @Test
    void passwordWhereOnlyAPromptIsOffered_logsIn() throws Exception {
        assertThat(logInWithPassword(PASSWORD, Method.KEYBOARD_INTERACTIVE).call())
                .isTrue();
    }

    @Test
    void promptsAnsweredByTheCaller_logIn() {
        List<InteractiveResponder.Prompt> seen = new ArrayList<>();
        try (SshConnection connection = transport.connect(answering(PASSWORD, seen))) {
            assertThat(connection.isOpen()).isTrue();
        }
        assertThat(seen).isNotEmpty().noneMatch(InteractiveResponder.Prompt::echo);
    }

    @Test
    void promptsAnsweredWrongly_areARefusal() {
        ConnectRequest request = answering("wr0ng-and-secret", new ArrayList<>());

        assertThatThrownBy(() -> transport.connect(request))
                .isInstanceOf(AuthenticationRefusedException.class)
                .message()
                .doesNotContain("wr0ng");
    }

    @Test
    void faultOfWhoAnswersPrompts_isToldAsItIs() {
        ContractServer server = server(ServerOptions.DEFAULT.withMethods(Method.KEYBOARD_INTERACTIVE));
        ConnectRequest request = ConnectRequest.of(target(server, server.addAccount()), LogIn.withPrompts(challenge -> {
            throw new UnsupportedOperationException("nobody is there");
        }));

        assertThatThrownBy(() -> transport.connect(request))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("nobody is there");
    }

    @Test
    void wrongPasswordAtThePrompt_isRefused() {
        Callable<Boolean> logIn = logInWithPassword("wr0ng-and-secret", Method.KEYBOARD_INTERACTIVE);

        assertThatThrownBy(logIn::call).isInstanceOf(AuthenticationRefusedException.class);
    }

    private ConnectRequest answering(String text, List<InteractiveResponder.Prompt> seen) {
        ContractServer server = server(ServerOptions.DEFAULT.withMethods(Method.KEYBOARD_INTERACTIVE));
        ContractServer.Account account = server.addAccount();
        try (Passphrase right = password(PASSWORD)) {
            account.setPassword(right);
        }
        return ConnectRequest.of(target(server, account), LogIn.withPrompts(challenge -> {
            seen.addAll(challenge.prompts());
            return challenge.prompts().stream().map(prompt -> password(text)).toList();
        }));
    }
}
