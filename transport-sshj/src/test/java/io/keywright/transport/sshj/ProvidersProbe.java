package io.keywright.transport.sshj;

import io.keywright.SshPublicKey;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.SshTarget;
import java.lang.reflect.Field;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.schmizz.sshj.common.SecurityUtils;

/** A program that uses the transport once and says what that did to the JVM's security providers, and to sshj's own state. */
final class ProvidersProbe {
    private ProvidersProbe() {}

    /** Takes host, port, user, the host key's line and the line of the key to ask about. */
    public static void main(String[] arguments) throws Exception {
        Provider[] before = Security.getProviders();
        List<Object> sshjBefore = stateOfSshj();
        SshTarget target = SshTarget.of(
                arguments[0],
                Integer.parseInt(arguments[1]),
                arguments[2],
                HostKeyVerifier.pinned(List.of(SshPublicKey.parseLine(arguments[3]))));
        SshPublicKey key = SshPublicKey.parseLine(arguments[4]);
        try (SshjTransport transport = SshjTransport.create()) {
            System.out.println(transport.probe(target, List.of(key)).answers());
        }
        System.out.println(
                Arrays.equals(before, Security.getProviders())
                        ? "providers unchanged"
                        : "providers now " + Arrays.toString(Security.getProviders()));
        System.out.println(sshjBefore.equals(stateOfSshj()) ? "sshj unchanged" : "sshj now " + stateOfSshj());
    }

    /** All of sshj's settings that are not an object's own: what it registers, and whether it has. */
    private static List<Object> stateOfSshj() throws ReflectiveOperationException {
        List<Object> state = new ArrayList<>();
        for (String name : List.of("securityProvider", "registerBouncyCastle", "registrationDone")) {
            Field field = SecurityUtils.class.getDeclaredField(name);
            field.setAccessible(true);
            state.add(field.getName() + "=" + field.get(null));
        }
        return state;
    }
}
