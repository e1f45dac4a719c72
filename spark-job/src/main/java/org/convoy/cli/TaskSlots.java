package org.convoy.cli;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.convoy.runtime.Phases;
import org.convoy.runtime.UserError;
import scala.Tuple2;

/** How many tasks the cluster runs at once, GPUs and other task resources counted in. */
public final class TaskSlots {
    private static final String DYNAMIC_ALLOCATION = "spark.dynamicAllocation.enabled";

    private static final Duration POLL = Duration.ofMillis(200);

    /** Executors register one after another; once none has come for this long, the cluster counts as complete. */
    private static final Duration QUIET = Duration.ofSeconds(3);

    private TaskSlots() {}

    /**
     * Waits until a first task has run, which is when the cluster has given an executor, whether its executors are fixed or come as
     * they are needed.
     *
     * @throws UserError (failed) if there is none in time; it says what an executor asks for
     */
    static void awaitFirst(JavaSparkContext spark, Duration patience, Phases phases) {
        if (spark.sc().isLocal()) {
            return;
        }
        phases.run("Waiting for an executor", progress -> {
            progress.result("each asks for " + executorInWords(spark.getConf()));
            JavaFutureAction<Long> first = spark.parallelize(List.of(0), 1).countAsync();
            try {
                first.get(patience.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                first.cancel(true);
                throw noExecutor(spark.sc(), patience);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
            return null;
        });
    }

    private static UserError noExecutor(SparkContext spark, Duration patience) {
        return UserError.failed("no executor came within " + patience.toSeconds() + " s on " + spark.master()
                + ": each asks for " + executorInWords(spark.getConf())
                + ", which no worker or queue has free; ask for less, free some, or wait longer"
                + " (cluster.executor-wait-seconds)");
    }

    private static String executorInWords(SparkConf conf) {
        StringBuilder words = new StringBuilder();
        conf.getOption("spark.executor.cores")
                .foreach(cores -> words.append(cores).append(cores.equals("1") ? " core, " : " cores, "));
        words.append(ContainerMemory.executorInWords(conf));
        for (Tuple2<String, String> resource : conf.getAllWithPrefix("spark.executor.resource.")) {
            if (resource._1().endsWith(".amount")) {
                words.append(", ")
                        .append(resource._2())
                        .append(' ')
                        .append(resource._1().replace(".amount", ""));
            }
        }
        return words.toString();
    }

    /**
     * Waits until there are as many slots as workers wanted. Dynamic allocation is asked for them, by a job of as many tasks, and
     * can't say how many the cluster has.
     *
     * @param wanted workers; 0 means as many as the cluster has slots once its executors have registered
     * @param patience how long to wait for executors
     * @return {@code wanted}, or the number of slots if that was 0
     * @throws UserError (usage) if there are fewer slots than workers; if the number is left to dynamic allocation
     * @throws UserError (failed) if there are none
     */
    public static int await(SparkContext spark, int wanted, Duration patience) {
        if (areFixed(spark)) {
            return awaitRegistered(spark, wanted, patience);
        }
        if (wanted == 0) {
            throw UserError.usage("train.workers must be given with " + DYNAMIC_ALLOCATION
                    + " = true, where executors come and go with the work, but was 0");
        }
        JavaFutureAction<Void> demand = demand(spark, wanted);
        try {
            return awaitRegistered(spark, wanted, patience);
        } finally {
            demand.cancel(true);
        }
    }

    /** The slots that there are now; empty where executors come and go with the work. */
    public static OptionalInt present(SparkContext spark) {
        return areFixed(spark) ? OptionalInt.of(slots(spark)) : OptionalInt.empty();
    }

    private static boolean areFixed(SparkContext spark) {
        return spark.isLocal() || !spark.conf().getBoolean(DYNAMIC_ALLOCATION, false);
    }

    /** Tasks that hold a slot each until they are cancelled. */
    private static JavaFutureAction<Void> demand(SparkContext spark, int tasks) {
        spark.setJobDescription("Asking for " + tasks + " task slots");
        try {
            return new JavaSparkContext(spark)
                    .parallelize(Collections.nCopies(tasks, 0), tasks)
                    .foreachAsync(task -> {
                        while (!TaskContext.get().isInterrupted()) {
                            sleep();
                        }
                    });
        } finally {
            spark.setJobDescription(null);
        }
    }

    private static int awaitRegistered(SparkContext spark, int wanted, Duration patience) {
        long start = System.nanoTime();
        int slots = slots(spark);
        long lastChange = start;
        while (!spark.isLocal()
                && !enough(slots, wanted, lastChange)
                && since(start).compareTo(patience) < 0) {
            sleep();
            int now = slots(spark);
            if (now != slots) {
                slots = now;
                lastChange = System.nanoTime();
            }
        }
        if (slots == 0) {
            throw noExecutor(spark, patience);
        }
        if (wanted > slots) {
            throw UserError.usage("train.workers must be at most the cluster's task slots (" + slots + " on "
                    + spark.master() + ") but was " + wanted);
        }
        return wanted == 0 ? slots : wanted;
    }

    private static boolean enough(int slots, int wanted, long lastChange) {
        return wanted == 0 ? slots > 0 && since(lastChange).compareTo(QUIET) >= 0 : slots >= wanted;
    }

    private static int slots(SparkContext spark) {
        return spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile());
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static void sleep() {
        try {
            Thread.sleep(POLL.toMillis());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while waiting for executors", e);
    }
}
