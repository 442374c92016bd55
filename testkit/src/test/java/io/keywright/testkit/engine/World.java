package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.StoreDamagedException;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.fleet.Account;
import io.keywright.testkit.fleet.InMemoryFleet;
import io.keywright.testkit.fleet.SimulatedProcess;
import io.keywright.testkit.rotation.InMemoryCredentialStore;
import io.keywright.testkit.rotation.InMemoryRotationJournal;
import io.keywright.testkit.rotation.MutationHook;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A fleet whose devices hold files as they are found in the field, a store and a journal that outlive the processes that use
 * them, and the questions that tests ask about all of it. What is asserted is read from the model of the world, never from
 * what the engine believes.
 */
final class World {
    static final String NAME = "deploy-prod";
    static final String USER = "deploy";

    /** What surrounds our key in a file, by device in turn; {@code %s} is our key's line. */
    private static final List<String> FILES = List.of(
            "# who logs in here\n\n%s\n",
            "%s",
            "from=\"10.0.0.0/8,*.example\",command=\"echo \\\"hi\\\"\" ssh-ed25519 not-base64 other\n%s\n# end",
            "# managed by hand\r\nno-pty   %s\r\nfrobnicate ssh-ed25519 AAAA x\r\n",
            "\t%s\n%s\nssh-foo AAAAB3 unknown type\n");

    final InMemoryFleet fleet;
    final InMemoryCredentialStore store;
    final InMemoryRotationJournal journal = new InMemoryRotationJournal();
    final List<RotationEvent> events = new ArrayList<>();
    final Map<String, String> foreignText = new TreeMap<>();
    /** What the store has handed out. */
    final List<SshKeyPair> opened = new ArrayList<>();
    /** Versions whose files in the store are damaged. */
    final Set<Integer> damaged = new TreeSet<>();

    final SshPublicKey oldKey;
    private final long seed;
    private int processes;

    World(long seed, int devices) {
        this.seed = seed;
        this.fleet = InMemoryFleet.seeded(seed);
        this.store = new InMemoryCredentialStore(fleet.clock());
        oldKey = importKey(NAME, "first", seed);
        for (int i = 0; i < devices; i++) {
            String id = "web-" + (i + 1);
            String text = FILES.get(i % FILES.size());
            fleet.addDevice(id).addAccount(USER).writeAuthorizedKeys(text.replace("%s", oldKey.toLine()));
            foreignText.put(id, text);
        }
    }

    /** Gives a credential its first key. */
    SshPublicKey importKey(String credential, long keySeed) {
        return importKey(credential, credential, keySeed);
    }

    private SshPublicKey importKey(String credential, String comment, long keySeed) {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519()
                        .withComment(comment)
                        .withRandom(new SeededRandom(keySeed))
                        .generate();
                CredentialStore.Lease lease = store.lease(credential)) {
            store.importKey(lease, pair);
            return pair.publicKey();
        }
    }

    Credential credential() {
        List<Device> devices = new ArrayList<>();
        fleet.devices().forEach(device -> devices.add(Device.of(device.id(), device.host(), device.port())));
        devices.set(devices.size() - 1, devices.get(devices.size() - 1).asOriginal());
        return Credential.of(NAME, USER, devices);
    }

    /** A new life of the engine, as another process. */
    RotationEngine engine() {
        return builder().build();
    }

    RotationEngine.Builder builder() {
        SimulatedProcess process = fleet.process("engine-" + ++processes);
        MutationHook hook = (moment, mutation) -> process.step(moment + " " + mutation, () -> {});
        store.onMutation(hook);
        journal.onMutation(hook);
        return RotationEngine.builder()
                .transport(process.transport())
                .store(seenByEngine())
                .journal(journal)
                .hostKeys((host, port, key) -> fleet.devices().stream()
                        .filter(device -> device.host().equals(host) && device.port() == port)
                        .findFirst()
                        .orElseThrow()
                        .pinnedHostKeys()
                        .verify(host, port, key))
                .clock(fleet.clock())
                .pause(fleet.clock()::advance)
                .random(new SeededRandom(seed * 1000 + processes));
    }

    /** An engine closes its store; this one has to outlive the engine, as a directory does, and may be damaged. */
    private CredentialStore seenByEngine() {
        return (CredentialStore) Proxy.newProxyInstance(
                World.class.getClassLoader(), new Class<?>[] {CredentialStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    for (int version : damaged) {
                        if (method.getName().equals("exposeSecret")
                                && arguments[1]
                                        .toString()
                                        .equals(StoredSecret.key(version).toString())) {
                            throw new StoreDamagedException("version " + version + " is damaged", null);
                        }
                    }
                    try {
                        Object answer = method.invoke(store, arguments);
                        if (answer instanceof SshKeyPair pair) {
                            opened.add(pair);
                        }
                        return answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    RotationReport rotate(Credential credential) {
        try (RotationEngine engine = engine()) {
            return engine.rotate(engine.plan(credential), events::add);
        }
    }

    Optional<RotationReport> resume(Credential credential) {
        try (RotationEngine engine = engine()) {
            return engine.resume(credential, events::add);
        }
    }

    /** The engine's process is gone: what it held is free again, and its hooks are. */
    void bury() {
        store.releaseLeases();
        store.onMutation((moment, mutation) -> {});
        journal.onMutation((moment, mutation) -> {});
        fleet.faults().clear();
    }

    Account account(String device) {
        return fleet.device(device).account(USER);
    }

    SshPublicKey current() {
        return state().current().orElseThrow().publicKey();
    }

    CredentialState state() {
        return store.find(NAME).orElseThrow();
    }

    /** Invariant 1: the store holds a private key that logs in to each device. */
    void assertNobodyIsLockedOut(String when) {
        fleet.devices().forEach(device -> {
            boolean in = state().versions().stream()
                    .filter(KeyVersion::hasPrivateKey)
                    .anyMatch(version -> account(device.id()).admits(version.publicKey()));
            assertThat(in).as("%s: %s lets in a stored key", when, device.id()).isTrue();
        });
    }

    /** The device has the current key in the old one's places, everything else as it was, and neither lock nor temporary file. */
    void assertRotated(String device) {
        assertThat(account(device).admits(oldKey))
                .as("%s admits the old key", device)
                .isFalse();
        assertThat(account(device).admits(current()))
                .as("%s admits the new key", device)
                .isTrue();
        assertForeignTextKept(device, current());
        assertNothingLeft(device);
    }

    void assertUntouched(String device) {
        assertThat(account(device).admits(oldKey))
                .as("%s admits the old key", device)
                .isTrue();
        assertForeignTextKept(device, oldKey);
        assertNothingLeft(device);
    }

    private void assertForeignTextKept(String device, SshPublicKey ours) {
        String blob = ours.toLine().split(" ", -1)[1];
        List<String> found = account(device)
                .authorizedKeysText()
                .lines()
                .filter(line -> !line.contains(blob))
                .toList();
        List<String> expected = foreignText
                .get(device)
                .lines()
                .filter(line -> !line.contains("%s"))
                .toList();
        assertThat(found).as("lines of %s that are not ours", device).isEqualTo(expected);
    }

    private void assertNothingLeft(String device) {
        assertThat(account(device).files().list(".ssh"))
                .as("files beside authorized_keys on %s", device)
                .containsExactly("authorized_keys");
    }

    /** Random bytes that depend on the seed only. */
    static final class SeededRandom extends SecureRandom {
        private static final long serialVersionUID = 1;
        private final java.util.Random source;

        SeededRandom(long seed) {
            this.source = new java.util.Random(seed);
        }

        @Override
        public void nextBytes(byte[] bytes) {
            source.nextBytes(bytes);
        }
    }
}
