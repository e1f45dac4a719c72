package org.convoy.train;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.convoy.model.NetworkSpec;
import org.convoy.model.Replica;

/**
 * The replicas that live in this executor, kept from round to round because building a network costs more than a step, each
 * with the window that it trains, because a round uses a part of one. Only a cache: a task that finds none builds its own,
 * and every round loads θ anew, so numbers never depend on it; but for {@link OptimiserStatePolicy#LOCAL}, whose optimiser
 * state lies here and nowhere else.
 */
final class ReplicaCache {
    private static final Map<Key, Resident> RESIDENTS = new ConcurrentHashMap<>();

    private record Key(String run, int worker) {}

    /**
     * An optimiser's state between two rounds.
     *
     * @param steps that it has behind it
     */
    private record Kept(FloatBuffer optimiserState, int steps) {
        static final Kept NONE = new Kept(FloatBuffer.allocate(0), 0);
    }

    /** A window of an epoch. */
    private record NumberedWindow(int epoch, int number, Window window) {}

    /** One worker's replica. Its user holds its lock. */
    static final class Resident {
        private final ReentrantLock lock = new ReentrantLock();
        private final NetworkSpec spec;
        private Replica replica;
        /** The GPU that the replica was built on. */
        private Optional<String> gpu = Optional.empty();
        /** By the position in the run's local steps at which it is to be taken up: this round's, and then the next one's. */
        private final Map<Integer, Kept> kept = new HashMap<>();

        private Optional<NumberedWindow> window = Optional.empty();

        private Resident(NetworkSpec spec) {
            this.spec = spec;
        }

        ReentrantLock lock() {
            return lock;
        }

        /** The replica, built anew if the task has another GPU than the worker's task before it: arrays stay where they were made. */
        Replica replicaOn(Optional<String> taskGpu) {
            if (replica == null || !gpu.equals(taskGpu)) {
                replica = spec.replica();
                gpu = taskGpu;
            }
            return replica;
        }

        /** The same, once it was built. */
        Replica replica() {
            return replica;
        }

        /** A window of the shard. The one before is forgotten first: memory is for one. */
        Window window(Shard shard, int epoch, int number) {
            window = window.filter(held -> held.epoch() == epoch && held.number() == number);
            if (window.isEmpty()) {
                window = Optional.of(new NumberedWindow(epoch, number, shard.window(epoch, number)));
            }
            return window.get().window();
        }

        /** Loads θ, and the optimiser state that was kept for this position or else none. */
        void loadWithKept(FloatBuffer parameters, int position) {
            // The state of this position stays until the next round begins: this attempt may be lost.
            kept.keySet().removeIf(other -> other != position);
            Kept found = kept.getOrDefault(position, Kept.NONE);
            replica.load(parameters, found.optimiserState(), found.steps());
        }

        /** Keeps the optimiser state, which took {@code steps} steps since {@code position}, for {@code next}. */
        void keep(int position, int steps, int next) {
            FloatBuffer state = replica.optimiserState();
            FloatBuffer copy =
                    FloatBuffer.allocate(state.remaining()).put(state).flip();
            kept.put(next, new Kept(copy, kept.getOrDefault(position, Kept.NONE).steps() + steps));
        }
    }

    private ReplicaCache() {}

    static Resident resident(String run, int worker, NetworkSpec spec) {
        // An executor that outlives a run drops that run's replicas when the next one begins.
        RESIDENTS.keySet().removeIf(key -> !key.run().equals(run));
        return RESIDENTS.computeIfAbsent(new Key(run, worker), key -> new Resident(spec));
    }
}
