package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.UnsupportedKeyException;
import io.keywright.internal.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.jspecify.annotations.Nullable;

/**
 * What a PPK file derives from its passphrase: the key of AES-256, the IV, and the key of the MAC. Wiped when closed.
 *
 * <pre>
 *   version 3  Argon2 (RFC 9106) gives 80 bytes: key of 32, IV of 16, MAC key of 32; HMAC-SHA256
 *   version 1  as in version 2; the MAC is over the private blob alone, or it is no MAC but a SHA-1
 *   version 2  key: the first 32 bytes of SHA1(uint32 0 || passphrase) || SHA1(uint32 1 || passphrase); IV: zeros;
 *              MAC key: SHA1("putty-private-key-file-mac-key" || passphrase); HMAC-SHA1
 *   plain      MAC key: empty in version 3, that of an empty passphrase in versions 1 and 2
 * </pre>
 */
final class PpkKeys implements AutoCloseable {
    private static final int KEY_BYTES = 32;
    private static final int IV_BYTES = 16;
    private static final int MAC_KEY_BYTES = 32;
    private static final byte[] MAC_KEY_PREFIX = "putty-private-key-file-mac-key".getBytes(StandardCharsets.US_ASCII);

    final byte[] key;
    final byte[] iv;
    private final byte[] macKey;
    private final boolean sha256;

    private PpkKeys(byte[] key, byte[] iv, byte[] macKey, boolean sha256) {
        this.key = key;
        this.iv = iv;
        this.macKey = macKey;
        this.sha256 = sha256;
    }

    /** Returns the keys of a file without encryption: just the one of the MAC. */
    static PpkKeys plain(int version) {
        byte[] none = {};
        return new PpkKeys(none, none, version == 3 ? none : sha1(MAC_KEY_PREFIX, none), version == 3);
    }

    /**
     * Derives the keys of an encrypted file.
     *
     * @param cost null in versions 1 and 2
     */
    static PpkKeys derive(Passphrase passphrase, PpkFile.@Nullable Argon2Cost cost, byte[] salt, ReadLimits limits) {
        if (cost == null) {
            return passphrase.secret().use(PpkKeys::version2);
        }
        Argon2Kind kind = kind(cost.kind());
        if (cost.passes() < 1
                || cost.parallelism() < 1
                || cost.memoryKib() < PpkKeyWriter.MIN_MEMORY_KIB_PER_LANE * cost.parallelism()) {
            throw PpkFile.malformed("Argon2", "passes, parallelism or memory are below what RFC 9106 allows");
        }
        limits.requireArgon2(cost.memoryKib(), cost.passes(), cost.parallelism());
        byte[] output = passphrase.secret().use(secret -> argon2(kind, cost, salt, secret));
        try {
            int macFrom = KEY_BYTES + IV_BYTES;
            return new PpkKeys(
                    Arrays.copyOf(output, KEY_BYTES),
                    Arrays.copyOfRange(output, KEY_BYTES, macFrom),
                    Arrays.copyOfRange(output, macFrom, macFrom + MAC_KEY_BYTES),
                    true);
        } finally {
            Arrays.fill(output, (byte) 0);
        }
    }

    private static PpkKeys version2(byte[] passphrase) {
        byte[] first = sha1(new byte[4], passphrase);
        byte[] second = sha1(new byte[] {0, 0, 0, 1}, passphrase);
        byte[] key = Arrays.copyOf(first, KEY_BYTES);
        System.arraycopy(second, 0, key, first.length, KEY_BYTES - first.length);
        Arrays.fill(first, (byte) 0);
        Arrays.fill(second, (byte) 0);
        return new PpkKeys(key, new byte[IV_BYTES], sha1(MAC_KEY_PREFIX, passphrase), false);
    }

    private static Argon2Kind kind(String name) {
        for (Argon2Kind kind : Argon2Kind.values()) {
            if (kind.displayName().equals(name)) {
                return kind;
            }
        }
        throw new UnsupportedKeyException(name, "the key derivation " + name + " is not known");
    }

    private static byte[] argon2(Argon2Kind kind, PpkFile.Argon2Cost cost, byte[] salt, byte[] passphrase) {
        return Argon2.derive(
                kind,
                passphrase,
                salt,
                (int) cost.memoryKib(),
                (int) cost.passes(),
                (int) cost.parallelism(),
                KEY_BYTES + IV_BYTES + MAC_KEY_BYTES);
    }

    /** Computes the MAC over what a file says and its private blob in the clear, with its padding; each as an SSH string. */
    byte[] mac(String algorithm, String encryption, KeyComment comment, byte[] publicBlob, byte[] privateBlob) {
        try (WireWriter writer = new WireWriter()) {
            writer.writeString(algorithm)
                    .writeString(encryption)
                    .writeString(comment.toByteArray())
                    .writeString(publicBlob)
                    .writeString(privateBlob);
            byte[] covered = writer.toByteArray();
            try {
                return mac(covered);
            } finally {
                Arrays.fill(covered, (byte) 0);
            }
        }
    }

    /** Computes the MAC over the private blob in the clear alone, as version 1 has it. */
    byte[] mac(byte[] covered) {
        HMac hmac = new HMac(sha256 ? SHA256Digest.newInstance() : new SHA1Digest());
        hmac.init(new KeyParameter(macKey));
        hmac.update(covered, 0, covered.length);
        byte[] mac = new byte[hmac.getMacSize()];
        hmac.doFinal(mac, 0);
        return mac;
    }

    private static byte[] sha1(byte[] prefix, byte[] data) {
        SHA1Digest digest = new SHA1Digest();
        digest.update(prefix, 0, prefix.length);
        digest.update(data, 0, data.length);
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        return hash;
    }

    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
        Arrays.fill(iv, (byte) 0);
        Arrays.fill(macKey, (byte) 0);
    }
}
