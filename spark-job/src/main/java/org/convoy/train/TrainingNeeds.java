package org.convoy.train;

import org.convoy.model.NetworkMemory;

/**
 * What a training takes, computed from its network and its plan, bytes.
 *
 * @param network by its name
 * @param parameters P, with frozen ones
 * @param workers K
 * @param batchSize examples of a local step
 * @param worker off the heap, by each worker
 * @param windowBytes on the heap, by each worker: the pictures that it has at hand, and the next batches
 * @param vectorBytes of what travels in a round: θ without its frozen part, and the optimiser's state if that is averaged
 */
public record TrainingNeeds(
        String network,
        long parameters,
        int workers,
        int batchSize,
        NetworkMemory worker,
        long windowBytes,
        long vectorBytes) {
    /**
     * Vectors that an executor holds on its heap at once at least: what it receives, its slices of it, and its share of the sums.
     * Rounds leave as many more for the collector; and the driver holds as many.
     */
    private static final int VECTORS = 3;

    /** Batches of bytes that a worker's thread has gathered ahead. */
    static final int BATCHES_AHEAD = 3;

    /** What an executor cannot do without on its heap. */
    public long heapBytes(int tasks) {
        return tasks * windowBytes + VECTORS * vectorBytes;
    }

    /** What lets it work without collecting garbage all the time. */
    public long comfortableHeapBytes(int tasks) {
        return heapBytes(tasks) + VECTORS * vectorBytes;
    }

    /** What an executor takes off its heap. */
    public long offHeapBytes(int tasks) {
        return tasks * worker.total();
    }

    /** What the driver cannot do without on its heap. */
    public long driverHeapBytes() {
        return VECTORS * vectorBytes;
    }

    /** What a training leaves on the file system: its newest checkpoints, the best parameters in each, and the version. */
    public long storageBytes() {
        return 2 * (2 * vectorBytes) + worker.parameters() + worker.optimiserState();
    }
}
