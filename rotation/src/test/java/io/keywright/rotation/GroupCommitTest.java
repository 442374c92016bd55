package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class GroupCommitTest {
    private static final int THREADS = 8;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<JournalEntry> believed = new CopyOnWriteArrayList<>();
    private final GatedLog log = new GatedLog();
    private final GroupCommit commit = new GroupCommit(log, () -> {}, believed::add);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Nested
    class Append {
        @Test
        void append_whileAnotherIsWritten_sharesTheNextAppend() throws Exception {
            Future<?> first = holdUp();
            List<Future<?>> others = appendAll(THREADS);
            awaitWaiting(THREADS);
            log.gate.countDown();

            first.get();
            for (Future<?> other : others) {
                other.get();
            }
            assertThat(log.appends).extracting(List::size).containsExactly(1, THREADS);
        }

        @Test
        void append_beforeItIsDurable_doesNotReturnAndIsNotBelieved() throws Exception {
            Future<?> first = holdUp();
            List<Future<?>> others = appendAll(THREADS);
            awaitWaiting(THREADS);

            assertThat(first.isDone()).isFalse();
            assertThat(others).noneMatch(Future::isDone);
            assertThat(believed).isEmpty();

            log.gate.countDown();
            for (Future<?> other : others) {
                other.get();
            }
        }

        @Test
        void append_byManyThreads_isBelievedInTheOrderOfTheJournal() throws Exception {
            log.gate.countDown();
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int thread = t;
                all.add(threads.submit(() -> {
                    for (int i = 0; i < 50; i++) {
                        JournalEntry entry = entry(thread + "-" + i);
                        commit.append(List.of(entry));
                        assertThat(believed).contains(entry);
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
            assertThat(believed).hasSize(THREADS * 50).isEqualTo(log.durable());
        }

        /** Two threads append as many entries each while the first append is held up. */
        private void appendTwice(int entries) throws Exception {
            Future<?> first = holdUp();
            List<JournalEntry> some = Collections.nCopies(entries, entry("half"));
            List<Future<?>> others = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                others.add(threads.submit(() -> commit.append(some)));
            }
            awaitWaiting(2);
            log.gate.countDown();

            first.get();
            for (Future<?> other : others) {
                other.get();
            }
        }

        @Test
        void append_moreThanGoTogether_isWrittenInSeveralAppends() throws Exception {
            int half = GroupCommit.MAX_ENTRIES_AT_ONCE / 2 + 1;
            appendTwice(half);
            assertThat(log.appends).extracting(List::size).containsExactly(1, half, half);
        }

        @Test
        void append_exactlyAsManyAsGoTogether_isOneAppend() throws Exception {
            appendTwice(GroupCommit.MAX_ENTRIES_AT_ONCE / 2);
            assertThat(log.appends).extracting(List::size).containsExactly(1, GroupCommit.MAX_ENTRIES_AT_ONCE);
        }

        @Test
        void append_interruptedOutsideAFullQueue_waitsOnAndStaysInterruptedUnlikeTheOthers() throws Exception {
            GroupCommit small = new GroupCommit(log, () -> {}, believed::add, 1);
            Future<?> first = threads.submit(() -> small.append(List.of(entry("first"))));
            log.entered.await();
            AtomicBoolean insideWas = new AtomicBoolean();
            AtomicBoolean outsideWas = new AtomicBoolean();
            Thread inside = appending(small, "inside", insideWas);
            await(() -> small.waiting() == 1 && inside.getState() == Thread.State.WAITING);
            Thread outside = appending(small, "outside", outsideWas);
            await(() -> outside.getState() == Thread.State.WAITING);
            outside.interrupt();
            log.gate.countDown();
            first.get();
            inside.join();
            outside.join();

            assertThat(believed).contains(entry("inside"), entry("outside"));
            assertThat(insideWas).isFalse();
            assertThat(outsideWas).isTrue();
        }

        private Thread appending(GroupCommit to, String device, AtomicBoolean interrupted) {
            Thread thread = new Thread(() -> {
                to.append(List.of(entry(device)));
                interrupted.set(Thread.currentThread().isInterrupted());
            });
            thread.start();
            return thread;
        }

        @Test
        void append_queueFull_waitsOutside() throws Exception {
            GroupCommit small = new GroupCommit(log, () -> {}, believed::add, 2);
            List<Future<?>> all = new ArrayList<>();
            all.add(threads.submit(() -> small.append(List.of(entry("first")))));
            log.entered.await();
            CountDownLatch begun = new CountDownLatch(5);
            for (int i = 0; i < 5; i++) {
                JournalEntry entry = entry("other-" + i);
                all.add(threads.submit(() -> {
                    begun.countDown();
                    small.append(List.of(entry));
                }));
            }
            begun.await();
            await(() -> small.waiting() == 2);
            assertThat(small.waiting()).isEqualTo(2);

            log.gate.countDown();
            for (Future<?> one : all) {
                one.get();
            }
            assertThat(log.durable()).hasSize(6);
            assertThat(log.appends).allSatisfy(append -> assertThat(append).hasSizeLessThanOrEqualTo(2));
        }

        @Test
        void append_interruptedWhileWaiting_waitsOnAndStaysInterrupted() throws Exception {
            Future<?> first = holdUp();
            CountDownLatch begun = new CountDownLatch(1);
            AtomicBoolean flag = new AtomicBoolean();
            Thread waiting = new Thread(() -> {
                begun.countDown();
                commit.append(List.of(entry("interrupted")));
                flag.set(Thread.currentThread().isInterrupted());
            });
            waiting.start();
            begun.await();
            awaitWaiting(1);
            waiting.interrupt();
            log.gate.countDown();
            waiting.join();
            first.get();

            assertThat(flag).isTrue();
            assertThat(believed).contains(entry("interrupted"));
        }
    }

    @Nested
    class Failing {
        @Test
        void append_journalFails_everyThreadOfTheGroupHearsIt() throws Exception {
            Future<?> first = holdUp();
            List<Future<?>> others = appendAll(THREADS);
            awaitWaiting(THREADS);
            log.failing.set(true);
            log.gate.countDown();

            first.get(); // it was asked for before
            for (Future<?> other : others) {
                assertThatThrownBy(other::get)
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(JournalException.class);
            }
            assertThat(believed).containsExactly(entry("first"));
        }

        @Test
        void append_guardThrows_writesNothing() {
            log.gate.countDown();
            GroupCommit overtaken = new GroupCommit(
                    log,
                    () -> {
                        throw new LeaseLostException("overtaken", null);
                    },
                    believed::add);

            assertThatThrownBy(() -> overtaken.append(List.of(entry("late")))).isInstanceOf(LeaseLostException.class);
            assertThat(log.appends).isEmpty();
            assertThat(believed).isEmpty();
        }
    }

    /** On a real file that dies at each of its steps in turn, while many threads append. */
    @Nested
    class Crash {
        @TempDir
        Path directory;

        @ParameterizedTest
        @EnumSource(names = {"WRITE", "SYNC", "DONE"})
        void append_fileDies_whatWasAcknowledgedIsThere(DurableFiles.Step fatal) throws Exception {
            for (int survived = 0; survived < 12; survived++) {
                Path folder = directory.resolve(fatal + "-" + survived);
                AtomicInteger left = new AtomicInteger(survived);
                AtomicBoolean armed = new AtomicBoolean();
                DurableFiles files = new DurableFiles((step, path) -> {
                    if (armed.get() && step == fatal && left.getAndDecrement() <= 0) {
                        throw new IOException("the machine has died before " + step);
                    }
                });
                RotationJournal.Log journal =
                        FileRotationJournal.open(folder, files).begin("deploy", "r1", List.of(entry("first")));
                armed.set(true);
                List<JournalEntry> acknowledged = appendUntilDead(journal);
                armed.set(false);
                journal.close();

                try (RotationJournal.Log again =
                        FileRotationJournal.open(folder).openLatest("deploy").orElseThrow()) {
                    assertThat(again.entries())
                            .as("%s, the %d. time", fatal, survived + 1)
                            .containsAll(acknowledged)
                            .doesNotHaveDuplicates();
                }
            }
        }

        private List<JournalEntry> appendUntilDead(RotationJournal.Log journal) throws Exception {
            List<JournalEntry> acknowledged = Collections.synchronizedList(new ArrayList<>());
            GroupCommit dying = new GroupCommit(journal, () -> {}, entry -> {});
            List<Callable<Void>> work = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int thread = t;
                work.add(() -> {
                    for (int i = 0; i < 100; i++) {
                        JournalEntry entry = entry(thread + "-" + i);
                        dying.append(List.of(entry));
                        acknowledged.add(entry);
                    }
                    return null;
                });
            }
            for (Future<Void> one : threads.invokeAll(work)) {
                assertThatThrownBy(one::get).hasCauseInstanceOf(JournalException.class);
            }
            return acknowledged;
        }
    }

    /** Begins an append that does not end before the gate opens. */
    private Future<?> holdUp() throws InterruptedException {
        Future<?> first = threads.submit(() -> commit.append(List.of(entry("first"))));
        log.entered.await();
        return first;
    }

    private List<Future<?>> appendAll(int count) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            JournalEntry entry = entry("other-" + i);
            all.add(threads.submit(() -> {
                commit.append(List.of(entry));
                assertThat(log.durable()).contains(entry);
            }));
        }
        return all;
    }

    private void awaitWaiting(int count) {
        await(() -> commit.waiting() == count);
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("the end of the wait").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private static JournalEntry entry(String device) {
        return new JournalEntry(Instant.EPOCH, JournalEntry.Step.EXPANDING, Optional.of(device), Map.of());
    }

    /** A journal whose appends wait for a gate. */
    private static final class GatedLog implements RotationJournal.Log {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);
        final AtomicBoolean failing = new AtomicBoolean();
        final List<List<JournalEntry>> appends = new CopyOnWriteArrayList<>();

        List<JournalEntry> durable() {
            return appends.stream().flatMap(List::stream).toList();
        }

        @Override
        public String rotation() {
            return "r1";
        }

        @Override
        public List<JournalEntry> entries() {
            return durable();
        }

        @Override
        public void append(List<JournalEntry> entries) {
            if (failing.get()) {
                throw new JournalException("the disk is full", null);
            }
            entered.countDown();
            boolean interrupted = false;
            while (gate.getCount() > 0) {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    interrupted = true; // a disk does not hear of it either
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            appends.add(entries);
        }

        @Override
        public void close() {}
    }
}
