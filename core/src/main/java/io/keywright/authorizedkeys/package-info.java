/** The {@code authorized_keys} file of sshd(8) as text: lossless parsing, editing and permissions. */
@NullMarked
package io.keywright.authorizedkeys;

import org.jspecify.annotations.NullMarked;
