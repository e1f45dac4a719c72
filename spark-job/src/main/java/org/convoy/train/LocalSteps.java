package org.convoy.train;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.convoy.cli.TaskNatives;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Replica;
import scala.Tuple2;

/**
 * One worker's part of one round, on an executor: load θ, take τ local steps on the shard, hand on the result in slices.
 *
 * <p>On the wire: this object (the specification, the plan and a few numbers), θ once per executor as a broadcast; back goes
 * one {@link WorkerSlice} per slice through the shuffle.
 *
 * @param run identity of the training run
 * @param spec what to build where no replica is at hand
 * @param plan who trains what
 * @param state θ and optimiser state, raw float32
 * @param parameterCount length of θ within {@code state}
 * @param keepOptimiserState whether the optimiser's state travels behind θ
 * @param slices S, into how many slices the vector is cut
 * @param epoch from 0
 * @param round in the epoch, from 0
 */
record LocalSteps(
        String run,
        NetworkSpec spec,
        EpochPlan plan,
        Broadcast<byte[]> state,
        int parameterCount,
        boolean keepOptimiserState,
        int slices,
        int epoch,
        int round)
        implements PairFlatMapFunction<Iterator<Shard>, Integer, WorkerSlice> {

    @Override
    public Iterator<Tuple2<Integer, WorkerSlice>> call(Iterator<Shard> partition) {
        Shard shard = partition.next();
        int worker = shard.worker();
        int from = plan.firstRowInRound(worker, round);
        int to = plan.lastRowInRound(worker, round);
        if (from == to) {
            return sliced(new WorkerSlice.Work(worker, 0, 0, 0, 0), new float[0]);
        }

        TaskNatives.apply();
        Replica replica = ReplicaCache.replica(run, worker, spec);
        // Two attempts of one task may meet in one executor; they take turns and reach the same numbers.
        synchronized (replica) {
            long start = System.nanoTime();
            load(replica);
            long loaded = System.nanoTime();
            double lossSum = train(replica, shard, from, to);
            long trained = System.nanoTime();

            WorkerSlice.Work work =
                    new WorkerSlice.Work(worker, to - from, lossSum, seconds(start, loaded), seconds(loaded, trained));
            return sliced(work, reached(replica));
        }
    }

    private void load(Replica replica) {
        State start = new State(FloatBytes.decode(state.value()), parameterCount, new float[0]);
        int stepsBefore = epoch * plan.longestBatches() + round * plan.averagingPeriod();
        replica.load(start.parameters(), start.optimiserState(), stepsBefore);
    }

    private double train(Replica replica, Shard shard, int from, int to) {
        int[] order = plan.order(shard.worker(), epoch);
        double lossSum = 0;
        for (int batch = from; batch < to; batch += plan.batchSize()) {
            int end = Math.min(batch + plan.batchSize(), to);
            double rate = spec.optimiser().rate(plan.progress(shard.worker(), epoch, batch));
            double loss = replica.fit(shard.pixels(order, batch, end), shard.labels(order, batch, end), rate);
            lossSum += loss * (end - batch);
        }
        return lossSum;
    }

    private float[] reached(Replica replica) {
        float[] parameters = replica.parameters();
        return keepOptimiserState
                ? State.of(parameters, replica.optimiserState()).vector()
                : parameters;
    }

    private Iterator<Tuple2<Integer, WorkerSlice>> sliced(WorkerSlice.Work work, float[] vector) {
        List<Tuple2<Integer, WorkerSlice>> records = new ArrayList<>(slices);
        for (int slice = 0; slice < slices; slice++) {
            int from = SliceReduction.firstValue(slice, slices, vector.length);
            int to = SliceReduction.firstValue(slice + 1, slices, vector.length);
            records.add(new Tuple2<>(slice, new WorkerSlice(work, FloatBytes.encode(vector, from, to))));
        }
        return records.iterator();
    }

    private static double seconds(long startNanos, long endNanos) {
        return (endNanos - startNanos) / 1e9;
    }
}
