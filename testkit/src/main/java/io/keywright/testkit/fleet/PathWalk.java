package io.keywright.testkit.fleet;

import io.keywright.testkit.fleet.ErrnoException.Errno;
import io.keywright.transport.RemoteAttributes.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Path resolution of POSIX.1 (XBD, section 4.13). Guarded by the file system's lock. */
final class PathWalk {
    /** Linux' limits. */
    private static final int MAX_LINKS = 40;

    private static final int MAX_NAME_BYTES = 255;
    private static final int MAX_PATH_BYTES = 4095;
    /** In UTF-8, of one of Java's characters. */
    private static final int MAX_BYTES_A_CHAR = 3;

    private final String path;
    private final Consumer<Inode> searchAllowed;
    private final Deque<String> todo = new ArrayDeque<>();
    private final List<Inode> directories = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private int links;

    /**
     * Where a path leads.
     *
     * @param parent the directory that holds the last name; the root for the root itself
     * @param name the last name; empty for the root
     * @param node what the name stands for, or null when there is nothing yet
     * @param above the directories from the root to {@code parent}; the walk that made it is over and changes it no more
     * @param names their names, without the root's
     */
    record Place(Inode parent, String name, @Nullable Inode node, List<Inode> above, List<String> names) {

        /** The absolute path without links and dots. */
        String canonical() {
            return (names.isEmpty() ? "" : "/" + String.join("/", names)) + "/" + name;
        }
    }

    private PathWalk(Inode root, String path, Consumer<Inode> searchAllowed) {
        this.path = path;
        this.searchAllowed = searchAllowed;
        directories.add(root);
        prepend(path);
    }

    /**
     * Resolves a path.
     *
     * @param path an absolute path
     * @param followLast whether a symbolic link at the end is followed
     * @param searchAllowed throws where the caller may not search a directory
     */
    static Place resolve(Inode root, String path, boolean followLast, Consumer<Inode> searchAllowed) {
        if (isLonger(path, MAX_PATH_BYTES)) {
            throw new ErrnoException(Errno.ENAMETOOLONG, path);
        }
        return new PathWalk(root, path, searchAllowed).run(followLast);
    }

    /** Tells whether a text has more bytes; most are so short that nobody needs to count them. */
    private static boolean isLonger(String text, int bytes) {
        return text.length() > bytes / MAX_BYTES_A_CHAR && text.getBytes(StandardCharsets.UTF_8).length > bytes;
    }

    private Place run(boolean followLast) {
        while (!todo.isEmpty()) {
            String name = todo.pop();
            Inode directory = directories.get(directories.size() - 1);
            searchAllowed.accept(directory);
            if (name.equals("..")) {
                goUp();
                continue;
            }
            Inode next = directory.entries().get(name);
            boolean last = todo.isEmpty();
            if (next == null) {
                if (last) {
                    return place(directory, name, null);
                }
                throw new ErrnoException(Errno.ENOENT, path);
            }
            if (next.kind == Kind.SYMLINK && (!last || followLast)) {
                follow(next);
            } else if (last) {
                return place(directory, name, next);
            } else if (next.isDirectory()) {
                directories.add(next);
                names.add(name);
            } else {
                throw new ErrnoException(Errno.ENOTDIR, path);
            }
        }
        return placeOfDirectory();
    }

    private void goUp() {
        if (!names.isEmpty()) {
            names.remove(names.size() - 1);
            directories.remove(directories.size() - 1);
        }
    }

    private void follow(Inode link) {
        if (++links > MAX_LINKS) {
            throw new ErrnoException(Errno.ELOOP, path);
        }
        if (link.target.startsWith("/")) {
            names.clear();
            directories.subList(1, directories.size()).clear();
        }
        prepend(link.target);
    }

    private void prepend(String names) {
        int end = names.length();
        while (end >= 0) {
            int slash = names.lastIndexOf('/', end - 1);
            String part = names.substring(slash + 1, end);
            if (isLonger(part, MAX_NAME_BYTES)) {
                throw new ErrnoException(Errno.ENAMETOOLONG, path);
            }
            if (!part.isEmpty() && !part.equals(".")) {
                todo.push(part);
            }
            end = slash;
        }
    }

    private Place place(Inode parent, String name, @Nullable Inode node) {
        return new Place(parent, name, node, directories, names);
    }

    private Place placeOfDirectory() {
        Inode self = directories.get(directories.size() - 1);
        if (names.isEmpty()) {
            return place(self, "", self);
        }
        String name = names.remove(names.size() - 1);
        directories.remove(directories.size() - 1);
        return place(directories.get(directories.size() - 1), name, self);
    }
}
