/** What every transport of ours does alike, whatever library is beneath: for our own modules only. */
@NullMarked
package io.keywright.transport.internal;

import org.jspecify.annotations.NullMarked;
