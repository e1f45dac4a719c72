package org.convoy.model.engine;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A few milliseconds of matrix product and convolution: whether the native settings took hold.
 *
 * @param productGigaflops 10⁹ float32 operations per second of a matrix product (OpenBLAS)
 * @param convolutionGigaflops the same of a 3x3 convolution (oneDNN)
 * @param expectedGigaflops what a processor of this class does with this many threads
 */
public record SpeedProbe(double productGigaflops, double convolutionGigaflops, double expectedGigaflops) {
    /** Below this share of the expected speed something is wrong, not merely busy. */
    private static final double ALARMING_SHARE = 0.33;

    private static final int RUNS = 5;

    /** Measures this process; loads the native libraries if they are not yet. */
    public static SpeedProbe run(NativeSettings settings) {
        return new SpeedProbe(
                product(256),
                convolution(4, 64, 14),
                settings.instructionSet().typicalGigaflopsPerThread() * settings.threadsPerWorker());
    }

    /** One line if the speed is far below what this class of processor does. */
    public Optional<String> warning() {
        if (Math.min(productGigaflops, convolutionGigaflops) >= ALARMING_SHARE * expectedGigaflops) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                "matrix product %.0f and convolution %.0f GFLOP/s, where this class of processor does about %.0f: "
                        + "the machine is busy, or a native setting did not take hold",
                productGigaflops, convolutionGigaflops, expectedGigaflops));
    }

    /** Product of two [size, size] matrices. */
    private static double product(int size) {
        INDArray a = Nd4j.rand(DataType.FLOAT, size, size);
        INDArray b = Nd4j.rand(DataType.FLOAT, size, size);
        INDArray result = Nd4j.createUninitialized(DataType.FLOAT, new long[] {size, size}, 'f');
        return gigaflops(2.0 * size * size * size, () -> Nd4j.gemm(a, b, result, false, false, 1.0, 0.0));
    }

    /** 3x3 convolution in same mode of [N, size, size, C] to as many channels. */
    private static double convolution(int N, int C, int size) {
        INDArray x = Nd4j.rand(DataType.FLOAT, N, size, size, C);
        INDArray weights = Nd4j.rand(DataType.FLOAT, C, C, 3, 3);
        INDArray y = Nd4j.createUninitialized(DataType.FLOAT, N, size, size, C);
        DynamicCustomOp operation = DynamicCustomOp.builder("conv2d")
                .addInputs(x, weights)
                .addOutputs(y)
                .addIntegerArguments(3, 3, 1, 1, 0, 0, 1, 1, 1, 1, 1)
                .build();
        return gigaflops(2.0 * 9 * N * size * size * C * C, () -> Nd4j.exec(operation));
    }

    private static double gigaflops(double operations, Runnable step) {
        long best = Long.MAX_VALUE;
        for (int run = 0; run < RUNS; run++) {
            long start = System.nanoTime();
            step.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        return operations / best;
    }
}
