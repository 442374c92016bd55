package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.ShellAccess;
import io.keywright.transport.ShellRequest;
import io.keywright.transport.ShellSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TerminalSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Terminals and signals, which servers have that run programs of an operating system. */
abstract class ProcessContract extends ContractGroup {
    static final TerminalSize SMALL = new TerminalSize(80, 24);

    ProcessContract(AnyServerContractTest test) {
        super(test);
    }

    private void withShell(ShellRequest request, Consumer<ShellSession> test) {
        withConnection(connection -> {
            try (ShellSession shell = shells(connection).openShell(request)) {
                test.accept(shell);
            }
        });
    }

    private static ShellAccess shells(SshConnection connection) {
        return connection.shellAccess().orElseThrow();
    }

    private String readAll(ShellSession shell) {
        try {
            return new String(shell.output().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readUntil(ShellSession shell, String marker) {
        StringBuilder seen = new StringBuilder();
        try {
            while (seen.indexOf(marker) < 0) {
                int next = shell.output().read();
                assertThat(next).as("the end, after: " + seen).isNotNegative();
                seen.append((char) next);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void type(ShellSession shell, String text) {
        try {
            shell.input().write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void command_hasATerminalOfTheAskedKind() {
        ShellRequest request =
                ShellRequest.of("vt220", SMALL).withCommand("tty; stty size; echo $TERM; echo to stderr >&2; exit 3");
        withShell(request, shell -> {
            assertThat(readAll(shell)).contains("/dev/pts/", "24 80\r\n", "vt220\r\n", "to stderr\r\n");
            assertThat(shell.awaitEnd(Duration.ofSeconds(10))).isTrue();
            assertThat(shell.exitStatus()).hasValue(3);
            assertThat(shell.signal()).isEmpty();
        });
    }

    @Test
    void shell_isTypedInto() {
        withShell(ShellRequest.of("dumb", SMALL), shell -> {
            assertThat(shell.awaitEnd(Duration.ofMillis(1))).isFalse();
            assertThat(shell.exitStatus()).isEmpty();
            type(shell, "echo $((6*7))-answers\n");
            readUntil(shell, "42-answers");
            type(shell, "exit 5\n");
            readAll(shell);

            assertThat(shell.awaitEnd(Duration.ofSeconds(10))).isTrue();
            assertThat(shell.exitStatus()).hasValue(5);
        });
    }

    @Test
    void newSize_reachesTheProgram() {
        ShellRequest request = ShellRequest.of("dumb", SMALL)
                .withCommand("trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done");
        withShell(request, shell -> {
            readUntil(shell, "ready");
            shell.resize(new TerminalSize(132, 50));

            readUntil(shell, "50 132");
        });
    }

    @Test
    void muchOutput_comesWholeAndWaitsForItsReader() {
        ShellRequest request =
                ShellRequest.of("dumb", SMALL).withCommand("head -c 6000000 /dev/zero | tr '\\0' x; echo; echo end");
        withShell(request, shell -> {
            String output = readAll(shell);

            assertThat(output).hasSize(6_000_000 + "\r\nend\r\n".length()).endsWith("x\r\nend\r\n");
        });
    }

    @Test
    void closedShell_isHungUpAndTheConnectionStays() {
        withConnection(connection -> {
            ShellSession shell =
                    shells(connection).openShell(ShellRequest.of("dumb", SMALL).withCommand("sleep 600"));
            shell.close();
            shell.close();

            assertThatThrownBy(() -> shell.output().read()).isInstanceOf(IOException.class);
            assertThat(connection.exec(ExecRequest.of("echo on")).stdoutText()).isEqualTo("on\n");
        });
    }

    @Test
    void lostConnection_endsTheOutputWithAnError() {
        withRelayedConnection((relay, connection) -> {
            try (ShellSession shell =
                    shells(connection).openShell(ShellRequest.of("dumb", SMALL).withCommand("echo ready; sleep 600"))) {
                readUntil(shell, "ready");
                relay.cut();

                assertThatThrownBy(() -> shell.output().readAllBytes()).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> shell.awaitEnd(Duration.ofSeconds(10)))
                        .isInstanceOf(ConnectionLostException.class);
            }
        });
    }

    @Test
    void commandKilledByASignal_isToldByItsName() {
        withConnection(connection -> {
            ExecResult result = connection.exec(ExecRequest.of("kill -TERM $$"));

            assertThat(result.signal()).contains("TERM");
            assertThat(result.exitStatus()).isEmpty();
            assertThat(result.succeeded()).isFalse();
        });
    }
}
