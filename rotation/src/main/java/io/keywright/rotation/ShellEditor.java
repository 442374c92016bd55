package io.keywright.rotation;

import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TransportException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Edits by a script in a POSIX shell: look; edit here; then, in one run of the script, receive the new content beside the
 * file, lock, compare the checksum of what is there with that of what was seen, rename, read back, unlock. Nothing but the
 * comparison and the rename stands between, so a foreign writer has no round trip's time to lose its change in.
 *
 * <p>No lock outlives a connection that breaks, but one: when the comparison fails, the script leaves the lock to the next
 * run, so that the second attempt cannot lose against editors that lock.
 */
final class ShellEditor implements FileEditor {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteAuthorizedKeys.class);
    private static final byte[] NO_DATA = {};
    private static final Pattern MODE =
            Pattern.compile("[-a-z]([-r])([-w])([-xsS])([-r])([-w])([-xsS])([-r])([-w])([-xtT])");
    // A third of a request's time: what comes before and after the lock needs some too.
    private static final int PATIENCE_SHARE = 3;
    private static final Duration WAIT = Duration.ofMillis(50);

    private final RemoteShell shell;
    private final Greeting greeting;
    private final EditMethod method;
    private final RemoteLock.Owner owner;
    private final SecureRandom random;
    private final Pause pause;
    private final Duration patience;
    private final boolean dropbear;

    private ShellEditor(
            RemoteShell shell,
            Greeting greeting,
            EditMethod method,
            RemoteLock.Owner owner,
            SecureRandom random,
            Pause pause,
            Duration patience,
            boolean dropbear) {
        this.shell = shell;
        this.greeting = greeting;
        this.method = method;
        this.owner = owner;
        this.random = random;
        this.pause = pause;
        this.patience = patience;
        this.dropbear = dropbear;
    }

    /** What a shell said of itself: who runs the script, whose files they are, where they start. */
    private record Greeting(int uid, int accountUid, int accountGid, String home, String hash, boolean openWrt) {}

    /**
     * Asks for a shell.
     *
     * @return the editor; empty when something else than a POSIX shell with the tools needed answers
     */
    static Optional<ShellEditor> open(
            SshConnection connection, RunAs access, RemoteLock.Owner owner, SecureRandom random, Pause pause) {
        RemoteShell shell = new RemoteShell(connection, access);
        ShellAnswer hello;
        try {
            hello = hello(shell);
        } catch (ChannelRefusedException e) {
            LOG.debug("{} runs no commands: {}", connection.target(), e.getMessage());
            return Optional.empty();
        }
        if (!hello.state().equals("ready") || hello.require("hash").equals("none")) {
            return Optional.empty();
        }
        List<String> ids = hello.words("account", 2);
        Greeting greeting = new Greeting(
                ShellAnswer.number(hello.require("uid")),
                ShellAnswer.number(ids.get(0)),
                ShellAnswer.number(ids.get(1)),
                hello.require("home"),
                hello.require("hash"),
                hello.value("openwrt").isPresent());
        EditMethod method = access.equals(RunAs.SELF) ? EditMethod.SHELL : EditMethod.PRIVILEGED_SHELL;
        Duration patience = connection.target().timeouts().request().dividedBy(PATIENCE_SHARE);
        return Optional.of(new ShellEditor(
                shell,
                greeting,
                method,
                owner,
                random,
                pause,
                patience,
                DropbearLimits.applyTo(connection.serverVersion())));
    }

    static ShellAnswer hello(RemoteShell shell) {
        return shell.run(Map.of("op", "hello", "account", shell.access().account()), NO_DATA);
    }

    @Override
    public EditMethod method() {
        return method;
    }

    @Override
    public String home() {
        return greeting.home();
    }

    @Override
    public List<String> standardFiles() {
        return EditorChoice.standardFiles(dropbear, dropbear && greeting.openWrt() && greeting.accountUid() == 0);
    }

    /** The user id of whoever runs the script. */
    int uid() {
        return greeting.uid();
    }

    /** A file as it was seen. */
    private record Seen(
            String real,
            boolean exists,
            String attributes,
            @SuppressWarnings("ArrayRecordComponent") byte[] content,
            List<String> trouble) {}

    @Override
    public RemoteFile read(String path) {
        Seen seen = look(path);
        return new RemoteFile(seen.real(), seen.exists(), AuthorizedKeys.parse(seen.content()), seen.trouble());
    }

    private Seen look(String path) {
        ShellAnswer answer = shell.run(Map.of("op", "look", "file", path, "home", greeting.home()), NO_DATA);
        if (!answer.state().equals("seen")) {
            throw refusal(path, answer);
        }
        String real = answer.require("real");
        FileEditor.requireInside(greeting.home(), path, real);
        return seen(real, answer);
    }

    private Seen seen(String real, ShellAnswer answer) {
        String kind = answer.require("kind");
        if (!kind.equals("regular") && !kind.equals("missing")) {
            throw new RemoteFileException(
                    RemoteFileException.Reason.NOT_REGULAR, real, "it is no regular file but " + kind, null);
        }
        StrictModes modes = new StrictModes(greeting.accountUid());
        for (String place : answer.all("place")) {
            List<String> words = ShellAnswer.split(place, 4);
            modes.look(words.get(3), mode(words.get(0)), ShellAnswer.number(words.get(1)));
        }
        return new Seen(
                real, kind.equals("regular"), answer.value("file").orElse(""), answer.content(), modes.trouble());
    }

    @Override
    public RemoteEdit edit(String path, UnaryOperator<AuthorizedKeys> edit, Runnable guard) {
        Seen seen = look(path);
        Map<String, String> parameters = new TreeMap<>(Map.of(
                "file", seen.real(),
                "hash", greeting.hash(),
                "editor", owner.name() + " " + owner.life(),
                "nonce", RemoteLock.nonce(random),
                "lease", Long.toString(RemoteLock.LEASE.toSeconds()),
                "patience", Long.toString(patience.toSeconds()),
                "clear", owner.tidies() ? "yes" : "no",
                "held", "no"));
        boolean finished = false;
        try {
            for (int start = 0; start < MAX_STARTS; start++) {
                byte[] after = edit.apply(AuthorizedKeys.parse(seen.content())).toBytes();
                if (Arrays.equals(seen.content(), after)) {
                    finished = true;
                    return unchanged(seen.real(), parameters, start);
                }
                requireOwner(seen);
                guard.run();
                ShellAnswer answer = commit(seen, after, parameters);
                if (answer.state().equals("done")) {
                    finished = true;
                    boolean durable = answer.require("durable").equals("yes");
                    return new RemoteEdit(seen.real(), method, true, true, durable, start, answer.all("warning"));
                }
                parameters.put("held", "yes");
                seen = seen(seen.real(), answer);
            }
            throw FileEditor.keepsChanging(seen.real());
        } finally {
            if (!finished) {
                releaseQuietly(parameters);
            }
        }
    }

    private RemoteEdit unchanged(String real, Map<String, String> parameters, int retries) {
        if ("yes".equals(parameters.get("held"))) {
            release(parameters);
        } else if (owner.tidies()) {
            parameters.put("op", "tidy");
            ShellAnswer answer = shell.run(parameters, NO_DATA);
            if (!answer.state().equals("done")) {
                throw refusal(real, answer);
            }
        }
        return RemoteEdit.unchanged(real, method, retries);
    }

    /** Gives back a lock that a commit has left to the next one. */
    private void release(Map<String, String> parameters) {
        if ("yes".equals(parameters.get("held"))) {
            parameters.put("op", "release");
            shell.run(parameters, NO_DATA);
        }
    }

    private void releaseQuietly(Map<String, String> parameters) {
        try {
            release(parameters);
        } catch (TransportException e) {
            // The edit's own failure says more; without a connection the lock stays until its lease ends.
            LOG.debug("the lock of {} could not be released: {}", parameters.get("file"), e.getMessage());
        }
    }

    /** Runs the commit, for as long as other editors hold the lock. */
    private ShellAnswer commit(Seen seen, byte[] after, Map<String, String> parameters) {
        parameters.put("op", "commit");
        parameters.put("expect", seen.exists() ? FileDigest.of(greeting.hash(), seen.content()) : "missing");
        parameters.put("was", seen.attributes());
        parameters.put("want", FileDigest.of(greeting.hash(), after));
        parameters.put("size", Integer.toString(after.length));
        parameters.put(
                "mode", String.format(Locale.ROOT, "%04o", seen.exists() ? mode(seen.attributes()) : NEW_FILE_MODE));
        parameters.put("owner", ownerOf(seen));
        Duration waited = Duration.ZERO;
        while (true) {
            ShellAnswer answer = shell.run(parameters, after);
            switch (answer.state()) {
                case "done", "changed" -> {
                    return answer;
                }
                case "locked" -> {
                    waited = waited.plus(patience).plus(WAIT);
                    if (waited.compareTo(RemoteLock.LEASE.plusSeconds(10)) > 0) {
                        throw refusal(seen.real(), answer);
                    }
                    Threads.pause(pause, WAIT);
                }
                default -> throw refusal(seen.real(), answer);
            }
        }
    }

    private String ownerOf(Seen seen) {
        if (seen.exists()) {
            List<String> words = ShellAnswer.split(seen.attributes(), 3);
            return words.get(1) + ":" + words.get(2);
        }
        return shell.access().account().isEmpty() ? "" : greeting.accountUid() + ":" + greeting.accountGid();
    }

    /** sshd reads what belongs to the user or to root; the file of somebody else is neither used nor taken over. */
    private void requireOwner(Seen seen) {
        if (seen.exists()) {
            int uid = ShellAnswer.number(ShellAnswer.split(seen.attributes(), 3).get(1));
            if (uid != 0 && uid != greeting.accountUid()) {
                throw new RemoteFileException(
                        RemoteFileException.Reason.FOREIGN_OWNER,
                        seen.real(),
                        "it belongs to uid " + uid + ", who is not this account's user: sshd reads it for nobody else,"
                                + " and only its owner or root may replace it",
                        null);
            }
        }
    }

    private RemoteFileException refusal(String path, ShellAnswer answer) {
        String said = answer.complaint().isEmpty() ? "" : " (the server says: " + answer.complaint() + ")";
        return switch (answer.state()) {
            case "dangling" ->
                refused(RemoteFileException.Reason.NOT_REGULAR, path, "it is a symbolic link that leads nowhere");
            case "unreadable", "not-writable" ->
                refused(
                        RemoteFileException.Reason.NOT_WRITABLE,
                        path,
                        "it cannot be " + (answer.state().equals("unreadable") ? "read" : "written")
                                + ": check permissions, free space and mount options" + said);
            case "foreign-owner" ->
                refused(
                        RemoteFileException.Reason.FOREIGN_OWNER,
                        path,
                        "it belongs to another user, and only that user or root can replace it");
            case "locked" ->
                refused(
                        RemoteFileException.Reason.LOCKED,
                        path + ".keywright-lock",
                        "other editors hold the lock again and again; try later, or remove it when none is at work");
            case "lost" ->
                refused(
                        RemoteFileException.Reason.LOCKED,
                        path + ".keywright-lock",
                        "the lock was broken by another editor; nothing was written");
            case "moved" ->
                refused(
                        RemoteFileException.Reason.KEEPS_CHANGING,
                        path,
                        "its directory was exchanged while the file was being edited");
            default ->
                refused(
                        RemoteFileException.Reason.SCRIPT_FAILED,
                        path,
                        "the server's shell did not bring the edit to its end" + said);
        };
    }

    private static RemoteFileException refused(RemoteFileException.Reason reason, String path, String message) {
        return new RemoteFileException(reason, path, message, null);
    }

    /** The mode bits of a file as {@code ls -l} prints them (POSIX.1-2017, ls). */
    private static int mode(String attributes) {
        Matcher matcher = MODE.matcher(attributes);
        if (!matcher.lookingAt()) {
            throw ShellAnswer.senseless("something that is no file's mode");
        }
        int mode = 0;
        for (int i = 0; i < 9; i++) {
            char c = matcher.group(i + 1).charAt(0);
            if (c != '-' && !Character.isUpperCase(c)) {
                mode |= 0400 >> i;
            }
            if (Character.toLowerCase(c) == 's' || Character.toLowerCase(c) == 't') {
                mode |= 04000 >> (i / 3);
            }
        }
        return mode;
    }

    @Override
    public void close() {
        // the connection is the caller's, and nothing else is open between two runs
    }
}
