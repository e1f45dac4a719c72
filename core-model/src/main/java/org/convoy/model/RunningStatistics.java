package org.convoy.model;

import java.io.Serializable;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where batch norm's running means and variances lie in a network's parameters, and how they are averaged over workers.
 *
 * <p>The variance of data that lies with several workers is the mean of their variances plus the variance of their means:
 * the mean of their variances alone, or of the logarithms that DL4J keeps, leaves out what the workers differ by. A plain
 * weighted mean of vectors gives the right one if each variance has been replaced by the second moment around a point that
 * all workers share, here the mean that the round started from: near the workers' own means, so that nothing cancels.
 *
 * <p>Vectors are θ in {@link Replica#parameters()}'s order; what follows θ in a vector is left alone, as are the vectors'
 * positions. In a network without batch norm every method does nothing.
 */
public final class RunningStatistics implements Serializable {
    private static final long serialVersionUID = 1L;
    /** Smallest variance that is written: it has a logarithm. */
    private static final double SMALLEST_VARIANCE = Float.MIN_NORMAL;

    private final List<BatchNorm> layers;

    /** How DL4J keeps a variance. */
    private enum Encoding {
        VARIANCE {
            @Override
            double variance(float encoded) {
                return encoded;
            }

            @Override
            float encode(double variance) {
                return (float) variance;
            }
        },
        LOG10_DEVIATION {
            @Override
            double variance(float encoded) {
                return Math.pow(10, 2.0 * encoded);
            }

            @Override
            float encode(double variance) {
                return (float) (Math.log10(variance) / 2);
            }
        };

        abstract double variance(float encoded);

        abstract float encode(double variance);
    }

    /**
     * One batch norm layer.
     *
     * @param means where the first channel's running mean lies in θ
     * @param variances where the first channel's running variance lies
     */
    private record BatchNorm(int means, int variances, int channels, Encoding encoding) implements Serializable {}

    private RunningStatistics(List<BatchNorm> layers) {
        this.layers = List.copyOf(layers);
    }

    /** Those of a network without batch norm. */
    public static RunningStatistics none() {
        return new RunningStatistics(List.of());
    }

    /**
     * Those of a network's trained layers.
     *
     * @param frozen how many parameters come before the trained ones
     */
    static RunningStatistics of(Dl4jNetwork network, int frozen) {
        List<BatchNorm> layers = new ArrayList<>();
        for (Layer layer : network.layers()) {
            if (!(layer instanceof FrozenLayer) && layer.conf().getLayer() instanceof BatchNormalization batchNorm) {
                boolean logarithmic = batchNorm.isUseLogStd();
                INDArray means = layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN);
                INDArray variances = layer.getParam(
                        logarithmic
                                ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                                : BatchNormalizationParamInitializer.GLOBAL_VAR);
                layers.add(new BatchNorm(
                        position(means, network) - frozen,
                        position(variances, network) - frozen,
                        Math.toIntExact(means.length()),
                        logarithmic ? Encoding.LOG10_DEVIATION : Encoding.VARIANCE));
            }
        }
        return new RunningStatistics(layers);
    }

    /** Where in θ the view {@code parameter} begins. */
    private static int position(INDArray parameter, Dl4jNetwork network) {
        return Math.toIntExact(parameter.offset() - network.parameters().offset());
    }

    /** Channels of all batch norm layers together; 0 if there is none. */
    public int channels() {
        return layers.stream().mapToInt(BatchNorm::channels).sum();
    }

    /**
     * Puts second moments in place of the variances, to be averaged with other workers' vectors. Where only changes since the
     * start travel, the start needs it too: its own moments are its variances.
     *
     * @param vector θ of one worker
     * @param start θ that all workers started the round from; of it, only the running means are read
     */
    public void toMoments(FloatBuffer vector, FloatBuffer start) {
        for (BatchNorm layer : layers) {
            for (int c = 0; c < layer.channels(); c++) {
                double variance = layer.encoding().variance(vector.get(layer.variances() + c));
                double shift = shift(layer, c, vector, start);
                vector.put(layer.variances() + c, (float) (variance + shift * shift));
            }
        }
    }

    /**
     * Puts variances back in place of the second moments.
     *
     * @param vector weighted mean of vectors that {@link #toMoments} prepared
     * @param start as given to {@link #toMoments}
     */
    public void fromMoments(FloatBuffer vector, FloatBuffer start) {
        for (BatchNorm layer : layers) {
            for (int c = 0; c < layer.channels(); c++) {
                double shift = shift(layer, c, vector, start);
                double variance = vector.get(layer.variances() + c) - shift * shift;
                vector.put(layer.variances() + c, encode(variance, layer));
            }
        }
    }

    /**
     * Puts what was observed in place of the running means and variances, as one pass over the training data with fixed
     * weights gives them (Izmailov et al. 2018, algorithm 1, last step).
     *
     * @param vector θ that was observed
     * @throws IllegalArgumentException if it is of no example or of another network
     */
    public void write(ObservedStatistics observed, FloatBuffer vector) {
        if (observed.examples() == 0 || observed.channels() != channels()) {
            throw new IllegalArgumentException("statistics must be of " + channels()
                    + " channels and at least 1 example but were of " + observed.channels() + " and "
                    + observed.examples());
        }
        int channel = 0;
        for (BatchNorm layer : layers) {
            for (int c = 0; c < layer.channels(); c++) {
                vector.put(layer.means() + c, (float) observed.mean(channel));
                vector.put(layer.variances() + c, encode(observed.variance(channel), layer));
                channel++;
            }
        }
    }

    /** Takes over the running means and variances of {@code from}. */
    public void copy(FloatBuffer from, FloatBuffer to) {
        for (BatchNorm layer : layers) {
            for (int c = 0; c < layer.channels(); c++) {
                to.put(layer.means() + c, from.get(layer.means() + c));
                to.put(layer.variances() + c, from.get(layer.variances() + c));
            }
        }
    }

    private static double shift(BatchNorm layer, int channel, FloatBuffer vector, FloatBuffer start) {
        int position = layer.means() + channel;
        return (double) vector.get(position) - start.get(position);
    }

    /** A variance that is no number stays none, for who looks for divergence. */
    private static float encode(double variance, BatchNorm layer) {
        return layer.encoding().encode(Math.max(SMALLEST_VARIANCE, variance));
    }
}
