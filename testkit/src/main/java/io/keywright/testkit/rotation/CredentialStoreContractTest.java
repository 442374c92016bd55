package io.keywright.testkit.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshSignature;
import io.keywright.rotation.CredentialBusyException;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.CredentialStore.Lease;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.KeyVersion.Label;
import io.keywright.rotation.LeaseLostException;
import io.keywright.rotation.StoreException;
import io.keywright.rotation.StoredSecret;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What every {@link CredentialStore} must do. Extend it, and say how to open yours. */
public abstract class CredentialStoreContractTest {
    private static final Instant NOON = Instant.parse("2026-11-02T12:00:00.123456789Z");

    private final List<AutoCloseable> opened = new ArrayList<>();
    private CredentialStore store = new InMemoryCredentialStore(Clock.systemUTC());

    /** For subclasses. */
    protected CredentialStoreContractTest() {}

    /**
     * Opens the store, as another process would that knows nothing of this one; those opened before stay open.
     *
     * @param clock what dates versions
     * @return within one test always the same store, empty at its beginning
     */
    protected abstract CredentialStore reopen(Clock clock);

    /**
     * Makes the store believe that a lease's holder is dead, while the lease itself knows nothing of it.
     *
     * @param lease a lease of the store
     */
    protected abstract void abandon(Lease lease);

    @BeforeEach
    void openStore() {
        store = reopen();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
    }

    private CredentialStore reopen() {
        CredentialStore next = reopen(Clock.fixed(NOON, ZoneOffset.UTC));
        opened.add(next);
        return next;
    }

    private SshKeyPair newKey(String comment) {
        SshKeyPair pair = SshKeyPairGenerator.ed25519().withComment(comment).generate();
        opened.add(pair);
        return pair;
    }

    private CredentialState state() {
        return reopen().find("web").orElseThrow();
    }

    private List<Label> labels() {
        return state().versions().stream().map(KeyVersion::label).toList();
    }

    private void assertOpens(int version, SshKeyPair expected) {
        byte[] message = "message".getBytes(StandardCharsets.UTF_8);
        try (SshKeyPair pair = reopen().exposeSecret("web", StoredSecret.key(version))) {
            SshSignature signature = pair.sign(message);
            assertThat(expected.publicKey().verify(message, signature)).isTrue();
            assertThat(pair.publicKey()).isEqualTo(expected.publicKey());
            assertThat(pair.comment()).isEqualTo(expected.comment());
        }
    }

    private void assertNoKey(int version) {
        assertThatThrownBy(() -> store.exposeSecret("web", StoredSecret.key(version)))
                .isInstanceOf(StoreException.class);
    }

    /** Credentials and their state. */
    @Nested
    class ListAndFind {
        @Test
        void emptyStore_knowsNothing() {
            assertThat(store.list()).isEmpty();
            assertThat(store.find("web")).isEmpty();
            assertNoKey(1);
            assertThatThrownBy(() -> store.exposeSecret("web", StoredSecret.password()))
                    .isInstanceOf(StoreException.class);
        }

        @Test
        void leasedOnly_isNotKnown() {
            store.lease("web").close();
            assertThat(store.list()).isEmpty();
            assertThat(reopen().find("web")).isEmpty();
        }

        @Test
        void several_areSorted() {
            for (String name : List.of("web", "db", "a-1", "Z_9")) {
                try (Lease lease = store.lease(name)) {
                    store.importKey(lease, newKey(name));
                }
            }
            assertThat(reopen().list()).containsExactly("Z_9", "a-1", "db", "web");
        }

        @Test
        void badName_refused() {
            for (String bad : List.of("", ".", "..", "a/b", "a b", "x".repeat(65))) {
                assertThatThrownBy(() -> store.find(bad)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> store.lease(bad)).isInstanceOf(IllegalArgumentException.class);
            }
        }

        @Test
        void everyChange_raisesTheGeneration() {
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, newKey("one"));
                long first = state().generation();
                store.stage(lease, "r1", newKey("two"));
                long second = state().generation();
                store.recordDevices(lease, Map.of("web-1", Set.of(1)));
                long third = state().generation();
                store.recordDevices(lease, Map.of("web-1", Set.of(1)));
                assertThat(List.of(first, second, third)).isSorted().doesNotHaveDuplicates();
                assertThat(state().generation()).isEqualTo(third);
            }
        }
    }

    /** The right to change. */
    @Nested
    class Leases {
        @Test
        void secondLease_refusedUntilTheFirstIsClosed() {
            Lease first = store.lease("web");
            assertThatThrownBy(() -> store.lease("web")).isInstanceOf(CredentialBusyException.class);
            assertThatThrownBy(() -> reopen().lease("web")).isInstanceOf(CredentialBusyException.class);
            // the failed attempts have not loosened it
            assertThatThrownBy(() -> reopen().lease("web")).isInstanceOf(CredentialBusyException.class);
            first.requireValid();
            first.close();
            first.close();
            reopen().lease("web").close();
        }

        @Test
        void hold_isSharedAndKeepsEverybodyFromALease() {
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, newKey("one"));
                assertThatThrownBy(() -> reopen().hold("web")).isInstanceOf(CredentialBusyException.class);
            }
            CredentialStore.Hold first = store.hold("web");
            CredentialStore.Hold second = reopen().hold("web");
            assertThat(List.of(first.credential(), second.credential())).containsExactly("web", "web");
            assertThatThrownBy(() -> store.lease("web")).isInstanceOf(CredentialBusyException.class);
            first.close();
            first.close();
            assertThatThrownBy(() -> reopen().lease("web")).isInstanceOf(CredentialBusyException.class);
            second.close();
            store.lease("web").close();
        }

        @Test
        void hold_ofAnUnknownCredential_refused() {
            store.lease("leased-only").close();
            for (String unknown : List.of("leased-only", "never-heard-of")) {
                assertThatThrownBy(() -> store.hold(unknown)).isInstanceOf(StoreException.class);
            }
        }

        @Test
        void otherCredential_isFree() {
            try (Lease web = store.lease("web");
                    Lease db = store.lease("db")) {
                assertThat(List.of(web.credential(), db.credential())).containsExactly("web", "db");
            }
        }

        @Test
        void fence_growsWithEveryLease() {
            long last = 0;
            for (int i = 0; i < 3; i++) {
                try (Lease lease = reopen().lease("web")) {
                    assertThat(lease.fence()).isGreaterThan(last);
                    last = lease.fence();
                }
            }
        }

        @Test
        void overtakenLease_changesNothing() {
            Lease zombie = store.lease("web");
            store.importKey(zombie, newKey("one"));
            store.stage(zombie, "r1", newKey("two"));
            abandon(zombie);
            try (Lease next = reopen().lease("web")) {
                next.requireValid();
                CredentialState before = state();
                assertThatThrownBy(zombie::requireValid).isInstanceOf(LeaseLostException.class);
                List<Runnable> attempts = List.of(
                        () -> store.importKey(zombie, newKey("three")),
                        () -> store.stage(zombie, "r2", newKey("three")),
                        () -> store.promote(zombie, 2),
                        () -> store.discard(zombie, 2),
                        () -> store.destroy(zombie, 1),
                        () -> store.recordDevices(zombie, Map.of("web-1", Set.of(1))),
                        () -> store.putPassword(zombie, password("late")));
                for (Runnable attempt : attempts) {
                    assertThatThrownBy(attempt::run).isInstanceOf(LeaseLostException.class);
                }
                assertThat(state()).isEqualTo(before);
                zombie.close();
                assertThatThrownBy(() -> reopen().lease("web")).isInstanceOf(CredentialBusyException.class);
            }
        }

        @Test
        void closedLease_refused() {
            Lease lease = store.lease("web");
            lease.close();
            assertThatThrownBy(() -> store.importKey(lease, newKey("one"))).isInstanceOf(LeaseLostException.class);
            assertThatThrownBy(lease::requireValid).isInstanceOf(LeaseLostException.class);
        }
    }

    private Passphrase password(String text) {
        Passphrase password = Passphrase.of(text.toCharArray());
        opened.add(password);
        return password;
    }

    /** Existing keys. */
    @Nested
    class ImportKey {
        @Test
        void firstKey_isCurrentAndOpens() {
            SshKeyPair key = newKey("deploy@prod");
            KeyVersion version;
            try (Lease lease = store.lease("web")) {
                version = store.importKey(lease, key);
            }
            assertThat(version)
                    .isEqualTo(new KeyVersion(1, Label.CURRENT, key.publicKey(), NOON, NOON, Optional.empty()));
            assertThat(state().current()).contains(version);
            assertThat(state().versions().get(0).publicKey().comment()).isEqualTo(key.comment());
            assertOpens(1, key);
        }

        @Test
        void callersPair_staysTheCallers() {
            SshKeyPair key = newKey("one");
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, key);
            }
            assertThat(key.sign(new byte[1])).isNotNull();
            key.close();
            store.exposeSecret("web", StoredSecret.key(1)).close();
            store.exposeSecret("web", StoredSecret.key(1)).close();
        }

        @Test
        void nextKey_demotesTheFirst() {
            SshKeyPair one = newKey("one");
            SshKeyPair two = newKey("two");
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, one);
                assertThat(store.importKey(lease, two).number()).isEqualTo(2);
            }
            assertThat(labels()).containsExactly(Label.PREVIOUS, Label.CURRENT);
            assertOpens(1, one);
            assertOpens(2, two);
        }

        @Test
        void currentKeyAgain_isTheSameVersion() {
            SshKeyPair one = newKey("one");
            try (Lease lease = store.lease("web")) {
                KeyVersion first = store.importKey(lease, one);
                CredentialState before = state();
                assertThat(store.importKey(lease, one)).isEqualTo(first);
                assertThat(state()).isEqualTo(before);
            }
        }

        @Test
        void olderKeyAgain_refused() {
            SshKeyPair one = newKey("one");
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, one);
                store.importKey(lease, newKey("two"));
                assertThatThrownBy(() -> store.importKey(lease, one)).isInstanceOf(StoreException.class);
            }
            assertThat(labels()).containsExactly(Label.PREVIOUS, Label.CURRENT);
        }

        @Test
        void duringARotation_refused() {
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, newKey("one"));
                store.stage(lease, "r1", newKey("two"));
                assertThatThrownBy(() -> store.importKey(lease, newKey("three")))
                        .isInstanceOf(StoreException.class);
            }
            assertThat(labels()).containsExactly(Label.CURRENT, Label.PENDING);
        }
    }

    /** New keys. */
    @Nested
    class Stage {
        @Test
        void newKey_isPendingAndOpens() {
            SshKeyPair two = newKey("two");
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, newKey("one"));
                assertThat(store.stage(lease, "r1", two))
                        .isEqualTo(new KeyVersion(2, Label.PENDING, two.publicKey(), NOON, NOON, Optional.of("r1")));
            }
            assertThat(labels()).containsExactly(Label.CURRENT, Label.PENDING);
            assertOpens(2, two);
        }

        @Test
        void sameRotationAgain_keepsTheFirstKey() {
            SshKeyPair two = newKey("two");
            try (Lease lease = store.lease("web")) {
                KeyVersion first = store.stage(lease, "r1", two);
                assertThat(store.stage(lease, "r1", newKey("three"))).isEqualTo(first);
            }
            assertThat(labels()).containsExactly(Label.PENDING);
            assertOpens(1, two);
        }

        @Test
        void otherRotationPending_refused() {
            try (Lease lease = store.lease("web")) {
                store.stage(lease, "r1", newKey("two"));
                assertThatThrownBy(() -> store.stage(lease, "r2", newKey("three")))
                        .isInstanceOf(StoreException.class);
            }
            assertThat(labels()).containsExactly(Label.PENDING);
        }

        @Test
        void keyOfAnotherVersion_refused() {
            SshKeyPair one = newKey("one");
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, one);
                assertThatThrownBy(() -> store.stage(lease, "r1", one)).isInstanceOf(StoreException.class);
            }
            assertThat(labels()).containsExactly(Label.CURRENT);
        }

        @Test
        void afterRollBack_nextRotationGetsTheNextNumber() {
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, newKey("one"));
                store.stage(lease, "r1", newKey("two"));
                store.discard(lease, 2);
                assertThat(store.stage(lease, "r2", newKey("three")).number()).isEqualTo(3);
            }
            assertThat(labels()).containsExactly(Label.CURRENT, Label.ROLLED_BACK, Label.PENDING);
        }
    }

    /** Labels that change. */
    @Nested
    class PromoteAndDiscard {
        @Test
        void promote_swapsInOneStepAndMayBeRepeated() {
            SshKeyPair one = newKey("one");
            SshKeyPair two = newKey("two");
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, one);
                store.stage(lease, "r1", two);
                store.promote(lease, 2);
                CredentialState promoted = state();
                store.promote(lease, 2);
                assertThat(state()).isEqualTo(promoted);
            }
            assertThat(labels()).containsExactly(Label.PREVIOUS, Label.CURRENT);
            assertOpens(1, one);
            assertOpens(2, two);
        }

        @Test
        void discard_keepsTheKeyAndMayBeRepeated() {
            SshKeyPair two = newKey("two");
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, newKey("one"));
                store.stage(lease, "r1", two);
                store.discard(lease, 2);
                CredentialState discarded = state();
                store.discard(lease, 2);
                assertThat(state()).isEqualTo(discarded);
            }
            assertThat(labels()).containsExactly(Label.CURRENT, Label.ROLLED_BACK);
            assertOpens(2, two);
        }

        @Test
        void wrongLabel_refused() {
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, newKey("one"));
                store.importKey(lease, newKey("two"));
                CredentialState before = state();
                assertThatThrownBy(() -> store.promote(lease, 1)).isInstanceOf(StoreException.class);
                assertThatThrownBy(() -> store.promote(lease, 3)).isInstanceOf(StoreException.class);
                assertThatThrownBy(() -> store.discard(lease, 1)).isInstanceOf(StoreException.class);
                assertThatThrownBy(() -> store.discard(lease, 2)).isInstanceOf(StoreException.class);
                assertThat(state()).isEqualTo(before);
            }
        }
    }

    /** The end of a key. */
    @Nested
    class Destroy {
        @Test
        void previousKey_isGoneAndItsPublicHalfStays() {
            SshKeyPair one = newKey("one");
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, one);
                store.importKey(lease, newKey("two"));
                store.destroy(lease, 1);
                store.destroy(lease, 1);
            }
            assertThat(labels()).containsExactly(Label.DESTROYED, Label.CURRENT);
            KeyVersion destroyed = state().version(1).orElseThrow();
            assertThat(destroyed.publicKey()).isEqualTo(one.publicKey());
            assertThat(destroyed.hasPrivateKey()).isFalse();
            assertNoKey(1);
        }

        @Test
        void rolledBackKey_isGone() {
            try (Lease lease = store.lease("web")) {
                store.stage(lease, "r1", newKey("one"));
                store.discard(lease, 1);
                store.destroy(lease, 1);
            }
            assertThat(labels()).containsExactly(Label.DESTROYED);
        }

        @Test
        void keyInUse_refused() {
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, newKey("one"));
                store.stage(lease, "r1", newKey("two"));
                assertThatThrownBy(() -> store.destroy(lease, 1)).isInstanceOf(StoreException.class);
                assertThatThrownBy(() -> store.destroy(lease, 2)).isInstanceOf(StoreException.class);
                assertThatThrownBy(() -> store.destroy(lease, 3)).isInstanceOf(StoreException.class);
            }
            assertThat(labels()).containsExactly(Label.CURRENT, Label.PENDING);
        }

        @Test
        void keyThatADeviceMayAccept_refusedUntilItMayNot() {
            SshKeyPair one = newKey("one");
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, one);
                store.importKey(lease, newKey("two"));
                store.recordDevices(lease, Map.of("web-1", Set.of(2), "web-2", Set.of(1, 2)));
                assertThatThrownBy(() -> store.destroy(lease, 1)).isInstanceOf(StoreException.class);
                assertOpens(1, one);
                store.recordDevices(lease, Map.of("web-2", Set.of(2)));
                store.destroy(lease, 1);
            }
            assertThat(labels()).containsExactly(Label.DESTROYED, Label.CURRENT);
        }
    }

    /** What devices may accept. */
    @Nested
    class RecordDevices {
        @Test
        void devices_areReplacedOneByOne() {
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, newKey("one"));
                store.importKey(lease, newKey("two"));
                store.recordDevices(lease, Map.of("web-1", Set.of(1), "web-2", Set.of(1), "web.3", Set.of(1, 2)));
                store.recordDevices(lease, Map.of("web-1", Set.of(2), "web-2", Set.of()));
            }
            assertThat(state().mayAccept()).isEqualTo(Map.of("web-1", Set.of(2), "web.3", Set.of(1, 2)));
        }

        @Test
        void unknownVersion_refused() {
            try (Lease lease = store.lease("web")) {
                store.importKey(lease, newKey("one"));
                assertThatThrownBy(() -> store.recordDevices(lease, Map.of("web-1", Set.of(1, 2))))
                        .isInstanceOf(StoreException.class);
            }
            assertThat(state().mayAccept()).isEmpty();
        }
    }

    /** Passwords. */
    @Nested
    class Password {
        @Test
        void password_isReadBackAndReplaced() {
            try (Lease lease = store.lease("web")) {
                store.putPassword(lease, password("correct horse"));
                assertPassword("correct horse");
                store.putPassword(lease, password(" \u00e4\u0000 "));
            }
            assertPassword(" \u00e4\u0000 ");
            assertThat(state().hasPassword()).isTrue();
            assertThat(state().versions()).isEmpty();
            assertThat(store.list()).containsExactly("web");
        }

        private void assertPassword(String expected) {
            try (Passphrase found = reopen().exposeSecret("web", StoredSecret.password())) {
                assertThat(found.secret()).isEqualTo(password(expected).secret());
            }
        }
    }
}
