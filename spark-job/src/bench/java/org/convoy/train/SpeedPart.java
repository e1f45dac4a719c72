package org.convoy.train;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.convoy.data.PreparedDataset;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;

/** Images per second of the loop and of DL4J Spark's own master: two workers, the same examples, turn by turn. */
final class SpeedPart {
    private static final String TITLE =
            "Training speed, K = 2 in one JVM, batch 64, SGD, MNIST; images per second that were trained, medians";

    private static final int EXAMPLES = 10_000;
    private static final Optimiser SGD = new Optimiser("sgd", 0.01, 0);

    /** A contender trains epochs until this much time is over, so that short ones are not measured by one. */
    private static final double TURN_SECONDS = 5;

    /** Until what Java compiles as it goes is compiled, Spark's scheduler in the first place: trainings run for longer. */
    private static final double WARM_UP_SECONDS = 60;

    /**
     * One line.
     *
     * @param imagesPerSecond trained images by wall seconds, one figure per round
     * @param dropped share of the planned examples that were not trained
     */
    record Row(
            String network,
            int averagingPeriod,
            String contender,
            List<Double> imagesPerSecond,
            double median,
            double dropped) {}

    /** One contender's turn. */
    private record Turn(long planned, long trained, double seconds) {}

    private SpeedPart() {}

    static void run(Bench bench) {
        bench.report().table(TITLE, "network", "τ", "trainer", "images/s", "Convoy is faster by", "examples dropped");
        try (BenchCluster cluster = BenchCluster.local(2)) {
            compare(bench, cluster, Architecture.named("lenet-5"), 8);
            compare(bench, cluster, Architecture.named("seed-cnn"), 16);
        }
    }

    private static void compare(Bench bench, BenchCluster cluster, Architecture architecture, int averagingPeriod) {
        PreparedDataset mnist = bench.data().dataset(cluster, BenchData.MNIST);
        Agreement.ofContenders(cluster, mnist, architecture);

        NetworkSpec spec = BenchTraining.spec(architecture, mnist, SGD, 1);
        EpochPlan plan = new EpochPlan(
                bench.options().examples(EXAMPLES),
                1,
                2,
                BenchTraining.BATCH_SIZE,
                AveragingPeriod.fixed(averagingPeriod),
                1);
        ShardRdd shards = ShardLoader.shards(cluster.spark(), mnist, plan);
        cluster.phases().run("Loading shards", shards::load);
        Map<Contender, EpochTrainer> trainers = new EnumMap<>(Contender.class);
        Map<Contender, List<Turn>> turns = new EnumMap<>(Contender.class);
        for (Contender contender : Contender.values()) {
            trainers.put(contender, contender.trainer(cluster.spark(), shards, spec, plan));
            turns.put(contender, new ArrayList<>());
        }
        trainers.forEach((contender, trainer) -> turn(cluster, contender, trainer, WARM_UP_SECONDS));
        for (int round = 0; round < bench.options().rounds(); round++) {
            trainers.forEach(
                    (contender, trainer) -> turns.get(contender).add(turn(cluster, contender, trainer, TURN_SECONDS)));
        }
        trainers.values().forEach(EpochTrainer::close);
        report(bench, architecture, averagingPeriod, turns);
    }

    private static void report(
            Bench bench, Architecture architecture, int averagingPeriod, Map<Contender, List<Turn>> turns) {
        double convoy = median(turns.get(Contender.CONVOY));
        turns.forEach((contender, done) -> {
            Row row = new Row(
                    architecture.name(),
                    averagingPeriod,
                    contender.title(),
                    imagesPerSecond(done),
                    median(done),
                    1
                            - (double) done.stream().mapToLong(Turn::trained).sum()
                                    / done.stream().mapToLong(Turn::planned).sum());
            bench.report()
                    .line(
                            TITLE,
                            row,
                            row.network(),
                            Integer.toString(averagingPeriod),
                            row.contender(),
                            String.format(Locale.ROOT, "%,.0f", row.median()),
                            contender == Contender.CONVOY
                                    ? "–"
                                    : String.format(Locale.ROOT, "%.1f", convoy / row.median()),
                            String.format(Locale.ROOT, "%.1f %%", 100 * row.dropped()));
        });
    }

    /** Whole epochs until the turn is over. */
    private static Turn turn(BenchCluster cluster, Contender contender, EpochTrainer trainer, double leastSeconds) {
        // What the contender before left behind is not this one's to clear away.
        System.gc();
        long planned = 0;
        long trained = 0;
        double seconds = 0;
        long start = System.nanoTime();
        while (planned == 0 || seconds < leastSeconds) {
            EpochTrainer.Epoch epoch = BenchTraining.epoch(cluster, contender.title(), trainer, 0);
            planned += epoch.planned();
            trained += epoch.trained();
            seconds = (System.nanoTime() - start) / 1e9;
        }
        return new Turn(planned, trained, seconds);
    }

    private static List<Double> imagesPerSecond(List<Turn> turns) {
        return turns.stream().map(turn -> turn.trained() / turn.seconds()).toList();
    }

    private static double median(List<Turn> turns) {
        return Spread.median(imagesPerSecond(turns));
    }
}
