package org.convoy.cli;

import java.time.Duration;
import org.apache.spark.SparkContext;
import org.convoy.runtime.UserError;

/** How many tasks the cluster runs at once, GPUs and other task resources counted in. */
public final class TaskSlots {
    private static final Duration POLL = Duration.ofMillis(200);

    /** Executors register one after another; once none has come for this long, the cluster counts as complete. */
    private static final Duration QUIET = Duration.ofSeconds(3);

    private TaskSlots() {}

    /**
     * Waits until there are as many slots as workers wanted.
     *
     * @param wanted workers; 0 means as many as the cluster has slots once its executors have registered
     * @param patience how long to wait for executors
     * @return {@code wanted}, or the number of slots if that was 0
     * @throws UserError (usage) if there are fewer slots than workers, or none
     */
    public static int await(SparkContext spark, int wanted, Duration patience) {
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
            throw UserError.usage("no executor registered within " + patience.toSeconds() + " s on " + spark.master()
                    + "; look at the cluster's page for why");
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
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for executors", e);
        }
    }
}
