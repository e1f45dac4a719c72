package org.convoy.train;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/**
 * In which order a worker trains its rows, as a pure function of the numbers below. Made for shards larger than memory:
 * whoever follows it needs one window at a time.
 *
 * <p>A shard's rows, in the manifest's order, are cut into blocks; the last one may be shorter. In each epoch the worker
 * goes through its blocks in an order of its own, in windows of eight at most, and through the rows of a window in an order
 * of its own. So the rows of a shard of one window are permuted as a whole. The short block is always the last one, so that
 * no batch reaches from one window into the next.
 *
 * <p>Where classes are oversampled, a window has as many more positions as the epoch has more examples, and its rows are drawn
 * for them in proportion to how often they are to come, by systematic sampling. Proportions hold within a window: one that
 * happens to have few examples of rare classes repeats all its rows a little more.
 *
 * @param plan who trains what
 * @param blockRows rows of a block, a multiple of the batch size
 */
record ExampleOrder(EpochPlan plan, int blockRows) implements Serializable {
    /** Small enough to come and go in memory, large enough for disks. */
    private static final int BLOCK_BYTES = 8 << 20;

    private static final int WINDOW_BLOCKS = 8;

    ExampleOrder {
        if (blockRows < 1 || blockRows % plan.batchSize() != 0) {
            throw new IllegalArgumentException(
                    "blockRows must be a multiple of the batch size (" + plan.batchSize() + ") but was " + blockRows);
        }
    }

    /**
     * Blocks of as many batches as 8 MiB hold, one at least.
     *
     * @param pictureBytes C·H·W
     */
    static ExampleOrder of(EpochPlan plan, int pictureBytes) {
        long batches = Math.max(1, BLOCK_BYTES / ((long) plan.batchSize() * pictureBytes));
        return new ExampleOrder(plan, Math.toIntExact(batches * plan.batchSize()));
    }

    /** Rows of the largest window. */
    int windowRows() {
        return WINDOW_BLOCKS * blockRows;
    }

    /** Blocks of a worker's shard. */
    int blocks(int worker) {
        return Math.floorDiv(plan.rows(worker) - 1, blockRows) + 1;
    }

    /** Blocks of all workers before this one. */
    int firstBlock(int worker) {
        int sum = 0;
        for (int before = 0; before < worker; before++) {
            sum = Math.addExact(sum, blocks(before));
        }
        return sum;
    }

    /** Row of the shard at which a block begins; it ends where the next one begins. */
    int firstRow(int worker, int block) {
        return (int) Math.min((long) block * blockRows, plan.rows(worker));
    }

    /** Windows of a worker's epoch. They differ by one block at most, so that none mixes a few rows alone. */
    int windows(int worker) {
        return Math.floorDiv(blocks(worker) - 1, WINDOW_BLOCKS) + 1;
    }

    /** Position in the worker's order at which a window begins; it ends where the next one begins. */
    int firstPosition(int worker, int window) {
        int row = firstRow(worker, firstSlot(worker, window));
        int rows = plan.rows(worker);
        int examples = plan.examples(worker);
        // Windows begin with a batch.
        return row == rows ? examples : (int) ((long) row * examples / rows / plan.batchSize()) * plan.batchSize();
    }

    /** The window in which a position of the worker's order lies. */
    int windowAt(int worker, int position) {
        int window = 0;
        while (firstPosition(worker, window + 1) <= position) {
            window++;
        }
        return window;
    }

    /** The numbers of the blocks of a window, in the order of the epoch. */
    int[] blocks(int worker, int epoch, int window) {
        int[] blocks = permutation(blocks(worker), plan.rows(worker) / blockRows, random(worker, epoch, 0));
        return Arrays.copyOfRange(blocks, firstSlot(worker, window), firstSlot(worker, window + 1));
    }

    /**
     * The order in which the rows of a window are trained: a permutation of 0 to N - 1 over its blocks, one after another, or where
     * classes are oversampled, a draw from them.
     *
     * @param labels by row
     */
    int[] rows(int worker, int epoch, int window, IntUnaryOperator labels) {
        int rows = firstRow(worker, firstSlot(worker, window + 1)) - firstRow(worker, firstSlot(worker, window));
        SplittableRandom random = random(worker, epoch, 1 + window);
        int[] permuted = permutation(rows, rows, random);
        if (plan.oversampling().repeats().isEmpty()) {
            return permuted;
        }
        int positions = firstPosition(worker, window + 1) - firstPosition(worker, window);
        int[] drawn = draw(permuted, positions, labels, random);
        return Arrays.stream(permutation(positions, positions, random))
                .map(i -> drawn[i])
                .toArray();
    }

    /** Systematic sampling: the rows lie one after another, each as long as it is to come often, and each equal step hits one. */
    private int[] draw(int[] rows, int count, IntUnaryOperator labels, SplittableRandom random) {
        List<Double> repeats = plan.oversampling().repeats();
        double length = Arrays.stream(rows)
                .mapToDouble(row -> repeats.get(labels.applyAsInt(row)))
                .sum();
        double offset = random.nextDouble();
        int[] drawn = new int[count];
        int next = 0;
        double end = 0;
        for (int row : rows) {
            end += repeats.get(labels.applyAsInt(row));
            while (next < count && (next + offset) * length < end * count) {
                drawn[next++] = row;
            }
        }
        // Rounding may leave the last step beyond the end.
        Arrays.fill(drawn, next, count, rows[rows.length - 1]);
        return drawn;
    }

    /** Which block of the epoch's order is a window's first. */
    private int firstSlot(int worker, int window) {
        return (int) ((long) window * blocks(worker) / windows(worker));
    }

    /** Independent streams for neighbouring epochs, workers and purposes: SplittableRandom mixes its seed. */
    private SplittableRandom random(int worker, int epoch, int purpose) {
        long stream = new SplittableRandom(plan.seed() * 1_000_003L + epoch * 8_191L + worker).nextLong();
        return new SplittableRandom(stream + purpose);
    }

    /** 0 to {@code length} - 1, of which the first {@code permuted} are in random order (Fisher and Yates). */
    private static int[] permutation(int length, int permuted, SplittableRandom random) {
        int[] values = new int[length];
        for (int i = 0; i < length; i++) {
            int j = i < permuted ? random.nextInt(i + 1) : i;
            values[i] = values[j];
            values[j] = i;
        }
        return values;
    }
}
