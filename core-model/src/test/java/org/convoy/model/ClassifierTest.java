package org.convoy.model;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.layer.LayerPlan.Placement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ClassifierTest {
    private static final InputShape SHAPE = new InputShape(3, 32, 32);
    private static final int PICTURES = 5;

    /** Layers in a row, and a graph. */
    @ParameterizedTest
    @ValueSource(strings = {"bn-cnn", "resnet-9"})
    void anotherOneOnTheSameParametersGivesTheSameAnswers(String architecture) {
        ModelArchive archive = archive(architecture);
        Dl4jNetwork network = Dl4jNetwork.of(archive.model());
        Dl4jNetwork other = network.sharingParameters();
        Classifier classifier = archive.classifier();
        byte[] pixels = pixels();

        assertThat(classifier.sharingParameters().probabilities(pixels, PICTURES))
                .isEqualTo(classifier.probabilities(pixels, PICTURES));
        assertThat(classifier.sharingParameters().plan().placements())
                .isEqualTo(classifier.plan().placements());
        network.parameters().putScalar(0, 42);
        assertThat(other.parameters().getFloat(0)).as("not a copy").isEqualTo(42);
        assertThat(other.layers()[0].params().getFloat(0))
                .isEqualTo(network.layers()[0].params().getFloat(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bn-cnn", "resnet-9"})
    void answersWithWhatALayerGivesInTheSamePass(String architecture) {
        Classifier classifier = archive(architecture).classifier();
        List<Placement> layers = classifier.plan().placements();
        String last = layers.get(layers.size() - 1).layer();
        String first = layers.get(0).layer();
        byte[] pixels = pixels();
        float[] expected = classifier.probabilities(pixels, PICTURES);

        Classifier.Answer ofLast = classifier.answer(last, pixels, PICTURES);
        Classifier.Answer ofFirst = classifier.answer(first, pixels, PICTURES);

        assertThat(ofLast.probabilities()).isEqualTo(expected);
        assertThat(ofLast.activations()).isEqualTo(expected);
        assertThat(ofFirst.probabilities()).isEqualTo(expected);
        assertThat(ofFirst.activations().length % (PICTURES * SHAPE.height() * SHAPE.width()))
                .as("maps of the picture's size")
                .isZero();
        assertThat(ofFirst.activations().length).isPositive();
    }

    private static ModelArchive archive(String architecture) {
        Normalisation scale = Normalisation.of("scale", List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));
        NetworkSpec spec =
                new NetworkSpec(Architecture.named(architecture), SHAPE, 10, scale, new Optimiser("sgd", 0.1, 0), 7);
        Replica replica = spec.replica();
        ModelCard card = new ModelCard(
                ModelCard.FORMAT_VERSION,
                architecture,
                spec.topology().choices(),
                SHAPE,
                List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
                NormalisationCard.of(scale),
                Map.of(),
                replica.parameters().remaining(),
                "ab12",
                "",
                Map.of(),
                7,
                "2026-01-01T00:00:00Z",
                Map.of(),
                "abcdef0",
                0,
                List.of());
        return ModelArchive.of(spec, replica.parameters(), replica.optimiserState(), card);
    }

    private static byte[] pixels() {
        byte[] pixels = new byte[PICTURES * SHAPE.size()];
        new Random(1).nextBytes(pixels);
        return pixels;
    }
}
