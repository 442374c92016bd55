package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.security.SecureRandom;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the private key file of ssh.com, for its server and its kin: RSA and DSA, with their comment. With a passphrase
 * it is encrypted with triple DES under MD5, since the format knows no better: a stolen file is cheap to try passphrases
 * on. Immutable and thread-safe.
 */
public final class SshComKeyWriter implements KeyWriter {
    static final SshComKeyWriter PLAIN = new SshComKeyWriter(null, null, null);

    private final @Nullable Passphrase passphrase;
    private final @Nullable KeyComment comment;
    private final @Nullable SecureRandom random;

    private SshComKeyWriter(
            @Nullable Passphrase passphrase, @Nullable KeyComment comment, @Nullable SecureRandom random) {
        this.passphrase = passphrase;
        this.comment = comment;
        this.random = random;
    }

    @Override
    public KeyFormat format() {
        return KeyFormat.SSHCOM;
    }

    @Override
    public SshComKeyWriter withPassphrase(Passphrase secret) {
        return new SshComKeyWriter(Objects.requireNonNull(secret, "secret"), comment, random);
    }

    @Override
    public SshComKeyWriter withComment(KeyComment text) {
        return new SshComKeyWriter(passphrase, Objects.requireNonNull(text, "text"), random);
    }

    @Override
    public SshComKeyWriter withComment(String text) {
        return withComment(KeyComment.of(text));
    }

    @Override
    public SshComKeyWriter withRandom(SecureRandom source) {
        return new SshComKeyWriter(passphrase, comment, Objects.requireNonNull(source, "source"));
    }

    @Override
    public EncodedKey write(SshKeyPair pair) {
        return SshComCodec.write(
                pair,
                comment == null ? pair.comment() : comment,
                passphrase,
                random == null ? new SecureRandom() : random);
    }
}
