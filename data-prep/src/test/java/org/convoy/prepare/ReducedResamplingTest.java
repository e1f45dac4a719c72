package org.convoy.prepare;

import org.convoy.data.Colour;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ReducedResamplingTest {
    private static final double LARGEST_ERROR = 3;

    /** Half a level of each rounding, and what a block hides of a wave. */
    private static final double MEAN_ERROR = 0.35;

    /** Rows that fill no block of sixteen, last blocks of pixels that are cut off, and parts of the picture's rows and columns. */
    @ParameterizedTest
    @CsvSource({
        "2, 240, 160, 48, 40",
        "4, 203, 310, 37, 16",
        "8, 375, 500, 32, 32",
        "8, 500, 333, 17, 1",
        "8, 501, 803, 33, 9"
    })
    void makesOfFewerPixelsWhatTheTriangleMakesOfAll(
            int reduction, int sourceHeight, int sourceWidth, int height, int width) {
        HeapBitmap whole = waves(sourceHeight, sourceWidth, 1);
        HeapBitmap fewer = waves(sourceHeight, sourceWidth, reduction);
        for (Resize resize : Resize.values()) {
            Resize.Placement placement = resize.place(sourceHeight, sourceWidth, height, width);
            for (Colour colour : Colour.values()) {
                byte[] expected = Resampling.resample(new SampleRows(whole, colour, 0), placement);
                byte[] resampled = ReducedResampling.resample(
                        new SampleRows(fewer, colour, 0), sourceHeight, sourceWidth, reduction, placement);

                assertThat(resampled).hasSameSizeAs(expected);
                double sum = 0;
                for (int i = 0; i < expected.length; i++) {
                    double error = Math.abs((resampled[i] & 0xFF) - (expected[i] & 0xFF));
                    assertThat(error).as("%s %s %d", resize, colour, i).isLessThan(LARGEST_ERROR);
                    sum += error;
                }
                assertThat(sum / expected.length).as("%s %s", resize, colour).isLessThan(MEAN_ERROR);
            }
        }
    }

    /** Another wave for each colour; a pixel is the mean of a block of them. */
    private static HeapBitmap waves(int wholeHeight, int wholeWidth, int block) {
        int height = (wholeHeight + block - 1) / block;
        int width = (wholeWidth + block - 1) / block;
        int[] argb = new int[height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                argb[y * width + x] = 0xFF000000;
                for (int c = 0; c < 3; c++) {
                    argb[y * width + x] |= (int) Math.round(mean(c, y * block, x * block, block)) << (8 * c);
                }
            }
        }
        return new HeapBitmap(width, height, argb);
    }

    private static double mean(int c, int top, int left, int block) {
        double sum = 0;
        for (int y = top; y < top + block; y++) {
            for (int x = left; x < left + block; x++) {
                sum += 127.5 + 90 * Math.sin(0.03 * (c + 1) * y + c) * Math.cos(0.04 * (3 - c) * x);
            }
        }
        return sum / (block * block);
    }
}
