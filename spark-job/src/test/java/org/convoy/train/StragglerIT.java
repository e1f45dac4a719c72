package org.convoy.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.storage.StorageLevel;
import org.convoy.model.Architecture;
import org.convoy.model.InputShape;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.Optimiser;
import org.convoy.runtime.Phases;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** An executor that hangs for seconds, with and without speculative execution; executors in processes of their own. */
class StragglerIT {
    private static final InputShape INPUT = new InputShape(1, 16, 16);
    private static final int CLASSES = 3;
    private static final EpochPlan PLAN = new EpochPlan(1024, 2, 2, 8, AveragingPeriod.fixed(16), 5);
    private static final int HANG_SECONDS = 6;

    @TempDir
    private Path localDirectory;

    @Test
    void aSpeculativeCopyTrainsNoReplicaTwice() {
        SparkConf speculative = new SparkConf()
                .set("spark.speculation", "true")
                .set("spark.speculation.interval", "100ms")
                .set("spark.speculation.quantile", "0.5");
        AtomicInteger copies = new AtomicInteger();
        Result undisturbed;
        Result disturbed;
        try (JavaSparkContext spark = spark(speculative)) {
            spark.sc().addSparkListener(new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart task) {
                    if (task.taskInfo().speculative()) {
                        copies.incrementAndGet();
                    }
                }
            });
            undisturbed = train(spark, rounds -> {});
            copies.set(0);
            long victim = executors(spark).get(0);
            disturbed = train(spark, rounds -> hangAfter(rounds, 5, victim));
        }

        assertThat(copies.get()).as("speculative copies").isPositive();
        assertThat(disturbed.trained()).isEqualTo(PLAN.epochs() * PLAN.examples());
        assertThat(disturbed.parameters()).isEqualTo(undisturbed.parameters());
    }

    @Test
    void theReportNamesTheStraggler() {
        try (JavaSparkContext spark = spark(new SparkConf())) {
            List<Long> executors = executors(spark);
            Result disturbed = train(spark, rounds -> hangAfter(rounds, 5, executors.get(0)));

            RoundReport hung = disturbed.rounds().stream()
                    .max(java.util.Comparator.comparingDouble(RoundReport::seconds))
                    .orElseThrow();
            assertThat(hung.seconds()).isGreaterThan(HANG_SECONDS - 2.0);
            assertThat(hung.waitSeconds())
                    .as("half of what it is slower, for the mean of two")
                    .isGreaterThan(1);
            assertThat(hung.slowest()).matches("worker [01] on 127\\.0\\.0\\.1/[01]");
        }
    }

    private record Result(long trained, ByteBuffer parameters, List<RoundReport> rounds) {}

    private static Result train(JavaSparkContext spark, java.util.function.Consumer<Integer> afterRound) {
        ExampleOrder order = new ExampleOrder(PLAN, 2 * PLAN.batchSize());
        ShardRdd shards =
                ShardRdd.of(spark.sc(), order, new RandomBlocks(order, INPUT, CLASSES), StorageLevel.MEMORY_AND_DISK());
        Normalisation scale = Normalisation.of("scale", List.of(0.0), List.of(1.0));
        NetworkSpec spec =
                new NetworkSpec(Architecture.LENET_5, INPUT, CLASSES, scale, new Optimiser("nesterov", 0.01, 0.9), 42);
        try (AveragingLoop loop =
                new AveragingLoop(spark, shards.toJavaRDD(), spec, PLAN, Averaging.PLAIN, Optional.empty())) {
            List<EpochTrainer.Epoch> epochs = List.of(0, 1).stream()
                    .map(epoch -> new Phases(spark, System.out)
                            .run(
                                    "epoch",
                                    progress -> loop.train(
                                            epoch,
                                            List.of(),
                                            (rounds, reached) -> afterRound.accept(rounds.size()),
                                            progress)))
                    .toList();
            return new Result(
                    epochs.stream().mapToLong(EpochTrainer.Epoch::trained).sum(),
                    ByteBuffer.wrap(loop.state().vector()),
                    epochs.stream().flatMap(epoch -> epoch.rounds().stream()).toList());
        }
    }

    /** Stops a process for some seconds, a moment after the next round has begun. */
    private static void hangAfter(int rounds, int when, long process) {
        if (rounds == when) {
            new Thread(() -> {
                        pause(20);
                        signal("STOP", process);
                        pause(HANG_SECONDS * 1000L);
                        signal("CONT", process);
                    })
                    .start();
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

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private JavaSparkContext spark(SparkConf conf) {
        return new JavaSparkContext(conf.setMaster("local-cluster[2,1,512]")
                .setAppName("StragglerIT")
                .set("spark.executor.memory", "512m")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .set("spark.local.dir", localDirectory.toString())
                .set("spark.ui.enabled", "false"));
    }

    /** Processes of the two executors. */
    private static List<Long> executors(JavaSparkContext spark) {
        while (spark.sc().getExecutorMemoryStatus().size() < 3) {
            pause(100);
        }
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
