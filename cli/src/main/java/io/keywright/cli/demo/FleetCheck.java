package io.keywright.cli.demo;

import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportException;
import io.keywright.transport.sshd.SshdTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Looks at the servers without the rotation engine: logs in over new connections, and reads the files on this machine's own
 * disk. Not thread-safe.
 */
final class FleetCheck implements AutoCloseable {
    private final List<FleetMember> members;
    private final Map<String, String> before = new HashMap<>();
    private final SshTransport transport = SshdTransport.create();

    private FleetCheck(List<FleetMember> members) {
        this.members = List.copyOf(members);
    }

    /** Begins, and remembers the files as they are now. */
    static FleetCheck remembering(List<FleetMember> members) throws IOException {
        FleetCheck check = new FleetCheck(members);
        for (FleetMember member : members) {
            check.before.put(member.id(), content(member));
        }
        return check;
    }

    /** Returns the servers whose file is no longer as it was. */
    List<FleetMember> changed() throws IOException {
        List<FleetMember> changed = new ArrayList<>();
        for (FleetMember member : members) {
            if (!content(member).equals(before.get(member.id()))) {
                changed.add(member);
            }
        }
        return changed;
    }

    /** Returns the servers that do not let in a key, each with the reason. */
    List<String> lockedOut(SshKeyPair pair) {
        return onEach(member -> logIn(member, pair));
    }

    /**
     * Returns what is not as it should be after a rotation from one key to another; empty when everything is: the old key
     * is refused, the new one logs in and stands where the old one stood with the same options, and every other line is
     * byte for byte what it was.
     */
    List<String> problemsAfter(SshKeyPair oldPair, SshKeyPair newPair) {
        if (newPair.publicKey().equals(oldPair.publicKey())) {
            return List.of("the store's current key is still the old one");
        }
        return onEach(member -> {
            List<String> problems = new ArrayList<>();
            problems.addAll(refused(member, oldPair));
            problems.addAll(logIn(member, newPair));
            problems.addAll(fileProblems(member, oldPair.publicKey(), newPair.publicKey()));
            return problems;
        });
    }

    /** Counts the lines of other people, which must be as they were. */
    int foreignLines(SshPublicKey ours) {
        return before.values().stream()
                .mapToInt(text -> foreign(text, ours).size())
                .sum();
    }

    private List<String> onEach(Function<FleetMember, List<String>> check) {
        // Two processors or two hundred servers: this is about not waiting for one before asking the next.
        return members.parallelStream()
                .flatMap(member -> check.apply(member).stream().map(problem -> member.id() + ": " + problem))
                .toList();
    }

    private List<String> logIn(FleetMember member, SshKeyPair pair) {
        try {
            transport
                    .connect(ConnectRequest.of(target(member), LogIn.withKey(pair)))
                    .close();
            return List.of();
        } catch (TransportException e) {
            return List.of("the key " + pair.publicKey().fingerprint() + " does not log in: " + e.getMessage());
        }
    }

    /** Asks with the public half, and then really tries, with the private one. */
    private List<String> refused(FleetMember member, SshKeyPair pair) {
        try {
            ProbeAnswer answer = transport
                    .probe(target(member), List.of(pair.publicKey()))
                    .answers()
                    .get(0);
            if (answer != ProbeAnswer.REFUSED) {
                return List.of("the old key is still accepted");
            }
            transport
                    .connect(ConnectRequest.of(target(member), LogIn.withKey(pair)))
                    .close();
            return List.of("the old key still logs in");
        } catch (AuthenticationRefusedException e) {
            return List.of();
        } catch (TransportException e) {
            return List.of("it could not be asked about the old key: " + e.getMessage());
        }
    }

    private List<String> fileProblems(FleetMember member, SshPublicKey oldKey, SshPublicKey newKey) {
        List<String> problems = new ArrayList<>();
        String was = before.getOrDefault(member.id(), "");
        String is = content(member);
        if (!foreign(is, newKey).equals(foreign(was, oldKey))) {
            problems.add("lines that are not ours have changed");
        }
        // Where the key was installed after the file was remembered, it stands there without options.
        List<String> expected = options(was, oldKey).isEmpty() ? List.of("") : options(was, oldKey);
        if (!options(is, newKey).equals(expected)) {
            problems.add("the new key does not stand where the old one stood, with the same options");
        }
        Path directory = member.keysFile().resolveSibling("");
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> leftOver = files.filter(file -> !file.equals(member.keysFile()))
                    .map(directory::relativize)
                    .toList();
            if (!leftOver.isEmpty()) {
                problems.add("something was left behind: " + leftOver);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return problems;
    }

    /** The lines without a key; whether the last of all has a line end does not count. */
    private static List<String> foreign(String text, SshPublicKey key) {
        return lines(text).filter(line -> !line.contains(blob(key))).toList();
    }

    /** What stands before the key on each of its lines. */
    private static List<String> options(String text, SshPublicKey key) {
        return lines(text)
                .filter(line -> line.contains(blob(key)))
                .map(line -> line.substring(0, line.indexOf(key.algorithm() + " " + blob(key))))
                .toList();
    }

    /** Split at LF, so that a CR stays with its line; what follows the last LF is a line when it is not empty. */
    private static Stream<String> lines(String text) {
        String whole = text.endsWith("\n") || text.isEmpty() ? text : text + "\n";
        return whole.isEmpty()
                ? Stream.empty()
                : Stream.of(whole.substring(0, whole.length() - 1).split("\n", -1));
    }

    private static String blob(SshPublicKey key) {
        return key.toLine().split(" ", -1)[1];
    }

    /** The bytes as characters, one for each. */
    private static String content(FleetMember member) {
        try {
            return Files.readString(member.keysFile(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SshTarget target(FleetMember member) {
        return SshTarget.of(
                FleetMember.HOST, member.port(), FleetMember.USER, HostKeyVerifier.pinned(List.of(member.hostKey())));
    }

    @Override
    public void close() {
        transport.close();
    }
}
