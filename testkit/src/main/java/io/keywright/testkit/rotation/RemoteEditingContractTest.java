package io.keywright.testkit.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.rotation.RemoteAuthorizedKeys;
import io.keywright.rotation.RemoteEdit;
import io.keywright.rotation.RemoteFile;
import io.keywright.rotation.RemoteFileException;
import io.keywright.testkit.rotation.EditedAccount.Way;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.TcpRelay;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What editing {@code authorized_keys} on a server must do, on a real sshd and whatever the transports: over SFTP, and by the
 * shells dash and busybox where there is no SFTP. Extend it and say which transports; with more than one they edit the same
 * file at the same time.
 */
@Tag("once")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class RemoteEditingContractTest {
    private static final int WRITERS = 8;
    private static final int ADDITIONS = 25;

    /** Lines that other tools break. */
    private static final String FOREIGN =
            "# by hand \u00fc\r\n\n\tno-pty,frobnicate ssh-foo AAAA x\nlast without an end";

    private List<SshTransport> transports = List.of();
    private EditedAccount account;

    /** For subclasses. */
    @SuppressWarnings("NullAway.Init") // the account is made before each test
    protected RemoteEditingContractTest() {}

    /**
     * Creates the transports under test.
     *
     * @return at least one; the test closes them
     */
    protected abstract List<SshTransport> createTransports();

    @BeforeAll
    void start() {
        transports = createTransports();
        account = new EditedAccount();
    }

    @AfterAll
    void stop() {
        transports.forEach(SshTransport::close);
        account.close();
    }

    @BeforeEach
    void empty() {
        account.reset();
    }

    private RemoteEdit edit(Way way, UnaryOperator<AuthorizedKeys> edit) {
        return edit(way, account.file(), edit);
    }

    private RemoteEdit edit(Way way, Path file, UnaryOperator<AuthorizedKeys> edit) {
        try (SshConnection connection = account.connect(transports.get(0), way);
                RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "contract")) {
            return remote.edit(file.toString(), edit);
        }
    }

    private static UnaryOperator<AuthorizedKeys> add(SshPublicKey key) {
        return keys -> keys.add(key);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    /** One editor at a time. */
    @Nested
    class Edit {
        @ParameterizedTest
        @EnumSource(Way.class)
        void missingFile_isMadeWithItsDirectoryForTheAccountAlone(Way way) throws IOException {
            SshPublicKey key = EditedAccount.newKey("new");
            RemoteEdit done = edit(way, add(key));

            assertThat(account.read()).isEqualTo(key.toLine() + "\n");
            assertThat(mode(account.directory())).isEqualTo("rwx------");
            assertThat(mode(account.file())).isEqualTo("rw-------");
            assertThat(Files.getOwner(account.file()).getName())
                    .isEqualTo(account.account().name());
            assertThat(account.names()).containsExactly("authorized_keys");
            assertThat(done.method().label()).isEqualTo(way.method());
            assertThat(done.changed() && done.atomic() && done.durable()).isTrue();
            assertThat(done.warnings()).isEmpty();
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void everyOtherByteModeAndOwner_areKept(Way way) throws IOException {
            account.write(FOREIGN);
            account.account().setMode(account.file(), 0640);
            SshPublicKey key = EditedAccount.newKey("new");
            edit(way, add(key));

            assertThat(account.read()).isEqualTo(FOREIGN + "\n" + key.toLine() + "\n");
            assertThat(mode(account.file())).isEqualTo("rw-r-----");
            assertThat(Files.getOwner(account.file()).getName())
                    .isEqualTo(account.account().name());
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void bytesThatAreNoText_areKept(Way way) throws IOException {
            byte[] odd = new byte[512];
            for (int i = 0; i < odd.length; i++) {
                odd[i] = (byte) i;
            }
            account.account().write(account.file(), odd, 0600);
            SshPublicKey key = EditedAccount.newKey("new");
            edit(way, add(key));
            edit(way, keys -> keys.withForce().remove(key));

            byte[] found = Files.readAllBytes(account.file());
            assertThat(found).startsWith(odd).hasSize(odd.length + 1); // the line end that the added line needed
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void nothingToDo_touchesNothing(Way way) throws IOException {
            account.write(FOREIGN);
            Object inode = Files.getAttribute(account.file(), "unix:ino");
            RemoteEdit done = edit(way, keys -> keys);

            assertThat(done.changed()).isFalse();
            assertThat(Files.getAttribute(account.file(), "unix:ino")).isEqualTo(inode);
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void modesThatSshdRefuses_areTold(Way way) {
            account.write(FOREIGN);
            account.account().setMode(account.file(), 0620);
            try (SshConnection connection = account.connect(transports.get(0), way);
                    RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "contract")) {
                RemoteFile file = remote.read(account.file().toString());

                assertThat(file.keys().toBytes()).isEqualTo(FOREIGN.getBytes(StandardCharsets.UTF_8));
                assertThat(file.strictModesTrouble())
                        .anySatisfy(trouble -> assertThat(trouble).contains(file.path() + " has mode 0620"));
            }
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void linkInsideTheHome_isFollowedAndStays(Way way) throws IOException {
            assumeRoot(); // elsewhere the home is a person's
            account.write("");
            Path link = account.directory().resolve("link");
            Files.createSymbolicLink(link, Path.of("authorized_keys"));
            SshPublicKey key = EditedAccount.newKey("new");
            edit(way, link, add(key));

            assertThat(link).isSymbolicLink();
            assertThat(account.read()).isEqualTo(key.toLine() + "\n");
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void aQuoteInThePath_isAQuote(Way way) {
            SshPublicKey key = EditedAccount.newKey("new");
            Path odd = account.directory().resolve("it's $HOME * \u00fc");
            edit(way, odd, add(key));

            assertThat(odd).hasContent(key.toLine() + "\n");
        }
    }

    /** What is not edited. */
    @Nested
    class Refusals {
        private void assertRefused(Way way, Path file, RemoteFileException.Reason reason, String why) {
            SshPublicKey key = EditedAccount.newKey("new");
            assertThatThrownBy(() -> edit(way, file, add(key)))
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(reason))
                    .hasMessageContaining(why);
            assertThat(account.names()).noneMatch(name -> name.contains("keywright"));
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void directory(Way way) {
            account.write(FOREIGN);
            assertRefused(way, account.directory(), RemoteFileException.Reason.NOT_REGULAR, "directory");
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void fifo_withoutHanging(Way way) {
            account.write(FOREIGN);
            Path fifo = account.directory().resolve("fifo");
            EditedAccount.run("mkfifo \"$1\"", fifo.toString());
            assertRefused(way, fifo, RemoteFileException.Reason.NOT_REGULAR, "other");
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void linkThatLeadsNowhere(Way way) throws IOException {
            account.write(FOREIGN);
            Path link = account.directory().resolve("link");
            Files.createSymbolicLink(link, Path.of("absent"));
            assertRefused(way, link, RemoteFileException.Reason.NOT_REGULAR, "nowhere");
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void directoryThatIsALinkOutOfTheHome(Way way) throws IOException {
            assumeRoot();
            account.write(FOREIGN);
            Path outside = Files.createTempDirectory("keywright-outside");
            Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path link = account.directory().resolve("dot-ssh");
            Files.createSymbolicLink(link, outside);
            try {
                assertRefused(
                        way,
                        link.resolve("authorized_keys"),
                        RemoteFileException.Reason.OUTSIDE_HOME,
                        "out of the home");
            } finally {
                Files.delete(outside);
            }
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void fileOfSomebodyElse(Way way) throws IOException {
            assumeRoot();
            account.write(FOREIGN);
            Files.setAttribute(account.file(), "unix:uid", 12_345);
            account.account().setMode(account.file(), 0644);
            assertRefused(way, account.file(), RemoteFileException.Reason.FOREIGN_OWNER, "uid 12345");
            assertThat(account.read()).isEqualTo(FOREIGN);
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void directoryThatCannotBeWritten(Way way) {
            assumeRoot();
            account.write(FOREIGN);
            account.account().setMode(account.directory(), 0500);
            assertRefused(way, account.file(), RemoteFileException.Reason.NOT_WRITABLE, "permissions");
        }
    }

    /** Locks that were left behind. */
    @Nested
    class Lock {
        @ParameterizedTest
        @CsvSource({"SFTP, SFTP", "SFTP, DASH", "DASH, SFTP", "DASH, DASH", "BUSYBOX, SFTP", "BUSYBOX, BUSYBOX"})
        void staleLockOfEitherKind_isBrokenAndItsLeftoversGo(Way way, Way left) {
            account.write(FOREIGN);
            account.leaveLock(left, Instant.now().minusSeconds(200));
            account.account().write(account.directory().resolve(".keywright-0123456789abcdef"), new byte[3], 0600);
            SshPublicKey key = EditedAccount.newKey("new");
            edit(way, add(key));

            assertThat(account.read()).isEqualTo(FOREIGN + "\n" + key.toLine() + "\n");
            assertThat(account.names()).containsExactly("authorized_keys");
        }

        @ParameterizedTest
        @CsvSource({"SFTP, DASH", "DASH, SFTP", "BUSYBOX, SFTP", "BUSYBOX, DASH"})
        void lockThatIsHeld_isWaitedFor(Way way, Way other) throws Exception {
            account.write(FOREIGN);
            account.leaveLock(other, Instant.now().plusSeconds(3600));
            SshPublicKey key = EditedAccount.newKey("new");
            ExecutorService threads = Executors.newSingleThreadExecutor();
            try (SshConnection connection = account.connect(transports.get(0), way);
                    RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "contract")) {
                AtomicBoolean asked = new AtomicBoolean();
                Future<RemoteEdit> edit =
                        threads.submit(() -> remote.edit(account.file().toString(), keys -> {
                            asked.set(true);
                            return keys.add(key);
                        }));
                // The editor has seen the file, and stands before the lock or soon will.
                while (!asked.get()) {
                    Thread.onSpinWait();
                }
                assertThat(account.read()).isEqualTo(FOREIGN);
                EditedAccount.run("rm -r \"$1\"", account.lock().toString());
                assertThat(edit.get().changed()).isTrue();
            } finally {
                threads.shutdownNow();
            }
            assertThat(account.names()).containsExactly("authorized_keys");
        }
    }

    /** Writers that take no lock, between our reading and our writing. */
    @Nested
    class ForeignWriters {
        private static final String APPEND = "printf 'by hand\\n' >>\"$1\"";
        private static final String REWRITE = "printf '# all new\\nby hand\\n' >\"$1\"";
        private static final String EXCHANGE =
                "cp -p \"$1\" \"$1.new\"; printf '# all new\\nby hand\\n' >\"$1.new\"; mv \"$1.new\" \"$1\"";

        private RemoteEdit editWhile(Way way, SshPublicKey key, String foreign) {
            account.write(FOREIGN + "\n");
            // Over SFTP the first reading is only there to see whether there is something to do.
            int reading = way == Way.SFTP ? 2 : 1;
            AtomicInteger asked = new AtomicInteger();
            return edit(way, keys -> {
                if (asked.incrementAndGet() == reading) {
                    EditedAccount.run(foreign, account.file().toString());
                }
                return keys.add(key);
            });
        }

        @ParameterizedTest
        @EnumSource(Way.class)
        void append_isNoticedAndKept(Way way) {
            SshPublicKey key = EditedAccount.newKey("new");
            RemoteEdit done = editWhile(way, key, APPEND);

            assertThat(account.read()).isEqualTo(FOREIGN + "\nby hand\n" + key.toLine() + "\n");
            assertThat(done.retries()).isEqualTo(1);
            assertThat(account.names()).containsExactly("authorized_keys");
        }

        @ParameterizedTest
        @CsvSource({"SFTP, false", "SFTP, true", "DASH, false", "DASH, true", "BUSYBOX, false", "BUSYBOX, true"})
        void rewriteOfTheWholeFile_isNoticedAndKept(Way way, boolean byRename) {
            SshPublicKey key = EditedAccount.newKey("new");
            RemoteEdit done = editWhile(way, key, byRename ? EXCHANGE : REWRITE);

            assertThat(account.read()).isEqualTo("# all new\nby hand\n" + key.toLine() + "\n");
            assertThat(done.retries()).isEqualTo(1);
            assertThat(account.names()).containsExactly("authorized_keys");
        }

        @Test
        void appendInTheRoundTripThatSftpLeavesOpen_isFoundOutBroughtBackAndTold() {
            account.write(FOREIGN + "\n");
            SshPublicKey key = EditedAccount.newKey("new");
            AtomicInteger renames = new AtomicInteger();
            RemoteEdit done;
            try (SshConnection connection = account.connect(transports.get(0), Way.SFTP);
                    RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(
                            BeforeRename.on(connection, () -> {
                                if (renames.incrementAndGet() == 1) {
                                    EditedAccount.run(APPEND, account.file().toString());
                                }
                            }),
                            "contract")) {
                assumeThat(canHold(connection)).isTrue();
                done = remote.edit(account.file().toString(), add(key));
            }

            assertThat(account.read()).isEqualTo(FOREIGN + "\nby hand\n" + key.toLine() + "\n");
            assertThat(done.warnings()).singleElement().asString().contains("brought back");
            assertThat(done.retries()).isEqualTo(1);
        }

        @Test
        void fifoInPlaceOfTheFile_isRefusedAndHoldsNobodyUp() {
            account.write(FOREIGN + "\n");
            AtomicInteger asked = new AtomicInteger();
            SshPublicKey key = EditedAccount.newKey("new");
            assertThatThrownBy(() -> edit(Way.SFTP, keys -> {
                        if (asked.incrementAndGet() == 2) {
                            EditedAccount.run(
                                    "rm \"$1\"; mkfifo \"$1\"", account.file().toString());
                        }
                        return keys.add(key);
                    }))
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.NOT_REGULAR));
            assertThat(account.names()).containsExactly("authorized_keys");
        }

        private boolean canHold(SshConnection connection) {
            try (SftpSession sftp = connection.openSftp()) {
                return sftp.hold(account.file().toString())
                        .map(held -> {
                            held.close();
                            return true;
                        })
                        .orElse(false);
            }
        }
    }

    /** A connection that breaks at every request. */
    @Nested
    class Cut {
        private final SshPublicKey first = EditedAccount.newKey("first");
        private final SshPublicKey second = EditedAccount.newKey("second");

        @ParameterizedTest
        @EnumSource(Way.class)
        void atEveryRequest_leavesTheOldFileOrTheNewOneAndNoLockForEver(Way way) {
            List<Long> requests = requestsOfOneEdit(way);
            assertThat(requests).as("requests").hasSizeGreaterThan(8);
            try (SshConnection whole = account.connect(transports.get(0), way);
                    RemoteAuthorizedKeys next = RemoteAuthorizedKeys.open(whole, "next")) {
                for (long end : requests) {
                    // It has arrived, its answer is lost, and nothing after it arrives.
                    cutAndGoOn(way, end, next);
                }
            }
        }

        /** The ends of what one edit sends, in bytes from the log-in on. */
        private List<Long> requestsOfOneEdit(Way way) {
            account.reset();
            account.write(FOREIGN + "\n");
            OpenSshServer server = account.server(way);
            try (TcpRelay relay = TcpRelay.to(server.host(), server.port());
                    SshConnection connection =
                            account.connect(transports.get(0), account.target(way, relay.host(), relay.port()))) {
                List<Long> before = relay.pieces();
                long loggedIn = before.get(before.size() - 1);
                editOver(connection, first);
                return relay.pieces().stream()
                        .filter(end -> end > loggedIn)
                        .map(end -> end - loggedIn)
                        .toList();
            }
        }

        private void editOver(SshConnection connection, SshPublicKey key) {
            try (RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "contract")) {
                remote.edit(account.file().toString(), add(key));
            }
        }

        private void cutAndGoOn(Way way, long bytes, RemoteAuthorizedKeys next) {
            account.reset();
            account.write(FOREIGN + "\n");
            String old = account.read();
            String edited = old + first.toLine() + "\n";
            OpenSshServer server = account.server(way);
            Set<ProcessHandle> others = server.sessions();
            Set<ProcessHandle> sessions = Set.of();
            try (TcpRelay relay = TcpRelay.to(server.host(), server.port());
                    SshConnection connection =
                            account.connect(transports.get(0), account.target(way, relay.host(), relay.port()))) {
                sessions = server.sessions();
                relay.cutAfter(bytes);
                editOver(connection, first);
            } catch (TransportException e) {
                assertThat(account.read()).as("cut after %d bytes", bytes).isIn(old, edited);
            }
            // What has arrived is still carried out.
            sessions.stream()
                    .filter(session -> !others.contains(session))
                    .forEach(session ->
                            session.onExit().orTimeout(30, TimeUnit.SECONDS).join());
            account.ageLock();
            next.edit(account.file().toString(), add(second));

            assertThat(account.read())
                    .as("cut after %d bytes, then edited again", bytes)
                    .isIn(old + second.toLine() + "\n", edited + second.toLine() + "\n");
        }
    }

    /** Many editors at once. */
    @Nested
    class Writers {
        @Test
        void overSftp_loseNothing() throws Exception {
            loseNothing(List.of(Way.SFTP));
        }

        @Test
        void byDash_loseNothing() throws Exception {
            loseNothing(List.of(Way.DASH));
        }

        @Test
        void byAllWaysAtOnce_loseNothing() throws Exception {
            loseNothing(List.of(Way.values()));
        }

        private void loseNothing(List<Way> ways) throws Exception {
            account.write(FOREIGN + "\n");
            List<SshPublicKey> keys = new ArrayList<>();
            for (int i = 0; i < WRITERS * ADDITIONS; i++) {
                keys.add(EditedAccount.newKey("key-" + i));
            }
            ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1);
            AtomicBoolean done = new AtomicBoolean();
            try {
                Future<Integer> reader = threads.submit(() -> readUntil(done));
                List<Future<?>> writers = new ArrayList<>();
                for (int i = 0; i < WRITERS; i++) {
                    int writer = i;
                    writers.add(threads.submit(() -> write(
                            writer,
                            ways.get(writer % ways.size()),
                            keys.subList(writer * ADDITIONS, (writer + 1) * ADDITIONS))));
                }
                for (Future<?> writer : writers) {
                    writer.get();
                }
                done.set(true);
                assertThat(reader.get()).as("readings of the file").isPositive();
            } finally {
                done.set(true);
                threads.shutdownNow();
            }
            assertThat(account.read()).startsWith(FOREIGN + "\n");
            assertThat(account.read().substring(FOREIGN.length() + 1).lines())
                    .containsExactlyInAnyOrderElementsOf(
                            keys.stream().map(SshPublicKey::toLine).toList());
            assertThat(account.names()).containsExactly("authorized_keys");
        }

        private void write(int writer, Way way, List<SshPublicKey> keys) {
            SshTransport transport = transports.get(writer % transports.size());
            try (SshConnection connection = account.connect(transport, way);
                    RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "writer-" + writer)) {
                for (SshPublicKey key : keys) {
                    assertThat(remote.edit(account.file().toString(), add(key)).changed())
                            .isTrue();
                }
            }
        }

        /** Reads over and over; every reading is whole, and holds what every earlier one held. */
        private int readUntil(AtomicBoolean done) {
            int readings = 0;
            int longest = 0;
            while (!done.get()) {
                String content = account.read();
                assertThat(content).startsWith(FOREIGN + "\n").endsWith("\n");
                assertThat(content.substring(FOREIGN.length() + 1).lines())
                        .allMatch(line -> line.matches("ssh-ed25519 [A-Za-z0-9+/]{68} key-[0-9]+"));
                assertThat(content.length()).isGreaterThanOrEqualTo(longest);
                longest = content.length();
                readings++;
            }
            return readings;
        }
    }

    /** Owners can be changed, and homes belong to nobody, for throw-away accounts only. */
    private static void assumeRoot() {
        assumeThat(OpenSshServer.isRoot()).isTrue();
    }
}
