package org.convoy.model;

/**
 * One network being trained in one task: all that the averaging loop knows of a deep-learning library. Not thread-safe.
 *
 * <p>Parameters and optimiser state are flat float32 vectors in the library's own fixed order.
 */
public interface Replica {
    /**
     * Takes up training at a given point; whatever the replica held before is gone.
     *
     * @param parameters θ
     * @param optimiserState of {@link #optimiserState()}'s length, or empty to start with none
     * @param iteration local steps that θ has behind it; optimisers such as Adam correct their bias by it
     */
    void load(float[] parameters, float[] optimiserState, int iteration);

    /**
     * One local step.
     *
     * @param pixels uint8, N·C·H·W, not normalised
     * @param labels class numbers, length N, N at least 1
     * @param learningRate η of this step
     * @return mean loss over the batch before the step, on the labels as the optimiser smooths them, without penalties
     */
    double fit(byte[] pixels, int[] labels, double learningRate);

    /** θ now, in an array of its own. */
    float[] parameters();

    /** The optimiser's state now, in an array of its own; empty for an optimiser without one. */
    float[] optimiserState();
}
