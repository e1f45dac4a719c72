package org.convoy.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.convoy.model.engine.NativeSettings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

/** The networks and their answers are from make_keras.py beside them. */
class KerasNetworkTest {
    private static final float[] ANSWER = {0.2702981f, 0.4094533f, 0.3202487f};

    @BeforeAll
    static void natives() {
        NativeSettings.ensureApplied();
    }

    @ParameterizedTest
    @ValueSource(strings = {"small-cnn", "small-cnn-functional", "small-cnn-trained"})
    void answersAsKerasDoesOnPicturesWithChannelsFirst(String name) throws IOException {
        Dl4jNetwork network = Dl4jNetwork.of(KerasNetwork.read(file(name), name));
        network.installFastLayers();

        try (INDArray answer = network.output(picture())) {
            assertThat(answer.toFloatVector()).containsExactly(ANSWER, within(1e-5f));
        }
    }

    @Test
    void branchesAndMeansOfMapsAreTurnedAsWell() throws IOException {
        Dl4jNetwork network = Dl4jNetwork.of(KerasNetwork.read(file("branches"), "branches"));
        network.installFastLayers();

        try (INDArray answer = network.output(picture())) {
            assertThat(answer.toFloatVector())
                    .containsExactly(new float[] {0.0327775f, 0.0092619f, 0.9579605f}, within(1e-5f));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"small-cnn", "small-cnn-functional", "small-cnn-trained"})
    void aTrainingStartsFromWhereKerasEnded(String name) throws IOException {
        InputShape input = new InputShape(3, 6, 5);
        ParentModel parent = ParentModel.read(file(name), name);
        NetworkSpec spec = new NetworkSpec(
                parent.topology(ParentModel.Head.KEEP, "norm", input, List.of("a", "b", "c")),
                input,
                3,
                Normalisation.of("none", List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                new Optimiser("sgd", 0.01, 0),
                List.of(),
                1);

        Dl4jReplica replica = new Dl4jReplica(spec);
        try (INDArray answer = replica.network().output(picture())) {
            assertThat(answer.toFloatVector()).containsExactly(ANSWER, within(1e-5f));
        }

        byte[] pixels = new byte[2 * input.size()];
        Arrays.fill(pixels, 0, input.size(), (byte) 1);
        Labels labels = Labels.of(0, 2);
        double before = replica.fit(pixels, labels, 0.01);
        assertThat(replica.fit(pixels, labels, 0.01)).isLessThan(before);
        assertThat(spec.frozenParameters()).isEqualTo(3 * 3 * 3 * 4 + 4 + 4 * 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"small-cnn", "small-cnn-functional", "small-cnn-trained"})
    void aNewHeadStartsFromTheSeed(String name) throws IOException {
        InputShape input = new InputShape(3, 6, 5);
        NetworkSpec spec = new NetworkSpec(
                ParentModel.read(file(name), name)
                        .topology(ParentModel.Head.REPLACE, "below-head", input, List.of("a", "b")),
                input,
                2,
                Normalisation.of("none", List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                new Optimiser("sgd", 0.01, 0),
                List.of(),
                1);

        FloatBuffer parameters = spec.replica().parameters();
        float[] head = new float[parameters.remaining()];
        parameters.get(head);

        assertThat(head).hasSize(8 * 2 + 2);
        assertThat(head).doesNotContain(Float.NaN);
        assertThat(Arrays.copyOfRange(head, 16, 18)).containsExactly(0, 0);
    }

    @Test
    void aDamagedFileIsOneLine() throws IOException {
        byte[] whole = file("small-cnn");

        assertThatThrownBy(() -> ParentModel.read(Arrays.copyOf(whole, whole.length / 2), "cut.h5"))
                .isInstanceOf(BadModelException.class)
                .hasMessageStartingWith("[cut.h5] cannot be read as a network of Keras: ")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aLambdaIsRefused() throws IOException {
        assertThatThrownBy(() -> ParentModel.read(file("lambda"), "lambda.h5"))
                .isInstanceOf(BadModelException.class)
                .hasMessageStartingWith("[lambda.h5] cannot be read as a network of Keras: ");
    }

    /** [1, 3, 6, 5], counted up. */
    private static INDArray picture() {
        return Nd4j.arange(90)
                .castTo(DataType.FLOAT)
                .reshape(1, 3, 6, 5)
                .div(90)
                .sub(0.5);
    }

    private static byte[] file(String name) throws IOException {
        try (InputStream in = KerasNetworkTest.class.getResourceAsStream("/keras/" + name + ".h5")) {
            return in.readAllBytes();
        }
    }
}
