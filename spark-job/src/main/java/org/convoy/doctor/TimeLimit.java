package org.convoy.doctor;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;

/** Gives a check up after some time: its Spark jobs are cancelled, its thread is interrupted and left behind. */
final class TimeLimit {
    private TimeLimit() {}

    /**
     * Runs {@code body} in a thread of its own.
     *
     * @throws TimeoutException if it takes longer than {@code limit}
     * @throws RuntimeException what {@code body} throws
     */
    static <T> T within(SparkContext spark, Duration limit, Supplier<T> body) throws TimeoutException {
        String group = "doctor-" + UUID.randomUUID();
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    spark.setLocalProperty("spark.jobGroup.id", group);
                    spark.setLocalProperty("spark.job.interruptOnCancel", "true");
                    try {
                        result.complete(body.get());
                    } catch (Throwable e) {
                        // Errors too: a missing class is what a broken cluster shows.
                        result.completeExceptionally(e);
                    }
                },
                "doctor's check");
        // A check that hangs in native code must not keep the process alive.
        thread.setDaemon(true);
        thread.start();
        try {
            return result.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            spark.cancelJobGroup(group);
            thread.interrupt();
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during a check", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        }
    }
}
