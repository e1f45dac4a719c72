package org.convoy.train;

import java.util.Arrays;
import java.util.List;
import org.convoy.model.Labels;

/** Some blocks of a shard and the order in which their rows are trained: what a task holds of its shard at a time. */
final class Window {
    private final int first;
    private final int blockRows;
    private final List<Block> blocks;
    private final long[] firstExamples;
    private final int[] rows;
    private final long[] copies;

    /**
     * @param first position in the worker's order at which the window begins
     * @param blockRows rows of each block but the last
     * @param blocks one after another
     * @param firstExamples of each block: at which row of the train split it begins
     * @param rows of these blocks, in the order of training
     * @param splitRows of the train split
     */
    Window(int first, int blockRows, List<Block> blocks, long[] firstExamples, int[] rows, long splitRows) {
        this.first = first;
        this.blockRows = blockRows;
        this.blocks = blocks;
        this.firstExamples = firstExamples;
        this.rows = rows;
        this.copies = copies(rows, splitRows);
    }

    /** By position, what tells a row that comes again from itself: 0, then the split's rows, then twice as many and so on. */
    private static long[] copies(int[] rows, long splitRows) {
        int[] seen = new int[Arrays.stream(rows).max().orElseThrow() + 1];
        return Arrays.stream(rows).mapToLong(row -> seen[row]++ * splitRows).toArray();
    }

    /**
     * What one step trains.
     *
     * @param pixels uint8, N·C·H·W
     * @param labels of the N pictures
     * @param examples rows of the train split, length N; what comes again in an epoch has another number each time
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Minibatch(byte[] pixels, Labels labels, long[] examples) {}

    /** Position in the worker's order at which the window begins. */
    int first() {
        return first;
    }

    /** Position in the worker's order before which the window ends. */
    int end() {
        return first + rows.length;
    }

    /** Gathers the pictures at positions {@code from} (inclusive) to {@code to} (exclusive) of the worker's order. */
    Minibatch minibatch(int from, int to) {
        int pictureBytes = blocks.get(0).pixels().length / blocks.get(0).labels().length;
        byte[] pixels = new byte[Math.multiplyExact(to - from, pictureBytes)];
        int[] labels = new int[to - from];
        float[] weights = new float[to - from];
        long[] examples = new long[to - from];
        for (int i = 0; i < labels.length; i++) {
            int row = rows[from - first + i];
            int slot = row / blockRows;
            Block block = blocks.get(slot);
            int rowInBlock = row % blockRows;
            System.arraycopy(block.pixels(), rowInBlock * pictureBytes, pixels, i * pictureBytes, pictureBytes);
            labels[i] = block.labels()[rowInBlock];
            weights[i] = block.weights().length == 0 ? 1 : block.weights()[rowInBlock];
            examples[i] = firstExamples[slot] + rowInBlock + copies[from - first + i];
        }
        return new Minibatch(pixels, Labels.weighted(labels, weights), examples);
    }
}
