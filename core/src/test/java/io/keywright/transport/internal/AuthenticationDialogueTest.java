package io.keywright.transport.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Ed25519PublicKey;
import io.keywright.Passphrase;
import io.keywright.SkEd25519PublicKey;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.SshSignature;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import io.keywright.transport.AgentException;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.InteractiveResponder;
import io.keywright.transport.KeySigner;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshAgent;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.internal.AuthenticationDialogue.Step;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationDialogueTest {
    private static final SshKeyPair ED25519 = SshKeyPairGenerator.ed25519().generate();
    private static final SshKeyPair ED448 = SshKeyPairGenerator.ed448().generate();
    private static final SshKeyPair RSA = SshKeyPairGenerator.rsa(2048).generate();
    private static final byte[] SESSION_ID = "an exchange hash".getBytes(StandardCharsets.UTF_8);
    private static final SshTarget TARGET =
            SshTarget.of("host", 22, "user", HostKeyVerifier.pinned(List.of(ED25519.publicKey())));

    @AfterAll
    static void closeKeys() {
        ED25519.close();
        ED448.close();
        RSA.close();
    }

    private static AuthenticationDialogue logIn(SshKeyPair pair, SshPublicKey... probes) {
        return new AuthenticationDialogue(TARGET, List.of(probes), LogIn.withKey(pair));
    }

    private static AuthenticationDialogue probe(SshPublicKey... keys) {
        return new AuthenticationDialogue(TARGET, List.of(keys), null);
    }

    /** What a step sends, read past the command number. */
    private static WireReader sent(Step step) {
        return new WireReader("sent message", body(step));
    }

    private static byte[] body(Step step) {
        assertThat(step).isInstanceOf(Step.Send.class);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        ((Step.Send) step).write(packet::writeBytes);
        return packet.toByteArray();
    }

    private static String text(WireReader reader) {
        return new String(reader.readString("text"), StandardCharsets.UTF_8);
    }

    private static WireReader sentRequest(Step step, String method) {
        assertThat(((Step.Send) step).command()).isEqualTo(AuthenticationDialogue.REQUEST);
        return request(sent(step), method);
    }

    private static WireReader request(WireReader request, String method) {
        assertThat(text(request)).isEqualTo("user");
        assertThat(text(request)).isEqualTo("ssh-connection");
        assertThat(text(request)).isEqualTo(method);
        return request;
    }

    private static byte[] message(Consumer<WireWriter> content) {
        try (WireWriter writer = new WireWriter()) {
            content.accept(writer);
            return writer.toByteArray();
        }
    }

    private static Step failure(AuthenticationDialogue dialogue, String methods, boolean partial) {
        return dialogue.receive(
                AuthenticationDialogue.FAILURE,
                message(writer -> writer.writeString(methods).writeByte(partial ? 1 : 0)));
    }

    private static Step success(AuthenticationDialogue dialogue) {
        return dialogue.receive(AuthenticationDialogue.SUCCESS, new byte[0]);
    }

    private static Step pkOk(AuthenticationDialogue dialogue, SshPublicKey key) {
        return dialogue.receive(
                AuthenticationDialogue.QUESTION_BACK,
                message(writer -> writer.writeString(key.algorithm()).writeString(key.blob())));
    }

    private static byte[] challenge(int count, boolean echo) {
        return message(writer -> {
            writer.writeString("name")
                    .writeString("in\u001b[2Jstruction")
                    .writeString("")
                    .writeUint32(count);
            for (int i = 0; i < count; i++) {
                writer.writeString("Password: ").writeByte(echo ? 1 : 0);
            }
        });
    }

    private static Step later(Step step) {
        assertThat(step).isInstanceOf(Step.Later.class);
        return ((Step.Later) step).work().get();
    }

    private static RuntimeException failed(Step step) {
        assertThat(step).isInstanceOf(Step.Failed.class);
        return ((Step.Failed) step).exception().get();
    }

    @Nested
    class KeyLogIn {
        @Test
        void signature_coversSessionIdAndRequest() {
            for (SshKeyPair pair : List.of(ED25519, ED448, RSA)) {
                Step step = logIn(pair).start(SESSION_ID, null);
                byte[] body = body(step);
                WireReader request = request(new WireReader("request", body), "publickey");
                assertThat(request.readByte("with a signature")).isOne();
                String algorithm = text(request);
                assertThat(request.readString("key")).isEqualTo(pair.publicKey().blob());
                int signedLength = request.position();
                SshSignature signature = SshSignature.decode(request.readString("signature"));

                byte[] message = message(writer -> writer.writeString(SESSION_ID)
                        .writeByte(AuthenticationDialogue.REQUEST)
                        .writeBytes(Arrays.copyOf(body, signedLength)));
                assertThat(request.remaining()).isZero();
                assertThat(signature.algorithm().sshName()).isEqualTo(algorithm);
                assertThat(pair.publicKey().verify(message, signature)).isTrue();
            }
        }

        @Test
        void success_isLoggedIn() {
            AuthenticationDialogue dialogue = logIn(ED25519);
            dialogue.start(SESSION_ID, null);

            assertThat(success(dialogue)).isInstanceOf(Step.LoggedIn.class);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = ';',
                value = {
                    "; rsa-sha2-512",
                    "rsa-sha2-256,rsa-sha2-512,ssh-ed25519; rsa-sha2-512",
                    "ssh-ed25519,rsa-sha2-256; rsa-sha2-256",
                    "ssh-ed25519,rsa-sha2-512; rsa-sha2-512",
                    "ssh-ed25519,ssh-rsa; rsa-sha2-512",
                })
        void rsa_followsTheServersAlgorithms(String offered, String expected) {
            Set<String> algorithms = offered == null ? null : Set.of(offered.split(",", -1));
            assertThat(logIn(RSA).dependsOnServerAlgorithms()).isTrue();

            WireReader logIn = sentRequest(logIn(RSA).start(SESSION_ID, algorithms), "publickey");
            logIn.readByte("with a signature");
            assertThat(text(logIn)).isEqualTo(expected);
            WireReader probe = sentRequest(probe(RSA.publicKey()).start(SESSION_ID, algorithms), "publickey");
            probe.readByte("with a signature");
            assertThat(text(probe)).isEqualTo(expected);
        }

        @Test
        void partialSuccess_isARefusalThatSaysWhatElseIsWanted() {
            AuthenticationDialogue dialogue = logIn(ED25519);
            dialogue.start(SESSION_ID, null);
            RuntimeException failed = failed(failure(dialogue, "password,keyboard-interactive", true));

            assertThat(failed)
                    .isInstanceOf(AuthenticationRefusedException.class)
                    .hasMessageContaining("another method")
                    .extracting(e -> ((AuthenticationRefusedException) e).methodsLeft())
                    .isEqualTo(List.of("password", "keyboard-interactive"));
        }

        @Test
        void closedKey_isTheCallersFault() {
            SshKeyPair closed = ED25519.copy();
            closed.close();

            assertThat(failed(logIn(closed).start(SESSION_ID, null))).isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class Probe {
        @Test
        void question_carriesNoSignature() {
            WireReader request = sentRequest(probe(ED25519.publicKey()).start(SESSION_ID, null), "publickey");

            assertThat(request.readByte("with a signature")).isZero();
            assertThat(text(request)).isEqualTo("ssh-ed25519");
            assertThat(request.readString("key")).isEqualTo(ED25519.publicKey().blob());
            assertThat(request.remaining()).isZero();
        }

        @Test
        void keyInASecurityToken_isAskedUnderItsOwnName() {
            SshPublicKey key = SkEd25519PublicKey.of(
                    ((Ed25519PublicKey) ED25519.publicKey()).point(), "ssh:".getBytes(StandardCharsets.UTF_8));

            WireReader request = sentRequest(probe(key).start(SESSION_ID, null), "publickey");
            request.readByte("with a signature");
            assertThat(text(request)).isEqualTo("sk-ssh-ed25519@openssh.com");
        }

        @Test
        void unknownAlgorithm_isAskedAllTheSame() {
            SshPublicKey key = SshPublicKey.parseLine(
                    "new-algorithm@example " + Base64.getEncoder().encodeToString(opaqueBlob()));

            WireReader request = sentRequest(probe(key).start(SESSION_ID, null), "publickey");
            request.readByte("with a signature");
            assertThat(text(request)).isEqualTo("new-algorithm@example");
            assertThat(request.readString("key")).isEqualTo(opaqueBlob());
        }

        private byte[] opaqueBlob() {
            return message(writer -> writer.writeString("new-algorithm@example").writeString(new byte[48]));
        }

        @Test
        void answers_comeInOrderAndEnd() {
            AuthenticationDialogue dialogue = probe(ED25519.publicKey(), ED448.publicKey());
            dialogue.start(SESSION_ID, null);

            assertThat(pkOk(dialogue, ED25519.publicKey())).isInstanceOf(Step.Send.class);
            assertThat(failure(dialogue, "publickey", false)).isInstanceOf(Step.AllAsked.class);
            assertThat(dialogue.answers()).containsExactly(ProbeAnswer.ACCEPTED, ProbeAnswer.REFUSED);
        }

        @Test
        void answerAboutAnotherKey_provesNothing() {
            AuthenticationDialogue dialogue = probe(ED25519.publicKey());
            dialogue.start(SESSION_ID, null);

            assertThat(failed(pkOk(dialogue, ED448.publicKey()))).hasMessageContaining("another key");
            assertThat(dialogue.answers()).isEmpty();
        }

        @Test
        void logInWithoutASignature_provesNothing() {
            AuthenticationDialogue dialogue = probe(ED25519.publicKey());
            dialogue.start(SESSION_ID, null);

            assertThat(failed(success(dialogue)))
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("prove nothing");
            assertThat(dialogue.answers()).isEmpty();
        }

        @Test
        void noPublicKeysTaken_isNoAnswer() {
            AuthenticationDialogue dialogue = probe(ED25519.publicKey());
            dialogue.start(SESSION_ID, null);

            assertThat(failed(failure(dialogue, "password", false)))
                    .isExactlyInstanceOf(TransportException.class)
                    .hasMessageContaining("[password]");
            assertThat(dialogue.answers()).isEmpty();
        }

        @Test
        void messageThatIsNoAnswer_isAFault() {
            AuthenticationDialogue dialogue = probe(ED25519.publicKey());
            dialogue.start(SESSION_ID, null);

            assertThat(failed(dialogue.receive(61, new byte[0]))).isInstanceOf(TransportException.class);
        }
    }

    @Nested
    class TooManyAttempts {
        @Test
        void firstAndOnlyProbe_isRefused() {
            AuthenticationDialogue dialogue = probe(ED25519.publicKey());
            dialogue.start(SESSION_ID, null);

            assertThat(dialogue.tooManyAttempts("enough", false)).isInstanceOf(Step.AllAsked.class);
            assertThat(dialogue.answers()).containsExactly(ProbeAnswer.REFUSED);
        }

        @Test
        void lastProbe_isRefusedOnlyWhereTheServerJudgesBeforeItHangsUp() {
            for (boolean answersFirst : new boolean[] {true, false}) {
                AuthenticationDialogue dialogue = probe(ED448.publicKey(), ED25519.publicKey());
                dialogue.start(SESSION_ID, null);
                failure(dialogue, "publickey", false);
                Step step = dialogue.tooManyAttempts("enough", answersFirst);

                if (answersFirst) {
                    assertThat(step).isInstanceOf(Step.AllAsked.class);
                    assertThat(dialogue.answers()).containsExactly(ProbeAnswer.REFUSED, ProbeAnswer.REFUSED);
                } else {
                    assertThat(failed(step)).isInstanceOf(AuthenticationLimitException.class);
                    assertThat(dialogue.answers()).containsExactly(ProbeAnswer.REFUSED);
                }
            }
        }

        @Test
        void probeBeforeOthers_isTheLimit() {
            AuthenticationDialogue dialogue = probe(ED448.publicKey(), ED25519.publicKey());
            dialogue.start(SESSION_ID, null);

            assertThat(failed(dialogue.tooManyAttempts("enough", true)))
                    .isInstanceOf(AuthenticationLimitException.class);
        }

        @Test
        void logInAfterProbes_isTheLimit() {
            AuthenticationDialogue dialogue = logIn(ED25519, ED448.publicKey());
            dialogue.start(SESSION_ID, null);
            failure(dialogue, "publickey", false);

            assertThat(failed(dialogue.tooManyAttempts("enough", true)))
                    .isInstanceOf(AuthenticationLimitException.class);
        }

        @Test
        void onlyLogIn_isRefused() {
            AuthenticationDialogue dialogue = logIn(ED25519);
            dialogue.start(SESSION_ID, null);

            assertThat(failed(dialogue.tooManyAttempts("enough", false)))
                    .isInstanceOf(AuthenticationRefusedException.class);
        }
    }

    @Nested
    class PasswordLogIn {
        private final Passphrase password = Passphrase.of("s3cret".toCharArray());
        private final AuthenticationDialogue dialogue =
                new AuthenticationDialogue(TARGET, List.of(), LogIn.withPassword(password));

        private Step offered(String methods) {
            sentRequest(dialogue.start(SESSION_ID, null), "none");
            return failure(dialogue, methods, false);
        }

        private Step prompts(int count, boolean echo) {
            return dialogue.receive(AuthenticationDialogue.QUESTION_BACK, challenge(count, echo));
        }

        @Test
        void passwordOffered_isPreferredToThePrompt() {
            WireReader request = sentRequest(offered("publickey,keyboard-interactive,password"), "password");

            assertThat(request.readByte("with a signature")).isZero();
            assertThat(text(request)).isEqualTo("s3cret");
        }

        @Test
        void nothingAsked_isLoggedIn() {
            sentRequest(dialogue.start(SESSION_ID, null), "none");

            assertThat(success(dialogue)).isInstanceOf(Step.LoggedIn.class);
        }

        @Test
        void expiredPassword_isRefused() {
            offered("password");
            assertThat(failed(dialogue.receive(AuthenticationDialogue.QUESTION_BACK, new byte[0])))
                    .isInstanceOf(AuthenticationRefusedException.class)
                    .hasMessageContaining("expired");
        }

        @Test
        void oneHiddenPrompt_isAnsweredOnceAndEmptyRoundsWithNothing() {
            sentRequest(offered("keyboard-interactive"), "keyboard-interactive");

            WireReader empty = sent(prompts(0, false));
            assertThat(empty.readUint32("count")).isZero();
            WireReader answer = sent(prompts(1, false));
            assertThat(answer.readUint32("count")).isOne();
            assertThat(text(answer)).isEqualTo("s3cret");
            assertThat(sent(prompts(0, false)).readUint32("count")).isZero();
            assertThat(failed(prompts(1, false))).isInstanceOf(AuthenticationRefusedException.class);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void visibleOrSeveralPrompts_areNotAnswered(int count) {
            offered("keyboard-interactive");

            assertThat(failed(prompts(count, count == 1)))
                    .isInstanceOf(AuthenticationRefusedException.class)
                    .message()
                    .doesNotContain("s3cret");
        }

        @Test
        void endlessQuestions_end() {
            offered("keyboard-interactive");
            Step step = prompts(0, false);
            for (int i = 0; i < 100 && step instanceof Step.Send; i++) {
                step = prompts(0, false);
            }
            assertThat(failed(step)).isInstanceOf(AuthenticationRefusedException.class);
        }

        @Test
        void noPasswordTaken_isRefused() {
            assertThat(failed(offered("publickey,hostbased"))).isInstanceOf(AuthenticationRefusedException.class);
        }

        @Test
        void closedPassword_isTheCallersFault() {
            password.close();
            assertThatThrownBy(() -> offered("password")).isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class SignerLogIn {
        @Test
        void signature_isAskedForOutsideTheNetworksThreads() {
            AuthenticationDialogue dialogue =
                    new AuthenticationDialogue(TARGET, List.of(), LogIn.withSigner(KeySigner.of(ED25519)));
            byte[] direct = body(logIn(ED25519).start(SESSION_ID, null));

            assertThat(body(later(dialogue.start(SESSION_ID, null)))).isEqualTo(direct);
            assertThat(success(dialogue)).isInstanceOf(Step.LoggedIn.class);
        }

        @Test
        void signerThatDeclines_isAFaultOfTheLogIn() {
            KeySigner declining = new KeySigner() {
                @Override
                public SshPublicKey publicKey() {
                    return ED25519.publicKey();
                }

                @Override
                public byte[] sign(byte[] message, String algorithm) {
                    throw new AgentException("declined", null);
                }
            };
            AuthenticationDialogue dialogue =
                    new AuthenticationDialogue(TARGET, List.of(), LogIn.withSigner(declining));

            assertThat(failed(later(dialogue.start(SESSION_ID, null))))
                    .isExactlyInstanceOf(TransportException.class)
                    .hasMessageContaining("declined");
        }
    }

    @Nested
    class AgentLogIn {
        @Test
        void agentThatIsNotThere_isAFaultOfTheLogIn() {
            AuthenticationDialogue dialogue = new AuthenticationDialogue(
                    TARGET, List.of(), LogIn.withAgent(SshAgent.at(Path.of("no", "such", "agent"))));

            assertThat(failed(later(dialogue.start(SESSION_ID, null))))
                    .isExactlyInstanceOf(TransportException.class)
                    .hasMessageContaining("agent")
                    .hasCauseInstanceOf(AgentException.class);
        }
    }

    @Nested
    class PromptsLogIn {
        private final List<InteractiveResponder.Challenge> seen = new ArrayList<>();
        private final List<Passphrase> given = new ArrayList<>();
        private final AuthenticationDialogue dialogue =
                new AuthenticationDialogue(TARGET, List.of(), LogIn.withPrompts(this::answer));

        private List<Passphrase> answer(InteractiveResponder.Challenge challenge) {
            seen.add(challenge);
            challenge.prompts().forEach(prompt -> given.add(Passphrase.of("123456".toCharArray())));
            return List.copyOf(given);
        }

        @Test
        void everyQuestion_isAnsweredAndTheAnswersAreClosed() {
            sentRequest(dialogue.start(SESSION_ID, null), "keyboard-interactive");
            Step step = dialogue.receive(AuthenticationDialogue.QUESTION_BACK, challenge(2, true));
            assertThat(seen).isEmpty();

            WireReader answers = sent(later(step));
            assertThat(answers.readUint32("count")).isEqualTo(2);
            assertThat(text(answers)).isEqualTo("123456");
            assertThat(text(answers)).isEqualTo("123456");
            assertThat(answers.remaining()).isZero();
            assertThat(seen.get(0).name()).isEqualTo("name");
            assertThat(seen.get(0).prompts())
                    .containsExactly(
                            new InteractiveResponder.Prompt("Password: ", true),
                            new InteractiveResponder.Prompt("Password: ", true));
            assertThat(given)
                    .allSatisfy(answer -> assertThat(answer.secret().isClosed()).isTrue());
        }

        @Test
        void controlCharacters_doNotReachTheTerminal() {
            dialogue.start(SESSION_ID, null);
            later(dialogue.receive(AuthenticationDialogue.QUESTION_BACK, challenge(0, true)));

            assertThat(seen.get(0).instruction()).isEqualTo("in?[2Jstruction");
        }

        @Test
        void wrongNumberOfAnswers_isTheCallersFault() {
            given.add(Passphrase.of("one too many".toCharArray()));
            dialogue.start(SESSION_ID, null);

            assertThat(failed(later(dialogue.receive(AuthenticationDialogue.QUESTION_BACK, challenge(1, true)))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("1 questions");
            assertThat(given)
                    .allSatisfy(answer -> assertThat(answer.secret().isClosed()).isTrue());
        }

        @Test
        @SuppressWarnings("NullAway") // that nobody may is the point
        void noListOfAnswers_isTheCallersFault() {
            AuthenticationDialogue careless =
                    new AuthenticationDialogue(TARGET, List.of(), LogIn.withPrompts(challenge -> null));
            careless.start(SESSION_ID, null);

            assertThat(failed(later(careless.receive(AuthenticationDialogue.QUESTION_BACK, challenge(1, true)))))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("no answers");
        }

        @Test
        @SuppressWarnings("NullAway") // that nobody may is the point
        void answerThatIsNull_isTheCallersFaultAndTheOthersAreClosed() {
            Passphrase first = Passphrase.of("123456".toCharArray());
            AuthenticationDialogue careless = new AuthenticationDialogue(
                    TARGET, List.of(), LogIn.withPrompts(challenge -> Arrays.asList(first, null)));
            careless.start(SESSION_ID, null);

            assertThat(failed(later(careless.receive(AuthenticationDialogue.QUESTION_BACK, challenge(2, true)))))
                    .isInstanceOf(NullPointerException.class);
            assertThat(first.secret().isClosed()).isTrue();
        }

        @Test
        void refusal_saysThatTheAnswersWere() {
            dialogue.start(SESSION_ID, null);

            assertThat(failed(failure(dialogue, "publickey", false)))
                    .isInstanceOf(AuthenticationRefusedException.class)
                    .hasMessageContaining("the answers");
        }

        @Test
        void moreQuestionsThanAPersonCanAnswer_end() {
            dialogue.start(SESSION_ID, null);

            assertThat(failed(dialogue.receive(AuthenticationDialogue.QUESTION_BACK, challenge(33, true))))
                    .isInstanceOf(AuthenticationRefusedException.class);
        }
    }

    @Nested
    class Damage {
        @Test
        void truncatedMessages_areAFaultOfTheServer() {
            byte[] whole = challenge(1, false);
            for (int length = 0; length < whole.length; length++) {
                AuthenticationDialogue dialogue =
                        new AuthenticationDialogue(TARGET, List.of(), LogIn.withPrompts(challenge -> List.of()));
                dialogue.start(SESSION_ID, null);
                byte[] cut = Arrays.copyOf(whole, length);

                assertThat(failed(dialogue.receive(AuthenticationDialogue.QUESTION_BACK, cut)))
                        .isExactlyInstanceOf(TransportException.class)
                        .hasMessageContaining("broke the protocol");
            }
        }
    }
}
