package org.convoy.model.architecture;

import org.deeplearning4j.nn.conf.ConvolutionMode;

/**
 * The square that a convolution or pooling slides over its input.
 *
 * @param kernel height and width, pixels
 * @param stride pixels down and to the right
 * @param padding pixels of zeros on each side
 * @param dilation distance of neighbouring taps; 1 for a dense kernel
 * @param covers whether the last row and column are read even where the window hangs over the edge, as Caffe's pooling does:
 *     out = ⌈in / stride⌉, and the padding is what that needs
 */
record Window(int kernel, int stride, int padding, int dilation, boolean covers) {

    /** Stride 1, without padding. */
    static Window of(int kernel) {
        return new Window(kernel, 1, 0, 1, false);
    }

    /** Stride 1, padded so that the output is as large as the input; {@code kernel} is odd. */
    static Window same(int kernel) {
        return of(kernel).padded(kernel / 2);
    }

    Window stride(int pixels) {
        return new Window(kernel, pixels, padding, dilation, covers);
    }

    Window padded(int pixels) {
        return new Window(kernel, stride, pixels, dilation, covers);
    }

    Window covering() {
        return new Window(kernel, stride, 0, dilation, true);
    }

    /** Rows, or columns, that the window spans. */
    int extent() {
        return (kernel - 1) * dilation + 1;
    }

    /** Whether the window fits into an input of that side. */
    boolean fits(int side) {
        return covers || side + 2 * padding >= extent();
    }

    /** Output's side for the input's: ⌊(in + 2·padding − extent) / stride⌋ + 1. */
    int over(int side) {
        return covers ? (side + stride - 1) / stride : (side + 2 * padding - extent()) / stride + 1;
    }

    ConvolutionMode mode() {
        return covers ? ConvolutionMode.Same : ConvolutionMode.Truncate;
    }

    @Override
    public String toString() {
        return kernel + "x" + kernel;
    }
}
