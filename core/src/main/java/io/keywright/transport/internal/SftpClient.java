package io.keywright.transport.internal;

import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import io.keywright.transport.DurableWrite;
import io.keywright.transport.HeldFile;
import io.keywright.transport.PosixRename;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.SftpWire.Asked;
import io.keywright.transport.internal.SftpWire.Reply;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SFTP version 3 as {@link SftpSession} needs it (draft-ietf-secsh-filexfer-02, section 6; OpenSSH's PROTOCOL, section 4).
 * Requests that do not depend on each other's answers are sent together: a small file is read in two round trips and
 * written in two. What nobody waits for travels with what is waited for next.
 */
public final class SftpClient implements SftpSession {
    private static final Logger LOG = LoggerFactory.getLogger(SftpSession.class);

    private static final int OPEN = 3;
    private static final int CLOSE = 4;
    private static final int READ = 5;
    private static final int WRITE = 6;
    private static final int LSTAT = 7;
    private static final int FSTAT = 8;
    private static final int SETSTAT = 9;
    private static final int FSETSTAT = 10;
    private static final int OPENDIR = 11;
    private static final int READDIR = 12;
    private static final int REMOVE = 13;
    private static final int MKDIR = 14;
    private static final int RMDIR = 15;
    private static final int REALPATH = 16;
    private static final int STAT = 17;
    private static final int RENAME = 18;
    private static final int READLINK = 19;
    private static final int EXTENDED = 200;

    private static final int FOR_READING = 1;
    private static final int FOR_WRITING = 2;
    private static final int AT_THE_END = 4;
    private static final int CREATE = 8;
    private static final int EXCLUSIVE = 0x20;

    private static final String POSIX_RENAME = "posix-rename@openssh.com";
    private static final String FSYNC = "fsync@openssh.com";

    // The draft's own example, and what every server takes in one packet.
    private static final int CHUNK_BYTES = 32 << 10;
    // Enough to fill a megabyte of round trip; more would only pile up in buffers.
    private static final int READS_AT_ONCE = 32;
    // Nobody edits keys in a directory with more; it keeps a hostile server from filling the memory.
    private static final int MAX_NAMES = 100_000;

    private final SshTarget target;
    private final SftpWire wire;
    private final SftpReplies replies;
    private final Subsystem subsystem;
    private final Map<String, String> extensions = new TreeMap<>();
    private final List<Looking> begun = new ArrayList<>();

    private SftpClient(SshTarget target, SftpWire wire, Subsystem subsystem) {
        this.target = target;
        this.wire = wire;
        this.replies = new SftpReplies(target, wire);
        this.subsystem = subsystem;
    }

    /**
     * Begins a session.
     *
     * @param target whom it is with, for exceptions and the time that a request may take
     * @param deadline bounds the beginning
     * @param starter starts the subsystem {@code sftp}, given what takes its output, and waits until the server has agreed
     * @return the session, which owns the subsystem
     */
    public static SftpClient open(
            SshTarget target, Deadline deadline, Function<Subsystem.Output, ? extends Subsystem> starter) {
        SftpWire wire = new SftpWire(target);
        SftpClient session = new SftpClient(target, wire, starter.apply(wire));
        boolean done = false;
        try {
            WireReader version = deadline.await(wire.start(session.subsystem), target, Phase.SFTP, "starting SFTP");
            while (version.remaining() > 0) {
                session.extensions.put(
                        text(version.readString("extension's name")), text(version.readString("extension's value")));
            }
            done = true;
            return session;
        } catch (MalformedKeyException e) {
            throw wire.broken("a list of extensions ends early");
        } finally {
            if (!done) {
                session.close();
            }
        }
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    @Override
    public String realPath(String path) {
        return sendRealPath(path).get();
    }

    @Override
    public Optional<RemoteAttributes> stat(String path) {
        return sendStat(path).get();
    }

    @Override
    public Optional<RemoteAttributes> lstat(String path) {
        return sendLstat(path).get();
    }

    @Override
    public Supplier<String> sendRealPath(String path) {
        Asked asked = wire.send(REALPATH, buffer -> buffer.writeString(path));
        return () -> oneName(await(asked, "realpath", path), "realpath", path);
    }

    @Override
    public Supplier<Optional<RemoteAttributes>> sendStat(String path) {
        Asked asked = wire.send(STAT, buffer -> buffer.writeString(path));
        return () -> attributes(asked, "stat", path);
    }

    @Override
    public Supplier<Optional<RemoteAttributes>> sendLstat(String path) {
        Asked asked = wire.send(LSTAT, buffer -> buffer.writeString(path));
        return () -> attributes(asked, "lstat", path);
    }

    @Override
    public Supplier<Optional<Located>> sendLocate(String path) {
        Supplier<Optional<RemoteAttributes>> attributes = sendLstat(path);
        Supplier<String> real = sendRealPath(path);
        return () -> attributes.get().map(found -> new Located(found, real));
    }

    @Override
    public Supplier<Optional<Look>> sendLook(String path, int maxBytes) {
        Asked asked = wire.send(LSTAT, buffer -> buffer.writeString(path));
        // Nothing is written to it. But a FIFO that has taken its name would keep the server waiting for a writer,
        // and all that comes after with it, were it opened to read only (fifo(7)).
        Asked opened = sendOpen(path, FOR_READING | FOR_WRITING);
        Looking looking = new Looking(path, maxBytes, asked, opened);
        begun.add(looking);
        return () -> look(looking);
    }

    /** A look that was begun. */
    private static final class Looking {
        private final String path;
        private final int maxBytes;
        private final Asked asked;
        private final Asked opened;
        private @Nullable Reading reading;

        Looking(String path, int maxBytes, Asked asked, Asked opened) {
            this.path = path;
            this.maxBytes = maxBytes;
            this.asked = asked;
            this.opened = opened;
        }
    }

    private Optional<Look> look(Looking looking) {
        readAllOpened();
        Optional<RemoteAttributes> attributes = attributes(looking.asked, "lstat", looking.path);
        if (attributes.isEmpty() || attributes.get().kind() != RemoteAttributes.Kind.REGULAR) {
            return attributes.map(other -> new Look(other, Optional.empty()));
        }
        return Optional.of(new Look(attributes.get(), Optional.of(content(looking))));
    }

    /** Whatever is being looked at is read at once: its opening was sent together. */
    private void readAllOpened() {
        List<Looking> all = List.copyOf(begun);
        begun.clear();
        for (Looking looking : all) {
            // These were sent; what is collected meanwhile waits for the readings.
            Reply found = await(looking.asked, "lstat", looking.path);
            Reply opened = await(looking.opened, "open", looking.path);
            if (opened.type() == SftpReplies.HANDLE) {
                byte[] handle = replies.handle(opened, "open", looking.path);
                if (replies.isRegular(found)) {
                    looking.reading = sendReading(handle);
                } else {
                    closeUnheard(handle);
                }
            }
        }
    }

    private byte[] content(Looking looking) {
        Reading reading = looking.reading;
        if (reading != null) {
            try {
                return finish(reading, looking.path, looking.maxBytes);
            } finally {
                closeUnheard(reading.handle);
            }
        }
        try {
            replies.handle(await(looking.opened, "open", looking.path), "open", looking.path);
        } catch (SftpException e) {
            if (e.status() == SftpException.Status.NO_SUCH_FILE) {
                throw e;
            }
        }
        return read(looking.path, looking.maxBytes); // it may be read, but not written
    }

    @Override
    public String readLink(String path) {
        Reply reply = ask(READLINK, "readlink", path, buffer -> buffer.writeString(path));
        return oneName(reply, "readlink", path);
    }

    @Override
    public Optional<HeldFile> hold(String path) {
        byte[] handle = openExisting("open", path, FOR_READING);
        return Optional.of(new HeldFile() {
            private boolean closed;

            @Override
            public byte[] read(int maxBytes) {
                return readWhole(handle, path, maxBytes);
            }

            @Override
            public Supplier<byte[]> sendRead(int maxBytes) {
                Reading begun = sendReading(handle);
                return () -> finish(begun, path, maxBytes);
            }

            @Override
            public void close() {
                if (!closed) {
                    closed = true;
                    closeUnheard(handle);
                }
            }
        });
    }

    @Override
    public byte[] read(String path, int maxBytes) {
        byte[] handle = openExisting("open", path, FOR_READING);
        try {
            return readWhole(handle, path, maxBytes);
        } finally {
            closeUnheard(handle);
        }
    }

    @Override
    public void createExclusive(String path, int mode, byte[] content) {
        beginExclusive(path, mode, content).run();
    }

    @Override
    public Runnable beginExclusive(String path, int mode, byte[] content) {
        return begin(path, mode, content, false);
    }

    @Override
    public void append(String path, byte[] content) {
        byte[] handle = openExisting("append", path, FOR_WRITING | AT_THE_END);
        sendContent(handle, path, content, List.of()).run();
    }

    @Override
    public void overwrite(String path, byte[] content) {
        byte[] handle = openExisting("overwrite", path, FOR_WRITING);
        Also cut = new Also("truncate", FSETSTAT, buffer -> {
            buffer.writeString(handle);
            buffer.writeUint32(SftpReplies.FLAG_SIZE);
            writeUint64(buffer, content.length);
        });
        sendContent(handle, path, content, List.of(cut)).run();
    }

    private byte[] openExisting(String operation, String path, int flags) {
        return replies.handle(await(sendOpen(path, flags), operation, path), operation, path);
    }

    private Asked sendOpen(String path, int flags) {
        return wire.send(OPEN, buffer -> {
            buffer.writeString(path);
            buffer.writeUint32(flags);
            buffer.writeUint32(0); // no attributes
        });
    }

    @Override
    public void setPermissions(String path, int mode) {
        sendPermissions(path, mode).run();
    }

    @Override
    public Runnable sendPermissions(String path, int mode) {
        return sendAttributes("chmod", path, SftpReplies.FLAG_PERMISSIONS, buffer -> buffer.writeUint32(mode & 07777));
    }

    @Override
    public void setOwner(String path, int uid, int gid) {
        sendAttributes("chown", path, SftpReplies.FLAG_OWNER, buffer -> {
                    buffer.writeUint32(uid & 0xffff_ffffL);
                    buffer.writeUint32(gid & 0xffff_ffffL);
                })
                .run();
    }

    @Override
    public void rename(String from, String to) {
        Reply reply = ask(RENAME, "rename", from, buffer -> {
            buffer.writeString(from);
            buffer.writeString(to);
        });
        replies.ok(reply, "rename", from + " to " + to);
    }

    @Override
    public void remove(String path) {
        replies.ok(ask(REMOVE, "remove", path, buffer -> buffer.writeString(path)), "remove", path);
    }

    @Override
    public void makeDirectory(String path, int mode) {
        Reply reply = ask(MKDIR, "mkdir", path, buffer -> {
            buffer.writeString(path);
            buffer.writeUint32(SftpReplies.FLAG_PERMISSIONS);
            buffer.writeUint32(mode & 07777);
        });
        replies.ok(reply, "mkdir", path);
    }

    @Override
    public void removeDirectory(String path) {
        replies.ok(ask(RMDIR, "rmdir", path, buffer -> buffer.writeString(path)), "rmdir", path);
    }

    @Override
    public List<String> list(String path) {
        byte[] handle =
                replies.handle(ask(OPENDIR, "opendir", path, buffer -> buffer.writeString(path)), "opendir", path);
        try {
            List<String> names = new ArrayList<>();
            while (true) {
                Optional<List<String>> more = replies.names(
                        ask(READDIR, "readdir", path, buffer -> buffer.writeString(handle)), "readdir", path);
                if (more.isEmpty()) {
                    return names;
                }
                more.get().stream()
                        .filter(name -> !name.equals(".") && !name.equals(".."))
                        .forEach(names::add);
                if (names.size() > MAX_NAMES) {
                    throw new LimitExceededException(
                            "names in the directory " + path, names.size(), MAX_NAMES, "this limit is fixed");
                }
            }
        } finally {
            closeUnheard(handle);
        }
    }

    @Override
    public Optional<PosixRename> posixRename() {
        return extensions.containsKey(POSIX_RENAME)
                ? Optional.of(new PosixRename() {
                    @Override
                    public void posixRename(String from, String to) {
                        send(from, to).run();
                    }

                    @Override
                    public Runnable send(String from, String to) {
                        Asked asked = wire.send(EXTENDED, buffer -> {
                            buffer.writeString(POSIX_RENAME);
                            buffer.writeString(from);
                            buffer.writeString(to);
                        });
                        return () -> replies.ok(await(asked, "posix-rename", from), "posix-rename", from + " to " + to);
                    }
                })
                : Optional.empty();
    }

    @Override
    public Optional<DurableWrite> durableWrite() {
        return extensions.containsKey(FSYNC)
                ? Optional.of(new DurableWrite() {
                    @Override
                    public void createExclusiveSynced(String path, int mode, byte[] content) {
                        begin(path, mode, content).run();
                    }

                    @Override
                    public Runnable begin(String path, int mode, byte[] content) {
                        return SftpClient.this.begin(path, mode, content, true);
                    }
                })
                : Optional.empty();
    }

    @Override
    public void close() {
        subsystem.abandon();
    }

    /** Says whom this session belongs to. */
    @Override
    public String toString() {
        return "SftpSession[" + target + "]";
    }

    private Runnable begin(String path, int mode, byte[] content, boolean synced) {
        Reply opened = ask(OPEN, "create", path, buffer -> {
            buffer.writeString(path);
            buffer.writeUint32(FOR_WRITING | CREATE | EXCLUSIVE);
            buffer.writeUint32(SftpReplies.FLAG_PERMISSIONS);
            buffer.writeUint32(mode & 07777);
        });
        byte[] handle = replies.handle(opened, "create", path);
        Also flush = new Also("fsync", EXTENDED, buffer -> {
            buffer.writeString(FSYNC);
            buffer.writeString(handle);
        });
        Runnable written = sendContent(handle, path, content, synced ? List.of(flush) : List.of());
        return () -> {
            try {
                written.run();
            } catch (SftpException e) {
                removeHalfWritten(path, e);
                throw e;
            }
        };
    }

    /** A request about an open file, after it was written. */
    private record Also(String operation, int type, Consumer<WireWriter> content) {}

    /** Requests about one file are carried out in order, so all of these travel together; it is closed at last. */
    private Runnable sendContent(byte[] handle, String path, byte[] content, List<Also> also) {
        List<Asked> writes = new ArrayList<>();
        for (int start = 0; start < content.length; start += CHUNK_BYTES) {
            int offset = start;
            int length = Math.min(CHUNK_BYTES, content.length - start);
            writes.add(wire.send(WRITE, buffer -> {
                buffer.writeString(handle);
                writeUint64(buffer, offset);
                buffer.writeString(Arrays.copyOfRange(content, offset, offset + length));
            }));
        }
        List<Asked> more = also.stream()
                .map(request -> wire.send(request.type(), request.content()))
                .toList();
        Asked closed = wire.send(CLOSE, buffer -> buffer.writeString(handle));
        return () -> {
            for (Asked write : writes) {
                replies.ok(await(write, "write", path), "write", path);
            }
            for (int i = 0; i < more.size(); i++) {
                String operation = also.get(i).operation();
                replies.ok(await(more.get(i), operation, path), operation, path);
            }
            replies.ok(await(closed, "close", path), "close", path);
        };
    }

    /** The file is ours, because its creation was exclusive, and it is not what was asked for. */
    private void removeHalfWritten(String path, SftpException failure) {
        try {
            remove(path);
        } catch (TransportException e) {
            failure.addSuppressed(e);
        }
    }

    /** The beginning of a reading: the file's attributes, and its first piece, which mostly is all of it. */
    private static final class Reading {
        final byte[] handle;
        final Asked attributes;
        final Asked first;

        Reading(byte[] handle, Asked attributes, Asked first) {
            this.handle = handle;
            this.attributes = attributes;
            this.first = first;
        }
    }

    private Reading sendReading(byte[] handle) {
        return new Reading(handle, wire.send(FSTAT, buffer -> buffer.writeString(handle)), sendRead(handle, 0));
    }

    private byte[] readWhole(byte[] handle, String path, int maxBytes) {
        return finish(sendReading(handle), path, maxBytes);
    }

    private byte[] finish(Reading begun, String path, int maxBytes) {
        byte[] handle = begun.handle;
        long size = replies.attributes(await(begun.attributes, "fstat", path), "fstat", path)
                .sizeBytes();
        // Some servers tell the size of what has that name by now; what can be read decides.
        if (size > maxBytes
                && replies.data(await(sendRead(handle, maxBytes), "read", path), "read", path)
                        .isPresent()) {
            requireWithin(path, size, maxBytes);
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream((int) Math.min(size, maxBytes));
        Optional<byte[]> piece = replies.data(await(begun.first, "read", path), "read", path);
        while (piece.isPresent()) {
            content.writeBytes(piece.get());
            requireWithin(path, content.size(), maxBytes);
            if (content.size() >= size && piece.get().length < CHUNK_BYTES) {
                break; // a regular file is read short at its end only, and its size agrees
            }
            piece = readOn(handle, path, content, size);
        }
        return content.toByteArray();
    }

    /** Asks for everything that the size promises, at most so many pieces at once, and at least for one. */
    private Optional<byte[]> readOn(byte[] handle, String path, ByteArrayOutputStream content, long size) {
        List<Asked> reads = new ArrayList<>();
        long offset = content.size();
        do {
            reads.add(sendRead(handle, offset));
            offset += CHUNK_BYTES;
        } while (offset < size && reads.size() < READS_AT_ONCE);
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        boolean gap = false;
        boolean any = false;
        for (Asked read : reads) {
            Optional<byte[]> piece = replies.data(await(read, "read", path), "read", path);
            if (!gap && piece.isPresent()) {
                any = true;
                joined.writeBytes(piece.get());
            }
            // After a short piece the later ones are not where they belong; they are asked for again.
            gap |= piece.isEmpty() || piece.get().length < CHUNK_BYTES;
        }
        return any ? Optional.of(joined.toByteArray()) : Optional.empty();
    }

    private Asked sendRead(byte[] handle, long offset) {
        return wire.send(READ, buffer -> {
            buffer.writeString(handle);
            writeUint64(buffer, offset);
            buffer.writeUint32(CHUNK_BYTES);
        });
    }

    private static void writeUint64(WireWriter writer, long value) {
        writer.writeUint32(value >>> 32).writeUint32(value & 0xffff_ffffL);
    }

    private static void requireWithin(String path, long size, int maxBytes) {
        if (size > maxBytes) {
            throw new LimitExceededException("bytes in " + path, size, maxBytes, "SftpSession.read takes the limit");
        }
    }

    /** Closes a handle that was only read from: nothing depends on the answer, so nobody waits for it. */
    private void closeUnheard(byte[] handle) {
        CompletableFuture<?> unused = wire.send(CLOSE, buffer -> buffer.writeString(handle))
                .whenComplete((reply, failure) -> {
                    if (failure != null) {
                        LOG.debug("{}: a handle was not closed", target, failure);
                    }
                });
    }

    private Optional<RemoteAttributes> attributes(Asked reply, String operation, String path) {
        try {
            return Optional.of(replies.attributes(await(reply, operation, path), operation, path));
        } catch (SftpException e) {
            if (e.status() == SftpException.Status.NO_SUCH_FILE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Runnable sendAttributes(String operation, String path, int flag, Consumer<WireWriter> value) {
        Asked asked = wire.send(SETSTAT, buffer -> {
            buffer.writeString(path);
            buffer.writeUint32(flag);
            value.accept(buffer);
        });
        return () -> replies.ok(await(asked, operation, path), operation, path);
    }

    private String oneName(Reply reply, String operation, String path) {
        List<String> names = replies.names(reply, operation, path).orElse(List.of());
        if (names.size() != 1) {
            throw wire.broken(names.size() + " names in answer to " + operation);
        }
        return names.get(0);
    }

    private Reply ask(int type, String operation, String path, Consumer<WireWriter> content) {
        return await(wire.send(type, content), operation, path);
    }

    private Reply await(Asked reply, String operation, String path) {
        wire.sendUpTo(reply);
        return Deadline.in(target.timeouts().request())
                .await(reply, target, Phase.SFTP, "SFTP " + operation + " of " + path);
    }
}
