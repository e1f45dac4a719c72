package org.convoy.train;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.convoy.model.NetworkSpec;

/**
 * Rounds of the loop after some to warm up, in which processes load their natives and compile; the first one is checked
 * against the same steps without Spark.
 */
record MeasuredRounds(List<RoundReport> rounds, int parameterCount) {
    /** Parameters above which the check would take longer than the measurement: the loop is the same for them. */
    private static final int LARGEST_CHECKED = 10_000_000;

    /**
     * Trains the plan's one epoch.
     *
     * @param warmUp rounds of it that are not measured
     * @param atStart called when the warm-up is over
     */
    static MeasuredRounds of(
            BenchCluster cluster,
            String title,
            ShardRdd shards,
            NetworkSpec spec,
            EpochPlan plan,
            int warmUp,
            Runnable atStart) {
        cluster.phases().run(title + ", loading shards", shards::load);
        EpochTrainer.AfterRound afterRound = (rounds, reached) -> {
            if (rounds.size() == 1 && reached.parameterCount() <= LARGEST_CHECKED) {
                Agreement.ofFirstRound(spec, plan, shards, reached.parameters());
            }
            if (rounds.size() == warmUp) {
                atStart.run();
            }
        };
        try (EpochTrainer trainer = Contender.CONVOY.trainer(cluster.spark(), shards, spec, plan)) {
            EpochTrainer.Epoch epoch =
                    cluster.phases().run(title, progress -> trainer.train(0, List.of(), afterRound, progress));
            return new MeasuredRounds(
                    epoch.rounds().subList(warmUp, epoch.rounds().size()),
                    trainer.state().parameterCount());
        }
    }

    /**
     * A plan of one epoch.
     *
     * @param warmUp rounds, of one batch each
     * @param averagingPeriod τ of the rounds after them
     * @param measured how many these are
     */
    static EpochPlan plan(int workers, int batchSize, int warmUp, int averagingPeriod, int measured) {
        long batches = warmUp + (long) averagingPeriod * measured;
        double warm = (warmUp - 0.5) / batches;
        return new EpochPlan(
                batches * workers * batchSize,
                1,
                workers,
                batchSize,
                new AveragingPeriod.PostLocal(averagingPeriod, warm),
                1);
    }

    double median(ToDoubleFunction<RoundReport> figure) {
        return Spread.median(
                rounds.stream().map(round -> figure.applyAsDouble(round)).toList());
    }

    /** Seconds of a round in which not even the slowest worker computed. */
    double overheadSeconds() {
        return median(round -> round.seconds() - round.computeSeconds());
    }
}
