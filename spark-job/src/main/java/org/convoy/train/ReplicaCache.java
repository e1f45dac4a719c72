package org.convoy.train;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Replica;

/**
 * The replicas that live in this executor, kept from round to round because building a network costs more than a step. Only
 * a cache: a task that finds none builds its own, and every round loads θ anew, so numbers never depend on it.
 */
final class ReplicaCache {
    private static final Map<Key, Replica> REPLICAS = new ConcurrentHashMap<>();

    private record Key(String run, int worker) {}

    private ReplicaCache() {}

    static Replica replica(String run, int worker, NetworkSpec spec) {
        // An executor that outlives a run drops that run's replicas when the next one begins.
        REPLICAS.keySet().removeIf(key -> !key.run().equals(run));
        return REPLICAS.computeIfAbsent(new Key(run, worker), key -> spec.replica());
    }
}
