package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywright.Ed25519PublicKey;
import io.keywright.SecretBytes;
import io.keywright.SkEd25519PublicKey;
import io.keywright.SkPrivateKey;
import io.keywright.SshKeyPair;
import io.keywright.UnsupportedKeyException;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyReader;
import io.keywright.format.KeyWriter;
import io.keywright.testkit.transport.ServerOptions.Method;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException.Phase;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Logging in: a part of {@link TransportContractTest}. */
abstract class LogInContract extends ContractGroup {
    LogInContract(AnyServerContractTest test) {
        super(test);
    }

    @ParameterizedTest
    @EnumSource
    void keyOfEveryType_logsIn(ContractKeys key) {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(key.publicKey()));

        try (SshConnection connection =
                transport.connect(ConnectRequest.of(target(server, account), LogIn.withKey(key.pair())))) {
            assertThat(connection.isOpen()).isTrue();
            assertThat(connection.hostKey()).isEqualTo(server.hostKeys().get(0));
            assertThat(connection.serverVersion()).startsWith("SSH-2.0-");
            assertThat(connection.probes()).isEmpty();
            assertThat(connection.target().user()).isEqualTo(account.name());
        }
    }

    /** Where a key pair can come from. */
    enum Origin {
        JDK,
        BOUNCY_CASTLE,
        FILE;

        SshKeyPair make(String algorithm, int bits) throws GeneralSecurityException {
            Provider bouncyCastle = new BouncyCastleProvider();
            KeyPairGenerator generator = this == BOUNCY_CASTLE
                    ? KeyPairGenerator.getInstance(algorithm, bouncyCastle)
                    : KeyPairGenerator.getInstance(algorithm);
            if (bits > 0) {
                generator.initialize(bits);
            }
            SshKeyPair pair = SshKeyPair.of(generator.generateKeyPair());
            if (this != FILE) {
                return pair;
            }
            try (pair;
                    EncodedKey file = KeyWriter.ppk().write(pair)) {
                return KeyReader.of().read(file.toByteArray());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void keyBornElsewhere_logsIn(Origin origin) throws GeneralSecurityException {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        try (SshKeyPair ed25519 = origin.make("Ed25519", 0);
                SshKeyPair ecdsa = origin.make("EC", 384);
                SshKeyPair rsa = origin.make("RSA", 2048)) {
            List<SshKeyPair> pairs = List.of(ed25519, ecdsa, rsa);
            account.authorize(pairs.stream().map(SshKeyPair::publicKey).toList());
            for (SshKeyPair pair : pairs) {
                try (SshConnection connection =
                        transport.connect(ConnectRequest.of(target(server, account), LogIn.withKey(pair)))) {
                    assertThat(connection.isOpen()).isTrue();
                }
            }
        }
    }

    @Test
    void keyThatCannotSign_failsBeforeAnythingIsSent() {
        SkEd25519PublicKey publicKey = SkEd25519PublicKey.of(
                ((Ed25519PublicKey) ContractKeys.MAIN.publicKey()).point(), "ssh:".getBytes(StandardCharsets.UTF_8));
        try (SshKeyPair token = SshKeyPair.of(
                publicKey,
                SkPrivateKey.takeOver(1, SecretBytes.takeOver(new byte[64]), SecretBytes.takeOver(new byte[0])))) {
            // Nobody listens there: it must not come so far.
            SshTarget target = SshTarget.of("127.0.0.1", 1, "user", HostKeyVerifier.pinned(List.of(publicKey)));

            assertThatThrownBy(() -> transport.connect(ConnectRequest.of(target, LogIn.withKey(token))))
                    .isInstanceOf(UnsupportedKeyException.class);
        }
    }

    @Test
    void keyThatIsNotAuthorized_isRefused() {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        ConnectRequest request =
                ConnectRequest.of(target(server, account), LogIn.withKey(ContractKeys.ECDSA_P256.pair()));

        AuthenticationRefusedException refused =
                catchThrowableOfType(AuthenticationRefusedException.class, () -> transport.connect(request));

        assertThat(refused.methodsLeft()).contains("publickey");
        assertThat(refused.phase()).isEqualTo(Phase.AUTHENTICATION);
        assertThat(refused.retryable()).isFalse();
        assertThat(refused)
                .hasMessageContaining(
                        ContractKeys.ECDSA_P256.publicKey().fingerprint().toString());
    }

    @Test
    void onlyAttempt_isRefusedAlsoWhereTheServerHangsUp() {
        ContractServer server = server(ServerOptions.DEFAULT.withMaxTries(1));
        ConnectRequest request =
                ConnectRequest.of(target(server, server.addAccount()), LogIn.withKey(ContractKeys.MAIN.pair()));

        assertThatThrownBy(() -> transport.connect(request)).isInstanceOf(AuthenticationRefusedException.class);
    }

    @Test
    void rightPassword_logsIn() throws Exception {
        assertThat(logInWithPassword(PASSWORD, Method.PUBLIC_KEY, Method.PASSWORD)
                        .call())
                .isTrue();
    }

    @Test
    void wrongPassword_isRefusedWithoutBeingTold() {
        Callable<Boolean> logIn = logInWithPassword("wr0ng-and-secret", Method.PUBLIC_KEY, Method.PASSWORD);

        assertThatThrownBy(logIn::call)
                .isInstanceOf(AuthenticationRefusedException.class)
                .message()
                .doesNotContain("wr0ng");
    }

    @Test
    void passwordWhereNoneIsTaken_isRefused() {
        Callable<Boolean> logIn = logInWithPassword(PASSWORD, Method.PUBLIC_KEY);
        AuthenticationRefusedException refused =
                catchThrowableOfType(AuthenticationRefusedException.class, logIn::call);

        assertThat(refused.methodsLeft()).contains("publickey").doesNotContain("password");
    }

    @Test
    void manyThreads_shareOneTransport() throws Exception {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        SshTarget target = target(server, account);
        ExecutorService pool = Executors.newFixedThreadPool(server.logInsAtOnce());
        try {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                int number = i;
                answers.add(pool.submit(() -> {
                    try (SshConnection connection =
                            transport.connect(ConnectRequest.of(target, LogIn.withKey(ContractKeys.MAIN.pair())))) {
                        return connection.exec(ExecRequest.of("echo " + number)).stdoutText();
                    }
                }));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo(i + "\n");
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
