package org.convoy.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Replica;
import org.convoy.runtime.Phases;
import org.convoy.runtime.UserError;

/**
 * Parameter-averaging synchronous SGD. In round r each of K workers takes τ local steps from θ_r on its own shard; then
 *
 * <pre>θ_{r+1} = Σ n_k θ_k / Σ n_k</pre>
 *
 * (or, by an {@link OuterStep}, a step in that direction)
 * with n_k the examples worker k trained (McDonald et al. 2010; local SGD, Stich 2019). The optimiser's state is averaged
 * the same way, or reset.
 *
 * <p>The vector is summed in slices on the executors, so the driver sends one vector and receives one, whatever K is.
 */
final class AveragingLoop implements EpochTrainer {
    /** A mean loss above this means that the true classes get less than a millionth: nothing that training comes back from. */
    private static final double DIVERGED = 15;

    private final JavaSparkContext spark;
    private final JavaRDD<Shard> shards;
    private final NetworkSpec spec;
    private final EpochPlan plan;
    private final OptimiserStatePolicy policy;
    private final OuterStep outerStep;
    private final String run = UUID.randomUUID().toString();

    private State state;

    /**
     * @param shards K partitions of one shard each, persisted; closed with the loop
     * @param policy what becomes of the optimiser's state between rounds
     * @param outerStep what becomes of the mean
     * @param start what an earlier run reached; empty to start with the specification's initial parameters
     */
    AveragingLoop(
            JavaSparkContext spark,
            JavaRDD<Shard> shards,
            NetworkSpec spec,
            EpochPlan plan,
            OptimiserStatePolicy policy,
            OuterStep outerStep,
            Optional<State> start) {
        this.spark = spark;
        this.shards = shards;
        this.spec = spec;
        this.plan = plan;
        this.policy = policy;
        this.outerStep = outerStep;
        this.state = start.orElseGet(this::initialState);
    }

    private State initialState() {
        Replica initial = spec.replica();
        return State.of(initial.parameters(), keepsOptimiserState() ? initial.optimiserState() : new float[0]);
    }

    @Override
    public Epoch train(int epoch, List<RoundReport> done, AfterRound afterRound, Phases.Progress progress) {
        List<RoundReport> rounds = new ArrayList<>(done);
        progress.at(done.size(), plan.rounds(), "");
        for (int round = done.size(); round < plan.rounds(); round++) {
            RoundReport report = round(epoch, round);
            rounds.add(report);
            progress.at(
                    round + 1,
                    plan.rounds(),
                    String.format(Locale.ROOT, "round %d of %d, loss %.4f", round + 1, plan.rounds(), report.loss()));
            if (round + 1 < plan.rounds()) {
                afterRound.reached(rounds, state);
            }
        }
        long trained = rounds.stream().mapToLong(RoundReport::examples).sum();
        double lossSum = rounds.stream()
                .mapToDouble(round -> round.loss() * round.examples())
                .sum();
        return new Epoch(plan.examples(), trained, lossSum / trained, rounds);
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public void close() {
        shards.unpersist(false);
    }

    private RoundReport round(int epoch, int round) {
        long start = System.nanoTime();
        spark.setJobDescription("Round " + (round + 1) + " of " + plan.rounds() + " in epoch " + (epoch + 1));
        int slices = plan.workers();
        Broadcast<byte[]> theta = spark.broadcast(FloatBytes.encode(state.vector()));
        JavaPairRDD<Integer, WorkerSlice> sliced = shards.mapPartitionsToPair(new LocalSteps(
                        run, spec, plan, theta, state.parameterCount(), keepsOptimiserState(), slices, epoch, round))
                .partitionBy(new SliceReduction.BySlice(slices));
        List<SliceReduction.Mean> means;
        try {
            means = sliced.mapPartitions(new SliceReduction(slices, state.vector().length, state.parameterCount()))
                    .collect();
        } finally {
            release(theta, sliced);
        }
        RoundReport report = report(epoch, round, means, (System.nanoTime() - start) / 1e9);
        float[] mean = joined(means);
        requireConvergence(report, mean);
        state = outerStep.apply(state, mean, plan.workers());
        return report;
    }

    /** Spark would keep a round's vectors on the executors until the driver happens to collect garbage. */
    private void release(Broadcast<byte[]> theta, JavaPairRDD<Integer, WorkerSlice> sliced) {
        theta.destroy();
        ShuffleDependency<?, ?, ?> shuffle =
                (ShuffleDependency<?, ?, ?>) sliced.rdd().dependencies().head();
        spark.sc().cleaner().foreach(cleaner -> {
            cleaner.doCleanupShuffle(shuffle.shuffleId(), false);
            return null;
        });
    }

    /** Thrown before the round's result is taken over, so that no checkpoint holds it. */
    private void requireConvergence(RoundReport report, float[] mean) {
        boolean finite = true;
        for (float value : mean) {
            finite &= Float.isFinite(value);
        }
        if (!finite || !(report.loss() <= DIVERGED)) {
            throw UserError.failed(String.format(
                    Locale.ROOT,
                    "the loss is %.3g%s in round %d of epoch %d: training diverged; lower "
                            + "train.optimiser.learning-rate (it was %s) and start again: it goes on from the last checkpoint",
                    report.loss(),
                    finite ? "" : " and parameters are no numbers any more",
                    report.round(),
                    report.epoch(),
                    spec.optimiser().learningRate()));
        }
    }

    private float[] joined(List<SliceReduction.Mean> means) {
        float[] vector = new float[state.vector().length];
        for (SliceReduction.Mean mean : means) {
            FloatBytes.decodeInto(
                    mean.values(), vector, SliceReduction.firstValue(mean.slice(), means.size(), vector.length));
        }
        return vector;
    }

    private RoundReport report(int epoch, int round, List<SliceReduction.Mean> means, double seconds) {
        List<WorkerSlice.Work> work = means.get(0).work();
        long examples = work.stream().mapToLong(WorkerSlice.Work::examples).sum();
        if (work.size() != plan.workers() || examples != plan.examplesInRound(round)) {
            throw new IllegalStateException("round " + (round + 1) + " of epoch " + (epoch + 1) + " must train "
                    + plan.examplesInRound(round) + " examples on " + plan.workers() + " workers but trained "
                    + examples
                    + " on " + work.size());
        }
        double lossSum = work.stream().mapToDouble(WorkerSlice.Work::lossSum).sum();
        double slowest = work.stream()
                .mapToDouble(WorkerSlice.Work::computeSeconds)
                .max()
                .orElseThrow();
        double mean = work.stream()
                .mapToDouble(WorkerSlice.Work::computeSeconds)
                .average()
                .orElseThrow();
        double load =
                work.stream().mapToDouble(WorkerSlice.Work::loadSeconds).max().orElseThrow();
        return new RoundReport(
                epoch + 1,
                round + 1,
                examples,
                lossSum / examples,
                seconds,
                slowest,
                slowest - mean,
                load,
                Math.max(0, seconds - slowest - load),
                divergence(work, means));
    }

    private static double divergence(List<WorkerSlice.Work> work, List<SliceReduction.Mean> means) {
        double sum = 0;
        int trained = 0;
        for (int worker = 0; worker < work.size(); worker++) {
            if (work.get(worker).examples() > 0) {
                double squared = 0;
                for (SliceReduction.Mean mean : means) {
                    squared += mean.squaredDistances().get(worker);
                }
                sum += Math.sqrt(squared);
                trained++;
            }
        }
        return sum / trained;
    }

    private boolean keepsOptimiserState() {
        return policy == OptimiserStatePolicy.AVERAGE;
    }
}
