package io.keywright.rotation;

import io.keywright.SshKeyException;
import io.keywright.authorizedkeys.EditRefusedException;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.KeyExchangeException;
import io.keywright.transport.SftpException;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.UnreachableException;

/**
 * Why a step on a device failed.
 *
 * @param kind the sort of failure
 * @param retryable whether the same step may succeed later without anybody changing anything
 * @param message what happened, without secrets
 */
public record DeviceFailure(Kind kind, boolean retryable, String message) {

    /** Sorts of failures. */
    public enum Kind {
        /** No connection could be made. */
        UNREACHABLE,
        /** A call took too long. */
        TIMEOUT,
        /** The connection broke under way. */
        CONNECTION_LOST,
        /** Nothing is on record for the host. */
        HOST_KEY_UNKNOWN,
        /** The host shows another key than the one on record. */
        HOST_KEY_CHANGED,
        /** Client and server agree on no algorithm. */
        KEY_EXCHANGE,
        /** None of the stored keys, nor the authenticating credential, is let in. */
        LOGIN_REFUSED,
        /** The new key was added and is not let in: sshd does not read that file, or refuses it. */
        NEW_KEY_REFUSED,
        /** The old key logs in, and is in none of the files that were named. */
        KEY_NOT_IN_FILE,
        /** The server, or a forced command on the key, allows neither file transfer nor a shell, or sudo asks for a password. */
        CANNOT_EDIT,
        /** The file cannot be written: permissions, a read-only or full file system. */
        FILE_NOT_WRITABLE,
        /** The file is not of a kind that is edited safely. */
        FILE_REFUSED,
        /** The edit would have locked somebody out. */
        EDIT_REFUSED,
        /** The old key is still accepted although its lines are gone. */
        STILL_ACCEPTED,
        /** Another credential uses the same key on the same account. */
        SHARED_KEY,
        /** Another device of the rotation stands for the same file, and is not ready. */
        SHARED_FILE,
        /** The device came to the credential while the rotation was under way. */
        JOINED,
        /** Anything else. */
        OTHER
    }

    static DeviceFailure of(SshKeyException e) {
        boolean retryable = e instanceof TransportException transport && transport.retryable();
        return new DeviceFailure(kindOf(e), retryable, String.valueOf(e.getMessage()));
    }

    private static Kind kindOf(SshKeyException e) {
        if (e instanceof DeviceStepException step) {
            return step.kind();
        } else if (e instanceof UnreachableException) {
            return Kind.UNREACHABLE;
        } else if (e instanceof TransportTimeoutException) {
            return Kind.TIMEOUT;
        } else if (e instanceof ConnectionLostException) {
            return Kind.CONNECTION_LOST;
        } else if (e instanceof HostKeyRejectedException rejected) {
            return rejected.verdict().status() == HostKeyVerdict.Status.UNKNOWN
                    ? Kind.HOST_KEY_UNKNOWN
                    : Kind.HOST_KEY_CHANGED;
        } else if (e instanceof KeyExchangeException) {
            return Kind.KEY_EXCHANGE;
        } else if (e instanceof AuthenticationRefusedException || e instanceof AuthenticationLimitException) {
            return Kind.LOGIN_REFUSED;
        } else if (e instanceof ChannelRefusedException) {
            return Kind.CANNOT_EDIT;
        } else if (e instanceof EditRefusedException) {
            return Kind.EDIT_REFUSED;
        } else if (e instanceof RemoteFileException file) {
            return switch (file.reason()) {
                case NOT_WRITABLE, NOT_RESTORED -> Kind.FILE_NOT_WRITABLE;
                case NO_PRIVILEGE, SCRIPT_FAILED -> Kind.CANNOT_EDIT;
                default -> Kind.FILE_REFUSED;
            };
        } else if (e instanceof SftpException sftp) {
            return sftp.status() == SftpException.Status.PERMISSION_DENIED ? Kind.FILE_NOT_WRITABLE : Kind.OTHER;
        }
        return Kind.OTHER;
    }
}
