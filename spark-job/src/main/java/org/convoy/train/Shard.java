package org.convoy.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * One worker's part of the train split in an executor's memory: pixels as unsigned bytes, C·H·W each, in the manifest's
 * order. Spark keeps it as a block of the shards' RDD, and reads it again where that block is lost.
 */
final class Shard implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Pictures lie in blocks of about this many bytes: few objects, and no array near the 2 GiB limit. */
    private static final int BLOCK_BYTES = 16 << 20;

    private final int worker;
    private final int pictureSize;
    private final int picturesPerBlock;
    private final int[] labels;
    private final List<byte[]> blocks = new ArrayList<>();
    private int size;

    /**
     * An empty shard.
     *
     * @param worker whose shard it is, 0 to K - 1
     * @param capacity pictures it will hold
     * @param pictureSize bytes of one picture: C·H·W
     */
    Shard(int worker, int capacity, int pictureSize) {
        this.worker = worker;
        this.pictureSize = pictureSize;
        this.picturesPerBlock = Math.max(1, BLOCK_BYTES / pictureSize);
        this.labels = new int[capacity];
    }

    void add(int label, byte[] pixels) {
        if (size % picturesPerBlock == 0) {
            int pictures = Math.min(picturesPerBlock, labels.length - size);
            blocks.add(new byte[Math.multiplyExact(pictures, pictureSize)]);
        }
        System.arraycopy(pixels, 0, blocks.get(size / picturesPerBlock), offset(size), pictureSize);
        labels[size++] = label;
    }

    int worker() {
        return worker;
    }

    int size() {
        return size;
    }

    /** The pixels of the pictures {@code order[from]} to {@code order[to - 1]}: uint8, N·C·H·W. */
    byte[] pixels(int[] order, int from, int to) {
        byte[] batch = new byte[(to - from) * pictureSize];
        for (int i = from; i < to; i++) {
            byte[] block = blocks.get(order[i] / picturesPerBlock);
            System.arraycopy(block, offset(order[i]), batch, (i - from) * pictureSize, pictureSize);
        }
        return batch;
    }

    /** The labels of the pictures {@code order[from]} to {@code order[to - 1]}. */
    int[] labels(int[] order, int from, int to) {
        int[] batch = new int[to - from];
        for (int i = from; i < to; i++) {
            batch[i - from] = labels[order[i]];
        }
        return batch;
    }

    private int offset(int picture) {
        return (picture % picturesPerBlock) * pictureSize;
    }
}
