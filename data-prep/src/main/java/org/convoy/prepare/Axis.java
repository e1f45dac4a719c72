package org.convoy.prepare;

/**
 * For each target position along one axis: the first source position and the fixed-point weights from there on. The weights are those
 * of Pillow ({@code src/libImaging/Resample.c}, {@code precompute_coeffs}, filter BILINEAR).
 *
 * @param first by target position
 * @param weights [target positions, taps], zero where a position has fewer; those of a position make 1 << (8 + extraBits), any
 *     {@link #GROUP} of them at most 256
 * @param taps of each position, a multiple of {@link #GROUP}
 * @param extraBits of the weights' fraction
 * @param end position behind the last one that may have a weight
 * @param gaps by target position, and behind the last one, the first source position right of the centre before it: what lies between two
 *     centres has weight in both. Where a picture is enlarged centres are too close for that, and these are as {@code first}
 * @param tapsOfGap source positions in each gap
 * @param enlarges whether source positions are further apart than target positions
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
record Axis(int[] first, int[] weights, int taps, int extraBits, int end, int[] gaps, int tapsOfGap, boolean enlarges) {
    /** Fraction bits of the weights. */
    static final int WEIGHT_BITS = 8;

    /** Samples that are added at a time; where there are fewer, the others have no weight. */
    static final int GROUP = 4;

    static Axis of(int sourceSize, int size, Resize.Box box) {
        double support = Math.max(box.scale(), 1);
        int taps = ((int) Math.ceil(2 * support) + GROUP - 1) / GROUP * GROUP;
        boolean enlarges = box.scale() < 1;
        int[] first = new int[size];
        int[] gaps = new int[size + 1];
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
            gaps[i + 1] = (int) Math.ceil(centre - 0.5);
        }
        // No weight is more than 1 of the sum.
        int extraBits = taps == GROUP ? 0 : Math.max(0, Math.getExponent(least / GROUP));
        if (enlarges) {
            System.arraycopy(first, 0, gaps, 0, size);
        } else {
            gaps[0] = first[0];
        }
        int[] weights = fixed(triangles, sums, taps, 1 << (WEIGHT_BITS + extraBits));
        int tapsOfGap = enlarges ? 2 : (int) Math.ceil(support);
        return new Axis(first, weights, taps, extraBits, end, gaps, tapsOfGap, enlarges);
    }

    int begin() {
        return first[0];
    }

    /** Weight of a tap of the gap before a target position. */
    int weightBefore(int target, int tap) {
        int position = gaps[target] + tap;
        return enlarges || position < gaps[target + 1] ? weight(target, position) : 0;
    }

    /** Weight of a tap of the gap behind a target position. */
    int weightBehind(int target, int tap) {
        return enlarges ? 0 : weight(target, gaps[target + 1] + tap);
    }

    private int weight(int target, int position) {
        int tap = position - first[target];
        return tap >= 0 && tap < taps ? weights[target * taps + tap] : 0;
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
