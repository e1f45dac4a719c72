package org.convoy.prepare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;

/** A picture in OpenCV's memory, until it is closed: 8-bit samples, grey, B-G-R or B-G-R-A. */
final class OpenCvBitmap implements Bitmap {
    /** Four bytes of an array, of which B-G-R are the lower three. */
    private static final VarHandle PIXEL = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

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
        int bytes = channels * count;
        if (read.length <= bytes) {
            read = new byte[bytes + 1]; // the last pixel is read with a byte behind it
        }
        if (count == width * height) {
            data.get(read, 0, bytes);
        } else {
            samples().get(channels * first, read, 0, bytes);
        }
        if (channels == 3) {
            for (int i = 0; i < count; i++) {
                argb[i] = (int) PIXEL.get(read, 3 * i);
            }
        } else {
            for (int i = 0; i < count; i++) {
                argb[i] = GREY_TO_RGB * (read[i] & 0xFF);
            }
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
