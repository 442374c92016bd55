package io.keywright.transport.internal;

import io.keywright.MalformedKeyException;
import io.keywright.internal.WireReader;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.RemoteAttributes.Kind;
import io.keywright.transport.SftpException;
import io.keywright.transport.SshTarget;
import io.keywright.transport.internal.SftpWire.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Decodes the responses of SFTP version 3 (draft-ietf-secsh-filexfer-02, sections 5 and 7).
 *
 * <pre>
 * STATUS 101: uint32 code, string message, string language        HANDLE 102: string handle
 * DATA   103: string data                                         ATTRS  105: attributes
 * NAME   104: uint32 count, (string filename, string longname, attributes)*
 * attributes: uint32 flags, [uint64 size] [uint32 uid, uint32 gid] [uint32 permissions] [uint32 atime, uint32 mtime]
 *             [uint32 count, (string type, string data)*]
 * </pre>
 */
final class SftpReplies {
    static final int FLAG_SIZE = 1;
    static final int FLAG_OWNER = 2;
    static final int FLAG_PERMISSIONS = 4;
    static final int FLAG_TIMES = 8;
    private static final long FLAG_EXTENDED = 0x80000000L;

    private static final int STATUS = 101;
    static final int HANDLE = 102;
    private static final int DATA = 103;
    private static final int NAME = 104;
    private static final int ATTRS = 105;

    private static final int OK = 0;
    private static final int EOF = 1;

    private static final int TYPE_BITS = 0170000;
    private static final int PERMISSION_BITS = 07777;

    private final SshTarget target;
    private final SftpWire wire;

    SftpReplies(SshTarget target, SftpWire wire) {
        this.target = target;
        this.wire = wire;
    }

    /** Expects success without content. */
    void ok(Reply reply, String operation, String path) {
        decode(reply, STATUS, operation, path, content -> true);
    }

    byte[] handle(Reply reply, String operation, String path) {
        return decode(reply, HANDLE, operation, path, content -> content.readString("bytes"));
    }

    RemoteAttributes attributes(Reply reply, String operation, String path) {
        return decode(reply, ATTRS, operation, path, SftpReplies::attributes);
    }

    /** Tells whether a response has the attributes of a regular file. */
    boolean isRegular(Reply reply) {
        return reply.type() == ATTRS && attributes(reply, "lstat", "").kind() == Kind.REGULAR;
    }

    /** Expects data, or empty at the end of the file. */
    Optional<byte[]> data(Reply reply, String operation, String path) {
        return endsHere(reply)
                ? Optional.empty()
                : Optional.of(decode(reply, DATA, operation, path, content -> content.readString("bytes")));
    }

    /** Expects names, or empty at the end of the directory. */
    Optional<List<String>> names(Reply reply, String operation, String path) {
        return endsHere(reply)
                ? Optional.empty()
                : Optional.of(decode(reply, NAME, operation, path, content -> {
                    List<String> names = new ArrayList<>();
                    for (long left = content.readUint32("count"); left > 0; left--) {
                        names.add(text(content, "name"));
                        content.readString("line for people");
                        attributes(content);
                    }
                    return names;
                }));
    }

    private interface Decoder<T> {
        T decode(WireReader content);
    }

    private static boolean endsHere(Reply reply) {
        return reply.type() == STATUS
                && reply.content().remaining() >= Integer.BYTES
                && reply.content().readUint32("status") == EOF;
    }

    private <T> T decode(Reply reply, int expected, String operation, String path, Decoder<T> decoder) {
        WireReader content = reply.content();
        try {
            if (reply.type() == STATUS) {
                long code = content.readUint32("status");
                if (code != OK) {
                    // Version 3 has a message; servers of version 2's time leave it out.
                    String message = content.remaining() > 0 ? text(content, "message") : "";
                    throw new SftpException(target, status(code), operation, path, message + ", status " + code);
                }
            }
            if (reply.type() != expected) {
                throw wire.broken("response " + reply.type() + " to " + operation);
            }
            return decoder.decode(content);
        } catch (MalformedKeyException e) {
            throw wire.broken("a response to " + operation + " ends early");
        }
    }

    private static RemoteAttributes attributes(WireReader content) {
        long flags = content.readUint32("flags");
        long size = (flags & FLAG_SIZE) != 0 ? content.readUint32("size") << 32 | content.readUint32("size") : 0;
        OptionalInt uid = OptionalInt.empty();
        OptionalInt gid = OptionalInt.empty();
        if ((flags & FLAG_OWNER) != 0) {
            uid = OptionalInt.of((int) content.readUint32("uid"));
            gid = OptionalInt.of((int) content.readUint32("gid"));
        }
        OptionalInt mode = (flags & FLAG_PERMISSIONS) != 0
                ? OptionalInt.of((int) content.readUint32("permissions"))
                : OptionalInt.empty();
        Optional<Instant> modified = Optional.empty();
        if ((flags & FLAG_TIMES) != 0) {
            content.readUint32("last access");
            modified = Optional.of(Instant.ofEpochSecond(content.readUint32("last change")));
        }
        if ((flags & FLAG_EXTENDED) != 0) {
            for (long left = content.readUint32("count of extensions"); left > 0; left--) {
                content.readString("extension's name");
                content.readString("extension's value");
            }
        }
        OptionalInt permissions =
                mode.isPresent() ? OptionalInt.of(mode.getAsInt() & PERMISSION_BITS) : OptionalInt.empty();
        return new RemoteAttributes(kind(mode), size, permissions, uid, gid, modified);
    }

    private static String text(WireReader content, String field) {
        return new String(content.readString(field), StandardCharsets.UTF_8);
    }

    private static Kind kind(OptionalInt mode) {
        return switch (mode.orElse(0) & TYPE_BITS) {
            case 0100000 -> Kind.REGULAR;
            case 0040000 -> Kind.DIRECTORY;
            case 0120000 -> Kind.SYMLINK;
            default -> Kind.OTHER;
        };
    }

    /** Version 3 ends at 8; the others are of later versions, and some servers send them all the same. */
    private static SftpException.Status status(long code) {
        return switch ((int) code) {
            case 2, 10 -> SftpException.Status.NO_SUCH_FILE;
            case 3 -> SftpException.Status.PERMISSION_DENIED;
            case 4 -> SftpException.Status.FAILURE;
            case 8 -> SftpException.Status.UNSUPPORTED;
            case 11 -> SftpException.Status.FILE_ALREADY_EXISTS;
            case 14, 15 -> SftpException.Status.NO_SPACE;
            default -> SftpException.Status.OTHER;
        };
    }
}
