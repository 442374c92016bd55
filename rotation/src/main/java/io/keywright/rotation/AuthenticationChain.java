package io.keywright.rotation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who opens connections for whom: a credential may be changed with another one, and that with a third, but not in a circle. */
final class AuthenticationChain {
    private final EngineParts parts;

    AuthenticationChain(EngineParts parts) {
        this.parts = parts;
    }

    /**
     * Follows the chain that begins at a credential.
     *
     * @throws RotationException when it comes back to where it was
     */
    void requireNoCircle(Credential credential) {
        List<String> chain = new ArrayList<>(List.of(credential.name()));
        Optional<String> next = credential.authenticateWith();
        while (next.isPresent()) {
            boolean circle = chain.contains(next.get());
            chain.add(next.get());
            if (circle) {
                throw new RotationException(
                        String.join(", which authenticates with ", chain) + ": nobody could open the first connection",
                        null);
            }
            next = authenticatesWith(next.get());
        }
    }

    /** From its definition, if the engine was given one; else from its latest journal. */
    private Optional<String> authenticatesWith(String name) {
        for (Credential credential : parts.credentials().get()) {
            if (credential.name().equals(name)) {
                return credential.authenticateWith();
            }
        }
        return parts.latest(name).flatMap(state -> state.authenticatedWith);
    }
}
