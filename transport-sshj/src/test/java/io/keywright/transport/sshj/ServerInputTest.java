package io.keywright.transport.sshj;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.SshTarget;
import io.keywright.transport.internal.AuthenticationDialogue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ServerInputTest {
    @Nested
    class Read {
        private final SshjHandshake handshake = handshake();

        private static SshjHandshake handshake() {
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                SshTarget target = SshTarget.of("host", 22, "user", HostKeyVerifier.pinned(List.of(pair.publicKey())));
                return new SshjHandshake(target, new AuthenticationDialogue(target, List.of(), null));
            }
        }

        private ServerInput input(String text) {
            return new ServerInput(
                    new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), handshake, new Activity());
        }

        @Test
        void linesBefore_areSkippedAndTheRestComesWhole() throws IOException {
            String rest = "x".repeat(10_000);
            try (ServerInput input = input("welcome\r\nto us\n" + "SSH-2.0-test one\r\n" + rest)) {
                assertThat(new String(input.readAllBytes(), StandardCharsets.ISO_8859_1))
                        .isEqualTo("SSH-2.0-test one\r\n" + rest);
            }
            assertThat(handshake.serverVersion()).isEqualTo("SSH-2.0-test one");
        }

        @Test
        void lineWithoutEnd_isRefused() {
            ServerInput input = input("x".repeat(20_000));

            assertThatThrownBy(input::read).isInstanceOf(IOException.class).hasMessageContaining("8192");
        }

        @Test
        void linesWithoutEnd_areRefused() {
            ServerInput input = input("line\n".repeat(2000));

            assertThatThrownBy(input::read).isInstanceOf(IOException.class).hasMessageContaining("1024");
        }

        @Test
        void nothing_isTheEnd() throws IOException {
            assertThat(input("").read()).isEqualTo(-1);
        }
    }
}
