package io.keywright.transport;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Thrown when the server was asked to log in and said no. */
public final class AuthenticationRefusedException extends TransportException {
    private static final long serialVersionUID = 1;

    private final List<String> methodsLeft;

    /**
     * Creates the exception.
     *
     * @param target whom the call was for
     * @param problem what was offered, by fingerprint or as "a password"
     * @param methodsLeft the methods that the server would still try, e.g. {@code ["publickey", "password"]}
     * @param cause the library's own exception, or null
     */
    public AuthenticationRefusedException(
            SshTarget target, String problem, List<String> methodsLeft, @Nullable Throwable cause) {
        super(target, Phase.AUTHENTICATION, false, problem, cause);
        this.methodsLeft = List.copyOf(methodsLeft);
    }

    /**
     * Returns the methods that the server would still try.
     *
     * @return method names of RFC 4252
     */
    public List<String> methodsLeft() {
        return methodsLeft;
    }
}
