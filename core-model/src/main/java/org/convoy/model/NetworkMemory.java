package org.convoy.model;

import java.util.LongSummaryStatistics;

/**
 * Memory off the heap that one worker's network takes while it trains, bytes, computed from its shape.
 *
 * @param parameters θ, with what is frozen
 * @param gradient as much again
 * @param optimiserState as the optimiser has it
 * @param activations of one batch: 2.25 times what the layers put out, for the way there and what they keep besides, and three
 *     times what the largest of them puts out, for the way back and what it computes in; of 3x3 convolutions that is more with AVX-512,
 *     where they are Winograd's
 */
public record NetworkMemory(long parameters, long gradient, long optimiserState, long activations) {
    /** By {@code NetworkMemoryTest}, as is {@link #BY_LARGEST}: chains of batch norm keep less, graphs of many layers more. */
    private static final double BY_ACTIVATIONS = 2.25;

    private static final int BY_LARGEST = 3;

    static NetworkMemory of(Dl4jNetwork network, InputShape read, int batchSize) {
        long parameters = network.parameters().length() * Float.BYTES;
        long state =
                network.optimiserState() == null ? 0 : network.optimiserState().length() * Float.BYTES;
        LongSummaryStatistics layers = network.activationsPerPicture(read).summaryStatistics();
        long activations = Math.round(BY_ACTIVATIONS * layers.getSum()) + BY_LARGEST * layers.getMax();
        return new NetworkMemory(parameters, parameters, state, activations * batchSize * Float.BYTES);
    }

    /** All of it. */
    public long total() {
        return parameters + gradient + optimiserState + activations;
    }
}
