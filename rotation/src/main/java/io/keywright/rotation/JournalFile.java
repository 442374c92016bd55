package io.keywright.rotation;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The journal of one rotation in its file. Thread-safe, although one thread is expected. */
final class JournalFile implements RotationJournal.Log {
    private final DurableFiles files;
    private final Path file;
    private final String credential;
    private final String rotation;

    /** The last good line, and where it ends; behind it there may be what a crash left of an append. */
    private JournalLines last;

    private long end;
    private @Nullable FileChannel channel;
    private boolean closed;
    private boolean broken;

    private JournalFile(DurableFiles files, Path file, String credential, String rotation) {
        this.files = files;
        this.file = file;
        this.credential = credential;
        this.rotation = rotation;
        this.last = new JournalLines(credential, rotation);
    }

    /** Makes the file with its first lines; nobody else may be writing in its directory, and it must not be there. */
    static JournalFile begin(
            DurableFiles files, Path file, String credential, String rotation, List<JournalEntry> beginning)
            throws IOException {
        JournalFile journal = new JournalFile(files, file, credential, rotation);
        byte[] lines = journal.encode(journal.last, beginning);
        files.replace(file, lines);
        journal.end = lines.length;
        return journal;
    }

    static JournalFile open(DurableFiles files, Path file, String credential, String rotation) {
        JournalFile journal = new JournalFile(files, file, credential, rotation);
        JournalLines lines = new JournalLines(credential, rotation);
        journal.end = journal.scan(lines, entry -> {});
        if (journal.end == 0) {
            throw new JournalException("the journal " + file + " is damaged: it has lost its beginning", null);
        }
        journal.last = lines;
        return journal;
    }

    @Override
    public String rotation() {
        return rotation;
    }

    @Override
    public List<JournalEntry> entries() {
        List<JournalEntry> entries = new ArrayList<>();
        replay(entries::add);
        return List.copyOf(entries);
    }

    @Override
    public synchronized void replay(Consumer<JournalEntry> reader) {
        requireOpen();
        scan(new JournalLines(credential, rotation), reader);
    }

    @Override
    public synchronized void append(List<JournalEntry> entries) {
        requireOpen();
        if (broken) {
            throw new JournalException("an earlier append to " + file + " failed: open the journal again", null);
        }
        if (entries.isEmpty()) {
            return;
        }
        JournalLines next = last.copy();
        byte[] lines = encode(next, entries);
        try {
            LockFile alone = FileRotationJournal.writing(files, file);
            try {
                broken = true; // until it is known to be durable: nobody knows what a failed write or sync has left
                requireNobodyElse();
                files.append(file, writer(), end, ByteBuffer.wrap(lines));
                broken = false;
            } finally {
                alone.close();
            }
        } catch (IOException e) {
            throw FileRotationJournal.failed("cannot append to " + file, e);
        }
        end += lines.length;
        last = next;
    }

    private byte[] encode(JournalLines after, List<JournalEntry> entries) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream(256 * entries.size());
        try {
            for (JournalEntry entry : entries) {
                lines.writeBytes(after.encode(entry));
            }
        } catch (JsonFields.DamagedException e) {
            throw new JournalException("cannot write to " + file + ": " + e.getMessage(), e);
        }
        return lines.toByteArray();
    }

    /** A torn tail has no line feed; a line behind our last one means that somebody else has appended. */
    private void requireNobodyElse() throws IOException {
        long size = writer().size();
        if (size < end) {
            throw new JournalException(file + " has become shorter since it was read", null);
        }
        if (size > end) {
            try (InputStream in = new BufferedInputStream(files.openForReading(file))) {
                in.skipNBytes(end);
                for (int b = in.read(); b >= 0; b = in.read()) {
                    if (b == '\n') {
                        throw new JournalException("somebody else has appended to " + file + ": open it again", null);
                    }
                }
            }
        }
    }

    private FileChannel writer() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            open = files.openForWriting(file);
            channel = open;
        }
        return open;
    }

    /** Reads the file from its beginning, and returns where its last good line ends. */
    private long scan(JournalLines lines, Consumer<JournalEntry> reader) {
        long offset = 0;
        long number = 1;
        try (InputStream in = files.openForReading(file)) {
            byte[] buffer = new byte[1 << 16];
            int used = 0;
            for (int read = in.read(buffer, 0, buffer.length); read >= 0; ) {
                used += read;
                int begin = 0;
                for (int i = used - read; i < used; i++) {
                    if (buffer[i] == '\n') {
                        reader.accept(lines.decode(Arrays.copyOfRange(buffer, begin, i)));
                        offset += i + 1 - begin;
                        begin = i + 1;
                        number++;
                    }
                }
                used -= begin;
                System.arraycopy(buffer, begin, buffer, 0, used);
                if (used >= JournalLines.MAX_LINE_BYTES) {
                    throw new JsonFields.DamagedException("it is longer than " + JournalLines.MAX_LINE_BYTES);
                }
                if (used == buffer.length) {
                    buffer = Arrays.copyOf(buffer, 2 * used);
                }
                read = in.read(buffer, used, buffer.length - used);
            }
            return offset; // what is left is a torn line
        } catch (JsonFields.DamagedException e) {
            throw new JournalException(
                    "the journal " + file + " is damaged, line " + number + ": " + e.getMessage()
                            + "; restore the file, or see what its lines say and probe the devices",
                    e);
        } catch (IOException e) {
            throw FileRotationJournal.failed("cannot read the journal " + file, e);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            FileChannel open = channel;
            if (open != null) {
                open.close(); // every append is on disk already
            }
        } catch (IOException e) {
            throw FileRotationJournal.failed("cannot close the journal " + file, e);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the journal " + file + " is closed");
        }
    }

    /** Names the file. */
    @Override
    public String toString() {
        return "JournalFile[" + file + "]";
    }
}
