package org.convoy.train;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.convoy.data.PreparedDataset;
import org.convoy.data.Split;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.augment.Augmentation;

/** What the doctor predicts of rounds beside what the same rounds then take. */
final class DoctorPart {
    private static final String TITLE = "The doctor's prediction of a round, K = 2, MNIST, batch 64, SGD; medians";
    private static final List<String> NETWORKS = List.of("lenet-5", "seed-cnn");
    private static final List<Integer> PERIODS = List.of(4, 16);
    private static final int WORKERS = 2;
    private static final int EXECUTOR_MIB = 1024;
    private static final int WARM_UP = 100;
    private static final int ROUNDS = 20;
    /** As long as the doctor itself tries rounds by default. */
    private static final Duration REHEARSAL = Duration.ofSeconds(30);

    private static final double ALLOWED = 0.25;

    /**
     * One line.
     *
     * @param predictedShare of the round that is sync
     * @param measuredShare likewise
     */
    record Row(
            String network,
            String where,
            int averagingPeriod,
            double predictedSeconds,
            double measuredSeconds,
            double predictedShare,
            double measuredShare) {
        double off() {
            return predictedSeconds / measuredSeconds - 1;
        }
    }

    private DoctorPart() {}

    /** Predicts, measures, and fails if a prediction is off by more than is allowed. */
    static void run(Bench bench) {
        bench.report()
                .table(TITLE, "network", "workers in", "τ", "predicted", "measured", "off by", "sync: predicted", "measured");
        double worst = 0;
        try (BenchCluster cluster = BenchCluster.local(WORKERS)) {
            worst = Math.max(worst, all(bench, cluster, "one JVM"));
        }
        try (BenchCluster cluster = BenchCluster.processes(WORKERS, EXECUTOR_MIB)) {
            worst = Math.max(worst, all(bench, cluster, "processes of their own"));
        }
        if (worst > ALLOWED) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "predictions must be within %.0f %% of what rounds take but one was off by %.0f %%",
                    100 * ALLOWED,
                    100 * worst));
        }
    }

    private static double all(Bench bench, BenchCluster cluster, String where) {
        double worst = 0;
        PreparedDataset mnist = bench.data().dataset(cluster, BenchData.MNIST);
        for (String network : NETWORKS) {
            NetworkSpec spec =
                    BenchTraining.spec(Architecture.named(network), mnist, new Optimiser("sgd", 0.01, 0), 1);
            int largest = PERIODS.get(PERIODS.size() - 1);
            EpochPlan whole = new EpochPlan(
                    mnist.manifest().split(Split.TRAIN).rows(),
                    1,
                    WORKERS,
                    BenchTraining.BATCH_SIZE,
                    AveragingPeriod.fixed(largest),
                    1);
            Rehearsal rehearsal = cluster.phases()
                    .run(
                            network + ", rehearsal",
                            progress -> Rehearsal.run(
                                    cluster.spark(),
                                    mnist,
                                    spec,
                                    whole,
                                    Augmentation.NONE,
                                    Averaging.PLAIN,
                                    REHEARSAL,
                                    progress));
            for (int period : PERIODS) {
                Row row = measured(cluster, mnist, spec, network, where, rehearsal, period);
                report(bench, row);
                worst = Math.max(worst, Math.abs(row.off()));
            }
        }
        return worst;
    }

    private static Row measured(
            BenchCluster cluster,
            PreparedDataset mnist,
            NetworkSpec spec,
            String network,
            String where,
            Rehearsal rehearsal,
            int period) {
        EpochPlan plan = MeasuredRounds.plan(WORKERS, BenchTraining.BATCH_SIZE, WARM_UP, period, ROUNDS);
        MeasuredRounds rounds = MeasuredRounds.of(
                cluster,
                network + ", τ = " + period,
                ShardLoader.shards(cluster.spark(), mnist, plan),
                spec,
                plan,
                WARM_UP,
                () -> {});
        return new Row(
                network,
                where,
                period,
                rehearsal.roundSeconds(WORKERS, period),
                rounds.median(RoundReport::seconds),
                rehearsal.syncShare(WORKERS, period),
                rounds.median(round -> 1 - round.computeSeconds() / round.seconds()));
    }

    private static void report(Bench bench, Row row) {
        bench.report()
                .line(
                        TITLE,
                        row,
                        row.network(),
                        row.where(),
                        Integer.toString(row.averagingPeriod()),
                        milliseconds(row.predictedSeconds()),
                        milliseconds(row.measuredSeconds()),
                        String.format(Locale.ROOT, "%+.0f %%", 100 * row.off()),
                        percent(row.predictedShare()),
                        percent(row.measuredShare()));
    }

    private static String milliseconds(double seconds) {
        return String.format(Locale.ROOT, "%,.0f ms", 1e3 * seconds);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }
}
