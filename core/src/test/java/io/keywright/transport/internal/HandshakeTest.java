package io.keywright.transport.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KeyExchangeException;
import io.keywright.transport.KnownHosts;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {
    private static final SshPublicKey HOST_KEY = publicKey();

    private static SshPublicKey publicKey() {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            return pair.publicKey();
        }
    }

    /** As a library's, with nothing of its own. */
    private static final class Plain extends Handshake {
        Plain(HostKeyVerifier hostKeys) {
            this(SshTarget.of("host", 22, "user", hostKeys));
        }

        private Plain(SshTarget target) {
            super(target, new AuthenticationDialogue(target, List.of(), null));
        }

        void broke(Throwable cause) {
            broken(cause);
        }

        void gone() {
            lost("the server closed the connection", null);
        }

        /** What the caller gets. */
        Throwable failure() {
            Deadline deadline = Deadline.in(Duration.ofSeconds(30));
            return catchThrowable(() -> await(deadline, () -> deadline));
        }
    }

    private final Plain handshake = new Plain(HostKeyVerifier.pinned(List.of(HOST_KEY)));

    @Nested
    class HostKeys {
        @Test
        void pinnedKey_isAcceptedAndKnownFromThenOn() {
            assertThatThrownBy(handshake::hostKey).isInstanceOf(IllegalStateException.class);
            assertThat(handshake.accepts(HOST_KEY)).isTrue();
            assertThat(handshake.hostKey()).isEqualTo(HOST_KEY);
        }

        @Test
        void otherKey_isTheCallersException() {
            assertThat(handshake.accepts(publicKey())).isFalse();
            assertThat(handshake.failure()).isInstanceOf(HostKeyRejectedException.class);
        }

        @Test
        void recordThatCannotBeRead_failsBeforeAnythingIsSent(@TempDir Path directory) {
            assertThatThrownBy(() -> new Plain(HostKeyVerifier.acceptNew(directory)))
                    .isInstanceOfSatisfying(
                            TransportException.class, e -> assertThat(e.phase()).isEqualTo(Phase.HOST_KEY))
                    .hasCauseInstanceOf(UncheckedIOException.class);
        }

        @Test
        void algorithmOfAKeyOnRecord_comesFirst() {
            List<String> offered = List.of("ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519");
            Plain strict = new Plain(HostKeyVerifier.strict(KnownHosts.empty().with("host", 22, HOST_KEY)));

            assertThat(strict.ordered(offered))
                    .containsExactly("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256");
        }
    }

    /** Before keys are exchanged. */
    @Nested
    class Early {
        @Test
        void anotherProtocol_isSaidToBeOne() {
            handshake.heardLine("HTTP/1.1 400 \u001b[2JBad Request");
            handshake.gone();

            assertThat(handshake.failure())
                    .isInstanceOf(KeyExchangeException.class)
                    .hasMessageContaining("does not speak SSH, it said: HTTP/1.1 400 ?[2JBad Request");
        }

        @ParameterizedTest
        @ValueSource(strings = {"Exceeded MaxStartups", "Not allowed at this time"})
        void overload_isALossThatAnotherTryMayMend(String line) {
            handshake.heardLine(line);
            handshake.gone();

            assertThat(handshake.failure())
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessageContaining("having said: " + line);
        }

        @Test
        void greetingOfAnSshServer_isNoOtherProtocol() {
            handshake.heardLine("Welcome");
            handshake.heardLine("SSH-2.0-test");
            handshake.gone();

            assertThat(handshake.serverVersion()).isEqualTo("SSH-2.0-test");
            assertThat(handshake.failure()).isInstanceOf(ConnectionLostException.class);
        }

        @ParameterizedTest
        @CsvSource({"2, true", "3, true", "8, true", "11, false", "12, false"})
        void reasonForHangingUp_tellsWhetherTheSidesDisagree(int code, boolean disagree) {
            handshake.disconnected(code, "no\nmatch");

            assertThat(handshake.failure())
                    .isInstanceOf(disagree ? KeyExchangeException.class : ConnectionLostException.class)
                    .hasMessageContaining("no?match (code " + code + ")");
        }

        @Test
        void damage_isNoKeyExchange() {
            handshake.broke(new IOException("bad packet"));

            assertThat(handshake.failure())
                    .isInstanceOf(KeyExchangeException.class)
                    .hasMessageContaining("bad packet");
        }

        @Test
        void firstFailure_stays() {
            handshake.accepts(publicKey());
            handshake.gone();

            assertThat(handshake.failure()).isInstanceOf(HostKeyRejectedException.class);
        }
    }

    /** While it logs in. */
    @Nested
    class Late {
        private Throwable failureAfter(Runnable event) {
            handshake.heardLine("SSH-2.0-OpenSSH_9.2");
            handshake.keysExchanged().complete(null);
            event.run();
            return handshake.failure();
        }

        @ParameterizedTest
        @CsvSource({"2, Too many authentication failures", "14, enough", "2, 'Too many authentication attempts for x'"})
        void tooManyAttempts_areTheLimit(int code, String message) {
            assertThat(failureAfter(() -> handshake.disconnected(code, message)))
                    .isInstanceOf(AuthenticationLimitException.class);
        }

        @ParameterizedTest
        @CsvSource({"2, Protocol error", "12, Too many connections"})
        void otherReasons_areALoss(int code, String message) {
            assertThat(failureAfter(() -> handshake.disconnected(code, message)))
                    .isInstanceOf(ConnectionLostException.class)
                    .isNotInstanceOf(AuthenticationLimitException.class);
        }

        @Test
        void workForTheCaller_isDoneOnItsThread() {
            Thread here = Thread.currentThread();
            Thread[] there = new Thread[1];
            Throwable failure = failureAfter(() -> handshake.askCaller(() -> {
                there[0] = Thread.currentThread();
                handshake.gone();
            }));

            assertThat(there[0]).isSameAs(here);
            assertThat(failure).isInstanceOf(ConnectionLostException.class);
        }
    }
}
