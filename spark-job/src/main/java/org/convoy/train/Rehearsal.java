package org.convoy.train;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.convoy.data.PreparedDataset;
import org.convoy.model.NetworkSpec;
import org.convoy.model.augment.Augmentation;
import org.convoy.runtime.Phases;

/**
 * What a training's rounds take on this cluster: a few of them are trained, by the training's own loop with its network, batches,
 * workers and pictures, but with steps too small to learn anything. First rounds of one step, hundreds if they are short, for Spark's
 * scheduler is slow until it is compiled; then rounds of m steps. From the two, for K workers and τ steps:
 *
 * <pre>seconds(K, τ) = round(m) + (τ - m) · step + 2 (K - K₀) · perTask</pre>
 *
 * with step the difference of their computing by m - 1, and the driver's time per task from rounds that carry nothing.
 * Workers compute all at once, so what they share (memory, processors) is in it; more of them on machines as full as
 * these compute as fast.
 */
public final class Rehearsal {
    private static final int MOST_STEPS = 8;
    private static final int ROUNDS_AN_EPOCH = 2;
    private static final int FEW_ROUNDS = 6;
    /** Share of the time for rounds of one step. */
    private static final double WARM_UP = 0.6;

    /** Of rounds, the second half counts, but no more than these. */
    private static final int COUNTED = 60;

    /** Rounds have settled when the second half of them is no faster than this share of the first half. */
    private static final double SETTLED = 0.93;

    /** Of the time that was asked for, as long as settling may take: executors that have only just started compile for long. */
    private static final int LONGEST = 3;

    private static final double RATE = 1e-9;

    private final EpochPlan plan;
    private final long vectorBytes;
    private final RoundCost cost;
    private final int steps;
    private final double roundSeconds;
    private final double stepSeconds;

    Rehearsal(EpochPlan plan, long vectorBytes, RoundCost cost, int steps, double roundSeconds, double stepSeconds) {
        this.plan = plan;
        this.vectorBytes = vectorBytes;
        this.cost = cost;
        this.steps = steps;
        this.roundSeconds = roundSeconds;
        this.stepSeconds = stepSeconds;
    }

    /**
     * Trains the rounds.
     *
     * @param plan of the training, with at least one batch for each worker
     * @param time about how long to train
     */
    static Rehearsal run(
            JavaSparkContext spark,
            PreparedDataset dataset,
            NetworkSpec spec,
            EpochPlan plan,
            Augmentation augmentation,
            Averaging averaging,
            Duration time,
            Phases.Progress progress) {
        NetworkSpec still = spec.with(spec.optimiser().withLearningRate(RATE));
        int batches = Math.toIntExact(plan.rows() / ((long) plan.workers() * plan.batchSize()));
        Rounds rounds = new Rounds(spark, dataset, still, plan, augmentation, averaging, progress);
        long warmUp = Math.round(WARM_UP * time.toMillis());
        List<RoundReport> single = rounds.of(1, warmUp);
        // As many steps as leave time for a few rounds of them.
        double affordable =
                (time.toMillis() - warmUp) / (FEW_ROUNDS * 1e3 * median(single, RoundReport::computeSeconds));
        int sensible = Math.min(MOST_STEPS, batches / ROUNDS_AN_EPOCH);
        int steps = Math.max(1, (int) Math.min(sensible, affordable));
        List<RoundReport> several = rounds.of(steps, time.toMillis() - warmUp);
        double step = steps == 1
                ? median(several, RoundReport::computeSeconds)
                : (median(several, RoundReport::computeSeconds) - median(single, RoundReport::computeSeconds))
                        / (steps - 1);
        RoundCost.Measured measured = new RoundCost.Measured(
                spec.topology().name(),
                plan.workers(),
                rounds.vectorBytes,
                median(several, round -> round.seconds() - round.computeSeconds()),
                step);
        RoundCost cost = RoundCost.fit(EmptyRounds.measure(spark, progress), List.of(measured));
        progress.result(single.size() + " rounds of 1 step, " + several.size() + " of " + steps);
        return new Rehearsal(plan, rounds.vectorBytes, cost, steps, median(several, RoundReport::seconds), step);
    }

    /** Trains rounds of one number of steps or another. */
    private static final class Rounds {
        private final JavaSparkContext spark;
        private final PreparedDataset dataset;
        private final NetworkSpec spec;
        private final EpochPlan plan;
        private final Augmentation augmentation;
        private final Averaging averaging;
        private final Phases.Progress progress;
        private long vectorBytes;

        Rounds(
                JavaSparkContext spark,
                PreparedDataset dataset,
                NetworkSpec spec,
                EpochPlan plan,
                Augmentation augmentation,
                Averaging averaging,
                Phases.Progress progress) {
            this.spark = spark;
            this.dataset = dataset;
            this.spec = spec;
            this.plan = plan;
            this.augmentation = augmentation;
            this.averaging = averaging;
            this.progress = progress;
        }

        List<RoundReport> of(int steps, long milliseconds) {
            long rows = Math.min(plan.rows(), (long) plan.workers() * plan.batchSize() * steps * ROUNDS_AN_EPOCH);
            EpochPlan few = new EpochPlan(
                    rows,
                    Integer.MAX_VALUE,
                    plan.workers(),
                    plan.batchSize(),
                    AveragingPeriod.fixed(steps),
                    plan.seed());
            ShardRdd shards = ShardLoader.shards(spark, dataset, few);
            List<RoundReport> reports = new ArrayList<>();
            try (AveragingLoop loop = new AveragingLoop(
                    spark, shards.toJavaRDD(), spec, few, augmentation, averaging, Optional.empty())) {
                vectorBytes = loop.state().vector().length;
                // The first epoch reads pictures and builds networks.
                train(loop, 0);
                long start = System.currentTimeMillis();
                long taken = 0;
                for (int epoch = 1; isWanted(seconds(reports), taken, milliseconds); epoch++) {
                    reports.addAll(train(loop, epoch));
                    taken = System.currentTimeMillis() - start;
                    progress.at(
                            Math.min(milliseconds, taken),
                            milliseconds,
                            String.format(
                                    Locale.ROOT,
                                    "rounds of %d steps: %.0f ms each",
                                    steps,
                                    1e3 * median(reports, RoundReport::seconds)));
                }
            }
            return reports;
        }

        private static List<Double> seconds(List<RoundReport> rounds) {
            return rounds.stream().map(RoundReport::seconds).toList();
        }

        private static List<RoundReport> train(AveragingLoop loop, int epoch) {
            return loop.train(epoch, List.of(), (rounds, reached) -> {}, Phases.Progress.unseen())
                    .rounds();
        }
    }

    /**
     * Whether more rounds are to be trained.
     *
     * @param seconds of each round so far
     * @param taken milliseconds for all of them
     * @param asked milliseconds that they are to take, if they settle
     */
    static boolean isWanted(List<Double> seconds, long taken, long asked) {
        int counted = Math.min(COUNTED, seconds.size() / 2);
        if (counted == 0 || taken < asked) {
            return true;
        }
        int second = seconds.size() - counted;
        return taken < LONGEST * asked
                && Spread.median(seconds.subList(second, seconds.size()))
                        < SETTLED * Spread.median(seconds.subList(second - counted, second));
    }

    /** Of the last rounds. */
    private static double median(List<RoundReport> rounds, ToDoubleFunction<RoundReport> figure) {
        int counted = Math.min(COUNTED, (rounds.size() + 1) / 2);
        return Spread.median(rounds.subList(rounds.size() - counted, rounds.size()).stream()
                .map(round -> figure.applyAsDouble(round))
                .toList());
    }

    /** K. */
    public int workers() {
        return plan.workers();
    }

    /** τ of the training's longest round. */
    public int averagingPeriod() {
        return plan.rounds(0).stream()
                .mapToInt(round -> round.to() - round.from())
                .max()
                .orElseThrow();
    }

    /** Bytes of θ and the optimiser's state that travel in a round. */
    public long vectorBytes() {
        return vectorBytes;
    }

    /** Seconds that the slowest worker computes for one batch. */
    public double stepSeconds() {
        return stepSeconds;
    }

    /** Seconds of a round of τ steps. */
    public double roundSeconds(int workers, int averagingPeriod) {
        double seconds = roundSeconds
                + (averagingPeriod - steps) * stepSeconds
                + 2 * (workers - plan.workers()) * cost.secondsPerTask();
        return Math.max(averagingPeriod * stepSeconds, seconds);
    }

    /** Share of such a round in which nobody computes, or the slowest worker is waited for. */
    public double syncShare(int workers, int averagingPeriod) {
        return 1 - averagingPeriod * stepSeconds / roundSeconds(workers, averagingPeriod);
    }

    /** Seconds that the training's first epoch trains, validation left out. */
    public double epochSeconds() {
        return epochSeconds(plan);
    }

    /** Likewise with other K and τ. */
    public double epochSeconds(int workers, int averagingPeriod) {
        return epochSeconds(new EpochPlan(
                plan.rows(),
                plan.oversampling(),
                plan.epochs(),
                workers,
                plan.batchSize(),
                AveragingPeriod.fixed(averagingPeriod),
                plan.seed()));
    }

    private double epochSeconds(EpochPlan of) {
        return of.rounds(0).stream()
                .mapToDouble(round -> roundSeconds(of.workers(), round.to() - round.from()))
                .sum();
    }

    /** Local steps of one worker in an epoch, for K workers. */
    public long batchesPerEpoch(int workers) {
        long perRound = (long) workers * plan.batchSize();
        return Math.floorDiv(plan.examples() + perRound - 1, perRound);
    }
}
