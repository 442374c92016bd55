/**
 * The {@code keywright} command: a thin shell over the library.
 *
 * <p>One class a command, and what they share: where output goes ({@link io.keywright.cli.Shell}), where secrets come
 * from, what a credential file says, and how a failure becomes one line.
 *
 * <pre>{@code
 * int exitCode = Keywright.run(Shell.ofProcess(), "fingerprint", "id_ed25519.pub");
 * }</pre>
 */
@NullMarked
package io.keywright.cli;

import org.jspecify.annotations.NullMarked;
