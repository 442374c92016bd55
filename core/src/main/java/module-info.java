/** Keys, generation, signatures, fingerprints, {@code authorized_keys} as text, and the transport SPI. */
// "module": the friends that see the internal package are compiled after this module.
@SuppressWarnings("module")
module io.keywright {
    requires static transitive org.jspecify;
    requires org.bouncycastle.provider;
    requires org.slf4j;

    exports io.keywright;
    exports io.keywright.authorizedkeys;
    exports io.keywright.transport;
    exports io.keywright.internal to
            io.keywright.format,
            io.keywright.rotation,
            io.keywright.testkit;
    exports io.keywright.transport.internal to
            io.keywright.transport.sshd,
            io.keywright.transport.sshj;

    uses io.keywright.transport.SshTransportProvider;
}
