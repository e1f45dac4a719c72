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
        int C = (int) x.size(3);
        int H = (int) x.size(1);
        int rowLength = (int) x.size(2) * C;
        int outputH = (int) gradient.size(1);
        int outputRowLength = (int) gradient.size(2) * C;
        IntBuffer source = bits(x);
        IntBuffer gradients = bits(gradient);
        IntBuffer target = bits(result);
        int[] band = new int[kernel[0] * rowLength];
        int[] gradientRow = new int[outputRowLength];
        int[] largest = new int[outputRowLength];
        // One plane for each position in the window: long loops, which the compiler vectorises for any C.
        int[][] planes = new int[kernel[0] * kernel[1]][outputRowLength];
        for (int n = 0; n < x.size(0); n++) {
            for (int outputRow = 0; outputRow < outputH; outputRow++) {
                int bandStart = (n * H + outputRow * kernel[0]) * rowLength;
                source.get(bandStart, band);
                gradients.get((n * outputH + outputRow) * outputRowLength, gradientRow);
                for (int position = 0; position < planes.length; position++) {
                    int corner = position / kernel[1] * rowLength + position % kernel[1] * C;
                    for (int start = 0; start < outputRowLength; start += C) {
                        System.arraycopy(band, corner + start * kernel[1], planes[position], start, C);
                    }
                }
                share(planes, gradientRow, largest);
                Arrays.fill(band, 0);
                for (int position = 0; position < planes.length; position++) {
                    int corner = position / kernel[1] * rowLength + position % kernel[1] * C;
                    for (int start = 0; start < outputRowLength; start += C) {
                        System.arraycopy(planes[position], start, band, corner + start * kernel[1], C);
                    }
                }
                target.put(bandStart, band);
            }
            int uncovered = (H - outputH * kernel[0]) * rowLength;
            target.put((n * H + outputH * kernel[0]) * rowLength, new int[uncovered]);
        }
    }

    /** Replaces the values in {@code planes} by their gradients; {@code gradients} is used up. */
    private static void share(int[][] planes, int[] gradients, int[] largest) {
        Arrays.fill(largest, Integer.MIN_VALUE);
        for (int[] plane : planes) {
            for (int i = 0; i < plane.length; i++) {
                largest[i] = Math.max(largest[i], inOrder(plane[i]));
            }
        }
        for (int[] plane : planes) {
            for (int i = 0; i < plane.length; i++) {
                int difference = inOrder(plane[i]) ^ largest[i];
                int isLargest = ~((difference | -difference) >> 31);
                plane[i] = gradients[i] & isLargest;
                gradients[i] &= ~isLargest;
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
