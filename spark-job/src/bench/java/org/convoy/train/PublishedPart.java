package org.convoy.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Optimiser;
import org.convoy.model.Regularisation;
import org.convoy.model.Schedule;
import org.convoy.model.architecture.Architecture;

/** The seed CNN on MNIST, beside the accuracy that was published with it for twenty epochs on one machine. */
final class PublishedPart {
    private static final double PUBLISHED = 0.9933;
    private static final int WORKERS = 2;
    private static final AveragingPeriod AVERAGING_PERIOD = AveragingPeriod.fixed(8);
    private static final Optimiser OPTIMISER = new Optimiser(
            "nesterov",
            0.02,
            0.9,
            new Regularisation(5e-4, 0, 0, 0, 0),
            new Schedule.WarmUp(0.05, new Schedule.Cosine()));

    /** One training. */
    record Row(long seed, double accuracy, double seconds) {}

    private PublishedPart() {}

    static void run(Bench bench) {
        String title = String.format(
                Locale.ROOT,
                "Test accuracy after %d epochs of MNIST, seed CNN, K = 2, τ = 8, batch 64, nesterov (0.02, momentum 0.9),"
                        + " weight decay 5e-4, warm-up of 5 %%, then half a cosine wave",
                bench.options().publishedEpochs());
        bench.report().table(title, "run", "final test accuracy");
        bench.report().line(title, PUBLISHED, "published, 20 epochs", percent(List.of(100 * PUBLISHED)));
        List<Double> accuracies = new ArrayList<>();
        try (BenchCluster cluster = BenchCluster.local(WORKERS)) {
            PreparedDataset mnist = bench.data().dataset(cluster, BenchData.MNIST);
            for (int seed = 1; seed <= bench.options().seeds(); seed++) {
                Row row = train(bench, cluster, mnist, seed);
                accuracies.add(100 * row.accuracy());
                bench.report().line(title, row, "seed " + seed, percent(List.of(100 * row.accuracy())));
            }
        }
        bench.report().line(title, accuracies, "mean ± deviation", percent(accuracies));
    }

    private static Row train(Bench bench, BenchCluster cluster, PreparedDataset mnist, int seed) {
        NetworkSpec spec = BenchTraining.spec(Architecture.named("seed-cnn"), mnist, OPTIMISER, seed);
        EpochPlan plan = new EpochPlan(
                bench.options().examples(mnist.manifest().split(Split.TRAIN).rows()),
                bench.options().publishedEpochs(),
                WORKERS,
                BenchTraining.BATCH_SIZE,
                AVERAGING_PERIOD,
                seed);
        try (EpochTrainer trainer = Contender.CONVOY.trainer(
                cluster.spark(), ShardLoader.shards(cluster.spark(), mnist, plan), spec, plan)) {
            long start = System.nanoTime();
            for (int epoch = 0; epoch < plan.epochs(); epoch++) {
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
