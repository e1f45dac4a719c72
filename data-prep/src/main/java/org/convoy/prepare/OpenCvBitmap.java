package org.convoy.prepare;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/** A picture in OpenCV's memory, until it is closed: 8-bit samples, grey, B-G-R or B-G-R-A. */
final class OpenCvBitmap implements Bitmap {
    private static final int GREY_TO_RGB = 0x010101;

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
        BytePointer source = channels == 1 ? data : Planes.of(mat, height, width);
        source.get(planes, 0, planes.length);
        return planes;
    }

    /**
     * The planes R, G, B of a picture of one size, in OpenCV's memory. A thread keeps those of the size that it had last: to allocate them
     * would take as long as to fill those of a tiny picture.
     */
    private static final class Planes {
        private static final ThreadLocal<Planes> OF_THREAD = ThreadLocal.withInitial(() -> new Planes(0, 0));

        private final int height;
        private final int width;
        private final BytePointer samples;
        /** Three of them: B, G and R, as OpenCV takes a picture apart. */
        private final Mat planes;

        private Planes(int height, int width) {
            this.height = height;
            this.width = width;
            long plane = (long) height * width;
            this.samples = new BytePointer(3 * plane);
            this.planes = new Mat(3L);
            for (int c = 0; c < 3; c++) {
                BytePointer place = new BytePointer(samples).position((2 - c) * plane);
                try (Mat one = new Mat(height, width, opencv_core.CV_8UC1, place)) {
                    planes.position(c).put(one);
                }
            }
            planes.position(0);
        }

        /** Takes a picture B-G-R apart. */
        static BytePointer of(Mat mat, int height, int width) {
            Planes kept = OF_THREAD.get();
            if (kept.height != height || kept.width != width) {
                kept.planes.close();
                kept.samples.close();
                kept = new Planes(height, width);
                OF_THREAD.set(kept);
            }
            opencv_core.split(mat, kept.planes);
            return kept.samples;
        }
    }

    @Override
    public void close() {
        mat.close();
    }
}
