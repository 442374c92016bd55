package io.keywright.rotation;

import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * One account on one device, and the few things that are done there: add a key, remove keys, ask what is accepted. Each
 * operation may be repeated at any time; each leaves the account as it was or as it should be.
 */
final class DeviceAccount {
    /** A refused probe counts as a failed attempt, of which OpenSSH allows six unless told otherwise. */
    static final int MAX_PROBES = 3;

    private final SshTransport transport;
    private final SshTarget target;
    private final Device device;
    private final RemoteLock.Owner owner;
    private final SecureRandom random;
    private final Pause pause;
    private final Runnable guard;

    /**
     * Binds the operations to an account.
     *
     * @param device which files its sshd reads, and who edits them
     * @param guard runs inside the remote lock just before each rename, and throws when the editor has lost its right
     */
    DeviceAccount(
            SshTransport transport,
            SshTarget target,
            Device device,
            RemoteLock.Owner owner,
            SecureRandom random,
            Pause pause,
            Runnable guard) {
        this.transport = transport;
        this.target = target;
        this.device = device;
        this.owner = owner;
        this.random = random;
        this.pause = pause;
        this.guard = guard;
    }

    /** A connection that is logged in, and what was answered on the way. */
    record Session(
            SshConnection connection, Optional<Integer> version, List<Answer> answers, Supplier<SshConnection> again)
            implements AutoCloseable {
        @Override
        public void close() {
            connection.close();
        }
    }

    /** Logs in to the account, asking about keys on the way. */
    Session logIn(LogIn logIn, List<SshPublicKey> questions) {
        return logIn(target, logIn, questions);
    }

    /** Asks on the way in the same connection, or in others where the server allows too few questions. */
    private Session logIn(SshTarget whom, LogIn logIn, List<SshPublicKey> questions) {
        ConnectRequest request = ConnectRequest.of(whom, logIn);
        Supplier<SshConnection> again = () -> transport.connect(request);
        // Questions are about the account, and can be asked on the way to it only.
        if (whom.equals(target)) {
            try {
                SshConnection connection = transport.connect(request.withProbes(questions));
                return new Session(
                        connection,
                        Optional.empty(),
                        connection.probes().stream().map(Answer::of).toList(),
                        again);
            } catch (AuthenticationLimitException e) {
                if (questions.isEmpty()) {
                    throw e;
                }
            }
        }
        List<Answer> answers = new ArrayList<>();
        for (SshPublicKey key : questions) {
            answers.add(accepts(key));
        }
        return new Session(transport.connect(request), Optional.empty(), answers, again);
    }

    /** Logs in to the account with the first candidate that is let in. */
    Session logInWithAny(List<KeyRing.Candidate> candidates, List<SshPublicKey> questions) {
        return logInWithAny(target, candidates, questions);
    }

    /** Logs in as whoever edits the account's files, with the first candidate that is let in. */
    Session logInToEdit(List<KeyRing.Candidate> candidates, List<SshPublicKey> questions) {
        return logInWithAny(editor(), candidates, questions);
    }

    private SshTarget editor() {
        return device.administrator()
                .map(user -> new SshTarget(
                        target.host(), target.port(), user, target.hostKeys(), target.timeouts(), target.route()))
                .orElse(target);
    }

    private Session logInWithAny(SshTarget whom, List<KeyRing.Candidate> candidates, List<SshPublicKey> questions) {
        AuthenticationRefusedException refused = null;
        for (KeyRing.Candidate candidate : candidates) {
            try {
                Session session = logIn(whom, candidate.logIn(), questions);
                return new Session(session.connection(), candidate.version(), session.answers(), session.again());
            } catch (AuthenticationRefusedException e) {
                refused = e;
            }
        }
        throw new DeviceStepException(
                DeviceFailure.Kind.LOGIN_REFUSED,
                whom + " lets in none of the " + candidates.size() + " stored keys and passwords",
                refused);
    }

    /** Asks about one key, on a connection of its own. */
    Answer accepts(SshPublicKey key) {
        return Answer.of(transport.probe(target, List.of(key)).answers().get(0));
    }

    /**
     * Adds a key beside each line of the old ones, with that line's options.
     *
     * @param visit hears whether the key was there already
     * @throws DeviceStepException when none of the files has an old key, or the new one
     */
    List<RemoteEdit> addLike(Session session, List<SshPublicKey> oldKeys, SshPublicKey newKey, Visit visit) {
        List<RemoteEdit> edits = new ArrayList<>();
        boolean found = false;
        visit.touch();
        try (RemoteAuthorizedKeys remote = open(session)) {
            for (String file : files(remote)) {
                Adding adding = new Adding(oldKeys, newKey);
                RemoteEdit edit = remote.edit(file, adding, guard);
                found |= adding.found;
                if (adding.found) {
                    visit.sees(edit.path(), adding.digest, adding.wasThere);
                }
                edits.add(edit);
            }
        } finally {
            visit.looked();
        }
        if (!found) {
            throw new DeviceStepException(
                    DeviceFailure.Kind.KEY_NOT_IN_FILE, target + ": " + notInFiles(device.authorizedKeysFiles()), null);
        }
        return edits;
    }

    /** The edit of one file; it may be asked several times, of which the first shows what was there before. */
    private static final class Adding implements UnaryOperator<AuthorizedKeys> {
        private final List<SshPublicKey> oldKeys;
        private final SshPublicKey newKey;
        private boolean asked;
        private boolean wasThere;
        private boolean found;
        private String digest = "";

        Adding(List<SshPublicKey> oldKeys, SshPublicKey newKey) {
            this.oldKeys = oldKeys;
            this.newKey = newKey;
        }

        @Override
        public AuthorizedKeys apply(AuthorizedKeys keys) {
            wasThere |= !asked && keys.contains(newKey);
            asked = true;
            AuthorizedKeys next = keys;
            for (SshPublicKey old : oldKeys) {
                if (keys.contains(old)) {
                    next = next.addLike(old, newKey);
                }
            }
            found = next.contains(newKey);
            digest = FileDigest.of("cksum", next.toBytes());
            return next;
        }
    }

    static String notInFiles(List<String> files) {
        return "it accepts the key, and none of " + files
                + " has it: name the files that its sshd reads (sshd -T shows AuthorizedKeysFile)";
    }

    /** Adds a key without options to the first file, unless one of the files has it already. */
    List<RemoteEdit> add(Session session, SshPublicKey key) {
        try (RemoteAuthorizedKeys remote = open(session)) {
            List<String> files = files(remote);
            for (String file : files) {
                if (remote.read(file).keys().contains(key)) {
                    return List.of();
                }
            }
            return List.of(remote.edit(files.get(0), keys -> keys.add(key), guard));
        }
    }

    /**
     * Removes every line of the keys from every file, and reads back.
     *
     * @param survivor a key that has just logged in, of whatever type: while one of the files has it, the others and this one
     *     may lose all their other keys. Empty where nothing is known; then the last usable key is not removed
     * @throws DeviceStepException when the survivor is in none of the files by now
     */
    Removal remove(Session session, List<SshPublicKey> doomed, Optional<SshPublicKey> survivor) {
        List<RemoteEdit> edits = new ArrayList<>();
        try (RemoteAuthorizedKeys remote = open(session)) {
            List<String> files = files(remote);
            for (String file : files) {
                boolean elsewhere = survivor.isPresent()
                        && files.stream()
                                .filter(other -> !other.equals(file))
                                .anyMatch(other -> remote.read(other).keys().contains(survivor.get()));
                edits.add(remote.edit(file, keys -> without(keys, doomed, survivor, elsewhere), guard));
            }
        }
        try (RemoteAuthorizedKeys remote = open(session)) {
            for (String file : files(remote)) {
                AuthorizedKeys keys = remote.read(file).keys();
                if (doomed.stream().anyMatch(keys::contains)) {
                    return new Removal(edits, false);
                }
            }
        }
        return new Removal(edits, true);
    }

    private AuthorizedKeys without(
            AuthorizedKeys keys, List<SshPublicKey> doomed, Optional<SshPublicKey> survivor, boolean elsewhere) {
        boolean survives = elsewhere || survivor.map(keys::contains).orElse(false);
        if (survivor.isPresent() && !survives && doomed.stream().anyMatch(keys::contains)) {
            // Between the log-in and now somebody has put an older file in place: removing from that would lock out.
            throw new DeviceStepException(
                    DeviceFailure.Kind.KEY_NOT_IN_FILE,
                    target + ": the key that has just logged in is in none of " + device.authorizedKeysFiles()
                            + " any more, so that nothing is removed: something else writes them",
                    null);
        }
        AuthorizedKeys next = keys;
        for (SshPublicKey key : doomed) {
            next = (survives ? next.withForce() : next).remove(key);
        }
        return next;
    }

    /**
     * What became of a removal.
     *
     * @param removed whether reading back found none of the keys in any file
     */
    record Removal(List<RemoteEdit> edits, boolean removed) {}

    /** Removes keys over a session or, where its key may not edit, over another while the session stays open. */
    Removal removeOver(
            Session session, SshPublicKey loggedIn, List<KeyRing.Candidate> others, List<SshPublicKey> doomed) {
        if (device.administrator().isPresent()) {
            try (Session other = logInToEdit(others, List.of())) {
                return remove(other, doomed, Optional.of(loggedIn));
            }
        }
        try {
            return remove(session, doomed, Optional.of(loggedIn));
        } catch (ChannelRefusedException e) {
            if (others.isEmpty()) {
                throw e;
            }
            try (Session other = logInToEdit(others, List.of())) {
                return remove(other, doomed, Optional.of(loggedIn));
            }
        }
    }

    /**
     * Logs in with a key on a fresh connection, asking about others on the way.
     *
     * @return the answers, in the order of the questions
     * @throws DeviceStepException when the key is refused
     */
    List<Answer> requireLogIn(SshKeyPair pair, List<SshPublicKey> questions) {
        try (Session session = logIn(LogIn.withKey(pair), questions)) {
            return session.answers();
        } catch (AuthenticationRefusedException e) {
            throw new DeviceStepException(
                    DeviceFailure.Kind.NEW_KEY_REFUSED,
                    target + " has the key " + pair.publicKey().fingerprint()
                            + " in its file and does not let it in: sshd may read another file, or refuse this one's modes",
                    e);
        }
    }

    RemoteAuthorizedKeys open(Session session) {
        SshConnection connection = session.connection();
        EditorChoice choice = new EditorChoice(connection, session.again(), owner, random, pause);
        return RemoteAuthorizedKeys.open(choice, connection, target.user());
    }

    /** The files to go through: those that were named, or else those of this sort of server. */
    List<String> files(RemoteAuthorizedKeys remote) {
        List<String> named = device.authorizedKeysFiles();
        return named.equals(Device.DEFAULT_AUTHORIZED_KEYS_FILES) ? remote.standardFiles() : named;
    }
}
