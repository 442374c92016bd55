/**
 * What Keywright promises about its speed, as ratios, and the program that measures whether it keeps the promises: {@code
 * ./bench} without a name runs it and writes {@code benchmarks/results.json} and {@code benchmarks/RESULTS.md}.
 */
@NullMarked
package io.keywright.benchmarks.goals;

import org.jspecify.annotations.NullMarked;
