package io.keywright.transport.sshj;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SignatureAlgorithm;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.SshTarget;
import io.keywright.transport.internal.AuthenticationDialogue;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.DisconnectReason;
import net.schmizz.sshj.transport.TransportException;
import net.schmizz.sshj.transport.cipher.Cipher;
import org.bouncycastle.crypto.agreement.DHStandardGroups;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What honest servers never do. */
class AlgorithmsTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @Nested
    class Agree {
        @Test
        void pointOfSmallOrder_isRefused() {
            X25519Agreement agreement = new X25519Agreement(RANDOM);

            assertThatThrownBy(() -> agreement.agree(new byte[32])).isInstanceOf(GeneralSecurityException.class);
            assertThatThrownBy(() -> agreement.agree(new byte[31])).isInstanceOf(GeneralSecurityException.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {"P-256", "P-384", "P-521"})
        void pointOffTheCurve_isRefused(String curve) {
            NistAgreement agreement = new NistAgreement(curve, RANDOM);
            byte[] off = agreement.publicValue();
            off[off.length - 1] ^= 1;

            assertThatThrownBy(() -> agreement.agree(off)).isInstanceOf(GeneralSecurityException.class);
            assertThatThrownBy(() -> agreement.agree(new byte[] {0})).isInstanceOf(GeneralSecurityException.class);
            assertThatThrownBy(() -> agreement.agree(new byte[0])).isInstanceOf(GeneralSecurityException.class);
        }

        @Test
        void numberOutOfRange_isRefused() {
            BigInteger prime = DHStandardGroups.rfc3526_2048.getP();
            FiniteFieldAgreement agreement = new FiniteFieldAgreement(DHStandardGroups.rfc3526_2048, RANDOM);

            for (BigInteger number : List.of(
                    BigInteger.ZERO, BigInteger.ONE, BigInteger.TWO.negate(), prime.subtract(BigInteger.ONE), prime)) {
                assertThatThrownBy(() -> agreement.agree(number.toByteArray()))
                        .isInstanceOf(GeneralSecurityException.class);
            }
        }

        @Test
        void ciphertextOfAnotherLength_isRefused() {
            HybridAgreement agreement = HybridAgreement.mlKem768(RANDOM);

            assertThat(agreement.publicValue()).hasSize(1184 + 32);
            assertThatThrownBy(() -> agreement.agree(new byte[1088 + 31])).isInstanceOf(GeneralSecurityException.class);
        }

        @ParameterizedTest
        @ValueSource(ints = {0x00, 0x7f, 0x80, 0xff})
        void secretOfAHybrid_goesIntoTheHashAsItsBytes(int first) {
            byte[] secret = new byte[32];
            Arrays.fill(secret, (byte) first);

            assertThat(new Buffer.PlainBuffer()
                            .putMPInt(new SecretString(secret))
                            .getCompactData())
                    .isEqualTo(new Buffer.PlainBuffer().putString(secret).getCompactData());
        }
    }

    @Nested
    class Decrypt {
        private final byte[] key = new byte[64];
        private final byte[] iv = new byte[16];

        private byte[] encrypted(Cipher cipher, byte[] content) {
            cipher.init(Cipher.Mode.Encrypt, key, iv);
            byte[] packet = new byte[4 + content.length + 16];
            packet[3] = (byte) content.length;
            System.arraycopy(content, 0, packet, 4, content.length);
            cipher.setSequenceNumber(7);
            cipher.updateWithAAD(packet, 0, 4, content.length);
            return packet;
        }

        private byte[] decrypted(Cipher cipher, byte[] packet) {
            cipher.init(Cipher.Mode.Decrypt, key, iv);
            cipher.setSequenceNumber(7);
            cipher.updateAAD(packet, 0, 4);
            cipher.update(packet, 4, packet.length - 20);
            return Arrays.copyOfRange(packet, 4, packet.length - 16);
        }

        @ParameterizedTest
        @ValueSource(strings = {"aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com"})
        void changedBit_isRefusedWhereverItIs(String name) {
            byte[] content = "sixteen bytes of".getBytes(StandardCharsets.US_ASCII);
            byte[] packet = encrypted(cipher(name), content);
            assertThat(decrypted(cipher(name), packet.clone())).isEqualTo(content);

            for (int i = 0; i < packet.length; i++) {
                byte[] changed = packet.clone();
                changed[i] ^= 1;
                assertThatThrownBy(() -> decrypted(cipher(name), changed))
                        .as("byte " + i)
                        .isInstanceOf(IllegalStateException.class);
            }
        }

        private Cipher cipher(String name) {
            return net.schmizz.sshj.common.Factory.Named.Util.create(Ciphers.FACTORIES, name);
        }
    }

    @Nested
    class ProveHostKey {
        private final byte[] hash = {1, 2, 3};

        private SshjHandshake handshake(SshKeyPair pinned) {
            SshTarget target = SshTarget.of("host", 22, "user", HostKeyVerifier.pinned(List.of(pinned.publicKey())));
            return new SshjHandshake(target, new AuthenticationDialogue(target, List.of(), null));
        }

        @Test
        void rightSignature_isTaken() throws Exception {
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                SshjHandshake handshake = handshake(pair);
                handshake.agreedOn("ssh-ed25519");

                assertThat(handshake
                                .proveHostKey(
                                        pair.publicKey().blob(), pair.sign(hash).encode(), hash)
                                .getEncoded())
                        .isEqualTo(pair.publicKey().blob());
                assertThat(handshake.hostKey()).isEqualTo(pair.publicKey());
            }
        }

        @Test
        void signatureOfSomethingElse_isRefused() {
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                SshjHandshake handshake = handshake(pair);
                handshake.agreedOn("ssh-ed25519");

                assertRefused(
                        handshake,
                        pair.publicKey().blob(),
                        pair.sign(new byte[] {4}).encode());
            }
        }

        @Test
        void otherAlgorithmThanAgreedOn_isRefused() {
            try (SshKeyPair pair = SshKeyPairGenerator.rsa().generate()) {
                SshjHandshake handshake = handshake(pair);
                handshake.agreedOn("rsa-sha2-512");

                assertRefused(
                        handshake,
                        pair.publicKey().blob(),
                        pair.sign(hash, SignatureAlgorithm.RSA_SHA2_256).encode());
            }
        }

        @Test
        void whatIsNoKeyAndNoSignature_isRefused() {
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                SshjHandshake handshake = handshake(pair);
                handshake.agreedOn("ssh-ed25519");

                assertRefused(
                        handshake, new byte[] {0, 0, 0, 9}, pair.sign(hash).encode());
                assertRefused(handshake, pair.publicKey().blob(), new byte[] {0, 0, 0, 9});
            }
        }

        private void assertRefused(SshjHandshake handshake, byte[] blob, byte[] signature) {
            assertThatThrownBy(() -> handshake.proveHostKey(blob, signature, hash))
                    .isInstanceOf(TransportException.class)
                    .extracting(e -> ((TransportException) e).getDisconnectReason())
                    .isEqualTo(DisconnectReason.KEY_EXCHANGE_FAILED);
            assertThat(handshake.keysExchanged()).isNotDone();
        }

        @Test
        void keyThatNobodyProved_doesNotPass() throws Exception {
            try (SshKeyPair pair = SshKeyPairGenerator.rsa().generate()) {
                assertThat(new HostKeyGate().verify("host", 22, pair.publicKey().toPublicKey()))
                        .isFalse();
            }
        }
    }
}
