package org.convoy.prepare;

/**
 * For each target position along one axis: the first source position and the fixed-point weights from there on. The weights are those
 * of Pillow ({@code src/libImaging/Resample.c}, {@code precompute_coeffs}, filter BILINEAR).
 *
 * @param first by target position
 * @param weights [target positions, taps], zero where a position has fewer; those of a position make 1 << (8 + extraBits), any
 *     {@link #GROUP} from a multiple of it on at most 256
 * @param taps of each position, a multiple of {@link #GROUP}
 * @param usedTaps those behind them have no weight in any position
 * @param extraBits of the weights' fraction
 * @param end position behind the last one that may have a weight
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
record Axis(int[] first, int[] weights, int taps, int usedTaps, int extraBits, int end) {
    /** Fraction bits of the weights. */
    static final int WEIGHT_BITS = 8;

    /** Samples that are added at a time; where there are fewer, the others have no weight. */
    static final int GROUP = 4;

    static Axis of(int sourceSize, int size, Resize.Box box) {
        double support = Math.max(box.scale(), 1);
        int usedTaps = (int) Math.ceil(2 * support);
        int taps = (usedTaps + GROUP - 1) / GROUP * GROUP;
        int[] first = new int[size];
        double[] triangles = new double[size * taps];
        double[] sums = new double[size];
        double least = Double.MAX_VALUE;
        int end = 0;
        for (int i = 0; i < size; i++) {
            double centre = box.begin() + (i + 0.5) * box.scale();
            int begin = Math.max((int) (centre - support + 0.5), 0);
            end = Math.min((int) (centre + support + 0.5), sourceSize);
            // Where there is one more, the last has no weight.
            for (int k = 0; k < Math.min(end - begin, taps); k++) {
                double weight = Math.max(0, 1 - Math.abs((begin + k - centre + 0.5) / support));
                triangles[i * taps + k] = weight;
                sums[i] += weight;
            }
            least = Math.min(least, sums[i]);
            first[i] = begin;
        }
        // No weight is more than 1 of the sum.
        int extraBits = taps == GROUP ? 0 : Math.max(0, Math.getExponent(least / GROUP));
        return new Axis(
                first, fixed(triangles, sums, taps, 1 << (WEIGHT_BITS + extraBits)), taps, usedTaps, extraBits, end);
    }

    int begin() {
        return first[0];
    }

    /** Rounds the weights' running sums, so that what one weight has too much its neighbour has too little. */
    private static int[] fixed(double[] triangles, double[] sums, int taps, int whole) {
        int[] weights = new int[triangles.length];
        for (int i = 0; i < sums.length; i++) {
            double sum = 0.5;
            int before = 0;
            for (int k = i * taps; k < (i + 1) * taps; k++) {
                sum += triangles[k] / sums[i] * whole;
                weights[k] = (int) sum - before;
                before = (int) sum;
            }
        }
        return weights;
    }
}
