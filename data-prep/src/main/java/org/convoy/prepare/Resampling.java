package org.convoy.prepare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Antialiased bilinear resampling: each target pixel is a weighted mean under a triangle that widens with the reduction. The
 * weights are those of Pillow ({@code src/libImaging/Resample.c}, {@code precompute_coeffs}, filter BILINEAR) in fixed point.
 *
 * <p>Rows are averaged first, to two bits more than a sample has, then columns. Pillow goes the other way and rounds to whole samples
 * in between, so that single pixels differ from its by one, rarely by two.
 *
 * <p>Java makes vector instructions only of loops over neighbours in arrays of one type. So what the first step gives is stored
 * column by column, and both steps are sums of rows; and four neighbours of the result become one int before they are stored.
 */
final class Resampling {
    private static final int SAMPLE_BITS = 8;

    /** Of an average of rows: three of them fill an int. */
    private static final int MEAN_BITS = 10;

    /** Fraction bits of the weights: with a mean they make less than 31. */
    private static final int WEIGHT_BITS = 20;

    /** Rows that are added at a time; where there are fewer, the others have no weight. */
    private static final int TAPS = 4;

    /** Pixels that either step holds at a time: 1 MiB, which a second-level cache holds. */
    private static final int HELD_PIXELS = 1 << 18;

    private static final int CACHE_LINE_INTS = 16;

    private static final VarHandle FOUR_BYTES =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Axis rows;
    private final Axis columns;
    private final int channels;
    private final int height;
    private final int width;

    /** Target rows that are worked on at a time. */
    private final int stripHeight;

    /** From a column of {@link #strip} to the next: an odd number of cache lines, so that they do not share a few sets. */
    private final int stride;

    /** For some target rows the averages of source rows: [source columns from the first that is used, target rows]. */
    private final int[] strip;

    private final Window sourceRows;
    private final Window stripColumns;

    private Resampling(SampleRows source, Resize.Placement placement) {
        this.rows = Axis.of(source.height(), placement.height(), placement.rows());
        this.columns = Axis.of(source.width(), placement.width(), placement.columns());
        this.channels = source.channels();
        this.height = placement.height();
        this.width = placement.width();
        int used = columns.end - columns.begin();
        this.stripHeight = roundUp(Math.min(height, Math.max(1, HELD_PIXELS / used)), TAPS);
        this.stride = (roundUp(stripHeight, CACHE_LINE_INTS) / CACHE_LINE_INTS | 1) * CACHE_LINE_INTS;
        this.strip = new int[used * stride];
        this.sourceRows = new Window(
                rows,
                used,
                SAMPLE_BITS,
                MEAN_BITS,
                (y, row) -> source.read(y * source.width() + columns.begin(), used, row));
        this.stripColumns = new Window(
                columns,
                stripHeight,
                MEAN_BITS,
                SAMPLE_BITS,
                (x, row) -> System.arraycopy(strip, (x - columns.begin()) * stride, row, 0, stripHeight));
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
        for (int y = 0; y < height; y += stripHeight) {
            int end = Math.min(height, y + stripHeight);
            averageRows(y, end);
            averageColumns(y, end, result);
        }
    }

    /** Fills {@link #strip} for target rows {@code from} (inclusive) to {@code to} (exclusive). */
    private void averageRows(int from, int to) {
        int[][] means = new int[TAPS][sourceRows.length()];
        for (int y = from; y < to; y += TAPS) {
            for (int k = 0; k < Math.min(TAPS, to - y); k++) {
                Arrays.fill(means[k], 0);
                for (int channel = 0; channel < channels; channel++) {
                    sourceRows.average(y + k, channel * SAMPLE_BITS, means[k], channel * MEAN_BITS);
                }
            }
            transpose(means, y - from);
        }
    }

    private void transpose(int[][] means, int y) {
        int[] a = means[0];
        int[] b = means[1];
        int[] c = means[2];
        int[] d = means[3];
        for (int x = 0; x < a.length; x++) {
            int at = x * stride + y;
            strip[at] = a[x];
            strip[at + 1] = b[x];
            strip[at + 2] = c[x];
            strip[at + 3] = d[x];
        }
    }

    /** The target rows of the {@link #strip}. */
    private void averageColumns(int from, int to, byte[] result) {
        stripColumns.forget();
        int[] four = new int[stripHeight];
        for (int x = 0; x < width; x += TAPS) {
            int count = Math.min(TAPS, width - x);
            for (int channel = 0; channel < channels; channel++) {
                Arrays.fill(four, 0);
                for (int k = 0; k < count; k++) {
                    stripColumns.average(x + k, channel * MEAN_BITS, four, k * SAMPLE_BITS);
                }
                // Blue is the lowest and the last.
                int plane = (channels - 1 - channel) * height;
                store(four, count, result, (plane + from) * width + x, to - from);
            }
        }
    }

    /** Stores up to four neighbours of each row. */
    private void store(int[] four, int count, byte[] result, int first, int rowCount) {
        int at = first;
        for (int y = 0; y < rowCount; y++) {
            if (count == TAPS) {
                FOUR_BYTES.set(result, at, four[y]);
            } else {
                for (int k = 0; k < count; k++) {
                    result[at + k] = (byte) (four[y] >> (k * SAMPLE_BITS));
                }
            }
            at += width;
        }
    }

    private static int roundUp(int value, int multiple) {
        return (value + multiple - 1) / multiple * multiple;
    }

    /** Where a window's rows come from. */
    @FunctionalInterface
    private interface RowReader {
        void read(int position, int[] row);
    }

    /** The neighbouring rows that an average is made of, or as many of them as may be held; the others are read again. */
    private static final class Window {
        private final Axis axis;
        private final int mask;
        private final int lostBits;
        private final RowReader reader;
        /** Position p lies in place p % length. */
        private final int[][] rows;

        private final int[] positions;
        /** What rounds to the nearest: sums start with it. */
        private final int[] halves;

        private final int[] sums;

        /**
         * @param length of the rows
         * @param fromBits of what is averaged
         * @param toBits of the averages
         */
        Window(Axis axis, int length, int fromBits, int toBits, RowReader reader) {
            this.axis = axis;
            this.mask = (1 << fromBits) - 1;
            this.lostBits = WEIGHT_BITS + fromBits - toBits;
            this.reader = reader;
            int held = Math.min(axis.taps, Math.max(TAPS, HELD_PIXELS / length / TAPS * TAPS));
            this.rows = new int[held][length];
            this.positions = new int[held];
            this.halves = new int[length];
            this.sums = new int[length];
            Arrays.fill(halves, 1 << (lostBits - 1));
            forget();
        }

        int length() {
            return sums.length;
        }

        /** What was read is no longer true. */
        void forget() {
            Arrays.fill(positions, -1);
        }

        /**
         * Averages for target position {@code i} what the rows' ints hold from bit {@code fromShift} on, and puts it into
         * {@code target} from bit {@code toShift} on, where there is 0.
         */
        void average(int i, int fromShift, int[] target, int toShift) {
            int[] before = halves;
            for (int k = 0; k < axis.taps; k += TAPS) {
                add(before, axis.first[i] + k, i * axis.taps + k, fromShift);
                before = sums;
            }
            put(target, toShift);
        }

        /** Weighs some rows and adds them to {@code before}. */
        private void add(int[] before, int position, int at, int shift) {
            int[] a = row(position);
            int[] b = row(position + 1);
            int[] c = row(position + 2);
            int[] d = row(position + 3);
            int wa = axis.weights[at];
            int wb = axis.weights[at + 1];
            int wc = axis.weights[at + 2];
            int wd = axis.weights[at + 3];
            int bits = mask;
            int[] after = sums;
            for (int x = 0; x < after.length; x++) {
                after[x] = before[x]
                        + wa * ((a[x] >> shift) & bits)
                        + wb * ((b[x] >> shift) & bits)
                        + wc * ((c[x] >> shift) & bits)
                        + wd * ((d[x] >> shift) & bits);
            }
        }

        /** A loop of its own: what is longer than the one above gets no vector instructions. */
        private void put(int[] target, int shift) {
            int[] sum = sums;
            int lost = lostBits;
            for (int x = 0; x < target.length; x++) {
                target[x] |= (sum[x] >> lost) << shift;
            }
        }

        /** The row at a position; beyond the end, where nothing has weight, whatever lies there. */
        private int[] row(int position) {
            int place = position % rows.length;
            if (positions[place] != position && position < axis.end) {
                reader.read(position, rows[place]);
                positions[place] = position;
            }
            return rows[place];
        }
    }

    /**
     * For each target position along one axis: the first source position and the fixed-point weights from there on.
     *
     * @param weights [target positions, taps], zero where a position has fewer
     * @param taps of each position, a multiple of {@link Resampling#TAPS}
     * @param end position behind the last one that has a weight
     */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    private record Axis(int[] first, int[] weights, int taps, int end) {

        static Axis of(int sourceSize, int size, Resize.Box box) {
            double support = Math.max(box.scale(), 1);
            int[] first = new int[size];
            int[] end = new int[size];
            int most = 0;
            for (int i = 0; i < size; i++) {
                double centre = centre(box, i);
                first[i] = Math.max((int) (centre - support + 0.5), 0);
                end[i] = Math.min((int) (centre + support + 0.5), sourceSize);
                if (triangle(end[i] - 1, centre, support) == 0) {
                    end[i]--;
                }
                most = Math.max(most, end[i] - first[i]);
            }
            int taps = roundUp(most, TAPS);
            int[] weights = new int[size * taps];
            for (int i = 0; i < size; i++) {
                weigh(first[i], end[i], centre(box, i), support, weights, i * taps);
            }
            return new Axis(first, weights, taps, end[size - 1]);
        }

        int begin() {
            return first[0];
        }

        private static double centre(Resize.Box box, int i) {
            return box.begin() + (i + 0.5) * box.scale();
        }

        private static void weigh(int from, int to, double centre, double support, int[] weights, int at) {
            double sum = 0;
            for (int position = from; position < to; position++) {
                sum += triangle(position, centre, support);
            }
            for (int position = from; position < to; position++) {
                double share = triangle(position, centre, support) / sum;
                weights[at + position - from] = (int) (0.5 + share * (1 << WEIGHT_BITS));
            }
        }

        private static double triangle(int position, double centre, double support) {
            return Math.max(0, 1 - Math.abs((position - centre + 0.5) / support));
        }
    }
}
