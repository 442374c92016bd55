package io.keywright.cli;

import io.keywright.Fingerprint;
import io.keywright.KeyComment;
import io.keywright.SshPublicKey;

/** Says what a public key is in the words of {@code ssh-keygen -l}. */
final class KeyText {
    private KeyText() {}

    static String of(SshPublicKey key, Fingerprint.Hash hash) {
        return of(key, key.comment(), hash);
    }

    static String of(SshPublicKey key, KeyComment comment, Fingerprint.Hash hash) {
        String shown = comment.isEmpty() ? "no comment" : Printable.of(comment.toString());
        return key.bits() + " " + key.fingerprint(hash) + " " + shown + " (" + key.shortName() + ")";
    }
}
