package org.convoy.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.convoy.data.PreparedDataset;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Optimiser;
import org.convoy.model.architecture.Architecture;

/**
 * What a round sends, at several K: by Spark's own metrics, and by what Linux saw the processes read and write, files and
 * control messages counted in.
 */
final class BytesPart {
    private static final String TITLE =
            "Bytes per round, executors in processes of their own; KB, executors' figures are means of one";

    private static final List<Integer> WORKERS = List.of(1, 2, 4, 8);
    /** K at which the round's cost is taken apart: as many as the measured machine has processors. */
    private static final int FITTED_WORKERS = 2;

    private static final int EXECUTOR_MIB = 768;
    private static final int ROUNDS = 5;
    private static final int FITTED_ROUNDS = 60;
    private static final Optimiser SGD = new Optimiser("sgd", 0.01, 0);

    /**
     * One line; bytes per round.
     *
     * @param workers K
     * @param vector θ
     * @param spark by Spark's metrics, of all processes
     * @param driverRead by system calls
     * @param driverWritten likewise
     * @param executorRead mean over the executors
     * @param executorWritten likewise
     */
    record Row(
            String network,
            int workers,
            long vector,
            Traffic.Bytes spark,
            long driverRead,
            long driverWritten,
            long executorRead,
            long executorWritten) {}

    /** All processes at one moment. */
    private record Moment(ProcessFigures driver, List<ProcessFigures> executors) {
        static Moment now(BenchCluster cluster, int workers) {
            List<ProcessFigures> executors = ProcessFigures.ofExecutors(cluster, workers);
            return new Moment(ProcessFigures.here(), executors);
        }

        long driver(ToLongFunction<ProcessFigures> figure) {
            return figure.applyAsLong(driver);
        }

        long executors(ToLongFunction<ProcessFigures> figure) {
            return executors.stream().mapToLong(figure).sum() / executors.size();
        }
    }

    private BytesPart() {}

    /**
     * Measures and predicts.
     *
     * @param others networks that the law is to be applied to beside the two it is fitted to
     */
    static void run(Bench bench, List<RoundCost.Measured> others) {
        bench.report()
                .table(
                        TITLE,
                        "network",
                        "K",
                        "θ",
                        "driver: broadcast",
                        "driver: results in",
                        "driver: read, written (Linux)",
                        "all executors: θ from the driver",
                        "executor: shuffle out",
                        "executor: shuffle in, from others",
                        "executor: read, written (Linux)");
        for (int workers : WORKERS) {
            try (BenchCluster cluster = BenchCluster.processes(workers, EXECUTOR_MIB)) {
                for (Architecture architecture : List.of(Architecture.named("lenet-5"), Architecture.named("seed-cnn"))) {
                    measure(bench, cluster, architecture, workers);
                }
                if (workers == FITTED_WORKERS) {
                    predict(bench, cluster, others);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private static void measure(Bench bench, BenchCluster cluster, Architecture architecture, int workers)
            throws InterruptedException {
        Traffic traffic = Traffic.of(cluster.spark().sc());
        List<Moment> start = new ArrayList<>();
        MeasuredRounds rounds = rounds(bench, cluster, architecture, workers, ROUNDS, () -> {
            start.add(Moment.now(cluster, workers));
            restart(traffic, cluster);
        });
        Traffic.Bytes all = traffic.bytes(cluster.spark().sc());
        Moment before = start.get(0);
        Moment after = Moment.now(cluster, workers);

        Traffic.Bytes perRound = new Traffic.Bytes(
                all.results() / ROUNDS,
                all.broadcastByDriver() / ROUNDS,
                all.broadcastToExecutors() / ROUNDS,
                all.shuffleWritten() / ROUNDS,
                all.shuffleFromOthers() / ROUNDS,
                all.shuffleFromItself() / ROUNDS);
        Row row = new Row(
                architecture.name(),
                workers,
                (long) rounds.parameterCount() * Float.BYTES,
                perRound,
                (after.driver(ProcessFigures::readBytes) - before.driver(ProcessFigures::readBytes)) / ROUNDS,
                (after.driver(ProcessFigures::writtenBytes) - before.driver(ProcessFigures::writtenBytes)) / ROUNDS,
                (after.executors(ProcessFigures::readBytes) - before.executors(ProcessFigures::readBytes)) / ROUNDS,
                (after.executors(ProcessFigures::writtenBytes) - before.executors(ProcessFigures::writtenBytes))
                        / ROUNDS);
        requireWholeVectors(row);
        bench.report()
                .line(
                        TITLE,
                        row,
                        row.network(),
                        Integer.toString(workers),
                        kilobytes(row.vector()),
                        kilobytes(perRound.broadcastByDriver()),
                        kilobytes(perRound.results()),
                        kilobytes(row.driverRead()) + ", " + kilobytes(row.driverWritten()),
                        kilobytes(perRound.broadcastToExecutors()),
                        kilobytes(perRound.shuffleWritten() / workers),
                        kilobytes((perRound.shuffleFromOthers() + perRound.shuffleFromItself()) / workers) + ", "
                                + kilobytes(perRound.shuffleFromOthers() / workers),
                        kilobytes(row.executorRead()) + ", " + kilobytes(row.executorWritten()));
    }

    /** A count that misses something would look like an achievement: floats at random hardly compress. */
    private static void requireWholeVectors(Row row) {
        long least = row.vector() * 8 / 10;
        Traffic.Bytes bytes = row.spark();
        long smallest = Math.min(
                Math.min(bytes.results(), bytes.broadcastByDriver()),
                Math.min(bytes.broadcastToExecutors(), bytes.shuffleWritten() / row.workers()));
        if (smallest < least) {
            throw new IllegalStateException(
                    "each way must carry at least " + least + " bytes per vector but Spark counted " + bytes);
        }
    }

    private static void restart(Traffic traffic, BenchCluster cluster) {
        try {
            traffic.restart(cluster.spark().sc());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static MeasuredRounds rounds(
            Bench bench, BenchCluster cluster, Architecture architecture, int workers, int measured, Runnable atStart) {
        PreparedDataset mnist = bench.data().dataset(cluster, BenchData.MNIST);
        NetworkSpec spec = BenchTraining.spec(architecture, mnist, SGD, 1);
        EpochPlan plan = MeasuredRounds.plan(workers, BenchTraining.BATCH_SIZE, measured, 1, measured);
        return MeasuredRounds.of(
                cluster,
                architecture.name() + ", K = " + workers,
                ShardLoader.shards(cluster.spark(), mnist, plan),
                spec,
                plan,
                measured,
                atStart);
    }

    /** From two vectors of unlike size and from rounds that carry nothing, what rounds will cost at larger K. */
    private static void predict(Bench bench, BenchCluster cluster, List<RoundCost.Measured> others) {
        RoundCost.Measured lenet = fitted(bench, cluster, Architecture.named("lenet-5"));
        RoundCost.Measured seedCnn = fitted(bench, cluster, Architecture.named("seed-cnn"));
        List<EmptyRounds.Measured> empty = cluster.phases()
                .run("Empty rounds", progress -> EmptyRounds.measure(cluster.spark(), progress));
        RoundCost cost = RoundCost.fit(empty, List.of(lenet, seedCnn));
        List<RoundCost.Measured> networks = new ArrayList<>(List.of(lenet, seedCnn));
        others.stream()
                .filter(other ->
                        networks.stream().noneMatch(own -> own.network().equals(other.network())))
                .toList()
                .forEach(networks::add);
        RoundCostTable.report(cost, bench.report(), networks);
    }

    private static RoundCost.Measured fitted(Bench bench, BenchCluster cluster, Architecture architecture) {
        MeasuredRounds rounds = rounds(bench, cluster, architecture, FITTED_WORKERS, FITTED_ROUNDS, () -> {});
        return new RoundCost.Measured(
                architecture.name(),
                FITTED_WORKERS,
                (long) rounds.parameterCount() * Float.BYTES,
                rounds.overheadSeconds(),
                rounds.median(RoundReport::computeSeconds));
    }

    private static String kilobytes(long bytes) {
        return String.format(Locale.ROOT, "%,d", Math.round(bytes / 1e3));
    }
}
