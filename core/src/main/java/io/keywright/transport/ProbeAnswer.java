package io.keywright.transport;

/** A server's answer to the question whether a public key would be accepted. "Could not ask" is an exception instead. */
public enum ProbeAnswer {
    /** The server would let this key in, given a signature ({@code SSH_MSG_USERAUTH_PK_OK}). */
    ACCEPTED,
    /** The server would not ({@code SSH_MSG_USERAUTH_FAILURE}). */
    REFUSED
}
