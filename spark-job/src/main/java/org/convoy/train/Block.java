package org.convoy.train;

import java.io.Serializable;

/**
 * Neighbouring rows of a shard, as they lie in Spark's block storage.
 *
 * @param labels class numbers, one per picture
 * @param pixels uint8, N·C·H·W
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record Block(int[] labels, byte[] pixels) implements Serializable {
    /** An executor reads a block through this: once, and again where Spark lost it. */
    @FunctionalInterface
    interface Source extends Serializable {
        /** The same block each time, whoever asks. */
        Block read(int worker, int number);
    }
}
