package io.keywright.transport.sshd;

import java.security.Provider;
import org.apache.sshd.common.util.security.SecurityProviderChoice;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.common.util.security.SunJCESecurityProviderRegistrar;
import org.apache.sshd.common.util.security.bouncycastle.BouncyCastleSecurityProviderRegistrar;
import org.apache.sshd.common.util.security.eddsa.EdDSASecurityProviderRegistrar;

/**
 * Keeps MINA from adding security providers to the JVM.
 *
 * <p>On first use MINA registers Bouncy Castle, and i2p's EdDSA where it is present, with {@link java.security.Security}.
 * Here they are handed to MINA as instances before that, in MINA's own order. An application that used MINA before us has
 * made its own choice, which stays.
 */
final class Providers {
    private Providers() {}

    static synchronized void handToMina() {
        if (SecurityUtils.isRegistrationCompleted()) {
            return;
        }
        SecurityUtils.registerSecurityProvider(new SunJCESecurityProviderRegistrar());
        SecurityUtils.registerSecurityProvider(new EdDSASecurityProviderRegistrar() {
            @Override
            public boolean isNamedProviderUsed() {
                return false;
            }
        });
        SecurityUtils.registerSecurityProvider(new BouncyCastleSecurityProviderRegistrar() {
            @Override
            public boolean isNamedProviderUsed() {
                return false;
            }
        });
        if (SecurityUtils.getDefaultProviderChoice() == SecurityProviderChoice.EMPTY) {
            // Otherwise MINA sets a default that is looked up by name among the registered providers.
            Provider provider = SecurityUtils.getRegisteredProvider(SecurityUtils.BOUNCY_CASTLE)
                    .getSecurityProvider();
            SecurityUtils.setDefaultProviderChoice(SecurityProviderChoice.toSecurityProviderChoice(provider));
        }
    }
}
