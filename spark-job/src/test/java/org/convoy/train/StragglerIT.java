package org.convoy.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An executor that hangs for seconds, with and without speculative execution. On workers with addresses of their own, because Spark
 * starts no speculative copy on the host that is slow.
 */
@Tag("heavy")
class StragglerIT {
    private static final SmallTraining TRAINING =
            new SmallTraining(new EpochPlan(32_768, 1, 2, 8, AveragingPeriod.fixed(256), 5));

    private static final int HANG_SECONDS = 6;

    @TempDir
    private static Path localDirectory;

    private static StandaloneCluster cluster;

    @BeforeAll
    static void startCluster() {
        cluster = new StandaloneCluster(localDirectory, 2);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @Test
    void aSpeculativeCopyTrainsNoReplicaTwice() {
        SparkConf speculative = new SparkConf()
                .set("spark.speculation", "true")
                .set("spark.speculation.interval", "100ms")
                .set("spark.speculation.quantile", "0.5");
        AtomicInteger copies = new AtomicInteger();
        SmallTraining.Result undisturbed;
        SmallTraining.Result disturbed;
        try (JavaSparkContext spark = cluster.spark(speculative)) {
            spark.sc().addSparkListener(new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart task) {
                    if (task.taskInfo().speculative()) {
                        copies.incrementAndGet();
                    }
                }
            });
            undisturbed = TRAINING.run(spark, rounds -> {});
            copies.set(0);
            long victim = executors(spark).get(0);
            disturbed = TRAINING.run(spark, new Hang(victim));
        }

        assertThat(copies.get()).as("speculative copies").isPositive();
        assertThat(disturbed.trained()).isEqualTo(TRAINING.plan().examples());
        assertThat(disturbed.parameters()).isEqualTo(undisturbed.parameters());
    }

    @Test
    void theReportNamesTheStraggler() {
        try (JavaSparkContext spark = cluster.spark(new SparkConf())) {
            SmallTraining.Result disturbed =
                    TRAINING.run(spark, new Hang(executors(spark).get(0)));

            // The first rounds load libraries, and wait for that.
            RoundReport hung = disturbed.rounds().stream()
                    .skip(3)
                    .max(java.util.Comparator.comparingDouble(RoundReport::seconds))
                    .orElseThrow();
            assertThat(hung.seconds()).isGreaterThan(HANG_SECONDS - 2.0);
            assertThat(hung.waitSeconds())
                    .as("half of what it is slower, for the mean of two")
                    .isGreaterThan(1);
            assertThat(hung.slowest()).matches("worker [01] on 127\\.0\\.0\\.[12]/[01]");
        }
    }

    /** Stops a process for some seconds in the midst of a round, wherever that is on a machine as fast as this one. */
    private static final class Hang implements IntConsumer {
        private static final int ROUND = 4;

        private final long process;
        private long ended;

        Hang(long process) {
            this.process = process;
        }

        @Override
        public void accept(int rounds) {
            long now = System.nanoTime();
            long third = (now - ended) / 3_000_000;
            ended = now;
            if (rounds == ROUND) {
                new Thread(() -> {
                            StandaloneCluster.pause(third);
                            signal("STOP", process);
                            StandaloneCluster.pause(HANG_SECONDS * 1000L);
                            signal("CONT", process);
                        })
                        .start();
            }
        }
    }

    private static void signal(String name, long process) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process))
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Processes of the two executors. */
    private static List<Long> executors(JavaSparkContext spark) {
        StandaloneCluster.await(spark, 2);
        return spark
                .parallelize(List.of(1, 2, 3, 4), 4)
                .map(task -> {
                    Thread.sleep(300);
                    return ProcessHandle.current().pid();
                })
                .collect()
                .stream()
                .distinct()
                .sorted()
                .toList();
    }
}
