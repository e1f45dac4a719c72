package org.convoy.prepare;

/**
 * The inverse discrete cosine transform of 8x8 coefficients to 8x8 samples, or to 4x4, 2x2 or one where fewer are wanted. It has the
 * 13-bit constants of libjpeg's accurate integer method, and so its samples (C. Loeffler, A. Ligtenberg and G. Moschytz, "Practical fast
 * 1-D DCT algorithms with 11 multiplications", 1989).
 *
 * <p>That method shares products between outputs. Here each output is a sum of products of its own: whole numbers make the same sum in
 * any order, and Java makes vector instructions of loops over many blocks that store to one array only.
 */
final class InverseDct {
    /** Coefficients of a block, in each direction. */
    static final int SIDE = 8;

    private static final int FRACTION_BITS = 13;
    /** What is kept of the fraction between columns and rows. */
    private static final int EXTRA_BITS = 2;
    /** A block's first coefficient is 8 times its mean. */
    private static final int SCALE_BITS = 3;

    private static final int CENTRE = 128;
    private static final int LARGEST_SAMPLE = 255;

    private static final Weights EIGHT = new Weights(
            0,
            new int[][] {
                {8192, 10703, 8192, 4433},
                {8192, 4433, -8192, -10704},
                {8192, -4433, -8192, 10704},
                {8192, -10703, 8192, -4433}
            },
            new int[][] {
                {11363, 9633, 6437, 2260},
                {9633, -2259, -11362, -6436},
                {6437, -11362, 2261, 9633},
                {2260, -6436, 9633, -11363}
            });

    private static final Weights FOUR =
            new Weights(1, new int[][] {{16384, 15137, 0, -6270}, {16384, -15137, 0, 6270}}, new int[][] {
                {20995, 7373, -4926, -4176}, {8697, -17799, 11893, -1730}
            });

    private static final Weights TWO =
            new Weights(2, new int[][] {{32768, 0, 0, 0}}, new int[][] {{29692, -10426, 6967, -5906}});

    /**
     * What the first half of the outputs is made of. The second half, from its end on, has the odd coefficients with the other sign.
     *
     * @param extraBits by which sums are larger than those of eight outputs
     * @param even [side / 2, 4], of coefficients 0, 2, 4 and 6
     * @param odd [side / 2, 4], of coefficients 1, 3, 5 and 7
     */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    private record Weights(int extraBits, int[][] even, int[][] odd) {
        boolean has(int coefficient) {
            return (coefficient % 2 == 0 ? even : odd)[0][coefficient / 2] != 0;
        }
    }

    private final int side;
    private final Weights weights;
    private final int from;
    private final int to;
    private final int[][] even;
    private final int[][] odd;

    /**
     * @param side samples in each direction: 8, 4, 2 or 1
     * @param from the first lane that is transformed
     * @param to behind the last one
     */
    InverseDct(int side, int from, int to) {
        this.side = side;
        this.weights = switch (side) {
            case SIDE -> EIGHT;
            case SIDE / 2 -> FOUR;
            default -> TWO;
        };
        this.from = from;
        this.to = to;
        this.even = new int[side / 2][to];
        this.odd = new int[side / 2][to];
    }

    /**
     * Transforms in place.
     *
     * @param blocks [64, lanes]: coefficients at row * 8 + column; then samples from 0 to 255 at row * 8 + column, each up to
     *     {@code side}, and elsewhere nothing of use
     */
    void transform(int[][] blocks) {
        if (side == 1) {
            means(blocks[0], from, to);
            return;
        }
        int shift = FRACTION_BITS + weights.extraBits - EXTRA_BITS;
        for (int column = 0; column < SIDE; column++) {
            if (weights.has(column)) {
                weigh(blocks, column, SIDE, shift, 0);
                for (int i = 0; i < side / 2; i++) {
                    sums(even[i], odd[i], shift, blocks[column + SIDE * i], from, to);
                    differences(even[i], odd[i], shift, blocks[column + SIDE * (side - 1 - i)], from, to);
                }
            }
        }
        shift += 2 * EXTRA_BITS + SCALE_BITS;
        for (int row = 0; row < side; row++) {
            weigh(blocks, SIDE * row, 1, shift, CENTRE << shift);
            for (int i = 0; i < side / 2; i++) {
                sampleSums(even[i], odd[i], shift, blocks[SIDE * row + i], from, to);
                sampleDifferences(even[i], odd[i], shift, blocks[SIDE * row + side - 1 - i], from, to);
            }
        }
    }

    /** Fills {@link #even}, with what rounds a sum, and {@link #odd}. */
    private void weigh(int[][] blocks, int first, int step, int shift, int centre) {
        for (int i = 0; i < side / 2; i++) {
            weigh(blocks, first, 2 * step, weights.even[i], centre + (1 << (shift - 1)), even[i], from, to);
            weigh(blocks, first + step, 2 * step, weights.odd[i], 0, odd[i], from, to);
        }
    }

    private static void weigh(
            int[][] blocks, int first, int step, int[] weights, int added, int[] target, int from, int to) {
        int[] a = blocks[first];
        int[] b = blocks[first + step];
        int[] c = blocks[first + 2 * step];
        int[] d = blocks[first + 3 * step];
        int wa = weights[0];
        int wb = weights[1];
        int wc = weights[2];
        int wd = weights[3];
        for (int i = from; i < to; i++) {
            target[i] = wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i] + added;
        }
    }

    private static void sums(int[] a, int[] b, int shift, int[] target, int from, int to) {
        for (int i = from; i < to; i++) {
            target[i] = (a[i] + b[i]) >> shift;
        }
    }

    private static void differences(int[] a, int[] b, int shift, int[] target, int from, int to) {
        for (int i = from; i < to; i++) {
            target[i] = (a[i] - b[i]) >> shift;
        }
    }

    private static void sampleSums(int[] a, int[] b, int shift, int[] target, int from, int to) {
        for (int i = from; i < to; i++) {
            target[i] = sample((a[i] + b[i]) >> shift);
        }
    }

    private static void sampleDifferences(int[] a, int[] b, int shift, int[] target, int from, int to) {
        for (int i = from; i < to; i++) {
            target[i] = sample((a[i] - b[i]) >> shift);
        }
    }

    private static void means(int[] firsts, int from, int to) {
        for (int i = from; i < to; i++) {
            firsts[i] = sample(((firsts[i] + (1 << (SCALE_BITS - 1))) >> SCALE_BITS) + CENTRE);
        }
    }

    /** The nearest one from 0 to 255. Java makes no vector instructions of a minimum. */
    static int sample(int value) {
        int positive = value & ~(value >> 31);
        return (positive | ((LARGEST_SAMPLE - positive) >> 31)) & LARGEST_SAMPLE;
    }
}
