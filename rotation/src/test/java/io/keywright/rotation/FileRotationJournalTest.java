package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is special about files; the contract itself is tested in testkit. */
class FileRotationJournalTest {
    @TempDir(factory = FastDirectory.class)
    private Path temporary;

    private Path directory;
    private Path file;

    @BeforeEach
    void place() {
        directory = temporary.resolve("journal");
        file = directory.resolve("web/r1.jsonl");
    }

    private static JournalEntry entry(int number) {
        return new JournalEntry(
                Instant.ofEpochSecond(1_800_000_000L + number),
                JournalEntry.Step.EXPANDED,
                Optional.of("web-" + number),
                Map.of("old", "accepted"));
    }

    private static List<JournalEntry> entries(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(FileRotationJournalTest::entry)
                .toList();
    }

    private byte[] write(int count) throws IOException {
        try (RotationJournal.Log log = FileRotationJournal.open(directory).begin("web", "r1", entries(1))) {
            log.append(entries(count).subList(1, count));
        }
        return Files.readAllBytes(file);
    }

    private List<JournalEntry> read() {
        try (RotationJournal.Log log =
                FileRotationJournal.open(directory).openLatest("web").orElseThrow()) {
            return log.entries();
        }
    }

    @Nested
    class Format {
        @Test
        void lines_areAsDocumented() throws IOException {
            write(2);
            assertThat(Files.readAllLines(file, StandardCharsets.US_ASCII))
                    .containsExactly(
                            "{\"seq\":1,\"at\":\"2027-01-15T08:00:01Z\",\"step\":\"EXPANDED\",\"device\":\"web-1\","
                                    + "\"facts\":{\"old\":\"accepted\"},\"sum\":\"%s\"}"
                                            .formatted(sum("keywright journal 1 web r1", 1)),
                            "{\"seq\":2,\"at\":\"2027-01-15T08:00:02Z\",\"step\":\"EXPANDED\",\"device\":\"web-2\","
                                    + "\"facts\":{\"old\":\"accepted\"},\"sum\":\"%s\"}"
                                            .formatted(sum(sum("keywright journal 1 web r1", 1), 2)));
        }

        // the documented formula, written down a second time
        private static String sum(String previous, int number) {
            String line =
                    "{\"seq\":%d,\"at\":\"2027-01-15T08:00:0%dZ\",\"step\":\"EXPANDED\",\"device\":\"web-%d\",\"facts\":{\"old\":\"accepted\"}"
                            .formatted(number, number, number);
            try {
                byte[] digest = java.security.MessageDigest.getInstance("SHA-256")
                        .digest((previous + "\n" + line).getBytes(StandardCharsets.UTF_8));
                return java.util.HexFormat.of().formatHex(digest, 0, 8);
            } catch (java.security.NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }

        @Test
        void permissions_areTheOwnersOnly() throws IOException {
            write(1);
            for (Path path : List.of(directory, file.getParent())) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .isEqualTo("rwx------");
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }

    @Nested
    class TornTail {
        @Test
        void cutAnywhere_leavesTheWholeLinesAndGoesOn() throws IOException {
            byte[] whole = write(3);
            for (int length = whole.length / 3; length <= whole.length; length++) {
                Files.write(file, Arrays.copyOf(whole, length));
                int lines = (int) new String(whole, 0, length, StandardCharsets.US_ASCII)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
                assertThat(read()).as("cut at " + length).isEqualTo(entries(lines));
                try (RotationJournal.Log log =
                        FileRotationJournal.open(directory).openLatest("web").orElseThrow()) {
                    log.append(List.of(entry(lines + 1)));
                }
                assertThat(read()).as("appended at " + length).isEqualTo(entries(lines + 1));
            }
        }

        @Test
        void garbageWithoutLineFeed_leftOut() throws IOException {
            write(2);
            Files.write(file, new byte[5000], StandardOpenOption.APPEND);
            assertThat(read()).isEqualTo(entries(2));
        }

        @Test
        void reading_doesNotTouchTheFile() throws IOException {
            write(2);
            Files.write(file, "{\"seq".getBytes(StandardCharsets.US_ASCII), StandardOpenOption.APPEND);
            long before = Files.size(file);
            assertThat(read()).hasSize(2);
            assertThat(Files.size(file)).isEqualTo(before);
        }
    }

    @Nested
    class Damage {
        private void assertDamaged(int line) {
            assertThatThrownBy(FileRotationJournalTest.this::read)
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("r1.jsonl")
                    .hasMessageContaining("line " + line);
        }

        @Test
        void anyFlippedByte_refusedUnlessItIsTheLastLineFeed() throws IOException {
            byte[] whole = write(3);
            int length = whole.length / 3;
            for (int i = 0; i < whole.length - 1; i++) {
                byte[] damaged = whole.clone();
                damaged[i] ^= 0x04;
                Files.write(file, damaged);
                assertDamaged(i / length + 1);
            }
        }

        @Test
        void removedLine_refused() throws IOException {
            write(3);
            List<String> lines = Files.readAllLines(file);
            Files.write(file, List.of(lines.get(0), lines.get(2)));
            assertDamaged(2);
        }

        @Test
        void repeatedLine_refused() throws IOException {
            write(2);
            List<String> lines = Files.readAllLines(file);
            Files.write(file, List.of(lines.get(0), lines.get(1), lines.get(1)));
            assertDamaged(3);
        }

        @Test
        void emptyLineAtTheEnd_refused() throws IOException {
            write(1);
            Files.writeString(file, "\n", StandardOpenOption.APPEND);
            assertDamaged(2);
        }

        @Test
        void fileOfAnotherRotation_refused() throws IOException {
            write(1);
            Files.move(file, file.resolveSibling("r2.jsonl"));
            assertThatThrownBy(FileRotationJournalTest.this::read)
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("line 1");
        }

        @Test
        void endlessLine_refused() throws IOException {
            write(1);
            Files.write(file, new byte[3 << 20], StandardOpenOption.APPEND);
            assertDamaged(2);
        }

        @Test
        void tooLongEntry_refusedWhenWritten() throws IOException {
            FileRotationJournal journal = FileRotationJournal.open(directory);
            JournalEntry large = new JournalEntry(
                    Instant.EPOCH,
                    JournalEntry.Step.FAILED,
                    Optional.empty(),
                    Map.of("k", "x".repeat(JournalLines.MAX_LINE_BYTES)));
            assertThatThrownBy(() -> journal.begin("web", "r1", List.of(large))).isInstanceOf(JournalException.class);
            assertThat(journal.openLatest("web")).isEmpty();
            try (RotationJournal.Log log = journal.begin("web", "r1", entries(1))) {
                assertThatThrownBy(() -> log.append(List.of(large))).isInstanceOf(JournalException.class);
                log.append(List.of(entry(2)));
            }
            assertThat(read()).isEqualTo(entries(2));
        }

        @Test
        void beginningIsCutOff_refused() throws IOException {
            byte[] whole = write(1);
            for (int length = 0; length < whole.length; length++) {
                Files.write(file, Arrays.copyOf(whole, length));
                assertThatThrownBy(FileRotationJournalTest.this::read)
                        .as("cut at " + length)
                        .isInstanceOf(JournalException.class)
                        .hasMessageContaining("r1.jsonl")
                        .hasMessageContaining("beginning");
            }
        }
    }

    @Nested
    class Crash {
        private static final class Death extends Error {
            private static final long serialVersionUID = 1;
        }

        private int steps;

        private DurableFiles dyingAt(int step) {
            steps = 0;
            return new DurableFiles((what, path) -> {
                if (++steps == step) {
                    throw new Death();
                }
            });
        }

        @Test
        void atEveryStep_leavesWhatWasAcknowledgedAndMaybeTheNextAppend() throws IOException {
            int step = 1;
            for (boolean died = true; died; step++) {
                directory = temporary.resolve("at-" + step);
                file = directory.resolve("web/r1.jsonl");
                int acknowledged = 0;
                try (RotationJournal.Log log =
                        FileRotationJournal.open(directory, dyingAt(step)).begin("web", "r1", entries(1))) {
                    acknowledged = 1;
                    log.append(List.of(entry(2)));
                    acknowledged = 2;
                    log.append(List.of(entry(3)));
                    acknowledged = 3;
                    died = false;
                } catch (Death e) {
                    // as planned
                }
                List<JournalEntry> left = FileRotationJournal.open(directory)
                        .openLatest("web")
                        .map(RotationJournal.Log::entries)
                        .orElse(List.of());
                assertThat(left).as("step " + step).isIn(entries(acknowledged), entries(acknowledged + 1));
            }
            assertThat(step).as("steps that were tried").isGreaterThan(12);
        }

        @Test
        void order_isWriteThenSyncAndDirectoriesAreSynced() {
            List<String> seen = new ArrayList<>();
            DurableFiles files = new DurableFiles((what, path) -> seen.add(what + " " + path.getFileName()));
            try (RotationJournal.Log log =
                    FileRotationJournal.open(directory, files).begin("web", "r1", entries(2))) {
                log.append(List.of(entry(3)));
            }
            assertThat(seen)
                    .containsExactly(
                            "CREATE_DIRECTORY journal",
                            "SYNC_DIRECTORY " + temporary.getFileName(),
                            "DONE journal",
                            "CREATE_DIRECTORY web",
                            "SYNC_DIRECTORY journal",
                            "DONE web",
                            "CREATE lock",
                            "SYNC_DIRECTORY web",
                            "DONE lock",
                            "CREATE r1.jsonl.tmp",
                            "WRITE r1.jsonl.tmp",
                            "SYNC r1.jsonl.tmp",
                            "RENAME r1.jsonl",
                            "SYNC_DIRECTORY web",
                            "DONE r1.jsonl",
                            "WRITE r1.jsonl",
                            "SYNC r1.jsonl",
                            "DONE r1.jsonl");
        }

        @Test
        void fullDisk_isReportedAndNothingMoreIsWrittenUntilReopened() {
            boolean[] full = {false};
            DurableFiles files = new DurableFiles((what, path) -> {
                if (full[0] && what == DurableFiles.Step.WRITE) {
                    throw new FileSystemException(path.toString(), null, "No space left on device");
                }
            });
            FileRotationJournal journal = FileRotationJournal.open(directory, files);
            try (RotationJournal.Log log = journal.begin("web", "r1", entries(1))) {
                full[0] = true;
                assertThatThrownBy(() -> log.append(List.of(entry(2))))
                        .isInstanceOf(JournalException.class)
                        .hasMessageContaining("No space left on device")
                        .hasMessageContaining("r1.jsonl");
                full[0] = false;
                assertThatThrownBy(() -> log.append(List.of(entry(2))))
                        .isInstanceOf(JournalException.class)
                        .hasMessageContaining("open the journal again");
            }
            try (RotationJournal.Log log = journal.openLatest("web").orElseThrow()) {
                log.append(List.of(entry(2)));
            }
            assertThat(read()).isEqualTo(entries(2));
        }
    }

    @Nested
    class Writers {
        @Test
        void whileSomebodyWrites_nobodyElseDoes() throws IOException {
            List<String> refused = new ArrayList<>();
            FileRotationJournal other = FileRotationJournal.open(directory);
            boolean[] trying = {true};
            DurableFiles files = new DurableFiles((what, path) -> {
                if (what == DurableFiles.Step.SYNC && trying[0]) {
                    trying[0] = false;
                    assertThatThrownBy(() -> other.begin("web", "r2", entries(1)))
                            .as("at " + path)
                            .isInstanceOf(JournalException.class)
                            .hasMessageContaining("nothing was written");
                    refused.add(String.valueOf(path.getFileName()));
                }
            });
            try (RotationJournal.Log log =
                    FileRotationJournal.open(directory, files).begin("web", "r1", entries(1))) {
                trying[0] = true;
                log.append(List.of(entry(2)));
            }
            assertThat(refused).containsExactly("r1.jsonl.tmp", "r1.jsonl");
            assertThat(read()).isEqualTo(entries(2));
        }

        @Test
        void whoWasRefusedWhileSomebodyWrote_mayWriteLater() throws IOException {
            write(1);
            try (RotationJournal.Log log =
                    FileRotationJournal.open(directory).openLatest("web").orElseThrow()) {
                LockFile somebody = FileRotationJournal.writing(DurableFiles.plain(), file);
                assertThatThrownBy(() -> log.append(List.of(entry(2)))).isInstanceOf(JournalException.class);
                somebody.close();
                log.append(List.of(entry(2)));
            }
            assertThat(read()).isEqualTo(entries(2));
        }
    }

    @Nested
    class Access {
        @Test
        void openDirectory_refusedWithTheCommandToRun() throws IOException {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
            assertThatThrownBy(() -> FileRotationJournal.open(directory))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("chmod 0700 " + directory);
        }

        @Test
        void openFile_refusedWithTheCommandToRun() throws IOException {
            write(1);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            assertThatThrownBy(FileRotationJournalTest.this::read)
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("chmod 0600 " + file);
        }

        @Test
        void link_refused() throws IOException {
            write(1);
            Files.move(file, temporary.resolve("elsewhere"));
            Files.createSymbolicLink(file, temporary.resolve("elsewhere"));
            assertThatThrownBy(FileRotationJournalTest.this::read).isInstanceOf(JournalException.class);
        }

        @Test
        void rotationIdThatIsNoFileName_refused() {
            FileRotationJournal journal = FileRotationJournal.open(directory);
            for (String bad : List.of("", "..", ".hidden", "a/b", "a\nb", "-x", "x".repeat(129))) {
                assertThatThrownBy(() -> journal.begin("web", bad, entries(1)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThatCode(() -> journal.begin("web", "20261102T120000Z-0a1b.2", entries(1))
                            .close())
                    .doesNotThrowAnyException();
        }
    }

    @Nested
    class Size {
        @Test
        void hundredThousandDevices_readInOneGoAndByPieces() {
            int count = 100_000;
            FileRotationJournal journal = FileRotationJournal.open(directory);
            try (RotationJournal.Log log = journal.begin("web", "r1", List.of(entry(0)))) {
                for (int from = 1; from < count; from += 1000) {
                    log.append(IntStream.range(from, Math.min(from + 1000, count))
                            .mapToObj(FileRotationJournalTest::entry)
                            .toList());
                }
            }
            int[] seen = {0};
            try (RotationJournal.Log log = journal.openLatest("web").orElseThrow()) {
                log.replay(entry -> seen[0] += entry.equals(entry(seen[0])) ? 1 : 0);
                assertThat(log.entries()).hasSize(count);
            }
            assertThat(seen[0]).isEqualTo(count);
        }
    }
}
