package io.keywright.testkit.fleet;

import io.keywright.Passphrase;
import io.keywright.SignatureAlgorithm;
import io.keywright.SshPublicKey;
import io.keywright.SshSignature;
import io.keywright.transport.KeySigner;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of one connection: counts failures as sshd does, and remembers who logged in. Belongs to the thread of its
 * connection; only {@link #end} and the questions that {@link Device} asks come from others.
 */
final class ServerSession {
    private final Device device;
    private final SimulatedProcess process;
    private final String user;
    private final @Nullable Account account;
    private final SshdConfig config;
    private final Instant since;
    private int failures;
    private volatile boolean asked;
    private volatile boolean alive = true;
    private volatile boolean loggedIn;
    private volatile @Nullable SshPublicKey key;
    private @Nullable String forcedCommand;

    /** What the server answers to an authentication request. */
    enum Answer {
        YES,
        NO,
        /** No, and too often: it hangs up instead of answering. */
        HUNG_UP
    }

    private ServerSession(Device device, SimulatedProcess process, String user) {
        this.device = device;
        this.process = process;
        this.user = user;
        this.account = device.accountOrNull(user);
        this.config = device.config();
        this.since = device.fleet().clock().instant();
    }

    static ServerSession open(Device device, SimulatedProcess process, String user) {
        ServerSession session = new ServerSession(device, process, user);
        process.own(session);
        device.opened(session);
        if (!device.isUp()) {
            session.end(); // it went down in this very moment, and did not see this one
        }
        return session;
    }

    // --- authentication ---

    Answer probe(SshPublicKey asking, boolean refused) {
        asked = true;
        return !refused && decide(asking).accepted() ? Answer.YES : failed();
    }

    Answer logIn(KeySigner signer, boolean refused) {
        asked = true;
        SshPublicKey publicKey = signer.publicKey();
        LogInDecision decision = decide(publicKey);
        if (device.fleet().verifiesSignatures()) {
            byte[] message = ("keywright fleet " + device.id() + "/" + user).getBytes(StandardCharsets.UTF_8);
            String algorithm = SignatureAlgorithm.defaultFor(publicKey).sshName();
            if (!publicKey.verify(message, SshSignature.decode(signer.sign(message, algorithm)))) {
                return failed();
            }
        }
        if (refused
                || !decision.accepted()
                || account == null
                || !LogInDecision.rootMayUseKey(account, config, decision)) {
            return failed();
        }
        key = publicKey;
        forcedCommand = config.forceCommand().or(decision::forcedCommand).orElse(null);
        loggedIn = true;
        return Answer.YES;
    }

    Answer logIn(Passphrase password, boolean refused) {
        asked = true;
        if (refused || account == null || !account.admits(password)) {
            return failed();
        }
        forcedCommand = config.forceCommand().orElse(null);
        loggedIn = true;
        return Answer.YES;
    }

    private LogInDecision decide(SshPublicKey asking) {
        return account == null
                ? LogInDecision.refused("no account " + user)
                : AuthorizedKeysCheck.decide(account, config, asking, process.address());
    }

    private Answer failed() {
        failures++;
        if (failures >= config.maxAuthTries()) {
            end();
            return Answer.HUNG_UP;
        }
        return Answer.NO;
    }

    // --- after the log-in ---

    Account account() {
        if (account == null) {
            throw new IllegalStateException("nobody is logged in");
        }
        return account;
    }

    SshdConfig config() {
        return config;
    }

    Optional<String> forcedCommand() {
        return Optional.ofNullable(forcedCommand);
    }

    Device device() {
        return device;
    }

    // --- life ---

    boolean isAlive() {
        return alive;
    }

    boolean isLoggedIn() {
        return loggedIn;
    }

    /** Tells whether the client probed or tried to log in. */
    boolean wasAsked() {
        return asked;
    }

    String address() {
        return process.address();
    }

    /** Ends the connection, from whichever side. Ending again does nothing. */
    void end() {
        alive = false;
        process.disown(this);
        device.ended(this);
    }

    OpenConnection describe() {
        return new OpenConnection(process.name(), device.id(), user, loggedIn, Optional.ofNullable(key), since);
    }
}
