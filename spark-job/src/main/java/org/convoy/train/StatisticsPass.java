package org.convoy.train;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.convoy.cli.TaskGpu;
import org.convoy.cli.TaskNatives;
import org.convoy.model.NetworkSpec;
import org.convoy.model.ObservedStatistics;
import org.convoy.model.Replica;
import org.convoy.model.RunningStatistics;

/**
 * Batch norm's statistics of the whole train split under fixed parameters, in one pass over the shards. The running averages
 * that training leaves are of the parameters that each worker happened to have on its way.
 *
 * <p>On the wire: this object, the specification and θ as for a round; back goes one {@link ObservedStatistics} per worker, two numbers a channel.
 *
 * @param run identity of this pass
 * @param theta θ, raw float32
 */
record StatisticsPass(String run, Broadcast<NetworkSpec> spec, SlicedBroadcast theta, int batchSize)
        implements Function<Shard, ObservedStatistics> {

    /** {@code state} with the statistics that its parameters have; empty where the network has no batch norm. */
    static Optional<State> over(JavaRDD<Shard> shards, NetworkSpec spec, EpochPlan plan, State state) {
        RunningStatistics statistics = spec.replica().runningStatistics();
        if (statistics.channels() == 0) {
            return Optional.empty();
        }
        State parameters = State.of(state.parameters(), FloatBuffer.allocate(0));
        SlicedBroadcast theta = SlicedBroadcast.of(parameters.vector(), plan.workers());
        Broadcast<NetworkSpec> sentSpec =
                JavaSparkContext.fromSparkContext(shards.context()).broadcast(spec.forWorkers());
        List<ObservedStatistics> byWorker;
        try {
            byWorker = shards.map(new StatisticsPass(UUID.randomUUID().toString(), sentSpec, theta, plan.batchSize()))
                    .collect();
        } finally {
            theta.destroy();
            sentSpec.destroy();
        }
        ObservedStatistics all = ObservedStatistics.none(statistics.channels());
        for (ObservedStatistics worker : byWorker) {
            all = all.plus(worker);
        }
        State recomputed = State.of(state.parameters(), state.optimiserState());
        statistics.write(all, recomputed.parameters());
        return Optional.of(recomputed);
    }

    @Override
    public ObservedStatistics call(Shard shard) {
        theta.passOn(shard.worker());
        TaskNatives.apply();
        FloatBuffer parameters = FloatBytes.view(theta.value());
        ReplicaCache.Resident resident = ReplicaCache.resident(run, shard.worker(), spec.value());
        resident.lock().lock();
        try {
            Replica replica = resident.replicaOn(TaskGpu.address());
            replica.load(parameters, FloatBuffer.allocate(0), 0);
            ObservedStatistics seen =
                    ObservedStatistics.none(replica.runningStatistics().channels());
            for (int number = 0; number < shard.order().windows(shard.worker()); number++) {
                seen = seen.plus(observed(replica, resident.window(shard, 0, number)));
            }
            return seen;
        } finally {
            resident.lock().unlock();
        }
    }

    private ObservedStatistics observed(Replica replica, Window window) {
        ObservedStatistics seen =
                ObservedStatistics.none(replica.runningStatistics().channels());
        for (int from = window.first(); from < window.end(); from += batchSize) {
            Window.Minibatch batch = window.minibatch(from, Math.min(from + batchSize, window.end()));
            seen = seen.plus(replica.observe(batch.pixels(), batch.labels().size()));
        }
        return seen;
    }
}
