package org.convoy.model;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.TestNetworks.values;

/** On a network of two batch norm layers: one keeps logarithms, the other variances. */
class RunningStatisticsTest {
    private static final int CHANNELS = 9;
    private static final int LOGARITHMIC_CHANNELS = 4;
    private static final double[] SOME_MEANS = {0, 1, -2, 30, 0, 1, -2, 30, 0.1};
    private static final double[] SOME_VARIANCES = {1, 1e-3, 4, 900, 1, 1e-3, 4, 900, 1e-4};

    private final MultiLayerNetwork network = network();
    private final RunningStatistics statistics = RunningStatistics.of(Dl4jNetwork.of(network), 0);

    @Test
    void countsTheChannels() {
        assertThat(statistics.channels()).isEqualTo(CHANNELS);
    }

    @Test
    void identicalReplicasAverageToThemselves() {
        float[] replica = parametersWith(SOME_MEANS, SOME_VARIANCES);
        double[] startMeans = {0, 1.01, -1, 28, 0.5, 0.98, -2.2, 31, 0.11};
        float[] start = parametersWith(startMeans, SOME_VARIANCES);

        float[] average = average(start, new float[][] {replica, replica, replica}, new int[] {5, 64, 31});

        double[] variances = variancesIn(average);
        double[] expected = variancesIn(replica);
        for (int c = 0; c < CHANNELS; c++) {
            assertThat(variances[c]).isCloseTo(expected[c], within(1e-6 * expected[c]));
        }
        assertThat(withoutVariances(average)).isEqualTo(withoutVariances(replica));
    }

    @Test
    void workersAverageToTheStatisticsOfTheirJoinedData() {
        Random random = new Random(1);
        int[] examples = {30, 90};
        double[][][] data = new double[2][CHANNELS][];
        float[][] workers = new float[2][];
        for (int worker = 0; worker < 2; worker++) {
            for (int c = 0; c < CHANNELS; c++) {
                double centre = (worker + 0.5) * (c + 3);
                double width = 1 + worker + 0.1 * c;
                data[worker][c] = random.doubles(examples[worker], centre - width, centre + width)
                        .toArray();
            }
            workers[worker] = parametersWith(means(data[worker]), variances(data[worker]));
        }
        double[][] joined = new double[CHANNELS][];
        for (int c = 0; c < CHANNELS; c++) {
            joined[c] = DoubleStream.concat(DoubleStream.of(data[0][c]), DoubleStream.of(data[1][c]))
                    .toArray();
        }
        float[] start = parametersWith(new double[CHANNELS], SOME_VARIANCES);

        float[] average = average(start, workers, examples);

        double[] variances = variancesIn(average);
        double[] wrong = variancesIn(mean(workers, examples));
        for (int c = 0; c < CHANNELS; c++) {
            double expected = variances(joined)[c];
            assertThat(meansIn(average)[c]).isCloseTo(means(joined)[c], within(1e-6 * Math.sqrt(expected)));
            assertThat(variances[c]).isCloseTo(expected, within(2e-6 * expected));
            assertThat(wrong[c]).isLessThan(0.9 * expected);
        }
    }

    /** So what a round changed can travel in place of what it reached. */
    @Test
    void theStartsOwnMomentsAreItsVariances() {
        float[] start = parametersWith(SOME_MEANS, SOME_VARIANCES);

        statistics.toMoments(FloatBuffer.wrap(start), FloatBuffer.wrap(start));

        put(1, BatchNormalizationParamInitializer.GLOBAL_LOG_STD, Arrays.copyOf(SOME_VARIANCES, LOGARITHMIC_CHANNELS));
        ReplicaTest.assertClose(start, values(FlatVector.view(network.params())));
    }

    @Test
    void touchesNothingButTheVariances() {
        float[] vector = parametersWith(SOME_MEANS, SOME_VARIANCES);
        float[] before = vector.clone();

        statistics.toMoments(FloatBuffer.wrap(vector), FloatBuffer.wrap(new float[vector.length]));

        assertThat(variancesIn(vector)).isNotEqualTo(variancesIn(before));
        assertThat(withoutVariances(vector)).isEqualTo(withoutVariances(before));
    }

    @Test
    void aVarianceThatRoundingPutsBelowZeroBecomesTiny() {
        float[] vector = parametersWith(SOME_MEANS, SOME_VARIANCES);

        statistics.fromMoments(FloatBuffer.wrap(vector), FloatBuffer.wrap(parametersWith(others(), SOME_VARIANCES)));

        assertThat(DoubleStream.of(variancesIn(vector))).allMatch(variance -> variance > 1e-38 && variance < 1.3e-38);
    }

    /** Means so far from {@link #SOME_MEANS} that the squared distance is above every variance. */
    private static double[] others() {
        return DoubleStream.of(SOME_MEANS).map(mean -> mean + 1000).toArray();
    }

    @Test
    void aVarianceThatIsNoNumberStaysNone() {
        float[] vector = new float[(int) network.numParams()];
        Arrays.fill(vector, Float.NaN);

        statistics.fromMoments(FloatBuffer.wrap(vector), FloatBuffer.wrap(vector));

        assertThat(vector).containsOnly(Float.NaN);
    }

    @Test
    void aNetworkWithoutBatchNormHasNone() {
        RunningStatistics none = TestNetworks.spec("lenet-5").replica().runningStatistics();

        assertThat(none.channels()).isZero();
        assertThatCode(() -> none.toMoments(FloatBuffer.allocate(0), FloatBuffer.allocate(0)))
                .doesNotThrowAnyException();
    }

    /** As the averaging loop does it. */
    private float[] average(float[] start, float[][] workers, int[] examples) {
        float[][] sent = Arrays.stream(workers).map(float[]::clone).toArray(float[][]::new);
        for (float[] vector : sent) {
            statistics.toMoments(FloatBuffer.wrap(vector), FloatBuffer.wrap(start));
        }
        float[] average = mean(sent, examples);
        statistics.fromMoments(FloatBuffer.wrap(average), FloatBuffer.wrap(start));
        return average;
    }

    private static float[] mean(float[][] vectors, int[] examples) {
        float[] mean = new float[vectors[0].length];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (int k = 0; k < vectors.length; k++) {
                sum += (double) examples[k] * vectors[k][i];
            }
            mean[i] = (float) (sum / IntStream.of(examples).sum());
        }
        return mean;
    }

    private static double[] means(double[][] channels) {
        return Arrays.stream(channels)
                .mapToDouble(values -> DoubleStream.of(values).average().orElseThrow())
                .toArray();
    }

    private static double[] variances(double[][] channels) {
        return Arrays.stream(channels)
                .mapToDouble(values -> {
                    double mean = DoubleStream.of(values).average().orElseThrow();
                    return DoubleStream.of(values)
                            .map(value -> (value - mean) * (value - mean))
                            .average()
                            .orElseThrow();
                })
                .toArray();
    }

    private float[] parametersWith(double[] means, double[] variances) {
        double[] deviations = DoubleStream.of(variances)
                .map(variance -> Math.log10(variance) / 2)
                .toArray();
        put(1, BatchNormalizationParamInitializer.GLOBAL_MEAN, Arrays.copyOf(means, LOGARITHMIC_CHANNELS));
        put(1, BatchNormalizationParamInitializer.GLOBAL_LOG_STD, Arrays.copyOf(deviations, LOGARITHMIC_CHANNELS));
        put(3, BatchNormalizationParamInitializer.GLOBAL_MEAN, after(means));
        put(3, BatchNormalizationParamInitializer.GLOBAL_VAR, after(variances));
        return values(FlatVector.view(network.params()));
    }

    private static double[] after(double[] values) {
        return Arrays.copyOfRange(values, LOGARITHMIC_CHANNELS, CHANNELS);
    }

    private void put(int layer, String parameter, double[] values) {
        INDArray view = network.getLayer(layer).getParam(parameter);
        view.assign(Nd4j.createFromArray(values).reshape(view.shape()));
    }

    private double[] meansIn(float[] parameters) {
        FlatVector.write(FloatBuffer.wrap(parameters), network.params());
        return DoubleStream.concat(
                        doubles(1, BatchNormalizationParamInitializer.GLOBAL_MEAN),
                        doubles(3, BatchNormalizationParamInitializer.GLOBAL_MEAN))
                .toArray();
    }

    private double[] variancesIn(float[] parameters) {
        FlatVector.write(FloatBuffer.wrap(parameters), network.params());
        return DoubleStream.concat(
                        doubles(1, BatchNormalizationParamInitializer.GLOBAL_LOG_STD)
                                .map(deviation -> Math.pow(10, 2 * deviation)),
                        doubles(3, BatchNormalizationParamInitializer.GLOBAL_VAR))
                .toArray();
    }

    private DoubleStream doubles(int layer, String parameter) {
        return DoubleStream.of(
                network.getLayer(layer).getParam(parameter).dup().data().asDouble());
    }

    private float[] withoutVariances(float[] parameters) {
        FlatVector.write(FloatBuffer.wrap(parameters), network.params());
        put(1, BatchNormalizationParamInitializer.GLOBAL_LOG_STD, new double[LOGARITHMIC_CHANNELS]);
        put(3, BatchNormalizationParamInitializer.GLOBAL_VAR, after(new double[CHANNELS]));
        return values(FlatVector.view(network.params()));
    }

    private static MultiLayerNetwork network() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(LOGARITHMIC_CHANNELS)
                        .build())
                .layer(new BatchNormalization())
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(CHANNELS - LOGARITHMIC_CHANNELS)
                        .build())
                .layer(new BatchNormalization.Builder().useLogStd(false).build())
                .layer(new OutputLayer.Builder()
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
        network.init();
        return network;
    }
}
