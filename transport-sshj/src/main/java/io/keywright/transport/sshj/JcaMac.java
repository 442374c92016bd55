package io.keywright.transport.sshj;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import net.schmizz.sshj.common.Factory;
import net.schmizz.sshj.transport.mac.MAC;

/** HMAC (RFC 2104, RFC 6668) of the JDK over a packet, or over its ciphertext ({@code -etm}, OpenSSH's PROTOCOL, 1.5). */
final class JcaMac implements MAC {
    /** In the order in which they are offered. SHA-1 comes last, for old devices: as an HMAC it is not broken. */
    static final List<Factory.Named<MAC>> FACTORIES = List.of(
            Algorithm.of("hmac-sha2-256-etm@openssh.com", () -> new JcaMac("HmacSHA256", true)),
            Algorithm.of("hmac-sha2-512-etm@openssh.com", () -> new JcaMac("HmacSHA512", true)),
            Algorithm.of("hmac-sha2-256", () -> new JcaMac("HmacSHA256", false)),
            Algorithm.of("hmac-sha2-512", () -> new JcaMac("HmacSHA512", false)),
            Algorithm.of("hmac-sha1-etm@openssh.com", () -> new JcaMac("HmacSHA1", true)),
            Algorithm.of("hmac-sha1", () -> new JcaMac("HmacSHA1", false)));

    private final String algorithm;
    private final boolean encryptThenMac;
    private final Mac mac;

    private JcaMac(String algorithm, boolean encryptThenMac) {
        this.algorithm = algorithm;
        this.encryptThenMac = encryptThenMac;
        try {
            mac = Mac.getInstance(algorithm);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    /** Takes at least as many bytes as the hash has, of which it uses so many. */
    @Override
    public void init(byte[] key) {
        byte[] used = Arrays.copyOf(key, mac.getMacLength());
        try {
            mac.init(new SecretKeySpec(used, algorithm));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an HMAC takes any key", e);
        } finally {
            Arrays.fill(used, (byte) 0);
        }
    }

    @Override
    public void update(byte[] data) {
        mac.update(data);
    }

    @Override
    public void update(byte[] data, int start, int length) {
        mac.update(data, start, length);
    }

    /** Takes a number as a uint32. */
    @Override
    public void update(long number) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            mac.update((byte) (number >>> shift));
        }
    }

    @Override
    public byte[] doFinal() {
        return mac.doFinal();
    }

    @Override
    public byte[] doFinal(byte[] last) {
        return mac.doFinal(last);
    }

    @Override
    public void doFinal(byte[] to, int offset) {
        byte[] code = mac.doFinal();
        System.arraycopy(code, 0, to, offset, code.length);
    }

    /** Returns the code's length, which sshj calls so. */
    @Override
    public int getBlockSize() {
        return mac.getMacLength();
    }

    @Override
    public boolean isEtm() {
        return encryptThenMac;
    }
}
