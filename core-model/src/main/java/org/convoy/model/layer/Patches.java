package org.convoy.model.layer;

import java.nio.IntBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The patches of images that a convolution multiplies with its weights, each followed by a one for the bias: rows of
 * [kernel height, kernel width, C] and 1, a row for each image and output position.
 */
final class Patches {
    private final INDArray x;
    private final int[] kernel;
    private final int[] stride;
    private final int[] paddingBefore;
    private final int outputH;
    private final int C;
    private final int paddedRowLength;
    /** One image with its padding, [height, width, C]. */
    private final int[] padded;
    /** The patches of one output row. */
    private final int[] rows;

    private int imageInPadded = -1;

    /**
     * Reads from {@code x}.
     *
     * @param x images, [N, H, W, C], which {@link HostLoops#canRead}
     * @param kernel height and width
     * @param stride down and to the right
     * @param paddingBefore rows and columns of zeros above and to the left
     * @param output an array of the convolution's output shape, [N, H', W', outputs]
     */
    Patches(INDArray x, int[] kernel, int[] stride, int[] paddingBefore, INDArray output) {
        this.x = x;
        this.kernel = kernel;
        this.stride = stride;
        this.paddingBefore = paddingBefore;
        outputH = (int) output.size(1);
        int outputW = (int) output.size(2);
        C = (int) x.size(3);
        int paddedH = Math.max((outputH - 1) * stride[0] + kernel[0], paddingBefore[0] + (int) x.size(1));
        int paddedW = Math.max((outputW - 1) * stride[1] + kernel[1], paddingBefore[1] + (int) x.size(2));
        paddedRowLength = paddedW * C;
        padded = new int[paddedH * paddedRowLength];
        rows = new int[outputW * (kernel[0] * kernel[1] * C + 1)];
    }

    /** Writes the patches of the output rows {@code first} to {@code last} (exclusive), counted through all images. */
    void write(int first, int last, INDArray target) {
        IntBuffer bits = HostLoops.bits(target);
        for (int row = first; row < last; row++) {
            readImage(row / outputH);
            cutRow(row % outputH * stride[0] * paddedRowLength);
            bits.put((row - first) * rows.length, rows);
        }
    }

    private void readImage(int image) {
        if (image == imageInPadded) {
            return;
        }
        IntBuffer bits = HostLoops.bits(x);
        int H = (int) x.size(1);
        int rowLength = (int) x.size(2) * C;
        for (int h = 0; h < H; h++) {
            int position = (paddingBefore[0] + h) * paddedRowLength + paddingBefore[1] * C;
            bits.get((image * H + h) * rowLength, padded, position, rowLength);
        }
        imageInPadded = image;
    }

    private void cutRow(int corner) {
        int run = kernel[1] * C;
        int position = 0;
        for (int start = corner; position < rows.length; start += stride[1] * C) {
            for (int kernelRow = 0; kernelRow < kernel[0]; kernelRow++) {
                System.arraycopy(padded, start + kernelRow * paddedRowLength, rows, position, run);
                position += run;
            }
            rows[position++] = Float.floatToRawIntBits(1f);
        }
    }
}
