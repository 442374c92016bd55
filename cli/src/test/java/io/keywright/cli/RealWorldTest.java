package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.cli.demo.EmbeddedFleet;
import io.keywright.cli.demo.EmbeddedServer;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyReader;
import io.keywright.format.KeyWriter;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.DirectoryCredentialStore;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.transport.KnownHosts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A rotation as it goes out there: 30 accounts on a real sshd and 200 servers of MINA's, a quarter of them in trouble, and
 * an engine that is killed five times. What keys can do afterwards is asked of the {@code ssh} program, on every account.
 */
@Tag("once")
class RealWorldTest {
    private static final int REAL = 30;
    private static final int EMBEDDED = 200;
    private static final String NAME = "deploy-prod";
    private static final String USER = "deploy";
    private static final String SECRET = "secret of the store";
    private static final int CHECKS_AT_ONCE = 6;

    /** What is the matter with an account, by the numbers of the list of what really goes wrong; and what comes of it. */
    private enum Trouble {
        NONE("done", false, true),
        // carried through
        NO_FINAL_LINE_END("done", false, true), // 1
        OPTIONS_OF_OTHERS("done", false, true), // 2
        UNKNOWN_OPTION("done", false, true), // 6
        SECOND_FILE("done", false, true), // 9
        TWICE_THE_FIRST_FROM_ELSEWHERE("done", false, true), // 10
        // failing
        UTF_16("quarantined", false, false), // 5
        WRITABLE_HOME("quarantined", false, false), // 7
        FILE_OF_ROOT("quarantined", true, false), // 7
        FROM_ELSEWHERE_ONLY("quarantined", false, false), // 10
        NEVER_LANDED("quarantined", false, false), // 14
        DOWN_ALL_THE_TIME("quarantined", true, false), // 16
        DOWN_IN_THE_MIDDLE("done", false, true), // 16
        OTHER_FILE("quarantined", true, false), // 20
        HOST_KEY_CHANGED("quarantined", true, false), // 21
        READ_ONLY("quarantined", true, false), // 24
        EXPIRED("quarantined", false, false), // 25
        CONNECTION_LOST("quarantined", true, false), // 26
        FORCED_COMMAND("quarantined", true, false); // 29

        private final String outcome;
        private final boolean oldLogsIn;
        private final boolean newLogsIn;

        Trouble(String outcome, boolean oldLogsIn, boolean newLogsIn) {
            this.outcome = outcome;
            this.oldLogsIn = oldLogsIn;
            this.newLogsIn = newLogsIn;
        }

        boolean fails() {
            return !CARRIED_THROUGH.contains(this);
        }
    }

    private static final List<Trouble> CARRIED_THROUGH = List.of(
            Trouble.NONE,
            Trouble.NO_FINAL_LINE_END,
            Trouble.OPTIONS_OF_OTHERS,
            Trouble.UNKNOWN_OPTION,
            Trouble.SECOND_FILE,
            Trouble.TWICE_THE_FIRST_FROM_ELSEWHERE);

    /** Eight of thirty. */
    private static final List<Trouble> OF_REAL_ACCOUNTS = List.of(
            Trouble.FILE_OF_ROOT,
            Trouble.FORCED_COMMAND,
            Trouble.EXPIRED,
            Trouble.UTF_16,
            Trouble.FILE_OF_ROOT,
            Trouble.FORCED_COMMAND,
            Trouble.WRITABLE_HOME,
            Trouble.NEVER_LANDED);

    /** Each five times: fifty of two hundred. */
    private static final List<Trouble> OF_EMBEDDED_SERVERS = List.of(
            Trouble.UTF_16,
            Trouble.WRITABLE_HOME,
            Trouble.FROM_ELSEWHERE_ONLY,
            Trouble.NEVER_LANDED,
            Trouble.DOWN_ALL_THE_TIME,
            Trouble.DOWN_IN_THE_MIDDLE,
            Trouble.OTHER_FILE,
            Trouble.HOST_KEY_CHANGED,
            Trouble.READ_ONLY,
            Trouble.CONNECTION_LOST);

    /** An account, wherever it is. */
    private record Site(
            String id,
            String user,
            int port,
            SshPublicKey hostKey,
            Optional<ServerAccount> account,
            Optional<EmbeddedServer> server,
            Trouble trouble) {

        void write(String name, byte[] content) throws IOException {
            if (account.isPresent()) {
                account.get().write(Path.of(".ssh", name), content, 0600);
            } else {
                Files.write(server.orElseThrow().authorizedKeysFile().resolveSibling(name), content);
            }
        }

        Path home() {
            return account.map(ServerAccount::home)
                    .orElseGet(() -> server.orElseThrow().home());
        }

        Path keys() {
            return account.map(ServerAccount::authorizedKeys)
                    .orElseGet(() -> server.orElseThrow().authorizedKeysFile());
        }
    }

    @TempDir
    Path folder;

    private OpenSshServer sshd;
    private EmbeddedFleet fleet;
    private Dead dead;
    private final List<Site> sites = new ArrayList<>();
    private SshPublicKey oldKey;
    private SshPublicKey foreign;

    @BeforeEach
    void build() throws IOException {
        assumeThat(OpenSshServer.isRoot()).as("only root makes accounts").isTrue();
        sshd = OpenSshServer.start();
        fleet = EmbeddedFleet.start();
        dead = new Dead();
        for (int i = 0; i < REAL; i++) {
            ServerAccount account = sshd.addAccount();
            int fromEnd = REAL - 1 - i;
            Trouble trouble = fromEnd < OF_REAL_ACCOUNTS.size()
                    ? OF_REAL_ACCOUNTS.get(fromEnd)
                    : CARRIED_THROUGH.get(i % CARRIED_THROUGH.size());
            sites.add(new Site(
                    "real-" + i,
                    account.name(),
                    sshd.port(),
                    sshd.hostKeys().get(0),
                    Optional.of(account),
                    Optional.empty(),
                    trouble));
        }
        try (Passphrase password = Passphrase.of("nobody logs in with this".toCharArray())) {
            for (int i = 0; i < EMBEDDED; i++) {
                EmbeddedServer server = fleet.add(USER, password, Files.createDirectory(folder.resolve("server-" + i)));
                Trouble trouble = i % 4 == 3
                        ? OF_EMBEDDED_SERVERS.get(i / 4 % OF_EMBEDDED_SERVERS.size())
                        : CARRIED_THROUGH.get(i % CARRIED_THROUGH.size());
                sites.add(new Site(
                        "mina-" + i,
                        USER,
                        server.port(),
                        server.hostKey(),
                        Optional.empty(),
                        Optional.of(server),
                        trouble));
            }
        }
        foreign = key(folder.resolve("foreign"));
        oldKey = key(folder.resolve("first"));
        fillStore();
        for (Site site : sites) {
            prepare(site);
        }
        writeFiles();
    }

    @AfterEach
    void tearDown() {
        if (dead != null) {
            dead.close();
        }
        if (fleet != null) {
            fleet.close();
        }
        if (sshd != null) {
            sshd.close();
        }
    }

    /** Somebody who answers the telephone and hangs up. */
    private static final class Dead implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

        Dead() throws IOException {
            Thread thread = new Thread(this::hangUp, "hangs-up");
            thread.setDaemon(true);
            thread.start();
        }

        private void hangUp() {
            try {
                while (!socket.isClosed()) {
                    socket.accept().close();
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        int port() {
            return socket.getLocalPort();
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static SshPublicKey key(Path file) throws IOException {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
                EncodedKey encoded = KeyWriter.openssh().write(pair)) {
            encoded.writeTo(file);
            return pair.publicKey();
        }
    }

    private DirectoryCredentialStore openStore() {
        try (Passphrase secret = Passphrase.of(SECRET.toCharArray())) {
            // The engine is started seven times; what is tested here is not the cost of its store.
            return TestFleet.openCheapStore(folder.resolve("store"), secret);
        }
    }

    private void fillStore() throws IOException {
        try (CredentialStore store = openStore();
                SshKeyPair pair = KeyReader.of().read(folder.resolve("first"));
                CredentialStore.Lease lease = store.lease(NAME)) {
            store.importKey(lease, pair);
        }
    }

    /** Writes the account's file, and makes its trouble. */
    private void prepare(Site site) throws IOException {
        String ours = oldKey.toLine();
        String others = "# by hand\n" + foreign.toLine() + "\n";
        String text = switch (site.trouble()) {
            case NO_FINAL_LINE_END -> others + ours;
            case OPTIONS_OF_OTHERS ->
                "from=\"10.0.0.0/8,*.example\",command=\"echo \\\"hi\\\"\" " + foreign.toLine() + "\nno-pty " + ours
                        + "\n";
            case UNKNOWN_OPTION -> "frobnicate " + foreign.toLine() + "\n" + ours + "\n";
            case TWICE_THE_FIRST_FROM_ELSEWHERE -> "from=\"192.0.2.1\" " + ours + "\n" + others + ours + "\n";
            case FROM_ELSEWHERE_ONLY -> "from=\"192.0.2.1\" " + ours + "\n";
            case NEVER_LANDED -> others;
            case EXPIRED -> "expiry-time=\"20200101\" " + ours + "\n";
            case FORCED_COMMAND -> "command=\"true\" " + ours + "\n";
            default -> others + ours + "\n";
        };
        boolean wide = site.trouble() == Trouble.UTF_16;
        site.write("authorized_keys", text.getBytes(wide ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8));
        switch (site.trouble()) {
            case SECOND_FILE -> site.write("authorized_keys2", (ours + "\n").getBytes(StandardCharsets.UTF_8));
            case WRITABLE_HOME ->
                Files.setPosixFilePermissions(site.home(), PosixFilePermissions.fromString("rwxrwxrwx"));
            case FILE_OF_ROOT -> giveToRoot(site.keys());
            case DOWN_ALL_THE_TIME -> site.server().orElseThrow().stop();
            case READ_ONLY -> site.server().orElseThrow().setReadOnly(true);
            default -> {
                // the file, or what the credential file says, is all there is to it
            }
        }
    }

    private static void giveToRoot(Path keys) throws IOException {
        Path directory = keys.getParent();
        for (Path path : List.of(directory, keys)) {
            Files.setAttribute(path, "unix:uid", 0, LinkOption.NOFOLLOW_LINKS);
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-r--r--"));
    }

    /** Writes the credential file, what the engine knows of host keys, and what is true of them. */
    private void writeFiles() throws IOException {
        KnownHosts known = KnownHosts.empty();
        KnownHosts truth = KnownHosts.empty()
                .with("127.0.0.1", sshd.port(), sshd.hostKeys().get(0));
        StringBuilder text = new StringBuilder("name: " + NAME + "\nuser: " + USER + "\nknown-hosts: known_hosts\n"
                + "policy: { on-failure: quarantine, parallelism: 8, attempts: 1 }\ndevices:\n");
        known = known.with("127.0.0.1", sshd.port(), sshd.hostKeys().get(0)).with("127.0.0.1", dead.port(), foreign);
        for (Site site : sites) {
            if (site.server().isPresent()) {
                boolean changed = site.trouble() == Trouble.HOST_KEY_CHANGED;
                known = known.with("127.0.0.1", site.port(), changed ? foreign : site.hostKey());
                truth = truth.with("127.0.0.1", site.port(), site.hostKey());
            }
            text.append("  - { id: ")
                    .append(site.id())
                    .append(", host: 127.0.0.1, port: ")
                    .append(site.trouble() == Trouble.CONNECTION_LOST ? dead.port() : site.port())
                    .append(", user: ")
                    .append(site.user())
                    .append(site.id().equals("real-0") ? ", original: true" : "")
                    .append(site.trouble() == Trouble.OTHER_FILE ? ", authorized-keys: \"%h/.ssh/keys\"" : "")
                    .append(" }\n");
        }
        Files.writeString(folder.resolve("fleet.yaml"), text);
        Files.write(folder.resolve("known_hosts"), known.toByteArray());
        Files.write(folder.resolve("true_hosts"), truth.toByteArray());
        Cli.secret(folder, "secret", SECRET + "\n");
    }

    // --- the engine

    private static String[] command(String name, String... more) {
        List<String> all = new ArrayList<>(
                List.of(name, "--credential", "fleet.yaml", "--store", "store", "--secret-file", "secret"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** Runs the engine until it has written some lines of a sort, and kills it. */
    private void killAfter(String name, int lines, Predicate<String> sort) throws IOException, InterruptedException {
        List<String> written = new ArrayList<>();
        Process engine = Tool.keywright().start(folder, command(name));
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(engine.getInputStream(), StandardCharsets.UTF_8))) {
            int seen = 0;
            for (String line = output.readLine(); line != null && seen < lines; line = output.readLine()) {
                written.add(line);
                seen += sort.test(line) ? 1 : 0;
            }
            assertThat(seen)
                    .as("it lives until then:%n%s", String.join("\n", written))
                    .isEqualTo(lines);
        } finally {
            engine.destroyForcibly();
        }
        assertThat(engine.waitFor(30, TimeUnit.SECONDS)).as("it is dead").isTrue();
        assertThat(engine.exitValue()).as("killed by SIGKILL").isEqualTo(128 + 9);
    }

    /** Runs the engine and returns its exit code. */
    private int runToItsEnd(String name) throws IOException, InterruptedException {
        Process engine = Tool.keywright().start(folder, command(name));
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(engine.getInputStream(), StandardCharsets.UTF_8))) {
            output.lines().forEach(line -> assertThat(line).doesNotContain(SECRET));
            assertThat(engine.waitFor(30, TimeUnit.SECONDS)).as("it has ended").isTrue();
            return engine.exitValue();
        } finally {
            engine.destroyForcibly();
        }
    }

    private static boolean accepts(String line) {
        return line.contains(" accepts the new key (");
    }

    private static boolean refuses(String line) {
        return line.contains(" refuses the old key (");
    }

    private void eachThatFailsInTheMiddle(Consumer<EmbeddedServer> what) {
        sites.stream()
                .filter(site -> site.trouble() == Trouble.DOWN_IN_THE_MIDDLE)
                .forEach(site -> what.accept(site.server().orElseThrow()));
    }

    // --- what is true

    private boolean logsIn(Site site, String identity) throws Exception {
        Tool.Result result = Tool.find("ssh", "openssh-client")
                .run(
                        folder,
                        "-F",
                        "none",
                        "-i",
                        identity,
                        "-o",
                        "IdentitiesOnly=yes",
                        "-o",
                        "IdentityAgent=none",
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "PreferredAuthentications=publickey",
                        "-o",
                        "StrictHostKeyChecking=yes",
                        "-o",
                        "GlobalKnownHostsFile=/dev/null",
                        "-o",
                        "UserKnownHostsFile=" + folder.resolve("true_hosts"),
                        "-p",
                        String.valueOf(site.port()),
                        "-s",
                        site.user() + "@127.0.0.1",
                        "sftp");
        boolean refused = result.exitCode() == 255 && result.errors().contains("Permission denied");
        assertThat(result.exitCode() == 0 || refused)
                .as("%s: ssh said %s", site, result.errors())
                .isTrue();
        return !refused;
    }

    /** Asks every account about both keys, and names those that answer otherwise than they should. */
    private List<String> wrong() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(CHECKS_AT_ONCE);
        try {
            List<Callable<Optional<String>>> questions = new ArrayList<>();
            for (Site site : sites) {
                questions.add(() -> wrong(site, "first", site.trouble().oldLogsIn));
                questions.add(() -> wrong(site, "second", site.trouble().newLogsIn));
            }
            List<String> wrong = new ArrayList<>();
            for (Future<Optional<String>> answer : executor.invokeAll(questions)) {
                answer.get().ifPresent(wrong::add);
            }
            return wrong;
        } finally {
            executor.shutdownNow();
        }
    }

    private Optional<String> wrong(Site site, String identity, boolean expected) throws Exception {
        return logsIn(site, identity) == expected
                ? Optional.empty()
                : Optional.of(site.id() + " (" + site.trouble() + "): the " + identity + " key "
                        + (expected ? "should log in" : "should be refused"));
    }

    private void exportSecondKey() throws IOException {
        try (CredentialStore store = openStore();
                SshKeyPair pair = store.exposeSecret(NAME, StoredSecret.key(2));
                EncodedKey encoded = KeyWriter.openssh().write(pair)) {
            encoded.writeTo(folder.resolve("second"));
        }
    }

    @Test
    @Timeout(600)
    void rotate_aQuarterInTroubleAndTheEngineKilledFiveTimes_everyAccountIsAsItShouldBe() throws Exception {
        assertThat(sites).hasSize(REAL + EMBEDDED);
        assertThat(sites.stream().filter(site -> site.trouble().fails())).hasSizeBetween(57, 59);
        assertThat(sites.stream().map(Site::trouble).filter(Trouble::fails).distinct())
                .hasSizeGreaterThanOrEqualTo(12);

        killAfter("rotate", 20, RealWorldTest::accepts);
        eachThatFailsInTheMiddle(EmbeddedServer::stop);
        killAfter("resume", 40, RealWorldTest::accepts);
        killAfter("resume", 1, "version 2 is current"::equals);
        eachThatFailsInTheMiddle(EmbeddedServer::restart);
        killAfter("resume", 20, RealWorldTest::refuses);
        killAfter("resume", 60, RealWorldTest::refuses);
        assertThat(runToItsEnd("resume")).as("some are quarantined").isEqualTo(Keywright.FAILED);

        JsonNode status = new ObjectMapper()
                .readTree(Tool.keywright()
                        .run(folder, command("status", "--json"))
                        .orFail());
        Map<String, String> outcomes = new TreeMap<>();
        for (JsonNode device : status.at("/latestRotation/devices")) {
            outcomes.put(device.get("id").asText(), device.get("outcome").asText());
        }
        Map<String, String> expected = new TreeMap<>();
        sites.forEach(site -> expected.put(site.id(), site.trouble().outcome));
        assertThat(outcomes).isEqualTo(expected);

        sites.stream()
                .filter(site -> site.trouble() == Trouble.DOWN_ALL_THE_TIME)
                .forEach(site -> site.server().orElseThrow().restart());
        exportSecondKey();
        assertThat(wrong()).isEmpty();
        for (Site site : sites) {
            try (var beside = Files.list(site.keys().getParent())) {
                assertThat(beside.map(path -> path.getFileName().toString()))
                        .as("%s", site)
                        .allMatch(name -> name.startsWith("authorized_keys"));
            }
        }
    }
}
