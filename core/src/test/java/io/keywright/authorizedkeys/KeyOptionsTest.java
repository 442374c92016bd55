package io.keywright.authorizedkeys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyOptionsTest {
    private static EffectivePermissions permissions(String options) {
        return KeyOptions.parse(options).permissions().orElseThrow();
    }

    private static Optional<String> problem(String options) {
        KeyOptions parsed = KeyOptions.parse(options);
        assertThat(parsed.permissions().isEmpty()).isEqualTo(parsed.problem().isPresent());
        return parsed.problem();
    }

    @Nested
    class Flags {
        @Test
        void permissions_noOptions_allowEverything() {
            EffectivePermissions all = KeyOptions.NONE.permissions().orElseThrow();
            assertThat(all.pty() && all.portForwarding() && all.agentForwarding())
                    .isTrue();
            assertThat(all.x11Forwarding() && all.userRc() && all.touchRequired())
                    .isTrue();
            assertThat(all.verifyRequired() || all.certAuthority()).isFalse();
            assertThat(all.expiry(ZoneOffset.UTC)).isEmpty();
        }

        @Test
        void permissions_restrict_allowsNothing() {
            EffectivePermissions none = permissions("restrict");
            assertThat(none.pty() || none.portForwarding() || none.agentForwarding())
                    .isFalse();
            assertThat(none.x11Forwarding() || none.userRc()).isFalse();
            assertThat(none.touchRequired()).isTrue();
        }

        @Test
        void permissions_order_isLeftToRight() {
            assertThat(permissions("pty,restrict").pty()).isFalse();
            assertThat(permissions("restrict,pty").pty()).isTrue();
            assertThat(permissions("no-pty,pty").pty()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"pty", "port-forwarding", "agent-forwarding", "x11-forwarding", "user-rc", "touch-required"})
        void permissions_negatableFlag_worksBothWays(String flag) {
            EffectivePermissions all = KeyOptions.NONE.permissions().orElseThrow();
            assertThat(permissions("no-" + flag)).isNotEqualTo(all);
            assertThat(permissions("no-" + flag + "," + flag)).isEqualTo(all);
            assertThat(permissions("NO-" + flag.toUpperCase(java.util.Locale.ROOT)))
                    .isNotEqualTo(all);
        }

        @Test
        void permissions_verifyRequired_worksBothWays() {
            assertThat(permissions("verify-required").verifyRequired()).isTrue();
            assertThat(permissions("verify-required,no-verify-required").verifyRequired())
                    .isFalse();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "no-restrict",
                    "no-cert-authority",
                    "no-command",
                    "no-no-pty",
                    "ptyx",
                    "pty=\"x\"",
                    "command",
                    "nonsense",
                    "x=\"y\"",
                    "=",
                    "pty\"x\"",
                    "no-",
                    "#"
                })
        void problem_unknownOption_dropsTheLine(String option) {
            for (String options : List.of(option, "restrict," + option, option + ",pty")) {
                if (options.startsWith("#")) {
                    continue;
                }
                assertThat(problem(options)).contains("sshd knows no such option");
                assertThat(KeyOptions.parse(options).permissions()).isEmpty();
            }
        }

        @Test
        void permissions_certAuthority_isSeen() {
            assertThat(permissions("Cert-Authority").certAuthority()).isTrue();
        }
    }

    @Nested
    class Values {
        @ParameterizedTest
        @ValueSource(strings = {"command", "principals", "from"})
        void problem_singleValueTwice_isAnError(String name) {
            assertThat(problem(name + "=\"a\"")).isEmpty();
            assertThat(problem(name + "=\"a\"," + name + "=\"a\"")).contains(name + " stands more than once");
        }

        @Test
        void permissions_values_areReported() {
            EffectivePermissions read =
                    permissions("command=\"ls -l, then\",from=\"a,b\",principals=\"x\",tunnel=\"1\"");
            assertThat(read.command()).contains("ls -l, then");
            assertThat(read.from()).contains("a,b");
            assertThat(read.principals()).contains("x");
            assertThat(read.tunnel()).contains("1");
            assertThat(read.toString()).doesNotContain("ls -l");
        }

        @Test
        void permissions_environment_firstPerNameWins() {
            assertThat(permissions("environment=\"A=1\",environment=\"A=2\",environment=\"B_2=\"")
                            .environment())
                    .isEqualTo(Map.of("A", "1", "B_2", ""));
        }

        @ParameterizedTest
        @ValueSource(strings = {"A", "=x", "A-B=x", "A B=x", "", "\u00e4=x"})
        void problem_badEnvironment_dropsTheLine(String value) {
            assertThat(problem("environment=\"" + value + "\"")).isPresent();
        }

        @Test
        void problem_tooManyEnvironmentOrPermits_dropsTheLine() {
            assertThat(problem(many("environment=\"A%d=x\"", 1025))).isEmpty();
            assertThat(problem(many("environment=\"A%d=x\"", 1026))).isPresent();
            assertThat(problem(many("permitopen=\"h:%d\"", 4097))).isEmpty();
            assertThat(problem(many("permitlisten=\"%d\"", 4098))).isPresent();
        }

        private static String many(String format, int count) {
            return IntStream.rangeClosed(1, count).mapToObj(format::formatted).collect(Collectors.joining(","));
        }

        @Test
        void permissions_tunnel_lastWins() {
            assertThat(permissions("tunnel=\"1\",tunnel=\"Any\"").tunnel()).contains("Any");
        }

        @ParameterizedTest
        @CsvSource({
            "0,true",
            "2147483645,true",
            "2147483646,false",
            "any,true",
            "x,false",
            "'',false",
            "-1,false",
            "9999999999999999999,false"
        })
        void problem_tunnel_isChecked(String value, boolean right) {
            assertThat(problem("tunnel=\"" + value + "\"").isEmpty()).isEqualTo(right);
        }

        @ParameterizedTest
        @CsvSource({
            "'host:80', true",
            "'host: 80', true",
            "'host:  +80', true",
            "'host:000000000000080', true",
            "'host:80 ', false",
            "'host:-80', false",
            "'host:+', false",
            "'host:00', false",
            "'host:655360', false",
            "'host:*', true",
            "'*:80', true",
            "'*:*', true",
            "'host:ssh', true",
            "'host/80', true",
            "'[::1]:80', true",
            "'[::1]/80', true",
            "':80', true",
            "'host:65535', true",
            "'host:080', true",
            "'host:65536', false",
            "'host:0', false",
            "'host:', false",
            "'host', false",
            "'::1:80', false",
            "'[::1', false",
            "'[::1]', false",
            "'[::1]x:80', false",
            "'none', false",
            "'80', false",
            "'*', false",
            "'host:nosuchservice', false",
            "'host:9999999999', false",
            "'', false"
        })
        void problem_permitOpen_isHostAndPort(String value, boolean right) {
            assertThat(problem("permitopen=\"" + value + "\"").isEmpty()).isEqualTo(right);
        }

        @ParameterizedTest
        @CsvSource({
            "'80', true",
            "'*', true",
            "'ssh', true",
            "'host:80', true",
            "'[::1]:80', true",
            "'none', false",
            "'0', false",
            "'host', false",
            "'host/80', false",
            "'::1:80', false"
        })
        void problem_permitListen_takesABarePort(String value, boolean right) {
            assertThat(problem("permitlisten=\"" + value + "\"").isEmpty()).isEqualTo(right);
        }

        @Test
        void problem_hostTooLong_dropsTheLine() {
            assertThat(problem("permitopen=\"" + "h".repeat(1024) + ":80\"")).isEmpty();
            assertThat(problem("permitopen=\"" + "h".repeat(1025) + ":80\"")).isPresent();
        }

        @Test
        void permissions_permits_areRepeatable() {
            EffectivePermissions read =
                    permissions("permitopen=\"a:1\",permitlisten=\"2\",permitopen=\"b:3\",permitlisten=\"h:4\"");
            assertThat(read.permitOpen()).containsExactly("a:1", "b:3");
            assertThat(read.permitListen()).containsExactly("*:2", "h:4");
        }

        @Test
        void permissions_expiryTime_earliestWinsInTheServersZone() {
            EffectivePermissions read = permissions("expiry-time=\"20300102Z\",expiry-time=\"20300101\"");
            assertThat(read.expiry(ZoneOffset.UTC)).contains(Instant.parse("2030-01-01T00:00:00Z"));
            assertThat(read.expiry(ZoneId.of("America/New_York"))).contains(Instant.parse("2030-01-01T05:00:00Z"));
            assertThat(permissions("expiry-time=\"20300101Z\",expiry-time=\"20310101Z\"")
                            .expiry(ZoneOffset.UTC))
                    .contains(Instant.parse("2030-01-01T00:00:00Z"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"command=ls", "command=", "command=\"a\"b", "command=\"a\"\"b\"", "from=x\"y\""})
        void problem_valueNotInQuotes_dropsTheLine(String options) {
            assertThat(problem(options)).isPresent();
            assertThat(KeyOptions.parse(options).list().get(0).problem()).isPresent();
        }
    }

    @Nested
    class Text {
        @Test
        void parse_escapedQuote_isTheOnlyEscape() {
            KeyOption command = KeyOptions.parse("command=\"a \\\"b\\\" \\n \\\\\\\" c\"")
                    .find("COMMAND")
                    .orElseThrow();
            assertThat(command.value()).contains("a \"b\" \\n \\\\\" c");
            assertThat(KeyOption.of("command", command.value().orElseThrow())).isEqualTo(command);
        }

        @ParameterizedTest
        @ValueSource(strings = {",pty", "restrict,", ",,pty,,", ","})
        void parse_needlessCommas_areAcceptedAndKept(String options) {
            assertThat(problem(options)).isEmpty();
            assertThat(KeyOptions.parse(options).text()).isEqualTo(options);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"a b", " restrict", "restrict ", "command=\"x", "a\nb", "a\0", "command=\"a\tb\"", "#x"})
        void parse_whatCannotStandInFrontOfAKey_isRefused(String text) {
            assertThatExceptionOfType(EditRefusedException.class)
                    .isThrownBy(() -> KeyOptions.parse(text))
                    .extracting(EditRefusedException::reason)
                    .isEqualTo(EditRefusedException.Reason.NOT_WRITABLE);
        }

        @Test
        void parse_textWithNothingInIt_isNone() {
            assertThat(KeyOptions.parse("")).isSameAs(KeyOptions.NONE);
            assertThat(KeyOptions.of()).isSameAs(KeyOptions.NONE);
            assertThat(KeyOptions.NONE.isEmpty()).isTrue();
            assertThat(KeyOptions.parse(",").isEmpty()).isTrue();
        }

        @Test
        void toString_values_areHidden() {
            KeyOptions options = KeyOptions.parse("pty,environment=\"TOKEN=secret\"");
            assertThat(options).hasToString("[pty, environment=...]");
            assertThat(options.text()).isEqualTo("pty,environment=\"TOKEN=secret\"");
        }

        @Test
        void equals_caseOfNamesAndSpelling_doNotCount() {
            KeyOptions options = KeyOptions.parse("NO-PTY,Command=\"x\"");
            assertThat(options)
                    .isEqualTo(KeyOptions.parse(",no-pty,command=\"x\""))
                    .hasSameHashCodeAs(KeyOptions.parse("no-pty,command=\"x\""));
            assertThat(options)
                    .isNotEqualTo(KeyOptions.parse("no-pty,command=\"X\""))
                    .isNotEqualTo("no-pty");
            assertThat(KeyOption.flag("pty")).isNotEqualTo("pty").isNotEqualTo(KeyOption.flag("no-pty"));
        }

        @Test
        void meansTheSameAs_otherSpelling_isTrue() {
            KeyOptions plain = KeyOptions.parse("no-pty,no-x11-forwarding");
            assertThat(plain.meansTheSameAs(KeyOptions.parse("no-X11-forwarding,pty,no-pty")))
                    .isTrue();
            assertThat(plain.meansTheSameAs(KeyOptions.parse("restrict"))).isFalse();
            assertThat(KeyOptions.parse("nonsense").meansTheSameAs(KeyOptions.parse("nonsense")))
                    .isTrue();
            assertThat(KeyOptions.parse("nonsense").meansTheSameAs(KeyOptions.parse("rubbish")))
                    .isFalse();
        }

        @Test
        void meansTheSameAs_valuesThatDifferInBytesThatAreNoText_isFalse() {
            KeyOptions one = KeyOptions.read(Keys.bytes("command=\"\u00e9\",pty"));
            KeyOptions two = KeyOptions.read(Keys.bytes("pty,command=\"\u00e8\""));
            assertThat(one.meansTheSameAs(two)).isFalse();
            assertThat(one.toBytes()).isEqualTo(Keys.bytes("command=\"\u00e9\",pty"));
        }
    }

    @Nested
    class Make {
        @Test
        void of_valueWithQuotesBlanksAndBackslashes_isReadBack() {
            for (String value : List.of("", " ", "a\"b", "\\n", "a\\\"b", "\"", "x,y=\"z\"", "\u00fc")) {
                KeyOption option = KeyOption.of("command", value);
                assertThat(KeyOptions.read(option.toBytes())
                                .permissions()
                                .orElseThrow()
                                .command())
                        .as(value)
                        .contains(value);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"a\\", "\\", "a\nb", "a\rb", "a\0b", "a\tb", "a\u007fb"})
        void of_valueThatCannotBeWritten_isRefused(String value) {
            assertThatExceptionOfType(EditRefusedException.class)
                    .isThrownBy(() -> KeyOption.of("command", value))
                    .extracting(EditRefusedException::reason)
                    .isEqualTo(EditRefusedException.Reason.NOT_WRITABLE);
        }

        @Test
        void make_everyOption_isWrittenAsSshdReadsIt() {
            KeyOptions all = KeyOptions.of(
                    KeyOption.restrict(),
                    KeyOption.certAuthority(),
                    KeyOption.command("say \"hi\""),
                    KeyOption.from("10.0.0.0/8", "!10.1.*", "*.example.org"),
                    KeyOption.principals("alice", "bob"),
                    KeyOption.environment("A", "1"),
                    KeyOption.expiryTime(Instant.parse("2030-01-02T03:04:05Z")),
                    KeyOption.tunnel(7),
                    KeyOption.permitOpen("host", 80),
                    KeyOption.permitOpen("::1", 443),
                    KeyOption.permitListen("*", 8080));
            assertThat(all.text())
                    .isEqualTo("restrict,cert-authority,command=\"say \\\"hi\\\"\","
                            + "from=\"10.0.0.0/8,!10.1.*,*.example.org\",principals=\"alice,bob\",environment=\"A=1\","
                            + "expiry-time=\"20300102030405Z\",tunnel=\"7\",permitopen=\"host:80\","
                            + "permitopen=\"[::1]:443\",permitlisten=\"*:8080\"");
            EffectivePermissions read = all.permissions().orElseThrow();
            assertThat(read.admits("10.2.0.1")).isTrue();
            assertThat(read.admits("10.1.0.1")).isFalse();
            assertThat(read.permitOpen()).containsExactly("host:80", "[::1]:443");
            assertThat(KeyOptions.parse(all.text())).isEqualTo(all);
        }

        @ParameterizedTest
        @EnumSource
        void onAndOff_everyFlag_areOpposites(KeyFlag flag) {
            KeyOption on = KeyOption.on(flag);
            KeyOption off = KeyOption.off(flag);
            assertThat(off.name()).isEqualTo("no-" + on.name());
            assertThat(KeyOptions.of(on).permissions())
                    .isPresent()
                    .isNotEqualTo(KeyOptions.of(off).permissions())
                    .isEqualTo(KeyOptions.of(off, on).permissions());
            assertThat(KeyOptions.of(on).with(off)).isEqualTo(KeyOptions.of(off));
        }

        @Test
        void make_valueThatSshdWouldNotTakeAsMeant_isRefused() {
            List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> makers = List.of(
                    () -> KeyOption.from(),
                    () -> KeyOption.from(""),
                    () -> KeyOption.from("!"),
                    () -> KeyOption.from("10.0.0.1", ""),
                    () -> KeyOption.from("10.0.0.1,10.0.0.2"),
                    () -> KeyOption.from("a\nb"),
                    () -> KeyOption.principals(),
                    () -> KeyOption.principals("a,b"),
                    () -> KeyOption.permitOpen("host", 0),
                    () -> KeyOption.permitOpen("host", 65536),
                    () -> KeyOption.permitOpen("a/b", 80),
                    () -> KeyOption.permitListen("h".repeat(1025), 80),
                    () -> KeyOption.tunnel(-1),
                    () -> KeyOption.tunnel(Integer.MAX_VALUE),
                    () -> KeyOption.command("ends in \\"),
                    () -> KeyOption.command("a\rb"));
            for (var maker : makers) {
                assertThatExceptionOfType(EditRefusedException.class)
                        .isThrownBy(maker)
                        .extracting(EditRefusedException::reason)
                        .isEqualTo(EditRefusedException.Reason.NOT_WRITABLE);
            }
        }

        @Test
        void of_whatSshdWouldDropTheLineFor_isRefused() {
            assertThatExceptionOfType(EditRefusedException.class).isThrownBy(() -> KeyOption.of("pty", "x"));
            assertThatExceptionOfType(EditRefusedException.class).isThrownBy(() -> KeyOption.of("nonsense", "x"));
            assertThatExceptionOfType(EditRefusedException.class).isThrownBy(() -> KeyOption.flag("command"));
            assertThatExceptionOfType(EditRefusedException.class).isThrownBy(() -> KeyOption.flag("pty,restrict"));
            assertThatExceptionOfType(EditRefusedException.class)
                    .isThrownBy(() -> KeyOption.of("expiry-time", "tomorrow"));
            assertThatExceptionOfType(EditRefusedException.class).isThrownBy(() -> KeyOption.environment("A B", "x"));
        }

        @Test
        void expiryTime_instant_isWrittenInUtc() {
            KeyOption option = KeyOption.expiryTime(Instant.parse("2030-01-02T03:04:05.999Z"));
            assertThat(option.value()).contains("20300102030405Z");
            assertThat(option).hasToString("expiry-time=...");
            assertThat(KeyOption.environment("A", "b c").value()).contains("A=b c");
            assertThat(KeyOption.flag("pty").value()).isEmpty();
        }
    }

    @Nested
    class Change {
        private static String with(String options, KeyOption option) {
            return KeyOptions.parse(options).with(option).text();
        }

        @Test
        void with_value_takesThePlaceOfTheFirstAndTheRestGo() {
            KeyOption expiry = KeyOption.of("expiry-time", "20300101Z");
            assertThat(with("", expiry)).isEqualTo("expiry-time=\"20300101Z\"");
            assertThat(with("pty", expiry)).isEqualTo("pty,expiry-time=\"20300101Z\"");
            assertThat(with("Expiry-Time=\"20290101\",pty,expiry-time=\"2031010101\",x", expiry))
                    .isEqualTo("expiry-time=\"20300101Z\",pty,x");
        }

        @Test
        void with_flag_holdsWhateverStoodBefore() {
            assertThat(with("pty,restrict", KeyOption.flag("pty"))).isEqualTo("restrict,pty");
            assertThat(with("restrict,no-pty", KeyOption.flag("pty"))).isEqualTo("restrict,pty");
            assertThat(with("pty", KeyOption.flag("restrict"))).isEqualTo("pty,restrict");
            assertThat(KeyOptions.parse("restrict,pty")
                            .with(KeyOption.flag("PTY"))
                            .text())
                    .isEqualTo("restrict,pty");
        }

        @Test
        void with_thereAlready_changesNothing() {
            KeyOptions options = KeyOptions.parse("Command=\"x\",pty,");
            assertThat(options.with(KeyOption.of("command", "x"))).isSameAs(options);
        }

        @Test
        void with_repeatable_isAdded() {
            assertThat(with("permitopen=\"a:1\"", KeyOption.of("permitopen", "b:2")))
                    .isEqualTo("permitopen=\"a:1\",permitopen=\"b:2\"");
            assertThat(with("permitopen=\"a:1\",pty", KeyOption.of("permitopen", "a:1")))
                    .isEqualTo("permitopen=\"a:1\",pty");
        }

        @Test
        void with_environment_replacesItsVariable() {
            assertThat(with("environment=\"A=1\",environment=\"B=2\"", KeyOption.environment("A", "3")))
                    .isEqualTo("environment=\"A=3\",environment=\"B=2\"");
            assertThat(with("environment=\"B\"", KeyOption.environment("A", "3")))
                    .isEqualTo("environment=\"B\",environment=\"A=3\"");
        }

        @Test
        void without_names_leavesTheRestByteForByte() {
            KeyOptions options = KeyOptions.parse(",Command=\"a  \\\"b\",nonsense,no-pty,pty,");
            assertThat(options.without("PTY").text()).isEqualTo(",Command=\"a  \\\"b\",nonsense,no-pty,");
            assertThat(options.without("command", "no-pty", "pty").text()).isEqualTo(",nonsense,");
            assertThat(options.without("from")).isSameAs(options);
            assertThat(KeyOptions.parse("pty,").without("pty")).isSameAs(KeyOptions.NONE);
        }
    }
}
