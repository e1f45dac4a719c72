package org.convoy.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.convoy.model.architecture.Architecture;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.TestNetworks.values;

class ModelArchiveTest {
    private static final NetworkSpec SPEC = TestNetworks.spec("lenet-5");

    @Test
    void stockModelSerializerReadsIt() throws Exception {
        Replica replica = trained();
        ModelArchive archive = ModelArchive.of(SPEC, replica.parameters(), replica.optimiserState(), card());

        MultiLayerNetwork stock =
                ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(archive.zip()), true);

        assertThat(values(FlatVector.view(stock.params()))).isEqualTo(values(replica.parameters()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "nesterov", "adam", "adamw", "lamb", "lars"})
    void stockDl4jTrainsOnFromItsOptimiserState(String optimiser) throws Exception {
        NetworkSpec spec = TestNetworks.spec("lenet-5", TestNetworks.GREY_28, new Optimiser(optimiser, 0.01, 0.9));
        Replica replica = trained(spec);
        ModelArchive archive = ModelArchive.of(spec, replica.parameters(), replica.optimiserState(), card());

        MultiLayerNetwork stock =
                ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(archive.zip()), true);

        INDArray state = stock.getUpdater().getStateViewArray();
        assertThat(state == null ? new float[0] : values(FlatVector.view(state)))
                .isEqualTo(values(replica.optimiserState()));
        stock.fit(StockDl4j.minibatch(spec, TestNetworks.pixels(8, spec.input(), 1), TestNetworks.labels(8, 10, 2)));
        assertThat(stock.score()).isFinite();
    }

    @Test
    void classifierAnswersLikeTheStockNetworkOnNormalisedPixels() throws Exception {
        Replica replica = trained();
        ModelArchive archive = ModelArchive.read(
                ModelArchive.of(SPEC, replica.parameters(), replica.optimiserState(), card())
                        .zip(),
                "model.zip");
        byte[] pixels = TestNetworks.pixels(3, SPEC.input(), 5);
        float[] normalised = new float[pixels.length];
        SPEC.normalisation().apply(pixels, normalised, 3);
        MultiLayerNetwork stock =
                ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(archive.zip()), false);
        INDArray expected = stock.output(Nd4j.create(normalised, new long[] {3, 1, 28, 28}, 'c'));

        float[] probabilities = archive.classifier().probabilities(pixels, 3);

        assertThat(probabilities).hasSize(30);
        for (int i = 0; i < 30; i++) {
            assertThat(probabilities[i]).isCloseTo(expected.getFloat(i / 10, i % 10), within(1e-6f));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mean-picture", "pca", "zca"})
    void keepsANormalisationThatIsTooLargeForTheCard(String name) throws Exception {
        NetworkSpec spec = whitened(name);
        Replica replica = trained(spec);
        byte[] zip = ModelArchive.of(spec, replica.parameters(), FloatBuffer.allocate(0), card(spec))
                .zip();
        byte[] pixels = TestNetworks.pixels(3, spec.input(), 5);
        float[] normalised = new float[pixels.length];
        spec.normalisation().apply(pixels, normalised, 3);
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(zip), false);
        INDArray expected = stock.output(Nd4j.create(normalised, new long[] {3, 1, 16, 16}, 'c'));

        float[] probabilities = ModelArchive.read(zip, "model.zip").classifier().probabilities(pixels, 3);

        for (int i = 0; i < 30; i++) {
            assertThat(probabilities[i]).isCloseTo(expected.getFloat(i / 10, i % 10), within(1e-5f));
        }
    }

    @Test
    void saysThatANormalisationIsCutOff() {
        NetworkSpec scaled = TestNetworks.spec("lenet-5", new InputShape(1, 16, 16));
        Replica replica = trained(scaled);
        byte[] zip = ModelArchive.of(
                        scaled, replica.parameters(), FloatBuffer.allocate(0), card(whitened("mean-picture")))
                .zip();

        assertThatThrownBy(() -> ModelArchive.read(zip, "model.zip").classifier())
                .isInstanceOf(BadModelException.class)
                .hasMessage(
                        "[model.zip] has a normalisation that cannot be read: normalisation mean-picture must have 256 values"
                                + " beside the card but has 0 bytes");
    }

    private static NetworkSpec whitened(String normalisation) {
        InputShape input = new InputShape(1, 16, 16);
        double[] mean = new Random(5).doubles(256, 0, 255).toArray();
        double[] covariance = new double[256 * 256];
        for (int i = 0; i < covariance.length; i++) {
            covariance[i] = 1000 * Math.exp(-Math.abs(i / 256 - i % 256) / 3.0);
        }
        PixelStatistics statistics =
                new PixelStatistics(List.of(100.0), List.of(50.0), Optional.of(mean), Optional.of(covariance));
        return new NetworkSpec(
                Architecture.named("lenet-5"),
                input,
                10,
                Normalisation.of(normalisation, statistics, 0.1),
                new Optimiser("sgd", 0.05, 0),
                7);
    }

    @Test
    void keepsItsCardWhole() {
        Replica replica = trained();
        byte[] zip = ModelArchive.of(SPEC, replica.parameters(), FloatBuffer.allocate(0), card())
                .zip();

        assertThat(ModelArchive.read(zip, "model.zip").card()).isEqualTo(card());
    }

    /** Cards once did not say what was chosen of a network, because nothing could be, nor where it came from. */
    @Test
    void readsACardFromBeforeThereWereChoicesAndParents() {
        byte[] zip = ModelArchive.of(SPEC, trained().parameters(), FloatBuffer.allocate(0), card())
                .zip();
        String json = new String(ModelArchive.read(zip, "model.zip").cardJson(), StandardCharsets.UTF_8);
        String before = json.replaceFirst("(?s)\\s*\"architectureChoices\" : \\{.*?\\},", "")
                .replaceFirst("(?s),\\s*\"parents\" : \\[.*?\\]", "");
        assertThat(before).doesNotContain("architectureChoices").doesNotContain("parents");

        ModelCard card = ModelArchive.readCard(before.getBytes(StandardCharsets.UTF_8), "model-card.json");

        assertThat(Architecture.of(card.architecture(), card.architectureChoices()::get))
                .isEqualTo(Architecture.named("lenet-5"));
        assertThat(card.parents()).isEmpty();
    }

    @Test
    void saysWhatIsNoModel() throws Exception {
        byte[] text = "not a zip".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> ModelArchive.read(text, "notes.txt"))
                .isInstanceOf(BadModelException.class)
                .hasMessage("[notes.txt] is no model: it is not a zip archive");

        byte[] wrongCard = zipWith("model-card.json", "{\"formatVersion\": 1, \"colour\": \"blue\"}");
        assertThatThrownBy(() -> ModelArchive.read(wrongCard, "odd.zip"))
                .isInstanceOf(BadModelException.class)
                .hasMessageStartingWith("[odd.zip] has a model-card.json that cannot be read: ");
    }

    private static Replica trained() {
        return trained(SPEC);
    }

    private static Replica trained(NetworkSpec spec) {
        Replica replica = spec.replica();
        replica.fit(TestNetworks.pixels(8, spec.input(), 1), TestNetworks.labels(8, 10, 2), 0.05);
        return replica;
    }

    private static ModelCard card() {
        return card(SPEC);
    }

    private static ModelCard card(NetworkSpec spec) {
        return new ModelCard(
                ModelCard.FORMAT_VERSION,
                "lenet-5",
                spec.topology().choices(),
                spec.input(),
                List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
                NormalisationCard.of(spec.normalisation()),
                Map.of(),
                431_080,
                "ab12",
                "train.epochs = 1",
                Map.of("validation-accuracy", 0.5),
                7,
                "2026-01-01T00:00:00Z",
                Map.of("java", "17"),
                "abcdef0",
                0,
                List.of(new ModelCard.Parent("digits@1", "cd34")));
    }

    private static byte[] zipWith(String name, String content) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
