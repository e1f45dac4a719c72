package org.convoy.prepare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Antialiased bilinear resampling: each target pixel is a weighted mean under a triangle that widens with the reduction. The weights
 * are those of Pillow ({@code src/libImaging/Resample.c}, {@code precompute_coeffs}, filter BILINEAR) in fixed point.
 *
 * <p>Rows are averaged first, to whole samples, then columns. Pillow goes the other way and has weights of 22 bits, so that single
 * pixels differ from its by one, rarely by two.
 *
 * <p>Several samples are weighed by one multiplication: 16 bits apart they do not reach into each other, for the weights of a mean
 * make 256 together. Rows are summed as they lie in memory, four samples in an int, first the even ones, then the odd ones: of such
 * loops Java makes vector instructions. Of columns it would not, for their neighbours would have to be gathered; so each source
 * sample's means for eight target rows are put together in a long, and columns are summed one by one, even rows first, then odd ones.
 *
 * <p>A mean of more than {@link #TAPS} samples is made of parts: their weights have {@link Axis#extraBits} bits more, so that parts
 * fill their 16 bits too, and parts are added up in 32 bits.
 */
final class Resampling {
    /** Fraction bits of the weights. */
    private static final int WEIGHT_BITS = 8;

    /** Samples that are added at a time; where there are fewer, the others have no weight. */
    private static final int TAPS = 4;

    /** Target rows that are made at a time: one for each byte of a long. */
    private static final int BLOCK_ROWS = 8;

    /** Target columns that are stored at a time. */
    private static final int BLOCK_COLUMNS = 4;

    /** Where a row has very many samples, or a mean very many rows, so many ints of them are held: 1 MiB. */
    private static final int HELD_INTS = 1 << 18;

    /** Samples of a pixel B-G-R. */
    private static final int COLOURS = 3;

    private static final int TWO_SAMPLES = 0x00FF00FF;
    private static final int TWO_HALVES = 0x00800080;
    private static final long FOUR_SAMPLES = 0x00FF00FF00FF00FFL;
    private static final long FOUR_HALVES = 0x0080008000800080L;
    private static final long LOW_FIELDS = 0x0000FFFF0000FFFFL;

    private static final VarHandle FOUR_BYTES =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Axis rows;
    private final Axis columns;
    private final int height;
    private final int width;
    private final int channels;
    /** From a sample to the one of the next pixel. */
    private final int stride;

    private final Window window;
    /** Of the samples with even places in a source row, and with odd ones. */
    private final List<RowSums> sums;

    /** By source sample: the means for a block of target rows, a byte each, the first one lowest. */
    private final long[] means;

    /** By channel and target column: the pixels of a block of target rows, a byte each. */
    private final long[][] pixels;

    private Resampling(SampleRows source, Resize.Placement placement) {
        this.rows = Axis.of(source.height(), placement.height(), placement.rows());
        this.columns = Axis.of(source.width(), placement.width(), placement.columns());
        this.height = placement.height();
        this.width = placement.width();
        this.channels = source.channels();
        this.stride = source.samplesPerPixel();
        int used = columns.end - columns.begin();
        int ints = (stride * used + 3) / 4;
        this.window = new Window(source, columns.begin(), used, ints, rows);
        this.sums = List.of(new RowSums(0, ints, rows), new RowSums(8, ints, rows));
        this.means = new long[4 * ints + columns.taps * stride];
        this.pixels = new long[channels][roundUp(width, BLOCK_COLUMNS)];
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
            int row = Math.min(y + k, height - 1);
            for (int tap = 0; tap < rows.taps; tap += TAPS) {
                window.read(rows.first[row] + tap);
                for (RowSums one : sums) {
                    one.add(window, row * rows.taps + tap);
                }
            }
            for (RowSums one : sums) {
                one.average(k);
            }
        }
        putTogether(sums.get(0).pairs, 0);
        putTogether(sums.get(1).pairs, 1);
    }

    /** Puts together what a block of rows has for every second sample from {@code first} on. */
    private void putTogether(int[][] pairs, int first) {
        int[] a = pairs[0];
        int[] b = pairs[1];
        int[] c = pairs[2];
        int[] d = pairs[3];
        long[] together = means;
        for (int i = 0; i < a.length; i++) {
            long ac = Integer.toUnsignedLong(a[i]) | ((long) c[i] << 32);
            long bd = Integer.toUnsignedLong(b[i]) | ((long) d[i] << 32);
            together[4 * i + first] = (ac & LOW_FIELDS) | ((bd & LOW_FIELDS) << 16);
            together[4 * i + first + 2] = ((ac >>> 16) & LOW_FIELDS) | (bd & ~LOW_FIELDS);
        }
    }

    /** Fills {@link #pixels}. */
    private void averageColumns() {
        for (int channel = 0; channel < channels; channel++) {
            if (columns.taps > TAPS) {
                weighMany(channel, pixels[channel]);
            } else if (stride == COLOURS) {
                weigh(channel, COLOURS, pixels[channel]); // a distance that is known makes a faster loop
            } else {
                weigh(channel, stride, pixels[channel]);
            }
        }
    }

    private void weigh(int channel, int distance, long[] target) {
        for (int x = 0; x < width; x++) {
            int at = (columns.first[x] - columns.begin()) * distance + channel;
            target[x] = rounded(weighted(at, distance, TAPS * x, 0), weighted(at, distance, TAPS * x, 8));
        }
    }

    private void weighMany(int channel, long[] target) {
        for (int x = 0; x < width; x++) {
            target[x] = rounded(weightedMany(x, channel, 0), weightedMany(x, channel, 8));
        }
    }

    /** The weighted sum of four source columns' every second row: those whose means lie in the fields' bits from a shift on. */
    private long weighted(int at, int distance, int weight, int shift) {
        return columns.weights[weight] * ((means[at] >>> shift) & FOUR_SAMPLES)
                + columns.weights[weight + 1] * ((means[at + distance] >>> shift) & FOUR_SAMPLES)
                + columns.weights[weight + 2] * ((means[at + 2 * distance] >>> shift) & FOUR_SAMPLES)
                + columns.weights[weight + 3] * ((means[at + 3 * distance] >>> shift) & FOUR_SAMPLES);
    }

    private long weightedMany(int x, int channel, int shift) {
        long low = 0;
        long high = 0;
        for (int tap = 0; tap < columns.taps; tap += TAPS) {
            int at = (columns.first[x] - columns.begin() + tap) * stride + channel;
            long part = weighted(at, stride, columns.taps * x + tap, shift);
            low += part & LOW_FIELDS;
            high += (part >>> 16) & LOW_FIELDS;
        }
        int extra = columns.extraBits;
        return ((low >>> extra) & LOW_FIELDS) | (((high >>> extra) & LOW_FIELDS) << 16);
    }

    /** Whole samples of sums: a byte for each row. */
    private static long rounded(long even, long odd) {
        return (((even + FOUR_HALVES) >>> WEIGHT_BITS) & FOUR_SAMPLES) | ((odd + FOUR_HALVES) & ~FOUR_SAMPLES);
    }

    /** Stores the {@link #pixels} as the rows from {@code y} on. */
    private void store(byte[] result, int y) {
        int rowCount = Math.min(BLOCK_ROWS, height - y);
        for (int channel = 0; channel < channels; channel++) {
            long[] column = pixels[channel];
            // Blue is the lowest and the last.
            int plane = (channels - 1 - channel) * height;
            for (int x = 0; x < width; x += BLOCK_COLUMNS) {
                // Two neighbours of every second row side by side.
                long evenLeft = (column[x] & FOUR_SAMPLES) | ((column[x + 1] & FOUR_SAMPLES) << 8);
                long evenRight = (column[x + 2] & FOUR_SAMPLES) | ((column[x + 3] & FOUR_SAMPLES) << 8);
                long oddLeft = ((column[x] >>> 8) & FOUR_SAMPLES) | (column[x + 1] & ~FOUR_SAMPLES);
                long oddRight = ((column[x + 2] >>> 8) & FOUR_SAMPLES) | (column[x + 3] & ~FOUR_SAMPLES);
                int at = (plane + y) * width + x;
                for (int k = 0; k < BLOCK_ROWS; k += 2) { // a known number, so that shifts are known too
                    store(four(evenLeft, evenRight, 8 * k), result, at + k * width, k < rowCount ? width - x : 0);
                    store(
                            four(oddLeft, oddRight, 8 * k),
                            result,
                            at + (k + 1) * width,
                            k + 1 < rowCount ? width - x : 0);
                }
            }
        }
    }

    private static int four(long left, long right, int shift) {
        return ((int) (left >>> shift) & 0xFFFF) | ((int) (right >>> shift) << 16);
    }

    /** Stores four neighbours, or as many as are {@code left} in the row. */
    private static void store(int four, byte[] result, int at, int left) {
        if (left >= BLOCK_COLUMNS) {
            FOUR_BYTES.set(result, at, four);
        } else {
            for (int i = 0; i < left; i++) {
                result[at + i] = (byte) (four >> (8 * i));
            }
        }
    }

    private static int roundUp(int value, int multiple) {
        return (value + multiple - 1) / multiple * multiple;
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

        /** What was read last. */
        private final int[][] four = new int[TAPS][];

        Window(SampleRows source, int begin, int used, int ints, Axis axis) {
            this.source = source;
            this.begin = begin;
            this.used = used;
            this.end = axis.end;
            int held = Math.min(axis.taps, Math.max(TAPS, HELD_INTS / ints / TAPS * TAPS));
            this.rows = new int[held][ints];
            this.positions = new int[held];
            Arrays.fill(positions, -1);
        }

        /** Makes the four rows from a position on available; beyond the end, where nothing has weight, whatever lies there. */
        void read(int first) {
            for (int k = 0; k < TAPS; k++) {
                int position = first + k;
                int place = position % rows.length;
                if (positions[place] != position && position < end) {
                    source.readSamples(position * source.width() + begin, used, rows[place]);
                    positions[place] = position;
                }
                four[k] = rows[place];
            }
        }
    }

    /** Means of rows, for every second sample. */
    private static final class RowSums {
        private final int shift;
        private final Axis axis;
        /** 256 times the means, two in an int, 16 bits each. */
        private final int[] sums;
        /** The same in 32 bits of a longer fraction, of the sums' lower and higher ones. */
        private final int[] low;

        private final int[] high;

        /** The means for each two target rows of a block: two in an int, 16 bits apart, those of the second row 8 bits higher. */
        private final int[][] pairs;

        /**
         * @param shift where in an int's 16 bits the samples lie: 0 or 8
         * @param ints of a row
         */
        RowSums(int shift, int ints, Axis axis) {
            this.shift = shift;
            this.axis = axis;
            this.sums = new int[ints];
            this.low = new int[axis.taps > TAPS ? ints : 0];
            this.high = new int[low.length];
            this.pairs = new int[BLOCK_ROWS / 2][ints];
        }

        /** Weighs the rows that the window has read last and adds them. */
        void add(Window window, int at) {
            int[] a = window.four[0];
            int[] b = window.four[1];
            int[] c = window.four[2];
            int[] d = window.four[3];
            int wa = axis.weights[at];
            int wb = axis.weights[at + 1];
            int wc = axis.weights[at + 2];
            int wd = axis.weights[at + 3];
            int toLow = shift;
            int[] sum = sums;
            for (int x = 0; x < sum.length; x++) {
                sum[x] = wa * ((a[x] >>> toLow) & TWO_SAMPLES)
                        + wb * ((b[x] >>> toLow) & TWO_SAMPLES)
                        + wc * ((c[x] >>> toLow) & TWO_SAMPLES)
                        + wd * ((d[x] >>> toLow) & TWO_SAMPLES);
            }
            for (int x = 0; x < low.length; x++) {
                low[x] += sum[x] & 0xFFFF;
                high[x] += sum[x] >>> 16;
            }
        }

        /** Rounds what was added, for row {@code k} of a block, and begins anew. */
        void average(int k) {
            int extra = axis.extraBits;
            for (int x = 0; x < low.length; x++) {
                sums[x] = (low[x] >>> extra) | ((high[x] >>> extra) << 16);
            }
            Arrays.fill(low, 0);
            Arrays.fill(high, 0);
            int[] pair = pairs[k / 2];
            int shift = 8 * (k % 2);
            int kept = k % 2 == 0 ? 0 : TWO_SAMPLES;
            for (int x = 0; x < pair.length; x++) {
                pair[x] = (pair[x] & kept) | ((((sums[x] + TWO_HALVES) >>> WEIGHT_BITS) & TWO_SAMPLES) << shift);
            }
        }
    }

    /**
     * For each target position along one axis: the first source position and the fixed-point weights from there on.
     *
     * @param weights [target positions, taps], zero where a position has fewer; those of a position make 1 << (8 + extraBits), any
     *     {@link Resampling#TAPS} from a multiple of it on at most 256
     * @param taps of each position, a multiple of {@link Resampling#TAPS}
     * @param extraBits of the weights' fraction
     * @param end position behind the last one that may have a weight
     */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    private record Axis(int[] first, int[] weights, int taps, int extraBits, int end) {

        static Axis of(int sourceSize, int size, Resize.Box box) {
            double support = Math.max(box.scale(), 1);
            int taps = roundUp((int) Math.ceil(2 * support), TAPS);
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
            int extraBits = taps == TAPS ? 0 : Math.max(0, Math.getExponent(least / TAPS));
            return new Axis(first, fixed(triangles, sums, taps, 1 << (WEIGHT_BITS + extraBits)), taps, extraBits, end);
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
}
