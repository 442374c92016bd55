package io.keywright.format;

import io.keywright.DsaPublicKey;
import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPublicKey;
import io.keywright.KeyComment;
import io.keywright.RsaPublicKey;
import io.keywright.SshPublicKey;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what a codec finds out into a {@link KeyInspection}. */
final class Inspections {
    private static final int WEAK_BELOW_RSA_BITS = 2048;

    private final KeyFormat format;
    private final @Nullable SshPublicKey publicKey;
    private final Set<KeyWarning> warnings = EnumSet.noneOf(KeyWarning.class);
    private @Nullable String algorithm;
    private boolean holdsPrivateKey;
    private boolean encrypted;
    private @Nullable String cipher;
    private @Nullable KdfDescription kdf;
    private Optional<KeyComment> comment = Optional.empty();

    private Inspections(KeyFormat format, @Nullable SshPublicKey publicKey) {
        this.format = format;
        this.publicKey = publicKey;
        this.holdsPrivateKey = format.holdsPrivateKeys();
    }

    /** Starts with what every codec has in hand. */
    static Inspections of(KeyBlock block, @Nullable SshPublicKey publicKey) {
        Inspections inspection = new Inspections(block.format(), publicKey);
        inspection.warnings.addAll(block.textWarnings());
        inspection.warnIf(
                publicKey instanceof RsaPublicKey && publicKey.bits() < WEAK_BELOW_RSA_BITS, KeyWarning.WEAK_RSA);
        return publicKey == null ? inspection : inspection.algorithm(publicKey.algorithm());
    }

    /** Tells SSH's name of the algorithm, which a format may show where it hides the key. */
    Inspections algorithm(String sshName) {
        algorithm = sshName;
        return warnIf(sshName.equals(DsaPublicKey.ALGORITHM), KeyWarning.LEGACY_DSA);
    }

    Inspections encrypted(String withCipher, KdfDescription withKdf) {
        encrypted = true;
        cipher = withCipher;
        kdf = withKdf;
        return this;
    }

    /** For a format of both, private keys and public ones. */
    Inspections holdsPrivateKey(boolean found) {
        holdsPrivateKey = found;
        return this;
    }

    Inspections comment(Optional<KeyComment> found) {
        comment = found;
        return this;
    }

    Inspections warnIf(boolean condition, KeyWarning warning) {
        if (condition) {
            warnings.add(warning);
        }
        return this;
    }

    KeyInspection build() {
        boolean fromPutty = format == KeyFormat.PPK || warnings.contains(KeyWarning.OVER_PADDED);
        boolean p521 = publicKey instanceof EcdsaPublicKey ecdsa && ecdsa.curve() == EcdsaCurve.NISTP521;
        warnIf(fromPutty && p521, KeyWarning.PUTTY_P521);
        return new KeyInspection(
                format,
                holdsPrivateKey,
                Optional.ofNullable(algorithm),
                publicKey == null ? 0 : publicKey.bits(),
                encrypted,
                Optional.ofNullable(cipher),
                Optional.ofNullable(kdf),
                comment,
                Optional.ofNullable(publicKey),
                List.copyOf(warnings));
    }
}
