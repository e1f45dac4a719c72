package org.convoy.prepare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/** A picture in OpenCV's memory, until it is closed: 8-bit samples, grey, B-G-R or B-G-R-A. */
final class OpenCvBitmap implements Bitmap {
    /** Of an array, from any byte on; the first is the lowest. */
    private static final VarHandle FOUR_BYTES =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int GREY_TO_RGB = 0x010101;

    private final Mat mat;
    private final int width;
    private final int height;
    private final int channels;
    private final boolean premultiplied;
    private final BytePointer data;
    private ByteBuffer samples;
    private byte[] read = {};

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
            samples().asIntBuffer().get(first, argb, 0, count);
            return;
        }
        readSamples(first, count);
        if (channels == 3) {
            toInts(read, count, argb);
        } else {
            for (int i = 0; i < count; i++) {
                argb[i] = GREY_TO_RGB * (read[i] & 0xFF);
            }
        }
    }

    /** Puts pixels B-G-R into the lower three bytes of an int each: four pixels are three ints in. */
    private static void toInts(byte[] pixels, int count, int[] ints) {
        int fours = count / 4 * 4;
        for (int i = 0; i < fours; i += 4) {
            int a = (int) FOUR_BYTES.get(pixels, 3 * i); // b g r b, from the lowest byte on
            int b = (int) FOUR_BYTES.get(pixels, 3 * i + 4); // g r b g
            int c = (int) FOUR_BYTES.get(pixels, 3 * i + 8); // r b g r
            ints[i] = a;
            ints[i + 1] = a >>> 24 | b << 8;
            ints[i + 2] = b >>> 16 | c << 16;
            ints[i + 3] = c >>> 8;
        }
        for (int i = fours; i < count; i++) {
            ints[i] = (int) FOUR_BYTES.get(pixels, 3 * i);
        }
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

    /** The samples of {@code count} pixels from pixel {@code first} on, to {@link #read}. */
    private void readSamples(int first, int count) {
        int bytes = channels * count;
        if (read.length <= bytes) {
            read = new byte[bytes + 1]; // the last pixel is read with a byte behind it
        }
        if (count == width * height) {
            data.get(read, 0, bytes);
        } else {
            samples().get(channels * first, read, 0, bytes);
        }
    }

    /** Faster than the pointer for pictures that are read in parts; to make it takes as long as to read a tiny picture. */
    private ByteBuffer samples() {
        if (samples == null) {
            samples = data.capacity((long) channels * width * height).asBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
        return samples;
    }

    @Override
    public void close() {
        mat.close();
    }
}
