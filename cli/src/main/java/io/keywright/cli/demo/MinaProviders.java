package io.keywright.cli.demo;

import org.apache.sshd.common.util.security.SecurityProviderChoice;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.common.util.security.SunJCESecurityProviderRegistrar;
import org.apache.sshd.common.util.security.bouncycastle.BouncyCastleSecurityProviderRegistrar;

/** Lets MINA use Bouncy Castle without registering it with the JVM, in case a server is the first to use MINA in it. */
final class MinaProviders {
    private MinaProviders() {}

    static synchronized void prepare() {
        if (SecurityUtils.isRegistrationCompleted()) {
            return;
        }
        SecurityUtils.registerSecurityProvider(new SunJCESecurityProviderRegistrar());
        SecurityUtils.registerSecurityProvider(new BouncyCastleSecurityProviderRegistrar() {
            @Override
            public boolean isNamedProviderUsed() {
                return false;
            }
        });
        if (SecurityUtils.getDefaultProviderChoice() == SecurityProviderChoice.EMPTY) {
            SecurityUtils.setDefaultProviderChoice(SecurityProviderChoice.toSecurityProviderChoice(
                    SecurityUtils.getRegisteredProvider(SecurityUtils.BOUNCY_CASTLE)
                            .getSecurityProvider()));
        }
    }
}
