package io.keywright.transport;

/** Found by {@link java.util.ServiceLoader}: makes a transport with its default settings. */
public interface SshTransportProvider {

    /**
     * Names the library beneath.
     *
     * @return a short name such as {@code "sshd"}
     */
    String name();

    /**
     * Creates a transport with default settings.
     *
     * @return a new transport; the caller closes it
     */
    SshTransport create();
}
