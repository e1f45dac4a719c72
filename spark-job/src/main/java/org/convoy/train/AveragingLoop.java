package org.convoy.train;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Replica;
import org.convoy.model.RunningStatistics;
import org.convoy.model.augment.Augmentation;
import org.convoy.runtime.Phases;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;
import scala.reflect.ClassTag;

/**
 * Parameter-averaging synchronous SGD. In round r each of K workers takes τ local steps from θ_r on its own shard; then
 *
 * <pre>θ_{r+1} = Σ n_k θ_k / Σ n_k</pre>
 *
 * (or, by an {@link OuterStep}, a step in that direction)
 * with n_k the examples worker k trained (McDonald et al. 2010; local SGD, Stich 2019). The optimiser's state is averaged
 * the same way, reset, or left with the workers.
 *
 * <p>The vector is summed in slices on the executors, so the driver sends one vector and receives one, whatever K is.
 */
final class AveragingLoop implements EpochTrainer {
    private static final Logger LOG = LoggerFactory.getLogger(AveragingLoop.class);

    /** A mean loss above this means that the true classes get less than a millionth: nothing that training comes back from. */
    private static final double DIVERGED = 15;

    private final JavaSparkContext spark;
    private final JavaRDD<Shard> shards;
    private final Run run;
    private final Broadcast<Run> sentRun;
    private State state;

    /**
     * @param shards K partitions of one shard each, persisted; closed with the loop
     * @param start what an earlier run reached; empty to start with the specification's initial parameters
     */
    AveragingLoop(
            JavaSparkContext spark,
            JavaRDD<Shard> shards,
            NetworkSpec spec,
            EpochPlan plan,
            Augmentation augmentation,
            Averaging averaging,
            Optional<State> start) {
        this.spark = spark;
        this.shards = shards;
        Replica initial = spec.replica();
        // One worker's statistics are to come back as they are, to the last bit.
        RunningStatistics statistics = plan.workers() == 1 ? RunningStatistics.none() : initial.runningStatistics();
        int parameterCount = initial.parameters().remaining();
        this.run = new Run(
                UUID.randomUUID().toString(),
                spec.forWorkers(),
                plan,
                augmentation,
                averaging,
                statistics,
                parameterCount);
        this.sentRun = spark.broadcast(run);
        this.state = start.orElseGet(() -> initialState(initial));
    }

    private State initialState(Replica initial) {
        boolean travels = run.averaging().optimiserState() == OptimiserStatePolicy.AVERAGE;
        return State.of(initial.parameters(), travels ? initial.optimiserState() : FloatBuffer.allocate(0));
    }

    @Override
    public Epoch train(int epoch, List<RoundReport> done, AfterRound afterRound, Phases.Progress progress) {
        List<RoundReport> reports = new ArrayList<>(done);
        List<EpochPlan.Round> rounds = run.plan().rounds(epoch);
        progress.at(done.size(), rounds.size(), "");
        for (EpochPlan.Round round : rounds.subList(done.size(), rounds.size())) {
            spark.setJobDescription("Round " + (round.index() + 1) + " of " + rounds.size() + " in epoch " + (epoch + 1)
                    + (reports.isEmpty()
                            ? ""
                            : "; before it, " + reports.get(reports.size() - 1).line()));
            RoundReport report = train(round);
            LOG.info("{}", report.line());
            report.show();
            reports.add(report);
            progress.at(
                    report.round(),
                    rounds.size(),
                    String.format(
                            Locale.ROOT, "round %d of %d, loss %.4f", report.round(), rounds.size(), report.loss()));
            if (report.round() < rounds.size()) {
                afterRound.reached(reports, state);
            }
        }
        long trained = reports.stream().mapToLong(RoundReport::examples).sum();
        double lossSum = reports.stream()
                .mapToDouble(round -> round.loss() * round.examples())
                .sum();
        return new Epoch(run.plan().examples(), trained, lossSum / trained, reports);
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public void close() {
        shards.unpersist(false);
        sentRun.destroy();
    }

    private RoundReport train(EpochPlan.Round round) {
        long start = System.nanoTime();
        SlicedBroadcast theta = SlicedBroadcast.of(state.vector(), run.plan().workers());
        RDD<Tuple2<Integer, WorkerSlice>> sliced = shuffled(new LocalSteps(sentRun, theta, round));
        RDD<SliceReduction.Mean> reduced = new PartitionwiseRdd<>(
                sliced,
                new SliceReduction(
                        run.slices(),
                        state.length(),
                        run.parameterCount(),
                        run.averaging().wire()),
                SliceReduction.Mean.class);
        MeanSlices mean = new MeanSlices(run.slices());
        byte[] vector = new byte[state.vector().length];
        List<SliceReduction.Mean> means;
        try {
            means = mean.join(spark.sc(), reduced, vector);
        } finally {
            release(theta, sliced, mean);
        }
        State next = next(vector);
        RoundReport report = report(round, means, (System.nanoTime() - start) / 1e9);
        requireConvergence(report, means);
        state = next.with(
                state.average().advance(next.parameters(), run.averaging().parameterDecay()));
        return report;
    }

    private RDD<Tuple2<Integer, WorkerSlice>> shuffled(LocalSteps steps) {
        return new ShuffledRDD<Integer, OutgoingSlice, WorkerSlice>(
                        new PartitionwiseRdd<>(shards.rdd(), steps, Tuple2.class),
                        new SliceReduction.BySlice(run.slices()),
                        ClassTag.apply(Integer.class),
                        ClassTag.apply(OutgoingSlice.class),
                        ClassTag.apply(WorkerSlice.class))
                .setSerializer(new SliceSerializer());
    }

    /** Spark would keep a round's vectors on the executors until the driver happens to collect garbage. */
    private void release(SlicedBroadcast theta, RDD<?> sliced, MeanSlices mean) {
        theta.destroy();
        mean.forget();
        ShuffleDependency<?, ?, ?> shuffle =
                (ShuffleDependency<?, ?, ?>) sliced.dependencies().head();
        spark.sc().cleaner().foreach(cleaner -> {
            cleaner.doCleanupShuffle(shuffle.shuffleId(), false);
            return null;
        });
    }

    /** Thrown before the round's result is taken over, so that no checkpoint holds it. */
    private void requireConvergence(RoundReport report, List<SliceReduction.Mean> means) {
        if (!means.stream().allMatch(SliceReduction.Mean::finite)) {
            throw Diverged.inParameters(report);
        }
        if (!(report.loss() <= DIVERGED)) {
            throw Diverged.inLoss(report);
        }
    }

    /** θ_{r+1} from what the workers' vectors average to. */
    private State next(byte[] vector) {
        FloatBuffer mean = FloatBytes.view(vector);
        if (run.averaging().wire().carriesChanges()) {
            add(
                    FloatBytes.view(
                            (run.statistics().channels() > 0 ? state.withMoments(run.statistics()) : state).vector()),
                    mean);
        }
        run.statistics().fromMoments(mean, state.parameters());
        if (run.statistics().channels() == 0 || run.averaging().outerStep() == OuterStep.PLAIN) {
            return run.averaging().outerStep().apply(state, vector, run.plan().workers());
        }
        State next = run.averaging()
                .outerStep()
                .apply(state, vector.clone(), run.plan().workers());
        run.statistics().copy(mean, next.parameters());
        return next;
    }

    private static void add(FloatBuffer start, FloatBuffer changes) {
        for (int i = 0; i < changes.limit(); i++) {
            changes.put(i, changes.get(i) + start.get(i));
        }
    }

    private RoundReport report(EpochPlan.Round round, List<SliceReduction.Mean> means, double seconds) {
        List<WorkerSlice.Work> work = means.get(0).work();
        long examples = work.stream().mapToLong(WorkerSlice.Work::examples).sum();
        if (work.size() != run.plan().workers() || examples != run.plan().examplesIn(round)) {
            throw new IllegalStateException("round " + (round.index() + 1) + " of epoch " + (round.epoch() + 1)
                    + " must train " + run.plan().examplesIn(round) + " examples on "
                    + run.plan().workers()
                    + " workers but trained " + examples + " on " + work.size());
        }
        double lossSum = work.stream().mapToDouble(WorkerSlice.Work::lossSum).sum();
        WorkerSlice.Work slowest = work.stream()
                .max(Comparator.comparingDouble(WorkerSlice.Work::computeSeconds))
                .orElseThrow();
        double mean = work.stream()
                .mapToDouble(WorkerSlice.Work::computeSeconds)
                .average()
                .orElseThrow();
        double load =
                work.stream().mapToDouble(WorkerSlice.Work::loadSeconds).max().orElseThrow();
        return new RoundReport(
                round.epoch() + 1,
                round.index() + 1,
                examples,
                lossSum / examples,
                seconds,
                slowest.computeSeconds(),
                slowest.computeSeconds() - mean,
                "worker " + slowest.worker() + " on " + slowest.host(),
                load,
                Math.max(0, seconds - slowest.computeSeconds() - load),
                divergence(work, means));
    }

    private static double divergence(List<WorkerSlice.Work> work, List<SliceReduction.Mean> means) {
        double sum = 0;
        int trained = 0;
        for (int worker = 0; worker < work.size(); worker++) {
            if (work.get(worker).examples() > 0) {
                double squared = 0;
                for (SliceReduction.Mean mean : means) {
                    squared += mean.squaredDistances()[worker];
                }
                sum += Math.sqrt(squared);
                trained++;
            }
        }
        return sum / trained;
    }
}
