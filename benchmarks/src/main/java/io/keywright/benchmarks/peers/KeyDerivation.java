package io.keywright.benchmarks.peers;

import com.sshtools.common.util.BCryptKDF;
import io.keywright.format.KeyDerivations;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.apache.sshd.common.config.keys.loader.openssh.kdf.BCrypt;
import org.bouncycastle.crypto.PBEParametersGenerator;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * Deriving a key from a passphrase, by Keywright and by each peer that has the function: bcrypt_pbkdf with 16 rounds and 48
 * bytes, as a file of {@code ssh-keygen} asks for; Argon2id with 8 MiB and 13 passes, as {@code puttygen} does on an ordinary
 * machine; PBKDF2 with HMAC-SHA-256 and 100,000 iterations; scrypt with N = 16384, as {@code openssl} does.
 */
public enum KeyDerivation {
    /** Keywright's bcrypt_pbkdf. */
    BCRYPT_KEYWRIGHT {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) {
            return KeyDerivations.bcrypt(passphrase, salt, BCRYPT_ROUNDS, BCRYPT_BYTES);
        }
    },
    /** Apache MINA SSHD's bcrypt_pbkdf. */
    BCRYPT_MINA {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) {
            byte[] key = new byte[BCRYPT_BYTES];
            new BCrypt().pbkdf(passphrase, salt, BCRYPT_ROUNDS, key);
            return key;
        }
    },
    /** sshj's bcrypt_pbkdf. */
    BCRYPT_SSHJ {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) {
            byte[] key = new byte[BCRYPT_BYTES];
            new com.hierynomus.sshj.userauth.keyprovider.bcrypt.BCrypt().pbkdf(passphrase, salt, BCRYPT_ROUNDS, key);
            return key;
        }
    },
    /** Maverick Synergy's bcrypt_pbkdf. */
    BCRYPT_MAVERICK {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) throws GeneralSecurityException {
            return BCryptKDF.bcrypt_pbkdf(passphrase, salt, BCRYPT_BYTES, BCRYPT_ROUNDS);
        }
    },
    /** Keywright's Argon2id. */
    ARGON2_KEYWRIGHT {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) {
            return KeyDerivations.argon2id(passphrase, salt, ARGON2_KIB, ARGON2_PASSES, KEY_BYTES);
        }
    },
    /** Bouncy Castle's Argon2id. */
    ARGON2_BC {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withSalt(salt)
                    .withMemoryAsKB(ARGON2_KIB)
                    .withIterations(ARGON2_PASSES)
                    .withParallelism(1)
                    .build());
            byte[] key = new byte[KEY_BYTES];
            generator.generateBytes(passphrase, key);
            return key;
        }
    },
    /** Keywright's PBKDF2. */
    PBKDF2_KEYWRIGHT {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) {
            return KeyDerivations.pbkdf2(passphrase, salt, PBKDF2_ITERATIONS, KEY_BYTES);
        }
    },
    /** The JDK's PBKDF2. */
    PBKDF2_JDK {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) throws GeneralSecurityException {
            char[] text = new String(passphrase, StandardCharsets.US_ASCII).toCharArray();
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(text, salt, PBKDF2_ITERATIONS, 8 * KEY_BYTES))
                    .getEncoded();
        }
    },
    /** Bouncy Castle's PBKDF2. */
    PBKDF2_BC {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) {
            PBEParametersGenerator generator = new PKCS5S2ParametersGenerator(new SHA256Digest());
            generator.init(passphrase, salt, PBKDF2_ITERATIONS);
            return ((KeyParameter) generator.generateDerivedMacParameters(8 * KEY_BYTES)).getKey();
        }
    },
    /** Keywright's scrypt. */
    SCRYPT_KEYWRIGHT {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) {
            return KeyDerivations.scrypt(passphrase, salt, SCRYPT_COST, KEY_BYTES);
        }
    },
    /** Bouncy Castle's scrypt. */
    SCRYPT_BC {
        @Override
        byte[] derive(byte[] passphrase, byte[] salt) {
            return SCrypt.generate(passphrase, salt, SCRYPT_COST, 8, 1, KEY_BYTES);
        }
    };

    private static final int BCRYPT_ROUNDS = 16;
    private static final int BCRYPT_BYTES = 48;
    private static final int ARGON2_KIB = 8192;
    private static final int ARGON2_PASSES = 13;
    private static final int PBKDF2_ITERATIONS = 100_000;
    private static final int SCRYPT_COST = 16384;
    private static final int KEY_BYTES = 32;
    private static final byte[] PASSPHRASE = "correct horse battery staple".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SALT = "a salt of sixteen".getBytes(StandardCharsets.US_ASCII);

    /**
     * Derives a key from a passphrase and a salt that are always the same.
     *
     * @return the key, the same for each library that has the function
     * @throws GeneralSecurityException as the library does
     */
    public byte[] derive() throws GeneralSecurityException {
        return derive(PASSPHRASE, SALT);
    }

    abstract byte[] derive(byte[] passphrase, byte[] salt) throws GeneralSecurityException;
}
