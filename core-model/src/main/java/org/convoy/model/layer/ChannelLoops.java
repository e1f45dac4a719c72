package org.convoy.model.layer;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Loops over float32 arrays whose last dimension is the channel C, in the host's memory: rows of C numbers, some at a time
 * in the cache. Sums are float32 over one such group of rows and float64 over the groups.
 */
final class ChannelLoops {
    private static final int CHUNK = 4096;

    private ChannelLoops() {}

    /** Mean over H and W: [N, H, W, C] to [N, C]. */
    static void means(INDArray x, INDArray result) {
        int C = (int) x.size(3);
        int rows = (int) (x.size(1) * x.size(2));
        FloatBuffer source = HostLoops.floats(x);
        FloatBuffer target = HostLoops.floats(result);
        float[] image = new float[rows * C];
        float[] sums = new float[C];
        for (int n = 0; n < x.size(0); n++) {
            source.get(n * image.length, image);
            Arrays.fill(sums, 0);
            for (int start = 0; start < image.length; start += C) {
                for (int c = 0; c < C; c++) {
                    sums[c] += image[start + c];
                }
            }
            for (int c = 0; c < C; c++) {
                sums[c] /= rows;
            }
            target.put(n * C, sums);
        }
    }

    /** The backward pass of {@link #means}: each gradient [N, C] divided among the H·W positions of [N, H, W, C]. */
    static void spread(INDArray gradient, INDArray result) {
        int C = (int) result.size(3);
        int rows = (int) (result.size(1) * result.size(2));
        FloatBuffer source = HostLoops.floats(gradient);
        FloatBuffer target = HostLoops.floats(result);
        float[] image = new float[rows * C];
        float[] share = new float[C];
        for (int n = 0; n < result.size(0); n++) {
            source.get(n * C, share);
            for (int c = 0; c < C; c++) {
                share[c] /= rows;
            }
            for (int start = 0; start < image.length; start += C) {
                System.arraycopy(share, 0, image, start, C);
            }
            target.put(n * image.length, image);
        }
    }

    /**
     * Mean and biased variance of each channel over all rows, from one pass: deviations are taken from the first row, so
     * that a mean far from zero costs no precision.
     *
     * @param x [..., C]
     * @param means C numbers, written
     * @param variances C numbers, written
     */
    static void moments(INDArray x, float[] means, float[] variances) {
        int C = means.length;
        float[] origin = new float[C];
        HostLoops.floats(x).get(0, origin);
        double[][] totals = new double[2][C];
        float[] sums = new float[C];
        float[] squares = new float[C];
        forEachGroup(x, C, (group, start, count) -> {
            Arrays.fill(sums, 0);
            Arrays.fill(squares, 0);
            for (int row = 0; row < count; row += C) {
                for (int c = 0; c < C; c++) {
                    float deviation = group[row + c] - origin[c];
                    sums[c] += deviation;
                    squares[c] += deviation * deviation;
                }
            }
            add(totals[0], sums);
            add(totals[1], squares);
        });
        double rows = (double) x.length() / C;
        for (int c = 0; c < C; c++) {
            double mean = totals[0][c] / rows;
            means[c] = (float) (origin[c] + mean);
            variances[c] = (float) Math.max(0, totals[1][c] / rows - mean * mean);
        }
    }

    /** {@code result = x · scale + shift}, channel by channel. */
    static void scaleAndShift(INDArray x, float[] scale, float[] shift, INDArray result) {
        FloatBuffer target = HostLoops.floats(result);
        int C = scale.length;
        forEachGroup(x, C, (group, start, count) -> {
            for (int row = 0; row < count; row += C) {
                for (int c = 0; c < C; c++) {
                    group[row + c] = group[row + c] * scale[c] + shift[c];
                }
            }
            target.put(start, group, 0, count);
        });
    }

    /**
     * Σ gradient and Σ gradient · (x - mean) of each channel over all rows.
     *
     * @return the two sums, C numbers each
     */
    static double[][] gradientSums(INDArray x, INDArray gradient, float[] means) {
        int C = means.length;
        FloatBuffer gradients = HostLoops.floats(gradient);
        float[] other = new float[groupLength(C)];
        double[][] totals = new double[2][C];
        float[] sums = new float[C];
        float[] products = new float[C];
        forEachGroup(x, C, (group, start, count) -> {
            gradients.get(start, other, 0, count);
            Arrays.fill(sums, 0);
            Arrays.fill(products, 0);
            for (int row = 0; row < count; row += C) {
                for (int c = 0; c < C; c++) {
                    float value = other[row + c];
                    sums[c] += value;
                    products[c] += value * (group[row + c] - means[c]);
                }
            }
            add(totals[0], sums);
            add(totals[1], products);
        });
        return totals;
    }

    /** {@code result = gradient · a + x · b + c}, channel by channel. */
    static void combine(INDArray x, INDArray gradient, float[] a, float[] b, float[] constant, INDArray result) {
        int C = a.length;
        FloatBuffer gradients = HostLoops.floats(gradient);
        FloatBuffer target = HostLoops.floats(result);
        float[] other = new float[groupLength(C)];
        forEachGroup(x, C, (group, start, count) -> {
            gradients.get(start, other, 0, count);
            for (int row = 0; row < count; row += C) {
                for (int c = 0; c < C; c++) {
                    group[row + c] = other[row + c] * a[c] + group[row + c] * b[c] + constant[c];
                }
            }
            target.put(start, group, 0, count);
        });
    }

    private static void add(double[] totals, float[] sums) {
        for (int c = 0; c < sums.length; c++) {
            totals[c] += sums[c];
        }
    }

    private static void forEachGroup(INDArray x, int C, GroupStep step) {
        FloatBuffer source = HostLoops.floats(x);
        float[] group = new float[groupLength(C)];
        int length = (int) x.length();
        for (int start = 0; start < length; start += group.length) {
            int count = Math.min(group.length, length - start);
            source.get(start, group, 0, count);
            step.accept(group, start, count);
        }
    }

    private static int groupLength(int C) {
        return Math.max(1, CHUNK / C) * C;
    }

    /** What is done with {@code count} numbers of whole rows, which begin at number {@code start} of the array. */
    private interface GroupStep {
        void accept(float[] group, int start, int count);
    }
}
