/** The libraries that Keywright is measured against, each behind the same few calls. */
@NullMarked
package io.keywright.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
