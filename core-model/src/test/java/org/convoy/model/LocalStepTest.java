package org.convoy.model;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import org.convoy.model.LocalStep.Role;
import org.convoy.model.LocalStep.Tensor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class LocalStepTest {
    private static final double RATE = 0.1;
    private static final double MOMENTUM = 0.9;
    private static final int N = 4;

    // Longer than a chunk, so that the second one counts.
    private static final int WEIGHTS = 5000;
    private static final int TRAINED = WEIGHTS + 2;
    private static final List<Tensor> TENSORS = List.of(
            new Tensor(Role.WEIGHT, 0, WEIGHTS, 0, TRAINED, 1),
            new Tensor(Role.OTHER, WEIGHTS, 2, WEIGHTS, TRAINED + WEIGHTS, 1),
            new Tensor(Role.STATISTIC, TRAINED, 1, 2 * TRAINED, 2 * TRAINED, 1));

    @ParameterizedTest
    @CsvSource({
        "sgd, 0, 0, 0",
        "sgd, 0.1, 0, 0",
        "sgd, 0, 0.01, 0.02",
        "nesterov, 0, 0, 0",
        "nesterov, 0.1, 0, 0",
        "nesterov, 0, 0.01, 0.02",
        "adam, 0, 0, 0",
        "adam, 0, 0.01, 0.02",
        "adamw, 0, 0, 0",
        "adamw, 0.1, 0, 0",
        "adamw, 0.1, 0.01, 0.02",
        "lamb, 0, 0, 0",
        "lamb, 0.1, 0, 0",
        "lamb, 0.1, 0.01, 0.02",
        "lars, 0, 0, 0",
        "lars, 0.1, 0, 0",
        "lars, 0.1, 0.01, 0.02"
    })
    void stepsByItsFormula(String name, double weightDecay, double l1, double l2) {
        double rate = name.equals("lars") ? 30 * RATE : RATE;
        Regularisation regularisation = new Regularisation(weightDecay, l1, l2, 0, 0);
        Optimiser optimiser = new Optimiser(name, rate, MOMENTUM, regularisation, new Schedule.Constant());
        float[] parameters = values(1, TRAINED + 1);
        float[] gradient = new float[TRAINED + 1];
        LocalStep step = step(optimiser, parameters, gradient);
        Formula expected = new Formula(optimiser, parameters);

        for (int t = 1; t <= 3; t++) {
            float[] sums = values(10 + t, TRAINED + 1);
            System.arraycopy(sums, 0, gradient, 0, sums.length);
            step.take(N, t - 1, rate);
            expected.step(sums, t, rate);
        }

        for (int i = 0; i < parameters.length; i++) {
            assertThat((double) parameters[i]).as("value %s", i).isCloseTo(expected.theta[i], within(5e-6));
        }
    }

    /** The formulas of the papers, in double, one value after the other. */
    private static final class Formula {
        private final Optimiser optimiser;
        private final double[] theta;
        private final double[] first = new double[TRAINED];
        private final double[] second = new double[TRAINED];

        Formula(Optimiser optimiser, float[] start) {
            this.optimiser = optimiser;
            theta = new double[start.length];
            for (int i = 0; i < start.length; i++) {
                theta[i] = start[i];
            }
        }

        void step(float[] sums, int t, double rate) {
            step(sums, 0, WEIGHTS, t, rate, true);
            step(sums, WEIGHTS, TRAINED, t, rate, false);
            theta[TRAINED] -= sums[TRAINED];
        }

        private void step(float[] sums, int from, int to, int t, double rate, boolean weights) {
            double decay = weights ? optimiser.regularisation().weightDecay() : 0;
            double[] mean = new double[to];
            for (int i = from; i < to; i++) {
                mean[i] = (double) sums[i] / N;
                if (weights) {
                    mean[i] += optimiser.regularisation().l1() * Math.signum(theta[i]);
                    mean[i] += optimiser.regularisation().l2() * theta[i];
                }
            }
            double[] lamb = new double[to];
            for (int i = from; i < to; i++) {
                if (optimiser.name().startsWith("adam") || optimiser.name().equals("lamb")) {
                    first[i] = 0.9 * first[i] + 0.1 * mean[i];
                    second[i] = 0.999 * second[i] + 0.001 * mean[i] * mean[i];
                    double corrected = second[i] / (1 - Math.pow(0.999, t));
                    lamb[i] = first[i] / (1 - Math.pow(0.9, t)) / (Math.sqrt(corrected) + 1e-6) + decay * theta[i];
                }
            }
            double lambTrust = weights ? norm(theta, from, to) / norm(lamb, from, to) : 1;
            double larsTrust = weights
                    ? 0.001 * norm(theta, from, to) / (norm(mean, from, to) + decay * norm(theta, from, to))
                    : 1;
            for (int i = from; i < to; i++) {
                switch (optimiser.name()) {
                    case "sgd" -> theta[i] -= rate * mean[i] + rate * decay * theta[i];
                    case "nesterov" -> {
                        double shrunk = theta[i] - rate * decay * theta[i];
                        first[i] = MOMENTUM * first[i] - rate * mean[i];
                        // θ stands at the look-ahead point: the velocity once more, and the gradient again.
                        theta[i] = shrunk + MOMENTUM * first[i] - rate * mean[i];
                    }
                    case "adam", "adamw" -> {
                        // ε as in Kingma and Ba's efficient form, the end of section 2.
                        double unbiased = rate * Math.sqrt(1 - Math.pow(0.999, t)) / (1 - Math.pow(0.9, t));
                        theta[i] -= unbiased * first[i] / (Math.sqrt(second[i]) + 1e-8) + rate * decay * theta[i];
                    }
                    case "lamb" -> theta[i] -= rate * lambTrust * lamb[i];
                    default -> {
                        first[i] = MOMENTUM * first[i] + rate * larsTrust * (mean[i] + decay * theta[i]);
                        theta[i] -= first[i];
                    }
                }
            }
        }

        private static double norm(double[] values, int from, int to) {
            double squares = 0;
            for (int i = from; i < to; i++) {
                squares += values[i] * values[i];
            }
            return Math.sqrt(squares);
        }
    }

    @Test
    void shortensALongMeanGradientToTheClippingNorm() {
        float[] sums = values(3, TRAINED + 1);
        float[] unclipped = stepped(sums, 0);
        double norm = length(unclipped);

        float[] clipped = stepped(sums, norm / 4);

        assertThat(length(clipped)).isCloseTo(norm / 4, within(1e-4));
        for (int i = 0; i < TRAINED; i++) {
            assertThat(clipped[i]).isCloseTo(unclipped[i] / 4, within(1e-6f));
        }
    }

    @Test
    void leavesAMeanGradientBelowTheClippingNormAsItIs() {
        float[] sums = values(3, TRAINED + 1);

        assertThat(stepped(sums, 1000)).isEqualTo(stepped(sums, 0));
    }

    @Test
    void aStatisticIsSubtractedWholeWhateverTheRateAndTheClipping() {
        float[] sums = values(3, TRAINED + 1);

        assertThat(stepped(sums, 0.001)[TRAINED]).isEqualTo(-sums[TRAINED]);
    }

    /** Where one step of sgd at rate 1 leads from 0: minus the mean gradient. */
    private static float[] stepped(float[] sums, double clippingNorm) {
        Regularisation regularisation = new Regularisation(0, 0, 0, clippingNorm, 0);
        Optimiser optimiser = new Optimiser("sgd", 1, 0, regularisation, new Schedule.Constant());
        float[] parameters = new float[TRAINED + 1];
        step(optimiser, parameters, sums.clone()).take(N, 0, 1);
        return parameters;
    }

    private static double length(float[] parameters) {
        double squares = 0;
        for (int i = 0; i < TRAINED; i++) {
            squares += (double) parameters[i] * parameters[i];
        }
        return Math.sqrt(squares);
    }

    @Test
    void weightsAtZeroCanLeaveIt() {
        for (String name : List.of("lamb", "lars")) {
            float[] parameters = new float[TRAINED + 1];
            step(new Optimiser(name, RATE, MOMENTUM), parameters, values(3, TRAINED + 1))
                    .take(N, 0, RATE);

            assertThat(parameters).as(name).doesNotContain(0f, Float.NaN);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "nesterov", "adam"})
    void stepsAsDl4jDoesAroundBatchNormsRunningAverages(String name) {
        Optimiser optimiser = new Optimiser(name, 0.01, MOMENTUM);
        MultiLayerNetwork dl4j = batchNormNetwork(optimiser);
        MultiLayerNetwork own = batchNormNetwork(optimiser);
        LocalStep step = LocalStep.of(Dl4jNetwork.of(own), 0, optimiser);

        for (int i = 0; i < 3; i++) {
            DataSet batch = batch(i);
            dl4j.fit(batch);
            own.setInput(batch.getFeatures());
            own.setLabels(batch.getLabels());
            own.computeGradientAndScore();
            step.take(batch.numExamples(), i, 0.01);
        }

        ReplicaTest.assertClose(
                TestNetworks.values(FlatVector.view(own.params())),
                TestNetworks.values(FlatVector.view(dl4j.params())));
        INDArray state = dl4j.getUpdater().getStateViewArray();
        if (state != null) {
            ReplicaTest.assertClose(
                    TestNetworks.values(FlatVector.view(own.getUpdater().getStateViewArray())),
                    TestNetworks.values(FlatVector.view(state)));
        }
    }

    @Test
    void decayActsOnWeightsAlone() {
        Regularisation decay = new Regularisation(0.5, 0, 0, 0, 0);
        Optimiser optimiser = new Optimiser("sgd", 1, 0, decay, new Schedule.Constant());
        MultiLayerNetwork network = batchNormNetwork(optimiser);
        LocalStep step = LocalStep.of(Dl4jNetwork.of(network), 0, optimiser);
        network.params().assign(1);
        network.getFlattenedGradients().assign(0);

        step.take(N, 0, 1);

        network.paramTable()
                .forEach((name, values) -> assertThat(values.dup().data().asFloat())
                        .as(name)
                        .containsOnly(name.endsWith("_W") ? 0.5f : 1f));
    }

    private static MultiLayerNetwork batchNormNetwork(Optimiser optimiser) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(optimiser.updater())
                .activation(Activation.TANH)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                .layer(new BatchNormalization())
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(5).build())
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

    private static DataSet batch(long seed) {
        INDArray features = Nd4j.create(values(seed, 6 * 64), new long[] {6, 1, 8, 8}, 'c');
        INDArray labels = Nd4j.zeros(DataType.FLOAT, 6, 3);
        for (int i = 0; i < 6; i++) {
            labels.putScalar(i, i % 3, 1);
        }
        return new DataSet(features, labels);
    }

    private static LocalStep step(Optimiser optimiser, float[] parameters, float[] gradient) {
        return new LocalStep(
                optimiser,
                TENSORS,
                FloatBuffer.wrap(parameters),
                FloatBuffer.wrap(gradient),
                FloatBuffer.allocate(2 * TRAINED));
    }

    private static float[] values(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
