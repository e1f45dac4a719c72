package org.convoy.prepare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;

/** A picture in OpenCV's memory, until it is closed: 8-bit samples, grey, B-G-R or B-G-R-A. */
final class OpenCvBitmap implements Bitmap {
    /** To allocate it for each picture would take as long as to fill it. */
    private static final ThreadLocal<Colours> COLOURS = ThreadLocal.withInitial(Colours::new);

    private final Mat mat;
    private final int width;
    private final int height;
    private final int channels;
    private final boolean premultiplied;
    private final BytePointer data;
    /** All samples, four in an int, from the first, second, third or fourth one on; none until they are asked for. */
    private IntBuffer[] samples = {};

    private int[] packed = {};

    /**
     * @param mat without gaps between its rows, as whatever OpenCV allocates; closed with this
     * @param channels of {@code mat}, 1, 3 or 4
     */
    OpenCvBitmap(Mat mat, int width, int height, int channels, boolean premultiplied) {
        this.mat = mat;
        this.width = width;
        this.height = height;
        this.channels = channels;
        this.premultiplied = premultiplied;
        this.data = mat.data();
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    int channels() {
        return channels;
    }

    @Override
    public boolean grey() {
        return channels == 1;
    }

    @Override
    public boolean transparent() {
        return channels == 4;
    }

    @Override
    public boolean premultiplied() {
        return premultiplied;
    }

    @Override
    public void read(int first, int count, int[] argb) {
        if (channels == 4) {
            readSamples(first, count, argb);
            return;
        }
        int ints = (channels * count + 3) / 4;
        if (packed.length < ints) {
            packed = new int[ints];
        }
        readSamples(first, count, packed);
        if (channels == 3) {
            unpackColours(packed, count, argb);
        } else {
            for (int i = 0; i < count; i++) {
                argb[i] = GREY_TO_RGB * ((packed[i / 4] >>> (8 * (i % 4))) & 0xFF);
            }
        }
    }

    /** Puts pixels B-G-R into the lower three bytes of an int each: four pixels are three ints in. */
    private static void unpackColours(int[] packed, int count, int[] ints) {
        int fours = count / 4;
        for (int i = 0; i < fours; i++) {
            int a = packed[3 * i]; // b g r b, from the lowest byte on
            int b = packed[3 * i + 1]; // g r b g
            int c = packed[3 * i + 2]; // r b g r
            ints[4 * i] = a;
            ints[4 * i + 1] = a >>> 24 | b << 8;
            ints[4 * i + 2] = b >>> 16 | c << 16;
            ints[4 * i + 3] = c >>> 8;
        }
        for (int i = 4 * fours; i < count; i++) {
            int at = 3 * i / 4;
            long next = at + 1 < packed.length ? packed[at + 1] : 0;
            ints[i] = (int) ((next << 32 | Integer.toUnsignedLong(packed[at])) >>> (8 * (3 * i % 4)));
        }
    }

    /**
     * Reads the samples of {@code count} pixels from pixel {@code first} on as they are stored, four in an int, the first one lowest.
     */
    void readSamples(int first, int count, int[] target) {
        int begin = channels * first;
        int bytes = channels * count;
        IntBuffer from = samples()[begin % 4];
        int whole = Math.min((bytes + 3) / 4, from.limit() - begin / 4);
        from.get(begin / 4, target, 0, whole);
        if (4 * whole < bytes) {
            target[whole] = 0;
            for (int i = 4 * whole; i < bytes; i++) {
                target[whole] |= (data.get(begin + i) & 0xFF) << (8 * (i % 4));
            }
        }
    }

    private IntBuffer[] samples() {
        if (samples.length == 0) {
            ByteBuffer all = data.capacity((long) channels * width * height).asBuffer();
            samples = new IntBuffer[4];
            for (int i = 0; i < Math.min(4, all.capacity()); i++) {
                samples[i] = all.slice(i, all.capacity() - i)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asIntBuffer();
            }
        }
        return samples;
    }

    /**
     * All samples of a picture without alpha, plane after plane.
     *
     * @return unsigned bytes [1, H, W] grey or [3, H, W] R-G-B
     */
    byte[] planes() {
        byte[] planes = new byte[channels * width * height];
        if (channels == 1) {
            data.get(planes, 0, planes.length);
            return planes;
        }
        Colours colours = COLOURS.get();
        int plane = width * height;
        for (int first = 0; first < plane; first += Colours.PIXELS) {
            int count = Math.min(Colours.PIXELS, plane - first);
            data.position(3L * first).get(colours.stored, 0, 3 * count);
            colours.takeApart(count, planes, first);
        }
        data.position(0);
        return planes;
    }

    @Override
    public void close() {
        mat.close();
    }

    /** Takes pixels B-G-R apart, a part of a picture at a time, in loops that Java makes vector instructions of but for the first. */
    private static final class Colours {
        static final int PIXELS = 1 << 10;

        /** Of an array, from any byte on; the first is the lowest. */
        private static final VarHandle FOUR_BYTES =
                MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

        final byte[] stored = new byte[3 * PIXELS];
        /** Each three ints are four pixels: b g r b, from the lowest byte on. */
        private final int[] first = new int[PIXELS / 4];
        /** g r b g. */
        private final int[] second = new int[PIXELS / 4];
        /** r b g r. */
        private final int[] third = new int[PIXELS / 4];
        /** Four samples of one colour. */
        private final int[] samples = new int[PIXELS / 4];

        /**
         * @param count pixels that are {@link #stored}
         * @param planes R, G and B, filled from pixel {@code at} on
         */
        void takeApart(int count, byte[] planes, int at) {
            int plane = planes.length / 3;
            int fours = count / 4;
            for (int i = 0; i < fours; i++) {
                first[i] = (int) FOUR_BYTES.get(stored, 12 * i);
                second[i] = (int) FOUR_BYTES.get(stored, 12 * i + 4);
                third[i] = (int) FOUR_BYTES.get(stored, 12 * i + 8);
            }
            red(first, second, third, samples, fours);
            put(samples, planes, at, fours);
            green(first, second, third, samples, fours);
            put(samples, planes, plane + at, fours);
            blue(first, second, third, samples, fours);
            put(samples, planes, 2 * plane + at, fours);
            for (int i = 4 * fours; i < count; i++) {
                for (int k = 0; k < 3; k++) {
                    planes[k * plane + at + i] = stored[3 * i + 2 - k];
                }
            }
        }

        private static void red(int[] a, int[] b, int[] c, int[] red, int fours) {
            for (int i = 0; i < fours; i++) {
                red[i] = ((a[i] >>> 16) & 0xFF) | (b[i] & 0xFF00) | ((c[i] & 0xFF) << 16) | (c[i] & 0xFF000000);
            }
        }

        private static void green(int[] a, int[] b, int[] c, int[] green, int fours) {
            for (int i = 0; i < fours; i++) {
                green[i] =
                        ((a[i] >>> 8) & 0xFF) | ((b[i] & 0xFF) << 8) | ((b[i] >>> 24) << 16) | ((c[i] & 0xFF0000) << 8);
            }
        }

        private static void blue(int[] a, int[] b, int[] c, int[] blue, int fours) {
            for (int i = 0; i < fours; i++) {
                blue[i] = (a[i] & 0xFF) | ((a[i] >>> 24) << 8) | (b[i] & 0xFF0000) | ((c[i] & 0xFF00) << 16);
            }
        }

        private static void put(int[] samples, byte[] plane, int at, int fours) {
            for (int i = 0; i < fours; i++) {
                FOUR_BYTES.set(plane, at + 4 * i, samples[i]);
            }
        }
    }
}
