package io.keywright.transport.sshj;

import com.hierynomus.sshj.transport.kex.ExtInfoClientFactory;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Function;
import net.schmizz.sshj.common.Factory;
import net.schmizz.sshj.transport.kex.KeyExchange;
import org.bouncycastle.crypto.agreement.DHStandardGroups;

/** The key exchanges that are offered. */
final class KeyExchanges {
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * Cheapest first among the strong: a hybrid one that withstands quantum computers costs hardly more than Curve25519. The
     * sntrup761 hybrids cost ten times as much in Java and so come last; they still protect wherever a server offers no
     * other.
     */
    static final List<Factory.Named<KeyExchange>> FACTORIES = List.of(
            of("mlkem768x25519-sha256", "SHA-256", HybridAgreement::mlKem768),
            of("curve25519-sha256", "SHA-256", X25519Agreement::new),
            of("curve25519-sha256@libssh.org", "SHA-256", X25519Agreement::new),
            of("ecdh-sha2-nistp256", "SHA-256", random -> new NistAgreement("P-256", random)),
            of("ecdh-sha2-nistp384", "SHA-384", random -> new NistAgreement("P-384", random)),
            of("ecdh-sha2-nistp521", "SHA-512", random -> new NistAgreement("P-521", random)),
            Algorithm.of("diffie-hellman-group-exchange-sha256", () -> new GroupKeyExchange(RANDOM)),
            of(
                    "diffie-hellman-group16-sha512",
                    "SHA-512",
                    random -> new FiniteFieldAgreement(DHStandardGroups.rfc3526_4096, random)),
            of(
                    "diffie-hellman-group18-sha512",
                    "SHA-512",
                    random -> new FiniteFieldAgreement(DHStandardGroups.rfc3526_8192, random)),
            of(
                    "diffie-hellman-group14-sha256",
                    "SHA-256",
                    random -> new FiniteFieldAgreement(DHStandardGroups.rfc3526_2048, random)),
            of("sntrup761x25519-sha512", "SHA-512", HybridAgreement::sntrup761),
            of("sntrup761x25519-sha512@openssh.com", "SHA-512", HybridAgreement::sntrup761),
            // Not an exchange, but how a client says that it wants to hear of signature algorithms (RFC 8308, section
            // 2.1).
            new ExtInfoClientFactory());

    private KeyExchanges() {}

    private static Factory.Named<KeyExchange> of(
            String name, String hash, Function<SecureRandom, Agreement> agreement) {
        return Algorithm.of(name, () -> new OneRoundKeyExchange(hash, () -> agreement.apply(RANDOM)));
    }
}
