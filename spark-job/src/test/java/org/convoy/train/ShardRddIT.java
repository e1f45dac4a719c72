package org.convoy.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.convoy.model.InputShape;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.Optimiser;
import org.convoy.model.StockDl4j;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.Augmentation;
import org.convoy.runtime.Phases;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;

import static org.assertj.core.api.Assertions.assertThat;

/** Shards of several blocks and windows, in one JVM. */
class ShardRddIT {
    private static final InputShape INPUT = new InputShape(1, 16, 16);
    private static final int CLASSES = 3;

    /** Two shards of 155 and 156 examples: ten blocks of 16, five to a window, rounds of three batches of 8. */
    private static final EpochPlan PLAN = new EpochPlan(311, 2, 2, 8, AveragingPeriod.fixed(3), 7);

    private static final ExampleOrder ORDER = new ExampleOrder(PLAN, 16);
    private static final NetworkSpec SPEC = new NetworkSpec(
            Architecture.named("lenet-5"),
            INPUT,
            CLASSES,
            Normalisation.of("scale", List.of(0.0), List.of(1.0)),
            new Optimiser("nesterov", 0.01, 0.9),
            42);

    private static final AtomicInteger READ = new AtomicInteger();

    @TempDir
    private static Path localDirectory;

    private static JavaSparkContext spark;

    /** Counts the blocks that tasks of this JVM read. */
    private record CountedBlocks(RandomBlocks blocks) implements Block.Source {
        @Override
        public Block read(int worker, int number) {
            READ.incrementAndGet();
            return blocks.read(worker, number);
        }
    }

    @BeforeAll
    static void openSpark() {
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName("ShardRddIT")
                .set("spark.local.dir", localDirectory.toString())
                .set("spark.ui.enabled", "false"));
    }

    @AfterAll
    static void closeSpark() {
        spark.close();
    }

    @Test
    void trainsTheSameBitForBitWhereverTheBlocksLie() {
        byte[] inMemory = train(shards(StorageLevel.MEMORY_AND_DISK()));

        assertThat(train(shards(StorageLevel.DISK_ONLY()))).isEqualTo(inMemory);
        assertThat(train(shards(StorageLevel.NONE()))).isEqualTo(inMemory);
    }

    @Test
    void readsEveryBlockOnceWhenItLoadsAndNeverAgain() {
        READ.set(0);
        ShardRdd shards = shards(StorageLevel.MEMORY_AND_DISK());

        long rows = new Phases(spark, System.out).run("Loading shards", shards::load);
        train(shards);

        assertThat(rows).isEqualTo(311);
        assertThat(READ).hasValue(20);
    }

    @Test
    void keepsAWindowFromRoundToRound() {
        READ.set(0);

        train(shards(StorageLevel.NONE()));

        // Seven rounds an epoch, and two epochs.
        assertThat(READ).hasValue(2 * 20);
    }

    @Test
    void freesTheBlocks() {
        ShardRdd shards = shards(StorageLevel.MEMORY_AND_DISK());
        int blocks = shards.dependencies().head().rdd().id();
        new Phases(spark, System.out).run("Loading shards", shards::load);
        assertThat(spark.getPersistentRDDs()).containsKey(blocks);

        shards.toJavaRDD().unpersist(true);

        assertThat(spark.getPersistentRDDs()).doesNotContainKey(blocks);
    }

    @Test
    void dl4jSparkGetsTheSameMinibatches() {
        List<DataSet> got = new ArrayList<>(
                Dl4jSparkTraining.minibatches(shards(StorageLevel.NONE()).toJavaRDD(), SPEC, PLAN, 1)
                        .collect());

        for (int worker = 0; worker < 2; worker++) {
            for (int number = 0; number < ORDER.windows(worker); number++) {
                Window window =
                        new RandomBlocks(ORDER, INPUT, CLASSES).shard(worker).window(1, number);
                for (int from = window.first(); from < window.end(); from += 8) {
                    Window.Minibatch batch = window.minibatch(from, Math.min(from + 8, window.end()));
                    assertThat(got.remove(0)).isEqualTo(StockDl4j.minibatch(SPEC, batch.pixels(), batch.labels()));
                }
            }
        }
        assertThat(got).isEmpty();
    }

    private static ShardRdd shards(StorageLevel storage) {
        return ShardRdd.of(spark.sc(), ORDER, new CountedBlocks(new RandomBlocks(ORDER, INPUT, CLASSES)), storage);
    }

    private static byte[] train(ShardRdd shards) {
        try (AveragingLoop loop = new AveragingLoop(
                spark, shards.toJavaRDD(), SPEC, PLAN, Augmentation.NONE, Averaging.PLAIN, Optional.empty())) {
            for (int epoch = 0; epoch < 2; epoch++) {
                int now = epoch;
                EpochTrainer.Epoch trained = new Phases(spark, System.out)
                        .run("epoch", progress -> loop.train(now, List.of(), (rounds, reached) -> {}, progress));
                assertThat(trained.trained()).isEqualTo(311);
            }
            return loop.state().vector();
        }
    }
}
