/** A window into {@code keywright-format}, for the benchmarks only: what they measure on its own is not public there. */
@NullMarked
package io.keywright.format;

import org.jspecify.annotations.NullMarked;
