package org.convoy.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.apache.spark.storage.StorageLevel;

/** What of a round is not computing, and how much memory it takes: workers in one JVM, and in processes of their own. */
final class SharePart {
    private static final String TITLE =
            "A round taken apart, K = 2, τ = 16, SGD, random pictures; medians";

    private static final int WORKERS = 2;
    private static final int AVERAGING_PERIOD = 16;

    /**
     * One line; seconds as of {@link RoundReport}.
     *
     * @param share of the round that is not the slowest worker's computing
     * @param executors memory of each
     */
    record Row(
            String network,
            String where,
            String input,
            int batch,
            int parameters,
            double roundSeconds,
            double computeSeconds,
            double waitSeconds,
            double broadcastSeconds,
            double reductionSeconds,
            double share,
            ProcessFigures driver,
            List<ProcessFigures> executors) {}

    private SharePart() {}

    /** Measures, and hands on what a prediction for larger K can start from. */
    static List<RoundCost.Measured> run(Bench bench) {
        bench.report()
                .table(
                        TITLE,
                        "network",
                        "workers in",
                        "parameters",
                        "batch",
                        "round",
                        "compute",
                        "wait",
                        "broadcast",
                        "reduction",
                        "not computing",
                        "driver: resident, heap",
                        "executor: resident, heap");
        List<RoundCost.Measured> measured = new ArrayList<>();
        for (ShareCase network : bench.options().networks()) {
            oneJvm(bench, network);
            measured.add(processes(bench, network));
        }
        return measured;
    }

    private static void oneJvm(Bench bench, ShareCase network) {
        ProcessFigures.forgetPeaks();
        try (BenchCluster cluster = BenchCluster.local(WORKERS)) {
            report(bench, network, "one JVM", rounds(cluster, network), List.of());
        }
    }

    private static RoundCost.Measured processes(Bench bench, ShareCase network) {
        ProcessFigures.forgetPeaks();
        try (BenchCluster cluster = BenchCluster.processes(WORKERS, network.executorMib())) {
            MeasuredRounds rounds = rounds(cluster, network);
            report(bench, network, "processes of their own", rounds, ProcessFigures.ofExecutors(cluster, WORKERS));
            return new RoundCost.Measured(
                    network.title(),
                    WORKERS,
                    (long) rounds.parameterCount() * Float.BYTES,
                    rounds.overheadSeconds(),
                    rounds.median(RoundReport::computeSeconds) / AVERAGING_PERIOD);
        }
    }

    private static MeasuredRounds rounds(BenchCluster cluster, ShareCase network) {
        EpochPlan plan = MeasuredRounds.plan(
                WORKERS, network.batchSize(), network.warmUp(), AVERAGING_PERIOD, network.rounds());
        ExampleOrder order = ExampleOrder.of(plan, network.input().size());
        RandomBlocks blocks = new RandomBlocks(order, network.input(), ShareCase.CLASSES);
        ShardRdd shards = ShardRdd.of(cluster.spark().sc(), order, blocks, StorageLevel.MEMORY_AND_DISK());
        return MeasuredRounds.of(cluster, network.title(), shards, network.spec(), plan, network.warmUp(), () -> {});
    }

    private static void report(
            Bench bench,
            ShareCase network,
            String where,
            MeasuredRounds rounds,
            List<ProcessFigures> executors) {
        Row row = new Row(
                network.title(),
                where,
                network.input().toString(),
                network.batchSize(),
                rounds.parameterCount(),
                rounds.median(RoundReport::seconds),
                rounds.median(RoundReport::computeSeconds),
                rounds.median(RoundReport::waitSeconds),
                rounds.median(RoundReport::broadcastSeconds),
                rounds.median(RoundReport::reductionSeconds),
                rounds.median(round -> 1 - round.computeSeconds() / round.seconds()),
                ProcessFigures.here(),
                executors);
        bench.report()
                .line(
                        TITLE,
                        row,
                        row.network() + ", " + row.input(),
                        where,
                        String.format(Locale.ROOT, "%,d", row.parameters()),
                        Integer.toString(row.batch()),
                        milliseconds(row.roundSeconds()),
                        milliseconds(row.computeSeconds()),
                        milliseconds(row.waitSeconds()),
                        milliseconds(row.broadcastSeconds()),
                        milliseconds(row.reductionSeconds()),
                        String.format(Locale.ROOT, "%.1f %%", 100 * row.share()),
                        mebibytes(List.of(row.driver())),
                        mebibytes(row.executors()));
    }

    private static String milliseconds(double seconds) {
        return String.format(Locale.ROOT, "%,.0f ms", 1000 * seconds);
    }

    /** The largest of the processes. */
    private static String mebibytes(List<ProcessFigures> processes) {
        if (processes.isEmpty()) {
            return "–";
        }
        return String.format(
                Locale.ROOT,
                "%,d, %,d MiB",
                largest(processes, ProcessFigures::residentBytes) >> 20,
                largest(processes, ProcessFigures::heapBytes) >> 20);
    }

    private static long largest(List<ProcessFigures> processes, ToLongFunction<ProcessFigures> figure) {
        return processes.stream().mapToLong(figure).max().orElseThrow();
    }
}
