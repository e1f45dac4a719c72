package org.convoy.prepare;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;

/** A picture in OpenCV's memory, until it is closed. */
final class OpenCvBitmap implements Bitmap {
    private final Mat mat;
    private final BytePointer data;
    private final long rowBytes;
    private final boolean premultiplied;

    /**
     * @param mat 8-bit samples of 1, 3 or 4 channels; closed with this
     */
    OpenCvBitmap(Mat mat, boolean premultiplied) {
        this.mat = mat;
        this.data = mat.data();
        this.rowBytes = mat.step(0);
        this.premultiplied = premultiplied;
    }

    @Override
    public int width() {
        return mat.cols();
    }

    @Override
    public int height() {
        return mat.rows();
    }

    @Override
    public int channels() {
        return mat.channels();
    }

    @Override
    public boolean premultiplied() {
        return premultiplied;
    }

    @Override
    public void row(int y, byte[] samples) {
        data.position(y * rowBytes).get(samples, 0, width() * channels());
    }

    @Override
    public void close() {
        mat.close();
    }
}
