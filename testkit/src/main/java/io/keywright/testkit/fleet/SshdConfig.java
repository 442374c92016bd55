package io.keywright.testkit.fleet;

import io.keywright.SshPublicKey;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a simulated sshd is set up: the keywords of sshd_config(5) that matter for logging in and editing, with OpenSSH's
 * defaults. Immutable; each {@code with...} returns a copy.
 */
public final class SshdConfig {
    /** OpenSSH's defaults, as far as they are modelled. */
    public static final SshdConfig DEFAULT = new SshdConfig();

    /** The keyword {@code PermitRootLogin}. */
    public enum RootLogin {
        /** As for any other user. */
        YES,
        /** With a key only: OpenSSH's default. */
        PROHIBIT_PASSWORD,
        /** With a key that has a forced command only. */
        FORCED_COMMANDS_ONLY,
        /** Never. */
        NO
    }

    private List<String> authorizedKeysFiles = List.of(".ssh/authorized_keys", ".ssh/authorized_keys2");
    private @Nullable Function<String, byte[]> authorizedKeysCommand;
    private Set<SshPublicKey> revokedKeys = Set.of();
    private Set<String> keyAlgorithms = Set.of(
            "ssh-ed25519",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519@openssh.com",
            "sk-ecdsa-sha2-nistp256@openssh.com",
            "ssh-rsa");
    private boolean strictModes = true;
    private boolean privateGroups;
    private boolean seLinux;
    private int maxAuthTries = 6;
    private boolean pubkeyAuthentication = true;
    private boolean passwordAuthentication = true;
    private RootLogin rootLogin = RootLogin.PROHIBIT_PASSWORD;
    private @Nullable String forceCommand;
    private @Nullable PenaltyRules penalties;
    private boolean sessions = true;
    private boolean sftp = true;
    private boolean posixRename = true;
    private boolean fsync = true;
    private int umask = UserFiles.DEFAULT_UMASK;
    private String version = "SSH-2.0-OpenSSH_9.9";
    private ZoneId zone = ZoneOffset.UTC;

    private SshdConfig() {}

    private SshdConfig(SshdConfig other) {
        authorizedKeysFiles = other.authorizedKeysFiles;
        authorizedKeysCommand = other.authorizedKeysCommand;
        revokedKeys = other.revokedKeys;
        keyAlgorithms = other.keyAlgorithms;
        strictModes = other.strictModes;
        privateGroups = other.privateGroups;
        seLinux = other.seLinux;
        maxAuthTries = other.maxAuthTries;
        pubkeyAuthentication = other.pubkeyAuthentication;
        passwordAuthentication = other.passwordAuthentication;
        rootLogin = other.rootLogin;
        forceCommand = other.forceCommand;
        penalties = other.penalties;
        sessions = other.sessions;
        sftp = other.sftp;
        posixRename = other.posixRename;
        fsync = other.fsync;
        umask = other.umask;
        version = other.version;
        zone = other.zone;
    }

    private SshdConfig with(Consumer<SshdConfig> change) {
        SshdConfig copy = new SshdConfig(this);
        change.accept(copy);
        return copy;
    }

    /**
     * {@code AuthorizedKeysFile}: the files that sshd reads, in this order.
     *
     * @param patterns paths relative to the home, or absolute, with {@code %h}, {@code %u}, {@code %U} and {@code %%}; or
     *     {@code "none"}
     * @return a copy
     */
    public SshdConfig withAuthorizedKeysFiles(String... patterns) {
        return with(copy -> copy.authorizedKeysFiles = List.of(patterns));
    }

    /**
     * {@code AuthorizedKeysCommand}: more lines, asked for when no file had the key.
     *
     * @param byUser gives the lines for a user's name
     * @return a copy
     */
    public SshdConfig withAuthorizedKeysCommand(Function<String, byte[]> byUser) {
        return with(copy -> copy.authorizedKeysCommand = Objects.requireNonNull(byUser, "byUser"));
    }

    /**
     * {@code RevokedKeys}: never accepted, whatever the files say.
     *
     * @param keys the keys
     * @return a copy
     */
    public SshdConfig withRevokedKeys(Set<SshPublicKey> keys) {
        return with(copy -> copy.revokedKeys = Set.copyOf(keys));
    }

    /**
     * {@code PubkeyAcceptedAlgorithms}, by the key's algorithm rather than the signature's. The default is OpenSSH's: no
     * {@code ssh-dss}, and no {@code ssh-ed448}, which OpenSSH does not know.
     *
     * @param names key algorithm names, as in a blob
     * @return a copy
     */
    public SshdConfig withKeyAlgorithms(Set<String> names) {
        return with(copy -> copy.keyAlgorithms = Set.copyOf(names));
    }

    /**
     * {@code StrictModes}: whether files that others could write are ignored.
     *
     * @param on on unless set
     * @return a copy
     */
    public SshdConfig withStrictModes(boolean on) {
        return with(copy -> copy.strictModes = on);
    }

    /**
     * Whether StrictModes lets a group write that nobody but the user is in, as the sshd of Debian and Ubuntu does.
     *
     * @param on off unless set, as in OpenSSH's own sources
     * @return a copy
     */
    public SshdConfig withPrivateGroups(boolean on) {
        return with(copy -> copy.privateGroups = on);
    }

    /**
     * Whether SELinux confines sshd: then it reads key files of type {@code ssh_home_t} only.
     *
     * @param on off unless set
     * @return a copy
     */
    public SshdConfig withSeLinux(boolean on) {
        return with(copy -> copy.seLinux = on);
    }

    /**
     * {@code MaxAuthTries}: how many failures, refused probes included, make the server hang up.
     *
     * @param tries at least 1; 6 unless set
     * @return a copy
     */
    public SshdConfig withMaxAuthTries(int tries) {
        if (tries < 1) {
            throw new IllegalArgumentException("MaxAuthTries is at least 1, got " + tries);
        }
        return with(copy -> copy.maxAuthTries = tries);
    }

    /**
     * {@code PubkeyAuthentication}.
     *
     * @param on on unless set
     * @return a copy
     */
    public SshdConfig withPubkeyAuthentication(boolean on) {
        return with(copy -> copy.pubkeyAuthentication = on);
    }

    /**
     * {@code PasswordAuthentication}.
     *
     * @param on on unless set
     * @return a copy
     */
    public SshdConfig withPasswordAuthentication(boolean on) {
        return with(copy -> copy.passwordAuthentication = on);
    }

    /**
     * {@code PermitRootLogin}.
     *
     * @param permitted what root may do
     * @return a copy
     */
    public SshdConfig withRootLogin(RootLogin permitted) {
        return with(copy -> copy.rootLogin = Objects.requireNonNull(permitted, "permitted"));
    }

    /**
     * {@code ForceCommand}: runs instead of whatever a client asks for.
     *
     * @param command the command
     * @return a copy
     */
    public SshdConfig withForceCommand(String command) {
        return with(copy -> copy.forceCommand = Objects.requireNonNull(command, "command"));
    }

    /**
     * {@code PerSourcePenalties}; none unless set.
     *
     * @param rules how misbehaving addresses are kept away
     * @return a copy
     */
    public SshdConfig withPenalties(PenaltyRules rules) {
        return with(copy -> copy.penalties = Objects.requireNonNull(rules, "rules"));
    }

    /**
     * {@code MaxSessions} other than 0: whether a logged-in client may open sessions, for commands and for SFTP.
     *
     * @param on on unless set
     * @return a copy
     */
    public SshdConfig withSessions(boolean on) {
        return with(copy -> copy.sessions = on);
    }

    /**
     * {@code Subsystem sftp}.
     *
     * @param on on unless set
     * @return a copy
     */
    public SshdConfig withSftp(boolean on) {
        return with(copy -> copy.sftp = on);
    }

    /**
     * Whether the SFTP server announces {@code posix-rename@openssh.com}.
     *
     * @param on on unless set
     * @return a copy
     */
    public SshdConfig withPosixRename(boolean on) {
        return with(copy -> copy.posixRename = on);
    }

    /**
     * Whether the SFTP server announces {@code fsync@openssh.com}.
     *
     * @param on on unless set
     * @return a copy
     */
    public SshdConfig withFsync(boolean on) {
        return with(copy -> copy.fsync = on);
    }

    /**
     * The umask of logged-in users.
     *
     * @param bits the permission bits that new files do not get; 022 unless set
     * @return a copy
     */
    public SshdConfig withUmask(int bits) {
        return with(copy -> copy.umask = bits & 0777);
    }

    /**
     * The identification string.
     *
     * @param identification e.g. {@code "SSH-2.0-OpenSSH_9.2p1"}
     * @return a copy
     */
    public SshdConfig withVersion(String identification) {
        return with(copy -> copy.version = Objects.requireNonNull(identification, "identification"));
    }

    /**
     * The machine's time zone, in which {@code expiry-time} without a suffix is read.
     *
     * @param local the zone; UTC unless set
     * @return a copy
     */
    public SshdConfig withZone(ZoneId local) {
        return with(copy -> copy.zone = Objects.requireNonNull(local, "local"));
    }

    List<String> authorizedKeysFiles() {
        return authorizedKeysFiles;
    }

    Optional<Function<String, byte[]>> authorizedKeysCommand() {
        return Optional.ofNullable(authorizedKeysCommand);
    }

    Set<SshPublicKey> revokedKeys() {
        return revokedKeys;
    }

    Set<String> keyAlgorithms() {
        return keyAlgorithms;
    }

    boolean strictModes() {
        return strictModes;
    }

    boolean privateGroups() {
        return privateGroups;
    }

    boolean seLinux() {
        return seLinux;
    }

    int maxAuthTries() {
        return maxAuthTries;
    }

    boolean pubkeyAuthentication() {
        return pubkeyAuthentication;
    }

    boolean passwordAuthentication() {
        return passwordAuthentication;
    }

    RootLogin rootLogin() {
        return rootLogin;
    }

    Optional<String> forceCommand() {
        return Optional.ofNullable(forceCommand);
    }

    Optional<PenaltyRules> penalties() {
        return Optional.ofNullable(penalties);
    }

    boolean sessions() {
        return sessions;
    }

    boolean sftp() {
        return sftp;
    }

    boolean posixRename() {
        return posixRename;
    }

    boolean fsync() {
        return fsync;
    }

    int umask() {
        return umask;
    }

    String version() {
        return version;
    }

    ZoneId zone() {
        return zone;
    }

    /** Returns the methods that a refused client may still try. */
    List<String> methods() {
        return java.util.stream.Stream.of(
                        pubkeyAuthentication ? "publickey" : "", passwordAuthentication ? "password" : "")
                .filter(method -> !method.isEmpty())
                .toList();
    }
}
