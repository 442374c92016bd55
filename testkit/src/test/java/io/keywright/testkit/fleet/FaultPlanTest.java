package io.keywright.testkit.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.testkit.fleet.TraceEntry.Outcome;
import io.keywright.testkit.rotation.MutationHook.Moment;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportInterruptedException;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.UnreachableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FaultPlanTest {
    private static final SshKeyPair PAIR = SshKeyPairGenerator.ed25519().generate();
    private static final byte[] CONTENT = {1, 2, 3, 4, 5, 6};

    private final InMemoryFleet fleet = InMemoryFleet.seeded(7);
    private final Device device = fleet.addDevice("web-1");
    private final Account account = device.addAccount("deploy");
    private final UserFiles files = account.files();
    private final SimulatedProcess engine = fleet.process("engine");
    private final SshTransport transport = engine.transport();

    @BeforeEach
    void authorize() {
        account.authorize(PAIR.publicKey());
    }

    private SshConnection connect() {
        return connect(transport);
    }

    private SshConnection connect(SshTransport through) {
        return through.connect(
                ConnectRequest.of(device.target("deploy"), LogIn.withKey(PAIR)).withProbes(List.of(PAIR.publicKey())));
    }

    private Outcome outcomeOf(Verb verb) {
        return fleet.trace().stream()
                .filter(entry -> entry.step().verb() == verb)
                .reduce((first, second) -> second)
                .orElseThrow()
                .outcome();
    }

    /** What a client does with SFTP, one call a verb. */
    private static final class Calls {
        static void run(Verb verb, SftpSession sftp) {
            switch (verb) {
                case REAL_PATH -> sftp.realPath(".");
                case STAT -> sftp.stat("file");
                case LSTAT -> sftp.lstat("file");
                case READ_LINK -> sftp.readLink("link");
                case READ -> sftp.read("file", 100);
                case CREATE -> sftp.createExclusive("new", 0600, CONTENT);
                case CREATE_SYNCED -> sftp.durableWrite().orElseThrow().createExclusiveSynced("new", 0600, CONTENT);
                case SET_PERMISSIONS -> sftp.setPermissions("file", 0600);
                case SET_OWNER -> sftp.setOwner("file", 1000, 1000);
                case RENAME -> sftp.rename("file", "new");
                case POSIX_RENAME -> sftp.posixRename().orElseThrow().posixRename("file", "link");
                case REMOVE -> sftp.remove("file");
                case MAKE_DIRECTORY -> sftp.makeDirectory("new", 0700);
                case LIST -> sftp.list(".");
                case OPEN -> sftp.hold("file").orElseThrow().close();
                case APPEND -> sftp.append("file", CONTENT);
                case OVERWRITE -> sftp.overwrite("file", CONTENT);
                case REMOVE_DIRECTORY -> sftp.removeDirectory("empty");
                default -> throw new IllegalArgumentException(verb + " is no SFTP request");
            }
        }
    }

    private void sceneForSftp() {
        files.writeText("file", "x");
        files.makeSymlink("file", "link");
        files.makeDirectory("empty", 0700);
    }

    @Nested
    class EverySftpVerb {
        @ParameterizedTest
        @EnumSource(
                mode = EnumSource.Mode.EXCLUDE,
                names = {"CONNECT", "PROBE", "LOG_IN", "EXEC", "OPEN_SFTP", "CLOSE_SFTP", "CLOSE", "LOCAL"})
        void faults_atEachRequest_asTheyAreDefined(Verb verb) {
            sceneForSftp();
            String before = world();
            assertThat(ending(verb, Fault.lostBefore())).isInstanceOf(ConnectionLostException.class);
            assertThat(outcomeOf(verb)).isEqualTo(Outcome.NO_EFFECT);
            assertThat(ending(verb, Fault.hangBefore())).isInstanceOf(TransportTimeoutException.class);
            assertThat(outcomeOf(verb)).isEqualTo(Outcome.NO_EFFECT);
            assertThat(ending(verb, Fault.status(SftpException.Status.FAILURE)))
                    .isInstanceOfSatisfying(
                            SftpException.class, e -> assertThat(e.status()).isEqualTo(SftpException.Status.FAILURE));
            assertThat(outcomeOf(verb)).isEqualTo(Outcome.REFUSED);
            assertThat(ending(verb, Fault.outage(Duration.ofSeconds(1)))).isInstanceOf(ConnectionLostException.class);
            fleet.clock().advance(Duration.ofSeconds(1));
            assertThat(world()).isEqualTo(before);

            assertThat(ending(verb, Fault.answerLost())).isInstanceOf(ConnectionLostException.class);
            assertThat(outcomeOf(verb)).isEqualTo(Outcome.ANSWER_LOST);
            if (verb.name().matches("CREATE.*|APPEND|OVERWRITE|SET_PERM.*|.*RENAME|REMOVE.*|MAKE.*")) {
                assertThat(world()).isNotEqualTo(before);
            } else {
                assertThat(world()).isEqualTo(before);
            }
            assertThat(fleet.openConnections()).isEmpty();
        }

        private Throwable ending(Verb verb, Fault fault) {
            FaultPlan.Rule rule = fleet.faults().on(verb).inject(fault);
            Throwable thrown;
            try (SshConnection connection = connect();
                    SftpSession sftp = connection.openSftp()) {
                thrown = org.assertj.core.api.Assertions.catchThrowable(() -> Calls.run(verb, sftp));
            }
            assertThat(rule.hits()).isEqualTo(1);
            rule.remove();
            return thrown;
        }

        private String world() {
            StringBuilder world = new StringBuilder();
            for (String name : files.list(".")) {
                world.append(name).append(' ').append(files.lstat(name)).append('\n');
            }
            return world.toString();
        }
    }

    @Nested
    class Connecting {
        @Test
        void lost_atEachPhase_nothingStaysOpen() {
            for (Verb verb : List.of(Verb.CONNECT, Verb.PROBE, Verb.LOG_IN)) {
                for (Fault fault : List.of(Fault.lostBefore(), Fault.answerLost())) {
                    FaultPlan.Rule rule = fleet.faults().on(verb).inject(fault);
                    assertThatThrownBy(FaultPlanTest.this::connect)
                            .as(verb.toString())
                            .isInstanceOfSatisfying(
                                    ConnectionLostException.class,
                                    e -> assertThat(e.phase()).isEqualTo(verb.phase()));
                    assertThat(fleet.openConnections()).isEmpty();
                    rule.remove();
                }
            }
        }

        @Test
        void hang_whileConnecting_timePasses() {
            Instant before = fleet.clock().instant();
            fleet.faults().on(Verb.CONNECT).nth(1).inject(Fault.hangBefore());
            fleet.faults().on(Verb.LOG_IN).nth(1).inject(Fault.hangAfter());
            assertThatThrownBy(FaultPlanTest.this::connect).isInstanceOf(TransportTimeoutException.class);
            assertThat(fleet.clock().instant()).isEqualTo(before.plusSeconds(15));
            assertThatThrownBy(FaultPlanTest.this::connect).isInstanceOf(TransportTimeoutException.class);
            assertThat(fleet.clock().instant()).isEqualTo(before.plusSeconds(45));
            connect().close();
        }

        @Test
        void refusal_ofProbeOrLogIn_serverSaysNo() {
            fleet.faults().on(Verb.PROBE).nth(1).inject(Fault.refusal());
            try (SshConnection connection = connect()) {
                assertThat(connection.probes()).containsExactly(ProbeAnswer.REFUSED);
            }
            fleet.faults().on(Verb.LOG_IN).nth(1).inject(Fault.refusal());
            assertThatThrownBy(FaultPlanTest.this::connect).isInstanceOf(AuthenticationRefusedException.class);
            assertThat(outcomeOf(Verb.LOG_IN)).isEqualTo(Outcome.REFUSED);
        }

        @Test
        void outage_beforeConnect_unreachableUntilItEnds() {
            fleet.faults().on(Verb.CONNECT).nth(1).inject(Fault.outage(Duration.ofMinutes(5)));
            assertThatThrownBy(FaultPlanTest.this::connect).isInstanceOf(UnreachableException.class);
            assertThatThrownBy(FaultPlanTest.this::connect).isInstanceOf(UnreachableException.class);
            fleet.clock().advance(Duration.ofMinutes(5));
            connect().close();
        }

        @Test
        void interruptedThread_anyCall_isToldSo() {
            try (SshConnection connection = connect()) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> connection.exec(ExecRequest.of("true")))
                        .isInstanceOf(TransportInterruptedException.class);
                assertThat(Thread.interrupted()).isTrue();
                assertThat(connection.exec(ExecRequest.of("true")).succeeded()).isTrue();
            }
        }

        @Test
        void close_brokenWhileClosing_isNoFailure() {
            for (Fault fault : List.of(Fault.lostBefore(), Fault.answerLost(), Fault.hangBefore())) {
                FaultPlan.Rule closing = fleet.faults().on(Verb.CLOSE).inject(fault);
                FaultPlan.Rule closingSftp = fleet.faults().on(Verb.CLOSE_SFTP).inject(fault);
                SshConnection connection = connect();
                connection.openSftp().close();
                connection.close();
                SshConnection second = connect();
                second.close();
                assertThat(closing.hits() + closingSftp.hits()).isEqualTo(2);
                assertThat(fleet.openConnections()).isEmpty();
                closing.remove();
                closingSftp.remove();
            }
        }
    }

    @Nested
    class Effects {
        @Test
        void tornWrite_partOfTheContent_thenLost() {
            fleet.faults().onEvery().inject(Fault.tornWrite(2));
            try (SshConnection connection = connect();
                    SftpSession sftp = connection.openSftp()) {
                assertThatThrownBy(() -> sftp.createExclusive("new", 0600, CONTENT))
                        .isInstanceOf(ConnectionLostException.class);
                assertThat(connection.isOpen()).isFalse();
                assertThatThrownBy(() -> sftp.stat("new")).isInstanceOf(ConnectionLostException.class);
            }
            assertThat(files.read("new")).containsExactly(1, 2);
            assertThat(outcomeOf(Verb.CREATE)).isEqualTo(Outcome.TORN);
        }

        @Test
        void rebootAfterRename_notDurable_undone() {
            files.writeText("file", "old");
            device.fileSystem().sync();
            fleet.faults()
                    .on(Verb.POSIX_RENAME)
                    .inject(Fault.rebootAfter(CrashModel.undoing(1), Duration.ofMinutes(2)));
            try (SshConnection connection = connect();
                    SftpSession sftp = connection.openSftp()) {
                sftp.durableWrite().orElseThrow().createExclusiveSynced("temp", 0600, CONTENT);
                assertThatThrownBy(() -> sftp.posixRename().orElseThrow().posixRename("temp", "file"))
                        .isInstanceOf(ConnectionLostException.class);
            }
            assertThat(files.readText("file")).isEqualTo("old");
            assertThat(files.read("temp")).isEqualTo(CONTENT);
            assertThat(device.isUp()).isFalse();
            assertThat(fleet.openConnections()).isEmpty();
        }

        @Test
        void foreignWriter_betweenTwoSteps_isSeen() {
            files.writeText("file", "mine");
            fleet.faults().on(Verb.STAT).nth(2).inject(Fault.before(step -> files.writeText("file", "a human's")));
            fleet.faults().on(Verb.READ).inject(Fault.after(step -> files.appendText("file", " and more")));
            try (SshConnection connection = connect();
                    SftpSession sftp = connection.openSftp()) {
                assertThat(sftp.stat("file").orElseThrow().sizeBytes()).isEqualTo(4);
                assertThat(sftp.stat("file").orElseThrow().sizeBytes()).isEqualTo(9);
                assertThat(new String(sftp.read("file", 100), java.nio.charset.StandardCharsets.UTF_8))
                        .isEqualTo("a human's");
                assertThat(sftp.stat("file").orElseThrow().sizeBytes()).isEqualTo(18);
            }
        }

        @Test
        void actor_breaksTheConnection_answerIsLost() {
            fleet.faults().on(Verb.EXEC).nth(1).inject(Fault.after(step -> device.goDownFor(Duration.ofSeconds(1))));
            try (SshConnection connection = connect()) {
                assertThatThrownBy(() -> connection.exec(ExecRequest.of("true")))
                        .isInstanceOf(ConnectionLostException.class);
                assertThat(outcomeOf(Verb.EXEC)).isEqualTo(Outcome.ANSWER_LOST);
            }
        }

        @Test
        void delay_slowAnswer_onlyTimePasses() {
            Instant before = fleet.clock().instant();
            fleet.faults().on(Verb.EXEC).inject(Fault.delay(Duration.ofSeconds(9)));
            try (SshConnection connection = connect()) {
                assertThat(connection.exec(ExecRequest.of("true")).succeeded()).isTrue();
            }
            assertThat(fleet.clock().instant()).isEqualTo(before.plusSeconds(9));
        }

        @Test
        void refusal_ofChannels_theConnectionStays() {
            fleet.faults().on(Verb.EXEC).nth(1).inject(Fault.refusal());
            fleet.faults().on(Verb.OPEN_SFTP).nth(1).inject(Fault.refusal());
            try (SshConnection connection = connect()) {
                assertThatThrownBy(() -> connection.exec(ExecRequest.of("true")))
                        .isInstanceOf(ChannelRefusedException.class);
                assertThatThrownBy(connection::openSftp).isInstanceOf(ChannelRefusedException.class);
                assertThat(connection.exec(ExecRequest.of("true")).succeeded()).isTrue();
            }
        }
    }

    @Nested
    class Selecting {
        private void execs(int count) {
            for (int i = 0; i < count; i++) {
                try (SshConnection connection = connect()) {
                    connection.exec(ExecRequest.of("echo " + i));
                } catch (ConnectionLostException injected) {
                    assertThat(injected.retryable()).isTrue();
                }
            }
        }

        private List<String> lost() {
            return fleet.trace().stream()
                    .filter(entry -> entry.outcome() == Outcome.NO_EFFECT)
                    .map(entry -> entry.step().detail())
                    .toList();
        }

        @Test
        void nthFromTimes_count() {
            fleet.faults().on(Verb.EXEC).nth(2).inject(Fault.lostBefore());
            fleet.faults().on(Verb.EXEC).from(4).times(2).inject(Fault.lostBefore());
            execs(7);
            assertThat(lost()).containsExactly("echo 1", "echo 3", "echo 4");
        }

        @Test
        void deviceUserProcessCondition_narrow() {
            FaultPlan faults = fleet.faults();
            List<FaultPlan.Rule> passed = List.of(
                    faults.on(Verb.EXEC).device("web-2").inject(Fault.lostBefore()),
                    faults.on(Verb.EXEC).user("root").inject(Fault.lostBefore()),
                    faults.on(Verb.EXEC).process("other").inject(Fault.lostBefore()),
                    faults.on(Verb.EXEC)
                            .matching(step -> step.detail().isEmpty())
                            .inject(Fault.lostBefore()));
            FaultPlan.Rule hit = faults.on(Verb.EXEC)
                    .device("web-1")
                    .user("deploy")
                    .process("engine")
                    .inject(Fault.lostBefore());
            execs(3);
            assertThat(passed).extracting(FaultPlan.Rule::hits).containsOnly(0);
            assertThat(hit.hits()).isEqualTo(3);
            faults.clear();
            execs(1);
            assertThat(hit.hits()).isEqualTo(3);
        }

        @Test
        void step_byNumber_exactlyThatOne() {
            execs(1);
            long next = fleet.stepCount() + 4; // connect, probe, log-in, exec
            fleet.faults().step(next).inject(Fault.lostBefore());
            execs(2);
            assertThat(lost()).containsExactly("echo 0");
        }

        @Test
        void probability_drawnFromTheSeed_aboutAsOften() {
            FaultPlan.Rule rule =
                    fleet.faults().on(Verb.EXEC).withProbability(0.3).inject(Fault.lostBefore());
            execs(300);
            assertThat(rule.hits()).isBetween(60, 120);
            assertThatThrownBy(() -> fleet.faults().onEvery().withProbability(1.5))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Crashes {
        @Test
        void crash_anyStep_escapesAndSilencesTheProcess() {
            fleet.faults().on(Verb.CREATE).inject(Fault.crashAfter());
            SshConnection connection = connect();
            assertThatThrownBy(() -> {
                        try (connection;
                                SftpSession sftp = connection.openSftp()) {
                            try {
                                sftp.createExclusive("lock", 0600, CONTENT);
                            } finally {
                                sftp.remove("lock"); // what the dead can no longer do
                            }
                        }
                    })
                    .isInstanceOfSatisfying(
                            SimulatedCrash.class,
                            crash -> assertThat(crash.process()).isEqualTo("engine"));
            assertThat(files.exists("lock")).isTrue();
            assertThat(outcomeOf(Verb.CREATE)).isEqualTo(Outcome.CRASHED_AFTER);
            assertThat(engine.isAlive()).isFalse();
            assertThat(fleet.openConnections()).isEmpty();
            assertThatThrownBy(FaultPlanTest.this::connect).isInstanceOf(SimulatedCrash.class);
            assertThatThrownBy(engine::transport).isInstanceOf(SimulatedCrash.class);

            connect(fleet.process("engine").transport()).close(); // started again
        }

        @Test
        void crash_before_noEffect() {
            fleet.faults().on(Verb.CREATE).inject(Fault.crashBefore());
            SftpSession sftp = connect().openSftp();
            assertThatThrownBy(() -> sftp.createExclusive("lock", 0600, CONTENT))
                    .isInstanceOf(SimulatedCrash.class);
            assertThat(files.exists("lock")).isFalse();
            assertThat(outcomeOf(Verb.CREATE)).isEqualTo(Outcome.CRASHED_BEFORE);
            sftp.close();
        }

        @Test
        void crash_everyStepOfARun_isReached() {
            runOnce(engine);
            long steps = fleet.stepCount();
            assertThat(steps).isEqualTo(9);
            for (long step = 1; step <= steps; step++) {
                for (Fault fault : List.of(Fault.crashBefore(), Fault.crashAfter())) {
                    InMemoryFleet other = InMemoryFleet.seeded(7);
                    other.addDevice("web-1").addAccount("deploy").authorize(PAIR.publicKey());
                    FaultPlan.Rule rule = other.faults().step(step).inject(fault);
                    SimulatedProcess process = other.process("engine");
                    assertThatThrownBy(() -> new FaultPlanTest.Run(other, process).go())
                            .as("step " + step)
                            .isInstanceOf(SimulatedCrash.class);
                    assertThat(rule.hits()).isEqualTo(1);
                    assertThat(other.stepCount()).isEqualTo(step);
                    assertThat(other.openConnections()).isEmpty();
                }
            }
        }

        private void runOnce(SimulatedProcess process) {
            new Run(fleet, process).go();
        }

        @Test
        void zombie_wakesAfterAnotherEngineRan_stillActs() {
            List<String> order = new ArrayList<>();
            Consumer<Step> meanwhile = step -> {
                SimulatedProcess other = fleet.process("second");
                try (SshConnection connection = connect(other.transport());
                        SftpSession sftp = connection.openSftp()) {
                    sftp.createExclusive("theirs", 0600, CONTENT);
                    order.add("second");
                }
            };
            fleet.faults().on(Verb.CREATE).process("engine").inject(Fault.before(meanwhile));
            try (SshConnection connection = connect();
                    SftpSession sftp = connection.openSftp()) {
                sftp.createExclusive("mine", 0600, CONTENT);
                order.add("engine");
            }
            assertThat(order).containsExactly("second", "engine");
            assertThat(files.list(".")).contains("mine", "theirs");
            assertThat(fleet.trace()).extracting(entry -> entry.step().number()).isSorted();
        }

        @Test
        void kill_duringAnotherProcessesStep_theStepDies() {
            fleet.faults().on(Verb.EXEC).inject(Fault.before(step -> engine.kill()));
            SshConnection connection = connect();
            assertThatThrownBy(() -> connection.exec(ExecRequest.of("true"))).isInstanceOf(SimulatedCrash.class);
            assertThat(outcomeOf(Verb.EXEC)).isEqualTo(Outcome.CRASHED_BEFORE);
        }
    }

    /** A little engine: one local step, one connection, two changes. */
    private record Run(InMemoryFleet fleet, SimulatedProcess process) {
        void go() {
            process.step("store.stage", () -> {});
            try (SshTransport transport = process.transport();
                    SshConnection connection = transport.connect(
                            ConnectRequest.of(fleet.device("web-1").target("deploy"), LogIn.withKey(PAIR)));
                    SftpSession sftp = connection.openSftp()) {
                sftp.createExclusive("a", 0600, CONTENT);
                sftp.rename("a", "b");
            }
            process.step("store.promote", () -> {});
        }
    }

    @Nested
    class LocalSteps {
        @Test
        void step_resultAndFailure_passThrough() {
            assertThat(engine.<Integer>step("count", () -> 7)).isEqualTo(7);
            assertThatThrownBy(() -> engine.step("fail", () -> {
                        throw new IllegalStateException("disk full");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(fleet.trace()).extracting(TraceEntry::outcome).containsExactly(Outcome.DONE, Outcome.REFUSED);
        }

        @Test
        void step_networkFaults_passItOver() {
            FaultPlan.Rule rule = fleet.faults().onEvery().inject(Fault.answerLost());
            engine.step("store.stage", () -> {});
            assertThat(rule.hits()).isZero();
        }

        @Test
        void pause_advancesTheClock() throws InterruptedException {
            Instant before = fleet.clock().instant();
            engine.pause().pause(Duration.ofMinutes(3));
            assertThat(fleet.clock().instant()).isEqualTo(before.plusSeconds(180));
        }

        @Test
        void hook_twoHalves_areOneStep() {
            var hook = engine.hook("store");
            hook.at(Moment.BEFORE, "stage web");
            hook.at(Moment.AFTER, "stage web");
            hook.at(Moment.BEFORE, "promote web"); // fails by itself
            hook.at(Moment.BEFORE, "promote web");
            hook.at(Moment.AFTER, "promote web");
            assertThat(fleet.trace())
                    .extracting(entry -> entry.step().detail() + " " + entry.outcome())
                    .containsExactly("store.stage web DONE", "store.promote web REFUSED", "store.promote web DONE");
        }

        @Test
        void hook_crashBeforeOrAfter_atTheRightMoment() {
            fleet.faults().on(Verb.LOCAL).nth(1).inject(Fault.crashAfter());
            var hook = engine.hook("journal");
            hook.at(Moment.BEFORE, "append web");
            assertThatThrownBy(() -> hook.at(Moment.AFTER, "append web")).isInstanceOf(SimulatedCrash.class);
            assertThat(outcomeOf(Verb.LOCAL)).isEqualTo(Outcome.CRASHED_AFTER);
            fleet.faults().clear();
            fleet.faults().on(Verb.LOCAL).inject(Fault.crashBefore());
            var again = fleet.process("engine").hook("journal");
            assertThatThrownBy(() -> again.at(Moment.BEFORE, "append web")).isInstanceOf(SimulatedCrash.class);
        }
    }
}
