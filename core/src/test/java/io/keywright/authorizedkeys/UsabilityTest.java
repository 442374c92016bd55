package io.keywright.authorizedkeys;

import static io.keywright.authorizedkeys.Keys.ALICE;
import static io.keywright.authorizedkeys.Keys.bare;
import static io.keywright.authorizedkeys.Keys.base64;
import static io.keywright.authorizedkeys.Keys.bytes;
import static io.keywright.authorizedkeys.Keys.file;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.Usability.Verdict;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class UsabilityTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private static Usability usability(String line) {
        return file(line).entries().get(0).usabilityAt(NOW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | USABLE",
                "'restrict ' | USABLE",
                "'command=\"false\",from=\"10.0.0.0/8\" ' | USABLE",
                "'nonsense ' | UNKNOWN_OPTION",
                "'restrict,nonsense=\"x\" ' | UNKNOWN_OPTION",
                "'ssh-ed25519 ' | UNKNOWN_OPTION",
                "'command=\"x\"y ' | BAD_OPTION",
                "'command=\"x\",command=\"y\" ' | BAD_OPTION",
                "'expiry-time=\"soon\" ' | BAD_OPTION",
                "'permitopen=\"none\" ' | BAD_OPTION",
                "'cert-authority ' | CERT_AUTHORITY",
                "'cert-authority,principals=\"x\" ' | CERT_AUTHORITY",
                "'principals=\"x\" ' | PRINCIPALS_WITHOUT_AUTHORITY",
                "'expiry-time=\"20291231235959Z\" ' | EXPIRED",
                "'expiry-time=\"20300101000000Z\" ' | USABLE",
                "'expiry-time=\"20310101Z\",expiry-time=\"20280101Z\" ' | EXPIRED"
            })
    void usability_options_decide(String options, Verdict verdict) {
        Usability usability = usability(options + bare(ALICE));
        assertThat(usability.verdict()).isEqualTo(verdict);
        assertThat(usability.isUsable()).isEqualTo(verdict == Verdict.USABLE);
        assertThat(usability.mayBeUsable()).isEqualTo(verdict == Verdict.USABLE);
        assertThat(usability.detail()).isNotBlank();
    }

    static Stream<Arguments> keys() {
        return Stream.of(
                Arguments.of(Keys.RSA, Verdict.USABLE),
                Arguments.of(Keys.ECDSA, Verdict.USABLE),
                Arguments.of(Keys.ED448, Verdict.SERVER_DEPENDENT),
                Arguments.of(Keys.FUTURE, Verdict.SERVER_DEPENDENT),
                Arguments.of(Keys.CERTIFICATE, Verdict.CERTIFICATE));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void usability_keyType_decides(SshPublicKey key, Verdict verdict) {
        Usability usability = usability(bare(key));
        assertThat(usability.verdict()).isEqualTo(verdict);
        assertThat(usability.mayBeUsable()).isEqualTo(verdict != Verdict.CERTIFICATE);
    }

    @Test
    void usability_brokenKey_isBad() {
        String blob = base64(bytes("\0\0\0\u000bssh-ed25519\0\0\0\u0002xx"));
        assertThat(usability("ssh-ed25519 " + blob).verdict()).isEqualTo(Verdict.BAD_KEY);
    }

    @Test
    void usability_localExpiryTime_isJudgedInTheServersZone() {
        Entry entry =
                file("expiry-time=\"202912312000\" " + bare(ALICE)).entries().get(0);
        assertThat(entry.usabilityAt(NOW).verdict()).isEqualTo(Verdict.EXPIRED);
        assertThat(entry.usabilityAt(NOW, ZoneId.of("America/New_York")).verdict())
                .isEqualTo(Verdict.USABLE);
    }

    @Nested
    class Admitting {
        private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);

        private int line(String text, String address) {
            return file(text)
                    .withClock(clock)
                    .admitting(ALICE, address)
                    .map(Line::number)
                    .orElse(0);
        }

        @Test
        void admitting_firstLineThatLetsIn_decides() {
            String alice = bare(ALICE) + "\n";
            String text = "nonsense " + alice
                    + "cert-authority " + alice
                    + "expiry-time=\"20200101Z\" " + alice
                    + "from=\"10.0.0.0/8\",restrict " + alice
                    + alice;
            assertThat(line(text, "10.1.1.1")).isEqualTo(4);
            assertThat(line(text, "192.0.2.1")).isEqualTo(5);
        }

        @Test
        void admitting_nothingLetsIn_isEmpty() {
            assertThat(line("", "10.1.1.1")).isZero();
            assertThat(line(bare(Keys.BOB), "10.1.1.1")).isZero();
            assertThat(line("from=\"10.0.0.0/8\" " + bare(ALICE), "192.0.2.1")).isZero();
        }

        @Test
        void admitting_resolvedName_countsToo() {
            AuthorizedKeys file = file("from=\"*.example.org\" " + bare(ALICE)).withClock(clock);
            assertThat(file.admitting(ALICE, "192.0.2.1", "web.example.org")).isPresent();
            assertThat(file.admitting(ALICE, "192.0.2.1")).isEmpty();
        }
    }
}
