/** Tests of the key file formats, against the programs that own them. */
@NullMarked
package io.keywright.format;

import org.jspecify.annotations.NullMarked;
