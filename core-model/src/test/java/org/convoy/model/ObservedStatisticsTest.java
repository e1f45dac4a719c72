package org.convoy.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.TestNetworks.values;

class ObservedStatisticsTest {
    private static final int PICTURES = 24;
    private static final NetworkSpec SPEC = TestNetworks.spec("bn-cnn", new InputShape(3, 8, 8));
    private static final byte[] PIXELS = TestNetworks.pixels(PICTURES, SPEC.input(), 1);
    private static final Labels LABELS = TestNetworks.labels(PICTURES, SPEC.classes(), 2);
    /** Channels of the first layer: what comes to them does not depend on how the data is cut into batches. */
    private static final int FIRST = 64;

    private final Replica replica = SPEC.replica();
    private final RunningStatistics statistics = replica.runningStatistics();

    @Test
    void oneBatchHasItsOwnStatistics() {
        MultiLayerNetwork stock = StockDl4j.network(SPEC);
        DataSet batch = StockDl4j.minibatch(SPEC, PIXELS, LABELS);
        INDArray convolved = stock.feedForward(batch.getFeatures()).get(1); // [N, 64, 8, 8]

        ObservedStatistics observed = replica.observe(PIXELS, PICTURES);

        assertThat(observed.examples()).isEqualTo(PICTURES);
        assertThat(observed.channels()).isEqualTo(704);
        for (int c = 0; c < FIRST; c++) {
            float[] values =
                    convolved.tensorAlongDimension(c, 0, 2, 3).dup('c').data().asFloat();
            double mean = mean(values);
            double variance = variance(values, mean);
            assertThat(observed.mean(c)).isCloseTo(mean, within(1e-5 * Math.sqrt(variance)));
            assertThat(observed.variance(c)).isCloseTo(variance, within(1e-5 * variance));
        }
    }

    @Test
    void inferenceWithTheStatisticsOfABatchScoresItAsTrainingDoes() {
        replica.fit(PIXELS, LABELS, 0.05);
        float[] parameters = values(replica.parameters());

        statistics.write(replica.observe(PIXELS, PICTURES), FloatBuffer.wrap(parameters));

        MultiLayerNetwork stock = StockDl4j.network(SPEC);
        FlatVector.write(FloatBuffer.wrap(parameters), stock.params());
        double inferred = stock.score(StockDl4j.minibatch(SPEC, PIXELS, LABELS));
        assertThat(inferred).isCloseTo(replica.fit(PIXELS, LABELS, 0.05), within(1e-4));
    }

    @Test
    void batchesAndWorkersAddUpToTheWholeData() {
        ObservedStatistics whole = replica.observe(PIXELS, PICTURES);

        ObservedStatistics first = observe(0, 10).plus(observe(10, 13));
        ObservedStatistics second = observe(13, PICTURES);
        ObservedStatistics sum =
                ObservedStatistics.none(statistics.channels()).plus(first).plus(second);

        assertThat(sum.examples()).isEqualTo(PICTURES);
        for (int c = 0; c < FIRST; c++) {
            assertThat(sum.mean(c)).isCloseTo(whole.mean(c), within(1e-6 * Math.sqrt(whole.variance(c))));
            assertThat(sum.variance(c)).isCloseTo(whole.variance(c), within(2e-6 * whole.variance(c)));
        }
    }

    @Test
    void changesTheStatisticsAloneAndOnlyWhereTheyAreWritten() {
        replica.fit(PIXELS, LABELS, 0.05);
        float[] before = values(replica.parameters());
        float[] written = before.clone();

        statistics.write(replica.observe(PIXELS, PICTURES), FloatBuffer.wrap(written));

        assertThat(values(replica.parameters())).isEqualTo(before);
        assertThat(written).isNotEqualTo(before);
        assertThat(withoutStatistics(written)).isEqualTo(withoutStatistics(before));
    }

    @Test
    void trainingGoesOnAsIfNothingHadBeenObserved() {
        Replica undisturbed = SPEC.replica();
        replica.fit(PIXELS, LABELS, 0.05);
        undisturbed.fit(PIXELS, LABELS, 0.05);

        replica.observe(PIXELS, PICTURES);

        assertThat(replica.fit(PIXELS, LABELS, 0.05)).isEqualTo(undisturbed.fit(PIXELS, LABELS, 0.05));
        assertThat(values(replica.parameters())).isEqualTo(values(undisturbed.parameters()));
    }

    @Test
    void travelsBetweenProcesses() throws IOException, ClassNotFoundException {
        ObservedStatistics observed = observe(0, 4);
        float[] expected = values(replica.parameters());
        float[] written = values(replica.parameters());
        statistics.write(observed, FloatBuffer.wrap(expected));

        serialised(statistics).write(serialised(observed), FloatBuffer.wrap(written));

        assertThat(written).isEqualTo(expected);
    }

    @Test
    void refusesStatisticsOfNothingOrOfAnotherNetwork() {
        FloatBuffer parameters = replica.parameters();

        assertThatThrownBy(() -> statistics.write(ObservedStatistics.none(704), parameters))
                .hasMessage("statistics must be of 704 channels and at least 1 example but were of 704 and 0");
        assertThatThrownBy(() -> ObservedStatistics.none(704).plus(ObservedStatistics.none(703)))
                .hasMessage("statistics must have 704 channels but had 703");
    }

    private ObservedStatistics observe(int from, int to) {
        int size = SPEC.input().size();
        return replica.observe(Arrays.copyOfRange(PIXELS, from * size, to * size), to - from);
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double variance(float[] values, double mean) {
        double sum = 0;
        for (float value : values) {
            sum += (value - mean) * (value - mean);
        }
        return sum / values.length;
    }

    private static float[] withoutStatistics(float[] parameters) {
        MultiLayerNetwork network = StockDl4j.network(SPEC);
        FlatVector.write(FloatBuffer.wrap(parameters), network.params());
        network.paramTable().forEach((name, parameter) -> {
            if (name.endsWith("_" + BatchNormalizationParamInitializer.GLOBAL_MEAN)
                    || name.endsWith("_" + BatchNormalizationParamInitializer.GLOBAL_LOG_STD)) {
                parameter.assign(0);
            }
        });
        return values(FlatVector.view(network.params()));
    }

    @SuppressWarnings("unchecked")
    private static <T> T serialised(T object) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (T) in.readObject();
        }
    }
}
