/** Files that must be refused: the program that makes them from tools' keys, and the test that reads each. */
@NullMarked
package io.keywright.format.negative;

import org.jspecify.annotations.NullMarked;
