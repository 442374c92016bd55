package io.keywright.testkit.fleet;

import io.keywright.SshPublicKey;
import io.keywright.transport.ExecResult;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.SshTarget;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A simulated machine with an SSH server, accounts and a disk. Thread-safe. */
public final class Device {
    private static final int FIRST_UID = 1000;
    private static final int DIRECTORY_MODE = 0755;

    private final InMemoryFleet fleet;
    private final String id;
    private final String host;
    private final int port;
    private final PosixFileSystem fileSystem;
    private final Map<String, Account> accounts = new TreeMap<>();
    private final List<ServerSession> sessions = new ArrayList<>(0);
    private List<CommandHandler> commands = List.of();
    private @Nullable SourcePenalties penalties;
    private List<SshPublicKey> hostKeys;
    private SshdConfig config = SshdConfig.DEFAULT;
    private volatile Duration skew = Duration.ZERO;
    private Instant downUntil = Instant.MIN;
    private boolean silent;

    Device(
            InMemoryFleet fleet,
            String id,
            String host,
            int port,
            List<SshPublicKey> hostKeys,
            @Nullable PosixFileSystem shared) {
        this.fleet = fleet;
        this.id = Objects.requireNonNull(id, "id");
        this.host = Objects.requireNonNull(host, "host");
        this.port = port;
        this.hostKeys = hostKeys;
        if (shared == null) {
            fileSystem = PosixFileSystem.create(clock());
            fileSystem.asRoot().makeDirectory("/home", DIRECTORY_MODE);
            fileSystem.sync();
        } else {
            fileSystem = shared;
        }
    }

    /**
     * Returns the id.
     *
     * @return the id in traces
     */
    public String id() {
        return id;
    }

    /**
     * Returns where it answers.
     *
     * @return the host name or address it was added with
     */
    public String host() {
        return host;
    }

    /**
     * Returns where it answers.
     *
     * @return the port it was added with
     */
    public int port() {
        return port;
    }

    /**
     * Returns the disk.
     *
     * @return the file system, maybe shared with other devices
     */
    public PosixFileSystem fileSystem() {
        return fileSystem;
    }

    /**
     * Returns the files as root sees them.
     *
     * @return the view of root
     */
    public UserFiles files() {
        return fileSystem.asRoot();
    }

    // --- the server ---

    /**
     * Changes the server's settings; connections that stand keep theirs.
     *
     * @param change makes new settings of the present ones
     * @return this device
     */
    public synchronized Device configure(UnaryOperator<SshdConfig> change) {
        config = change.apply(config);
        return this;
    }

    synchronized SshdConfig config() {
        return config;
    }

    /**
     * Returns the host keys.
     *
     * @return the keys, preferred first
     */
    public synchronized List<SshPublicKey> hostKeys() {
        return hostKeys;
    }

    /**
     * Changes the host keys, as when a machine is installed anew.
     *
     * @param keys at least one, preferred first
     */
    public synchronized void setHostKeys(SshPublicKey... keys) {
        if (keys.length == 0) {
            throw new IllegalArgumentException("a server has at least one host key");
        }
        hostKeys = List.of(keys);
    }

    /**
     * Returns a verifier that accepts the host keys that this device has now, whatever the host and port.
     *
     * @return the verifier; keys that come later are "changed" for it
     */
    public HostKeyVerifier pinnedHostKeys() {
        List<SshPublicKey> known = hostKeys();
        return (asked, askedPort, presented) -> new HostKeyVerdict(
                known.contains(presented) ? HostKeyVerdict.Status.ACCEPTED : HostKeyVerdict.Status.CHANGED, known);
    }

    /**
     * Makes a target for an account here, with the present host keys pinned.
     *
     * @param user the account's name, which need not exist
     * @return the target
     */
    public SshTarget target(String user) {
        return SshTarget.of(host, port, user, pinnedHostKeys());
    }

    /**
     * Adds a command; the latest added is asked first.
     *
     * @param handler runs it
     * @return this device
     */
    public synchronized Device onExec(CommandHandler handler) {
        List<CommandHandler> more = new ArrayList<>(commands);
        more.add(0, Objects.requireNonNull(handler, "handler"));
        commands = List.copyOf(more);
        return this;
    }

    ExecResult run(CommandCall call) {
        List<CommandHandler> handlers;
        synchronized (this) {
            handlers = commands;
        }
        for (CommandHandler handler : handlers) {
            Optional<ExecResult> result = handler.run(call);
            if (result.isPresent()) {
                return result.get();
            }
        }
        return BuiltInCommands.run(call);
    }

    // --- accounts ---

    /**
     * Adds an account with the next free user id from 1000 on, a group of its own, and {@code /home/NAME}. The name
     * {@code root} gets user id 0 and {@code /root}.
     *
     * @param name its name
     * @return the account
     * @throws IllegalArgumentException when there is such an account
     */
    public Account addAccount(String name) {
        boolean root = name.equals("root");
        synchronized (this) {
            int uid = root
                    ? 0
                    : accounts.values().stream().mapToInt(Account::uid).max().orElse(0);
            return addAccount(name, root ? 0 : Math.max(FIRST_UID, uid + 1), root ? "/root" : "/home/" + name);
        }
    }

    /**
     * Adds an account. Its home is made where it is missing, mode 0755, and belongs to it then.
     *
     * @param name its name
     * @param uid its user id, and the id of its group
     * @param home its home directory, an absolute path
     * @return the account
     * @throws IllegalArgumentException when there is such an account
     */
    public synchronized Account addAccount(String name, int uid, String home) {
        if (accounts.containsKey(name)) {
            throw new IllegalArgumentException(id + " has an account " + name + " already");
        }
        if (!files().exists(home)) {
            makeDirectories(home);
            files().setOwner(home, uid, uid);
        }
        fileSystem.sync();
        Account account = new Account(this, name, uid, home);
        accounts.put(name, account);
        return account;
    }

    private void makeDirectories(String path) {
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            if (!files().exists(path.substring(0, slash))) {
                files().makeDirectory(path.substring(0, slash), DIRECTORY_MODE);
            }
        }
        files().makeDirectory(path, DIRECTORY_MODE);
    }

    /**
     * Returns an account.
     *
     * @param name its name
     * @return the account
     * @throws IllegalArgumentException when there is none
     */
    public Account account(String name) {
        Account account = accountOrNull(name);
        if (account == null) {
            throw new IllegalArgumentException(id + " has no account " + name);
        }
        return account;
    }

    synchronized @Nullable Account accountOrNull(String name) {
        return accounts.get(name);
    }

    /**
     * Returns all accounts.
     *
     * @return the accounts in order of their names
     */
    public synchronized List<Account> accounts() {
        return List.copyOf(accounts.values());
    }

    // --- time, and being there ---

    /**
     * Returns the device's own clock.
     *
     * @return the fleet's clock, wrong by the skew, in UTC
     */
    public Clock clock() {
        return new Skewed(fleet.clock());
    }

    /**
     * Makes the device's clock wrong.
     *
     * @param ahead how much it is ahead of the fleet's; negative for behind
     */
    public void setClockSkew(Duration ahead) {
        skew = ahead;
    }

    /** Breaks all connections, and refuses new ones until {@link #comeUp()}. */
    public void goDown() {
        goDown(Instant.MAX, false);
    }

    /**
     * Breaks all connections, and refuses new ones for a while.
     *
     * @param duration how long, by the fleet's clock
     */
    public void goDownFor(Duration duration) {
        goDown(fleet.clock().instant().plus(duration), false);
    }

    /** Breaks all connections, and lets new ones run into their timeout until {@link #comeUp()}. */
    public void goSilent() {
        goDown(Instant.MAX, true);
    }

    /** Answers again. */
    public synchronized void comeUp() {
        downUntil = Instant.MIN;
        silent = false;
    }

    /** Ends all connections, as a server that has waited long enough does or one that is started again; new ones are taken. */
    public void endConnections() {
        List<ServerSession> all;
        synchronized (this) {
            all = List.copyOf(sessions);
        }
        all.forEach(ServerSession::end);
    }

    private void goDown(Instant until, boolean withoutAnswer) {
        synchronized (this) {
            downUntil = until;
            silent = withoutAnswer;
        }
        endConnections();
    }

    /**
     * Stops the machine without a word and starts it again at once.
     *
     * @param model what its file system loses
     */
    public void crashAndReboot(CrashModel model) {
        crashAndReboot(model, Duration.ZERO);
    }

    /**
     * Stops the machine without a word and starts it again. Where several devices share the file system, it is the file
     * server that stops.
     *
     * @param model what its file system loses
     * @param downtime how long nothing answers
     */
    public void crashAndReboot(CrashModel model, Duration downtime) {
        goDownFor(downtime);
        fileSystem.crash(model);
    }

    /**
     * Tells whether the server answers.
     *
     * @return false while it is down or silent
     */
    public synchronized boolean isUp() {
        return !fleet.clock().instant().isBefore(downUntil);
    }

    synchronized boolean isSilent() {
        return silent && !isUp();
    }

    // --- connections ---

    /** Takes a connection, or drops it for what its address did. */
    synchronized boolean admitsConnection(String address) {
        return penalties == null || !penalties.drops(address, clock().instant());
    }

    synchronized void opened(ServerSession session) {
        sessions.add(session);
    }

    synchronized void ended(ServerSession session) {
        if (!sessions.remove(session) || session.isLoggedIn()) {
            return;
        }
        PenaltyRules rules = session.config().penalties().orElse(null);
        if (rules != null) {
            SourcePenalties against = penalties == null ? new SourcePenalties() : penalties;
            penalties = against;
            Duration more = session.wasAsked() ? rules.authenticationFailure() : rules.noAuthentication();
            against.add(session.address(), more, rules, clock().instant());
        }
    }

    synchronized List<OpenConnection> openConnections() {
        return sessions.stream().map(ServerSession::describe).toList();
    }

    InMemoryFleet fleet() {
        return fleet;
    }

    private final class Skewed extends Clock {
        private final Clock truth;

        Skewed(Clock truth) {
            this.truth = truth;
        }

        @Override
        public ZoneId getZone() {
            return truth.getZone();
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return new Skewed(truth.withZone(zone));
        }

        @Override
        public Instant instant() {
            return truth.instant().plus(skew);
        }
    }

    /** Says id and address. */
    @Override
    public String toString() {
        return "Device[" + id + " at " + host + ":" + port + "]";
    }
}
