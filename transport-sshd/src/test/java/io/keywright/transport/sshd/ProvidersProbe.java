package io.keywright.transport.sshd;

import io.keywright.SshPublicKey;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.SshTarget;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.List;

/** A program that uses the transport once and says what that did to the JVM's security providers. */
final class ProvidersProbe {
    private ProvidersProbe() {}

    /** Takes host, port, user, the host key's line and the line of the key to ask about. */
    public static void main(String[] arguments) {
        Provider[] before = Security.getProviders();
        SshTarget target = SshTarget.of(
                arguments[0],
                Integer.parseInt(arguments[1]),
                arguments[2],
                HostKeyVerifier.pinned(List.of(SshPublicKey.parseLine(arguments[3]))));
        try (SshdTransport transport = SshdTransport.create()) {
            System.out.println(transport
                    .probe(target, List.of(SshPublicKey.parseLine(arguments[4])))
                    .answers());
        }
        System.out.println(
                Arrays.equals(before, Security.getProviders())
                        ? "providers unchanged"
                        : "providers now " + Arrays.toString(Security.getProviders()));
    }
}
