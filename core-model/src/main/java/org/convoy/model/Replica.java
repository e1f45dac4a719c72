package org.convoy.model;

import java.nio.FloatBuffer;

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
     * @param iteration local steps that the optimiser's state has behind it; Adam and its like correct their bias by it
     */
    void load(FloatBuffer parameters, FloatBuffer optimiserState, int iteration);

    /**
     * One local step.
     *
     * @param pixels uint8, N·C·H·W, not normalised
     * @param labels of N pictures, N at least 1
     * @param learningRate η of this step
     * @return mean loss over the batch before the step, on the labels as the optimiser smooths them, without penalties; with
     *     class weights Σ w·l / Σ w, as {@code torch.nn.CrossEntropyLoss} has it, so that its size does not depend on them
     */
    double fit(byte[] pixels, Labels labels, double learningRate);

    /**
     * What batch norm's channels see of one batch under θ as it is, which stays so. Each layer normalises by the batch's own
     * statistics, as in training; dropout is off, as in inference, where the statistics will be used.
     *
     * @param pixels uint8, N·C·H·W, not normalised
     * @param pictures N, at least 1
     */
    ObservedStatistics observe(byte[] pixels, int pictures);

    /** θ now, in the replica's own memory: what is written there is in the network. */
    FloatBuffer parameters();

    /** The optimiser's state now, likewise; empty for an optimiser without one. */
    FloatBuffer optimiserState();

    /** Where batch norm's running statistics lie in {@link #parameters()}; they average in their own way. */
    RunningStatistics runningStatistics();
}
