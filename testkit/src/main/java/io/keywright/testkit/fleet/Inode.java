package io.keywright.testkit.fleet;

import io.keywright.transport.RemoteAttributes;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A file of any kind, without its name. Guarded by its file system's lock. */
final class Inode {
    private static final byte[] NOTHING = {};

    final RemoteAttributes.Kind kind;
    int mode;
    int uid;
    int gid;
    long modifiedSeconds;
    /** The SELinux type, or null where there is none. */
    @Nullable
    String label;

    /** What readers see. */
    byte[] content = NOTHING;
    /** What the disk holds: the same array once it was written back. */
    byte[] durable = NOTHING;
    /** The number of the latest change of what stands above, or of its making: no other file's is the same. */
    long changedAt;
    /** When unsynced content was first written; meaningless while {@link #content} is {@link #durable}. */
    long dirtySinceSeconds;

    /** Where a symbolic link points. */
    final String target;

    private @Nullable NavigableMap<String, Inode> entries;

    Inode(RemoteAttributes.Kind kind, int mode, String target) {
        this.kind = kind;
        this.mode = mode;
        this.target = target;
    }

    static Inode of(RemoteAttributes.Kind kind, int mode) {
        return new Inode(kind, mode, "");
    }

    boolean isDirectory() {
        return kind == RemoteAttributes.Kind.DIRECTORY;
    }

    boolean isRegular() {
        return kind == RemoteAttributes.Kind.REGULAR;
    }

    /** Returns the directory's entries; to be changed only through {@link WriteBack}. */
    NavigableMap<String, Inode> entries() {
        NavigableMap<String, Inode> present = entries;
        if (present == null) {
            present = new TreeMap<>();
            entries = present;
        }
        return present;
    }

    long size() {
        return switch (kind) {
            case REGULAR -> content.length;
            case SYMLINK -> target.length();
            case DIRECTORY -> 4096;
            case OTHER -> 0;
        };
    }

    RemoteAttributes attributes() {
        return new RemoteAttributes(
                kind,
                size(),
                OptionalInt.of(mode),
                OptionalInt.of(uid),
                OptionalInt.of(gid),
                Optional.of(Instant.ofEpochSecond(modifiedSeconds)));
    }
}
