package org.convoy.prepare;

/**
 * Antialiased bilinear resampling: the largest centred part of the source with the target's aspect ratio, each target pixel a
 * weighted mean under a triangle that widens with the reduction. Formula, two passes and 22-bit fixed point are those of Pillow
 * ({@code src/libImaging/Resample.c}, {@code precompute_coeffs}, filter BILINEAR, with the box of {@code ImageOps.fit}).
 */
final class Resampling {
    private static final int FRACTION_BITS = 22;
    private static final int HALF = 1 << (FRACTION_BITS - 1);

    private Resampling() {}

    /** A picture that is read row by row. */
    interface Rows {
        /** Writes row {@code y} into {@code channels}: [C, source width], unsigned bytes. */
        void read(int y, byte[][] channels);
    }

    /**
     * Resamples a picture of {@code channels} x {@code sourceHeight} x {@code sourceWidth}.
     *
     * @return unsigned bytes [channels, height, width]; the source itself where the sizes agree
     */
    static byte[] fit(Rows source, int channels, int sourceHeight, int sourceWidth, int height, int width) {
        double scale = Math.min((double) sourceWidth / width, (double) sourceHeight / height);
        Axis columns = Axis.of(sourceWidth, width, scale);
        Axis rows = Axis.of(sourceHeight, height, scale);

        int top = rows.first[0];
        int bottom = rows.first[height - 1] + rows.weights[height - 1].length;
        byte[][] row = new byte[channels][sourceWidth];
        byte[][] narrowed = new byte[channels][(bottom - top) * width]; // [C, source rows in use, W]
        for (int y = top; y < bottom; y++) {
            source.read(y, row);
            for (int c = 0; c < channels; c++) {
                for (int x = 0; x < width; x++) {
                    narrowed[c][(y - top) * width + x] = columns.mean(x, row[c], 0, 1);
                }
            }
        }

        byte[] result = new byte[channels * height * width];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    result[(c * height + y) * width + x] = rows.mean(y, narrowed[c], x - top * width, width);
                }
            }
        }
        return result;
    }

    /** For each target position along one axis: the first source position and the fixed-point weights from there on. */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    private record Axis(int[] first, int[][] weights) {

        static Axis of(int sourceSize, int size, double scale) {
            double begin = (sourceSize - size * scale) / 2;
            double support = Math.max(scale, 1);
            int[] first = new int[size];
            int[][] weights = new int[size][];
            for (int i = 0; i < size; i++) {
                double centre = begin + (i + 0.5) * scale;
                int from = Math.max((int) (centre - support + 0.5), 0);
                int to = Math.min((int) (centre + support + 0.5), sourceSize);
                first[i] = from;
                weights[i] = weights(from, to, centre, support);
            }
            return new Axis(first, weights);
        }

        private static int[] weights(int from, int to, double centre, double support) {
            double[] triangle = new double[to - from];
            double sum = 0;
            for (int i = 0; i < triangle.length; i++) {
                triangle[i] = Math.max(0, 1 - Math.abs((from + i - centre + 0.5) / support));
                sum += triangle[i];
            }
            int[] fixed = new int[triangle.length];
            for (int i = 0; i < fixed.length; i++) {
                fixed[i] = (int) (0.5 + triangle[i] / sum * (1 << FRACTION_BITS));
            }
            return fixed;
        }

        /** The weighted mean for target position {@code i}; source position p lies at {@code offset + p * stride}. */
        byte mean(int i, byte[] values, int offset, int stride) {
            int[] weight = weights[i];
            int sum = HALF;
            int at = offset + first[i] * stride;
            for (int w : weight) {
                sum += w * (values[at] & 0xFF);
                at += stride;
            }
            return (byte) Math.min(255, sum >> FRACTION_BITS);
        }
    }
}
