package org.convoy.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(20)
class PrefetchTest {
    @Test
    void handsOutEverythingInOrder() {
        List<Integer> taken = new ArrayList<>();
        try (Prefetch<Integer> prefetch = new Prefetch<>(IntStream.range(0, 100)
                .<Callable<Integer>>mapToObj(i -> () -> i)
                .iterator())) {
            prefetch.forEachRemaining(taken::add);
        }

        assertThat(taken).isEqualTo(IntStream.range(0, 100).boxed().toList());
    }

    @Test
    void worksTwoAheadInAThreadOfItsOwnAndNoFurther() throws InterruptedException {
        AtomicInteger begun = new AtomicInteger();
        try (Prefetch<Thread> prefetch = new Prefetch<>(Stream.<Callable<Thread>>generate(() -> () -> {
                    begun.incrementAndGet();
                    return Thread.currentThread();
                })
                .iterator())) {
            assertThat(prefetch.next()).isNotSameAs(Thread.currentThread());
            while (begun.get() < 3) {
                Thread.sleep(1);
            }
            Thread.sleep(50);

            assertThat(begun).hasValue(3);
        }
    }

    @Test
    void anErrorComesOutWhereItsValueIsTakenAndTheThreadEnds() throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        List<Callable<Integer>> work = List.of(
                () -> {
                    thread.set(Thread.currentThread());
                    return 1;
                },
                () -> {
                    throw new IllegalArgumentException("bad picture");
                });

        assertThatThrownBy(() -> {
                    try (Prefetch<Integer> prefetch = new Prefetch<>(work.iterator())) {
                        assertThat(prefetch.next()).isEqualTo(1);
                        prefetch.next();
                    }
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Cannot prepare a batch: bad picture")
                .hasCauseInstanceOf(IllegalArgumentException.class);
        thread.get().join();
    }

    @Test
    void theThreadEndsThoughItsWorkIsNotDone() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        Callable<Integer> stuck = () -> {
            thread.set(Thread.currentThread());
            begun.countDown();
            never.await();
            return 1;
        };
        try (Prefetch<Integer> prefetch = new Prefetch<>(List.of(stuck, stuck).iterator())) {
            assertThat(prefetch.hasNext()).isTrue();
            begun.await();
        }

        thread.get().join();
    }
}
