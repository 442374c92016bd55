package io.keywright.rotation;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.testkit.fleet.Account;
import io.keywright.testkit.fleet.Device;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.InMemoryFleet;
import io.keywright.testkit.fleet.Step;
import io.keywright.testkit.fleet.UserFiles;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * One server in memory, an account on it, and editors that see its insides. This is the package of what is tested, in the
 * module of what tests it: the module {@code rotation} cannot depend on the fleet.
 */
final class SimulatedServer {
    static final RemoteLock.Owner EDITOR = new RemoteLock.Owner("test", 7, false);
    static final RemoteLock.Owner TIDY = new RemoteLock.Owner("test", 7, true);

    /** What the editors made here draw instead of random digits. */
    static final String NONCE = "0101010101010101";

    static final String HEX = "0123456789abcdef";
    static final String HOME = "/home/deploy";
    static final String DIRECTORY = HOME + "/.ssh";
    static final String FILE = DIRECTORY + "/edited";

    private static final SshKeyPair PAIR = SshKeyPairGenerator.ed25519().generate();

    /** Some key. */
    static final SshPublicKey KEY = PAIR.publicKey();

    final InMemoryFleet fleet = InMemoryFleet.seeded(5);
    final Device device = fleet.addDevice("web-1");
    final Account account = device.addAccount("deploy");
    final UserFiles files = device.files();
    final List<Duration> pauses = new ArrayList<>();
    Runnable inPause = () -> {};

    SimulatedServer() {
        fleet.setVerifiesSignatures(false);
        device.configure(config -> config.withStrictModes(false)); // or modes that are to be told would shut us out
        account.authorize(KEY);
    }

    SshConnection connect() {
        return connect("deploy");
    }

    /** Connects as somebody who is let in by the same key. */
    SshConnection connect(String user) {
        return PipelinedSession.on(
                fleet.transport().connect(ConnectRequest.of(device.target(user), LogIn.withKey(PAIR))));
    }

    /** Lets the test in as root, too. */
    void addRoot() {
        device.addAccount("root", 0, "/root");
        letIn("root");
    }

    void letIn(String user) {
        device.account(user).authorize(KEY);
    }

    /** Time goes on while an editor waits. */
    void pause(Duration time) {
        pauses.add(time);
        fleet.clock().advance(time);
        inPause.run();
    }

    FileEditor editor(SshConnection connection, RemoteLock.Owner owner) {
        return editor(connection, owner, connection);
    }

    FileEditor editor(SshConnection connection, RemoteLock.Owner owner, SshConnection second) {
        return new EditorChoice(connection, () -> second, owner, new FixedRandom(), this::pause, List.of())
                .forOwnAccount();
    }

    /** Edits over a connection of its own. */
    RemoteEdit edit(RemoteLock.Owner owner, UnaryOperator<AuthorizedKeys> edit) {
        return edit(owner, FILE, edit);
    }

    RemoteEdit edit(RemoteLock.Owner owner, String path, UnaryOperator<AuthorizedKeys> edit) {
        try (SshConnection connection = connect();
                FileEditor editor = editor(connection, owner)) {
            return editor.edit(path, edit, () -> {});
        }
    }

    /** Adds a line, after which the text ends with one. */
    static UnaryOperator<AuthorizedKeys> add(String line) {
        return keys -> {
            String before = new String(keys.toBytes(), StandardCharsets.ISO_8859_1);
            String end = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
            return text(before + end + line + "\n");
        };
    }

    static AuthorizedKeys text(String content) {
        return AuthorizedKeys.parse(content.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Writes a file that is the account's. */
    void write(String path, String content) {
        account.files().writeText(path, content);
        account.files().setPermissions(path, 0600);
    }

    /** The names beside the edited file, without the one by which the account is logged in to. */
    List<String> names() {
        return files.list(DIRECTORY).stream()
                .filter(name -> !name.equals("authorized_keys"))
                .sorted()
                .toList();
    }

    /** Lets something happen right before a step, once. */
    void before(Verb verb, Predicate<Step> which, Consumer<Step> action) {
        fleet.faults().on(verb).matching(which).times(1).inject(Fault.before(action));
    }

    /** Lets something happen right after a step, once. */
    void after(Verb verb, Predicate<Step> which, Consumer<Step> action) {
        fleet.faults().on(verb).matching(which).times(1).inject(Fault.after(action));
    }

    /** Draws the same always. */
    static final class FixedRandom extends SecureRandom {
        private static final long serialVersionUID = 1;

        @Override
        public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 1);
        }
    }
}
