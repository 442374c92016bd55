/** Fuzzing: what Jazzer gives to each reader, and the test that runs Jazzer. */
@NullMarked
package io.keywright.format.fuzz;

import org.jspecify.annotations.NullMarked;
