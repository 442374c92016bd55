package io.keywright.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LanesTest {
    private final ExecutorService executor = Executors.newFixedThreadPool(4);
    private final List<Integer> seen = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void shutDown() {
        executor.shutdownNow();
    }

    private static List<Integer> items(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void run_withoutExecutor_worksInOrderInThisThread() {
        Thread here = Thread.currentThread();
        assertThat(Lanes.run(items(5), 3, null, item -> {
                    assertThat(Thread.currentThread()).isSameAs(here);
                    return seen.add(item);
                }))
                .isTrue();
        assertThat(seen).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void run_stop_beginsNothingMore() {
        assertThat(Lanes.run(items(5), 1, null, item -> {
                    seen.add(item);
                    return item < 2;
                }))
                .isFalse();
        assertThat(seen).containsExactly(0, 1, 2);
    }

    @Test
    void run_wide_worksOnThatManyAtOnceAndNoMore() {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CyclicBarrier together = new CyclicBarrier(3);
        Lanes.run(items(9), 3, executor, item -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            try {
                together.await(20, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            now.decrementAndGet();
            return seen.add(item);
        });
        assertThat(seen).containsExactlyInAnyOrderElementsOf(items(9));
        assertThat(most).hasValue(3);
    }

    @Test
    void run_workThrows_othersStopAndTheCallerGetsIt() {
        assertThatThrownBy(() -> Lanes.run(items(1000), 4, executor, item -> {
                    seen.add(item);
                    if (item == 3) {
                        throw new IllegalStateException("full");
                    }
                    return true;
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Lanes.run(items(3), 2, executor, item -> {
                    throw new AssertionError("killed");
                }))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void run_calledOnTheExecutorsOnlyThread_doesNotStandStill() throws Exception {
        ExecutorService single = Executors.newSingleThreadExecutor();
        try {
            assertThat(single.submit(() -> Lanes.run(items(5), 3, single, seen::add))
                            .get(20, TimeUnit.SECONDS))
                    .isTrue();
        } finally {
            single.shutdownNow();
        }
        assertThat(seen).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void run_executorRefuses_worksInThisThread() {
        executor.shutdown();
        assertThat(Lanes.run(items(5), 3, executor, seen::add)).isTrue();
        assertThat(seen).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void run_helperComesLate_findsNothingToDo() {
        List<Runnable> late = new ArrayList<>();
        Lanes.run(items(5), 3, late::add, seen::add);
        assertThat(late).hasSize(2);
        late.forEach(Runnable::run);
        assertThat(seen).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void run_interrupted_waitsForWhatWasBegunAndKeepsTheInterrupt() throws Exception {
        Thread caller = Thread.currentThread();
        CyclicBarrier together = new CyclicBarrier(2);
        Lanes.run(items(2), 2, executor, item -> {
            try {
                together.await(20, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            if (Thread.currentThread() != caller) {
                caller.interrupt();
            }
            return seen.add(item);
        });
        assertThat(Thread.interrupted()).isTrue();
        assertThat(seen).containsExactlyInAnyOrder(0, 1);
    }
}
