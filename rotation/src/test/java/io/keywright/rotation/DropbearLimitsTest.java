package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.authorizedkeys.AuthorizedKeys;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused before dropbear would drop it. That it does is seen on a real one. */
class DropbearLimitsTest {
    private static final String KEY =
            StoreFixture.key(1).publicKey().withComment("").toLine().strip();

    private static AuthorizedKeys text(String content) {
        return AuthorizedKeys.parse(content.getBytes(StandardCharsets.UTF_8));
    }

    private static void check(String before, String after) {
        AuthorizedKeys edited = text(after);
        assertThat(DropbearLimits.check("/keys", text(before), edited)).isSameAs(edited);
    }

    private static void assertRefused(String before, String after, String why) {
        assertThatThrownBy(() -> check(before, after))
                .isInstanceOfSatisfying(
                        RemoteFileException.class,
                        e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.SERVER_LIMIT))
                .hasMessageContaining("/keys")
                .hasMessageContaining(why);
    }

    /** A line of so many bytes. */
    private static String line(int bytes) {
        return KEY + " " + "x".repeat(bytes - KEY.length() - 1);
    }

    @Nested
    class ApplyTo {
        @ParameterizedTest
        @CsvSource({"SSH-2.0-dropbear_2022.83, true", "SSH-2.0-Dropbear, true", "SSH-2.0-OpenSSH_9.2, false"})
        void version_tells(String version, boolean dropbear) {
            assertThat(DropbearLimits.applyTo(version)).isEqualTo(dropbear);
        }
    }

    @Nested
    class Check {
        @Test
        void longestLine_isTaken() {
            check("", line(DropbearLimits.MAX_LINE_BYTES) + "\n");
        }

        @Test
        void longerLine_isRefused() {
            assertRefused("# a\n", "# a\n" + line(DropbearLimits.MAX_LINE_BYTES + 1) + "\n", "line 2 of 3001 bytes");
        }

        @Test
        void longLineThatIsThere_stays() {
            String there = line(5000) + "\n";
            check(there, there + KEY + "\n");
        }

        @Test
        void longComment_isNobodysKey() {
            check("", "# " + "x".repeat(5000) + "\n" + KEY + "\n");
        }

        @Test
        void lastLineThatItReads_isTaken() {
            check("#\n".repeat(299), "#\n".repeat(299) + KEY + "\n");
        }

        @Test
        void lineBelow_isRefused() {
            assertRefused("#\n".repeat(300), "#\n".repeat(300) + KEY + "\n", "301 lines");
        }

        @Test
        void longFileThatDoesNotGrow_isTaken() {
            check("#\n".repeat(400) + KEY + "\n", "#\n".repeat(400) + "no-pty " + KEY + "\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"no-pty", "NO-PTY", "command=\"x\",no-port-forwarding", "restrict,permitopen=\"a:1\""})
        void optionsThatItKnows_areTaken(String options) {
            check("", options + " " + KEY + "\n");
        }

        @Test
        void optionThatItDoesNotKnow_isRefused() {
            assertRefused("", "no-pty,expiry-time=\"20300101\" " + KEY + "\n", "option expiry-time");
        }
    }
}
