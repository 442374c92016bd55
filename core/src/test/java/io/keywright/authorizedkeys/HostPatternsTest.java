package io.keywright.authorizedkeys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPatternsTest {
    @Nested
    class Admits {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "10.0.0.1 | 10.0.0.1 | h | true",
                    "10.0.0.1 | 10.0.0.2 | h | false",
                    "10.0.0.0/8 | 10.200.0.1 | h | true",
                    "10.0.0.0/8 | 11.0.0.1 | h | false",
                    "10.0.0.0/8,!10.1.0.0/16 | 10.1.2.3 | h | false",
                    "!10.1.0.0/16,10.0.0.0/8 | 10.2.2.3 | h | true",
                    "!10.1.0.0/16 | 10.2.2.3 | h | false",
                    "10.0.0.* | 10.0.0.77 | h | true",
                    "10.0.0.? | 10.0.0.77 | h | false",
                    "*.example.org | 1.2.3.4 | web.Example.ORG | true",
                    "*.EXAMPLE.org | 1.2.3.4 | web.example.org | true",
                    "*.example.org,!bad.* | 1.2.3.4 | bad.example.org | false",
                    "1.2.3.4,!bad.* | 1.2.3.4 | bad.example.org | false",
                    "!1.2.3.4,* | 1.2.3.4 | good | false",
                    "web | 1.2.3.4 | web | true",
                    "web | 1.2.3.4 | webx | false",
                    "* | 1.2.3.4 | h | true",
                    "10.0.0.1/8 | 10.0.0.1 | h | false",
                    "10.0.0.1/8,* | 10.0.0.1 | h | false",
                    "10.0.0.0/33,* | 10.0.0.1 | h | false",
                    "10.0.0.0/129,* | 10.0.0.1 | h | true",
                    "10.0.0.0/x,* | 10.0.0.1 | h | true",
                    "10.0.0.0/,* | 10.0.0.1 | h | true",
                    "0.0.0.0/0 | 10.0.0.1 | h | true",
                    "::/0 | 10.0.0.1 | h | false",
                    "*,,x | 10.0.0.1 | h | false",
                    "*, | 10.0.0.1 | h | false",
                    "! | 10.0.0.1 | h | false",
                    "10 | 0.0.0.10 | h | true",
                    "0x7f.1 | 127.0.0.1 | h | true",
                    "2001:db8::/32 | 2001:db8:1::5 | h | true",
                    "2001:db8::/32 | 2001:db9::5 | h | false",
                    "2001:DB8::5 | 2001:db8:0:0::5 | h | true",
                    "2001:db8::1/32,* | 2001:db8::1 | h | false",
                    "2001:db8:* | 2001:db8::5 | h | true",
                    "::ffff:1.2.3.4 | 1.2.3.4 | h | false",
                    "1.2.3.4 | ::ffff:1.2.3.4 | h | true",
                    "fe80::1%2 | fe80::1%2 | h | true",
                    "fe80::1%2 | fe80::1%3 | h | false",
                    "web | UNKNOWN | web | true",
                    "*,, | UNKNOWN | web | true"
                })
        void admits_listAndClient_isDecidedAsSshdDoes(String list, String address, String host, boolean admitted) {
            EffectivePermissions permissions =
                    KeyOptions.of(KeyOption.of("from", list)).permissions().orElseThrow();
            assertThat(permissions.admits(address, host)).isEqualTo(admitted);
        }

        @Test
        void admits_emptyList_admitsNobody() {
            EffectivePermissions permissions =
                    KeyOptions.parse("from=\"\"").permissions().orElseThrow();
            assertThat(permissions.admits("1.2.3.4")).isFalse();
        }

        @Test
        void admits_noFrom_admitsEverybody() {
            assertThat(KeyOptions.NONE.permissions().orElseThrow().admits("nonsense"))
                    .isTrue();
        }

        @Test
        void admits_withoutName_matchesTheAddressAsName() {
            assertThat(KeyOptions.parse("from=\"1.2.3.?\"")
                            .permissions()
                            .orElseThrow()
                            .admits("1.2.3.4"))
                    .isTrue();
        }

        @Test
        void admits_patternLongerThanSshdsBuffer_matchesNoName() {
            String list = "web," + "x".repeat(1023);
            assertThat(HostPatterns.match(list, "1.2.3.4", "web")).isFalse();
            assertThat(HostPatterns.match("web," + "x".repeat(1022), "1.2.3.4", "web"))
                    .isTrue();
        }
    }

    @Nested
    class MatchPattern {
        @ParameterizedTest
        @CsvSource({
            "'', '', true",
            "a, '', false",
            "'', a, false",
            "'', *, true",
            "'', ?, false",
            "abc, a*c, true",
            "abc, a*b, false",
            "abc, *b*, true",
            "abc, ???, true",
            "abc, ????, false",
            "abcbc, a*bc, true",
            "aab, *a?, true",
            "abc, **c, true",
            "abc, abc*, true",
            "abc, *d*, false"
        })
        void matchPattern_wildcards_match(String text, String pattern, boolean matches) {
            assertThat(HostPatterns.matchPattern(text, pattern)).isEqualTo(matches);
        }

        @Test
        void matchPattern_hostilePattern_isDecidedAtOnce() {
            assertThat(HostPatterns.matchPattern("a".repeat(1000), "a*".repeat(500) + "b"))
                    .isFalse();
        }
    }

    @Nested
    class Address {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "1.2.3.4",
                    "0",
                    "255.255.255.255",
                    "4294967295",
                    "010.1",
                    "0xff.0xff",
                    "::",
                    "::1",
                    "1::",
                    "1:2:3:4:5:6:7:8",
                    "1:2:3:4:5:6:7::",
                    "::2:3:4:5:6:7:8",
                    "::1.2.3.4",
                    "1:2:3:4:5:6:1.2.3.4",
                    "fe80::1%eth0"
                })
        void parse_address_isRead(String text) {
            assertThat(NumericAddress.parse(text)).isNotNull();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "a",
                    "1.2.3.4.5",
                    "1.2.3.256",
                    "256.1.1.1",
                    "1.2.65536",
                    "4294967296",
                    "1..2",
                    "1.2.3.",
                    "08",
                    "0x",
                    "0xg",
                    "-1",
                    "1.2.3.4 ",
                    "\u0661.2.3.4",
                    ":",
                    ":::",
                    "1::2::3",
                    "1:2:3:4:5:6:7",
                    "1:2:3:4:5:6:7:8:9",
                    "1:2:3:4:5:6:7:8::",
                    "12345::",
                    "g::",
                    "::1.2.3",
                    "::01.2.3.4",
                    "::1.2.3.256",
                    "1.2.3.4::",
                    ":1",
                    "1:",
                    "[::1]"
                })
        void parse_somethingElse_isNull(String text) {
            assertThat(NumericAddress.parse(text)).isNull();
        }
    }
}
