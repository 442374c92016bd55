package io.keywright.transport.sshd;

import io.keywright.transport.SshTransport;
import io.keywright.transport.SshTransportProvider;

/** Offers {@link SshdTransport} to {@link SshTransport#discover()}. Stateless. */
public final class SshdTransportProvider implements SshTransportProvider {

    /** Creates the provider; called by {@link java.util.ServiceLoader}. */
    public SshdTransportProvider() {}

    @Override
    public String name() {
        return SshdTransport.NAME;
    }

    @Override
    public SshTransport create() {
        return SshdTransport.create();
    }
}
