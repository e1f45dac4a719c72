package org.convoy.prepare;

import java.util.Arrays;
import java.util.Random;
import org.convoy.data.Colour;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Against the same triangle in double precision; {@link ReferencePicturesTest} compares with Pillow. */
class ResamplingTest {
    /** Half a grey level of either rounding, and what the weights' eight bits make of noise. */
    private static final double LARGEST_ERROR = 1.5;

    /** Of all samples; to round once makes 0.25. */
    private static final double MEAN_ERROR = 0.35;

    /** Samples of which a mean says something. */
    private static final int MANY = 1000;

    /** Rows and columns that fill no group of four, enlarging, and sources so large that not all of them is held at a time. */
    @ParameterizedTest
    @CsvSource({
        "40, 40, 16, 16",
        "37, 23, 9, 10",
        "5, 7, 2, 3",
        "6, 9, 1, 1",
        "11, 13, 29, 31",
        "2, 3, 8, 2",
        "30, 4000, 70, 21",
        "10, 300, 1000, 2",
        "400, 4000, 1, 3",
        "3, 300000, 2, 5"
    })
    void weighsPixelsByTheTriangle(int sourceHeight, int sourceWidth, int height, int width) {
        int[] argb = noise(sourceHeight * sourceWidth);
        for (Resize resize : Resize.values()) {
            Resize.Placement placement = resize.place(sourceHeight, sourceWidth, height, width);
            for (Colour colour : Colour.values()) {
                SampleRows rows = rows(argb, sourceHeight, sourceWidth, colour);
                byte[] resampled = Resampling.resample(rows, placement);
                assertClose(resampled, placement, planes(rows));
            }
        }
    }

    /** Weights that do not make up a whole would darken it. */
    @Test
    void leavesAWhiteRowWhiteWhateverItsLength() {
        for (int sourceWidth = 1; sourceWidth <= 300; sourceWidth++) {
            int[] white = new int[sourceWidth];
            Arrays.fill(white, 0xFFFFFF);
            for (int width = 1; width <= 60; width++) {
                byte[] resampled = Resampling.resample(
                        rows(white, 1, sourceWidth, Colour.GREY), Resize.EXACT.place(1, sourceWidth, 1, width));

                byte[] expected = new byte[width];
                Arrays.fill(expected, (byte) 255);
                assertThat(resampled).as("%d to %d", sourceWidth, width).isEqualTo(expected);
            }
        }
    }

    @Test
    void leavesAPictureOfTheTargetsSizeAsItIs() {
        int[] argb = {0x010203, 0x040506, 0x070809, 0x0A0B0C, 0x0D0E0F, 0xFFFEFD};

        assertThat(Resampling.resample(rows(argb, 2, 3, Colour.RGB), Resize.CENTRE_CROP.place(2, 3, 2, 3)))
                .containsExactly(1, 4, 7, 10, 13, 255, 2, 5, 8, 11, 14, 254, 3, 6, 9, 12, 15, 253);
    }

    /** Copied in several parts, of which the last is short. */
    @Test
    void leavesALargePictureOfTheTargetsSizeAsItIs() {
        SampleRows rows = rows(noise(151 * 301), 151, 301, Colour.RGB);

        byte[] copied = Resampling.resample(rows, Resize.EXACT.place(151, 301, 151, 301));

        int at = 0;
        for (int[][] plane : planes(rows)) {
            for (int[] row : plane) {
                for (int sample : row) {
                    assertThat(copied[at++]).isEqualTo((byte) sample);
                }
            }
        }
    }

    /** One pixel away from the middle is no copy, though nothing is scaled. */
    @Test
    void cutsAPictureWithoutScalingIt() {
        int[] argb = {1, 2, 3, 4, 5, 6, 7, 8};

        assertThat(Resampling.resample(rows(argb, 2, 4, Colour.GREY), Resize.CENTRE_CROP.place(2, 4, 2, 2)))
                .containsExactly(grey(2), grey(3), grey(6), grey(7));
    }

    private static byte grey(int blue) {
        return (byte) ((blue * 7471 + 0x8000) >> 16);
    }

    private static SampleRows rows(int[] argb, int height, int width, Colour colour) {
        int[] opaque = new int[argb.length];
        for (int i = 0; i < argb.length; i++) {
            opaque[i] = argb[i] | 0xFF000000;
        }
        return new SampleRows(new HeapBitmap(width, height, opaque), colour, 0);
    }

    private static int[] noise(int pixels) {
        return new Random(1).ints(pixels, 0, 1 << 24).toArray();
    }

    /** [channels, H, W] as {@code rows} has them. */
    private static int[][][] planes(SampleRows rows) {
        int[][][] planes = new int[rows.channels()][rows.height()][rows.width()];
        int[] pixels = new int[rows.width()];
        for (int y = 0; y < rows.height(); y++) {
            rows.read(y * rows.width(), rows.width(), pixels);
            for (int c = 0; c < planes.length; c++) {
                for (int x = 0; x < pixels.length; x++) {
                    planes[c][y][x] = (pixels[x] >> (8 * (planes.length - 1 - c))) & 0xFF;
                }
            }
        }
        return planes;
    }

    private static void assertClose(byte[] resampled, Resize.Placement placement, int[][][] planes) {
        assertThat(resampled).hasSize(planes.length * placement.height() * placement.width());
        int at = 0;
        double sum = 0;
        for (int[][] plane : planes) {
            for (int y = 0; y < placement.height(); y++) {
                double[] rowWeights = weights(plane.length, placement.rows(), y);
                for (int x = 0; x < placement.width(); x++) {
                    double[] columnWeights = weights(plane[0].length, placement.columns(), x);
                    double error = Math.abs((resampled[at++] & 0xFF) - weighted(plane, rowWeights, columnWeights));
                    assertThat(error).isLessThan(LARGEST_ERROR);
                    sum += error;
                }
            }
        }
        if (resampled.length > MANY) {
            assertThat(sum / resampled.length).isLessThan(MEAN_ERROR);
        }
    }

    private static double weighted(int[][] plane, double[] rowWeights, double[] columnWeights) {
        double mean = 0;
        for (int y = 0; y < plane.length; y++) {
            if (rowWeights[y] > 0) {
                for (int x = 0; x < plane[y].length; x++) {
                    mean += rowWeights[y] * columnWeights[x] * plane[y][x];
                }
            }
        }
        return mean;
    }

    /** Of every source position, for one target position. */
    private static double[] weights(int sourceSize, Resize.Box box, int target) {
        double support = Math.max(1, box.scale());
        double centre = box.begin() + (target + 0.5) * box.scale();
        double[] weights = new double[sourceSize];
        double sum = 0;
        for (int i = 0; i < sourceSize; i++) {
            weights[i] = Math.max(0, 1 - Math.abs(i + 0.5 - centre) / support);
            sum += weights[i];
        }
        for (int i = 0; i < sourceSize; i++) {
            weights[i] /= sum;
        }
        return weights;
    }
}
