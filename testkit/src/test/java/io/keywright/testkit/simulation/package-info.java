/** Tests of the simulator, and of the engine in it. */
@org.jspecify.annotations.NullMarked
package io.keywright.testkit.simulation;
