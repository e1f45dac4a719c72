package org.convoy.model;

import java.io.ByteArrayInputStream;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.convoy.model.architecture.Architecture;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class EnsembleTest {
    private static final InputShape INPUT = new InputShape(3, 96, 96);
    private static final InputShape SMALL = new InputShape(1, 28, 28);
    private static final List<String> TEN =
            IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    private static final int PICTURES = 3;

    /** A chain, a residual network and one with auxiliary heads. */
    @Test
    void answersWithTheMeanOfItsMembersAlsoInStockDl4j() throws Exception {
        List<ModelArchive> members = List.of(
                archive("lenet-5", INPUT, TEN, "scale"),
                archive("resnet-9", INPUT, TEN, "scale"),
                archive("googlenet", INPUT, TEN, "scale"));
        byte[] pixels = TestNetworks.pixels(PICTURES, INPUT, 4);
        float[] mean = new float[PICTURES * 10];
        for (ModelArchive member : members) {
            float[] answer = member.classifier().probabilities(pixels, PICTURES);
            for (int i = 0; i < mean.length; i++) {
                mean[i] += answer[i] / members.size();
            }
        }

        ModelArchive ensemble = join(members);
        ModelArchive read = ModelArchive.read(ensemble.zip(), "ensemble.zip");

        float[] answer = read.classifier().probabilities(pixels, PICTURES);
        assertClose(answer, mean, 1e-6f);
        float[] normalised = new float[pixels.length];
        TestNetworks.spec("lenet-5", INPUT).normalisation().apply(pixels, normalised, PICTURES);
        INDArray stock = ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(ensemble.zip()), false)
                .output(Nd4j.create(normalised, new long[] {PICTURES, 3, 96, 96}))[0];
        assertClose(stock.dup('c').data().asFloat(), mean, 1e-5f);
        assertThat(read.card().parents()).extracting(ModelCard.Parent::from).containsExactly("a@0", "a@1", "a@2");
        assertThat(read.card().classes()).isEqualTo(TEN);
        assertThat(read.card().parameters())
                .isEqualTo(members.stream()
                        .mapToLong(member -> ParentModel.read(member.zip(), "a")
                                .network()
                                .parameters()
                                .length())
                        .sum());
    }

    private static void assertClose(float[] actual, float[] expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(tolerance));
        }
    }

    @Test
    void refusesMembersThatDoNotBelongTogether() {
        ModelArchive one = archive("lenet-5", SMALL, TEN, "scale");
        List<String> others =
                IntStream.range(10, 20).mapToObj(Integer::toString).toList();

        assertThatThrownBy(() -> join(List.of(one, archive("lenet-5", SMALL, others, "scale"))))
                .isInstanceOf(BadModelException.class)
                .hasMessage("[a@1] has classes " + others + " but [a@0] has " + TEN
                        + ": an ensemble's members must have the same");
        assertThatThrownBy(() -> join(List.of(one, archive("lenet-5", SMALL, TEN, "none"))))
                .isInstanceOf(BadModelException.class)
                .hasMessageContaining("[a@1] has normalisation NormalisationCard[name=none");
        assertThatThrownBy(() -> join(List.of(one)))
                .isInstanceOf(BadModelException.class)
                .hasMessage("an ensemble must have at least 2 members but had 1");
        assertThatThrownBy(() -> ParentModel.read(join(List.of(one, one)).zip(), "both"))
                .isInstanceOf(BadModelException.class)
                .hasMessage("[both] must end in an output layer with softmax but ends in a vertex without layer");
    }

    private static ModelArchive join(List<ModelArchive> members) {
        List<ParentModel> parents = IntStream.range(0, members.size())
                .mapToObj(i -> ParentModel.read(members.get(i).zip(), "a@" + i))
                .toList();
        return Ensemble.of(parents, "2026-01-01T00:00:00Z", Map.of(), "abcdef0");
    }

    private static ModelArchive archive(String name, InputShape input, List<String> classes, String normalisation) {
        Architecture narrow = Architecture.of(
                name, key -> key.equals("width-multiplier") && !name.equals("lenet-5") ? "0.125" : null);
        NetworkSpec spec = new NetworkSpec(
                narrow,
                input,
                10,
                Normalisation.of(
                        normalisation,
                        Collections.nCopies(input.channels(), 0.0),
                        Collections.nCopies(input.channels(), 1.0)),
                new Optimiser("sgd", 0.01, 0),
                name.length());
        Replica replica = spec.replica();
        replica.fit(TestNetworks.pixels(4, input, 1), TestNetworks.labels(4, 10, 2), 0.01);
        return ModelArchive.of(
                spec, replica.parameters(), replica.optimiserState(), ParentModelTest.card(spec, classes));
    }
}
