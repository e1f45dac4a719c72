package org.convoy.train;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.convoy.model.InputShape;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.Augmentation;
import org.convoy.runtime.Phases;

/** An epoch of LeNet-5 on random pictures, for tests in which something happens to the cluster meanwhile. */
record SmallTraining(EpochPlan plan) {
    private static final InputShape INPUT = new InputShape(1, 16, 16);
    private static final int CLASSES = 3;

    record Result(long trained, ByteBuffer parameters, List<RoundReport> rounds) {}

    /** @param afterRound is told how many rounds have ended */
    Result run(JavaSparkContext spark, IntConsumer afterRound) {
        return run(spark, blocks(), afterRound);
    }

    /** With blocks from elsewhere. */
    Result run(JavaSparkContext spark, Block.Source blocks, IntConsumer afterRound) {
        ShardRdd shards = ShardRdd.of(spark.sc(), order(), blocks, StorageLevel.MEMORY_AND_DISK());
        Normalisation scale = Normalisation.of("scale", List.of(0.0), List.of(1.0));
        NetworkSpec spec = new NetworkSpec(
                Architecture.named("lenet-5"), INPUT, CLASSES, scale, new Optimiser("nesterov", 0.01, 0.9), 42);
        try (AveragingLoop loop = new AveragingLoop(
                spark, shards.toJavaRDD(), spec, plan, Augmentation.NONE, Averaging.PLAIN, Optional.empty())) {
            EpochTrainer.Epoch epoch = new Phases(spark, System.out)
                    .run(
                            "epoch",
                            progress -> loop.train(
                                    0, List.of(), (rounds, reached) -> afterRound.accept(rounds.size()), progress));
            return new Result(epoch.trained(), ByteBuffer.wrap(loop.state().vector()), epoch.rounds());
        }
    }

    /** The blocks that {@link #run(JavaSparkContext, IntConsumer)} trains. */
    RandomBlocks blocks() {
        return new RandomBlocks(order(), INPUT, CLASSES);
    }

    private ExampleOrder order() {
        return new ExampleOrder(plan, 2 * plan.batchSize());
    }
}
