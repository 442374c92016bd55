package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Ed25519PublicKey;
import io.keywright.Passphrase;
import io.keywright.SkEd25519PublicKey;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.SshSignature;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.sshd.AuthenticationDialogue.Step;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
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
    private static Buffer sent(Step step) {
        assertThat(step).isInstanceOf(Step.Send.class);
        Buffer buffer = new ByteArrayBuffer();
        ((Step.Send) step).body().accept(buffer);
        return buffer;
    }

    private static Buffer sentRequest(Step step, String method) {
        assertThat(((Step.Send) step).command()).isEqualTo(SshConstants.SSH_MSG_USERAUTH_REQUEST);
        Buffer request = sent(step);
        assertThat(request.getString()).isEqualTo("user");
        assertThat(request.getString()).isEqualTo("ssh-connection");
        assertThat(request.getString()).isEqualTo(method);
        return request;
    }

    private static Step failure(AuthenticationDialogue dialogue, String methods, boolean partial) {
        Buffer message = new ByteArrayBuffer();
        message.putString(methods);
        message.putBoolean(partial);
        return dialogue.receive(SshConstants.SSH_MSG_USERAUTH_FAILURE, message);
    }

    private static Step success(AuthenticationDialogue dialogue) {
        return dialogue.receive(SshConstants.SSH_MSG_USERAUTH_SUCCESS, new ByteArrayBuffer());
    }

    private static Step pkOk(AuthenticationDialogue dialogue, SshPublicKey key) {
        Buffer message = new ByteArrayBuffer();
        message.putString(key.algorithm());
        message.putBytes(key.blob());
        return dialogue.receive(SshConstants.SSH_MSG_USERAUTH_PK_OK, message);
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
                Buffer request = sentRequest(step, "publickey");
                assertThat(request.getBoolean()).isTrue();
                String algorithm = request.getString();
                assertThat(request.getBytes()).isEqualTo(pair.publicKey().blob());
                int signedLength = request.rpos();
                SshSignature signature = SshSignature.decode(request.getBytes());

                Buffer message = new ByteArrayBuffer();
                message.putBytes(SESSION_ID);
                message.putByte(SshConstants.SSH_MSG_USERAUTH_REQUEST);
                message.putRawBytes(Arrays.copyOf(request.array(), signedLength));
                assertThat(request.available()).isZero();
                assertThat(signature.algorithm().sshName()).isEqualTo(algorithm);
                assertThat(pair.publicKey().verify(message.getCompactData(), signature))
                        .isTrue();
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

            Buffer logIn = sentRequest(logIn(RSA).start(SESSION_ID, algorithms), "publickey");
            logIn.getBoolean();
            assertThat(logIn.getString()).isEqualTo(expected);
            Buffer probe = sentRequest(probe(RSA.publicKey()).start(SESSION_ID, algorithms), "publickey");
            probe.getBoolean();
            assertThat(probe.getString()).isEqualTo(expected);
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
            Buffer request = sentRequest(probe(ED25519.publicKey()).start(SESSION_ID, null), "publickey");

            assertThat(request.getBoolean()).isFalse();
            assertThat(request.getString()).isEqualTo("ssh-ed25519");
            assertThat(request.getBytes()).isEqualTo(ED25519.publicKey().blob());
            assertThat(request.available()).isZero();
        }

        @Test
        void keyInASecurityToken_isAskedUnderItsOwnName() {
            SshPublicKey key = SkEd25519PublicKey.of(
                    ((Ed25519PublicKey) ED25519.publicKey()).point(), "ssh:".getBytes(StandardCharsets.UTF_8));

            Buffer request = sentRequest(probe(key).start(SESSION_ID, null), "publickey");
            request.getBoolean();
            assertThat(request.getString()).isEqualTo("sk-ssh-ed25519@openssh.com");
        }

        @Test
        void unknownAlgorithm_isAskedAllTheSame() {
            SshPublicKey key = SshPublicKey.parseLine(
                    "new-algorithm@example " + Base64.getEncoder().encodeToString(opaqueBlob()));

            Buffer request = sentRequest(probe(key).start(SESSION_ID, null), "publickey");
            request.getBoolean();
            assertThat(request.getString()).isEqualTo("new-algorithm@example");
            assertThat(request.getBytes()).isEqualTo(opaqueBlob());
        }

        private byte[] opaqueBlob() {
            Buffer blob = new ByteArrayBuffer();
            blob.putString("new-algorithm@example");
            blob.putBytes(new byte[48]);
            return blob.getCompactData();
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

            assertThat(failed(dialogue.receive(61, new ByteArrayBuffer()))).isInstanceOf(TransportException.class);
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
            Buffer message = new ByteArrayBuffer();
            message.putString("name");
            message.putString("instruction");
            message.putString("");
            message.putInt(count);
            for (int i = 0; i < count; i++) {
                message.putString("Password: ");
                message.putBoolean(echo);
            }
            return dialogue.receive(SshConstants.SSH_MSG_USERAUTH_INFO_REQUEST, message);
        }

        @Test
        void passwordOffered_isPreferredToThePrompt() {
            Buffer request = sentRequest(offered("publickey,keyboard-interactive,password"), "password");

            assertThat(request.getBoolean()).isFalse();
            assertThat(request.getString()).isEqualTo("s3cret");
        }

        @Test
        void nothingAsked_isLoggedIn() {
            sentRequest(dialogue.start(SESSION_ID, null), "none");

            assertThat(success(dialogue)).isInstanceOf(Step.LoggedIn.class);
        }

        @Test
        void expiredPassword_isRefused() {
            offered("password");
            assertThat(failed(dialogue.receive(SshConstants.SSH_MSG_USERAUTH_PASSWD_CHANGEREQ, new ByteArrayBuffer())))
                    .isInstanceOf(AuthenticationRefusedException.class)
                    .hasMessageContaining("expired");
        }

        @Test
        void oneHiddenPrompt_isAnsweredOnceAndEmptyRoundsWithNothing() {
            sentRequest(offered("keyboard-interactive"), "keyboard-interactive");

            Buffer empty = sent(prompts(0, false));
            assertThat(empty.getInt()).isZero();
            Buffer answer = sent(prompts(1, false));
            assertThat(answer.getInt()).isEqualTo(1);
            assertThat(answer.getString()).isEqualTo("s3cret");
            assertThat(sent(prompts(0, false)).getInt()).isZero();
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
}
