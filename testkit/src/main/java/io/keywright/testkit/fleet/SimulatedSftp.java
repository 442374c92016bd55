package io.keywright.testkit.fleet;

import io.keywright.LimitExceededException;
import io.keywright.testkit.fleet.ErrnoException.Errno;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.DurableWrite;
import io.keywright.transport.HeldFile;
import io.keywright.transport.PosixRename;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpException.Status;
import io.keywright.transport.SftpSession;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** SFTP the way OpenSSH's sftp-server answers it (sftp-server.c), over a {@link PosixFileSystem}. */
final class SimulatedSftp implements SftpSession {
    /** As long as the real transport's. */
    private static final int MAX_NAMES = 100_000;

    private final Wire wire;
    private final UserFiles files;
    private boolean closed;

    SimulatedSftp(Wire wire) {
        this.wire = wire;
        this.files = wire.session()
                .account()
                .files()
                .withUmask(wire.session().config().umask());
    }

    @Override
    public String realPath(String path) {
        return ask(Verb.REAL_PATH, "realpath", path, attempt -> files.realPath(path));
    }

    @Override
    public Optional<RemoteAttributes> stat(String path) {
        return ask(Verb.STAT, "stat", path, attempt -> ifPresent(() -> files.stat(path)));
    }

    @Override
    public Optional<RemoteAttributes> lstat(String path) {
        return ask(Verb.LSTAT, "lstat", path, attempt -> ifPresent(() -> files.lstat(path)));
    }

    private static Optional<RemoteAttributes> ifPresent(Supplier<RemoteAttributes> call) {
        try {
            return Optional.of(call.get());
        } catch (ErrnoException e) {
            if (status(e.errno()) == Status.NO_SUCH_FILE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public String readLink(String path) {
        return ask(Verb.READ_LINK, "readlink", path, attempt -> files.readLink(path));
    }

    @Override
    public byte[] read(String path, int maxBytes) {
        return ask(Verb.READ, "read", path, attempt -> within(path, files.read(path), maxBytes));
    }

    @Override
    public Optional<HeldFile> hold(String path) {
        Supplier<byte[]> content = ask(Verb.OPEN, "open", path, attempt -> files.open(path));
        return Optional.of(new HeldFile() {
            @Override
            public byte[] read(int maxBytes) {
                return ask(Verb.READ, "read", path, attempt -> within(path, content.get(), maxBytes));
            }

            @Override
            public void close() {
                // nobody waits for the answer of a close after reading
            }
        });
    }

    private static byte[] within(String path, byte[] content, int maxBytes) {
        if (content.length > maxBytes) {
            throw new LimitExceededException(
                    "bytes in " + path, content.length, maxBytes, "SftpSession.read takes the limit");
        }
        return content;
    }

    @Override
    public void createExclusive(String path, int mode, byte[] content) {
        create(Verb.CREATE, path, mode, content);
    }

    private void create(Verb verb, String path, int mode, byte[] content) {
        byte[] copy = content.clone();
        run(verb, "create", path, attempt -> {
            byte[] written = Arrays.copyOf(copy, Math.min(copy.length, attempt.contentLimit()));
            try {
                files.createExclusive(path, mode, written);
            } catch (ErrnoException e) {
                if (e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT) {
                    files.remove(path); // the client tidies up what it could not write
                }
                throw e;
            }
            if (verb == Verb.CREATE_SYNCED && written.length == copy.length) {
                files.fsync(path);
            }
        });
    }

    @Override
    public void append(String path, byte[] content) {
        byte[] copy = content.clone();
        run(Verb.APPEND, "append", path, attempt -> {
            files.stat(path); // sftp-server creates nothing unless it is asked to
            files.append(path, Arrays.copyOf(copy, Math.min(copy.length, attempt.contentLimit())));
        });
    }

    @Override
    public void overwrite(String path, byte[] content) {
        byte[] copy = content.clone();
        run(Verb.OVERWRITE, "overwrite", path, attempt -> {
            byte[] before = files.read(path);
            int written = Math.min(copy.length, attempt.contentLimit());
            // Cut in the middle, what was written stands in front of the rest of what was there.
            byte[] after = written == copy.length ? copy : Arrays.copyOf(copy, Math.max(written, before.length));
            if (after.length > written) {
                System.arraycopy(before, written, after, written, before.length - written);
            }
            files.write(path, after);
        });
    }

    @Override
    public void setPermissions(String path, int mode) {
        run(Verb.SET_PERMISSIONS, "chmod", path, attempt -> files.setPermissions(path, mode));
    }

    @Override
    public void setOwner(String path, int uid, int gid) {
        run(Verb.SET_OWNER, "chown", path, attempt -> files.setOwner(path, uid, gid));
    }

    @Override
    public void rename(String from, String to) {
        run(Verb.RENAME, "rename", from + " to " + to, attempt -> files.renameNew(from, to));
    }

    @Override
    public void remove(String path) {
        run(Verb.REMOVE, "remove", path, attempt -> files.remove(path));
    }

    @Override
    public void makeDirectory(String path, int mode) {
        run(Verb.MAKE_DIRECTORY, "mkdir", path, attempt -> files.makeDirectory(path, mode));
    }

    @Override
    public void removeDirectory(String path) {
        run(Verb.REMOVE_DIRECTORY, "rmdir", path, attempt -> files.removeDirectory(path));
    }

    @Override
    public List<String> list(String path) {
        return ask(Verb.LIST, "list", path, attempt -> {
            List<String> names = files.list(path);
            if (names.size() > MAX_NAMES) {
                throw new LimitExceededException(
                        "names in the directory " + path, names.size(), MAX_NAMES, "this limit is fixed");
            }
            return names;
        });
    }

    @Override
    public Optional<PosixRename> posixRename() {
        return wire.session().config().posixRename()
                ? Optional.of((from, to) ->
                        run(Verb.POSIX_RENAME, "posix-rename", from + " to " + to, attempt -> files.rename(from, to)))
                : Optional.empty();
    }

    @Override
    public Optional<DurableWrite> durableWrite() {
        return wire.session().config().fsync()
                ? Optional.of((path, mode, content) -> create(Verb.CREATE_SYNCED, path, mode, content))
                : Optional.empty();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (wire.isOpen()) {
            try {
                wire.<Boolean>step(Verb.CLOSE_SFTP, "", wire.target().timeouts().request(), attempt -> true);
            } catch (ConnectionLostException | TransportTimeoutException brokenAnyway) {
                wire.drop(); // nobody wants this session any more; the connection says for itself that it is lost
            }
        }
    }

    // --- how ---

    private interface Change {
        void apply(Wire.Attempt attempt);
    }

    private void run(Verb verb, String operation, String path, Change change) {
        this.<Boolean>ask(verb, operation, path, attempt -> {
            change.apply(attempt);
            return true;
        });
    }

    private <T> T ask(Verb verb, String operation, String path, Wire.Effect<T> effect) {
        if (closed) {
            throw new ConnectionLostException(wire.target(), Phase.SFTP, "the SFTP session is closed", null);
        }
        return wire.step(verb, path, wire.target().timeouts().request(), attempt -> {
            try {
                return effect.run(attempt);
            } catch (ErrnoException e) {
                if (e.errno() == Errno.EAGAIN) {
                    throw wire.hang(verb, wire.target().timeouts().request());
                }
                throw new SftpException(
                        wire.target(),
                        status(e.errno()),
                        operation,
                        path,
                        e.errno().toString());
            }
        });
    }

    /** Reduces an error the way OpenSSH does (sftp-server.c, errno_to_portable): much becomes a mere failure. */
    private static Status status(Errno errno) {
        return switch (errno) {
            case ENOENT, ENOTDIR, ELOOP -> Status.NO_SUCH_FILE;
            case EACCES, EPERM -> Status.PERMISSION_DENIED;
            case EINVAL, ENAMETOOLONG -> Status.OTHER;
            case EEXIST, EISDIR, ENOTEMPTY, ENOSPC, EDQUOT, EROFS, EAGAIN -> Status.FAILURE;
        };
    }

    /** Says whom this session belongs to. */
    @Override
    public String toString() {
        return "SimulatedSftp[" + wire.target() + "]";
    }
}
