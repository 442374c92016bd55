package io.keywright.transport.sshj;

import java.util.List;
import net.schmizz.sshj.common.Factory;
import net.schmizz.sshj.transport.cipher.Cipher;

/** The ciphers that are offered, authenticated ones first: the JDK computes AES-GCM with the processor's own instructions. */
final class Ciphers {
    static final List<Factory.Named<Cipher>> FACTORIES = List.of(
            Algorithm.of("aes256-gcm@openssh.com", () -> new AesGcm(32)),
            Algorithm.of("aes128-gcm@openssh.com", () -> new AesGcm(16)),
            Algorithm.of("chacha20-poly1305@openssh.com", ChaChaPoly::new),
            Algorithm.of("aes256-ctr", () -> new AesCtr(32)),
            Algorithm.of("aes192-ctr", () -> new AesCtr(24)),
            Algorithm.of("aes128-ctr", () -> new AesCtr(16)));

    private Ciphers() {}
}
