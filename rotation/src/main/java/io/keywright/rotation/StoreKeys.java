package io.keywright.rotation;

import io.keywright.Passphrase;
import io.keywright.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * What a store's secret is turned into: a key that authenticates labels, a key that encrypts passwords, and a value that
 * tells whether the secret is the right one. All are expanded (RFC 5869, section 2.3) from scrypt (RFC 7914) of the secret.
 * The secret itself is the passphrase of the key files. Closing wipes all of it. Thread-safe.
 */
final class StoreKeys implements AutoCloseable {
    /** NIST SP 800-38D: 96 bits, drawn at random, are safe for 2^32 passwords under one key. */
    static final int NONCE_BYTES = 12;

    private static final int KEY_BYTES = 32;
    private static final int TAG_BITS = 128;

    private final Passphrase secret;
    private final SecretBytes labelsKey;
    private final SecretBytes passwordKey;
    private final byte[] check;

    private StoreKeys(Passphrase secret, SecretBytes labelsKey, SecretBytes passwordKey, byte[] check) {
        this.secret = secret;
        this.labelsKey = labelsKey;
        this.passwordKey = passwordKey;
        this.check = check;
    }

    static StoreKeys derive(Passphrase secret, DirectoryStoreSettings.ScryptCost cost, byte[] salt) {
        byte[] root =
                secret.secret().use(bytes -> SCrypt.generate(bytes, salt, cost.n(), cost.r(), cost.p(), KEY_BYTES));
        try {
            return new StoreKeys(
                    secret.copy(),
                    SecretBytes.takeOver(expand(root, "labels")),
                    SecretBytes.takeOver(expand(root, "passwords")),
                    expand(root, "check"));
        } finally {
            Arrays.fill(root, (byte) 0);
        }
    }

    /** The passphrase of the key files; it stays ours. */
    Passphrase secret() {
        return secret;
    }

    /** A value that is stored in the clear and equal only for the same secret, cost and salt. */
    byte[] check() {
        return check.clone();
    }

    boolean fits(byte[] storedCheck) {
        return MessageDigest.isEqual(check, storedCheck);
    }

    byte[] authenticate(byte[] labels) {
        return labelsKey.use(key -> hmac(key, labels));
    }

    byte[] encrypt(byte[] nonce, byte[] password, String place) {
        try {
            return passwordCipher(Cipher.ENCRYPT_MODE, nonce, place).doFinal(password);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK encrypts with AES-GCM", e);
        }
    }

    byte[] decrypt(byte[] nonce, byte[] encrypted, String place) throws JsonFields.DamagedException {
        try {
            return passwordCipher(Cipher.DECRYPT_MODE, nonce, place).doFinal(encrypted);
        } catch (GeneralSecurityException e) {
            throw new JsonFields.DamagedException("it does not authenticate");
        }
    }

    private Cipher passwordCipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
        byte[] key = passwordKey.toByteArray();
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(place.getBytes(StandardCharsets.US_ASCII));
            return cipher;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] expand(byte[] root, String purpose) {
        byte[] info = ("keywright store 1 " + purpose + "\u0001").getBytes(StandardCharsets.US_ASCII);
        return hmac(root, info);
    }

    private static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", e);
        }
    }

    @Override
    public void close() {
        secret.close();
        labelsKey.close();
        passwordKey.close();
    }
}
