package io.keywright.testkit.transport;

import java.util.List;
import java.util.Set;

/**
 * What a test needs of a {@link ContractServer}.
 *
 * @param methods how users may log in
 * @param maxTries how many attempts may fail; at the last one, or at the one after it, the server hangs up
 * @param hostKeyTypes {@code ed25519}, {@code ecdsa} or {@code rsa}, each at most once
 * @param sftp whether the server offers SFTP
 */
public record ServerOptions(Set<Method> methods, int maxTries, List<String> hostKeyTypes, boolean sftp) {

    /** Ways to log in. */
    public enum Method {
        /** RFC 4252, section 7. */
        PUBLIC_KEY,
        /** RFC 4252, section 8. */
        PASSWORD,
        /** RFC 4256, asking for the password with one hidden prompt. */
        KEYBOARD_INTERACTIVE
    }

    /** Keys only, six attempts, one Ed25519 host key, SFTP. */
    public static final ServerOptions DEFAULT =
            new ServerOptions(Set.of(Method.PUBLIC_KEY), 6, List.of("ed25519"), true);

    /** Copies the collections. */
    public ServerOptions {
        methods = Set.copyOf(methods);
        hostKeyTypes = List.copyOf(hostKeyTypes);
    }

    /**
     * Returns these options with other ways to log in.
     *
     * @param allowed the ways
     * @return a copy
     */
    public ServerOptions withMethods(Method... allowed) {
        return new ServerOptions(Set.of(allowed), maxTries, hostKeyTypes, sftp);
    }

    /**
     * Returns these options with another bound on attempts.
     *
     * @param tries at least 1
     * @return a copy
     */
    public ServerOptions withMaxTries(int tries) {
        return new ServerOptions(methods, tries, hostKeyTypes, sftp);
    }

    /**
     * Returns these options with other host keys.
     *
     * @param types see {@link #hostKeyTypes()}
     * @return a copy
     */
    public ServerOptions withHostKeys(String... types) {
        return new ServerOptions(methods, maxTries, List.of(types), sftp);
    }

    /**
     * Returns these options without SFTP.
     *
     * @return a copy
     */
    public ServerOptions withoutSftp() {
        return new ServerOptions(methods, maxTries, hostKeyTypes, false);
    }
}
