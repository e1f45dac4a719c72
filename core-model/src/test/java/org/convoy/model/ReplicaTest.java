package org.convoy.model;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.convoy.model.layer.FastLayers;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.TestNetworks.values;

class ReplicaTest {
    private static final int BATCH = 8;
    private static final double RATE = 0.01;

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "nesterov", "adam", "adamw", "lamb", "lars"})
    void goesOnBitForBitFromParametersStateAndIteration(String optimiser) {
        NetworkSpec spec = TestNetworks.spec("lenet-5", TestNetworks.GREY_28, new Optimiser(optimiser, RATE, 0.9));
        byte[] pixels = TestNetworks.pixels(BATCH, spec.input(), 1);
        Labels labels = TestNetworks.labels(BATCH, spec.classes(), 2);
        Replica uninterrupted = spec.replica();
        fit(uninterrupted, 5, pixels, labels);
        float[] parameters = values(uninterrupted.parameters());
        float[] state = values(uninterrupted.optimiserState());
        fit(uninterrupted, 5, pixels, labels);

        Replica resumed = spec.replica();
        fit(resumed, 2, pixels, labels);
        resumed.load(FloatBuffer.wrap(parameters), FloatBuffer.wrap(state), 5);
        fit(resumed, 5, pixels, labels);

        assertThat(values(resumed.parameters())).isEqualTo(values(uninterrupted.parameters()));
        assertThat(values(resumed.optimiserState())).isEqualTo(values(uninterrupted.optimiserState()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "nesterov", "adam"})
    void stepsAsDl4jDoes(String optimiser) {
        NetworkSpec spec = TestNetworks.spec("lenet-5", TestNetworks.GREY_28, new Optimiser(optimiser, RATE, 0.9));
        MultiLayerNetwork dl4j = StockDl4j.network(spec);
        FastLayers.install(dl4j);
        Replica replica = spec.replica();
        for (int step = 0; step < 5; step++) {
            byte[] pixels = TestNetworks.pixels(7, spec.input(), step);
            Labels labels = TestNetworks.labels(7, spec.classes(), step);
            // Adam divides by the gradient's size: a last bit of one step would be many in the next.
            replica.load(FlatVector.view(dl4j.params()), state(dl4j), step);
            dl4j.fit(StockDl4j.minibatch(spec, pixels, labels));

            assertThat(replica.fit(pixels, labels, RATE)).isCloseTo(dl4j.score(), within(1e-6));
            assertClose(values(replica.parameters()), values(FlatVector.view(dl4j.params())));
            assertClose(values(replica.optimiserState()), values(state(dl4j)));
        }
    }

    /** With parameters and state of its own from the first step to the last. */
    @ParameterizedTest
    @ValueSource(strings = {"sgd", "nesterov"})
    void goesWhereDl4jGoes(String optimiser) {
        NetworkSpec spec = TestNetworks.spec("lenet-5", TestNetworks.GREY_28, new Optimiser(optimiser, RATE, 0.9));
        MultiLayerNetwork dl4j = StockDl4j.network(spec);
        FastLayers.install(dl4j);
        Replica replica = spec.replica();
        for (int step = 0; step < 5; step++) {
            byte[] pixels = TestNetworks.pixels(7, spec.input(), step);
            Labels labels = TestNetworks.labels(7, spec.classes(), step);
            dl4j.fit(StockDl4j.minibatch(spec, pixels, labels));
            replica.fit(pixels, labels, RATE);
        }

        assertClose(values(replica.parameters()), values(FlatVector.view(dl4j.params())));
        assertClose(values(replica.optimiserState()), values(state(dl4j)));
    }

    private static FloatBuffer state(MultiLayerNetwork network) {
        INDArray state = network.getUpdater().getStateViewArray();
        return state == null ? FloatBuffer.allocate(0) : FlatVector.view(state);
    }

    /** To 1e-6 of the largest value. */
    static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        assertThat(difference).isLessThanOrEqualTo(1e-6 * largest);
    }

    @Test
    void dropsOutTheSameAgainInTheSameStepOfTheSameBatchAlone() {
        NetworkSpec spec = TestNetworks.spec("vgg-16", new InputShape(3, 32, 32));
        byte[] pixels = TestNetworks.pixels(BATCH, spec.input(), 1);
        Labels labels = TestNetworks.labels(BATCH, 10, 2);
        Replica replica = spec.replica();
        FloatBuffer start = FloatBuffer.wrap(values(replica.parameters()));
        FloatBuffer noState = FloatBuffer.allocate(0);

        double loss = replica.fit(pixels, labels, RATE);
        float[] after = values(replica.parameters());

        replica.load(start, noState, 0);
        assertThat(replica.fit(pixels, labels, RATE)).isEqualTo(loss);
        assertThat(Arrays.equals(values(replica.parameters()), after)).isTrue();
        replica.load(start, noState, 1);
        assertThat(replica.fit(pixels, labels, RATE)).isNotEqualTo(loss);
    }

    @Test
    void takesTheStepSizeThatItIsGiven() {
        NetworkSpec spec = TestNetworks.spec("lenet-5", TestNetworks.GREY_28, new Optimiser("sgd", 0.5, 0));
        byte[] pixels = TestNetworks.pixels(BATCH, spec.input(), 1);
        Labels labels = TestNetworks.labels(BATCH, 10, 2);
        float[] start = values(spec.replica().parameters());
        Replica still = spec.replica();
        Replica moving = spec.replica();

        still.fit(pixels, labels, 0);
        moving.fit(pixels, labels, RATE);

        assertThat(values(still.parameters())).isEqualTo(start);
        assertThat(values(moving.parameters())).isNotEqualTo(start);
    }

    @Test
    void reportsTheLossWithoutPenaltiesAndTrainsOnSmoothedLabels() {
        byte[] pixels = TestNetworks.pixels(BATCH, TestNetworks.GREY_28, 1);
        Labels labels = TestNetworks.labels(BATCH, 10, 2);
        Replica plain = regularised(Regularisation.NONE);
        Replica penalised = regularised(new Regularisation(0.1, 0.1, 0.1, 0, 0));
        Replica smoothed = regularised(new Regularisation(0, 0, 0, 0, 0.5));

        double loss = plain.fit(pixels, labels, RATE);

        assertThat(penalised.fit(pixels, labels, RATE)).isEqualTo(loss);
        assertThat(values(penalised.parameters())).isNotEqualTo(values(plain.parameters()));
        assertThat(smoothed.fit(pixels, labels, RATE)).isNotEqualTo(loss);
    }

    private static Replica regularised(Regularisation regularisation) {
        Optimiser optimiser = new Optimiser("sgd", RATE, 0, regularisation, new Schedule.Constant());
        return TestNetworks.spec("lenet-5", TestNetworks.GREY_28, optimiser).replica();
    }

    @Test
    void emptyOptimiserStateStartsWithNone() {
        NetworkSpec spec = TestNetworks.spec("lenet-5", TestNetworks.GREY_28, new Optimiser("nesterov", RATE, 0.9));
        Replica replica = spec.replica();
        fit(replica, 2, TestNetworks.pixels(BATCH, spec.input(), 1), TestNetworks.labels(BATCH, 10, 2));

        replica.load(replica.parameters(), FloatBuffer.allocate(0), 0);

        assertThat(values(replica.optimiserState())).hasSize(431_080).containsOnly(0f);
    }

    @Test
    void readsTheParametersItWasGiven() {
        NetworkSpec spec = TestNetworks.spec("lenet-5");
        Replica replica = spec.replica();
        float[] parameters = values(replica.parameters());
        parameters[0] = 42;
        parameters[parameters.length - 1] = -42;

        replica.load(FloatBuffer.wrap(parameters), FloatBuffer.allocate(0), 0);

        assertThat(values(replica.parameters())).isEqualTo(parameters);
    }

    @Test
    void refusesPixelsThatAreNotWholePictures() {
        NetworkSpec spec = TestNetworks.spec("lenet-5");

        assertThatThrownBy(() -> spec.replica().fit(new byte[783], Labels.of(0), RATE))
                .hasMessage("pixels must hold 1 pictures of 1x28x28 (784 bytes) but had 783");
    }

    private static void fit(Replica replica, int steps, byte[] pixels, Labels labels) {
        for (int step = 0; step < steps; step++) {
            replica.fit(pixels, labels, RATE);
        }
    }
}
