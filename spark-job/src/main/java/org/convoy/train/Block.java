package org.convoy.train;

import java.io.Serializable;

/**
 * Neighbouring rows of a shard, as they lie in Spark's block storage.
 *
 * @param labels class numbers, one per picture
 * @param weights how much each picture counts, one per picture; none if all count the same
 * @param pixels uint8, N·C·H·W
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record Block(int[] labels, float[] weights, byte[] pixels) implements Serializable {
    /** All count the same. */
    Block(int[] labels, byte[] pixels) {
        this(labels, new float[0], pixels);
    }

    /** An executor reads a block through this: once, and again where Spark lost it. */
    @FunctionalInterface
    interface Source extends Serializable {
        /** The same block each time, whoever asks. */
        Block read(int worker, int number);
    }
}
