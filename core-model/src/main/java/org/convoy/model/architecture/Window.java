package org.convoy.model.architecture;

import java.util.Locale;
import org.deeplearning4j.nn.conf.ConvolutionMode;

/**
 * The square that a convolution or pooling slides over its input.
 *
 * @param kernel height and width, pixels
 * @param stride pixels down and to the right
 * @param padding pixels of zeros on each side
 * @param dilation distance of neighbouring taps; 1 for a dense kernel
 * @param rounding what becomes of rows and columns that no whole stride reaches
 */
record Window(int kernel, int stride, int padding, int dilation, Rounding rounding) {
    private static final String FORMULA = "out = (in + 2·padding − kernel) / stride + 1";

    /** What to do where {@value #FORMULA} is not whole. */
    enum Rounding {
        /** The last rows and columns are not read. */
        DOWN,
        /**
         * The last rows and columns are read, the window hanging over the edge, as in Caffe's pooling: out = ⌈in / stride⌉, and
         * the padding is what that needs.
         */
        UP,
        /** Such a window does not fit. */
        REFUSED;

        /** The name in configuration. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Stride 1, without padding. */
    static Window of(int kernel) {
        return new Window(kernel, 1, 0, 1, Rounding.DOWN);
    }

    /** Stride 1, padded so that the output is as large as the input; {@code kernel} is odd. */
    static Window same(int kernel) {
        return of(kernel).padded(kernel / 2);
    }

    Window stride(int pixels) {
        return new Window(kernel, pixels, padding, dilation, rounding);
    }

    Window padded(int pixels) {
        return new Window(kernel, stride, pixels, dilation, rounding);
    }

    Window covering() {
        return new Window(kernel, stride, 0, dilation, Rounding.UP);
    }

    /** Rows, or columns, that the window spans. */
    int extent() {
        return (kernel - 1) * dilation + 1;
    }

    /** Whether the window fits into an input of that side. */
    boolean fits(int side) {
        return rounding == Rounding.UP || side + 2 * padding >= extent();
    }

    /** Whether what {@link #over} gives is whole, or may be rounded. */
    boolean comesOut(int side) {
        return rounding != Rounding.REFUSED || (side + 2 * padding - extent()) % stride == 0;
    }

    /** Output's side for the input's: ⌊(in + 2·padding − extent) / stride⌋ + 1. */
    int over(int side) {
        return rounding == Rounding.UP ? (side + stride - 1) / stride : (side + 2 * padding - extent()) / stride + 1;
    }

    /** How {@link #over} comes to a fraction for an input of that side. */
    String fraction(int side) {
        double out = (side + 2.0 * padding - extent()) / stride + 1;
        return String.format(
                Locale.ROOT,
                "%s = (%d + 2·%d − %d) / %d + 1 = %s",
                FORMULA,
                side,
                padding,
                extent(),
                stride,
                Math.round(100 * out) / 100.0);
    }

    ConvolutionMode mode() {
        return rounding == Rounding.UP ? ConvolutionMode.Same : ConvolutionMode.Truncate;
    }

    @Override
    public String toString() {
        return extent() + "x" + extent();
    }
}
