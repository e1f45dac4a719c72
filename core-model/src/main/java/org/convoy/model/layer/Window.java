package org.convoy.model.layer;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.util.ConvolutionUtils;

/**
 * How the windows of a convolution or pooling lie on an input, in heights and widths as oneDNN wants them.
 *
 * @param stride down and to the right
 * @param dilation 1 for a dense kernel
 * @param paddingBefore rows above and columns to the left
 * @param paddingAfter rows below and columns to the right
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record Window(long[] kernel, long[] stride, long[] dilation, long[] paddingBefore, long[] paddingAfter) {

    /**
     * The windows of a layer's configuration on an input.
     *
     * @param padding ignored in same mode, which pads as the shapes need
     * @param inputShape [N, H, W, C]
     * @param outputShape [N, H', W', channels]
     */
    static Window of(
            int[] kernel,
            int[] stride,
            int[] dilation,
            int[] padding,
            ConvolutionMode mode,
            long[] inputShape,
            long[] outputShape) {
        int[] inputSize = {(int) inputShape[1], (int) inputShape[2]};
        int[] outputSize = {(int) outputShape[1], (int) outputShape[2]};
        boolean same = mode == ConvolutionMode.Same;
        int[] before = same
                ? ConvolutionUtils.getSameModeTopLeftPadding(outputSize, inputSize, kernel, stride, dilation)
                : padding;
        long[] after = new long[2];
        for (int side = 0; side < 2; side++) {
            int extent = (kernel[side] - 1) * dilation[side] + 1;
            int covered = (outputSize[side] - 1) * stride[side] + extent;
            after[side] = Math.max(0, covered - inputSize[side] - before[side]);
        }
        return new Window(longs(kernel), longs(stride), longs(dilation), longs(before), after);
    }

    private static long[] longs(int[] pair) {
        return new long[] {pair[0], pair[1]};
    }
}
