package org.convoy.train;

import java.io.ByteArrayOutputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.convoy.model.Architecture;
import org.convoy.model.InputShape;
import org.convoy.model.Labels;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.ObservedStatistics;
import org.convoy.model.Optimiser;
import org.convoy.model.Regularisation;
import org.convoy.model.Replica;
import org.convoy.model.RunningStatistics;
import org.convoy.model.Schedule;
import org.convoy.model.StockDl4j;
import org.convoy.model.augment.Augmentation;
import org.convoy.model.layer.FastLayers;
import org.convoy.runtime.Phases;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The loop against what it must equal; shards made in code, tasks in one JVM. */
class AveragingLoopIT {
    private static final InputShape INPUT = new InputShape(1, 16, 16);
    private static final int CLASSES = 3;

    @TempDir
    private static Path localDirectory;

    private static final Averaging SLOWMO_AND_AVERAGE =
            new Averaging(OptimiserStatePolicy.AVERAGE, OuterStep.SLOWMO, WireFormat.FLOAT32, 0.9);

    private static JavaSparkContext spark;

    @BeforeAll
    static void openSpark() {
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[4]")
                .setAppName("AveragingLoopIT")
                .set("spark.local.dir", localDirectory.toString())
                .set("spark.ui.enabled", "false"));
    }

    @AfterAll
    static void closeSpark() {
        spark.close();
    }

    @ParameterizedTest
    @CsvSource({"sgd, AVERAGE", "nesterov, AVERAGE", "adam, AVERAGE", "sgd, RESET", "adam, LOCAL"})
    void oneWorkerEqualsPlainDl4jToRounding(String optimiser, OptimiserStatePolicy policy) {
        Averaging averaging = new Averaging(policy, OuterStep.PLAIN, WireFormat.FLOAT32);
        NetworkSpec spec = spec(new Optimiser(optimiser, 0.01, 0.9));
        // 50 examples in batches of 8: the last batch is short, and so is the last round.
        EpochPlan plan = new EpochPlan(50, 2, 1, 8, AveragingPeriod.fixed(3), 11);
        List<Shard> shards = shards(plan);

        float[] averaged = train(spec, plan, averaging, 2);

        MultiLayerNetwork network = StockDl4j.network(spec);
        FastLayers.install(network);
        fit(network, spec, plan, shards.get(0), 2);
        assertThat(largestDifference(averaged, network.params().toFloatVector()))
                .isLessThan(1e-5);
    }

    @Test
    void oneWorkerEqualsOneReplicaAtTheSchedulesRatesBitForBit() {
        Schedule schedule = Schedule.named("cosine", 0.2, 0.3, 0.1, 2);
        NetworkSpec spec = spec(new Optimiser("adamw", 0.01, 0.9, new Regularisation(0.1, 0, 0, 1, 0.1), schedule));
        EpochPlan plan = new EpochPlan(50, 2, 1, 8, AveragingPeriod.fixed(3), 11);
        List<Shard> shards = shards(plan);

        float[] averaged = train(spec, plan, Averaging.PLAIN, 2);

        Replica replica = spec.replica();
        for (int epoch = 0; epoch < 2; epoch++) {
            Window window = shards.get(0).window(epoch, 0);
            for (int from = 0; from < 50; from += 8) {
                Window.Minibatch batch = window.minibatch(from, Math.min(from + 8, 50));
                double rate = schedule.rate(0.01, (50 * epoch + from) / 100.0);
                replica.fit(batch.pixels(), batch.labels(), rate);
            }
        }
        assertThat(averaged).isEqualTo(values(replica.parameters()));
    }

    @Test
    void oneWorkerFollowsStockDl4jOnStockLayersToRounding() {
        NetworkSpec spec = spec(new Optimiser("sgd", 0.01, 0));
        EpochPlan plan = new EpochPlan(50, 2, 1, 8, AveragingPeriod.fixed(3), 11);
        List<Shard> shards = shards(plan);

        float[] averaged = train(spec, plan, Averaging.PLAIN, 1);

        MultiLayerNetwork stock = StockDl4j.network(spec);
        fit(stock, spec, plan, shards.get(0), 1);
        assertThat(largestDifference(averaged, stock.params().toFloatVector())).isLessThan(1e-5);
    }

    private static void fit(MultiLayerNetwork network, NetworkSpec spec, EpochPlan plan, Shard shard, int epochs) {
        for (int epoch = 0; epoch < epochs; epoch++) {
            Window window = shard.window(epoch, 0);
            for (int from = 0; from < window.end(); from += plan.batchSize()) {
                Window.Minibatch batch = window.minibatch(from, Math.min(from + plan.batchSize(), window.end()));
                network.fit(StockDl4j.minibatch(spec, batch.pixels(), batch.labels()));
            }
        }
    }

    @Test
    void twoWorkersWithPeriodOneEqualOneStepOnTheJoinedBatch() {
        NetworkSpec spec = spec(new Optimiser("sgd", 0.05, 0));
        EpochPlan plan = new EpochPlan(16, 2, 2, 8, AveragingPeriod.fixed(1), 3);
        List<Shard> shards = shards(plan);

        float[] averaged = train(spec, plan, Averaging.PLAIN, 1);

        Replica joined = spec.replica();
        joined.fit(joinedPixels(shards), Labels.of(joinedLabels(shards)), 0.05);
        assertThat(largestDifference(averaged, values(joined.parameters())))
                .isPositive()
                .isLessThan(1e-6);
    }

    @Test
    void unequalWorkersAreWeightedByTheirExamples() {
        NetworkSpec spec = spec(new Optimiser("sgd", 0.05, 0));
        // Worker 0 has one example, worker 1 has two: the mean of three gradients, not of two means.
        EpochPlan plan = new EpochPlan(3, 2, 2, 8, AveragingPeriod.fixed(1), 3);
        List<Shard> shards = shards(plan);
        assertThat(shards).extracting(Shard::load).containsExactly(1L, 2L);

        float[] averaged = train(spec, plan, Averaging.PLAIN, 1);

        Replica joined = spec.replica();
        joined.fit(joinedPixels(shards), Labels.of(joinedLabels(shards)), 0.05);
        assertThat(largestDifference(averaged, values(joined.parameters()))).isLessThan(1e-6);
    }

    @Test
    void localOptimiserStateStaysWithItsWorker() {
        NetworkSpec spec = spec(new Optimiser("nesterov", 0.01, 0.9));
        // Worker 1 has one batch more: in the last round of each epoch worker 0 has nothing to do.
        EpochPlan plan = new EpochPlan(17, 2, 2, 8, AveragingPeriod.fixed(1), 3);
        List<Shard> shards = shards(plan);

        float[] averaged =
                train(spec, plan, new Averaging(OptimiserStatePolicy.LOCAL, OuterStep.PLAIN, WireFormat.FLOAT32), 2);

        List<Replica> replicas = List.of(spec.replica(), spec.replica());
        float[] theta = values(spec.replica().parameters());
        for (int epoch = 0; epoch < 2; epoch++) {
            for (EpochPlan.Round round : plan.rounds(epoch)) {
                double[] sum = new double[theta.length];
                for (int worker = 0; worker < 2; worker++) {
                    int from = plan.firstPosition(worker, round);
                    int to = plan.lastPosition(worker, round);
                    if (from < to) {
                        Replica replica = replicas.get(worker);
                        replica.parameters().put(theta);
                        Window.Minibatch batch =
                                shards.get(worker).window(epoch, 0).minibatch(from, to);
                        replica.fit(batch.pixels(), batch.labels(), 0.01);
                        FloatBuffer reached = replica.parameters();
                        for (int i = 0; i < sum.length; i++) {
                            sum[i] += (double) (to - from) * reached.get(i);
                        }
                    }
                }
                for (int i = 0; i < sum.length; i++) {
                    theta[i] = (float) (sum[i] / plan.examplesIn(round));
                }
            }
        }
        assertThat(averaged).isEqualTo(theta);
    }

    @Test
    void sixteenBitsOnTheWireStayNearThirtyTwo() {
        NetworkSpec spec = spec(new Optimiser("nesterov", 0.01, 0.9));
        EpochPlan plan = new EpochPlan(64, 1, 2, 8, AveragingPeriod.fixed(2), 3);
        float[] start = values(spec.replica().parameters());

        float[] exact = train(spec, plan, Averaging.PLAIN, 1);
        float[] rounded =
                train(spec, plan, new Averaging(OptimiserStatePolicy.AVERAGE, OuterStep.PLAIN, WireFormat.BFLOAT16), 1);

        assertThat(largestDifference(rounded, exact)).isPositive().isLessThan(0.02 * largestDifference(exact, start));
    }

    @Test
    void sameSeedAndWorkersGiveTheSameParametersBitForBit() {
        NetworkSpec spec = spec(new Optimiser("nesterov", 0.01, 0.9));
        EpochPlan plan = new EpochPlan(101, 2, 3, 8, AveragingPeriod.fixed(2), 5);

        float[] once = train(spec, plan, Averaging.PLAIN, 2);
        float[] again = train(spec, plan, Averaging.PLAIN, 2);

        assertThat(again).isEqualTo(once);
    }

    @Test
    void accountsForEveryExample() {
        NetworkSpec spec = spec(new Optimiser("sgd", 0.01, 0));
        EpochPlan plan = new EpochPlan(101, 2, 4, 8, AveragingPeriod.fixed(2), 5);
        try (AveragingLoop loop = loop(spec, plan, Averaging.PLAIN)) {
            EpochTrainer.Epoch epoch = trainEpoch(loop, 0);

            assertThat(epoch.planned()).isEqualTo(101);
            assertThat(epoch.trained()).isEqualTo(101);
            assertThat(epoch.rounds()).extracting(RoundReport::examples).containsExactly(64L, 37L);
            assertThat(epoch.rounds()).allSatisfy(round -> {
                assertThat(round.divergence()).isPositive();
                assertThat(round.loss()).isPositive().isFinite();
                assertThat(round.computeSeconds()).isPositive().isLessThan(round.seconds());
            });
        }
    }

    @Test
    void reportsTheTrueMeanLossOverTheRound() {
        NetworkSpec spec = spec(new Optimiser("sgd", 0.05, 0));
        EpochPlan plan = new EpochPlan(3, 2, 2, 8, AveragingPeriod.fixed(1), 3);
        List<Shard> shards = shards(plan);
        double jointLoss = spec.replica().fit(joinedPixels(shards), Labels.of(joinedLabels(shards)), 0.05);
        try (AveragingLoop loop = loop(spec, plan, Averaging.PLAIN)) {

            assertThat(trainEpoch(loop, 0).loss()).isCloseTo(jointLoss, org.assertj.core.api.Assertions.within(1e-6));
        }
    }

    @Test
    void leavesNothingOfARoundBehind() throws Exception {
        NetworkSpec spec = spec(new Optimiser("sgd", 0.01, 0));
        EpochPlan plan = new EpochPlan(64, 2, 2, 8, AveragingPeriod.fixed(1), 5);
        try (AveragingLoop loop = loop(spec, plan, Averaging.PLAIN)) {
            assertThat(trainEpoch(loop, 0).rounds()).hasSize(4);
        }

        assertThat(filesOfRounds()).isEmpty();
    }

    private static List<String> filesOfRounds() throws Exception {
        try (Stream<Path> files = Files.walk(localDirectory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("shuffle_") || name.startsWith("broadcast_"))
                    .toList();
        }
    }

    @Test
    void lowersTheLossWithEveryOptimiser() {
        for (String optimiser : Optimiser.NAMES) {
            double rate = optimiser.equals("lars") ? 1 : 0.005;
            NetworkSpec spec = spec(new Optimiser(optimiser, rate, 0.9));
            EpochPlan plan = new EpochPlan(64, 3, 2, 8, AveragingPeriod.fixed(2), 5);
            try (AveragingLoop loop = loop(spec, plan, Averaging.PLAIN)) {
                double first = trainEpoch(loop, 0).loss();
                trainEpoch(loop, 1);

                assertThat(trainEpoch(loop, 2).loss()).as(optimiser).isLessThan(first);
            }
        }
    }

    /** A running variance that is the mean of the workers' variances and of their means'; the logarithms' mean is another. */
    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void batchNormStatisticsOfUnlikeWorkersArePooled(WireFormat wire) {
        Normalisation scale = Normalisation.of("scale", List.of(0.0), List.of(1.0));
        NetworkSpec spec =
                new NetworkSpec(Architecture.named("bn-cnn"), INPUT, CLASSES, scale, new Optimiser("sgd", 1e-9, 0), 42);
        EpochPlan plan = new EpochPlan(24, 1, 2, 8, AveragingPeriod.fixed(2), 3);
        List<Shard> shards = shards(plan);

        float[] averaged = train(spec, plan, new Averaging(OptimiserStatePolicy.AVERAGE, OuterStep.SLOWMO, wire), 1);

        RunningStatistics statistics = spec.replica().runningStatistics();
        FloatBuffer start = spec.replica().parameters();
        FloatBuffer pooled = FloatBuffer.allocate(start.remaining());
        for (int worker = 0; worker < 2; worker++) {
            Replica replica = spec.replica();
            Window window = shards.get(worker).window(0, 0);
            for (int from = 0; from < window.end(); from += 8) {
                Window.Minibatch batch = window.minibatch(from, Math.min(from + 8, window.end()));
                replica.fit(batch.pixels(), batch.labels(), 1e-9);
            }
            statistics.toMoments(replica.parameters(), start);
            for (int i = 0; i < pooled.limit(); i++) {
                pooled.put(i, pooled.get(i) + replica.parameters().get(i) / 2);
            }
        }
        statistics.fromMoments(pooled, start);
        FloatBuffer expected = FloatBuffer.allocate(start.remaining());
        statistics.copy(pooled, expected);
        FloatBuffer actual = FloatBuffer.allocate(start.remaining());
        statistics.copy(FloatBuffer.wrap(averaged), actual);
        assertThat(largestDifference(values(actual), values(expected)))
                .isLessThan(wire == WireFormat.FLOAT32 ? 1e-5 : 1e-2);
        assertThat(statistics.channels()).isPositive();
    }

    @Test
    void recomputedStatisticsAreThoseOfTheWholeSplit() {
        Normalisation scale = Normalisation.of("scale", List.of(0.0), List.of(1.0));
        NetworkSpec spec =
                new NetworkSpec(Architecture.named("bn-cnn"), INPUT, CLASSES, scale, new Optimiser("sgd", 0.01, 0), 42);
        EpochPlan plan = new EpochPlan(50, 1, 3, 8, AveragingPeriod.fixed(2), 3);
        Replica replica = spec.replica();
        State start = State.of(replica.parameters(), FloatBuffer.allocate(0));

        State recomputed = StatisticsPass.over(rdd(plan), spec, plan, start).orElseThrow();

        ObservedStatistics all =
                ObservedStatistics.none(replica.runningStatistics().channels());
        for (Shard shard : shards(plan)) {
            Window window = shard.window(0, 0);
            for (int from = 0; from < window.end(); from += 8) {
                Window.Minibatch batch = window.minibatch(from, Math.min(from + 8, window.end()));
                all = all.plus(replica.observe(batch.pixels(), batch.labels().size()));
            }
        }
        FloatBuffer expected = FloatBuffer.wrap(values(start.parameters()));
        replica.runningStatistics().write(all, expected);
        assertThat(all.examples()).isEqualTo(50);
        assertThat(largestDifference(values(recomputed.parameters()), expected.array()))
                .isLessThan(1e-6);
        assertThat(largestDifference(values(recomputed.parameters()), values(start.parameters())))
                .isPositive();
    }

    /** A shard smaller than a batch, a round that is short, workers with fewer rows than a batch, one row each. */
    @ParameterizedTest
    @CsvSource({"5, 2, 8, 4", "3, 3, 64, 1", "61, 2, 8, 2", "19, 4, 4, 3", "9, 8, 2, 1", "1, 1, 64, 16"})
    void trainsAwkwardNumbersOfExamplesExactlyOnce(long examples, int workers, int batchSize, int period) {
        EpochPlan plan = new EpochPlan(examples, 1, workers, batchSize, AveragingPeriod.fixed(period), 3);
        try (AveragingLoop loop = loop(spec(new Optimiser("sgd", 0.01, 0)), plan, Averaging.PLAIN)) {
            EpochTrainer.Epoch epoch = trainEpoch(loop, 0);

            assertThat(epoch.planned()).isEqualTo(examples);
            assertThat(epoch.trained()).isEqualTo(examples);
            assertThat(epoch.rounds().stream().mapToLong(RoundReport::examples).sum())
                    .isEqualTo(examples);
        }
    }

    private static NetworkSpec spec(Optimiser optimiser) {
        Normalisation scale = Normalisation.of("scale", List.of(0.0), List.of(1.0));
        return new NetworkSpec(Architecture.LENET_5, INPUT, CLASSES, scale, optimiser, 42);
    }

    @Test
    void aDivergedRoundIsRefusedAndLeavesTheStateBefore() {
        NetworkSpec spec = spec(new Optimiser("sgd", 1e20, 0));
        EpochPlan plan = new EpochPlan(64, 1, 2, 8, AveragingPeriod.fixed(4), 1);
        try (AveragingLoop loop = loop(spec, plan, Averaging.PLAIN)) {
            State before = loop.state();
            assertThatThrownBy(() -> trainEpoch(loop, 0))
                    .isInstanceOfSatisfying(Diverged.class, diverged -> assertThat(diverged.asUserError(0.25))
                            .hasMessageContaining("round 1 of epoch 1: training diverged")
                            .hasMessageContaining("(it was 0.25)"));
            assertThat(loop.state()).isSameAs(before);
        }
    }

    @Test
    void goesOnFromARoundInMidEpochBitForBit() {
        NetworkSpec spec = spec(new Optimiser("nesterov", 0.01, 0.9));
        EpochPlan plan = new EpochPlan(100, 1, 2, 8, AveragingPeriod.fixed(2), 1);
        List<List<RoundReport>> seen = new ArrayList<>();
        List<State> states = new ArrayList<>();
        State whole;
        try (AveragingLoop loop = new AveragingLoop(
                spark, rdd(plan), spec, plan, Augmentation.NONE, SLOWMO_AND_AVERAGE, Optional.empty())) {
            loop.train(
                    0,
                    List.of(),
                    (rounds, reached) -> {
                        seen.add(List.copyOf(rounds));
                        states.add(reached);
                    },
                    new Phases(spark, System.out).run("epoch", progress -> progress));
            whole = loop.state();
        }
        assertThat(seen).hasSize(plan.rounds(0).size() - 1);
        try (AveragingLoop loop = new AveragingLoop(
                spark, rdd(plan), spec, plan, Augmentation.NONE, SLOWMO_AND_AVERAGE, Optional.of(states.get(1)))) {
            EpochTrainer.Epoch rest = loop.train(
                    0,
                    seen.get(1),
                    (rounds, reached) -> {},
                    new Phases(spark, System.out).run("epoch", progress -> progress));
            assertThat(rest.trained()).isEqualTo(plan.examples());
            assertThat(loop.state().vector()).isEqualTo(whole.vector());
            assertThat(loop.state().velocity()).isEqualTo(whole.velocity());
            assertThat(loop.state().average().rounds()).isEqualTo(plan.rounds(0).size());
            assertThat(loop.state().average().values())
                    .isEqualTo(whole.average().values())
                    .isNotEqualTo(values(whole.parameters()));
        }
    }

    /** Blocks of two batches. */
    private static RandomBlocks blocks(EpochPlan plan) {
        return new RandomBlocks(new ExampleOrder(plan, 2 * plan.batchSize()), INPUT, CLASSES);
    }

    private static List<Shard> shards(EpochPlan plan) {
        return IntStream.range(0, plan.workers())
                .mapToObj(worker -> blocks(plan).shard(worker))
                .toList();
    }

    private static JavaRDD<Shard> rdd(EpochPlan plan) {
        RandomBlocks blocks = blocks(plan);
        return ShardRdd.of(spark.sc(), blocks.order(), blocks, StorageLevel.MEMORY_AND_DISK())
                .toJavaRDD();
    }

    private static float[] train(NetworkSpec spec, EpochPlan plan, Averaging averaging, int epochs) {
        try (AveragingLoop loop = loop(spec, plan, averaging)) {
            for (int epoch = 0; epoch < epochs; epoch++) {
                trainEpoch(loop, epoch);
            }
            return values(loop.state().parameters());
        }
    }

    private static AveragingLoop loop(NetworkSpec spec, EpochPlan plan, Averaging averaging) {
        return new AveragingLoop(spark, rdd(plan), spec, plan, Augmentation.NONE, averaging, Optional.empty());
    }

    private static EpochTrainer.Epoch trainEpoch(AveragingLoop loop, int epoch) {
        return new Phases(spark, System.out)
                .run("epoch", progress -> loop.train(epoch, List.of(), (rounds, reached) -> {}, progress));
    }

    private static byte[] joinedPixels(List<Shard> shards) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        shards.forEach(shard -> joined.writeBytes(whole(shard).pixels()));
        return joined.toByteArray();
    }

    private static int[] joinedLabels(List<Shard> shards) {
        return shards.stream()
                .flatMapToInt(shard -> Arrays.stream(whole(shard).labels().first()))
                .toArray();
    }

    /** A shard of one window in the order of the first epoch. */
    private static Window.Minibatch whole(Shard shard) {
        Window window = shard.window(0, 0);
        return window.minibatch(0, window.end());
    }

    private static float[] values(FloatBuffer view) {
        return FloatBuffer.allocate(view.remaining()).put(view).array();
    }

    private static double largestDifference(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs((double) a[i] - b[i]));
        }
        return largest;
    }
}
