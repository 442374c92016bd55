package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What sshd refuses of a place on the way to a file. */
class StrictModesTest {
    private static final int ACCOUNT = 1000;

    private static StrictModes look(@Nullable Integer account, int mode, @Nullable Integer owner) {
        StrictModes modes = new StrictModes(account);
        modes.look("/place", mode, owner);
        return modes;
    }

    @Nested
    class Look {
        @ParameterizedTest
        @CsvSource({"0755, false", "0700, false", "0777, true", "0720, true", "0702, true", "1755, false"})
        void mode_othersMayNotWrite(String mode, boolean trouble) {
            assertThat(look(ACCOUNT, Integer.parseInt(mode, 8), ACCOUNT).trouble())
                    .hasSize(trouble ? 1 : 0)
                    .allSatisfy(told -> assertThat(told).startsWith("/place has mode " + mode));
        }

        @ParameterizedTest
        @CsvSource({"1000, false", "0, false", "1001, true"})
        void owner_isTheAccountOrRoot(int owner, boolean trouble) {
            assertThat(look(ACCOUNT, 0700, owner).trouble())
                    .hasSize(trouble ? 1 : 0)
                    .allSatisfy(told -> assertThat(told).startsWith("/place belongs to uid 1001"));
        }

        @Test
        void whoIsNotKnown_isNoTrouble() {
            assertThat(look(null, 0700, 1001).trouble()).isEmpty();
            assertThat(look(ACCOUNT, 0700, null).trouble()).isEmpty();
        }
    }
}
