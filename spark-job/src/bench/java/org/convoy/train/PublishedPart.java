package org.convoy.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.model.Architecture;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Optimiser;
import org.convoy.model.Regularisation;
import org.convoy.model.Schedule;

/** The seed CNN on MNIST for twenty epochs, beside the accuracy that was published with it for one machine. */
final class PublishedPart {
    private static final String TITLE =
            "Test accuracy after 20 epochs of MNIST, seed CNN, K = 2, τ = 8, batch 64, nesterov"
                    + " (0.03, momentum 0.9), warm-up of one epoch, then half a cosine wave";

    private static final double PUBLISHED = 0.9933;
    private static final int EPOCHS = 20;
    private static final int WORKERS = 2;
    private static final AveragingPeriod AVERAGING_PERIOD = AveragingPeriod.fixed(8);
    private static final Optimiser OPTIMISER = new Optimiser(
            "nesterov", 0.03, 0.9, Regularisation.NONE, new Schedule.WarmUp(1.0 / EPOCHS, new Schedule.Cosine()));

    /** One training. */
    record Row(long seed, double accuracy, double seconds) {}

    private PublishedPart() {}

    static void run(Bench bench) {
        bench.report().table(TITLE, "run", "final test accuracy");
        bench.report().line(TITLE, PUBLISHED, "published", percent(List.of(100 * PUBLISHED)));
        List<Double> accuracies = new ArrayList<>();
        try (BenchCluster cluster = BenchCluster.local(WORKERS)) {
            PreparedDataset mnist = bench.data().dataset(cluster, BenchData.MNIST);
            for (int seed = 1; seed <= bench.options().seeds(); seed++) {
                Row row = train(bench, cluster, mnist, seed);
                accuracies.add(100 * row.accuracy());
                bench.report().line(TITLE, row, "seed " + seed, percent(List.of(100 * row.accuracy())));
            }
        }
        bench.report().line(TITLE, accuracies, "mean ± deviation", percent(accuracies));
    }

    private static Row train(Bench bench, BenchCluster cluster, PreparedDataset mnist, int seed) {
        NetworkSpec spec = BenchTraining.spec(Architecture.SEED_CNN, mnist, OPTIMISER, seed);
        EpochPlan plan = new EpochPlan(
                bench.options().examples(mnist.manifest().split(Split.TRAIN).rows()),
                EPOCHS,
                WORKERS,
                BenchTraining.BATCH_SIZE,
                AVERAGING_PERIOD,
                seed);
        try (EpochTrainer trainer = Contender.CONVOY.trainer(
                cluster.spark(), ShardLoader.shards(cluster.spark(), mnist, plan), spec, plan)) {
            long start = System.nanoTime();
            for (int epoch = 0; epoch < EPOCHS; epoch++) {
                BenchTraining.epoch(cluster, "Published setting, seed " + seed, trainer, epoch);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Row(seed, BenchTraining.testAccuracy(cluster, mnist, spec, trainer.state()), seconds);
        }
    }

    private static String percent(List<Double> percents) {
        return percents.size() == 1
                ? String.format(Locale.ROOT, "%.2f %%", percents.get(0))
                : String.format(
                        Locale.ROOT, "%.2f ± %.2f %%", Spread.mean(percents), Spread.standardDeviation(percents));
    }
}
