package org.convoy.train;

import java.util.Locale;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;

/** Seconds of training until LeNet names 99 % of MNIST's test split rightly, judged every quarter of an epoch. */
final class TimeTo99Part {
    private static final String TITLE =
            "Seconds of training to 99 % on MNIST, LeNet-5, K = 2, τ = 8, batch 64, nesterov (0.02, momentum 0.9)";

    private static final double GOAL = 0.99;
    private static final int WORKERS = 2;
    private static final AveragingPeriod AVERAGING_PERIOD = AveragingPeriod.fixed(8);
    /** More than anybody will train; the schedule is constant. */
    private static final int MOST_QUARTERS = 400;

    private static final Optimiser OPTIMISER = new Optimiser("nesterov", 0.02, 0.9);

    /**
     * One contender.
     *
     * @param seconds of training, judging left out
     * @param accuracy on the test split after them
     * @param epochs of pictures that were given to it
     * @param trained pictures that it really trained
     */
    record Row(String contender, double seconds, double accuracy, double epochs, long trained) {}

    private TimeTo99Part() {}

    static void run(Bench bench) {
        bench.report().table(TITLE, "trainer", "seconds", "test accuracy", "epochs", "examples trained");
        try (BenchCluster cluster = BenchCluster.local(WORKERS)) {
            PreparedDataset mnist = bench.data().dataset(cluster, BenchData.MNIST);
            Agreement.ofContenders(cluster, mnist, Architecture.named("lenet-5"));

            EpochPlan whole = plan(
                    bench.options().examples(mnist.manifest().split(Split.TRAIN).rows()));
            // What is left over is not trained.
            int rows = whole.rows(0) / QuarterBlocks.QUARTERS;
            EpochPlan quarter = plan((long) WORKERS * rows);
            ShardRdd shards = QuarterBlocks.shards(cluster.spark(), mnist, whole, quarter);
            for (Contender contender : Contender.values()) {
                report(bench, race(bench, cluster, mnist, contender, shards, quarter));
            }
        }
    }

    private static EpochPlan plan(long examples) {
        return new EpochPlan(examples, MOST_QUARTERS, WORKERS, BenchTraining.BATCH_SIZE, AVERAGING_PERIOD, 1);
    }

    private static Row race(
            Bench bench,
            BenchCluster cluster,
            PreparedDataset mnist,
            Contender contender,
            ShardRdd shards,
            EpochPlan quarter) {
        NetworkSpec spec = BenchTraining.spec(Architecture.named("lenet-5"), mnist, OPTIMISER, 1);
        double seconds = 0;
        double accuracy = 0;
        long trained = 0;
        int quarters = 0;
        try (EpochTrainer trainer = contender.trainer(cluster.spark(), shards, spec, quarter)) {
            while (accuracy < GOAL && seconds < bench.options().capSeconds() && quarters < MOST_QUARTERS) {
                QuarterBlocks.select(quarters % QuarterBlocks.QUARTERS);
                long start = System.nanoTime();
                EpochTrainer.Epoch epoch =
                        BenchTraining.epoch(cluster, contender.title() + " to 99 %, in quarters", trainer, quarters);
                seconds += (System.nanoTime() - start) / 1e9;
                trained += epoch.trained();
                quarters++;
                accuracy = BenchTraining.testAccuracy(cluster, mnist, spec, trainer.state());
                cluster.phases().note(String.format(Locale.ROOT, "  %.2f %% after %.1f s", 100 * accuracy, seconds));
            }
        }
        return new Row(contender.title(), seconds, accuracy, (double) quarters / QuarterBlocks.QUARTERS, trained);
    }

    private static void report(Bench bench, Row row) {
        String percent = String.format(Locale.ROOT, "%.2f %%", 100 * row.accuracy());
        String seconds = String.format(Locale.ROOT, "%.1f", row.seconds());
        bench.report()
                .line(
                        TITLE,
                        row,
                        row.contender(),
                        row.accuracy() < GOAL ? "not reached, " + percent + " after " + seconds : seconds,
                        percent,
                        String.format(Locale.ROOT, "%.2f", row.epochs()),
                        String.format(Locale.ROOT, "%,d", row.trained()));
    }
}
