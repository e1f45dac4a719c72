package org.convoy.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.convoy.data.PreparedDataset;
import org.convoy.model.Labels;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Optimiser;
import org.convoy.model.Replica;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.Augmentation;

/**
 * Training that is fed as {@code train} feeds it, beside the same batches out of a list in memory: one worker, one round, so that
 * the time of its local steps is all there is. Before the clock both reach the same parameters.
 */
final class FeedPart {
    private static final String TITLE = "Training the seed CNN, one worker, batch 64, MNIST; images per second, medians";
    private static final Optimiser SGD = new Optimiser("sgd", 0.01, 0);
    private static final Map<String, Double> CROP = Map.of("random-crop.padding-pixels", 2.0, "fill-level", 0.0);

    /** Where the batches come from. */
    private enum Feed {
        MEMORY("a list in memory"),
        STORAGE("Spark's storage, read from Parquet before"),
        PARQUET("Parquet, the time to read it counted in"),
        AUGMENTED("Spark's storage, with random crop and mirror");

        private final String title;

        Feed(String title) {
            this.title = title;
        }
    }

    /**
     * One line.
     *
     * @param imagesPerSecond one figure per round
     * @param ofMemory share of the speed from memory, median of those within each round
     */
    record Row(String feed, List<Double> imagesPerSecond, double median, double ofMemory) {}

    private FeedPart() {}

    static void run(Path pictures, PartOptions options, BenchReport report) throws IOException {
        try (BenchData data = BenchData.at(pictures);
                BenchCluster cluster = BenchCluster.local(1)) {
            PreparedDataset mnist = data.dataset(cluster, BenchData.MNIST);
            NetworkSpec spec = BenchTraining.spec(Architecture.named("seed-cnn"), mnist, SGD, 1);
            // A period as long as the epoch at least.
            EpochPlan plan = new EpochPlan(
                    options.examples(),
                    1 + options.rounds(),
                    1,
                    BenchTraining.BATCH_SIZE,
                    AveragingPeriod.fixed(options.examples()),
                    1);
            Map<Feed, List<Double>> speeds = new EnumMap<>(Feed.class);
            for (Feed feed : Feed.values()) {
                speeds.put(feed, new ArrayList<>());
            }
            measure(cluster, mnist, spec, plan, speeds);
            report(report, speeds);
        }
    }

    private static void measure(
            BenchCluster cluster,
            PreparedDataset mnist,
            NetworkSpec spec,
            EpochPlan plan,
            Map<Feed, List<Double>> speeds) {
        ShardRdd shards = ShardLoader.shards(cluster.spark(), mnist, plan);
        cluster.phases().run("Loading shards", shards::load);
        List<Block> batches = Agreement.batches(shards, plan).get(0);
        Replica replica = spec.replica();
        Augmentation cropAndMirror = Augmentation.of(List.of("random-crop", "mirror"), CROP::get);
        // Not closed: they share the shards, which go with the session.
        AveragingLoop plain = loop(cluster, shards, spec, plan, Augmentation.NONE);
        AveragingLoop augmented = loop(cluster, shards, spec, plan, cropAndMirror);

        // To warm up, and to see that both train the same.
        stepSeconds(cluster, "Checking", plain, 0);
        Agreement.ofFirstRound(spec, plan, shards, plain.state().parameters());
        stepSeconds(cluster, "Warming up", augmented, 0);
        List<Feed> turns = new ArrayList<>(speeds.keySet());
        Random random = new Random(1);
        for (int epoch = 1; epoch < plan.epochs(); epoch++) {
            // What goes before can slow training down, so it is not the same in each round.
            Collections.shuffle(turns, random);
            Map<Feed, Double> seconds = new EnumMap<>(Feed.class);
            for (Feed feed : turns) {
                seconds.put(feed, switch (feed) {
                    case MEMORY -> seconds(replica, batches, spec);
                    case STORAGE -> stepSeconds(cluster, "Fed by Spark", plain, epoch);
                    case PARQUET -> loadSeconds(cluster, mnist, plan);
                    case AUGMENTED -> stepSeconds(cluster, "Fed by Spark, augmented", augmented, epoch);
                });
            }
            // What is read is then trained from Spark's storage.
            seconds.merge(Feed.PARQUET, seconds.get(Feed.STORAGE), Double::sum);
            seconds.forEach((feed, taken) -> speeds.get(feed).add(plan.examples() / taken));
        }
    }

    private static void report(BenchReport report, Map<Feed, List<Double>> speeds) {
        report.table(TITLE, "batches come from", "images/s", "of the speed from memory");
        speeds.forEach((feed, measured) -> {
            double ofMemory = Interleaved.ratio(measured, speeds.get(Feed.MEMORY));
            Row row = new Row(feed.title, measured, Spread.median(measured), ofMemory);
            report.line(
                    TITLE,
                    row,
                    row.feed(),
                    String.format(Locale.ROOT, "%,.0f", row.median()),
                    String.format(Locale.ROOT, "%.1f %%", 100 * row.ofMemory()));
        });
    }

    private static AveragingLoop loop(
            BenchCluster cluster, ShardRdd shards, NetworkSpec spec, EpochPlan plan, Augmentation augmentation) {
        return new AveragingLoop(
                cluster.spark(),
                shards.toJavaRDD(),
                spec,
                plan,
                augmentation,
                Averaging.PLAIN,
                Optional.empty());
    }

    /** Of the local steps of an epoch, with the wait for their batches. In another epoch than the one before, so that nothing is at hand. */
    private static double stepSeconds(BenchCluster cluster, String title, EpochTrainer trainer, int epoch) {
        System.gc();
        return BenchTraining.epoch(cluster, title, trainer, epoch).rounds().get(0).computeSeconds();
    }

    /** Of reading the epoch's pictures from Parquet into Spark's storage, whatever has been read before. */
    private static double loadSeconds(BenchCluster cluster, PreparedDataset dataset, EpochPlan plan) {
        ShardRdd fresh = ShardLoader.shards(cluster.spark(), dataset, plan);
        long start = System.nanoTime();
        cluster.phases().run("Reading Parquet", fresh::load);
        double seconds = (System.nanoTime() - start) / 1e9;
        fresh.unpersist(true);
        return seconds;
    }

    /** Of the same steps on batches that are there. */
    private static double seconds(Replica replica, List<Block> batches, NetworkSpec spec) {
        System.gc();
        long start = System.nanoTime();
        for (Block batch : batches) {
            replica.fit(batch.pixels(), Labels.of(batch.labels()), spec.optimiser().learningRate());
        }
        return (System.nanoTime() - start) / 1e9;
    }
}
