package io.keywright.interop.eddsa;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.SshSignature;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.util.Arrays;
import net.i2p.crypto.eddsa.EdDSAEngine;
import net.i2p.crypto.eddsa.EdDSASecurityProvider;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Test;

/**
 * CVE-2020-36843: i2p's engine does not check that S is below the group's order L (RFC 8032, section 5.1.7), so that anybody
 * can make a second valid signature, S + L, of one. Nothing of ours verifies with it.
 */
class MalleableSignatureTest {
    /** RFC 8032, section 5.1. */
    private static final BigInteger L =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

    private static final byte[] MESSAGE = "who are you?".getBytes(StandardCharsets.US_ASCII);

    private static byte[] withLargerS(byte[] signature) {
        byte[] little = Arrays.copyOfRange(signature, 32, 64);
        BigInteger s = new BigInteger(1, reversed(little));
        assertThat(s).isLessThan(L);
        byte[] changed = signature.clone();
        System.arraycopy(reversed(BigIntegers.asUnsignedByteArray(32, s.add(L))), 0, changed, 32, 32);
        return changed;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static boolean i2pAccepts(PublicKey key, byte[] signature) throws GeneralSecurityException {
        EdDSAEngine engine = new EdDSAEngine(MessageDigest.getInstance("SHA-512"));
        engine.initVerify(key);
        return engine.verifyOneShot(MESSAGE, signature);
    }

    private static boolean weAccept(SshPublicKey key, byte[] signature) {
        byte[] name = key.algorithm().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer encoded = ByteBuffer.allocate(8 + name.length + signature.length)
                .putInt(name.length)
                .put(name)
                .putInt(signature.length)
                .put(signature);
        return key.verify(MESSAGE, SshSignature.decode(encoded.array()));
    }

    @Test
    void verify_signatureWithSPlusL_isRefusedWhereI2pAcceptsIt() throws GeneralSecurityException {
        for (int i = 0; i < 20; i++) {
            KeyPair theirs = new net.i2p.crypto.eddsa.KeyPairGenerator().generateKeyPair();
            try (SshKeyPair ours = I2pKeys.keyPair(theirs)) {
                byte[] signature = ours.sign(MESSAGE).value();
                byte[] changed = withLargerS(signature);
                assertThat(i2pAccepts(theirs.getPublic(), signature)).isTrue();
                assertThat(i2pAccepts(theirs.getPublic(), changed))
                        .as("the vulnerability, without which this test shows nothing")
                        .isTrue();
                assertThat(weAccept(ours.publicKey(), signature)).isTrue();
                assertThat(weAccept(ours.publicKey(), changed)).isFalse();
                assertThat(weAccept(I2pKeys.publicKey(theirs.getPublic()), changed))
                        .isFalse();
            }
        }
    }

    /** An application may have registered it, in front of all others: that is its own affair, and does not become ours. */
    @Test
    void verify_i2pRegisteredFirst_isNotAsked() throws GeneralSecurityException {
        Provider provider = new EdDSASecurityProvider();
        try (SshKeyPair ours = SshKeyPairGenerator.ed25519().generate()) {
            byte[] changed = withLargerS(ours.sign(MESSAGE).value());
            Security.insertProviderAt(provider, 1);
            assertThat(Security.getProviders()[0]).isSameAs(provider);
            assertThat(i2pAccepts(I2pKeys.toPublicKey(ours.publicKey()), changed))
                    .isTrue();
            assertThat(weAccept(ours.publicKey(), changed)).isFalse();
            assertThat(weAccept(ours.publicKey(), ours.sign(MESSAGE).value())).isTrue();
            assertThat(ours.publicKey().toPublicKey().getClass().getName()).startsWith("sun.");
        } finally {
            Security.removeProvider(provider.getName());
        }
    }

    @Test
    void conversions_all_leaveTheProvidersAlone() {
        Provider[] before = Security.getProviders();
        try (SshKeyPair ours = SshKeyPairGenerator.ed25519().generate();
                SshKeyPair back = I2pKeys.keyPair(I2pKeys.toKeyPair(ours))) {
            assertThat(weAccept(ours.publicKey(), back.sign(MESSAGE).value())).isTrue();
        }
        assertThat(Security.getProviders()).isEqualTo(before);
    }
}
