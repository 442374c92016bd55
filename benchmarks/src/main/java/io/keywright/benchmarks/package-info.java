/**
 * JMH benchmarks: ours beside the peers in the same run, so that ratios can be read off. {@code ./bench Ed25519} runs those
 * whose name has {@code Ed25519} in it; what follows goes to JMH as it is.
 */
@NullMarked
package io.keywright.benchmarks;

import org.jspecify.annotations.NullMarked;
