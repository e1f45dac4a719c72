package org.convoy.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.convoy.model.architecture.Architecture;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.TestNetworks.GREY_28;
import static org.convoy.model.TestNetworks.values;

class ParentModelTest {
    private static final List<String> TEN = classes(10);
    private static final List<String> FOUR = List.of("oak", "elm", "ash", "yew");
    private static final InputShape COLOUR = new InputShape(3, 32, 32);
    private static final double RATE = 0.01;

    @ParameterizedTest
    @CsvSource({"lenet-5, 1x28x28", "resnet-9, 3x32x32", "googlenet, 3x96x96", "nin, 3x32x32"})
    void takesOverAllLayersButTheHeadWhereClassesDiffer(String name, String input) {
        NetworkSpec trained = small(name, shape(input));
        Replica parent = trained(trained);
        ParentModel model = read(trained, parent, TEN);

        NetworkSpec child = spec(model.topology(ParentModel.Head.AUTO, "none", trained.input(), FOUR), trained, 4);

        Dl4jNetwork own = child.network();
        Dl4jNetwork theirs = ((Dl4jReplica) parent).network();
        String head = head(own);
        own.layersByName().forEach((layer, mine) -> {
            if (mine != null && mine.numParams() > 0 && !layer.equals(head)) {
                assertThat(mine.params().toFloatVector())
                        .as(layer)
                        .isEqualTo(theirs.layersByName().get(layer).params().toFloatVector());
            }
        });
        assertThat(own.output(Nd4j.rand(
                                2,
                                trained.input().channels(),
                                trained.input().height(),
                                trained.input().width()))
                        .shape())
                .containsExactly(2, 4);
        assertThat(values(child.replica().parameters()))
                .isEqualTo(values(child.replica().parameters()));
        assertThat(child.replica().fit(TestNetworks.pixels(4, child.input(), 1), Labels.of(0, 1, 2, 3), RATE))
                .isFinite();
    }

    @Test
    void keepsTheHeadForTheSameClassesAndAnswersAsTheParent() {
        NetworkSpec trained = TestNetworks.spec("lenet-5");
        Replica parent = trained(trained);
        ParentModel model = read(trained, parent, TEN);

        NetworkSpec kept = spec(model.topology(ParentModel.Head.AUTO, "none", GREY_28, TEN), trained, 10);
        NetworkSpec replaced = spec(model.topology(ParentModel.Head.REPLACE, "none", GREY_28, TEN), trained, 10);

        assertThat(values(kept.replica().parameters())).isEqualTo(values(parent.parameters()));
        assertThat(values(replaced.replica().parameters())).isNotEqualTo(values(parent.parameters()));
        assertThat(model.normalisation()).contains(trained.normalisation());
    }

    /** A fully connected head, and one that is a convolution. */
    @ParameterizedTest
    @CsvSource({"lenet-5, 1x28x28", "nin, 3x32x32"})
    void aHeadThatGrowsKeepsWhatItKnowsOfEachClassByItsName(String name, String input) {
        NetworkSpec trained = small(name, shape(input));
        Replica parent = trained(trained);
        ParentModel model = read(trained, parent, TEN);
        List<String> classes = List.of("9", "0", "oak", "3");

        NetworkSpec child = spec(model.topology(ParentModel.Head.GROW, "none", trained.input(), classes), trained, 4);

        Dl4jNetwork own = child.network();
        Dl4jNetwork theirs = ((Dl4jReplica) parent).network();
        String head = head(own);
        own.layersByName().forEach((layer, mine) -> {
            if (mine != null && mine.numParams() > 0 && !layer.equals(head)) {
                assertThat(mine.params().toFloatVector())
                        .as(layer)
                        .isEqualTo(theirs.layersByName().get(layer).params().toFloatVector());
            }
        });
        assertThat(weightsOf(own, head, 0)).isEqualTo(weightsOf(theirs, head, 9));
        assertThat(weightsOf(own, head, 1)).isEqualTo(weightsOf(theirs, head, 0));
        assertThat(weightsOf(own, head, 3)).isEqualTo(weightsOf(theirs, head, 3));
        for (int known = 0; known < 10; known++) {
            assertThat(weightsOf(own, head, 2)).isNotEqualTo(weightsOf(theirs, head, known));
        }
        float[] fresh = weightsOf(own, head, 2);
        assertThat(fresh).as("fresh weights").isNotEqualTo(new float[fresh.length]);
        assertThat(values(child.replica().parameters()))
                .as("the same each time")
                .isEqualTo(
                        values(spec(model.topology(ParentModel.Head.GROW, "none", trained.input(), classes), trained, 4)
                                .replica()
                                .parameters()));
    }

    @Test
    void aHeadThatNeedNotGrowIsKept() {
        NetworkSpec trained = TestNetworks.spec("lenet-5");
        Replica parent = trained(trained);
        ParentModel model = read(trained, parent, TEN);

        NetworkSpec kept = spec(model.topology(ParentModel.Head.GROW, "none", GREY_28, TEN), trained, 10);

        assertThat(values(kept.replica().parameters())).isEqualTo(values(parent.parameters()));
    }

    /** Of one class, the bias last. */
    private static float[] weightsOf(Dl4jNetwork network, String head, int label) {
        INDArray weights = network.layersByName().get(head).getParam("W");
        INDArray bias = network.layersByName().get(head).getParam("b");
        INDArray ofClass = weights.rank() == 2 ? weights.getColumn(label) : weights.slice(label, 0);
        float[] values = Arrays.copyOf(ofClass.dup().ravel().toFloatVector(), (int) ofClass.length() + 1);
        values[values.length - 1] = bias.getFloat(label);
        return values;
    }

    @ParameterizedTest
    @CsvSource({"sgd", "nesterov", "adam", "lamb"})
    void aFrozenNetworkStepsAsTheWholeOneWouldInWhatIsTrained(String optimiser) {
        NetworkSpec trained = TestNetworks.spec("lenet-5", GREY_28, new Optimiser(optimiser, RATE, 0.9));
        ParentModel model = read(trained, trained(trained), TEN);
        Replica whole = spec(model.topology(ParentModel.Head.KEEP, "none", GREY_28, TEN), trained, 10)
                .replica();
        NetworkSpec frozen = spec(model.topology(ParentModel.Head.KEEP, "below-head", GREY_28, TEN), trained, 10);
        Replica head = frozen.forWorkers().replica();
        head.load(frozen.replica().parameters(), FloatBuffer.allocate(0), 0);
        float[] before = values(FlatVector.view(((Dl4jReplica) head).network().parameters()));
        byte[] pixels = TestNetworks.pixels(8, GREY_28, 3);
        Labels labels = TestNetworks.labels(8, 10, 4);

        assertThat(head.fit(pixels, labels, RATE)).isCloseTo(whole.fit(pixels, labels, RATE), within(1e-6));

        int below = frozen.frozenParameters();
        assertThat(below).isEqualTo(431_080 - 5_010);
        assertThat(head.parameters().remaining()).isEqualTo(5_010);
        ReplicaTest.assertClose(
                values(head.parameters()), Arrays.copyOfRange(values(whole.parameters()), below, 431_080));
        float[] after = values(FlatVector.view(((Dl4jReplica) head).network().parameters()));
        assertThat(Arrays.copyOf(after, below)).isEqualTo(Arrays.copyOf(before, below));
        assertThat(head.optimiserState().remaining())
                .isEqualTo(whole.optimiserState().remaining() / 431_080 * 5_010);
    }

    /** Of what is frozen no gradient is written: the way back ends above it. */
    @ParameterizedTest
    @CsvSource({"lenet-5, 1x28x28, below-head", "lenet-5, 1x28x28, 3", "resnet-9, 3x32x32, layer1-sum"})
    void theWayBackEndsAboveWhatIsFrozen(String name, String input, String freeze) {
        NetworkSpec trained = small(name, shape(input));
        ParentModel model = read(trained, trained(trained), TEN);
        NetworkSpec frozen = spec(model.topology(ParentModel.Head.AUTO, freeze, trained.input(), FOUR), trained, 4);
        Dl4jReplica replica = (Dl4jReplica) frozen.replica();
        float[] before = values(replica.parameters());

        replica.fit(TestNetworks.pixels(4, frozen.input(), 1), Labels.of(0, 1, 2, 3), RATE);

        float[] gradient = values(FlatVector.view(replica.network().gradient()));
        int below = frozen.frozenParameters();
        assertThat(below).isPositive();
        assertThat(Arrays.copyOf(gradient, below)).containsOnly(0f);
        assertThat(IntStream.range(below, gradient.length)
                        .filter(i -> gradient[i] != 0)
                        .count())
                .isGreaterThan((gradient.length - below) / 4);
        assertThat(values(replica.parameters())).isNotEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"lenet-5, 1x28x28", "resnet-9, 3x32x32"})
    void theHeadByItselfTrainsOnFeaturesAsTheFrozenNetworkDoesOnPictures(String name, String input) {
        NetworkSpec trained = small(name, shape(input));
        ParentModel model = read(trained, trained(trained), TEN);
        NetworkSpec frozen =
                spec(model.topology(ParentModel.Head.AUTO, "below-head", trained.input(), FOUR), trained, 4);
        NetworkSpec alone = frozen.head().orElseThrow();
        Replica whole = frozen.replica();
        Replica head = alone.replica();
        assertThat(values(head.parameters())).isEqualTo(values(whole.parameters()));
        FeatureExtractor extractor = new FeatureExtractor(frozen.forWorkers());

        for (int step = 0; step < 3; step++) {
            byte[] pixels = TestNetworks.pixels(6, frozen.input(), step);
            byte[] features = extractor.features(pixels, 6);
            assertThat(features).hasSize(6 * alone.input().size());
            Labels labels = Labels.of(0, 1, 2, 3, 2, 1);
            assertThat(head.fit(features, labels, 0.1)).isCloseTo(whole.fit(pixels, labels, 0.1), within(1e-5));
        }

        float[] expected = values(whole.parameters());
        float[] actual = values(head.parameters());
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
        }
        assertThat(spec(model.topology(ParentModel.Head.AUTO, "3", trained.input(), FOUR), trained, 4)
                        .head())
                .isEmpty();
        assertThat(trained.head()).isEmpty();
    }

    @Test
    void frozenBatchNormKeepsItsStatisticsAndIsNotAveraged() {
        NetworkSpec trained = small("resnet-9", COLOUR);
        ParentModel model = read(trained, trained(trained), TEN);
        NetworkSpec frozen = spec(model.topology(ParentModel.Head.AUTO, "below-head", COLOUR, FOUR), trained, 4);
        Dl4jReplica replica = (Dl4jReplica) frozen.replica();
        float[] before = values(FlatVector.view(replica.network().parameters()));
        byte[] pixels = TestNetworks.pixels(4, COLOUR, 1);

        double whole = replica.fit(pixels, Labels.of(0, 1, 2, 3), RATE);

        float[] after = values(FlatVector.view(replica.network().parameters()));
        assertThat(Arrays.copyOf(after, frozen.frozenParameters()))
                .isEqualTo(Arrays.copyOf(before, frozen.frozenParameters()));
        assertThat(replica.runningStatistics().channels()).isZero();
        assertThat(whole).isCloseTo(lossAsInference(frozen, before, pixels), within(1e-5));
        NetworkSpec partly = spec(model.topology(ParentModel.Head.AUTO, "layer1-sum", COLOUR, FOUR), trained, 4);
        RunningStatistics statistics = partly.replica().runningStatistics();
        assertThat(statistics.channels())
                .isPositive()
                .isLessThan(trained.replica().runningStatistics().channels());
        FloatBuffer theta = partly.replica().parameters();
        FloatBuffer other = FloatBuffer.wrap(values(theta));
        FloatBuffer none = FloatBuffer.allocate(theta.remaining());
        statistics.copy(theta, none);
        assertThat(countNonZero(values(none)))
                .isLessThanOrEqualTo(2L * statistics.channels())
                .isPositive();
        assertThat(other).isEqualTo(theta);
    }

    private static long countNonZero(float[] values) {
        return IntStream.range(0, values.length).filter(i -> values[i] != 0).count();
    }

    private static double lossAsInference(NetworkSpec spec, float[] theta, byte[] pixels) {
        float[] probabilities = ModelArchive.of(
                        spec,
                        FloatBuffer.wrap(Arrays.copyOfRange(theta, spec.frozenParameters(), theta.length)),
                        FloatBuffer.allocate(0),
                        card(spec, FOUR))
                .classifier()
                .probabilities(pixels, 4);
        return IntStream.range(0, 4)
                .mapToDouble(i -> -Math.log(probabilities[4 * i + i]))
                .average()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"lenet-5, 1x28x28", "resnet-9, 3x32x32"})
    void anArchiveOfAFrozenNetworkIsWholeAndOpensInStockDl4j(String name, String input) throws Exception {
        NetworkSpec trained = small(name, shape(input));
        ParentModel model = read(trained, trained(trained), TEN);
        NetworkSpec frozen =
                spec(model.topology(ParentModel.Head.AUTO, "below-head", trained.input(), FOUR), trained, 4);
        Dl4jReplica replica = (Dl4jReplica) frozen.replica();
        byte[] pixels = TestNetworks.pixels(4, frozen.input(), 1);
        replica.fit(pixels, Labels.of(0, 1, 2, 3), RATE);

        ModelArchive archive =
                ModelArchive.of(frozen, replica.parameters(), replica.optimiserState(), card(frozen, FOUR));

        float[] normalised = new float[pixels.length];
        frozen.normalisation().apply(pixels, normalised, 4);
        INDArray features = Nd4j.create(normalised, new long[] {
            4,
            frozen.input().channels(),
            frozen.input().height(),
            frozen.input().width()
        });
        boolean chain = name.equals("lenet-5");
        INDArray expected = chain
                ? ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(archive.zip()), true)
                        .output(features)
                : ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(archive.zip()), true)
                        .output(features)[0];
        float[] probabilities = archive.classifier().probabilities(pixels, 4);
        for (int i = 0; i < 16; i++) {
            assertThat(probabilities[i]).isCloseTo(expected.getFloat(i / 4, i % 4), within(1e-5f));
        }
        assertThat(values(FlatVector.view(replica.network().parameters())))
                .isEqualTo(values(FlatVector.view(
                        ModelArchive.read(archive.zip(), "child").model().params())));
    }

    /** Layers without names, some of them frozen, penalties and an updater of its own: what DL4J users have. */
    @Test
    void startsFromAStockArchive() throws Exception {
        MultiLayerNetwork stock = stock();
        ParentModel model = ParentModel.read(zip(stock), "theirs.zip");
        NetworkSpec plain = TestNetworks.spec("lenet-5");

        Topology.Pretrained topology = model.topology(ParentModel.Head.AUTO, "1", GREY_28, FOUR);
        NetworkSpec child = spec(topology, plain, 4);

        assertThat(topology.name()).isEqualTo("dl4j");
        assertThat(model.normalisation()).isEmpty();
        assertThat(child.network().layersByName().keySet()).containsExactly("layer0", "layer1", "layer2", "layer3");
        assertThat(child.network().layersByName().get("layer2").params())
                .isEqualTo(stock.getLayer(2).params());
        assertThat(child.frozenParameters()).isEqualTo(4 * 9 + 4);
        Replica replica = child.replica();
        float[] before = values(replica.parameters());
        replica.fit(TestNetworks.pixels(4, GREY_28, 1), Labels.of(0, 1, 2, 3), 0);
        // A rate of 0 moves only batch norm's statistics.
        assertThat(differences(before, values(replica.parameters()))).isEqualTo(8);
        NetworkSpec kept = spec(model.topology(ParentModel.Head.KEEP, "none", GREY_28, TEN), plain, 10);
        assertThat(values(kept.replica().parameters())).isEqualTo(stock.params().toFloatVector());

        // The parent's penalties are no part of the loss.
        NetworkSpec frozen = spec(model.topology(ParentModel.Head.AUTO, "below-head", GREY_28, FOUR), plain, 4);
        Dl4jReplica head = (Dl4jReplica) frozen.replica();
        float[] theta = values(FlatVector.view(head.network().parameters()));
        byte[] pixels = TestNetworks.pixels(4, GREY_28, 1);
        assertThat(head.fit(pixels, Labels.of(0, 1, 2, 3), 0))
                .isCloseTo(lossAsInference(frozen, theta, pixels), within(1e-5));
    }

    private static long differences(float[] a, float[] b) {
        return IntStream.range(0, a.length).filter(i -> a[i] != b[i]).count();
    }

    @Test
    void stepsSlowerWhereALayersRateIsLower() {
        NetworkSpec plain = TestNetworks.spec("lenet-5");
        Optimiser slower = new Optimiser(
                "sgd", 0.05, 0, Regularisation.NONE, new Schedule.Constant(), Map.of("conv", 0.5, "conv2", 0.25));
        byte[] pixels = TestNetworks.pixels(8, GREY_28, 3);
        Labels labels = TestNetworks.labels(8, 10, 4);
        Dl4jReplica full = (Dl4jReplica) plain.replica();
        Dl4jReplica part = (Dl4jReplica) plain.with(slower).replica();
        Map<String, float[]> before = parameters(full);

        full.fit(pixels, labels, 0.05);
        part.fit(pixels, labels, 0.05);

        plain.with(slower).requireLayersOfRates();
        Map<String, float[]> whole = parameters(full);
        parameters(part).forEach((layer, reached) -> {
            double factor = layer.equals("conv1") ? 0.5 : layer.equals("conv2") ? 0.25 : 1;
            float[] start = before.get(layer);
            for (int i = 0; i < start.length; i++) {
                assertThat((double) reached[i] - start[i])
                        .as(layer)
                        .isCloseTo(factor * ((double) whole.get(layer)[i] - start[i]), within(1e-7));
            }
        });
        Optimiser unknown =
                new Optimiser("sgd", 0.05, 0, Regularisation.NONE, new Schedule.Constant(), Map.of("convolution", 0.5));
        assertThatThrownBy(() -> plain.with(unknown).requireLayersOfRates())
                .hasMessage("train.optimiser.layer-rates.convolution must be how a layer's name begins; there are "
                        + plain.network().layersByName().keySet());
    }

    private static Map<String, float[]> parameters(Dl4jReplica replica) {
        Map<String, float[]> parameters = new java.util.TreeMap<>();
        replica.network().layersByName().forEach((name, layer) -> {
            if (layer.numParams() > 0) {
                parameters.put(name, layer.params().toFloatVector());
            }
        });
        return parameters;
    }

    @Test
    void saysWhatDoesNotFit() throws Exception {
        NetworkSpec trained = TestNetworks.spec("lenet-5");
        ParentModel model = read(trained, trained(trained), TEN);
        InputShape other = new InputShape(3, 28, 28);

        assertThatThrownBy(() -> model.topology(ParentModel.Head.AUTO, "none", other, TEN))
                .isInstanceOf(BadModelException.class)
                .hasMessage("[digits@1] cannot read the dataset's pictures of 3x28x28 (C x H x W): it reads 1x28x28");
        assertThatThrownBy(() -> ParentModel.read(zip(stock()), "theirs.zip")
                        .topology(ParentModel.Head.AUTO, "none", other, TEN))
                .isInstanceOf(BadModelException.class)
                .hasMessageStartingWith("[theirs.zip] cannot read the dataset's pictures of 3x28x28 (C x H x W): ");
        assertThatThrownBy(() -> model.topology(ParentModel.Head.KEEP, "none", GREY_28, FOUR))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("transfer.head must not be keep for a dataset with classes [oak, elm, ash, yew]:"
                        + " [digits@1] knows " + TEN);
        assertThatThrownBy(() -> model.topology(ParentModel.Head.AUTO, "conv9", GREY_28, FOUR))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("transfer.freeze must be none, below-head, a number up to ")
                .hasMessageEndingWith("but was 'conv9'");
        assertThatThrownBy(() -> ParentModel.read(new byte[10], "notes.zip"))
                .isInstanceOf(BadModelException.class)
                .hasMessage("[notes.zip] is no model: it is not a zip archive");
    }

    private static MultiLayerNetwork stock() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.01))
                .l2(0.1)
                .activation(Activation.RELU)
                .list()
                .layer(new FrozenLayer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .updater(new Adam())
                        .activation(Activation.RELU)
                        .build()))
                .layer(new BatchNormalization())
                .layer(new DenseLayer.Builder().nOut(5).build())
                .layer(new OutputLayer.Builder()
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(28, 28, 1))
                .build());
        network.getLayerWiseConfigurations().getConfs().forEach(layer -> layer.getLayer()
                .setLayerName(null));
        network.init();
        return network;
    }

    private static byte[] zip(MultiLayerNetwork network) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ModelSerializer.writeModel(network, bytes, true);
        return bytes.toByteArray();
    }

    private static String head(Dl4jNetwork network) {
        return network.layersByName().entrySet().stream()
                .filter(entry -> entry.getValue() != null && entry.getValue().numParams() > 0)
                .reduce((first, second) -> second)
                .orElseThrow()
                .getKey();
    }

    private static NetworkSpec spec(Topology topology, NetworkSpec like, int classes) {
        return new NetworkSpec(
                topology, like.input(), classes, like.normalisation(), like.optimiser(), List.of(), like.seed());
    }

    private static NetworkSpec small(String name, InputShape input) {
        Architecture narrow = Architecture.of(
                name, key -> key.equals("width-multiplier") && !name.equals("lenet-5") ? "0.125" : null);
        return TestNetworks.spec(narrow, input, new Optimiser("sgd", RATE, 0));
    }

    private static Replica trained(NetworkSpec spec) {
        Replica replica = spec.replica();
        replica.fit(TestNetworks.pixels(8, spec.input(), 1), TestNetworks.labels(8, 10, 2), 0.05);
        return replica;
    }

    private static ParentModel read(NetworkSpec spec, Replica replica, List<String> classes) {
        byte[] zip = ModelArchive.of(spec, replica.parameters(), replica.optimiserState(), card(spec, classes))
                .zip();
        return ParentModel.read(zip, "digits@1");
    }

    private static InputShape shape(String text) {
        int[] sides = Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
        return new InputShape(sides[0], sides[1], sides[2]);
    }

    private static List<String> classes(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    static ModelCard card(NetworkSpec spec, List<String> classes) {
        return new ModelCard(
                ModelCard.FORMAT_VERSION,
                spec.topology().name(),
                spec.topology().choices(),
                spec.input(),
                classes,
                NormalisationCard.of(spec.normalisation()),
                Map.of(),
                1,
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
