package org.convoy.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Optimiser;
import org.convoy.model.Regularisation;
import org.convoy.model.Schedule;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.Augmentation;

/**
 * What averaging does to accuracy: one worker, and four at several averaging periods, with the same local settings.
 * Four take DiLoCo's outer step, which makes up for averaging K steps; one has nothing to average.
 */
final class AccuracyPart {
    private static final Optimiser OPTIMISER = new Optimiser(
            "sgd",
            0.1,
            0,
            new Regularisation(2e-3, 0, 0, 0, 0),
            new Schedule.WarmUp(0.05, new Schedule.Cosine()));
    private static final Averaging DILOCO =
            new Averaging(OptimiserStatePolicy.AVERAGE, OuterStep.DILOCO, WireFormat.FLOAT32);

    /** Four tasks at once, whatever the machine has: numbers do not depend on it. */
    private static final int CORES = 4;

    private static final List<Setting> SETTINGS =
            List.of(new Setting(1, 32), new Setting(4, 1), new Setting(4, 8), new Setting(4, 32));

    /** Fashion-MNIST is the harder of the two. */
    private static final Map<String, Integer> EPOCHS = Map.of(BenchData.MNIST, 5, BenchData.FASHION_MNIST, 12);

    /** K and τ; one worker takes the plain mean, which changes nothing whatever τ is. */
    private record Setting(int workers, int averagingPeriod) {
        Averaging averaging() {
            return workers == 1 ? Averaging.PLAIN : DILOCO;
        }
    }

    /** One training. */
    record Row(
            String dataset, int workers, int averagingPeriod, int epochs, long seed, double accuracy, double seconds) {}

    private AccuracyPart() {}

    static void run(Bench bench) {
        String title = String.format(
                Locale.ROOT,
                "Test accuracy, seed CNN, batch 64, SGD (0.1), weight decay 2e-3, warm-up of 5 %%, then half a cosine"
                        + " wave, DiLoCo's outer step; mean ± deviation of %d seeds",
                bench.options().seeds());
        bench.report().table(title, "dataset", "epochs", "K", "τ", "test accuracy");
        try (BenchCluster cluster = BenchCluster.local(CORES)) {
            for (String name : bench.options().datasets()) {
                PreparedDataset dataset = bench.data().dataset(cluster, name);
                for (Setting setting : SETTINGS) {
                    List<Row> rows = new ArrayList<>();
                    for (int seed = 1; seed <= bench.options().seeds(); seed++) {
                        Row row = train(bench, cluster, dataset, name, setting, seed);
                        bench.report().figure("Trainings of the accuracy part", row);
                        rows.add(row);
                    }
                    report(bench, title, rows);
                }
            }
        }
    }

    private static Row train(
            Bench bench, BenchCluster cluster, PreparedDataset dataset, String name, Setting setting, int seed) {
        NetworkSpec spec = BenchTraining.spec(Architecture.named("seed-cnn"), dataset, OPTIMISER, seed);
        EpochPlan plan = new EpochPlan(
                bench.options().examples(dataset.manifest().split(Split.TRAIN).rows()),
                EPOCHS.get(name),
                setting.workers(),
                BenchTraining.BATCH_SIZE,
                AveragingPeriod.fixed(setting.averagingPeriod()),
                seed);
        String title = String.format(
                Locale.ROOT,
                "%s, K = %d, τ = %d, seed %d",
                name,
                setting.workers(),
                setting.averagingPeriod(),
                seed);
        ShardRdd shards = ShardLoader.shards(cluster.spark(), dataset, plan);
        try (EpochTrainer trainer = new AveragingLoop(
                cluster.spark(), shards.toJavaRDD(), spec, plan, Augmentation.NONE, setting.averaging(), Optional.empty())) {
            long start = System.nanoTime();
            for (int epoch = 0; epoch < plan.epochs(); epoch++) {
                BenchTraining.epoch(cluster, title, trainer, epoch);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Row(
                    name,
                    setting.workers(),
                    setting.averagingPeriod(),
                    plan.epochs(),
                    seed,
                    BenchTraining.testAccuracy(cluster, dataset, spec, trainer.state()),
                    seconds);
        }
    }

    private static void report(Bench bench, String title, List<Row> rows) {
        Row first = rows.get(0);
        List<Double> percent = rows.stream().map(row -> 100 * row.accuracy()).toList();
        bench.report()
                .line(
                        title,
                        percent,
                        first.dataset(),
                        Integer.toString(first.epochs()),
                        Integer.toString(first.workers()),
                        first.workers() == 1 ? "–" : Integer.toString(first.averagingPeriod()),
                        String.format(
                                Locale.ROOT,
                                "%.2f ± %.2f %%",
                                Spread.mean(percent),
                                Spread.standardDeviation(percent)));
    }
}
