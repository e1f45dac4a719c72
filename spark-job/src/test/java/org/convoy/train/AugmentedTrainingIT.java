package org.convoy.train;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.convoy.model.InputShape;
import org.convoy.model.Labels;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.Optimiser;
import org.convoy.model.Replica;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.Augmentation;
import org.convoy.runtime.Phases;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Training on augmented pictures gives the same bits however its tasks come to run. */
class AugmentedTrainingIT {
    private static final InputShape INPUT = new InputShape(1, 16, 16);
    private static final int CLASSES = 3;
    /** Each worker has 19 blocks of two batches, which make three windows, and goes through them in two rounds. */
    private static final EpochPlan PLAN = new EpochPlan(600, 2, 2, 8, AveragingPeriod.fixed(20), 5);

    private static final Augmentation AUGMENTATION = Augmentation.of(
            List.of("random-crop", "mirror", "mixup"),
            Map.of("random-crop.padding-pixels", 2.0, "fill-level", 0.0, "mixup.alpha", 1.0)::get);

    private static final AtomicInteger READS = new AtomicInteger();

    @TempDir
    private Path localDirectory;

    /** The blocks are read once each; one of the reads fails once. */
    private record FailingBlocks(RandomBlocks blocks, int failing) implements Block.Source {
        @Override
        public Block read(int worker, int number) {
            if (READS.incrementAndGet() == failing) {
                throw new IllegalStateException("a disk failed");
            }
            return blocks.read(worker, number);
        }
    }

    @Test
    void twoWorkersReachTheSameBitsOnOneSlotAndOnTwoAndAfterAFailureInMidRound() {
        float[] undisturbed = train("local[2]", PLAN, AUGMENTATION, Integer.MAX_VALUE);

        assertThat(train("local[1]", PLAN, AUGMENTATION, Integer.MAX_VALUE)).isEqualTo(undisturbed);
        // In the first round, when one worker has a window behind it.
        assertThat(train("local[1,2]", PLAN, AUGMENTATION, 12)).isEqualTo(undisturbed);
        assertThat(train("local[2]", PLAN, Augmentation.NONE, Integer.MAX_VALUE))
                .isNotEqualTo(undisturbed);
    }

    @Test
    void goesOnFromARoundInMidEpochBitForBit() {
        try (JavaSparkContext spark = spark("local[2]")) {
            List<List<RoundReport>> seen = new ArrayList<>();
            List<State> states = new ArrayList<>();
            float[] whole;
            try (AveragingLoop loop = loop(spark, PLAN, AUGMENTATION, Optional.empty(), Integer.MAX_VALUE)) {
                trainEpoch(spark, loop, List.of(), (rounds, reached) -> {
                    seen.add(List.copyOf(rounds));
                    states.add(reached);
                });
                whole = values(loop.state().parameters());
            }
            try (AveragingLoop loop = loop(spark, PLAN, AUGMENTATION, Optional.of(states.get(0)), Integer.MAX_VALUE)) {
                trainEpoch(spark, loop, seen.get(0), (rounds, reached) -> {});

                assertThat(values(loop.state().parameters())).isEqualTo(whole);
            }
        }
    }

    @Test
    void oneWorkerEqualsOneReplicaOnTheAugmentedPicturesBitForBit() {
        EpochPlan plan = new EpochPlan(50, 2, 1, 8, AveragingPeriod.fixed(3), 11);

        float[] trained = train("local[1]", plan, AUGMENTATION, Integer.MAX_VALUE);

        Replica replica = spec().replica();
        for (int epoch = 0; epoch < 2; epoch++) {
            Window window = blocks(plan).shard(0).window(epoch, 0);
            for (int from = 0; from < 50; from += 8) {
                Window.Minibatch batch = window.minibatch(from, Math.min(from + 8, 50));
                Labels labels = AUGMENTATION.apply(batch.pixels(), batch.labels(), batch.examples(), INPUT, 11, epoch);
                replica.fit(batch.pixels(), labels, 0.01);
            }
        }
        assertThat(trained).isEqualTo(values(replica.parameters()));
    }

    /** Trains two epochs. */
    private float[] train(String master, EpochPlan plan, Augmentation augmentation, int failing) {
        READS.set(0);
        try (JavaSparkContext spark = spark(master);
                AveragingLoop loop = loop(spark, plan, augmentation, Optional.empty(), failing)) {
            for (int epoch = 0; epoch < 2; epoch++) {
                int number = epoch;
                new Phases(spark, System.out)
                        .run("epoch", progress -> loop.train(number, List.of(), (rounds, reached) -> {}, progress));
            }
            assertThat(READS.get()).isGreaterThanOrEqualTo(failing == Integer.MAX_VALUE ? 0 : failing + 1);
            return values(loop.state().parameters());
        }
    }

    private static void trainEpoch(
            JavaSparkContext spark, AveragingLoop loop, List<RoundReport> done, EpochTrainer.AfterRound afterRound) {
        new Phases(spark, System.out).run("epoch", progress -> loop.train(0, done, afterRound, progress));
    }

    private static AveragingLoop loop(
            JavaSparkContext spark, EpochPlan plan, Augmentation augmentation, Optional<State> start, int failing) {
        RandomBlocks blocks = blocks(plan);
        ShardRdd shards = ShardRdd.of(
                spark.sc(), blocks.order(), new FailingBlocks(blocks, failing), StorageLevel.MEMORY_AND_DISK());
        return new AveragingLoop(spark, shards.toJavaRDD(), spec(), plan, augmentation, Averaging.PLAIN, start);
    }

    private static RandomBlocks blocks(EpochPlan plan) {
        return new RandomBlocks(new ExampleOrder(plan, 2 * plan.batchSize()), INPUT, CLASSES);
    }

    private static NetworkSpec spec() {
        Normalisation scale = Normalisation.of("scale", List.of(0.0), List.of(1.0));
        return new NetworkSpec(Architecture.named("lenet-5"), INPUT, CLASSES, scale, new Optimiser("sgd", 0.01, 0), 42);
    }

    private JavaSparkContext spark(String master) {
        return new JavaSparkContext(new SparkConf()
                .setMaster(master)
                .setAppName("AugmentedTrainingIT")
                .set("spark.local.dir", localDirectory.toString())
                .set("spark.ui.enabled", "false"));
    }

    private static float[] values(FloatBuffer view) {
        return FloatBuffer.allocate(view.remaining()).put(view).array();
    }
}
