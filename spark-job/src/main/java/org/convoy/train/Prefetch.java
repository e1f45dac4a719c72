package org.convoy.train;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Computes values one after another in a thread of its own, two ahead of who takes them. What goes wrong there is thrown
 * where the value is taken. The work must not need the task's thread: Spark's {@code TaskContext} is not known outside of it.
 */
final class Prefetch<T> implements Iterator<T>, AutoCloseable {
    private static final int AHEAD = 2;

    private final Iterator<Callable<T>> work;
    private final Deque<Future<T>> ahead = new ArrayDeque<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(Prefetch::thread);

    Prefetch(Iterator<Callable<T>> work) {
        this.work = work;
        for (int i = 0; i < AHEAD; i++) {
            begin();
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "prefetch");
        thread.setDaemon(true);
        return thread;
    }

    private void begin() {
        if (work.hasNext()) {
            ahead.add(thread.submit(work.next()));
        }
    }

    @Override
    public boolean hasNext() {
        return !ahead.isEmpty();
    }

    @Override
    public T next() {
        Future<T> next = ahead.remove();
        begin();
        try {
            return next.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot prepare a batch: " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a batch", e);
        }
    }

    /** Ends the thread; what it has not begun is dropped. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
