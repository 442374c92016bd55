package io.keywright.authorizedkeys;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.keywright.SshPublicKey;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.Base64;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Counts bytes allocated, which do not depend on the machine's mood as seconds do. */
class LazinessTest {
    private static final int LINES = 100_000;
    private static final byte[] FILE = largeFile();

    /** RSA-sized blobs, all different; whether they are keys nobody finds out without decoding them. */
    private static byte[] largeFile() {
        ByteArrayOutputStream file = new ByteArrayOutputStream(LINES * 230);
        Random random = new Random(1);
        byte[] blob = new byte[151];
        byte[] name = Keys.bytes("\0\0\0\u0007ssh-rsa");
        for (int i = 0; i < LINES; i++) {
            random.nextBytes(blob);
            System.arraycopy(name, 0, blob, 0, name.length);
            file.writeBytes(Keys.bytes("ssh-rsa "));
            file.writeBytes(Base64.getEncoder().encode(blob));
            file.writeBytes(Keys.bytes(" user-" + i + "\n"));
            if (i == LINES / 2) {
                file.writeBytes(Keys.bytes(Keys.ALICE.toLine() + "\n"));
            }
        }
        return file.toByteArray();
    }

    private static <T> T within(long bytes, Supplier<T> work) {
        assertThat(work.get()).isNotNull(); // loads classes
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        T result = work.get();
        assertThat(threads.getThreadAllocatedBytes(thread) - before).isLessThan(bytes);
        return result;
    }

    @Test
    void parse_largeFile_allocatesItsBytesAndAnIndex() {
        // The copy of the file, four bytes for each line, and the guess that those four are cut from.
        AuthorizedKeys file =
                within(FILE.length + FILE.length / 16 + 4L * LINES + 1024, () -> AuthorizedKeys.parse(FILE));
        assertThat(file.lines()).hasSize(LINES + 1);
    }

    @Test
    void edit_largeFile_allocatesForWhatItChanges() {
        AuthorizedKeys file = AuthorizedKeys.parse(FILE);
        LineStore.Change change = new LineStore.Change(LINES / 2, 1, Keys.bytes("# gone\n"));
        LineStore store = LineStore.index(FILE);
        LineStore next = within(4096, () -> store.apply(java.util.List.of(change)));
        assertThat(next.size()).isEqualTo(LINES + 1);
        AuthorizedKeys replaced = file.replace(Keys.ALICE, Keys.BOB);
        assertThat(replaced.find(Keys.BOB)).extracting(Line::number).containsExactly(LINES / 2 + 2);
    }

    @Test
    void find_largeFile_decodesNoOtherKey() {
        AuthorizedKeys file = AuthorizedKeys.parse(FILE);
        SshPublicKey key = Keys.ALICE;
        // Some 150 bytes a line for its layout; decoding would add the blob, and a big number or two.
        assertThat(within(200L * LINES, () -> file.find(key))).hasSize(1);
    }

    @Test
    void lines_oneOfMany_readsThatOne() {
        AuthorizedKeys file = AuthorizedKeys.parse(FILE);
        assertThat(within(1024, () -> file.lines().get(LINES - 1))).isInstanceOf(Entry.class);
    }
}
