package io.keywright.format.negative;

import io.keywright.KeyMismatchException;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.NotAKeyException;
import io.keywright.PassphraseRequiredException;
import io.keywright.SshKeyException;
import io.keywright.UnexpectedPublicKeyException;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import java.util.LinkedHashMap;
import java.util.Map;

/** How a vector is to be refused: the headers of its file. Immutable. */
record Expectation(Map<String, String> headers) {
    /** The passphrase of all encrypted seeds. */
    static final String PASSPHRASE = "keywright-test";

    static Expectation malformed(String format, String where, String message) {
        return of(MalformedKeyException.class, message).and("format", format).and("where", where);
    }

    static Expectation mismatch(String message) {
        return of(KeyMismatchException.class, message);
    }

    static Expectation unsupported(String algorithm, String message) {
        return of(UnsupportedKeyException.class, message).and("algorithm", algorithm);
    }

    /** A limit that can be raised, or lowered, by what the message says. */
    static Expectation limit(String limit, long actual, String howToRaise) {
        return of(LimitExceededException.class, howToRaise).and("limit", limit).and("actual", Long.toString(actual));
    }

    static Expectation notAKey(String message) {
        return of(NotAKeyException.class, message);
    }

    /** A passphrase is missing; {@code fingerprint} is of the public key in the clear, or "none". */
    static Expectation passphraseRequired(String fingerprint) {
        return of(PassphraseRequiredException.class, "a passphrase is needed").and("public-key", fingerprint);
    }

    static Expectation wrongPassphrase(boolean maybeCorrupted) {
        return of(WrongPassphraseException.class, maybeCorrupted ? "or the data is damaged" : "wrong passphrase")
                .and("maybe-corrupted", Boolean.toString(maybeCorrupted));
    }

    static Expectation publicKey(String fingerprint) {
        return of(UnexpectedPublicKeyException.class, "not a private key").and("public-key", fingerprint);
    }

    private static Expectation of(Class<? extends SshKeyException> type, String message) {
        return new Expectation(Map.of()).and("expect", type.getSimpleName()).and("message", message);
    }

    Expectation opened() {
        return withPassphrase(PASSPHRASE);
    }

    Expectation withPassphrase(String passphrase) {
        return and("passphrase", passphrase);
    }

    /** With another operation than {@code read}: see the README beside the vectors. */
    Expectation on(String operation) {
        return and("operation", operation);
    }

    private Expectation and(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Expectation(more);
    }

    NegativeVector vector(String name, String why, String body) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putIfAbsent("operation", "read");
        all.put("why", why);
        return new NegativeVector(name, all, body);
    }
}
