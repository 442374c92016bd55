package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.transport.ExecResult;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of a shell's answer, whatever it is. */
class ShellAnswerTest {
    private static ShellAnswer parse(int status, String stdout) {
        byte[] bytes = stdout.getBytes(StandardCharsets.ISO_8859_1);
        return ShellAnswer.parse(new ExecResult(status, null, bytes, new byte[0]), "complaint");
    }

    @Nested
    class Parse {
        @Test
        void content_beginsAfterItsLineAndIsAnyBytes() {
            ShellAnswer answer = parse(0, "state seen\ncontent\n\u00ff\ncontent\nstate done\n");
            assertThat(answer.content())
                    .isEqualTo("\u00ff\ncontent\nstate done\n".getBytes(StandardCharsets.ISO_8859_1));
            assertThat(answer.state()).isEqualTo("seen");
        }

        @Test
        void content_isACopy() {
            ShellAnswer answer = parse(0, "content\nx");
            answer.content()[0] = 'y';
            assertThat(answer.content()).containsExactly('x');
        }

        @Test
        void lineWithoutItsEnd_isNotHeard() {
            assertThat(parse(0, "state done\nstate fail").state()).isEqualTo("done");
        }

        @Test
        void nothing_isNothing() {
            ShellAnswer answer = parse(0, "");
            assertThat(answer.state()).isEmpty();
            assertThat(answer.content()).isEmpty();
            assertThat(answer.complaint()).isEqualTo("complaint");
        }
    }

    @Nested
    class State {
        @Test
        void lastOfSeveral_counts() {
            assertThat(parse(0, "state seen\nstate unreadable\n").state()).isEqualTo("unreadable");
        }

        @Test
        void failedCommand_hasNone() {
            assertThat(parse(1, "state done\n").state()).isEmpty();
        }
    }

    @Nested
    class Values {
        @Test
        void value_isTheFirstOfThatWord() {
            ShellAnswer answer = parse(0, "place a\nplaces x\nplace b c\n");
            assertThat(answer.require("place")).isEqualTo("a");
            assertThat(answer.all("place")).containsExactly("a", "b c");
            assertThat(answer.value("home")).isEmpty();
        }

        @Test
        void wordThatIsMissing_isSenseless() {
            assertSenseless(() -> parse(0, "x\n").require("home"), "no home");
        }

        @Test
        void lastWord_mayHaveBlanks() {
            assertThat(ShellAnswer.split("a b c d", 3)).containsExactly("a", "b", "c d");
            assertThat(parse(0, "account 5 6\n").words("account", 2)).containsExactly("5", "6");
        }

        @Test
        void tooFewWords_areSenseless() {
            assertSenseless(() -> ShellAnswer.split("a b", 3), "2 words in place of 3");
        }

        @Test
        void number_isAnyUid() {
            assertThat(ShellAnswer.number("4294967294")).isEqualTo(-2);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "x", "-1", "4294967296"})
        void otherThanANumber_isSenseless(String text) {
            assertSenseless(() -> ShellAnswer.number(text), "no number");
        }

        private void assertSenseless(Runnable action, String what) {
            assertThatThrownBy(action::run)
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.SCRIPT_FAILED))
                    .hasMessageContaining(what);
        }
    }
}
