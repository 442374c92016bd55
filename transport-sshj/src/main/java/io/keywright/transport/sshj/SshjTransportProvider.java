package io.keywright.transport.sshj;

import io.keywright.transport.SshTransport;
import io.keywright.transport.SshTransportProvider;

/** Offers {@link SshjTransport} to {@link SshTransport#discover()}. Stateless. */
public final class SshjTransportProvider implements SshTransportProvider {

    /** Creates the provider; called by {@link java.util.ServiceLoader}. */
    public SshjTransportProvider() {}

    @Override
    public String name() {
        return SshjTransport.NAME;
    }

    @Override
    public SshTransport create() {
        return SshjTransport.create();
    }
}
