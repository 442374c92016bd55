package io.keywright.authorizedkeys;

import static io.keywright.authorizedkeys.Keys.ALICE;
import static io.keywright.authorizedkeys.Keys.BOB;
import static io.keywright.authorizedkeys.Keys.CAROL;
import static io.keywright.authorizedkeys.Keys.RSA;
import static io.keywright.authorizedkeys.Keys.bare;
import static io.keywright.authorizedkeys.Keys.base64;
import static io.keywright.authorizedkeys.Keys.file;
import static io.keywright.authorizedkeys.Keys.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywright.KeyComment;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.EditRefusedException.Reason;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizedKeysTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final String A = bare(ALICE);
    private static final String B = bare(BOB);
    private static final String C = bare(CAROL);

    /** Lines that are nobody's business, each a bug in some peer. */
    private static final String STRANGE = "# a comment with ssh-ed25519 AAAA\n"
            + "\n"
            + " \t \n"
            + "  from=\"10.0.0.0/8\",command=\"echo  two  # spaces\"\t " + C + "  carol   x \r\n"
            + "ssh-rsa broken\n"
            + "nonsense=\"a b\" " + C + "\n"
            + "nonsense=\"a b\" " + C + "\n"
            + "\u00ff\u00fe\0\n"
            + C + " me\rssh-ed25519 AAAA\n"
            + "cert-authority,principals=\"x\" " + A + " ca\n"
            + bare(Keys.FUTURE) + "\n";

    private static void refused(Reason reason, ThrowingCallable edit) {
        assertThatExceptionOfType(EditRefusedException.class)
                .isThrownBy(edit)
                .satisfies(e -> assertThat(e.getMessage()).isNotBlank().doesNotContain(base64(ALICE)))
                .extracting(EditRefusedException::reason)
                .isEqualTo(reason);
    }

    @Nested
    class Find {
        private final AuthorizedKeys file =
                file(A + "\n" + B + "\nrestrict " + A + " x\ncert-authority " + A + "\nnonsense " + A + "\n");

        @Test
        void find_key_isEveryLineWithIt() {
            assertThat(file.find(ALICE)).extracting(Line::number).containsExactly(1, 3, 4, 5);
            assertThat(file.find(ALICE.fingerprint())).isEqualTo(file.find(ALICE));
            assertThat(file.find(ALICE.fingerprint(io.keywright.Fingerprint.Hash.MD5)))
                    .isEqualTo(file.find(ALICE));
            assertThat(file.find(CAROL)).isEmpty();
            assertThat(file.find(CAROL.fingerprint())).isEmpty();
            assertThat(file.entries()).hasSize(5);
            assertThat(file.lines()).hasSize(5);
        }

        @Test
        void contains_certAuthorityOnly_isFalse() {
            assertThat(file.contains(ALICE)).isTrue();
            assertThat(file("cert-authority " + A + "\n").contains(ALICE)).isFalse();
            assertThat(file("Cert-Authority,nonsense " + A + "\n").contains(ALICE))
                    .isFalse();
            assertThat(file("").contains(ALICE)).isFalse();
        }

        @Test
        void find_comment_isNotLookedAt() {
            assertThat(file(B + " alice\n").find(ALICE.withComment("alice"))).isEmpty();
            assertThat(file(A + " alice\n").find(ALICE.withComment("bob"))).hasSize(1);
        }

        @Test
        void equals_bytes_decide() {
            assertThat(file)
                    .isEqualTo(AuthorizedKeys.parse(file.toBytes()))
                    .isNotEqualTo(file(""))
                    .isNotEqualTo("");
            assertThat(file).hasToString("authorized_keys of 5 lines");
            assertThat(file.withClock(CLOCK).withSessionKey(ALICE).withForce())
                    .isEqualTo(file)
                    .hasSameHashCodeAs(file);
        }

        @Test
        void parse_callersArray_isCopied() {
            byte[] bytes = Keys.bytes(A + "\n");
            AuthorizedKeys parsed = AuthorizedKeys.parse(bytes);
            bytes[0] = '#';
            parsed.toBytes()[0] = '#';
            assertThat(parsed.contains(ALICE)).isTrue();
        }
    }

    @Nested
    class Add {
        @Test
        void add_emptyFile_isOneLine() {
            assertThat(text(AuthorizedKeys.empty().add(ALICE))).isEqualTo(A + " alice\n");
        }

        @Test
        void add_fileWithFinalNewline_appends() {
            assertThat(text(file(STRANGE).add(BOB))).isEqualTo(STRANGE + B + " bob\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"# no newline", "x y", "restrict "})
        void add_noFinalNewline_isNotGlued(String last) {
            assertThat(text(file(last).add(ALICE))).isEqualTo(last + "\n" + A + " alice\n");
            assertThat(text(file(B).add(ALICE))).isEqualTo(B + "\n" + A + " alice\n");
            assertThat(text(file(B + " bob").add(ALICE))).isEqualTo(B + " bob\n" + A + " alice\n");
        }

        @Test
        void add_carriageReturns_areUsedWhereTheFileUsesThem() {
            assertThat(text(file(B + "\r\n").add(ALICE))).isEqualTo(B + "\r\n" + A + " alice\r\n");
            assertThat(text(file("#\r\n" + B).add(ALICE))).isEqualTo("#\r\n" + B + "\r\n" + A + " alice\r\n");
            assertThat(text(file(B + "\r").add(ALICE))).isEqualTo(B + "\r\n" + A + " alice\r\n");
        }

        @Test
        void add_thereAlready_changesNothing() {
            AuthorizedKeys file = file(B + "\n" + A + " other comment\n");
            assertThat(file.add(ALICE)).isSameAs(file);
            AuthorizedKeys restricted = file("restrict," + A + "\nno-pty " + A + "\n");
            assertThat(restricted.add(ALICE, KeyOptions.parse("no-pty,"))).isSameAs(restricted);
            AuthorizedKeys spelled = file("no-pty,pty,no-X11-forwarding " + A + "\n");
            assertThat(spelled.add(ALICE, KeyOptions.parse("no-x11-forwarding")))
                    .isSameAs(spelled);
            assertThat(spelled.withForce().add(ALICE, KeyOptions.parse("no-x11-forwarding")))
                    .isEqualTo(spelled);
        }

        @Test
        void add_thereWithOtherOptions_isRefusedUnlessForced() {
            AuthorizedKeys file = file("restrict " + A + "\n");
            refused(Reason.OTHER_OPTIONS, () -> file.add(ALICE));
            refused(Reason.OTHER_OPTIONS, () -> file.add(ALICE, KeyOptions.parse("no-pty")));
            assertThat(text(file.withForce().add(ALICE))).isEqualTo("restrict " + A + "\n" + A + " alice\n");
            refused(Reason.OTHER_OPTIONS, () -> file("nonsense " + A + "\n").add(ALICE));
        }

        @Test
        void add_thereWithFrom_neverOpensTheLineToAll() {
            AuthorizedKeys file = file("from=\"10.0.0.0/8\" " + A + "\n");
            refused(Reason.OTHER_OPTIONS, () -> file.add(ALICE));
            assertThat(file.add(ALICE, KeyOptions.of(KeyOption.from("10.0.0.0/8"))))
                    .isSameAs(file);
        }

        @Test
        void add_options_standInFront() {
            KeyOptions options = KeyOptions.of(KeyOption.flag("restrict"), KeyOption.of("command", "say \"hi, you\""));
            AuthorizedKeys next = AuthorizedKeys.empty().add(ALICE, options);
            assertThat(text(next)).isEqualTo("restrict,command=\"say \\\"hi, you\\\"\" " + A + " alice\n");
            assertThat(next.entries().get(0).options()).isEqualTo(options);
            assertThat(next.entries().get(0).permissions().orElseThrow().command())
                    .contains("say \"hi, you\"");
        }

        @Test
        void add_certAuthorityLine_isAnotherThing() {
            AuthorizedKeys file = file("cert-authority " + A + "\n");
            assertThat(text(file.add(ALICE))).isEqualTo("cert-authority " + A + "\n" + A + " alice\n");
            assertThat(file.add(ALICE, KeyOptions.parse("cert-authority"))).isSameAs(file);
        }

        @ParameterizedTest
        @ValueSource(strings = {"a\nssh-rsa AAAA", "a\rb", "a\0", "\u001b[2J", "a\u007f"})
        void add_commentWithControls_isRefused(String comment) {
            refused(Reason.NOT_WRITABLE, () -> file("").withForce().add(ALICE.withComment(comment)));
            refused(Reason.NOT_WRITABLE, () -> file(B).replace(BOB, ALICE.withComment(comment)));
            refused(Reason.NOT_WRITABLE, () -> file(B).addLike(BOB, ALICE.withComment(comment)));
        }

        @Test
        void add_optionsThatSshdWouldNotRead_areRefused() {
            refused(Reason.NOT_WRITABLE, () -> file("").add(ALICE, KeyOptions.parse("nonsense")));
            refused(Reason.NOT_WRITABLE, () -> file("").add(ALICE, KeyOptions.parse("from=\"a\",from=\"b\"")));
            KeyOptions raw = file("command=\"a\tb\" " + A).entries().get(0).options();
            refused(Reason.NOT_WRITABLE, () -> file("").add(BOB, raw));
        }
    }

    @Nested
    class Replace {
        @Test
        void replace_everyOldLine_keepsAllElse() {
            String before = STRANGE + "  restrict,Command=\"a  b\" \t" + A + "  alice at home\r\n" + STRANGE
                    + "pty\tssh-ed25519\t" + base64(ALICE);
            String after = STRANGE + "  restrict,Command=\"a  b\" \t" + B + " bob\r\n" + STRANGE + "pty\tssh-ed25519\t"
                    + base64(BOB) + " bob";
            assertThat(text(file(before).replace(ALICE, BOB))).isEqualTo(after);
        }

        @Test
        void replace_withComment_keepsTheOldOne() {
            String line = A + " \t caf\u00e9 \u0007 x \r\n";
            assertThat(text(file(line).replace(ALICE, RSA, CarryOver.OPTIONS.withComment())))
                    .isEqualTo(bare(RSA) + " \t caf\u00e9 \u0007 x \r\n");
            assertThat(text(file(A + " x\n").replace(ALICE, BOB.withComment(""))))
                    .isEqualTo(B + "\n");
        }

        @Test
        void replace_optionsLeftOut_leaveTheRest() {
            String stamped = "pty,expiry-time=\"20310101Z\",from=\"10.0.0.0/8, x\" " + A + "\n";
            CarryOver carryOver = CarryOver.OPTIONS.withoutOptions("Expiry-Time");
            assertThat(text(file(stamped).replace(ALICE, BOB, carryOver)))
                    .isEqualTo("pty,from=\"10.0.0.0/8, x\" " + B + " bob\n");
            assertThat(text(file(" expiry-time=\"20310101Z\"  " + A + "\n").replace(ALICE, BOB, carryOver)))
                    .isEqualTo(" " + B + " bob\n");
            assertThat(carryOver.withComment()).hasToString("options without Expiry-Time and comment");
            assertThat(CarryOver.OPTIONS).hasToString("options");
        }

        @Test
        void replace_otherSpellingsOfTheOldKey_goToo() {
            String before = "rsa-sha2-256 " + base64(RSA) + "\nssh-rsa " + base64(Keys.paddedRsaBlob()) + " x\n";
            assertThat(text(file(before).replace(RSA, BOB))).isEqualTo(B + " bob\n" + B + " bob\n");
        }

        @Test
        void replace_newThereWithTheSameOptions_removesTheOldLine() {
            String before = "restrict " + A + "\n" + A + "\nrestrict " + B + "\n";
            assertThat(text(file(before).replace(ALICE, BOB))).isEqualTo(B + " bob\nrestrict " + B + "\n");
        }

        @Test
        void replace_linesWithOtherOptions_areNotMerged() {
            String before = "from=\"10.0.0.0/8\" " + A + "\nrestrict " + A + "\n" + A + "\n";
            assertThat(text(file(before).replace(ALICE, BOB)))
                    .isEqualTo("from=\"10.0.0.0/8\" " + B + " bob\nrestrict " + B + " bob\n" + B + " bob\n");
        }

        @Test
        void replace_duplicates_stay() {
            String before = A + "\n#\n" + A + "\n";
            assertThat(text(file(before).replace(ALICE, BOB))).isEqualTo(B + " bob\n#\n" + B + " bob\n");
        }

        @Test
        void replace_doneBefore_changesNothing() {
            AuthorizedKeys file = file(B + "\n");
            assertThat(file.replace(ALICE, BOB)).isSameAs(file);
            assertThat(file.replace(BOB, BOB.withComment("x"))).isSameAs(file);
        }

        @Test
        void replace_neitherThere_isRefusedEvenForced() {
            refused(Reason.KEY_NOT_FOUND, () -> file(C + "\n").replace(ALICE, BOB));
            refused(
                    Reason.KEY_NOT_FOUND,
                    () -> file("cert-authority " + A + "\n").replace(ALICE, BOB));
            refused(Reason.KEY_NOT_FOUND, () -> file(C + "\n").withForce().replace(ALICE, ALICE));
        }

        @Test
        void replace_byAKeyThatSomeServersRefuse_isRefusedUnlessForced() {
            AuthorizedKeys file = file(A + "\n");
            refused(Reason.LAST_USABLE_KEY, () -> file.replace(ALICE, Keys.ED448));
            assertThat(file.withForce().replace(ALICE, Keys.ED448).contains(Keys.ED448))
                    .isTrue();
            assertThat(text(file(bare(Keys.ED448) + "\n").replace(Keys.ED448, Keys.FUTURE)))
                    .isEqualTo(bare(Keys.FUTURE) + "\n");
        }
    }

    @Nested
    class AddLike {
        @Test
        void addLike_oneLine_addsRightAfterIt() {
            String line = " from=\"10.0.0.0/8\",command=\"a  b\"  " + A + " alice\n";
            assertThat(text(file("# x\n" + line + STRANGE).addLike(ALICE, BOB)))
                    .isEqualTo("# x\n" + line + "from=\"10.0.0.0/8\",command=\"a  b\" " + B + " bob\n" + STRANGE);
        }

        @Test
        void addLike_lastLineWithoutNewline_getsOne() {
            assertThat(text(file("#\n" + A).addLike(ALICE, BOB))).isEqualTo("#\n" + A + "\n" + B + " bob\n");
            assertThat(text(file(A + " alice\r").addLike(ALICE, BOB, CarryOver.OPTIONS.withComment())))
                    .isEqualTo(A + " alice\r\n" + B + " alice\r\n");
            assertThat(text(file(A + "\r\n#").addLike(ALICE, BOB))).isEqualTo(A + "\r\n" + B + " bob\r\n#");
        }

        @Test
        void addLike_severalSetsOfOptions_getOneLineEach() {
            String before = "pty " + A + "\n" + "restrict " + A + "\n" + A + "\ncert-authority " + A + "\n";
            assertThat(text(file(before).addLike(ALICE, BOB)))
                    .isEqualTo("pty " + A + "\npty " + B + " bob\nrestrict " + A + "\nrestrict " + B + " bob\n" + A
                            + "\ncert-authority " + A + "\n");
        }

        @Test
        void addLike_withoutStamp_doesNotCopyIt() {
            String before = "expiry-time=\"20310101Z\" " + A + "\n" + A + "\n";
            assertThat(text(file(before).addLike(ALICE, BOB, CarryOver.OPTIONS.withoutOptions("expiry-time"))))
                    .isEqualTo("expiry-time=\"20310101Z\" " + A + "\n" + B + " bob\n" + A + "\n");
        }

        @Test
        void addLike_twice_changesNothing() {
            AuthorizedKeys once = file("restrict " + A + "\n" + A + "\n").addLike(ALICE, BOB);
            assertThat(once.addLike(ALICE, BOB)).isSameAs(once);
            AuthorizedKeys contracted = once.remove(ALICE);
            assertThat(contracted.addLike(ALICE, BOB)).isSameAs(contracted);
            assertThat(text(contracted)).isEqualTo("restrict " + B + " bob\n" + B + " bob\n");
            assertThat(once.replace(ALICE, BOB)).isEqualTo(contracted);
        }

        @Test
        void addLike_partlyThere_addsTheRest() {
            assertThat(text(file("restrict " + A + "\n" + A + "\n" + B + "\n").addLike(ALICE, BOB)))
                    .isEqualTo("restrict " + A + "\nrestrict " + B + " bob\n" + A + "\n" + B + "\n");
        }

        @Test
        void addLike_newThereWithOptionsOfItsOwn_isRefusedUnlessForced() {
            AuthorizedKeys file = file("restrict " + A + "\n" + B + "\n");
            refused(Reason.OTHER_OPTIONS, () -> file.addLike(ALICE, BOB));
            assertThat(text(file.withForce().addLike(ALICE, BOB)))
                    .isEqualTo("restrict " + A + "\nrestrict " + B + " bob\n" + B + "\n");
        }

        @Test
        void addLike_neitherThere_isRefused() {
            refused(Reason.KEY_NOT_FOUND, () -> file(C + "\n").addLike(ALICE, BOB));
        }

        @Test
        void addLike_oldCommentThatCannotBeWritten_isRefused() {
            AuthorizedKeys file = file(A + " a\rb\n");
            refused(Reason.NOT_WRITABLE, () -> file.addLike(ALICE, BOB, CarryOver.OPTIONS.withComment()));
            SshPublicKey latin = BOB.withComment(KeyComment.ofBytes(Keys.bytes("caf\u00e9")));
            assertThat(text(file.addLike(ALICE, latin))).isEqualTo(A + " a\rb\n" + B + " caf\u00e9\n");
        }
    }

    @Nested
    class Remove {
        @Test
        void remove_everyLine_leavesAllElse() {
            String before = A + " 1\n" + STRANGE + "restrict " + A + "\r\n" + STRANGE + B + "\n" + A;
            assertThat(text(file(before).remove(ALICE))).isEqualTo(STRANGE + STRANGE + B + "\n");
        }

        @Test
        void remove_notThere_changesNothing() {
            AuthorizedKeys file = file(STRANGE);
            assertThat(file.remove(ALICE)).isSameAs(file);
        }

        @Test
        void remove_lastUsableKey_isRefusedUnlessForced() {
            for (String rest : new String[] {
                "",
                "# nobody\n",
                "nonsense " + B + "\n",
                "cert-authority " + B + "\n",
                "expiry-time=\"20291231Z\" " + B + "\n",
                "principals=\"x\" " + B + "\n",
                bare(Keys.ED448) + "\n",
                bare(Keys.CERTIFICATE) + "\n"
            }) {
                AuthorizedKeys file = file(rest + A + "\n").withClock(CLOCK);
                refused(Reason.LAST_USABLE_KEY, () -> file.remove(ALICE));
                assertThat(text(file.withForce().remove(ALICE))).isEqualTo(rest);
            }
        }

        @Test
        void remove_anotherUsableKeyLeft_isDone() {
            for (String rest : new String[] {
                B + "\n", "from=\"10.0.0.0/8\",command=\"false\" " + B + "\n", "expiry-time=\"20300102Z\" " + B + "\n"
            }) {
                assertThat(text(file(rest + A + "\n").withClock(CLOCK).remove(ALICE)))
                        .isEqualTo(rest);
            }
        }

        @Test
        void remove_keyThatWasNotUsable_isDone() {
            assertThat(text(file("nonsense " + A + "\n").remove(ALICE))).isEmpty();
            assertThat(text(file(bare(Keys.CERTIFICATE) + "\n").remove(Keys.CERTIFICATE)))
                    .isEmpty();
        }

        @Test
        void remove_oneOfTwoKeysThatSomeServersAccept_isDone() {
            String both = bare(Keys.ED448) + "\n" + bare(Keys.FUTURE) + "\n";
            assertThat(text(file(both).remove(Keys.FUTURE))).isEqualTo(bare(Keys.ED448) + "\n");
            refused(Reason.LAST_USABLE_KEY, () -> file(both).remove(Keys.FUTURE).remove(Keys.ED448));
        }

        @Test
        void remove_sessionsOwnKey_isRefusedUnlessForced() {
            AuthorizedKeys file = file(A + "\n" + B + "\n").withSessionKey(ALICE);
            refused(Reason.SESSION_KEY, () -> file.remove(ALICE));
            refused(Reason.SESSION_KEY, () -> file.replace(ALICE, CAROL));
            assertThat(text(file.withForce().remove(ALICE))).isEqualTo(B + "\n");
            assertThat(text(file.remove(BOB))).isEqualTo(A + "\n");
            assertThat(text(file(B + "\n" + C + "\n").withSessionKey(ALICE).remove(BOB)))
                    .isEqualTo(C + "\n");
        }

        @Test
        void withForce_afterTheEdit_isOver() {
            AuthorizedKeys next = file(A + "\n" + B + "\n").withForce().remove(BOB);
            refused(Reason.LAST_USABLE_KEY, () -> next.remove(ALICE));
            AuthorizedKeys unchanged = next.withForce().remove(CAROL);
            refused(Reason.LAST_USABLE_KEY, () -> unchanged.remove(ALICE));
        }
    }

    @Nested
    class Options {
        private final KeyOption expiry = KeyOption.expiryTime(Instant.parse("2031-01-01T00:00:00Z"));

        @Test
        void setOption_everyLine_leavesAllElse() {
            String before = STRANGE + "  " + A + " \talice\r\n" + " Restrict,command=\"a  b\"\t " + A + "\n" + STRANGE
                    + "pty " + A;
            String after = STRANGE + "  expiry-time=\"20310101000000Z\" " + A + " \talice\r\n"
                    + " Restrict,command=\"a  b\",expiry-time=\"20310101000000Z\"\t " + A + "\n" + STRANGE
                    + "pty,expiry-time=\"20310101000000Z\" " + A;
            AuthorizedKeys next = file(before).withClock(CLOCK).setOption(ALICE, expiry);
            assertThat(text(next)).isEqualTo(after);
            assertThat(next.setOption(ALICE, expiry)).isSameAs(next);
            assertThat(text(next.clearOption(ALICE, "EXPIRY-TIME"))).isEqualTo(before);
        }

        @Test
        void clearOption_lastOne_takesItsBlankAlong() {
            assertThat(text(file(" pty \t" + A + "\n").clearOption(ALICE, "pty")))
                    .isEqualTo(" " + A + "\n");
            AuthorizedKeys file = file("restrict " + A + "\n");
            assertThat(file.clearOption(ALICE, "pty")).isSameAs(file);
            assertThat(file.clearOption(BOB, "restrict")).isSameAs(file);
        }

        @Test
        void setOption_keyNotThere_isRefused() {
            refused(Reason.KEY_NOT_FOUND, () -> file(B).setOption(ALICE, expiry));
        }

        @Test
        void setOption_pastExpiryOnTheLastKey_isRefusedUnlessForced() {
            KeyOption past = KeyOption.expiryTime(NOW.minusSeconds(1));
            AuthorizedKeys file = file(A + "\n").withClock(CLOCK);
            refused(Reason.LAST_USABLE_KEY, () -> file.setOption(ALICE, past));
            assertThat(file.withForce().setOption(ALICE, past).entries()).hasSize(1);
            assertThat(file.setOption(ALICE, KeyOption.expiryTime(NOW)).entries())
                    .hasSize(1);
        }

        @Test
        void setOption_lineThatSshdDropsAnyway_isDone() {
            assertThat(text(file("nonsense " + A + "\n").setOption(ALICE, expiry)))
                    .isEqualTo("nonsense,expiry-time=\"20310101000000Z\" " + A + "\n");
        }

        @Test
        void setOption_moreThanSshdAccepts_isRefused() {
            String full = java.util.stream.IntStream.range(0, 4097)
                    .mapToObj(i -> "permitopen=\"h:" + (i + 1) + "\"")
                    .collect(java.util.stream.Collectors.joining(","));
            refused(
                    Reason.NOT_WRITABLE,
                    () -> file(full + " " + A).setOption(ALICE, KeyOption.of("permitopen", "x:1")));
        }
    }

    @Nested
    class ManyEdits {
        @Test
        void edits_hundreds_keepTheWholeFile() {
            AuthorizedKeys file = file(STRANGE + A + "\n");
            String expected = STRANGE + A + "\n";
            for (int i = 0; i < 300; i++) {
                file = file.withForce().add(BOB.withComment("b" + i), KeyOptions.parse("environment=\"N=" + i + "\""));
                expected += "environment=\"N=" + i + "\" " + B + " b" + i + "\n";
            }
            assertThat(text(file)).isEqualTo(expected);
            assertThat(file.find(BOB)).hasSize(300);
            assertThat(text(file.remove(BOB))).isEqualTo(STRANGE + A + "\n");
        }
    }
}
