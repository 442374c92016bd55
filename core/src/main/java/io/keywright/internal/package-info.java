/** Implementation shared by Keywright's own modules; not exported to anyone else. */
@NullMarked
package io.keywright.internal;

import org.jspecify.annotations.NullMarked;
