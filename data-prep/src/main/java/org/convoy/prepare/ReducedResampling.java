package org.convoy.prepare;

import java.util.Arrays;

/**
 * Resamples a picture that was decoded with fewer rows and columns to what {@link Resampling} would make of all of them, as far as can be
 * told: see {@link ReducedAxis}. Rows first, then columns, a block of target rows at a time: Java makes vector instructions of loops over
 * a source row's samples, and over the block's samples of one source column.
 */
final class ReducedResampling {
    private static final int BLOCK_ROWS = 16;

    private final SampleRows source;
    private final ReducedAxis rows;
    private final ReducedAxis columns;
    private final int channels;
    private final int used;
    /** Source row p lies in place p % length: a channel's samples after the other's. */
    private final float[][] held;

    private final int[] pixels;
    private int nextRow;
    /** A target row's means of source rows. */
    private final float[] means;
    /** By source column: the block's means, a channel's after the other's. */
    private final float[][] meansOfColumn;
    /** A target column's pixels, as {@link #meansOfColumn}. */
    private final float[] column;

    private ReducedResampling(SampleRows source, ReducedAxis rows, ReducedAxis columns) {
        this.source = source;
        this.rows = rows;
        this.columns = columns;
        this.channels = source.channels();
        this.used = columns.end() - columns.begin();
        this.held = new float[rows.mostTaps()][channels * used];
        this.pixels = new int[used];
        this.nextRow = rows.begin();
        this.means = new float[channels * used];
        this.meansOfColumn = new float[used][channels * BLOCK_ROWS];
        this.column = new float[channels * BLOCK_ROWS];
    }

    /**
     * Resamples a picture.
     *
     * @param source of {@code reduction} times fewer rows and columns, rounded up
     * @param sourceHeight of the whole picture, in pixels
     * @param sourceWidth of the whole picture, in pixels
     * @param placement of the whole picture
     * @return unsigned bytes [channels, placement's height, placement's width]
     */
    static byte[] resample(
            SampleRows source, int sourceHeight, int sourceWidth, int reduction, Resize.Placement placement) {
        return new ReducedResampling(
                        source,
                        ReducedAxis.of(sourceHeight, reduction, placement.height(), placement.rows()),
                        ReducedAxis.of(sourceWidth, reduction, placement.width(), placement.columns()))
                .resample(placement.height(), placement.width());
    }

    private byte[] resample(int height, int width) {
        byte[] result = new byte[channels * height * width];
        for (int y = 0; y < height; y += BLOCK_ROWS) {
            int blockRows = Math.min(BLOCK_ROWS, height - y);
            for (int k = 0; k < blockRows; k++) {
                averageRows(y + k);
                for (int c = 0; c < channels; c++) {
                    for (int x = 0; x < used; x++) {
                        meansOfColumn[x][c * BLOCK_ROWS + k] = means[c * used + x];
                    }
                }
            }
            for (int x = 0; x < width; x++) {
                averageColumns(x);
                for (int c = 0; c < channels; c++) {
                    for (int k = 0; k < blockRows; k++) {
                        result[(c * height + y + k) * width + x] = rounded(column[c * BLOCK_ROWS + k]);
                    }
                }
            }
        }
        return result;
    }

    /** Fills {@link #means}. */
    private void averageRows(int y) {
        float[] weights = rows.weights()[y];
        int first = rows.first()[y];
        readTo(first + weights.length);
        Arrays.fill(means, 0);
        for (int k = 0; k < weights.length; k++) {
            add(weights[k], held[(first + k) % held.length], means);
        }
    }

    private void readTo(int end) {
        for (; nextRow < end; nextRow++) {
            source.read(nextRow * source.width() + columns.begin(), used, pixels);
            float[] row = held[nextRow % held.length];
            for (int c = 0; c < channels; c++) {
                int shift = 8 * (channels - 1 - c);
                for (int x = 0; x < used; x++) {
                    row[c * used + x] = (pixels[x] >> shift) & 0xFF;
                }
            }
        }
    }

    /** Fills {@link #column}. */
    private void averageColumns(int x) {
        float[] weights = columns.weights()[x];
        int first = columns.first()[x] - columns.begin();
        Arrays.fill(column, 0);
        for (int k = 0; k < weights.length; k++) {
            add(weights[k], meansOfColumn[first + k], column);
        }
    }

    private static void add(float weight, float[] samples, float[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += weight * samples[i];
        }
    }

    private static byte rounded(float pixel) {
        return (byte) Math.max(0, Math.min(255, (int) (pixel + 0.5f)));
    }
}
