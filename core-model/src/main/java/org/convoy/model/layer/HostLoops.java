package org.convoy.model.layer;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Loops over float32 arrays in the host's memory, for steps whose native operation is slower than memory. Each works on
 * chunks that fit in the first-level cache, as arrays of {@code int} that hold the floats' bits: the compiler vectorises
 * these, comparisons and all.
 *
 * <p>On a GPU the arrays are out of reach: {@link #canRead} says so, and callers use the native operation there.
 */
final class HostLoops {
    private static final int CHUNK = 4096;
    private static final boolean HOST_BACKEND =
            Nd4j.getBackend().getClass().getSimpleName().equals("CpuBackend");
    private static final ThreadLocal<int[][]> CHUNKS = ThreadLocal.withInitial(() -> new int[2][CHUNK]);

    private HostLoops() {}

    /** Whether the loops may run on arrays of {@code dataType} that are contiguous in C order. */
    static boolean canReadType(DataType dataType) {
        return HOST_BACKEND && dataType == DataType.FLOAT;
    }

    /** Whether the loops may run on {@code array}: float32, contiguous in C order, in the host's memory. */
    static boolean canRead(INDArray array) {
        return canReadType(array.dataType())
                && array.ordering() == 'c'
                && array.elementWiseStride() == 1
                && array.length() <= Integer.MAX_VALUE;
    }

    /** {@code result = x > 0 ? gradient : 0}: the backward pass of ReLU, from its input or from its output. */
    static void wherePositive(INDArray x, INDArray gradient, INDArray result) {
        IntBuffer xBits = bits(x);
        IntBuffer gradientBits = bits(gradient);
        IntBuffer resultBits = bits(result);
        int[] a = CHUNKS.get()[0];
        int[] b = CHUNKS.get()[1];
        int length = (int) x.length();
        for (int start = 0; start < length; start += CHUNK) {
            int count = Math.min(CHUNK, length - start);
            xBits.get(start, a, 0, count);
            gradientBits.get(start, b, 0, count);
            for (int i = 0; i < count; i++) {
                b[i] &= (-a[i] & ~a[i]) >> 31;
            }
            resultBits.put(start, b, 0, count);
        }
    }

    /** {@code result = max(x, 0)}, element by element. */
    static void rectify(INDArray x, INDArray result) {
        IntBuffer source = bits(x);
        IntBuffer target = bits(result);
        int[] a = CHUNKS.get()[0];
        int length = (int) x.length();
        for (int start = 0; start < length; start += CHUNK) {
            int count = Math.min(CHUNK, length - start);
            source.get(start, a, 0, count);
            for (int i = 0; i < count; i++) {
                a[i] &= ~(a[i] >> 31);
            }
            target.put(start, a, 0, count);
        }
    }

    /**
     * The backward pass of maximum pooling with windows that tile the input: each window's gradient goes to its first
     * largest value, the rest gets zero.
     *
     * @param x input, [N, H, W, C]
     * @param gradient gradient at the output, [N, H', W', C]
     * @param kernel window height and width
     * @param result gradient at the input, [N, H, W, C]
     */
    static void toFirstMaximum(INDArray x, INDArray gradient, int[] kernel, INDArray result) {
        int rowLength = (int) (x.size(2) * x.size(3));
        int outputRowLength = (int) (gradient.size(2) * gradient.size(3));
        int C = (int) x.size(3);
        int H = (int) x.size(1);
        int outputH = (int) gradient.size(1);
        int coveredW = (int) gradient.size(2) * kernel[1];
        IntBuffer source = bits(x);
        IntBuffer gradients = bits(gradient);
        IntBuffer target = bits(result);
        int[] band = new int[kernel[0] * rowLength];
        int[] gradientRow = new int[outputRowLength];
        int[] largest = new int[C];
        for (int n = 0; n < x.size(0); n++) {
            for (int outputRow = 0; outputRow < outputH; outputRow++) {
                int bandStart = (n * H + outputRow * kernel[0]) * rowLength;
                source.get(bandStart, band);
                gradients.get((n * outputH + outputRow) * outputRowLength, gradientRow);
                for (int w = 0; w < coveredW; w += kernel[1]) {
                    window(band, rowLength, w * C, kernel, C, gradientRow, w / kernel[1] * C, largest);
                }
                for (int row = 0; row < kernel[0]; row++) {
                    Arrays.fill(band, row * rowLength + coveredW * C, (row + 1) * rowLength, 0);
                }
                target.put(bandStart, band);
            }
            int uncovered = (H - outputH * kernel[0]) * rowLength;
            target.put((n * H + outputH * kernel[0]) * rowLength, new int[uncovered]);
        }
    }

    /** Replaces the values of one window of {@code band} by their gradients, for all C channels. */
    private static void window(
            int[] band,
            int rowLength,
            int start,
            int[] kernel,
            int C,
            int[] gradients,
            int gradientStart,
            int[] largest) {
        Arrays.fill(largest, Integer.MIN_VALUE);
        for (int row = 0; row < kernel[0]; row++) {
            for (int column = 0; column < kernel[1]; column++) {
                int position = start + row * rowLength + column * C;
                for (int c = 0; c < C; c++) {
                    int ordered = inOrder(band[position + c]);
                    band[position + c] = ordered;
                    largest[c] = Math.max(largest[c], ordered);
                }
            }
        }
        for (int row = 0; row < kernel[0]; row++) {
            for (int column = 0; column < kernel[1]; column++) {
                int position = start + row * rowLength + column * C;
                for (int c = 0; c < C; c++) {
                    int difference = band[position + c] ^ largest[c];
                    int isLargest = ~((difference | -difference) >> 31);
                    int share = gradients[gradientStart + c] & isLargest;
                    gradients[gradientStart + c] &= ~isLargest;
                    band[position + c] = share;
                }
            }
        }
    }

    /** Maps a float's bits to an int of the same order; of the two zeros, the positive one is the larger. */
    private static int inOrder(int bits) {
        return bits ^ (bits >> 31 & Integer.MAX_VALUE);
    }

    /** The bits of a float32 array that {@link #canRead}. */
    static IntBuffer bits(INDArray array) {
        IntPointer pointer = new IntPointer(array.data().addressPointer());
        return pointer.capacity(array.length()).asBuffer();
    }

    /** The numbers of a float32 array that {@link #canRead}. */
    static FloatBuffer floats(INDArray array) {
        FloatPointer pointer = new FloatPointer(array.data().addressPointer());
        return pointer.capacity(array.length()).asBuffer();
    }
}
