package io.keywright.format.negative;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The build runs what is tagged {@code small-heap}, such as {@link NegativeVectorsTest}, in little memory. */
@Tag("small-heap")
class SmallHeapTest {
    /** What the build gives; some of it is the JVM's own. */
    private static final long MAX_HEAP_BYTES = 64L * 1024 * 1024;

    @Test
    void heap_ofTheseTests_isSmall() {
        assertThat(Runtime.getRuntime().maxMemory()).isLessThanOrEqualTo(MAX_HEAP_BYTES);
    }
}
