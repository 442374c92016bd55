package io.keywright.authorizedkeys;

import io.keywright.DsaPublicKey;
import io.keywright.Ed448PublicKey;
import io.keywright.Fingerprint;
import io.keywright.KeyComment;
import io.keywright.OpaquePublicKey;
import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A line with a key: {@code [options] type blob [comment]} (sshd(8), AUTHORIZED_KEYS FILE FORMAT). The key is decoded when
 * it is first asked for. Immutable and thread-safe.
 */
public final class Entry extends Line {
    /** Decoded at most a few times, should threads race: the result is immutable and always the same. */
    private @Nullable SshPublicKey key;

    Entry(byte[] data, int from, int to, LineLayout layout, int number) {
        super(data, from, to, layout, number);
    }

    /**
     * Returns the algorithm that the key's blob names.
     *
     * @return e.g. {@code "ssh-ed25519"}
     */
    public String algorithm() {
        return layout.algorithm;
    }

    /**
     * Decodes the key.
     *
     * @return the key with its comment
     * @throws SshKeyException when the blob is broken, or too short or large for sshd; see {@link SshPublicKey#fromBlob}
     */
    public SshPublicKey key() {
        SshPublicKey decoded = key;
        if (decoded == null) {
            decoded = SshPublicKey.fromBlob(rawBlob()).withComment(comment());
            key = decoded;
        }
        return decoded;
    }

    /**
     * Returns the key's blob in its canonical form, without making a key of it.
     *
     * @return the bytes; as they stand when they are broken
     */
    public byte[] blob() {
        return CanonicalBlob.of(layout.algorithm, rawBlob());
    }

    private byte[] rawBlob() {
        return Base64Text.decode(data, layout.blobStart, layout.blobEnd);
    }

    /**
     * Computes the key's SHA-256 fingerprint, without making a key of the blob.
     *
     * @return what {@code ssh-keygen -l} shows for the line
     */
    public Fingerprint fingerprint() {
        return fingerprint(Fingerprint.Hash.SHA256);
    }

    /**
     * Computes the key's fingerprint, without making a key of the blob.
     *
     * @param hash which hash
     * @return the fingerprint
     */
    public Fingerprint fingerprint(Fingerprint.Hash hash) {
        return Fingerprint.of(blob(), hash);
    }

    /**
     * Tells whether this line holds a key. Comments do not count, nor do options.
     *
     * @param wanted the key
     * @return true when the blobs are the same, or two ways to write the same numbers
     */
    public boolean holds(SshPublicKey wanted) {
        return new Needle(wanted).isIn(this);
    }

    /**
     * Returns the comment.
     *
     * @return everything after the blob and the blanks that follow it, maybe empty
     */
    public KeyComment comment() {
        int start = LineLayout.skipBlanks(data, layout.blobEnd, layout.textEnd);
        return KeyComment.ofBytes(Arrays.copyOfRange(data, start, layout.textEnd));
    }

    /**
     * Returns the options.
     *
     * @return the options as they stand, maybe none, maybe wrong ones
     */
    public KeyOptions options() {
        return KeyOptions.read(Arrays.copyOfRange(data, layout.optionsStart, layout.optionsEnd));
    }

    /**
     * Tells whether the line is marked as a certificate authority. Such a line admits no plain key, and no edit of a
     * plain key touches it.
     *
     * @return true with the option {@code cert-authority}, even where another option has the line dropped
     */
    public boolean isCertAuthority() {
        return layout.optionsEnd > layout.optionsStart && options().hasCertAuthority();
    }

    /**
     * Works out what the line allows.
     *
     * @return the permissions; empty when sshd drops the line for its options
     */
    public Optional<EffectivePermissions> permissions() {
        return options().permissions();
    }

    /**
     * Judges whether the line can admit its key, taking expiry times without a suffix as UTC.
     *
     * @param now the moment
     * @return the verdict and why
     */
    public Usability usabilityAt(Instant now) {
        return usabilityAt(now, ZoneOffset.UTC);
    }

    /**
     * Judges whether the line can admit its key.
     *
     * @param now the moment
     * @param serverZone the server's own time zone, for expiry times without a suffix
     * @return the verdict and why
     */
    public Usability usabilityAt(Instant now, ZoneId serverZone) {
        PermissionsReader reader = new PermissionsReader().read(options().list());
        if (reader.problem().isPresent()) {
            return new Usability(
                    reader.stoppedAtUnknownOption() ? Usability.Verdict.UNKNOWN_OPTION : Usability.Verdict.BAD_OPTION,
                    reader.problem().get() + ", so it drops the line");
        }
        EffectivePermissions permissions = reader.permissions().orElseThrow();
        if (permissions.certAuthority()) {
            return new Usability(Usability.Verdict.CERT_AUTHORITY, "it admits certificates, not the key itself");
        }
        // sshd counts in whole seconds, and the second itself still belongs to the key.
        Optional<Instant> expiry = permissions.expiry(serverZone);
        if (expiry.isPresent() && expiry.get().getEpochSecond() < now.getEpochSecond()) {
            return new Usability(Usability.Verdict.EXPIRED, "it expired at " + expiry.get());
        }
        if (permissions.principals().isPresent()) {
            return new Usability(
                    Usability.Verdict.PRINCIPALS_WITHOUT_AUTHORITY, "principals without cert-authority admits nobody");
        }
        return keyUsability();
    }

    private Usability keyUsability() {
        if (KeyTypeNames.isCertificate(layout.algorithm)) {
            return new Usability(
                    Usability.Verdict.CERTIFICATE, "a certificate is not looked for here, only its authority is");
        }
        SshPublicKey decoded;
        try {
            decoded = key();
        } catch (SshKeyException e) {
            return new Usability(Usability.Verdict.BAD_KEY, "the key is not valid: " + e.getMessage());
        }
        boolean everywhere = !(decoded instanceof DsaPublicKey
                || decoded instanceof Ed448PublicKey
                || decoded instanceof OpaquePublicKey);
        return everywhere
                ? new Usability(Usability.Verdict.USABLE, "it admits its key")
                : new Usability(
                        Usability.Verdict.SERVER_DEPENDENT, "not every server accepts " + layout.algorithm + " keys");
    }

    /** Says line, algorithm and fingerprint; neither options nor comment. */
    @Override
    public String toString() {
        return "line " + number() + ": " + algorithm() + " " + fingerprint();
    }
}
