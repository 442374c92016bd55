package io.keywright.rotation;

import io.keywright.Passphrase;
import io.keywright.rotation.DirectoryStoreSettings.ScryptCost;
import io.keywright.rotation.JsonFields.DamagedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The file {@code store.json}: which directory holds the credentials, and how its keys come from the secret.
 *
 * <pre>{@code
 * {"format":"keywright store","version":1,"epoch":1,"kdf":"scrypt","n":32768,"r":8,"p":3,"salt":"...","check":"...","sha256":"..."}
 * }</pre>
 *
 * <p>The checksum, over everything before its comma, tells a damaged file from a wrong secret. The check value is {@link
 * StoreKeys#check}.
 */
final class StoreHeader {
    static final int MAX_BYTES = 4096;
    static final int SALT_BYTES = 16;

    private static final String FORMAT = "keywright store";
    private static final String SUM = ",\"sha256\":\"";
    private static final int TAIL_BYTES = SUM.length() + 64 + "\"}\n".length();

    private final int epoch;
    private final ScryptCost cost;
    private final byte[] salt;
    private final byte[] check;

    StoreHeader(int epoch, ScryptCost cost, byte[] salt, byte[] check) {
        this.epoch = epoch;
        this.cost = cost;
        this.salt = salt.clone();
        this.check = check.clone();
    }

    /** Counts the secrets that the store has had, and numbers the directory of this one. */
    int epoch() {
        return epoch;
    }

    /** Derives the keys, which the caller closes, and checks the secret. */
    StoreKeys unlock(Passphrase secret, String refusal) {
        StoreKeys keys = StoreKeys.derive(secret, cost, salt);
        if (!keys.fits(check)) {
            keys.close();
            throw new StoreSecretException(refusal, null);
        }
        return keys;
    }

    byte[] encode() {
        byte[] object = JsonFields.object(json -> {
            json.writeStringField("format", FORMAT);
            json.writeNumberField("version", 1);
            json.writeNumberField("epoch", epoch);
            json.writeStringField("kdf", "scrypt");
            json.writeNumberField("n", cost.n());
            json.writeNumberField("r", cost.r());
            json.writeNumberField("p", cost.p());
            json.writeStringField("salt", JsonFields.base64(salt));
            json.writeStringField("check", JsonFields.base64(check));
        });
        int summed = object.length - 1; // all but the closing brace
        byte[] file = Arrays.copyOf(object, summed + TAIL_BYTES);
        System.arraycopy(tail(object, summed), 0, file, summed, TAIL_BYTES);
        return file;
    }

    static StoreHeader decode(byte[] file) throws DamagedException {
        int summed = file.length - TAIL_BYTES;
        if (summed < 1 || !Arrays.equals(file, summed, file.length, tail(file, summed), 0, TAIL_BYTES)) {
            throw new DamagedException("its checksum does not fit it");
        }
        try (JsonFields fields = new JsonFields(file)) {
            JsonFields.expect(fields.string("format").equals(FORMAT));
            fields.number("version", 1, 1);
            int epoch = (int) fields.number("epoch", 1, Integer.MAX_VALUE - 1);
            JsonFields.expect(fields.string("kdf").equals("scrypt"));
            int n = (int) fields.number("n", 2, 1 << 20);
            int r = (int) fields.number("r", 1, 32);
            int p = (int) fields.number("p", 1, 64);
            byte[] salt = fields.bytes("salt");
            byte[] check = fields.bytes("check");
            fields.string("sha256");
            fields.endOfText();
            return new StoreHeader(epoch, new ScryptCost(n, r, p), salt, check);
        } catch (IllegalArgumentException e) {
            throw new DamagedException(String.valueOf(e.getMessage()));
        }
    }

    private static byte[] tail(byte[] file, int summed) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(file, 0, summed);
            String sum = HexFormat.of().formatHex(digest.digest());
            return (SUM + sum + "\"}\n").getBytes(StandardCharsets.US_ASCII);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
