package org.convoy.model;

import java.util.Arrays;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Gabor filters as the initial weights of a first convolution, in place of noise (Özbulak and Ekenel 2018): waves under a bell,
 * which is what trained first layers come to look like. A filter is exp(−(x'² + γ²y'²) / 2σ²) · cos(2πx'/λ + ψ), where x' =
 * x·cos θ + y·sin θ and y' = −x·sin θ + y·cos θ (Daugman 1985), with γ = 1/2 and σ = 0.56·λ, a bandwidth of one octave; θ, ψ
 * and the wavelength λ, from 2 pixels to the kernel's side and one more, are drawn for each. It is the same for all channels
 * of the picture, sums to 0, and has the variance that He et al. 2015 give to noise.
 */
final class GaborFilters {
    private static final double GAMMA = 0.5;
    private static final double SIGMA_BY_WAVELENGTH = 0.56;

    private GaborFilters() {}

    /** Writes the weights of the first convolution; the same for the same seed. */
    static void write(Dl4jNetwork network, long seed) {
        Layer first = Arrays.stream(network.layers())
                .filter(ConvolutionLayer.class::isInstance)
                .findFirst()
                .orElseThrow();
        INDArray weights = first.getParam(ConvolutionParamInitializer.WEIGHT_KEY); // [outputs, C, kernel, kernel]
        int kernel = (int) weights.size(2);
        long C = weights.size(1);
        Random random = new Random(seed);
        for (long filter = 0; filter < weights.size(0); filter++) {
            double[] values = filter(kernel, random);
            standardise(values, Math.sqrt(2.0 / (C * values.length)));
            for (long channel = 0; channel < C; channel++) {
                for (int i = 0; i < values.length; i++) {
                    weights.putScalar(new long[] {filter, channel, i / kernel, i % kernel}, values[i]);
                }
            }
        }
    }

    /** One filter, row by row. */
    private static double[] filter(int kernel, Random random) {
        double theta = Math.PI * random.nextDouble();
        double psi = 2 * Math.PI * random.nextDouble();
        double lambda = 2 + (kernel - 1) * random.nextDouble();
        double sigma = SIGMA_BY_WAVELENGTH * lambda;
        double[] values = new double[kernel * kernel];
        for (int i = 0; i < values.length; i++) {
            int row = i / kernel;
            int column = i % kernel;
            double x = column - (kernel - 1) / 2.0;
            double y = row - (kernel - 1) / 2.0;
            double along = x * Math.cos(theta) + y * Math.sin(theta);
            double across = -x * Math.sin(theta) + y * Math.cos(theta);
            double bell = Math.exp(-(along * along + GAMMA * GAMMA * across * across) / (2 * sigma * sigma));
            values[i] = bell * Math.cos(2 * Math.PI * along / lambda + psi);
        }
        return values;
    }

    private static void standardise(double[] values, double deviation) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double variance = Arrays.stream(values)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow();
        for (int i = 0; i < values.length; i++) {
            values[i] = variance > 0 ? (values[i] - mean) / Math.sqrt(variance) * deviation : 0;
        }
    }
}
