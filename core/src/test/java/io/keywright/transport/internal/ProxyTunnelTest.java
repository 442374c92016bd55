package io.keywright.transport.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywright.Passphrase;
import io.keywright.SshKeyPairGenerator;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.Route;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.UnreachableException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyTunnelTest {
    private static final SshTarget TARGET = SshTarget.of(
            "web-1.example",
            2222,
            "user",
            HostKeyVerifier.pinned(
                    List.of(SshKeyPairGenerator.ed25519().generate().publicKey())));
    private static final String FIRST_BYTES = "SSH-2.0-Target\r\n";

    private final ByteArrayOutputStream asked = new ByteArrayOutputStream();

    private ByteArrayInputStream answers(byte[] answer) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(answer);
        all.writeBytes(FIRST_BYTES.getBytes(StandardCharsets.US_ASCII));
        return new ByteArrayInputStream(all.toByteArray());
    }

    /** Opens a tunnel and checks that the target's first byte comes next. */
    private void open(Route route, byte[] answer) throws IOException {
        ByteArrayInputStream in = answers(answer);
        ProxyTunnel.open(TARGET.withRoute(route), in, asked);
        assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo(FIRST_BYTES);
    }

    private static Passphrase password(String text) {
        return Passphrase.of(text.toCharArray());
    }

    @Nested
    class Socks5 {
        private final Route route = Route.socks5("proxy", 1080);

        private byte[] hex(String digits) {
            return HexFormat.of().parseHex(digits.replace(" ", ""));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "0500 05000001 7f000001 1f90",
                    "0500 05000004 00000000000000000000000000000001 1f90",
                    "0500 05000003 03 616263 1f90",
                })
        void success_asksForTheNameAndReadsNoByteTooMany(String answer) throws IOException {
            open(route, hex(answer));

            assertThat(asked.toByteArray())
                    .isEqualTo(hex("050100 05010003 0d"
                            + HexFormat.of().formatHex("web-1.example".getBytes(StandardCharsets.US_ASCII)) + "08ae"));
        }

        @Test
        void credentials_areGivenWhenAskedFor() throws IOException {
            try (Passphrase password = password("pw")) {
                open(Route.socks5("proxy", 1080, "me", password), hex("0502 0100 05000001 7f000001 1f90"));
            }

            assertThat(HexFormat.of().formatHex(asked.toByteArray()))
                    .startsWith("05020002" + "01026d65027077" + "0501");
        }

        @Test
        void wrongCredentials_areToldWithoutThem() {
            try (Passphrase password = password("s3cret")) {
                Route withPassword = Route.socks5("proxy", 1080, "me", password);

                assertThatThrownBy(() -> open(withPassword, hex("0502 0101")))
                        .isExactlyInstanceOf(TransportException.class)
                        .hasMessageContaining("password")
                        .message()
                        .doesNotContain("s3cret");
            }
        }

        @Test
        void credentialsWanted_isARefusal() {
            assertThatThrownBy(() -> open(route, hex("05ff")))
                    .isExactlyInstanceOf(TransportException.class)
                    .hasMessageContaining("who asks");
        }

        @ParameterizedTest
        @CsvSource({"05, connection refused", "04, host unreachable", "01, general failure", "63, reply 99"})
        void targetNotReached_mayBeTriedAgain(String reply, String said) {
            UnreachableException failure = catchThrowableOfType(
                    UnreachableException.class, () -> open(route, hex("0500 05" + reply + "0001 00000000 0000")));

            assertThat(failure).hasMessageContaining(said);
            assertThat(failure.retryable()).isTrue();
        }

        @Test
        void forbiddenTarget_isARefusal() {
            assertThatThrownBy(() -> open(route, hex("0500 05020001 00000000 0000")))
                    .isExactlyInstanceOf(TransportException.class)
                    .hasMessageContaining("rules");
        }

        @ParameterizedTest
        @ValueSource(strings = {"4854", "0500 04000001", "0500 05000009", "0509"})
        void nonsense_isARefusal(String answer) {
            assertThatThrownBy(() -> open(route, hex(answer))).isExactlyInstanceOf(TransportException.class);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 3, 7, 10})
        void hangUp_isUnreachable(int length) {
            byte[] cut = java.util.Arrays.copyOf(hex("0500 05000001 7f000001 1f90"), length);

            assertThatThrownBy(() -> ProxyTunnel.open(TARGET.withRoute(route), new ByteArrayInputStream(cut), asked))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("hung up");
        }

        @Test
        void longHostName_isRefusedBeforeItIsSent() {
            SshTarget target =
                    SshTarget.of("h".repeat(256), 22, "user", TARGET.hostKeys()).withRoute(route);

            assertThatThrownBy(() -> ProxyTunnel.open(target, answers(hex("0500")), asked))
                    .isExactlyInstanceOf(TransportException.class)
                    .hasMessageContaining("256 bytes");
        }
    }

    @Nested
    class HttpConnect {
        private final Route route = Route.httpConnect("proxy", 8080);

        private byte[] text(String... lines) {
            return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        }

        @Test
        void success_readsNoByteTooMany() throws IOException {
            open(route, text("HTTP/1.1 200 Connection established", "Via: 1.1 proxy"));

            assertThat(asked.toString(StandardCharsets.US_ASCII))
                    .isEqualTo("CONNECT web-1.example:2222 HTTP/1.1\r\nHost: web-1.example:2222\r\n\r\n");
        }

        @Test
        void bareLineFeeds_areUnderstood() throws IOException {
            open(route, "HTTP/1.0 200 OK\n\n".getBytes(StandardCharsets.US_ASCII));
        }

        @Test
        void ipv6Literal_standsInBrackets() throws IOException {
            SshTarget target =
                    SshTarget.of("::1", 22, "user", TARGET.hostKeys()).withRoute(route);
            ProxyTunnel.open(target, answers(text("HTTP/1.1 200 OK")), asked);

            assertThat(asked.toString(StandardCharsets.US_ASCII)).startsWith("CONNECT [::1]:22 HTTP/1.1\r\n");
        }

        @Test
        void credentials_areGivenAsBasic() throws IOException {
            try (Passphrase password = password("open sesame")) {
                open(Route.httpConnect("proxy", 8080, "Aladdin", password), text("HTTP/1.1 200 OK"));
            }

            // printf 'Aladdin:open sesame' | base64
            assertThat(asked.toString(StandardCharsets.US_ASCII))
                    .contains("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
        }

        @ParameterizedTest
        @CsvSource({
            "HTTP/1.1 407 Proxy Authentication Required, false",
            "HTTP/1.1 403 Forbidden, false",
            "HTTP/1.1 502 Bad Gateway, true",
            "HTTP/1.0 504 Gateway Timeout, true",
            "220 mail.example ESMTP, false",
            "HTTP/1.1, false",
        })
        void refusal_saysWhatTheProxySaid(String status, boolean retryable) {
            TransportException failure = catchThrowableOfType(
                    TransportException.class, () -> open(route, text(status, "Content-Length: 0")));

            assertThat(failure.retryable()).isEqualTo(retryable);
            assertThat(failure).hasMessageContaining("the proxy proxy:8080");
        }

        @Test
        void endlessHeaders_end() {
            assertThatThrownBy(() -> open(route, text("HTTP/1.1 200 OK", "X: " + "x".repeat(20_000))))
                    .isExactlyInstanceOf(TransportException.class)
                    .hasMessageContaining("no end");
        }

        @Test
        void hostNameThatWouldForgeAHeader_isNotSent() {
            SshTarget target =
                    SshTarget.of("a\r\nX: b", 22, "user", TARGET.hostKeys()).withRoute(route);

            assertThatThrownBy(() -> ProxyTunnel.open(target, answers(text("HTTP/1.1 200 OK")), asked))
                    .isExactlyInstanceOf(TransportException.class);
            assertThat(asked.size()).isZero();
        }

        @Test
        void hangUp_isUnreachable() {
            assertThatThrownBy(() ->
                            ProxyTunnel.open(TARGET.withRoute(route), new ByteArrayInputStream(new byte[0]), asked))
                    .isInstanceOf(UnreachableException.class);
        }
    }
}
