package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywright.LimitExceededException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Running commands: a part of {@link TransportContractTest}. */
abstract class ExecContract extends ContractGroup {
    private static final Duration SHORT = Duration.ofMillis(500);

    ExecContract(AnyServerContractTest test) {
        super(test);
    }

    @Test
    void oneMebibyte_travelsThereAndBack() {
        byte[] input = new byte[1 << 20];
        new Random(20261121).nextBytes(input);
        withConnection(connection -> {
            ExecResult result = connection.exec(ExecRequest.of("cat").withStdin(input));

            assertThat(result.stdout()).isEqualTo(input);
            assertThat(result.succeeded()).isTrue();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 127, 255})
    void exitStatus_isTold(int status) {
        withConnection(connection -> {
            ExecResult result = connection.exec(ExecRequest.of("exit " + status));

            assertThat(result.exitStatus()).hasValue(status);
            assertThat(result.signal()).isEmpty();
            assertThat(result.succeeded()).isEqualTo(status == 0);
        });
    }

    @Test
    void outputAndErrors_stayApart() {
        withConnection(connection -> {
            ExecResult result = connection.exec(ExecRequest.of("echo out; echo err >&2"));

            assertThat(result.stdoutText()).isEqualTo("out\n");
            assertThat(result.stderrText()).isEqualTo("err\n");
        });
    }

    @Test
    void noInput_isSeenAsItsEnd() {
        withConnection(connection -> assertThat(
                        connection.exec(ExecRequest.of("cat; echo end")).stdoutText())
                .isEqualTo("end\n"));
    }

    @Test
    void inputThatNobodyReads_doesNotHoldUpTheEnd() {
        withConnection(connection -> assertThat(connection
                        .exec(ExecRequest.of("exit 4").withStdin(new byte[8 << 20]))
                        .exitStatus())
                .hasValue(4));
    }

    @Test
    void commandInOtherLetters_arrivesAsUtf8() {
        withConnection(connection -> assertThat(
                        connection.exec(ExecRequest.of("printf %s 'käse 鍵'")).stdout())
                .isEqualTo("käse 鍵".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void severalCommands_runOneAfterTheOtherOnOneConnection() {
        withConnection(connection -> {
            for (int i = 0; i < 5; i++) {
                assertThat(connection.exec(ExecRequest.of("echo " + i)).stdoutText())
                        .isEqualTo(i + "\n");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"head -c 5000 /dev/zero", "head -c 5000 /dev/zero >&2"})
    void moreOutputThanAllowed_isAnErrorAndTheConnectionGoesOn(String command) {
        withConnection(connection -> {
            assertThat(connection
                            .exec(ExecRequest.of(command).withOutputLimit(5000))
                            .succeeded())
                    .isTrue();
            assertThatThrownBy(() -> connection.exec(ExecRequest.of(command).withOutputLimit(4999)))
                    .isInstanceOf(LimitExceededException.class);
            assertThat(connection.exec(ExecRequest.of("echo on")).stdoutText()).isEqualTo("on\n");
        });
    }

    @Test
    void endlessOutput_endsAtTheLimit() {
        withConnection(connection -> assertThatThrownBy(() -> connection.exec(
                        ExecRequest.of("while :; do echo y; done").withOutputLimit(100_000)))
                .isInstanceOf(LimitExceededException.class));
    }

    @Test
    void commandThatHangs_timesOutAndTheConnectionGoesOn() {
        withConnection(connection -> {
            TransportTimeoutException timeout = catchThrowableOfType(
                    TransportTimeoutException.class,
                    () -> connection.exec(ExecRequest.of("sleep 60").withTimeout(SHORT)));

            assertThat(timeout.phase()).isEqualTo(Phase.EXEC);
            assertThat(timeout.retryable()).isTrue();
            assertThat(connection.exec(ExecRequest.of("echo on")).stdoutText()).isEqualTo("on\n");
        });
    }
}
