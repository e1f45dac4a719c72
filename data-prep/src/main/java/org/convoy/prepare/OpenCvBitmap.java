package org.convoy.prepare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;

/** A picture in OpenCV's memory, until it is closed: 8-bit samples, grey, B-G-R or B-G-R-A. */
final class OpenCvBitmap implements Bitmap {
    /** Of an array, from any byte on; the first is the lowest. */
    private static final VarHandle FOUR_BYTES =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int GREY_TO_RGB = 0x010101;

    /** Pixels that {@link #planes} reads at a time. */
    private static final int PIXELS_AT_A_TIME = 1 << 14;

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
            for (int i = 0; i < count; i++) {
                argb[i] = (int) FOUR_BYTES.get(read, 3 * i); // B-G-R are the lower three
            }
        } else {
            for (int i = 0; i < count; i++) {
                argb[i] = GREY_TO_RGB * (read[i] & 0xFF);
            }
        }
    }

    /**
     * All samples of a picture without alpha, plane after plane.
     *
     * @return unsigned bytes [1, H, W] grey or [3, H, W] R-G-B
     */
    byte[] planes() {
        int plane = width * height;
        byte[] planes = new byte[channels * plane];
        if (channels == 1) {
            data.get(planes, 0, plane);
            return planes;
        }
        for (int first = 0; first < plane; first += PIXELS_AT_A_TIME) {
            int count = Math.min(PIXELS_AT_A_TIME, plane - first);
            readSamples(first, count);
            putPlanes(read, count, planes, first, plane);
        }
        return planes;
    }

    /** Puts pixels B-G-R into the planes R, G, B, each from {@code first} on: four pixels are three ints in and three out. */
    private static void putPlanes(byte[] pixels, int count, byte[] planes, int first, int plane) {
        int fours = count / 4 * 4;
        for (int i = 0; i < fours; i += 4) {
            int a = (int) FOUR_BYTES.get(pixels, 3 * i); // b g r b, from the lowest byte on
            int b = (int) FOUR_BYTES.get(pixels, 3 * i + 4); // g r b g
            int c = (int) FOUR_BYTES.get(pixels, 3 * i + 8); // r b g r
            int red = (a >>> 16 & 0xFF) | (b & 0xFF00) | (c & 0xFF) << 16 | (c & 0xFF << 24);
            int green = (a >>> 8 & 0xFF) | (b & 0xFF) << 8 | (b >>> 24) << 16 | (c & 0xFF << 16) << 8;
            int blue = (a & 0xFF) | (a >>> 24) << 8 | (b & 0xFF << 16) | (c & 0xFF00) << 16;
            FOUR_BYTES.set(planes, first + i, red);
            FOUR_BYTES.set(planes, plane + first + i, green);
            FOUR_BYTES.set(planes, 2 * plane + first + i, blue);
        }
        for (int i = fours; i < count; i++) {
            planes[first + i] = pixels[3 * i + 2];
            planes[plane + first + i] = pixels[3 * i + 1];
            planes[2 * plane + first + i] = pixels[3 * i];
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
