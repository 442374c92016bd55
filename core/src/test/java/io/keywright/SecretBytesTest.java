package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SecretBytesTest {
    private final byte[] array = {1, 2, 3, 4};

    @Nested
    class Make {
        @Test
        void copyOf_callerWipesItsArray_secretIsKept() {
            SecretBytes secret = SecretBytes.copyOf(array);
            array[0] = 0;
            assertThat(secret.toByteArray()).containsExactly(1, 2, 3, 4);
        }

        @Test
        void takeOver_close_callersArrayIsWiped() {
            SecretBytes.takeOver(array).close();
            assertThat(array).containsOnly(0);
        }

        @Test
        void takeOver_null_isRefused() {
            assertThatNullPointerException().isThrownBy(() -> SecretBytes.takeOver(null));
        }
    }

    @Nested
    class Use {
        @Test
        void use_function_seesTheBytesAndItsCopyIsWipedAfterwards() {
            AtomicReference<byte[]> lent = new AtomicReference<>();
            SecretBytes secret = SecretBytes.takeOver(array);
            int sum = secret.use(bytes -> {
                lent.set(bytes);
                return bytes[0] + bytes[3];
            });
            assertThat(sum).isEqualTo(5);
            assertThat(lent.get()).isNotSameAs(array).containsOnly(0);
            assertThat(secret.toByteArray()).containsExactly(1, 2, 3, 4);
        }

        @Test
        void use_functionThrows_copyIsWipedToo() {
            AtomicReference<byte[]> lent = new AtomicReference<>();
            assertThatThrownBy(() -> SecretBytes.takeOver(array).use(bytes -> {
                        lent.set(bytes);
                        throw new UnsupportedOperationException("on purpose");
                    }))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThat(lent.get()).containsOnly(0);
        }

        @Test
        void toByteArray_changed_leavesTheSecretAlone() {
            SecretBytes secret = SecretBytes.takeOver(array);
            secret.toByteArray()[0] = 99;
            assertThat(secret.toByteArray()).containsExactly(1, 2, 3, 4);
        }

        @Test
        void everyUse_afterClose_throws() {
            SecretBytes secret = SecretBytes.takeOver(array);
            secret.close();
            secret.close();
            assertThat(secret.isClosed()).isTrue();
            assertThatIllegalStateException().isThrownBy(secret::toByteArray).withMessageContaining("closed");
            assertThatIllegalStateException().isThrownBy(secret::copy);
            assertThatIllegalStateException().isThrownBy(() -> secret.use(b -> b.length));
        }

        @Test
        void copy_originalClosed_livesOn() {
            SecretBytes secret = SecretBytes.takeOver(array);
            SecretBytes copy = secret.copy();
            secret.close();
            assertThat(copy.toByteArray()).containsExactly(1, 2, 3, 4);
        }
    }

    @Nested
    class Equality {
        @Test
        void equals_sameContent_true() {
            assertThat(SecretBytes.copyOf(array)).isEqualTo(SecretBytes.copyOf(array));
            assertThat(SecretBytes.copyOf(array)).hasSameHashCodeAs(SecretBytes.copyOf(array));
        }

        @Test
        void equals_anyByteOrTheLengthDiffers_false() {
            for (int i = 0; i < array.length; i++) {
                byte[] changed = array.clone();
                changed[i] ^= 0x40;
                assertThat(SecretBytes.copyOf(array)).isNotEqualTo(SecretBytes.copyOf(changed));
            }
            assertThat(SecretBytes.copyOf(array)).isNotEqualTo(SecretBytes.copyOf(new byte[] {1, 2, 3}));
            assertThat(SecretBytes.copyOf(array)).isNotEqualTo(array).isNotEqualTo(null);
        }

        @Test
        void equals_closed_onlyItself() {
            SecretBytes one = SecretBytes.copyOf(array);
            SecretBytes two = SecretBytes.copyOf(array);
            one.close();
            two.close();
            Object itself = one;
            assertThat(one.equals(itself)).isTrue();
            assertThat(one).isNotEqualTo(two).isNotEqualTo(SecretBytes.copyOf(new byte[4]));
            assertThat(SecretBytes.copyOf(new byte[4])).isNotEqualTo(one);
        }

        @Test
        void equals_closedMeanwhileByAnotherThread_neverThrows() throws Exception {
            java.util.concurrent.ExecutorService other = java.util.concurrent.Executors.newSingleThreadExecutor();
            try {
                for (int i = 0; i < 2000; i++) {
                    SecretBytes one = SecretBytes.copyOf(array);
                    SecretBytes two = SecretBytes.copyOf(array);
                    java.util.concurrent.Future<?> closing = other.submit(two::close);
                    boolean before = one.equals(two);
                    closing.get();
                    assertThat(one.equals(two)).as("before: %s", before).isFalse();
                }
            } finally {
                other.shutdownNow();
            }
        }

        @Test
        void hashCode_content_doesNotShow() {
            assertThat(SecretBytes.copyOf(array)).hasSameHashCodeAs(SecretBytes.copyOf(new byte[4]));
        }
    }

    @Nested
    class Print {
        @Test
        void toString_openOrClosed_saysNothingOfTheContent() {
            SecretBytes secret = SecretBytes.copyOf(new byte[] {77, 78});
            assertThat(secret).hasToString("SecretBytes[2 bytes]");
            secret.close();
            assertThat(secret).hasToString("SecretBytes[closed]");
        }
    }
}
