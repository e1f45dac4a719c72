package org.convoy.train;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.util.TaskCompletionListener;
import org.convoy.cli.TaskGpu;
import org.convoy.cli.TaskNatives;
import org.convoy.model.Labels;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Replica;
import scala.Tuple2;

/**
 * One worker's part of one round, on an executor: load θ, take τ local steps on the shard, hand on the result in slices.
 *
 * <p>On the wire: this object, a few numbers; the run, with what is frozen, and θ once per executor; back goes one {@link OutgoingSlice} per slice
 * through the shuffle.
 *
 * @param sentRun what all rounds have in common
 * @param state θ and optimiser state, raw float32
 * @param round which one
 */
record LocalSteps(Broadcast<Run> sentRun, SlicedBroadcast state, EpochPlan.Round round)
        implements FlatMapFunction<Iterator<Shard>, Tuple2<Integer, OutgoingSlice>> {

    private Run run() {
        return sentRun.value();
    }

    private NetworkSpec spec() {
        return run().spec();
    }

    private EpochPlan plan() {
        return run().plan();
    }

    private Averaging averaging() {
        return run().averaging();
    }

    @Override
    public Iterator<Tuple2<Integer, OutgoingSlice>> call(Iterator<Shard> partition) {
        Shard shard = partition.next();
        int worker = shard.worker();
        long arrived = System.nanoTime();
        state.passOn(worker);
        double passOnSeconds = seconds(arrived, System.nanoTime());
        int from = plan().firstPosition(worker, round);
        int to = plan().lastPosition(worker, round);
        if (from == to) {
            return idle(new WorkerSlice.Work(worker, host(), 0, 0, 0, 0));
        }

        TaskNatives.apply();
        ReplicaCache.Resident resident = ReplicaCache.resident(run().id(), worker, spec());
        // Two attempts of one task may meet in one executor. They take turns, until what each reached is written.
        resident.lock().lock();
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener)
                ended -> resident.lock().unlock());
        Replica replica = resident.replicaOn(TaskGpu.address());
        long start = System.nanoTime();
        State loaded = load(resident);
        long ready = System.nanoTime();
        double lossSum = train(resident, shard, from, to);
        long trained = System.nanoTime();
        if (averaging().optimiserState() == OptimiserStatePolicy.LOCAL) {
            resident.keep(stepsBefore(), plan().batches(to - from), nextPosition(worker, to));
        }

        WorkerSlice.Work work = new WorkerSlice.Work(
                worker, host(), to - from, lossSum, passOnSeconds + seconds(start, ready), seconds(ready, trained));
        return sliced(work, replica, loaded);
    }

    private Iterator<Tuple2<Integer, OutgoingSlice>> idle(WorkerSlice.Work work) {
        OutgoingSlice nothing = new OutgoingSlice(work, averaging().wire(), List.of(), FloatBuffer.allocate(0), 0, 0);
        return IntStream.range(0, run().slices())
                .mapToObj(slice -> new Tuple2<>(slice, nothing))
                .iterator();
    }

    private State load(ReplicaCache.Resident resident) {
        State start = new State(state.value(), run().parameterCount(), new float[0]);
        Replica replica = resident.replica();
        switch (averaging().optimiserState()) {
            case AVERAGE -> replica.load(start.parameters(), start.optimiserState(), stepsBefore());
            case RESET -> replica.load(start.parameters(), FloatBuffer.allocate(0), 0);
            case LOCAL -> resident.loadWithKept(start.parameters(), stepsBefore());
        }
        return start;
    }

    /** Local steps that θ has behind it. */
    private int stepsBefore() {
        return round.epoch() * plan().longestBatches() + round.from();
    }

    /** Where the worker's next examples begin, in local steps: it may have none in the epoch's last round. */
    private int nextPosition(int worker, int to) {
        return to == plan().examples(worker)
                ? (round.epoch() + 1) * plan().longestBatches()
                : stepsBefore() + round.to() - round.from();
    }

    private double train(ReplicaCache.Resident resident, Shard shard, int from, int to) {
        ExampleOrder order = shard.order();
        int worker = shard.worker();
        double lossSum = 0;
        for (int number = order.windowAt(worker, from); order.firstPosition(worker, number) < to; number++) {
            // No variable holds the window: it must be garbage before the next one is fetched.
            lossSum += train(resident.replica(), worker, resident.window(shard, round.epoch(), number), from, to);
        }
        return lossSum;
    }

    /** Trains what of the round lies in the window. */
    private double train(Replica replica, int worker, Window window, int from, int to) {
        int first = Math.max(from, window.first());
        int end = Math.min(to, window.end());
        double lossSum = 0;
        try (Prefetch<Window.Minibatch> batches = new Prefetch<>(batches(window, first, end))) {
            for (int position = first; position < end; position += plan().batchSize()) {
                Window.Minibatch batch = batches.next();
                double rate = spec().optimiser().rate(plan().progress(worker, round.epoch(), position));
                lossSum += replica.fit(batch.pixels(), batch.labels(), rate)
                        * batch.labels().size();
            }
        }
        return lossSum;
    }

    private Iterator<Callable<Window.Minibatch>> batches(Window window, int first, int end) {
        return IntStream.iterate(first, position -> position < end, position -> position + plan().batchSize())
                .<Callable<Window.Minibatch>>mapToObj(position ->
                        () -> augmented(window.minibatch(position, Math.min(position + plan().batchSize(), end))))
                .iterator();
    }

    private Window.Minibatch augmented(Window.Minibatch batch) {
        Labels labels = run().augmentation()
                .apply(batch.pixels(), batch.labels(), batch.examples(), spec().input(), plan().seed(), round.epoch());
        return new Window.Minibatch(batch.pixels(), labels, batch.examples());
    }

    private Iterator<Tuple2<Integer, OutgoingSlice>> sliced(WorkerSlice.Work work, Replica replica, State start) {
        FloatBuffer before = FloatBytes.view(start.vector());
        if (run().statistics().channels() > 0) {
            run().statistics().toMoments(replica.parameters(), before);
            before = FloatBytes.view(start.withMoments(run().statistics()).vector());
        }
        boolean stateTravels = averaging().optimiserState() == OptimiserStatePolicy.AVERAGE;
        List<FloatBuffer> reached =
                stateTravels ? List.of(replica.parameters(), replica.optimiserState()) : List.of(replica.parameters());
        List<Tuple2<Integer, OutgoingSlice>> records = new ArrayList<>(run().slices());
        for (int slice = 0; slice < run().slices(); slice++) {
            int from = SliceReduction.firstValue(slice, run().slices(), start.length());
            int length = SliceReduction.firstValue(slice + 1, run().slices(), start.length()) - from;
            records.add(
                    new Tuple2<>(slice, new OutgoingSlice(work, averaging().wire(), reached, before, from, length)));
        }
        return records.iterator();
    }

    private static String host() {
        BlockManagerId executor = SparkEnv.get().blockManager().blockManagerId();
        return executor.host() + "/" + executor.executorId()
                + TaskGpu.address().map(address -> ", GPU " + address).orElse("");
    }

    private static double seconds(long startNanos, long endNanos) {
        return (endNanos - startNanos) / 1e9;
    }
}
