package io.keywright.format;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import org.jspecify.annotations.Nullable;

/** Reads one format. What it throws is declared with {@link KeyReader}. Implementations have no state. */
interface KeyCodec {
    /** What a caller allows and knows. The passphrase is the caller's and stays open. */
    record Context(ReadLimits limits, @Nullable Passphrase passphrase, boolean optionsAllowed) {}

    /** Reads the key pair, decrypting it where needed. */
    SshKeyPair read(KeyBlock block, Context context);

    /** Reads the public key; decrypts only where the format hides it, as it does unless the codec says otherwise. */
    default SshPublicKey readPublic(KeyBlock block, Context context) {
        try (SshKeyPair pair = read(block, context)) {
            return pair.publicKey();
        }
    }

    /** Describes the key; there is no passphrase in the context, and no derivation is run. */
    KeyInspection inspect(KeyBlock block, Context context);

    /** Returns the codec of a format: the one place where a new one is entered. */
    static KeyCodec of(KeyFormat format) {
        return switch (format) {
            case OPENSSH -> OpensshCodec.INSTANCE;
            case PUBLIC_LINE -> PublicLineCodec.INSTANCE;
            case PUBLIC_RFC4716 -> Rfc4716Codec.INSTANCE;
            case PUBLIC_PEM -> PublicPemCodec.INSTANCE;
            case PKCS8 -> Pkcs8Codec.INSTANCE;
            case PPK -> PpkCodec.INSTANCE;
            case PEM -> PemCodec.INSTANCE;
            case SSHCOM -> SshComCodec.INSTANCE;
            case JWK -> JwkCodec.INSTANCE;
        };
    }
}
