package org.convoy.model;

import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.convoy.model.TestNetworks.values;

class ArchitectureTest {
    @ParameterizedTest
    @CsvSource({
        "lenet-5, 1, 28, 10, 431080",
        "seed-cnn, 1, 28, 10, 2327818",
        "bn-cnn, 3, 32, 10, 965578",
        "vgg-16, 3, 224, 1000, 138357544",
        "vgg-16, 3, 32, 10, 33638218",
    })
    void hasItsPublishedParameterCount(String name, int channels, int side, int classes, long parameters) {
        MultiLayerConfiguration network = Architecture.named(name)
                .configuration(new InputShape(channels, side, side), classes, new Optimiser("sgd", 0.1, 0), 1);

        assertThat(network.getConfs().stream()
                        .mapToLong(layer -> layer.getLayer().initializer().numParams(layer))
                        .sum())
                .isEqualTo(parameters);
    }

    @ParameterizedTest
    @CsvSource({
        "lenet-5, 16, 16, 3",
        "lenet-5, 33, 20, 1",
        "seed-cnn, 16, 16, 1",
        "seed-cnn, 32, 40, 3",
        "bn-cnn, 4, 4, 1",
        "bn-cnn, 13, 10, 3",
        "vgg-16, 32, 32, 1",
        "vgg-16, 33, 64, 3",
    })
    void readsPicturesOfOtherShapes(String name, int height, int width, int channels) {
        InputShape input = new InputShape(channels, height, width);
        NetworkSpec spec = TestNetworks.spec(name, input);

        double loss = spec.replica().fit(TestNetworks.pixels(4, input, 1), Labels.of(0, 1, 2, 3), 0.05);

        assertThat(loss).isFinite();
    }

    @ParameterizedTest
    @CsvSource({"lenet-5, 28, 1, 0.05", "seed-cnn, 28, 1, 0.05", "bn-cnn, 16, 3, 0.05", "vgg-16, 32, 3, 0.01"})
    void lowersTheLossOnAFixedBatch(String name, int side, int channels, double rate) {
        NetworkSpec spec = TestNetworks.spec(name, new InputShape(channels, side, side));
        byte[] pixels = TestNetworks.pixels(16, spec.input(), 2);
        Labels labels = TestNetworks.labels(16, spec.classes(), 3);
        Replica replica = spec.replica();

        double first = replica.fit(pixels, labels, rate);
        for (int step = 0; step < 10; step++) {
            replica.fit(pixels, labels, rate);
        }

        assertThat(replica.fit(pixels, labels, rate)).isLessThan(0.7 * first);
    }

    @Test
    void refusesPicturesSmallerThanTheNetworkCanRead() {
        assertThatThrownBy(() -> TestNetworks.spec("lenet-5", new InputShape(1, 28, 12)))
                .hasMessage("lenet-5 needs pictures of at least 16x16 pixels but was given 28x12");
    }

    @Test
    void namesTheArchitecturesThereAre() {
        assertThatThrownBy(() -> Architecture.named("lenet"))
                .hasMessage("model.architecture must be one of [lenet-5, seed-cnn, bn-cnn, vgg-16] but was 'lenet'");
    }

    @Test
    void sameSeedGivesTheSameParametersAndAnotherSeedOthers() {
        NetworkSpec spec = TestNetworks.spec("lenet-5");
        NetworkSpec other = new NetworkSpec(
                spec.architecture(), spec.input(), spec.classes(), spec.normalisation(), spec.optimiser(), 99);

        assertThat(values(spec.replica().parameters()))
                .isEqualTo(values(spec.replica().parameters()));
        assertThat(values(spec.replica().parameters()))
                .isNotEqualTo(values(other.replica().parameters()));
    }

    @Test
    void normalisationMustFitTheChannels() {
        Normalisation colour = Normalisation.of("scale", List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));

        assertThatThrownBy(() -> new NetworkSpec(
                        Architecture.LENET_5, new InputShape(1, 28, 28), 10, colour, new Optimiser("sgd", 0.1, 0), 1))
                .hasMessage("normalisation must have 1 channels but had 3");
    }
}
