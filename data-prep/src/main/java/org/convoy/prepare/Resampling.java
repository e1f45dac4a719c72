package org.convoy.prepare;

/**
 * Antialiased bilinear resampling: each target pixel is a weighted mean under a triangle that widens with the reduction. The
 * weights are those of Pillow ({@code src/libImaging/Resample.c}, {@code precompute_coeffs}, filter BILINEAR) in 22-bit fixed point.
 *
 * <p>Rows are summed first, in loops that Java computes with vector instructions, then columns; the result is rounded once. Pillow
 * goes the other way and rounds in between too, so that single pixels differ from its by one, rarely by two.
 */
final class Resampling {
    private static final int FRACTION_BITS = 22;
    private static final long HALF = 1L << (2 * FRACTION_BITS - 1);

    /** Rows that are kept, lest they be made again for the next target row. */
    private static final int CACHE_SAMPLES = 1 << 18;

    /** What enlarging looks at, and reads again and again. */
    private static final int FEWEST_CACHED_ROWS = 3;

    private final Rows source;
    private final int rowSamples;
    private final int channels;
    private final int[][] cache;
    private final int[] cached;

    private Resampling(Rows source, int rowSamples, int channels) {
        this.source = source;
        this.rowSamples = rowSamples;
        this.channels = channels;
        int depth = Math.max(FEWEST_CACHED_ROWS, CACHE_SAMPLES / rowSamples);
        this.cache = new int[depth][];
        this.cached = new int[depth];
    }

    /** A picture that is read row by row. */
    interface Rows {
        /** Writes row {@code y} into {@code samples}: interleaved channels, 0 to 255. */
        void read(int y, int[] samples);
    }

    /**
     * Resamples a picture.
     *
     * @return unsigned bytes [channels, placement's height, placement's width]
     */
    static byte[] resample(Rows source, int channels, int sourceHeight, int sourceWidth, Resize.Placement placement) {
        Axis rows = Axis.of(sourceHeight, placement.height(), placement.rows());
        Axis columns = Axis.of(sourceWidth, placement.width(), placement.columns());
        int[] sums = new int[sourceWidth * channels];
        byte[] result = new byte[channels * placement.height() * placement.width()];
        Resampling resampling = new Resampling(source, sums.length, channels);
        for (int y = 0; y < placement.height(); y++) {
            resampling.sumRows(rows, y, sums, columns);
            resampling.sumColumns(columns, sums, result, y * placement.width());
        }
        return result;
    }

    /** Weighted sums of the source's rows for target row {@code y}, in the columns that are used. */
    private void sumRows(Axis rows, int y, int[] sums, Axis columns) {
        int[] weights = rows.weights[y];
        int from = columns.begin() * channels;
        int to = columns.end() * channels;
        multiply(row(rows.first[y]), weights[0], sums, from, to);
        for (int k = 1; k < weights.length; k++) {
            addProduct(row(rows.first[y] + k), weights[k], sums, from, to);
        }
    }

    private static void multiply(int[] row, int weight, int[] sums, int from, int to) {
        for (int i = from; i < to; i++) {
            sums[i] = weight * row[i];
        }
    }

    private static void addProduct(int[] row, int weight, int[] sums, int from, int to) {
        for (int i = from; i < to; i++) {
            sums[i] += weight * row[i];
        }
    }

    private int[] row(int y) {
        int slot = y % cache.length;
        if (cache[slot] == null) {
            cache[slot] = new int[rowSamples];
        } else if (cached[slot] == y) {
            return cache[slot];
        }
        source.read(y, cache[slot]);
        cached[slot] = y;
        return cache[slot];
    }

    private void sumColumns(Axis columns, int[] sums, byte[] result, int at) {
        int plane = result.length / channels;
        for (int x = 0; x < columns.first.length; x++) {
            int[] weights = columns.weights[x];
            int first = columns.first[x] * channels;
            for (int c = 0; c < channels; c++) {
                long sum = HALF;
                int i = first + c;
                for (int weight : weights) {
                    sum += (long) weight * sums[i];
                    i += channels;
                }
                result[c * plane + at + x] = (byte) Math.min(255, sum >> (2 * FRACTION_BITS));
            }
        }
    }

    /** For each target position along one axis: the first source position and the fixed-point weights from there on. */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    private record Axis(int[] first, int[][] weights) {

        static Axis of(int sourceSize, int size, Resize.Box box) {
            double support = Math.max(box.scale(), 1);
            int[] first = new int[size];
            int[][] weights = new int[size][];
            for (int i = 0; i < size; i++) {
                double centre = box.begin() + (i + 0.5) * box.scale();
                int from = Math.max((int) (centre - support + 0.5), 0);
                int to = Math.min((int) (centre + support + 0.5), sourceSize);
                if (triangle(to - 1, centre, support) == 0) {
                    to--;
                }
                first[i] = from;
                weights[i] = weights(from, to, centre, support);
            }
            return new Axis(first, weights);
        }

        int begin() {
            return first[0];
        }

        int end() {
            int last = first.length - 1;
            return first[last] + weights[last].length;
        }

        private static int[] weights(int from, int to, double centre, double support) {
            double[] exact = new double[to - from];
            double sum = 0;
            for (int i = 0; i < exact.length; i++) {
                exact[i] = triangle(from + i, centre, support);
                sum += exact[i];
            }
            int[] fixed = new int[exact.length];
            for (int i = 0; i < fixed.length; i++) {
                fixed[i] = (int) (0.5 + exact[i] / sum * (1 << FRACTION_BITS));
            }
            return fixed;
        }

        private static double triangle(int position, double centre, double support) {
            return Math.max(0, 1 - Math.abs((position - centre + 0.5) / support));
        }
    }
}
