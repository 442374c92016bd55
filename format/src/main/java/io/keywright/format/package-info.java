/**
 * Private and public key files: what they are, reading them, and writing them.
 *
 * <pre>{@code
 * KeyInspection seen = KeyReader.inspect(pastedText);                 // needs no passphrase
 * try (Passphrase passphrase = Passphrase.of(characters);
 *         SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(pastedText);
 *         EncodedKey file = KeyWriter.openssh().withPassphrase(passphrase).write(pair)) {
 *     file.writeTo(home.resolve(".ssh/id_ed25519"));                  // 0600 from its first instant
 * }
 * }</pre>
 *
 * <p>{@link io.keywright.format.KeyReader} finds the format by content. Readers, writers, limits and inspections are
 * immutable and thread-safe; passphrases that they are given stay the caller's, who closes them. Texts and byte arrays are
 * handled without checked exceptions; {@link java.io.IOException} comes only from methods that are handed a path or a
 * stream. Whatever the input, the only thing thrown about it is an {@link io.keywright.SshKeyException}.
 */
@NullMarked
package io.keywright.format;

import org.jspecify.annotations.NullMarked;
