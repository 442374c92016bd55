package io.keywright.testkit.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.CredentialStore.Lease;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class InMemoryCredentialStoreTest extends CredentialStoreContractTest {
    private InMemoryCredentialStore memory;

    @Override
    protected CredentialStore reopen(Clock clock) {
        if (memory == null) {
            memory = new InMemoryCredentialStore(clock);
        }
        return memory;
    }

    @Override
    protected void abandon(Lease lease) {
        memory.releaseLeases();
    }

    @Nested
    class Hook {
        @Test
        void everyChange_isToldBeforeAndAfter() {
            List<String> told = new ArrayList<>();
            memory.onMutation((moment, mutation) -> told.add(moment + " " + mutation));
            try (Lease lease = memory.lease("web");
                    SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                memory.stage(lease, "r1", pair);
                memory.stage(lease, "r1", pair);
                memory.promote(lease, 1);
            }
            assertThat(told)
                    .containsExactly(
                            "BEFORE lease web",
                            "AFTER lease web",
                            "BEFORE stage web",
                            "AFTER stage web",
                            "BEFORE promote web",
                            "AFTER promote web");
        }

        @Test
        void crashBefore_changesNothingAndAfterItHasHappened() {
            for (MutationHook.Moment when : MutationHook.Moment.values()) {
                String name = "web-" + when;
                try (Lease lease = memory.lease(name);
                        SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                    memory.onMutation((moment, mutation) -> {
                        if (moment == when) {
                            throw new AssertionError("crash");
                        }
                    });
                    assertThatThrownBy(() -> memory.importKey(lease, pair)).hasMessage("crash");
                    memory.onMutation((moment, mutation) -> {});
                    assertThat(memory.find(name).isPresent()).isEqualTo(when == MutationHook.Moment.AFTER);
                }
            }
        }
    }
}
