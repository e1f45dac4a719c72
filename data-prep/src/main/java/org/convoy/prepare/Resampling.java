package org.convoy.prepare;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.Arrays;

/**
 * Antialiased bilinear resampling: each target pixel is a weighted mean under a triangle that widens with the reduction, see
 * {@link Axis}.
 *
 * <p>Rows are averaged first, to whole samples, then columns. Pillow goes the other way and has weights of 22 bits, so that single
 * pixels differ from its by one, rarely by two.
 *
 * <p>Java makes vector instructions of loops that go over few arrays, each at the loop's own index. So four target rows at a time are
 * made in four steps: source rows are weighed as they lie in memory, four samples in an int; the means are put together anew, an int
 * for each source sample's four rows; of these each target column's are gathered, one tap after the other, and weighed; and the pixels
 * are put together to rows. Only the gathering is no vector loop, so what two columns share is gathered once.
 */
final class Resampling {
    /** Target rows that are made at a time: one for each byte of an int. */
    private static final int BLOCK_ROWS = Integer.BYTES;

    /** Where a row has very many samples, or a mean very many rows, so many ints of them are held: 1 MiB. */
    private static final int HELD_INTS = 1 << 18;

    private final Axis rows;
    private final Axis columns;
    private final int height;
    private final int width;
    private final int channels;

    private final Window window;
    /** For each row of a block: by source sample. */
    private final PackedSums[] rowSums = new PackedSums[BLOCK_ROWS];

    /** Means for a block of rows, a byte each, the first one lowest: of source samples 0, 4, 8 .., then of 1, 5, 9 .. and so on. */
    private final int[] means;

    private final int[] quarterOfMeans;

    private final Lanes lanes;
    /** By lane: a sample of each gap, and of the gap behind it. */
    private final int[] gaps;

    private final int[] nextGaps;
    private final PackedSums laneSums;
    /** By lane: pixels of a block of rows, a byte each. */
    private final int[] pixels;

    private final int[][] quartersOfPixels;
    /** By channel and column: pixels of one row, four in an int, the first one lowest. */
    private final int[] row;

    /** The rows of a block one after the other. */
    private final byte[] block;

    private final IntBuffer intsOfBlock;

    private Resampling(SampleRows source, Resize.Placement placement) {
        this.rows = Axis.of(source.height(), placement.height(), placement.rows());
        this.columns = Axis.of(source.width(), placement.width(), placement.columns());
        this.height = placement.height();
        this.width = placement.width();
        this.channels = source.channels();
        int stride = source.samplesPerPixel();
        int used = columns.end() - columns.begin();
        int ints = divideUp(stride * used, Integer.BYTES);
        this.window = new Window(source, columns.begin(), used, ints, rows);
        Arrays.setAll(rowSums, k -> new PackedSums(ints, rows));
        this.quarterOfMeans = new int[ints];
        // Taps without weight reach beyond the last sample.
        this.means = new int[Integer.BYTES * ints + columns.taps() * stride];
        this.lanes = Lanes.of(columns, width, channels, stride, ints);
        this.gaps = new int[lanes.count()];
        this.nextGaps = new int[lanes.count()];
        this.laneSums = new PackedSums(lanes.count(), columns);
        this.pixels = new int[lanes.count()];
        this.row = new int[channels * lanes.intsOfRow()];
        this.quartersOfPixels = new int[Integer.BYTES][row.length];
        this.block = new byte[BLOCK_ROWS * row.length * Integer.BYTES];
        this.intsOfBlock = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    }

    /**
     * Resamples a picture.
     *
     * @return unsigned bytes [channels, placement's height, placement's width]
     */
    static byte[] resample(SampleRows source, Resize.Placement placement) {
        if (placement.isWhole(source.height(), source.width())) {
            return source.planes();
        }
        byte[] result = new byte[source.channels() * placement.height() * placement.width()];
        new Resampling(source, placement).fill(result);
        return result;
    }

    private void fill(byte[] result) {
        for (int y = 0; y < height; y += BLOCK_ROWS) {
            averageRows(y);
            averageColumns();
            store(result, y);
        }
    }

    /** Fills {@link #means} for the target rows from {@code y} on; behind the last one it is made again. */
    private void averageRows(int y) {
        for (int k = 0; k < BLOCK_ROWS; k++) {
            int target = Math.min(y + k, height - 1);
            for (int tap = 0; tap < rows.taps(); tap += Axis.GROUP) {
                int[][] four = window.read(rows.first()[target] + tap);
                rowSums[k].setGroup(four, rows.weights(), target * rows.taps() + tap);
                rowSums[k].endGroup();
            }
            rowSums[k].endMean();
        }
        for (int sample = 0; sample < Integer.BYTES; sample++) {
            PackedSums.meansOfFour(rowSums, sample, quarterOfMeans);
            System.arraycopy(quarterOfMeans, 0, means, sample * quarterOfMeans.length, quarterOfMeans.length);
        }
    }

    /** Fills {@link #pixels}. */
    private void averageColumns() {
        int taps = lanes.places().length;
        for (int tap = 0; tap < taps; tap++) {
            gather(lanes.places()[tap], means, gaps);
            toNextLanes(gaps, nextGaps, row.length);
            if (tap % 2 == 0) {
                laneSums.set(gaps, nextGaps, lanes.before()[tap], lanes.behind()[tap]);
            } else {
                laneSums.add(gaps, nextGaps, lanes.before()[tap], lanes.behind()[tap]);
            }
            if (tap % 2 == 1 || tap == taps - 1) {
                laneSums.endGroup();
            }
        }
        laneSums.endMean();
        laneSums.means(pixels);
    }

    /** From the gap before each column to the one behind it: the next quarter, or the next place of the first one. */
    private static void toNextLanes(int[] source, int[] target, int quarter) {
        int three = source.length - quarter;
        System.arraycopy(source, quarter, target, 0, three);
        System.arraycopy(source, 1, target, three, quarter - 1);
    }

    private static void gather(int[] places, int[] source, int[] target) {
        for (int i = 0; i < target.length; i++) {
            target[i] = source[places[i]];
        }
    }

    /** Stores the {@link #pixels} as the rows from {@code y} on. */
    private void store(byte[] result, int y) {
        for (int i = 0; i < quartersOfPixels.length; i++) {
            System.arraycopy(pixels, i * row.length, quartersOfPixels[i], 0, row.length);
        }
        for (int k = 0; k < Math.min(BLOCK_ROWS, height - y); k++) {
            putTogether(quartersOfPixels, Byte.SIZE * k, row);
            intsOfBlock.put(k * row.length, row);
            for (int channel = 0; channel < channels; channel++) {
                int from = Integer.BYTES * (k * row.length + channel * lanes.intsOfRow());
                // Blue is the lowest and the last.
                int plane = (channels - 1 - channel) * height;
                System.arraycopy(block, from, result, (plane + y + k) * width, width);
            }
        }
    }

    /** Takes a byte of each of four ints. */
    private static void putTogether(int[][] four, int shift, int[] target) {
        int[] a = four[0];
        int[] b = four[1];
        int[] c = four[2];
        int[] d = four[3];
        for (int i = 0; i < target.length; i++) {
            target[i] = ((a[i] >>> shift) & 0xFF)
                    | (((b[i] >>> shift) & 0xFF) << 8)
                    | (((c[i] >>> shift) & 0xFF) << 16)
                    | ((d[i] >>> shift) << 24);
        }
    }

    private static int divideUp(int value, int by) {
        return (value + by - 1) / by;
    }

    /**
     * All target columns of all channels, each with the gap before it: what lies right of one column's centre, up to the next one's,
     * lies left of that. Column 4i + j has place i among its channel's in quarter j, so that neighbours are found at the same index of
     * each quarter.
     *
     * @param places [taps, lanes] where among the {@link #means} a gap's samples are
     * @param before [taps, lanes] weights of the gap before the column
     * @param behind [taps, lanes] weights of the gap behind it
     * @param intsOfRow lanes of a channel in each quarter; there is one gap more than columns
     */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    private record Lanes(int[][] places, int[][] before, int[][] behind, int intsOfRow) {
        /**
         * @param stride from a sample to the one of the next pixel
         * @param ints of a source row
         */
        static Lanes of(Axis axis, int width, int channels, int stride, int ints) {
            int intsOfRow = divideUp(width + 1, Integer.BYTES);
            int count = Integer.BYTES * channels * intsOfRow;
            int[][] places = new int[axis.tapsOfGap()][count];
            int[][] before = new int[axis.tapsOfGap()][count];
            int[][] behind = new int[axis.tapsOfGap()][count];
            for (int tap = 0; tap < axis.tapsOfGap(); tap++) {
                for (int x = 0; x <= width; x++) {
                    int weightBefore = x < width ? axis.weightBefore(x, tap) : 0;
                    int weightBehind = x < width ? axis.weightBehind(x, tap) : 0;
                    int lane = x % Integer.BYTES * channels * intsOfRow + x / Integer.BYTES;
                    int first = (axis.gaps()[x] - axis.begin() + tap) * stride;
                    for (int sample = first; sample < first + channels; sample++) {
                        places[tap][lane] = sample % Integer.BYTES * ints + sample / Integer.BYTES;
                        before[tap][lane] = weightBefore;
                        behind[tap][lane] = weightBehind;
                        lane += intsOfRow;
                    }
                }
            }
            return new Lanes(places, before, behind, intsOfRow);
        }

        int count() {
            return places[0].length;
        }
    }

    /** The neighbouring source rows that a mean is made of, or as many of them as may be held; the others are read again. */
    private static final class Window {
        private final SampleRows source;
        private final int begin;
        private final int used;
        private final int end;
        /** Position p lies in place p % length. */
        private final int[][] rows;

        private final int[] positions;

        private final int[][] four = new int[Axis.GROUP][];

        Window(SampleRows source, int begin, int used, int ints, Axis axis) {
            this.source = source;
            this.begin = begin;
            this.used = used;
            this.end = axis.end();
            int held = Math.min(axis.taps(), Math.max(Axis.GROUP, HELD_INTS / ints / Axis.GROUP * Axis.GROUP));
            this.rows = new int[held][ints];
            this.positions = new int[held];
            Arrays.fill(positions, -1);
        }

        /** Makes the four rows from a position on available; beyond the end, where nothing has weight, whatever lies there. */
        int[][] read(int first) {
            for (int k = 0; k < Axis.GROUP; k++) {
                int position = first + k;
                int place = position % rows.length;
                if (positions[place] != position && position < end) {
                    source.readSamples(position * source.width() + begin, used, rows[place]);
                    positions[place] = position;
                }
                four[k] = rows[place];
            }
            return four;
        }
    }
}
