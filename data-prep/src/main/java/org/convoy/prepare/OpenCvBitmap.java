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
    /** Of an array, from any byte on; the first is the lowest. */
    private static final VarHandle FOUR_BYTES =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** What a thread copied the last picture into to take it apart: to allocate it again would take as long as to fill it. */
    private static final ThreadLocal<byte[]> STORED = ThreadLocal.withInitial(() -> new byte[0]);

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
        if (channels == 1) {
            data.get(planes, 0, planes.length);
            return planes;
        }
        byte[] stored = STORED.get();
        if (stored.length < planes.length) {
            stored = new byte[planes.length];
            STORED.set(stored);
        }
        data.get(stored, 0, planes.length);
        takeApart(stored, planes);
        return planes;
    }

    /** From pixels B-G-R to the planes R, G and B: three ints are four pixels. */
    private static void takeApart(byte[] stored, byte[] planes) {
        int plane = planes.length / 3;
        int fours = plane / 4 * 4;
        for (int i = 0; i < fours; i += 4) {
            int a = (int) FOUR_BYTES.get(stored, 3 * i); // b g r b, from the lowest byte on
            int b = (int) FOUR_BYTES.get(stored, 3 * i + 4); // g r b g
            int c = (int) FOUR_BYTES.get(stored, 3 * i + 8); // r b g r
            int red = ((a >>> 16) & 0xFF) | (b & 0xFF00) | ((c & 0xFF) << 16) | (c & 0xFF000000);
            int green = ((a >>> 8) & 0xFF) | ((b & 0xFF) << 8) | ((b >>> 24) << 16) | ((c & 0xFF0000) << 8);
            int blue = (a & 0xFF) | ((a >>> 24) << 8) | (b & 0xFF0000) | ((c & 0xFF00) << 16);
            FOUR_BYTES.set(planes, i, red);
            FOUR_BYTES.set(planes, plane + i, green);
            FOUR_BYTES.set(planes, 2 * plane + i, blue);
        }
        for (int i = fours; i < plane; i++) {
            for (int k = 0; k < 3; k++) {
                planes[k * plane + i] = stored[3 * i + 2 - k];
            }
        }
    }

    @Override
    public void close() {
        mat.close();
    }
}
