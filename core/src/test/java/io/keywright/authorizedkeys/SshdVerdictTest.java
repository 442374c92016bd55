package io.keywright.authorizedkeys;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.SkEcdsaPublicKey;
import io.keywright.SkEd25519PublicKey;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.Usability.Verdict;
import io.keywright.internal.WireReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our verdict on generated lines - whether this line admits this key, and with which restrictions - against that of a real
 * sshd: 1,000 lines, or 20,000 with {@code -Pdifferential}.
 *
 * <p>Each file holds a line for each of many keys, and some keys once more. A client offers every key, and a stranger of each
 * type. For each of them sshd logs which lines it dropped for their options, which it found the key in, why it passed over
 * those, and what the line allows that it took; all of that is foretold from what Keywright reads, and compared.
 */
@Tag("once")
class SshdVerdictTest {
    private static final int LINES = Integer.getInteger("keywright.differential.lines", 1_000);
    private static final int REPEATED = 8;
    private static final int MAX_DIFFERENCES = 10;

    /** Each answer takes sshd some milliseconds, in which it does nothing: so that nobody learns from its haste. */
    private static final int SERVERS = 4;

    private static final Clock CLOCK = Clock.system(ZoneId.of("America/New_York"));
    private static final DateTimeFormatter LOCAL_TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT).withZone(CLOCK.getZone());
    private static final String CLIENT = "127.0.0.1";

    /**
     * The one difference that is meant: glibc's strptime(3) skips blanks inside an expiry time, those of other systems do not.
     * We go with these and take the line for dropped, so that it is never counted as a way in.
     */
    private static final Pattern KNOWN_DIFFERENCE = Pattern.compile("(?i)expiry-time=\"[^\"]*[ \t\r\u000b\u000c]");

    /** The log cuts off what is longer than its buffer of 1024. */
    private static final int LOG_LINE_MAX = 1000;

    private static final Pattern ABOUT_LINE = Pattern.compile("(?:debug1: )?\\S*/keys:(\\d+): (.*)", Pattern.DOTALL);
    private static final Pattern ACCEPTED =
            Pattern.compile("Accepted key \\S+ (\\S+) found at \\S*/keys:(\\d+)", Pattern.DOTALL);

    private static final List<SshPublicKey> KEYS = Stream.of(
                    keys(70, SshKeyPairGenerator.ed25519()),
                    keys(8, SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256)),
                    keys(4, SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP384)),
                    keys(4, SshKeyPairGenerator.rsa(2048)),
                    keys(4, SshKeyPairGenerator.ed25519()).map(SshdVerdictTest::securityKey),
                    keys(2, SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256)).map(SshdVerdictTest::securityKey))
            .flatMap(keys -> keys)
            .toList();

    /** One of each type that sshd tells apart, in no file: they make it read every line. */
    private static final List<SshPublicKey> STRANGERS = Stream.of(
                    keys(1, SshKeyPairGenerator.ed25519()),
                    keys(1, SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256)),
                    keys(1, SshKeyPairGenerator.rsa(2048)),
                    keys(1, SshKeyPairGenerator.ed25519()).map(SshdVerdictTest::securityKey),
                    keys(1, SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256)).map(SshdVerdictTest::securityKey))
            .flatMap(keys -> keys)
            .toList();

    private static final List<SshPublicKey> ASKED =
            Stream.concat(KEYS.stream(), STRANGERS.stream()).toList();

    /** The same in every run, so that a seed gives the same lines again. */
    private static Stream<SshPublicKey> keys(int count, SshKeyPairGenerator generator) {
        SshKeyPairGenerator seeded = generator.withRandom(new SecureRandom() {
            private final Random random = new Random(count);

            @Override
            public void nextBytes(byte[] bytes) {
                random.nextBytes(bytes);
            }
        });
        return Stream.generate(() -> seeded.generate().publicKey().withComment(""))
                .limit(count);
    }

    private static SshPublicKey securityKey(SshPublicKey key) {
        byte[] application = "ssh:".getBytes(StandardCharsets.US_ASCII);
        return key instanceof Ed25519PublicKey ed25519
                ? SkEd25519PublicKey.of(ed25519.point(), application)
                : SkEcdsaPublicKey.of(((EcdsaPublicKey) key).point(), application);
    }

    @TempDir
    private Path folder;

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void verdictsAndRestrictions_generatedLines_areSshds() throws Exception {
        List<Path> keys = writeKeys();
        long seed = Keys.seed();
        List<String> differences = Collections.synchronizedList(new ArrayList<>());
        List<Callable<Integer>> shares = new ArrayList<>();
        for (int i = 0; i < SERVERS; i++) {
            Path server = Files.createDirectory(folder.resolve("server-" + i));
            int share = i;
            shares.add(() -> compare(server, keys, seed, share, differences));
        }
        ExecutorService threads = Executors.newFixedThreadPool(SERVERS);
        int admitted = 0;
        try {
            for (Future<Integer> share : threads.invokeAll(shares)) {
                admitted += share.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(differences).as("-Dkeywright.seed=" + seed).isEmpty();
        // Were all lines refused, the comparison would say little.
        assertThat(admitted).isBetween(LINES / 4, LINES);
    }

    private List<Path> writeKeys() throws IOException {
        List<Path> files = new ArrayList<>();
        for (SshPublicKey key : ASKED) {
            Path file = folder.resolve("key-" + files.size() + ".pub");
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            files.add(Files.writeString(file, key.toLine() + "\n"));
        }
        return files;
    }

    /** Compares one server's share of the files, and counts the keys that it accepted. */
    private static int compare(Path server, List<Path> keys, long seed, int share, List<String> differences)
            throws IOException, InterruptedException {
        int admitted = 0;
        try (RealSshd sshd = RealSshd.start(server)) {
            for (int lines = share * KEYS.size(); lines < LINES; lines += SERVERS * KEYS.size()) {
                byte[] bytes = Keys.bytes(file(seed + lines));
                AuthorizedKeys file = AuthorizedKeys.parse(bytes).withClock(CLOCK);
                List<List<String>> log = sshd.ask(bytes, keys);
                for (int i = 0; i < ASKED.size() && differences.size() < MAX_DIFFERENCES; i++) {
                    List<String> ours = foretold(file, ASKED.get(i));
                    difference(file, ours, events(log.get(i))).ifPresent(differences::add);
                    admitted += ours.stream().anyMatch(event -> event.endsWith(" accepted")) ? 1 : 0;
                }
            }
        }
        return admitted;
    }

    private static List<String> events(List<String> log) {
        return log.stream()
                .map(SshdVerdictTest::event)
                .filter(event -> !event.isEmpty())
                .toList();
    }

    private static String file(long seed) {
        LineGenerator generator = new LineGenerator(seed, KEYS);
        List<SshPublicKey> holders = new ArrayList<>(KEYS);
        Collections.shuffle(holders, new Random(seed));
        holders.addAll(holders.subList(0, REPEATED));
        StringBuilder text = new StringBuilder();
        for (SshPublicKey key : holders) {
            String line = generator.line(key);
            while (KNOWN_DIFFERENCE.matcher(line).find()) {
                line = generator.line(key);
            }
            text.append(line).append('\n');
        }
        return text.toString();
    }

    /** What sshd shall log while it looks for a key. */
    private static List<String> foretold(AuthorizedKeys file, SshPublicKey key) {
        List<String> events = new ArrayList<>();
        int acceptedAt = 0;
        for (Entry entry : file.entries()) {
            if (acceptedAt == 0 && sameType(entry.algorithm(), key.algorithm()) && isKey(entry)) {
                Usability usability = entry.usabilityAt(CLOCK.instant(), CLOCK.getZone());
                if (entry.options().problem().isPresent()) {
                    String why = usability.verdict() == Verdict.UNKNOWN_OPTION ? ": unknown key option" : "";
                    events.add(entry.number() + " bad key options" + why);
                } else if (entry.holds(key) && !entry.isCertAuthority()) {
                    List<String> found = atKey(entry, usability);
                    found.forEach(event -> events.add(entry.number() + " " + event));
                    acceptedAt = found.contains("accepted") ? entry.number() : 0;
                }
            }
        }
        assertThat(file.admitting(key, CLIENT).map(Line::number).orElse(0)).isEqualTo(acceptedAt);
        return events;
    }

    private static List<String> atKey(Entry entry, Usability usability) {
        EffectivePermissions allowed = entry.permissions().orElseThrow();
        List<String> events = new ArrayList<>(List.of("matching " + entry.fingerprint()));
        if (usability.verdict() == Verdict.EXPIRED) {
            events.add("entry expired at "
                    + LOCAL_TIME.format(allowed.expiry(CLOCK.getZone()).orElseThrow()));
        } else if (usability.verdict() == Verdict.PRINCIPALS_WITHOUT_AUTHORITY) {
            events.add("principals on non-CA key");
        } else if (!allowed.admits(CLIENT)) {
            events.add("not from a permitted host");
        } else {
            events.addAll(restrictions(allowed));
            events.add("accepted");
        }
        return events;
    }

    /** What a line allows, in the words of sshd's log. */
    private static List<String> restrictions(EffectivePermissions allowed) {
        List<String> words = new ArrayList<>();
        words.add(allowed.agentForwarding() ? "agent-forwarding" : "");
        words.add(allowed.command().isPresent() ? "command" : "");
        words.add(allowed.environment().isEmpty() ? "" : "environment");
        words.add(allowed.touchRequired() ? "" : "no-touch-required");
        words.add(allowed.permitOpen().isEmpty() ? "" : "permitopen");
        words.add(allowed.permitListen().isEmpty() ? "" : "permitlisten");
        words.add(allowed.portForwarding() ? "port-forwarding" : "");
        words.add(allowed.pty() ? "pty" : "");
        words.add(allowed.verifyRequired() ? "uv" : "");
        allowed.tunnel()
                .map(device -> device.equalsIgnoreCase("any") ? Integer.MAX_VALUE : Integer.parseInt(device))
                .ifPresent(device -> words.add("tun=" + device));
        words.add(allowed.userRc() ? "user-rc" : "");
        words.add(allowed.x11Forwarding() ? "x11-forwarding" : "");
        List<String> events = new ArrayList<>(List.of("key options: " + sorted(words)));
        allowed.environment().forEach((name, value) -> events.add(logged("environment: " + name + "=" + value)));
        allowed.expiry(CLOCK.getZone()).ifPresent(end -> events.add("expires at " + LOCAL_TIME.format(end)));
        allowed.command().ifPresent(command -> events.add(logged("forced command: \"" + command + "\"")));
        allowed.permitOpen().forEach(permit -> events.add(logged("permitted open: " + permit)));
        allowed.permitListen().forEach(permit -> events.add(logged("permitted listen: " + permit)));
        return events;
    }

    private static String sorted(List<String> words) {
        TreeSet<String> sorted = new TreeSet<>(words);
        sorted.remove("");
        return String.join(" ", sorted);
    }

    /** Escapes as strnvis(3) does for the log. */
    private static String logged(String text) {
        StringBuilder escaped = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean shown = (b >= ' ' && b < 0x7f) || b == '\t' || b == '\r' || b == '\b' || b == 7;
            escaped.append(b == '\\' ? "\\\\" : shown ? String.valueOf((char) b) : "\\%03o".formatted(b & 0xff));
        }
        return escaped.toString();
    }

    /** Turns a line of the log into what we could have foretold, or into nothing. */
    private static String event(String logLine) {
        Matcher accepted = ACCEPTED.matcher(logLine);
        if (accepted.matches()) {
            return accepted.group(2) + " accepted";
        }
        Matcher about = ABOUT_LINE.matcher(logLine);
        if (!about.matches()) {
            return "";
        }
        String message = about.group(2);
        String event = message;
        if (message.startsWith("matching key found: ")) {
            event = "matching " + message.substring(message.lastIndexOf(' ') + 1);
        } else if (message.startsWith("Authentication tried for ")) {
            event = "not from a permitted host";
        } else if (message.startsWith("key options:")) {
            // It forgets the blank before this word, which is told again with the time.
            String words = message.substring("key options:".length()).replace("expires", "");
            event = "key options: " + sorted(Arrays.asList(words.split(" ", -1)));
        } else if (message.equals("invalid from criteria")) {
            return "";
        }
        boolean cut = logLine.length() > LOG_LINE_MAX;
        return about.group(1) + " " + (cut ? event.substring(0, event.length() - 4) + "\u2026" : event);
    }

    /** Describes the first event of either list that the other does not have in its place. */
    private static Optional<String> difference(AuthorizedKeys file, List<String> ours, List<String> theirs) {
        for (int i = 0; i < Math.max(ours.size(), theirs.size()); i++) {
            String our = i < ours.size() ? ours.get(i) : "0 nothing";
            String their = i < theirs.size() ? theirs.get(i) : "0 nothing";
            if (!isSame(our, their)) {
                int number = lineNumber(our) == 0 ? lineNumber(their) : lineNumber(our);
                int line = lineNumber(their) == 0 ? number : Math.min(number, lineNumber(their));
                return Optional.of("%s, but sshd says %s: %s"
                        .formatted(our, their, file.lines().get(line - 1).text()));
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(String our, String their) {
        if (their.endsWith("\u2026")) {
            return our.startsWith(their.substring(0, their.length() - 1));
        }
        // It has words of its own for each mistake, of which only the unknown option is told apart here.
        return our.endsWith("bad key options") ? their.startsWith(our + ": ") : our.equals(their);
    }

    private static int lineNumber(String event) {
        return Integer.parseInt(event.substring(0, event.indexOf(' ')));
    }

    /** Tells whether sshd finds a key, before it looks at the options. */
    private static boolean isKey(Entry entry) {
        if (entry.algorithm().endsWith("ssh-ed25519") || entry.algorithm().startsWith("sk-ssh-ed25519")) {
            return isEd25519(entry);
        }
        try {
            entry.key();
            return true;
        } catch (SshKeyException broken) {
            return false;
        }
    }

    /** sshd does not look whether the point is one: nobody can log in with it either way. */
    private static boolean isEd25519(Entry entry) {
        try {
            WireReader reader = new WireReader("blob", entry.blob());
            reader.readString("algorithm");
            int length = reader.readString("point").length;
            if (entry.algorithm().startsWith("sk-")) {
                reader.readString("application");
            }
            reader.requireEnd("end");
            return length == Ed25519PublicKey.KEY_BYTES;
        } catch (SshKeyException broken) {
            return false;
        }
    }

    /** sshd reads the options of every key of the type that it looks for; all curves are one type. */
    private static boolean sameType(String one, String other) {
        String curves = "ecdsa-sha2-nistp(256|384|521)";
        return one.equals(other) || (one.matches(curves) && other.matches(curves));
    }
}
