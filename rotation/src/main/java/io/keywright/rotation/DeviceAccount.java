package io.keywright.rotation;

import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.CarryOver;
import io.keywright.authorizedkeys.Entry;
import io.keywright.authorizedkeys.KeyOption;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One account on one device, and the few things that are done there: add a key, remove keys, ask what is accepted. Each
 * operation may be repeated at any time; each leaves the account as it was or as it should be.
 */
final class DeviceAccount {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceAccount.class);

    /** A refused probe counts as a failed attempt, of which OpenSSH allows six unless told otherwise. */
    static final int MAX_PROBES = 3;

    /** OpenSSH 9.8 and later shut an address out at the fourth connection that ends without a log-in, in so short a time. */
    private static final int FREE_REFUSALS = 2;
    /** For how long each of them is held against it: {@code authfail} of PerSourcePenalties, sshd_config(5). */
    private static final Duration PENALTY = Duration.ofSeconds(5);

    private static final String EXPIRY = "expiry-time";
    private static final String IN_HOME = "%h/";

    private final SshTransport transport;
    private final SshTarget target;
    private final Device device;
    private final RemoteLock.Owner owner;
    private final SecureRandom random;
    private final Pause pause;
    private final Runnable guard;
    private int refusals;

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
        if (whom.equals(target) && questions.size() <= MAX_PROBES) {
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
        SshConnection connection = transport.connect(request);
        boolean answered = false;
        try {
            Session session = new Session(connection, Optional.empty(), ask(questions), again);
            answered = true;
            return session;
        } finally {
            if (!answered) {
                connection.close();
            }
        }
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
        StoreDamagedException damaged = null;
        for (KeyRing.Candidate candidate : candidates) {
            letPenaltiesPass();
            try {
                Session session = logIn(whom, candidate.logIn(), questions);
                return new Session(session.connection(), candidate.version(), session.answers(), session.again());
            } catch (AuthenticationRefusedException e) {
                refusals++;
                refused = e;
            } catch (StoreDamagedException e) {
                LOG.warn("version {} cannot be opened, others are tried: {}", candidate.version(), e.getMessage());
                damaged = e;
            }
        }
        if (damaged != null) { // it may have been the one
            throw damaged;
        }
        throw new DeviceStepException(
                DeviceFailure.Kind.LOGIN_REFUSED,
                whom + " lets in none of the " + candidates.size() + " stored keys and passwords",
                refused);
    }

    /** Whoever has been refused a few times goes on slowly, so that what the server remembers of it does not grow. */
    private void letPenaltiesPass() {
        if (refusals >= FREE_REFUSALS) {
            Threads.pause(pause, PENALTY);
        }
    }

    /** Asks on connections of their own, about as many keys at once as a server puts up with. */
    List<Answer> ask(List<SshPublicKey> questions) {
        List<Answer> answers = new ArrayList<>();
        for (int from = 0; from < questions.size(); from += MAX_PROBES) {
            List<SshPublicKey> some = questions.subList(from, Math.min(from + MAX_PROBES, questions.size()));
            letPenaltiesPass();
            refusals++;
            try {
                transport.probe(target, some).answers().forEach(answer -> answers.add(Answer.of(answer)));
            } catch (AuthenticationLimitException e) {
                some.forEach(key -> answers.add(accepts(key)));
            }
        }
        return answers;
    }

    /** Asks who is there, and shows no secret for it. */
    SshPublicKey hostKey(SshPublicKey question) {
        return probe(question).hostKey();
    }

    /** Asks who is there, and about one key; shows no secret for it. */
    ProbeReport probe(SshPublicKey question) {
        return transport.probe(target, List.of(question));
    }

    /** Asks about one key, on a connection of its own. */
    Answer accepts(SshPublicKey key) {
        return Answer.of(probe(key).answers().get(0));
    }

    /**
     * Adds a key beside each line of the old ones, with that line's options.
     *
     * @param stamps ends that we gave the old lines ourselves, which the new line does not inherit
     * @param visit hears whether the key was there already
     * @throws DeviceStepException when none of the files has an old key, or the new one
     */
    List<RemoteEdit> addLike(
            Session session, List<SshPublicKey> oldKeys, SshPublicKey newKey, Set<String> stamps, Visit visit) {
        List<RemoteEdit> edits = new ArrayList<>();
        boolean found = false;
        visit.touch();
        try (RemoteAuthorizedKeys remote = open(session)) {
            for (String file : files(remote)) {
                Adding adding = new Adding(oldKeys, newKey, stamps);
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

    /** Adds a key like others over a session or, where its key may not edit, over another while the session stays open. */
    List<RemoteEdit> addLikeOver(
            Session session, List<KeyRing.Candidate> others, List<SshPublicKey> like, SshPublicKey key) {
        return over(session, others, editing -> addLike(editing, like, key, Set.of(), new Visit(true, true)));
    }

    /** The edit of one file; it may be asked several times, of which the first shows what was there before. */
    private static final class Adding implements UnaryOperator<AuthorizedKeys> {
        private final List<SshPublicKey> oldKeys;
        private final SshPublicKey newKey;
        private final Set<String> stamps;
        private boolean asked;
        private boolean wasThere;
        private boolean found;
        private String digest = "";

        Adding(List<SshPublicKey> oldKeys, SshPublicKey newKey, Set<String> stamps) {
            this.oldKeys = oldKeys;
            this.newKey = newKey;
            this.stamps = stamps;
        }

        @Override
        public AuthorizedKeys apply(AuthorizedKeys keys) {
            wasThere |= !asked && keys.contains(newKey);
            asked = true;
            AuthorizedKeys next = keys;
            for (SshPublicKey old : oldKeys) {
                if (keys.contains(old)) {
                    boolean stamped = keys.find(old).stream()
                            .anyMatch(line ->
                                    expiry(line).filter(stamps::contains).isPresent());
                    next = next.addLike(
                            old, newKey, stamped ? CarryOver.OPTIONS.withoutOptions(EXPIRY) : CarryOver.OPTIONS);
                }
            }
            found = next.contains(newKey);
            digest = checksum(next);
            return next;
        }
    }

    static String notInFiles(List<String> files) {
        return "it accepts the key, and none of " + files
                + " has it: name the files that its sshd reads (sshd -T shows AuthorizedKeysFile)";
    }

    private static Optional<String> expiry(Entry line) {
        return line.options().find(EXPIRY).flatMap(KeyOption::value);
    }

    /**
     * Gives each line of some keys an end, but for those that have one already.
     *
     * @param survivor a key that has just logged in; while it lives in one of the files, all others may come to an end
     * @return whether every line of the keys ends at that time now
     */
    boolean stampOver(
            Session session,
            List<KeyRing.Candidate> others,
            SshPublicKey survivor,
            List<SshPublicKey> keys,
            Instant until) {
        KeyOption stamp = KeyOption.expiryTime(until);
        return over(session, others, editing -> {
            boolean[] ended = {false};
            try (RemoteAuthorizedKeys remote = open(editing)) {
                List<String> files = files(remote);
                for (String file : files) {
                    UnaryOperator<AuthorizedKeys> edit = content -> {
                        if (keys.stream().noneMatch(content::contains)) {
                            return content;
                        }
                        boolean survives = survives(Survivor.justNow(survivor), content, remote, file, files);
                        AuthorizedKeys next = survives ? content.withForce() : content;
                        for (SshPublicKey key : keys) {
                            boolean ownEnd = hasOtherEnd(content, key, stamp);
                            ended[0] |= ownEnd;
                            next = ownEnd ? next : stamped(next, key, stamp);
                        }
                        return next;
                    };
                    remote.edit(file, edit, guard);
                }
            }
            return !ended[0];
        });
    }

    private static List<Entry> ownLines(AuthorizedKeys keys, SshPublicKey key) {
        return keys.find(key).stream().filter(line -> !line.isCertAuthority()).toList();
    }

    private static boolean hasOtherEnd(AuthorizedKeys keys, SshPublicKey key, KeyOption stamp) {
        return ownLines(keys, key).stream()
                .anyMatch(line -> expiry(line)
                        .filter(end -> !end.equals(stamp.value().orElseThrow()))
                        .isPresent());
    }

    private static AuthorizedKeys stamped(AuthorizedKeys keys, SshPublicKey key, KeyOption stamp) {
        return ownLines(keys, key).isEmpty() ? keys : keys.setOption(key, stamp);
    }

    /** Adds a key without options to the first file, unless one of the files has it already. */
    List<RemoteEdit> add(Session session, SshPublicKey key) {
        try (RemoteAuthorizedKeys remote = open(session)) {
            List<String> files = files(remote);
            for (String file : files) {
                if (remote.keys(file).contains(key)) {
                    return List.of();
                }
            }
            return List.of(remote.edit(files.get(0), keys -> keys.add(key), guard));
        }
    }

    /**
     * Removes every line of the keys from every file, and reads back.
     *
     * @param survivor a key that has logged in, of whatever type: while it lives in one of the files, the others and this one
     *     may lose all their other keys. Empty where nothing is known; then the last usable key is not removed
     * @throws DeviceStepException when the survivor lives in none of the files by now
     */
    Removal remove(Session session, List<SshPublicKey> doomed, Optional<Survivor> survivor) {
        List<RemoteEdit> edits = new ArrayList<>();
        try (RemoteAuthorizedKeys remote = open(session)) {
            List<String> files = files(remote);
            for (String file : files) {
                edits.add(remote.edit(
                        file,
                        keys -> without(keys, doomed, survivor, key -> survives(key, keys, remote, file, files)),
                        guard));
            }
            List<AuthorizedKeys> left = contents(remote);
            Optional<String> manager = left.stream()
                    .map(FileManagers::of)
                    .flatMap(Optional::stream)
                    .findFirst();
            return new Removal(edits, !holdAny(left, doomed), manager);
        }
    }

    /** Whether a key lives in a file with this content, or in another: asked only then, for each is three round trips. */
    private static boolean survives(
            Survivor survivor, AuthorizedKeys content, RemoteAuthorizedKeys remote, String file, List<String> files) {
        return survivor.livesIn(content)
                || files.stream()
                        .filter(other -> !other.equals(file))
                        .anyMatch(other -> survivor.livesIn(remote.keys(other)));
    }

    private AuthorizedKeys without(
            AuthorizedKeys keys, List<SshPublicKey> doomed, Optional<Survivor> survivor, Predicate<Survivor> lives) {
        if (doomed.stream().noneMatch(keys::contains)) {
            return keys;
        }
        boolean survives = survivor.filter(lives).isPresent();
        if (survivor.isPresent() && !survives) {
            // Between the log-in and now somebody has put an older file in place: removing from that would lock out.
            throw new DeviceStepException(
                    DeviceFailure.Kind.KEY_NOT_IN_FILE,
                    target + ": the key that has logged in is in none of " + device.authorizedKeysFiles()
                            + " as it was, so that nothing is removed: something else writes them",
                    null);
        }
        AuthorizedKeys next = keys;
        for (SshPublicKey key : doomed) {
            next = (survives ? next.withForce() : next).remove(key);
        }
        return next;
    }

    /**
     * A key that has logged in, and with which files.
     *
     * @param asItLoggedIn whether a file that has the key is one with which it logs in
     */
    record Survivor(SshPublicKey key, Predicate<AuthorizedKeys> asItLoggedIn) {
        /** A key that has logged in just now. */
        static Survivor justNow(SshPublicKey key) {
            return new Survivor(key, any -> true);
        }

        /** A key that logged in when the files had these checksums: with the same content it does so still. */
        static Survivor withFiles(SshPublicKey key, Collection<String> checksums) {
            return new Survivor(key, keys -> checksums.contains(checksum(keys)));
        }

        boolean livesIn(AuthorizedKeys keys) {
            return keys.contains(key) && asItLoggedIn.test(keys);
        }
    }

    private static String checksum(AuthorizedKeys keys) {
        return FileDigest.of("cksum", keys.toBytes());
    }

    /**
     * What became of a removal.
     *
     * @param removed whether reading back found none of the keys in any file
     * @param manager what else writes one of the files, if that can be told
     */
    record Removal(List<RemoteEdit> edits, boolean removed, Optional<String> manager) {}

    /** Removes keys over a session or, where its key may not edit, over another while the session stays open. */
    Removal removeOver(Session session, Survivor loggedIn, List<KeyRing.Candidate> others, List<SshPublicKey> doomed) {
        return over(session, others, editing -> remove(editing, doomed, Optional.of(loggedIn)));
    }

    /** Tells whether any of the files has a line with any of the keys. */
    boolean holdsAny(Session session, List<KeyRing.Candidate> others, List<SshPublicKey> keys) {
        return over(session, others, reading -> {
            try (RemoteAuthorizedKeys remote = open(reading)) {
                return holdAny(contents(remote), keys);
            }
        });
    }

    /**
     * Looks for keys in the usual places beside the device's files: why one may be accepted that is in none of these.
     *
     * @return real paths; none where it cannot be told
     */
    List<String> elsewhere(SshKeyPair logIn, List<KeyRing.Candidate> others, List<SshPublicKey> keys) {
        try (Session session = requireSession(logIn, List.of())) {
            return over(session, others, reading -> {
                try (RemoteAuthorizedKeys remote = open(reading)) {
                    List<String> seen = files(remote).stream()
                            .map(file -> remote.read(file).path())
                            .toList();
                    return UsualPlaces.holding(remote, seen, keys);
                }
            });
        } catch (TransportException | RemoteFileException | DeviceStepException e) {
            LOG.debug("{} cannot be looked at for other files: {}", target, e.getMessage());
            return List.of();
        }
    }

    private List<AuthorizedKeys> contents(RemoteAuthorizedKeys remote) {
        return files(remote).stream().map(file -> remote.keys(file)).toList();
    }

    private static boolean holdAny(List<AuthorizedKeys> contents, List<SshPublicKey> keys) {
        return contents.stream().anyMatch(content -> keys.stream().anyMatch(content::contains));
    }

    private <T> T over(Session session, List<KeyRing.Candidate> others, Function<Session, T> work) {
        if (device.administrator().isEmpty()) {
            try {
                return work.apply(session);
            } catch (ChannelRefusedException e) {
                if (others.isEmpty()) {
                    throw e;
                }
            }
        }
        try (Session other = logInToEdit(others, List.of())) {
            return work.apply(other);
        }
    }

    /**
     * Logs in with a key on a fresh connection, asking about others on the way.
     *
     * @return the answers, in the order of the questions
     * @throws DeviceStepException when the key is refused
     */
    List<Answer> requireLogIn(SshKeyPair pair, List<SshPublicKey> questions) {
        try (Session session = requireSession(pair, questions)) {
            return session.answers();
        }
    }

    /** As {@link #requireLogIn}, and gives the connection to the caller, who closes it. */
    Session requireSession(SshKeyPair pair, List<SshPublicKey> questions) {
        try {
            return logIn(LogIn.withKey(pair), questions);
        } catch (AuthenticationRefusedException e) {
            throw new DeviceStepException(
                    DeviceFailure.Kind.NEW_KEY_REFUSED,
                    target + " was given the key " + pair.publicKey().fingerprint()
                            + " and does not let it in: sshd may read another file, or refuse this one's modes, or"
                            + " something else has written it since",
                    e);
        }
    }

    RemoteAuthorizedKeys open(Session session) {
        SshConnection connection = session.connection();
        List<String> soon = device.authorizedKeysFiles().stream()
                .filter(file -> file.startsWith(IN_HOME) && file.indexOf('%', IN_HOME.length()) < 0)
                .map(file -> file.substring(IN_HOME.length()))
                .toList();
        EditorChoice choice = new EditorChoice(connection, session.again(), owner, random, pause, soon);
        return RemoteAuthorizedKeys.open(choice, connection, target.user());
    }

    /** The files to go through: those that were named, or else those of this sort of server. */
    List<String> files(RemoteAuthorizedKeys remote) {
        List<String> named = device.authorizedKeysFiles();
        return named.equals(Device.DEFAULT_AUTHORIZED_KEYS_FILES) ? remote.standardFiles() : named;
    }
}
