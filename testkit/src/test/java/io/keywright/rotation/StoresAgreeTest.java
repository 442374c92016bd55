package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Passphrase;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.rotation.CredentialStore.Lease;
import io.keywright.testkit.rotation.InMemoryCredentialStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations, valid and invalid, on the store in memory and on the one in a directory: each has the same result or
 * the same kind of failure, and leaves the same state. The two were written apart from each other.
 */
class StoresAgreeTest {
    private static final int OPERATIONS = 120;
    private static final List<String> NAMES = List.of("web", "db");
    private static final List<SshKeyPair> KEYS = new ArrayList<>();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-02T12:00:00Z"), ZoneOffset.UTC);

    @TempDir
    private Path temporary;

    @BeforeAll
    static void makeKeys() {
        for (int i = 0; i < 12; i++) {
            KEYS.add(SshKeyPairGenerator.ed25519().withComment("key-" + i).generate());
        }
    }

    @AfterAll
    static void closeKeys() {
        KEYS.forEach(SshKeyPair::close);
    }

    /** An operation and its name, for the trace of a failure. */
    private record Operation(String text, BiFunction<CredentialStore, Lease, Object> run) {}

    private DirectoryCredentialStore open() {
        try (Passphrase secret = Passphrase.of("store secret".toCharArray())) {
            return DirectoryCredentialStore.open(
                    temporary.resolve("store"),
                    secret,
                    DirectoryStoreSettings.defaults()
                            .withScryptCost(new DirectoryStoreSettings.ScryptCost(2, 1, 1))
                            .withBcryptRounds(1)
                            .withClock(CLOCK));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void randomOperations_agree(long seed) {
        Random random = new Random(seed);
        List<String> trace = new ArrayList<>();
        try (InMemoryCredentialStore memory = new InMemoryCredentialStore(CLOCK)) {
            DirectoryCredentialStore directory = open();
            for (int i = 0; i < OPERATIONS; i++) {
                if (random.nextInt(20) == 0) {
                    directory.close();
                    directory = open();
                    trace.add("reopen");
                }
                String name = NAMES.get(random.nextInt(NAMES.size()));
                Operation operation = operation(random);
                trace.add(name + " " + operation.text());
                String inMemory = run(memory, name, operation);
                String inDirectory = run(directory, name, operation);
                assertThat(inDirectory).as("seed %d: %s", seed, trace).isEqualTo(inMemory);
                assertThat(seen(directory)).as("seed %d: %s", seed, trace).isEqualTo(seen(memory));
            }
            directory.close();
        }
        assertThat(trace).hasSizeGreaterThanOrEqualTo(OPERATIONS);
    }

    private static String run(CredentialStore store, String name, Operation operation) {
        try (Lease lease = store.lease(name)) {
            return lease.fence() + " " + operation.run().apply(store, lease);
        } catch (SshKeyException e) {
            return e.getClass().getName();
        }
    }

    private static Map<String, CredentialState> seen(CredentialStore store) {
        Map<String, CredentialState> states = new TreeMap<>();
        for (String name : store.list()) {
            states.put(name, store.find(name).orElseThrow());
        }
        return states;
    }

    private static Operation operation(Random random) {
        int version = 1 + random.nextInt(6);
        SshKeyPair key = KEYS.get(random.nextInt(KEYS.size()));
        String rotation = "r" + random.nextInt(8);
        return switch (random.nextInt(10)) {
            case 0 -> new Operation("import " + key.comment(), (store, lease) -> store.importKey(lease, key));
            case 1, 2 ->
                new Operation(
                        "stage " + rotation + " " + key.comment(), (store, lease) -> store.stage(lease, rotation, key));
            case 3, 4 ->
                new Operation("promote " + version, (store, lease) -> {
                    store.promote(lease, version);
                    return "";
                });
            case 5 ->
                new Operation("discard " + version, (store, lease) -> {
                    store.discard(lease, version);
                    return "";
                });
            case 6 ->
                new Operation("destroy " + version, (store, lease) -> {
                    store.destroy(lease, version);
                    return "";
                });
            case 7 -> devices(random);
            case 8 ->
                new Operation("open " + version, (store, lease) -> {
                    try (SshKeyPair pair = store.exposeSecret(lease.credential(), StoredSecret.key(version))) {
                        return pair.toString() + pair.comment();
                    }
                });
            default -> password("password-" + random.nextInt(3));
        };
    }

    private static Operation devices(Random random) {
        Map<String, Set<Integer>> devices = new TreeMap<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            Set<Integer> numbers = new TreeSet<>();
            for (int n = random.nextInt(3); n > 0; n--) {
                numbers.add(1 + random.nextInt(4));
            }
            devices.put("device-" + random.nextInt(4), numbers);
        }
        return new Operation("devices " + devices, (store, lease) -> {
            store.recordDevices(lease, devices);
            return "";
        });
    }

    private static Operation password(String text) {
        return new Operation("password " + text, (store, lease) -> {
            String before = "none";
            if (store.find(lease.credential()).map(CredentialState::hasPassword).orElse(false)) {
                try (Passphrase found = store.exposeSecret(lease.credential(), StoredSecret.password())) {
                    before = new String(found.toByteArray(), java.nio.charset.StandardCharsets.UTF_8);
                }
            }
            try (Passphrase password = Passphrase.of(text.toCharArray())) {
                store.putPassword(lease, password);
            }
            return before;
        });
    }
}
