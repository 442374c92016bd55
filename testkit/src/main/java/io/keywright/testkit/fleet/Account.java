package io.keywright.testkit.fleet;

import io.keywright.Passphrase;
import io.keywright.SshPublicKey;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A user of a simulated machine. Thread-safe. */
public final class Account {
    private static final int PRIVATE_DIRECTORY = 0700;
    private static final int PRIVATE_FILE = 0600;

    private final Device device;
    private final String name;
    private final int uid;
    private final String home;
    private Set<Integer> moreGroups = Set.of();
    private @Nullable Passphrase password;
    private boolean locked;

    Account(Device device, String name, int uid, String home) {
        this.device = device;
        this.name = name;
        this.uid = uid;
        this.home = home;
    }

    /**
     * Returns the machine.
     *
     * @return the device
     */
    public Device device() {
        return device;
    }

    /**
     * Returns the name.
     *
     * @return the name to log in with
     */
    public String name() {
        return name;
    }

    /**
     * Returns the user id.
     *
     * @return 0 for root
     */
    public int uid() {
        return uid;
    }

    /**
     * Returns the id of the account's own group.
     *
     * @return the same number as the user id
     */
    public int gid() {
        return uid;
    }

    /**
     * Returns the home directory.
     *
     * @return an absolute path
     */
    public String home() {
        return home;
    }

    /**
     * Returns the files as this user sees them, from the home directory on.
     *
     * @return the view of a program that this user runs on the machine
     */
    public synchronized UserFiles files() {
        return new UserFiles(
                device.fileSystem(), uid, gid(), groups(), home, device.config().umask());
    }

    /**
     * Adds the user to a group.
     *
     * @param gid the group's id
     */
    public synchronized void addGroup(int gid) {
        TreeSet<Integer> more = new TreeSet<>(moreGroups);
        more.add(gid);
        moreGroups = more;
    }

    /** Returns the groups that have this user as a member, and no other. */
    Set<Integer> privateGroups() {
        Set<Integer> groups = groups();
        for (Account other : device.accounts()) {
            if (other.uid != uid) {
                groups.removeAll(other.groups());
            }
        }
        return groups;
    }

    private synchronized Set<Integer> groups() {
        Set<Integer> groups = new TreeSet<>(moreGroups);
        groups.add(gid());
        return groups;
    }

    /**
     * Lets the user log in with a password.
     *
     * @param secret the password; copied
     */
    public synchronized void setPassword(Passphrase secret) {
        password = secret.copy();
    }

    /** Locks the account, as {@code passwd -l} does where sshd heeds it: nothing logs in any more. */
    public synchronized void lock() {
        locked = true;
    }

    /** Ends {@link #lock()}. */
    public synchronized void unlock() {
        locked = false;
    }

    synchronized boolean isLocked() {
        return locked;
    }

    // --- setting the scene ---

    /**
     * Returns the path of the first file in which sshd looks for this account's keys.
     *
     * @return an absolute path
     */
    public String authorizedKeysPath() {
        return AuthorizedKeysCheck.paths(this).get(0);
    }

    /**
     * Writes {@link #authorizedKeysPath()}, durably: {@code .ssh} is made with mode 0700 and the file with mode 0600 where
     * they are missing; both belong to the user.
     *
     * @param content every byte of it
     */
    public void writeAuthorizedKeys(byte[] content) {
        UserFiles root = device.files();
        String path = authorizedKeysPath();
        String directory = path.substring(0, Math.max(1, path.lastIndexOf('/')));
        if (!root.exists(directory)) {
            root.makeDirectory(directory, PRIVATE_DIRECTORY);
            root.setOwner(directory, uid, gid());
        }
        boolean created = !root.exists(path);
        root.write(path, content);
        if (created) {
            root.setPermissions(path, PRIVATE_FILE);
            root.setOwner(path, uid, gid());
        }
        device.fileSystem().sync();
    }

    /**
     * Writes text in UTF-8, see {@link #writeAuthorizedKeys(byte[])}.
     *
     * @param text every character of it
     */
    public void writeAuthorizedKeys(String text) {
        writeAuthorizedKeys(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Adds a key on a line of its own to {@link #authorizedKeysPath()}, durably.
     *
     * @param key the key
     */
    public void authorize(SshPublicKey key) {
        authorizeLine(key.toLine());
    }

    /**
     * Adds a line to {@link #authorizedKeysPath()}, durably.
     *
     * @param line the line, with options maybe, without its end
     */
    public void authorizeLine(String line) {
        String before = authorizedKeysText();
        String separator = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
        writeAuthorizedKeys(before + separator + line + "\n");
    }

    // --- what is true ---

    /**
     * Returns what {@link #authorizedKeysPath()} holds.
     *
     * @return every byte; none where it is missing
     */
    public byte[] authorizedKeys() {
        UserFiles root = device.files();
        return root.exists(authorizedKeysPath()) ? root.read(authorizedKeysPath()) : new byte[0];
    }

    /**
     * Returns what {@link #authorizedKeysPath()} holds, as text.
     *
     * @return its text, empty where it is missing; bytes that are no UTF-8 are lost
     */
    public String authorizedKeysText() {
        return new String(authorizedKeys(), StandardCharsets.UTF_8);
    }

    /**
     * Tells whether the private half of a key logs in here now, from 127.0.0.1, as soon as the device answers.
     *
     * @param key the public half
     * @return what sshd would decide
     */
    public boolean admits(SshPublicKey key) {
        return admits(key, "127.0.0.1");
    }

    /**
     * Tells whether the private half of a key logs in here now, as soon as the device answers.
     *
     * @param key the public half
     * @param address the address that the client has
     * @return what sshd would decide
     */
    public boolean admits(SshPublicKey key, String address) {
        SshdConfig config = device.config();
        LogInDecision decision = AuthorizedKeysCheck.decide(this, config, key, address);
        return decision.accepted() && LogInDecision.rootMayUseKey(this, config, decision);
    }

    /**
     * Explains {@link #admits(SshPublicKey, String)}, for a failing test's message.
     *
     * @param key the public half
     * @param address the address that the client has
     * @return the file and line that decided, or why each was passed over
     */
    public String explain(SshPublicKey key, String address) {
        return AuthorizedKeysCheck.decide(this, device.config(), key, address).reason();
    }

    /**
     * Tells whether a password logs in here now, as soon as the device answers.
     *
     * @param secret the password
     * @return what sshd would decide
     */
    public synchronized boolean admits(Passphrase secret) {
        SshdConfig config = device.config();
        boolean rootMay = uid != 0 || config.rootLogin() == SshdConfig.RootLogin.YES;
        return config.passwordAuthentication()
                && !locked
                && rootMay
                && password != null
                && password.secret().equals(secret.secret());
    }

    /** Says name and device. */
    @Override
    public String toString() {
        return "Account[" + name + " on " + device.id() + "]";
    }
}
