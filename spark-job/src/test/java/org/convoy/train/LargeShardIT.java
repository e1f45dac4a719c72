package org.convoy.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskLocality;
import org.apache.spark.storage.RDDInfo;
import org.apache.spark.storage.StorageLevel;
import org.convoy.model.InputShape;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.Augmentation;
import org.convoy.runtime.Phases;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.collection.JavaConverters;

import static org.assertj.core.api.Assertions.assertThat;

/** A dataset that is several times what the executors can keep in memory; executors in processes of their own. */
@Tag("heavy")
class LargeShardIT {
    private static final InputShape INPUT = new InputShape(3, 16, 16);
    private static final int CLASSES = 3;
    private static final long EXAMPLES = 250_000;

    @TempDir
    private Path localDirectory;

    /** Which executor ran which worker, and how near to its blocks, in stages over the shards. */
    private static final class Placement extends SparkListener {
        private final Set<Integer> shardStages = ConcurrentHashMap.newKeySet();
        private final Map<Integer, Set<String>> executors = new ConcurrentHashMap<>();
        private final Set<String> localities = ConcurrentHashMap.newKeySet();

        @Override
        public void onStageSubmitted(SparkListenerStageSubmitted stage) {
            boolean overShards = JavaConverters.seqAsJavaList(stage.stageInfo().rddInfos()).stream()
                    .anyMatch(rdd -> rdd.name().equals("blocks of the train split"));
            if (overShards) {
                shardStages.add(stage.stageInfo().stageId());
            }
        }

        @Override
        public void onTaskStart(SparkListenerTaskStart task) {
            if (shardStages.contains(task.stageId())) {
                executors
                        .computeIfAbsent(task.taskInfo().index(), worker -> ConcurrentHashMap.newKeySet())
                        .add(task.taskInfo().executorId());
                localities.add(task.taskInfo().taskLocality().toString());
            }
        }
    }

    @Test
    void trainsAnEpochOfADatasetFourTimesTheExecutorsStorageMemory() {
        SparkConf conf = new SparkConf()
                .setMaster("local-cluster[2,1,512]")
                .setAppName("LargeShardIT")
                .set("spark.executor.memory", "512m")
                .set("spark.memory.fraction", "0.1")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .set("spark.local.dir", localDirectory.toString())
                .set("spark.ui.enabled", "false");
        EpochPlan plan = new EpochPlan(EXAMPLES, 1, 2, 256, AveragingPeriod.fixed(64), 3);
        NetworkSpec spec = new NetworkSpec(
                Architecture.named("lenet-5"),
                INPUT,
                CLASSES,
                Normalisation.of("scale", List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                new Optimiser("sgd", 0.01, 0),
                42);
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            ExampleOrder order = ExampleOrder.of(plan, INPUT.size());
            ShardRdd shards = ShardRdd.of(
                    spark.sc(), order, new RandomBlocks(order, INPUT, CLASSES), StorageLevel.MEMORY_AND_DISK());
            Phases phases = new Phases(spark, System.out);
            phases.run("Loading shards", shards::load);

            String driver = SparkEnv.get().blockManager().blockManagerId().hostPort();
            long storageMemory = JavaConverters.mapAsJavaMap(spark.sc().getExecutorMemoryStatus()).entrySet().stream()
                    .filter(process -> !process.getKey().equals(driver))
                    .mapToLong(executor -> (Long) executor.getValue()._1())
                    .sum();
            RDDInfo stored = spark.sc().getRDDStorageInfo()[0];
            assertThat(EXAMPLES * INPUT.size()).isGreaterThan(4 * storageMemory);
            assertThat(stored.numCachedPartitions()).isEqualTo(order.firstBlock(2));
            assertThat(stored.diskSize()).isGreaterThan(3 * stored.memSize());

            Placement placement = new Placement();
            spark.sc().addSparkListener(placement);
            try (AveragingLoop loop = new AveragingLoop(
                    spark, shards.toJavaRDD(), spec, plan, Augmentation.NONE, Averaging.PLAIN, Optional.empty())) {
                EpochTrainer.Epoch epoch =
                        phases.run("epoch", progress -> loop.train(0, List.of(), (rounds, reached) -> {}, progress));

                assertThat(epoch.planned()).isEqualTo(EXAMPLES);
                assertThat(epoch.trained()).isEqualTo(EXAMPLES);
            }
            assertThat(placement.localities)
                    .containsExactly(TaskLocality.PROCESS_LOCAL().toString());
            assertThat(placement.executors).hasSize(2).allSatisfy((worker, executors) -> assertThat(executors)
                    .hasSize(1));
        }
    }
}
