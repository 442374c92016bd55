package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Answer;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialBusyException;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.KeyDeployment;
import io.keywright.rotation.KeyInstaller;
import io.keywright.rotation.RotationEngine;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.LogIn;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Installing, verifying and removing a key on several devices. */
class KeyInstallerTest {
    private static final long SEED = 83;

    /** Counts how often a secret is taken out of a store. */
    private static CredentialStore counting(CredentialStore store, AtomicInteger exposed) {
        return (CredentialStore) Proxy.newProxyInstance(
                KeyInstallerTest.class.getClassLoader(),
                new Class<?>[] {CredentialStore.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("exposeSecret")) {
                        exposed.incrementAndGet();
                    } else if (method.getName().equals("close")) {
                        return null; // the world's store outlives the engine
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Nested
    class Secrets {
        @Test
        void installVerifyRemove_severalDevices_eachTakesTheKeyOutOfTheStoreOnce() {
            World world = new World(SEED, 4);
            Credential credential = world.credential();
            AtomicInteger exposed = new AtomicInteger();
            try (RotationEngine engine =
                    world.builder().store(counting(world.store, exposed)).build()) {
                List<KeyDeployment> installed =
                        engine.installer().install(credential, credential.devices(), Optional.empty());
                assertThat(installed)
                        .extracting(KeyDeployment::device)
                        .containsExactly("web-1", "web-2", "web-3", "web-4");
                assertThat(installed).extracting(KeyDeployment::accepted).containsOnly(Answer.ACCEPTED);
                assertThat(exposed).hasValue(1);
                assertThat(engine.installer().verify(credential, credential.devices()))
                        .extracting(KeyDeployment::accepted)
                        .containsOnly(Answer.ACCEPTED);
                assertThat(exposed).hasValue(2);
            }
        }
    }

    /** Nothing but another credential logs in where the key is not yet there. */
    @Nested
    class OverAnotherCredential {
        @Test
        void installAndRemove_nobodyElseIsLetIn_goOverTheOtherOne() {
            World world = new World(SEED, 2);
            SshPublicKey admin = world.importKey("admin", SEED + 1);
            List.of("web-1", "web-2").forEach(id -> {
                world.account(id).writeAuthorizedKeys("");
                world.account(id).authorize(admin);
            });
            Credential credential = world.credential().withAuthenticateWith("admin");
            AtomicInteger exposed = new AtomicInteger();
            try (RotationEngine engine =
                    world.builder().store(counting(world.store, exposed)).build()) {
                KeyInstaller installer = engine.installer();

                assertThat(installer.install(credential, credential.devices(), Optional.empty()))
                        .extracting(KeyDeployment::accepted)
                        .containsOnly(Answer.ACCEPTED);
                assertThat(exposed).as("its own key, and the other one").hasValue(2);
                assertThat(installer.remove(credential, credential.devices(), Optional.empty()))
                        .extracting(KeyDeployment::accepted)
                        .containsOnly(Answer.REFUSED);
                assertThat(world.account("web-1").admits(admin)).isTrue();
            }
        }

        @Test
        void install_thereIsNone_goesOverAnOlderVersionOfTheKey() {
            World world = new World(SEED, 1);
            Credential credential = world.credential();
            world.rotate(credential);
            world.account("web-1").writeAuthorizedKeys("");
            world.account("web-1").authorize(world.oldKey);
            AtomicInteger exposed = new AtomicInteger();
            try (RotationEngine engine =
                    world.builder().store(counting(world.store, exposed)).build()) {
                KeyDeployment installed = engine.installer()
                        .install(credential, credential.devices().get(0), Optional.empty());

                assertThat(installed.acceptedBefore()).isEqualTo(Answer.REFUSED);
                assertThat(installed.accepted()).isEqualTo(Answer.ACCEPTED);
                assertThat(exposed).as("each version once").hasValue(2);
            }
        }
    }

    /** What a device answered about the key before anything was changed. */
    @Nested
    class AcceptedBefore {
        private final World world = new World(SEED, 1);
        private final Credential credential = world.credential();
        private final Device device = credential.devices().get(0);

        private KeyDeployment withPassword(BiFunction<KeyInstaller, Optional<LogIn>, KeyDeployment> work) {
            world.fleet.device("web-1").configure(config -> config.withPasswordAuthentication(true));
            try (RotationEngine engine = world.engine();
                    Passphrase password = Passphrase.of("secret of web-1".toCharArray())) {
                world.account("web-1").setPassword(password);
                return work.apply(engine.installer(), Optional.of(LogIn.withPassword(password)));
            }
        }

        @Test
        void install_aKeyThatWasNotThere_wasRefused() {
            world.account("web-1").writeAuthorizedKeys("# nobody yet\n");

            KeyDeployment installed =
                    withPassword((installer, password) -> installer.install(credential, device, password));

            assertThat(installed.acceptedBefore()).isEqualTo(Answer.REFUSED);
            assertThat(installed.accepted()).isEqualTo(Answer.ACCEPTED);
        }

        @Test
        void remove_aSecondAttempt_tellsWhatTheFirstHeard() {
            world.account("web-1").authorize(world.fleet.hostKey("somebody else"));
            // The question after the lines are gone gets no answer.
            world.fleet.faults().on(Verb.PROBE).nth(2).inject(Fault.lostBefore());

            KeyDeployment removed =
                    withPassword((installer, password) -> installer.remove(credential, device, password));

            assertThat(world.fleet.trace())
                    .filteredOn(entry -> entry.step().verb() == Verb.PROBE)
                    .hasSize(4);
            assertThat(removed.acceptedBefore()).isEqualTo(Answer.ACCEPTED);
            assertThat(removed.accepted()).isEqualTo(Answer.REFUSED);
        }

        @Test
        void remove_aKeyThatWasNotThere_wasRefused() {
            world.account("web-1").writeAuthorizedKeys("# nobody\n");

            KeyDeployment removed =
                    withPassword((installer, password) -> installer.remove(credential, device, password));

            assertThat(removed.acceptedBefore()).isEqualTo(Answer.REFUSED);
            assertThat(removed.accepted()).isEqualTo(Answer.REFUSED);
        }

        @Test
        void verify_asksNobodyBefore_isUnknown() {
            try (RotationEngine engine = world.engine()) {
                assertThat(engine.installer().verify(credential, device).acceptedBefore())
                        .isEqualTo(Answer.UNKNOWN);
            }
        }
    }

    @Nested
    class WhileRotating {
        @Test
        void installOrRemove_aRotationIsUnderWay_isRefused() {
            World world = new World(SEED, 1);
            Credential credential = world.credential();
            try (RotationEngine engine = world.engine();
                    CredentialStore.Lease lease = world.store.lease(World.NAME)) {
                KeyInstaller installer = engine.installer();
                assertThatThrownBy(() -> installer.install(credential, credential.devices(), Optional.empty()))
                        .isInstanceOf(CredentialBusyException.class);
                assertThatThrownBy(() -> installer.remove(credential, credential.devices(), Optional.empty()))
                        .isInstanceOf(CredentialBusyException.class);
                lease.requireValid();
            }
        }

        @Test
        void install_withAPasswordAtHand_needsNoOtherCredential() {
            World world = new World(SEED, 1);
            world.account("web-1").writeAuthorizedKeys("# nobody yet\n");
            world.fleet.device("web-1").configure(config -> config.withPasswordAuthentication(true));
            Credential credential = world.credential().withAuthenticateWith("not-stored-yet");
            try (RotationEngine engine = world.engine();
                    Passphrase password = Passphrase.of("secret of web-1".toCharArray())) {
                world.account("web-1").setPassword(password);
                KeyDeployment installed = engine.installer()
                        .install(credential, credential.devices().get(0), Optional.of(LogIn.withPassword(password)));
                assertThat(installed.accepted()).isEqualTo(Answer.ACCEPTED);
            }
        }

        @Test
        void install_underWay_keepsRotationsAway() {
            World world = new World(SEED, 1);
            Credential credential = world.credential();
            AtomicInteger refused = new AtomicInteger();
            world.fleet.faults().on(Verb.PROBE).device("web-1").nth(1).inject(Fault.before(step -> {
                assertThatThrownBy(() -> world.store.lease(World.NAME)).isInstanceOf(CredentialBusyException.class);
                refused.incrementAndGet();
            }));
            try (RotationEngine engine = world.engine()) {
                engine.installer().install(credential, credential.devices(), Optional.empty());
                assertThat(refused).hasValue(1);
                world.store.lease(World.NAME).close();
            }
        }
    }

    @Nested
    class HostKeys {
        @Test
        void install_theHostKeyChangesAfterTheFirstAnswer_noPasswordGoesToTheOtherHost() {
            World world = new World(SEED, 1);
            world.account("web-1").writeAuthorizedKeys("# nobody yet\n");
            SshPublicKey another = world.fleet.hostKey("somebody else");
            // The world's engine takes whatever key a host has now, as one that accepts new hosts does.
            world.fleet
                    .faults()
                    .on(Verb.PROBE)
                    .device("web-1")
                    .nth(1)
                    .inject(Fault.after(step -> world.fleet.device("web-1").setHostKeys(another)));
            try (RotationEngine engine = world.engine();
                    Passphrase password = Passphrase.of("secret of web-1".toCharArray())) {
                world.account("web-1").setPassword(password);
                KeyDeployment result = engine.installer()
                        .install(
                                world.credential(),
                                world.credential().devices().get(0),
                                Optional.of(LogIn.withPassword(password)));
                assertThat(result.failure()).map(DeviceFailure::kind).contains(DeviceFailure.Kind.HOST_KEY_CHANGED);
            }
            assertThat(world.fleet.trace())
                    .as("what was sent after the change")
                    .noneMatch(entry -> entry.step().verb() == Verb.LOG_IN);
        }
    }
}
