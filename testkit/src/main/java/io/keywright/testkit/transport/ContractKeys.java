package io.keywright.testkit.transport;

import io.keywright.EcdsaCurve;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;

/** Key pairs that the tests log in with, each made once; one of each type that OpenSSH knows. Shared: never closed. */
@SuppressWarnings("ImmutableEnumChecker") // nobody closes them
enum ContractKeys {
    MAIN(SshKeyPairGenerator.ed25519()),
    SPARE(SshKeyPairGenerator.ed25519()),
    ECDSA_P256(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256)),
    ECDSA_P384(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP384)),
    ECDSA_P521(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP521)),
    RSA(SshKeyPairGenerator.rsa());

    private final SshKeyPair pair;

    ContractKeys(SshKeyPairGenerator generator) {
        pair = generator.withComment("made by " + name()).generate();
    }

    SshKeyPair pair() {
        return pair;
    }

    SshPublicKey publicKey() {
        return pair.publicKey();
    }
}
