package org.convoy.model.layer;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a convolution or pooling slides over its input, in heights and widths.
 *
 * @param stride down and to the right
 * @param dilation 1 for a dense kernel
 * @param padding ignored in same mode, which pads as the shapes need
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record Filter(int[] kernel, int[] stride, int[] dilation, int[] padding, ConvolutionMode mode) {

    /** One pixel after the other. */
    static final Filter POINTWISE = new Filter(
            new int[] {1, 1}, new int[] {1, 1}, new int[] {1, 1}, new int[] {0, 0}, ConvolutionMode.Truncate);

    /** That of a convolution layer; {@code mode} because the layer may have it from the whole network. */
    static Filter of(ConvolutionLayer conf, ConvolutionMode mode) {
        return new Filter(conf.getKernelSize(), conf.getStride(), conf.getDilation(), conf.getPadding(), mode);
    }

    boolean isDilated() {
        return dilation[0] != 1 || dilation[1] != 1;
    }

    /**
     * Shape of the result.
     *
     * @param x input, [N, H, W, C]
     * @param channels of the result
     * @return [N, H', W', channels]
     * @throws org.deeplearning4j.exception.DL4JException if the filter does not fit
     */
    long[] outputShape(INDArray x, long channels) {
        boolean same = mode == ConvolutionMode.Same;
        int[] size = ConvolutionUtils.getOutputSize(
                x, kernel, stride, same ? null : padding, mode, dilation, CNN2DFormat.NHWC);
        return new long[] {x.size(0), size[0], size[1], channels};
    }

    /**
     * Padding on both sides.
     *
     * @param inputShape [N, H, W, C]
     * @param outputShape [N, H', W', channels]
     */
    Padding padding(long[] inputShape, long[] outputShape) {
        int[] inputSize = {(int) inputShape[1], (int) inputShape[2]};
        int[] outputSize = {(int) outputShape[1], (int) outputShape[2]};
        int[] before = mode == ConvolutionMode.Same
                ? ConvolutionUtils.getSameModeTopLeftPadding(outputSize, inputSize, kernel, stride, dilation)
                : padding;
        long[] after = new long[2];
        for (int side = 0; side < 2; side++) {
            int extent = (kernel[side] - 1) * dilation[side] + 1;
            int covered = (outputSize[side] - 1) * stride[side] + extent;
            after[side] = Math.max(0, covered - inputSize[side] - before[side]);
        }
        return new Padding(longs(before), after);
    }

    /**
     * Zeros around an input.
     *
     * @param before rows above and columns to the left
     * @param after rows below and columns to the right
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Padding(long[] before, long[] after) {}

    static long[] longs(int[] pair) {
        return new long[] {pair[0], pair[1]};
    }
}
