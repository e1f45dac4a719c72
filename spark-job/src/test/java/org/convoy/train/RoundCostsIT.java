package org.convoy.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.storage.StorageLevel;
import org.bytedeco.javacpp.Pointer;
import org.convoy.model.InputShape;
import org.convoy.model.ModelArchive;
import org.convoy.model.ModelCard;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Normalisation;
import org.convoy.model.NormalisationCard;
import org.convoy.model.Optimiser;
import org.convoy.model.ParentModel;
import org.convoy.model.Replica;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.Augmentation;
import org.convoy.runtime.Phases;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

/** What rounds cost, and what they must not leave behind. */
@Tag("heavy")
class RoundCostsIT {
    private static final InputShape INPUT = new InputShape(1, 16, 16);
    /** Gives a vector beside which what a task's description takes is small. */
    private static final InputShape LARGER = new InputShape(1, 32, 32);

    private static final int CLASSES = 3;

    @TempDir
    private Path localDirectory;

    @Test
    void whatTheDriverSendsAndReceivesDoesNotGrowWithTheWorkers() throws Exception {
        Map<Integer, Long> sent = new HashMap<>();
        Map<Integer, Long> received = new HashMap<>();
        for (int workers : List.of(1, 3)) {
            EpochPlan plan = new EpochPlan(80L * workers, 1, workers, 8, AveragingPeriod.fixed(1), 5);
            try (JavaSparkContext spark = spark("local-cluster[" + workers + ",1,512]", separate());
                    AveragingLoop loop = loop(spark, plan, LARGER)) {
                trainEpoch(spark, loop, 0);
                long sentBefore = transferred("wchar");
                long receivedBefore = transferred("rchar");
                assertThat(trainEpoch(spark, loop, 0).rounds()).hasSize(10);
                sent.put(workers, transferred("wchar") - sentBefore);
                received.put(workers, transferred("rchar") - receivedBefore);
            }
        }

        long vectors = 10 * 4L * spec(LARGER).replica().parameters().remaining();
        assertThat(sent.get(1)).isGreaterThan(vectors);
        assertThat(sent.get(3)).isCloseTo(sent.get(1), withinPercentage(10));
        assertThat(received.get(1)).isGreaterThan(vectors);
        assertThat(received.get(3)).isCloseTo(received.get(1), withinPercentage(10));
    }

    @Test
    void ofAFrozenNetworkOnlyWhatIsTrainedTravels() throws Exception {
        NetworkSpec whole = spec(LARGER);
        NetworkSpec frozen = frozenBelowItsHead(whole);
        long all = 4L * whole.replica().parameters().remaining();
        long trained = 4L * frozen.replica().parameters().remaining();
        assertThat(trained).isEqualTo(4 * (500 * CLASSES + CLASSES));
        EpochPlan plan = new EpochPlan(160, 1, 2, 8, AveragingPeriod.fixed(1), 5);
        AtomicLong shuffled = new AtomicLong();
        long sent;
        long received;
        try (JavaSparkContext spark = spark("local-cluster[2,1,512]", separate());
                AveragingLoop loop = loop(spark, plan, LARGER, frozen)) {
            // With the first round go the frozen parameters, once to each executor or from one to the other.
            trainEpoch(spark, loop, 0);
            spark.sc().addSparkListener(new SparkListener() {
                @Override
                public void onTaskEnd(SparkListenerTaskEnd task) {
                    shuffled.addAndGet(task.taskMetrics().shuffleWriteMetrics().bytesWritten());
                }
            });
            long written = transferred("wchar");
            long read = transferred("rchar");
            assertThat(trainEpoch(spark, loop, 0).rounds()).hasSize(10);
            sent = transferred("wchar") - written;
            received = transferred("rchar") - read;
        }

        assertThat(shuffled.get()).isBetween(10 * 2 * trained, 10 * (2 * trained + 2_000));
        assertThat(sent).isGreaterThan(10 * trained).isLessThan(10 * all / 10);
        assertThat(received).isGreaterThan(10 * trained).isLessThan(10 * all / 10);
    }

    /** As if it came from an archive: what is frozen is the whole network but its last layer. */
    private static NetworkSpec frozenBelowItsHead(NetworkSpec whole) {
        Replica replica = whole.replica();
        List<String> classes = List.of("a", "b", "c");
        ModelCard card = new ModelCard(
                ModelCard.FORMAT_VERSION,
                "lenet-5",
                Map.of(),
                whole.input(),
                classes,
                NormalisationCard.of(whole.normalisation()),
                Map.of(),
                replica.parameters().remaining(),
                "",
                "",
                Map.of(),
                42,
                "",
                Map.of(),
                "",
                0,
                List.of());
        byte[] zip = ModelArchive.of(whole, replica.parameters(), replica.optimiserState(), card)
                .zip();
        return new NetworkSpec(
                ParentModel.read(zip, "parent").topology(ParentModel.Head.KEEP, "below-head", whole.input(), classes),
                whole.input(),
                CLASSES,
                whole.normalisation(),
                whole.optimiser(),
                List.of(),
                42);
    }

    /**
     * Bytes that this process has moved so far, over the network as well.
     *
     * @param direction "rchar" what it read, "wchar" what it wrote
     */
    private static long transferred(String direction) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/io")).stream()
                .filter(line -> line.startsWith(direction + ": "))
                .mapToLong(line -> Long.parseLong(line.substring(direction.length() + 2)))
                .sum();
    }

    private static SparkConf separate() {
        return new SparkConf()
                .set("spark.executor.memory", "512m")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    }

    @Test
    void aRoundIsOneJobAndNoBlockIsReadTwice() {
        AtomicInteger jobs = new AtomicInteger();
        EpochPlan plan = new EpochPlan(64, 3, 2, 8, AveragingPeriod.fixed(1), 5);
        try (JavaSparkContext spark = spark("local[2]")) {
            spark.sc().addSparkListener(new SparkListener() {
                @Override
                public void onJobStart(SparkListenerJobStart job) {
                    jobs.incrementAndGet();
                }
            });
            CountedBlocks.READ.set(0);
            train(spark, plan);
        }

        assertThat(jobs.get()).isEqualTo(3 * 4);
        assertThat(CountedBlocks.READ.get()).isEqualTo(new ExampleOrder(plan, 16).firstBlock(2));
    }

    @Test
    void fiveHundredRoundsLeaveDriverAndExecutorsAsTheyWere() {
        EpochPlan plan = new EpochPlan(16 * 250, 2, 2, 8, AveragingPeriod.fixed(1), 5);
        try (JavaSparkContext spark = spark("local-cluster[2,1,512]", separate());
                AveragingLoop loop = loop(spark, plan)) {
            trainEpoch(spark, loop, 0);
            List<Long> early = memory(spark);
            long earlyHere = usedHere();

            assertThat(trainEpoch(spark, loop, 1).rounds()).hasSize(250);
            assertThat(memory(spark)).hasSize(2).zipSatisfy(early, (late, before) -> assertThat(late)
                    .isLessThan(before + (4 << 20)));
            assertThat(usedHere()).isLessThan(earlyHere + (8 << 20));
        }
    }

    /** Bytes in use in each executor after a collection: heap and off the heap. */
    private static List<Long> memory(JavaSparkContext spark) {
        return spark.parallelize(List.of(0, 1), 2)
                .map(executor -> {
                    // Long enough that each executor gets one.
                    Thread.sleep(500);
                    return usedHere();
                })
                .collect();
    }

    private static long usedHere() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory() + Pointer.totalBytes();
    }

    /** Counts what is read in this JVM. */
    private record CountedBlocks(RandomBlocks blocks) implements Block.Source {
        private static final AtomicInteger READ = new AtomicInteger();

        @Override
        public Block read(int worker, int number) {
            READ.incrementAndGet();
            return blocks.read(worker, number);
        }
    }

    private JavaSparkContext spark(String master) {
        return spark(master, new SparkConf());
    }

    private JavaSparkContext spark(String master, SparkConf conf) {
        Training.SPARK_DEFAULTS.forEach(conf::set);
        return new JavaSparkContext(conf.setMaster(master)
                .setAppName("RoundCostsIT")
                .set("spark.local.dir", localDirectory.toString())
                .set("spark.ui.enabled", "false"));
    }

    private static void train(JavaSparkContext spark, EpochPlan plan) {
        try (AveragingLoop loop = loop(spark, plan)) {
            for (int epoch = 0; epoch < plan.epochs(); epoch++) {
                assertThat(trainEpoch(spark, loop, epoch).trained()).isEqualTo(plan.examples());
            }
        }
    }

    private static AveragingLoop loop(JavaSparkContext spark, EpochPlan plan) {
        return loop(spark, plan, INPUT);
    }

    private static AveragingLoop loop(JavaSparkContext spark, EpochPlan plan, InputShape input) {
        return loop(spark, plan, input, spec(input));
    }

    private static AveragingLoop loop(JavaSparkContext spark, EpochPlan plan, InputShape input, NetworkSpec spec) {
        ExampleOrder order = new ExampleOrder(plan, 2 * plan.batchSize());
        CountedBlocks blocks = new CountedBlocks(new RandomBlocks(order, input, CLASSES));
        ShardRdd shards = ShardRdd.of(spark.sc(), order, blocks, StorageLevel.MEMORY_AND_DISK());
        return new AveragingLoop(
                spark, shards.toJavaRDD(), spec, plan, Augmentation.NONE, Averaging.PLAIN, Optional.empty());
    }

    private static NetworkSpec spec(InputShape input) {
        Normalisation scale = Normalisation.of("scale", List.of(0.0), List.of(1.0));
        return new NetworkSpec(Architecture.named("lenet-5"), input, CLASSES, scale, new Optimiser("sgd", 0.01, 0), 42);
    }

    private static EpochTrainer.Epoch trainEpoch(JavaSparkContext spark, AveragingLoop loop, int epoch) {
        return new Phases(spark, System.out)
                .run("epoch", progress -> loop.train(epoch, List.of(), (rounds, reached) -> {}, progress));
    }
}
