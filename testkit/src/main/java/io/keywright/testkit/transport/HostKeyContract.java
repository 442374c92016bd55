package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KnownHosts;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recognising the server: a part of {@link TransportContractTest}. */
abstract class HostKeyContract extends ContractGroup {
    HostKeyContract(AnyServerContractTest test) {
        super(test);
    }

    private HostKeyRejectedException rejected(SshTarget target) {
        return catchThrowableOfType(
                HostKeyRejectedException.class,
                () -> transport.connect(ConnectRequest.of(target, LogIn.withKey(ContractKeys.MAIN.pair()))));
    }

    private SshTarget target(KnownHosts knownHosts) {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        return super.target(server, account).withHostKeys(HostKeyVerifier.strict(knownHosts));
    }

    private SshPublicKey hostKey() {
        return server(ServerOptions.DEFAULT).hostKeys().get(0);
    }

    private int port() {
        return server(ServerOptions.DEFAULT).port();
    }

    @Test
    void unknownHost_isRejectedWithTheKeyItShowed() {
        HostKeyRejectedException rejected = rejected(target(KnownHosts.empty()));

        assertThat(rejected.presented()).isEqualTo(hostKey());
        assertThat(rejected.verdict().status()).isEqualTo(HostKeyVerdict.Status.UNKNOWN);
        assertThat(rejected.phase()).isEqualTo(Phase.HOST_KEY);
    }

    @Test
    void changedHostKey_isRejectedWithTheKeysOnRecord() {
        SshPublicKey onRecord = ContractKeys.SPARE.publicKey();
        HostKeyRejectedException rejected = rejected(target(KnownHosts.empty().with("127.0.0.1", port(), onRecord)));

        assertThat(rejected.verdict().status()).isEqualTo(HostKeyVerdict.Status.CHANGED);
        assertThat(rejected.verdict().known()).containsExactly(onRecord);
    }

    @Test
    void revokedHostKey_isRejected() {
        HostKeyRejectedException rejected =
                rejected(target(KnownHosts.parse("@revoked * " + hostKey().toLine() + "\n")));

        assertThat(rejected.verdict().status()).isEqualTo(HostKeyVerdict.Status.REVOKED);
    }

    @Test
    void otherPinnedKey_isRejected() {
        SshTarget target =
                target(KnownHosts.empty()).withHostKeys(HostKeyVerifier.pinned(List.of(ContractKeys.MAIN.publicKey())));

        assertThat(rejected(target).verdict().status()).isEqualTo(HostKeyVerdict.Status.CHANGED);
    }

    @Test
    void hashedName_isAccepted() {
        SshTarget target = target(KnownHosts.empty().withHashed("127.0.0.1", port(), hostKey(), new SecureRandom()));

        try (SshConnection connection =
                transport.connect(ConnectRequest.of(target, LogIn.withKey(ContractKeys.MAIN.pair())))) {
            assertThat(connection.hostKey()).isEqualTo(hostKey());
        }
    }

    @Test
    void acceptNew_learnsAndThenStopsAtAnother(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("known_hosts");
        SshTarget target = target(KnownHosts.empty()).withHostKeys(HostKeyVerifier.acceptNew(file));

        assertThat(transport.probe(target, List.of()).hostKey()).isEqualTo(hostKey());
        assertThat(KnownHosts.read(file).keys("127.0.0.1", port())).containsExactly(hostKey());

        Files.write(
                file,
                KnownHosts.empty()
                        .with("127.0.0.1", port(), ContractKeys.SPARE.publicKey())
                        .toByteArray());
        assertThat(rejected(target).verdict().status()).isEqualTo(HostKeyVerdict.Status.CHANGED);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void keyOnRecordAmongSeveral_isTheOneThatIsAskedFor(int which) {
        ContractServer server = server(ServerOptions.DEFAULT.withHostKeys("ed25519", "ecdsa", "rsa"));
        SshPublicKey onRecord = server.hostKeys().get(which);
        SshTarget target = super.target(server, server.addAccount())
                .withHostKeys(HostKeyVerifier.strict(KnownHosts.empty().with(server.host(), server.port(), onRecord)));

        assertThat(transport.probe(target, List.of()).hostKey()).isEqualTo(onRecord);
    }

    @Test
    void recordThatCannotBeRead_isToldAsSuch(@TempDir Path directory) {
        SshTarget target = target(KnownHosts.empty()).withHostKeys(HostKeyVerifier.acceptNew(directory));

        assertThatThrownBy(() -> transport.probe(target, List.of()))
                .isInstanceOf(TransportException.class)
                .hasCauseInstanceOf(UncheckedIOException.class)
                .extracting(e -> ((TransportException) e).phase())
                .isEqualTo(Phase.HOST_KEY);
    }

    @Test
    void verifierThatFails_isNoAcceptance() {
        RuntimeException fault = new IllegalStateException("no record can be read");
        SshTarget target = target(KnownHosts.empty()).withHostKeys((host, port, key) -> {
            throw fault;
        });

        assertThatThrownBy(() -> transport.probe(target, List.of()))
                .isInstanceOf(TransportException.class)
                .hasCause(fault)
                .extracting(e -> ((TransportException) e).phase())
                .isEqualTo(Phase.HOST_KEY);
    }
}
