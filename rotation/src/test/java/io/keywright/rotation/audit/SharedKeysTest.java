package io.keywright.rotation.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Fingerprint;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SharedKeysTest {
    private final SharedKeys shared = new SharedKeys();

    private static Fingerprint key() {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            return pair.publicKey().fingerprint();
        }
    }

    @Nested
    class List {
        @Test
        void list_keyOnOneAccount_isNotShared() {
            shared.add(key(), "a@web:22", false);
            assertThat(shared.list()).isEmpty();
            assertThat(shared.isComplete()).isTrue();
        }

        @Test
        void list_keyOnMoreAccounts_namesThemInOrder() {
            Fingerprint key = key();
            shared.add(key, "c@web:22", false);
            shared.add(key, "a@web:22", true);
            shared.add(key, "b@web:22", true);
            assertThat(shared.list())
                    .containsExactly(new AuditResult.SharedKey(
                            key.toString(), java.util.List.of("a@web:22", "b@web:22", "c@web:22"), 3));
        }

        @Test
        void list_keyWhoseCredentialNamesEveryAccount_isAsItShouldBe() {
            Fingerprint key = key();
            shared.add(key, "a@web:22", true);
            shared.add(key, "b@web:22", true);
            assertThat(shared.list()).isEmpty();
        }

        @Test
        void list_severalKeys_areSortedByFingerprint() {
            for (int i = 0; i < 5; i++) {
                Fingerprint key = key();
                shared.add(key, "a@web:22", false);
                shared.add(key, "b@web:22", false);
            }
            assertThat(shared.list())
                    .hasSize(5)
                    .extracting(AuditResult.SharedKey::fingerprint)
                    .isSorted();
        }

        @Test
        void list_moreAccountsThanAreNamed_countsThemAll() {
            Fingerprint key = key();
            for (int i = 0; i < Audit.MAX_NAMED_ACCOUNTS + 5; i++) {
                shared.add(key, "user" + i + "@web:22", false);
            }
            assertThat(shared.list()).singleElement().satisfies(found -> {
                assertThat(found.accounts()).hasSize(Audit.MAX_NAMED_ACCOUNTS);
                assertThat(found.count()).isEqualTo(Audit.MAX_NAMED_ACCOUNTS + 5);
            });
        }
    }
}
