package org.convoy.cli;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.convoy.runtime.UserError;

/**
 * Watches the start of a driver on YARN's client mode, which lasts until YARN has a container for the application master: for ever,
 * if there is none. Says so now and then, and gives up.
 */
final class StartWatch {
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private StartWatch() {}

    /**
     * Runs {@code start}, and interrupts it when it takes longer than {@code patience}.
     *
     * @throws UserError (failed) if it was interrupted
     */
    static <T> T during(SparkConf conf, Duration patience, Supplier<T> start) {
        if (!conf.get("spark.master").equals("yarn")) {
            return start.get();
        }
        AtomicBoolean expired = new AtomicBoolean();
        Thread starting = Thread.currentThread();
        Thread watch = new Thread(() -> watch(patience, starting, expired), "start-watch");
        watch.setDaemon(true);
        watch.start();
        try {
            return start.get();
        } catch (Exception e) { // Scala does not declare that it was interrupted
            if (expired.get()) {
                Thread.interrupted();
                throw UserError.failed("YARN did not start the application within " + patience.toSeconds()
                        + " s: its queue '" + conf.get("spark.yarn.queue", "default")
                        + "' has no room for the application master; free some, name another queue (--queue), or wait longer"
                        + " (cluster.executor-wait-seconds)");
            }
            throw e;
        } finally {
            watch.interrupt();
        }
    }

    private static void watch(Duration patience, Thread starting, AtomicBoolean expired) {
        long start = System.nanoTime();
        try {
            while (true) {
                Duration waited = Duration.ofNanos(System.nanoTime() - start);
                Duration left = patience.minus(waited);
                if (left.isNegative()) {
                    expired.set(true);
                    starting.interrupt();
                    return;
                }
                Thread.sleep(Math.min(PERIOD.toMillis(), left.toMillis() + 1));
                System.err.printf(
                        "Waiting for YARN to start the application: %d s%n",
                        Duration.ofNanos(System.nanoTime() - start).toSeconds());
            }
        } catch (InterruptedException e) {
            // It has started.
        }
    }
}
