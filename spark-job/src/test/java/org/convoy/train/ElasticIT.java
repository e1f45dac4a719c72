package org.convoy.train;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.ExecutorDecommissionInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorExcluded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.cluster.CoarseGrainedSchedulerBackend;
import org.convoy.cli.TaskSlots;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A cluster that changes while it trains: executors are taken away, decommissioned, excluded, or come late. */
@Tag("heavy")
class ElasticIT {
    private static final SmallTraining TRAINING =
            new SmallTraining(new EpochPlan(16_384, 1, 2, 8, AveragingPeriod.fixed(128), 5));

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    private static Path directory;

    private static ByteBuffer undisturbed;

    @BeforeAll
    static void trainUndisturbed() {
        try (JavaSparkContext spark = new JavaSparkContext(
                new SparkConf().setMaster("local[2]").setAppName("ElasticIT").set("spark.ui.enabled", "false"))) {
            undisturbed = TRAINING.run(spark, rounds -> {}).parameters();
        }
    }

    /** What Spark says of its executors. */
    private static final class Watch extends SparkListener {
        final Set<String> removed = ConcurrentHashMap.newKeySet();
        final Set<String> excluded = ConcurrentHashMap.newKeySet();
        final Set<String> hosts = ConcurrentHashMap.newKeySet();

        @Override
        public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
            removed.add(event.executorId());
        }

        @Override
        public void onExecutorExcluded(SparkListenerExecutorExcluded event) {
            excluded.add(event.executorId());
        }

        @Override
        public void onTaskEnd(SparkListenerTaskEnd task) {
            hosts.add(task.taskInfo().host());
        }
    }

    @Test
    void dynamicAllocationIsAskedForWorkersAndMayTakeThemAwayBetweenRounds() {
        SparkConf conf = new SparkConf()
                .set("spark.dynamicAllocation.enabled", "true")
                .set("spark.dynamicAllocation.executorIdleTimeout", "5s")
                // By default, executors that keep blocks are never taken away.
                .set("spark.dynamicAllocation.cachedExecutorIdleTimeout", "5s");
        try (StandaloneCluster cluster = new StandaloneCluster(directory, 2);
                JavaSparkContext spark = cluster.spark(conf)) {
            Watch watch = watch(spark);
            assertThatThrownBy(() -> TaskSlots.await(spark.sc(), 0, PATIENCE))
                    .hasMessage("train.workers must be given with spark.dynamicAllocation.enabled = true, where"
                            + " executors come and go with the work, but was 0");

            assertThat(TaskSlots.await(spark.sc(), 2, PATIENCE)).isEqualTo(2);
            assertReachesTheSameParameters(spark, afterRound(3, () -> StandaloneCluster.await(spark, 0)));
            assertThat(watch.removed).hasSizeGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void aDecommissionedExecutorChangesNoParameter() {
        SparkConf conf = new SparkConf()
                .set("spark.decommission.enabled", "true")
                .set("spark.storage.decommission.enabled", "true");
        try (StandaloneCluster cluster = new StandaloneCluster(directory, 2);
                JavaSparkContext spark = cluster.spark(conf)) {
            Watch watch = watch(spark);
            StandaloneCluster.await(spark, 2);
            CoarseGrainedSchedulerBackend executors =
                    (CoarseGrainedSchedulerBackend) spark.sc().schedulerBackend();
            assertReachesTheSameParameters(spark, afterRound(3, () -> new Thread(() -> {
                        // In mid-round.
                        StandaloneCluster.pause(100);
                        executors.decommissionExecutor(
                                "0", new ExecutorDecommissionInfo("a test", scala.Option.empty()), false, false);
                    })
                    .start()));
            StandaloneCluster.await(() -> watch.removed.contains("0"), "executor 0 to go");
        }
    }

    @Test
    void whatAnExcludedExecutorWasToTrainIsTrainedByOthers() {
        SparkConf conf = new SparkConf()
                .set("spark.excludeOnFailure.enabled", "true")
                .set("spark.excludeOnFailure.application.maxFailedTasksPerExecutor", "1");
        try (StandaloneCluster cluster = new StandaloneCluster(directory, 2);
                JavaSparkContext spark = cluster.spark(conf)) {
            Watch watch = watch(spark);
            StandaloneCluster.await(spark, 2);

            SmallTraining.Result result = TRAINING.run(spark, new BrokenHost(TRAINING.blocks()), rounds -> {});
            assertThat(result.parameters()).isEqualTo(undisturbed);
            assertThat(watch.excluded).hasSize(1);
            assertThat(result.rounds().get(7).slowest()).contains("on 127.0.0.1/");
        }
    }

    /** Blocks that can't be read on the second worker's host. */
    private record BrokenHost(RandomBlocks blocks) implements Block.Source {
        @Override
        public Block read(int worker, int number) {
            if (SparkEnv.get().blockManager().blockManagerId().host().equals("127.0.0.2")) {
                throw new IllegalStateException("a broken host");
            }
            return blocks.read(worker, number);
        }
    }

    @Test
    void anExecutorThatComesLateTrainsWithTheOthers() {
        try (StandaloneCluster cluster = new StandaloneCluster(directory, 1);
                JavaSparkContext spark = cluster.spark(new SparkConf())) {
            Watch watch = watch(spark);
            StandaloneCluster.await(spark, 1);
            assertReachesTheSameParameters(spark, afterRound(3, () -> {
                assertThat(watch.hosts).containsExactly("127.0.0.1");
                cluster.addWorker();
                StandaloneCluster.await(spark, 2);
            }));
            assertThat(watch.hosts).contains("127.0.0.2");
        }
    }

    private static Watch watch(JavaSparkContext spark) {
        Watch watch = new Watch();
        spark.sc().addSparkListener(watch);
        return watch;
    }

    private static IntConsumer afterRound(int when, Runnable action) {
        return rounds -> {
            if (rounds == when) {
                action.run();
            }
        };
    }

    private static void assertReachesTheSameParameters(JavaSparkContext spark, IntConsumer afterRound) {
        SmallTraining.Result result = TRAINING.run(spark, afterRound);
        assertThat(result.trained()).isEqualTo(TRAINING.plan().examples());
        assertThat(result.parameters()).isEqualTo(undisturbed);
    }
}
