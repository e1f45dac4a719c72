package org.convoy.model;

import java.io.ByteArrayInputStream;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.TestNetworks.values;

/** The local step of a network whose classes count unlike. */
class ClassWeightsTest {
    private static final List<Double> WEIGHTS = List.of(2.0, 0.5, 1.0, 4.0, 0.25, 1.0, 3.0, 1.0, 1.0, 0.1);
    private static final int[] LABELS = {0, 3, 4, 9, 1};
    private static final double RATE = 0.5;

    private final byte[] pixels = TestNetworks.pixels(LABELS.length, TestNetworks.GREY_28, 1);

    @Test
    void theOutputLayersBiasStepsByTheWeightedResidual() {
        NetworkSpec spec = weighted(WEIGHTS);
        double[][] probabilities = probabilities(spec);
        Replica replica = spec.replica();
        float[] before = values(replica.parameters());

        replica.fit(pixels, Labels.of(LABELS), RATE);

        float[] after = values(replica.parameters());
        for (int c = 0; c < 10; c++) {
            double gradient = 0;
            for (int n = 0; n < LABELS.length; n++) {
                gradient += WEIGHTS.get(LABELS[n]) * (probabilities[n][c] - (LABELS[n] == c ? 1 : 0)) / LABELS.length;
            }
            int at = before.length - 10 + c;
            assertThat((double) after[at] - before[at]).isCloseTo(-RATE * gradient, within(1e-6));
        }
    }

    @Test
    void theLossIsTheWeightedMean() {
        NetworkSpec spec = weighted(WEIGHTS);
        double[][] probabilities = probabilities(spec);
        double sum = 0;
        double weights = 0;
        for (int n = 0; n < LABELS.length; n++) {
            sum -= WEIGHTS.get(LABELS[n]) * Math.log(probabilities[n][LABELS[n]]);
            weights += WEIGHTS.get(LABELS[n]);
        }

        assertThat(spec.replica().fit(pixels, Labels.of(LABELS), RATE)).isCloseTo(sum / weights, within(1e-5));
    }

    @Test
    void anExampleOfWeightTwoStepsAsTheSameExampleTwice() {
        byte[] three = TestNetworks.pixels(2, TestNetworks.GREY_28, 1);
        int size = TestNetworks.GREY_28.size();
        three = Arrays.copyOf(three, 3 * size);
        System.arraycopy(three, 0, three, 2 * size, size);
        Replica twice = TestNetworks.spec("lenet-5").replica();
        Replica heavy = weighted(List.of(2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0))
                .replica();

        twice.fit(three, Labels.of(0, 5, 0), 0.3);
        // Both gradients are means, over three examples and over two.
        heavy.fit(Arrays.copyOf(three, 2 * size), Labels.of(0, 5), 0.2);

        ReplicaTest.assertClose(values(heavy.parameters()), values(twice.parameters()));
    }

    @Test
    void aPictureThatCountsTwiceStepsAsTheSamePictureTwice() {
        int size = TestNetworks.GREY_28.size();
        byte[] two = TestNetworks.pixels(2, TestNetworks.GREY_28, 1);
        byte[] three = Arrays.copyOf(two, 3 * size);
        System.arraycopy(two, 0, three, 2 * size, size);
        Replica twice = TestNetworks.spec("lenet-5").replica();
        Replica heavy = weighted(Collections.nCopies(10, 1.0)).replica();

        double plain = twice.fit(three, Labels.of(0, 5, 0), 0.3);
        // Both gradients are means, over three examples and over two; the loss is the weighted mean.
        double loss = heavy.fit(two, Labels.weighted(new int[] {0, 5}, new float[] {2, 1}), 0.2);

        assertThat(loss).isCloseTo(plain, within(1e-6));
        ReplicaTest.assertClose(values(heavy.parameters()), values(twice.parameters()));
    }

    @Test
    void aMixtureStepsAsItsClassesWeighInTheirShares() {
        NetworkSpec spec = weighted(WEIGHTS);
        double[][] probabilities = probabilities(spec);
        int[] other = {4, 3, 0, 2, 9};
        float[] shares = {0.75f, 0.5f, 0.25f, 1, 0};
        Replica replica = spec.replica();
        float[] before = values(replica.parameters());

        double loss = replica.fit(pixels, new Labels(LABELS, other, shares), RATE);

        double lossSum = 0;
        double weights = 0;
        double[] gradient = new double[10];
        for (int n = 0; n < LABELS.length; n++) {
            double own = shares[n] * WEIGHTS.get(LABELS[n]);
            double others = (1 - shares[n]) * WEIGHTS.get(other[n]);
            lossSum -= own * Math.log(probabilities[n][LABELS[n]]) + others * Math.log(probabilities[n][other[n]]);
            weights += own + others;
            for (int c = 0; c < 10; c++) {
                gradient[c] += (own + others) * probabilities[n][c] / LABELS.length;
            }
            gradient[LABELS[n]] -= own / LABELS.length;
            gradient[other[n]] -= others / LABELS.length;
        }
        assertThat(loss).isCloseTo(lossSum / weights, within(1e-5));
        float[] after = values(replica.parameters());
        for (int c = 0; c < 10; c++) {
            int at = before.length - 10 + c;
            assertThat((double) after[at] - before[at]).isCloseTo(-RATE * gradient[c], within(1e-6));
        }
    }

    @Test
    void weightsOfOneChangeNothing() {
        Replica plain = TestNetworks.spec("lenet-5").replica();
        Replica ones = weighted(Collections.nCopies(10, 1.0)).replica();

        assertThat(ones.fit(pixels, Labels.of(LABELS), RATE)).isEqualTo(plain.fit(pixels, Labels.of(LABELS), RATE));
        ReplicaTest.assertClose(values(ones.parameters()), values(plain.parameters()));
    }

    @Test
    void stockDl4jAnswersAsWithoutWeightsAndTrainsOnWithThem() throws Exception {
        NetworkSpec spec = weighted(WEIGHTS);
        Replica replica = spec.replica();
        byte[] archive = ModelArchive.of(spec, replica.parameters(), FloatBuffer.allocate(0), card(spec))
                .zip();

        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(archive), true);

        INDArray features = StockDl4j.minibatch(spec, pixels, Labels.of(LABELS)).getFeatures();
        assertThat(stock.output(features).toFloatMatrix())
                .isDeepEqualTo(StockDl4j.network(TestNetworks.spec("lenet-5"))
                        .output(features)
                        .toFloatMatrix());
        stock.fit(StockDl4j.minibatch(spec, pixels, Labels.of(LABELS)));
        replica.fit(pixels, Labels.of(LABELS), 0.05);
        ReplicaTest.assertClose(values(FlatVector.view(stock.params())), values(replica.parameters()));
    }

    @Test
    void refusesWeightsThatAreNotOnePerClassOrNotAboveZero() {
        assertThatThrownBy(() -> weighted(List.of(1.0, 2.0)))
                .hasMessage("class weights must be 10, one per class, but were 2");
        assertThatThrownBy(() -> weighted(Collections.nCopies(10, 0.0)))
                .hasMessageStartingWith("class weights must be above 0 but were [0.0");
    }

    private double[][] probabilities(NetworkSpec spec) {
        INDArray output = StockDl4j.network(spec)
                .output(StockDl4j.minibatch(spec, pixels, Labels.of(LABELS)).getFeatures());
        return output.toDoubleMatrix();
    }

    private static NetworkSpec weighted(List<Double> weights) {
        NetworkSpec plain = TestNetworks.spec("lenet-5");
        return new NetworkSpec(
                plain.topology(),
                plain.input(),
                plain.classes(),
                plain.normalisation(),
                plain.optimiser(),
                weights,
                plain.seed());
    }

    private static ModelCard card(NetworkSpec spec) {
        return new ModelCard(
                ModelCard.FORMAT_VERSION,
                "lenet-5",
                Map.of(),
                spec.input(),
                List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
                NormalisationCard.of(spec.normalisation()),
                Map.of(),
                431_080,
                "ab12",
                "",
                Map.of(),
                7,
                "2026-01-01T00:00:00Z",
                Map.of(),
                "abcdef0",
                0,
                List.of());
    }
}
