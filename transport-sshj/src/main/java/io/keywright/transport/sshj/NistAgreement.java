package io.keywright.transport.sshj;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.agreement.ECDHBasicAgreement;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;

/** Diffie-Hellman on a NIST curve (RFC 5656, section 4). */
final class NistAgreement implements Agreement {
    private final ECDomainParameters curve;
    private final AsymmetricCipherKeyPair pair;

    NistAgreement(String name, SecureRandom random) {
        X9ECParameters parameters = CustomNamedCurves.getByName(name);
        curve = new ECDomainParameters(parameters);
        ECKeyPairGenerator generator = new ECKeyPairGenerator();
        generator.init(new ECKeyGenerationParameters(curve, random));
        pair = generator.generateKeyPair();
    }

    @Override
    public byte[] publicValue() {
        return ((ECPublicKeyParameters) pair.getPublic()).getQ().getEncoded(false);
    }

    @Override
    public BigInteger agree(byte[] serverValue) throws GeneralSecurityException {
        try {
            // Both refuse what is not on the curve, and the point at infinity.
            ECPublicKeyParameters server =
                    new ECPublicKeyParameters(curve.getCurve().decodePoint(serverValue), curve);
            ECDHBasicAgreement agreement = new ECDHBasicAgreement();
            agreement.init(pair.getPrivate());
            return agreement.calculateAgreement(server);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new GeneralSecurityException("the server's point is none of the curve", e);
        }
    }
}
