/** Tests of the rotation engine against the in-memory fleet. */
@org.jspecify.annotations.NullMarked
package io.keywright.testkit.engine;
