package org.convoy.model.layer;

import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.Arrays;
import org.bytedeco.dnnl.global.dnnl;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The backward pass of maximum pooling over windows that do not overlap, by looking for each maximum again: an output's gradient goes
 * to the first of its window's largest inputs, as with oneDNN, and nothing to the others.
 *
 * <p>Below AVX-512 oneDNN takes several times as long to write down where the maxima are, and to read it, as to find them.
 *
 * <p>Floats are compared as ints in the same order, because Java makes vector instructions of sums, masks and maxima of ints alone.
 */
final class MaximumGradient {
    /** Threads of a worker from which oneDNN's own, which uses them all, is not slower. */
    private static final int MANY_THREADS = 4;

    /** Buffers count bytes in an int. */
    private static final long MOST_VALUES = Integer.MAX_VALUE / Float.BYTES;

    /** By row and column of the windows, the inputs that lie there, [W', C]; then their gradients. */
    private final int[][][] inputs;
    /** [W', C]. */
    private final int[] maxima;
    /** Of the gradient at the output, what no input has got yet, [W', C]. */
    private final int[] left;
    /** Of the input or its gradient, [W, C]. */
    private final int[] row;

    private final Filter filter;
    private final int width;
    private final int channels;
    private final int outputWidth;
    private final int top;
    private final int before;

    /** For inputs [N, H, W, C] of the shape of {@code x}. */
    MaximumGradient(Filter filter, INDArray x) {
        long[] outputShape = filter.outputShape(x, x.size(3));
        this.filter = filter;
        this.width = (int) x.size(2);
        this.channels = (int) x.size(3);
        this.outputWidth = (int) outputShape[2];
        Filter.Padding padding = filter.padding(x.shape(), outputShape);
        this.top = (int) padding.before()[0];
        this.before = (int) padding.before()[1];
        int values = outputWidth * channels;
        this.inputs = new int[filter.kernel()[0]][filter.kernel()[1]][values];
        this.maxima = new int[values];
        this.left = new int[values];
        this.row = new int[width * channels];
    }

    /** Whether this is the faster way for inputs like {@code x}, on this processor with this many threads. */
    static boolean suits(Filter filter, INDArray x) {
        boolean overlaps = filter.kernel()[0] > filter.stride()[0] || filter.kernel()[1] > filter.stride()[1];
        return !overlaps
                && x.length() <= MOST_VALUES
                && Nd4j.getEnvironment().maxThreads() < MANY_THREADS
                && (dnnl.dnnl_get_effective_cpu_isa() & dnnl.dnnl_cpu_isa_avx512_core) != dnnl.dnnl_cpu_isa_avx512_core;
    }

    /**
     * Writes the whole gradient at the input.
     *
     * @param x input of the pooling, float32 [N, H, W, C] in C order
     * @param dy gradient at its output, [N, H', W', C]
     * @param dx gradient at its input, [N, H, W, C]
     */
    void write(INDArray x, INDArray dy, INDArray dx) {
        IntBuffer pictures = ints(x);
        IntBuffer outputGradients = ints(dy);
        IntBuffer inputGradients = ints(dx);
        try {
            for (int n = 0; n < x.size(0); n++) {
                picture(pictures, outputGradients, inputGradients, (int) x.size(1), (int) dy.size(1));
            }
        } finally {
            // The buffers do not hold their memory: arrays outside of workspaces could be taken for garbage meanwhile.
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(dy);
            Reference.reachabilityFence(dx);
        }
    }

    private static IntBuffer ints(INDArray array) {
        return array.data()
                .pointer()
                .asByteBuffer()
                .order(ByteOrder.nativeOrder())
                .asIntBuffer()
                .position((int) array.offset());
    }

    /** The next picture of each. */
    private void picture(IntBuffer x, IntBuffer dy, IntBuffer dx, int height, int outputHeight) {
        int done = 0;
        for (int window = 0; window < outputHeight; window++) {
            int start = window * filter.stride()[0] - top;
            int from = Math.max(0, start);
            int to = Math.min(height, start + filter.kernel()[0]);
            skip(x, dx, from - done);
            dy.get(left);
            findMaxima(x, to - from);
            for (int i = 0; i < to - from; i++) {
                Arrays.fill(row, 0);
                for (int j = 0; j < filter.kernel()[1]; j++) {
                    takeGradient(inputs[i][j]);
                    scatter(inputs[i][j], j);
                }
                dx.put(row);
            }
            done = to;
        }
        skip(x, dx, height - done);
    }

    /** Rows that no window covers. */
    private void skip(IntBuffer x, IntBuffer dx, int rows) {
        Arrays.fill(row, 0);
        for (int i = 0; i < rows; i++) {
            x.position(x.position() + row.length);
            dx.put(row);
        }
    }

    private void findMaxima(IntBuffer x, int rows) {
        Arrays.fill(maxima, Integer.MIN_VALUE);
        for (int i = 0; i < rows; i++) {
            x.get(row);
            order(row);
            for (int j = 0; j < filter.kernel()[1]; j++) {
                gather(j, inputs[i][j]);
                raise(maxima, inputs[i][j]);
            }
        }
    }

    /** Column {@code j} of each window, out of {@link #row}. */
    private void gather(int j, int[] column) {
        for (int window = 0; window < outputWidth; window++) {
            int at = window * filter.stride()[1] - before + j;
            if (at >= 0 && at < width) {
                System.arraycopy(row, at * channels, column, window * channels, channels);
            } else {
                Arrays.fill(column, window * channels, (window + 1) * channels, Integer.MIN_VALUE);
            }
        }
    }

    /** The other way. */
    private void scatter(int[] column, int j) {
        for (int window = 0; window < outputWidth; window++) {
            int at = window * filter.stride()[1] - before + j;
            if (at >= 0 && at < width) {
                System.arraycopy(column, window * channels, row, at * channels, channels);
            }
        }
    }

    /** From a float's bits to an int that is larger where the float is. */
    private static void order(int[] bits) {
        for (int i = 0; i < bits.length; i++) {
            bits[i] ^= (bits[i] >> 31) & Integer.MAX_VALUE;
        }
    }

    private static void raise(int[] maxima, int[] values) {
        for (int i = 0; i < maxima.length; i++) {
            maxima[i] = Math.max(maxima[i], values[i]);
        }
    }

    /** From inputs to their gradients, out of what is {@link #left}. */
    private void takeGradient(int[] values) {
        int[] most = maxima;
        int[] gradients = left;
        for (int i = 0; i < values.length; i++) {
            int difference = values[i] ^ most[i];
            int others = (difference | -difference) >> 31; // all bits, or none where it is the maximum
            int gradient = gradients[i];
            values[i] = gradient & ~others;
            gradients[i] = gradient & others;
        }
    }
}
