package org.convoy.model;

import java.io.ByteArrayInputStream;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.architecture.UnknownNameException;
import org.convoy.model.layer.LayerPlan.Placement;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.TestNetworks.values;

/** Networks that a file describes; in place of quotes the descriptions here have apostrophes. */
class DescribedNetworkTest {
    private static final InputShape COLOUR_16 = new InputShape(3, 16, 16);

    private static final String SCORES = "{'name': 'scores', 'type': 'softmax'}";

    private static final String LENET =
            """
            {'name': 'my-lenet', 'layers': [
              {'name': 'conv1', 'type': 'convolution', 'filters': 20, 'kernel': 5},
              {'name': 'pool1', 'type': 'max-pooling', 'kernel': 2},
              {'name': 'conv2', 'type': 'convolution', 'filters': 50, 'kernel': 5},
              {'name': 'pool2', 'type': 'max-pooling', 'kernel': 2},
              {'name': 'fc1', 'type': 'dense', 'units': 500},
              {'name': 'scores', 'type': 'softmax'}]}
            """;

    private static final String RESNET_9 =
            """
            {'name': 'my-resnet-9', 'batch-norm': true, 'blocks': {
              'stage': [
                {'name': 'conv', 'type': 'convolution', 'filters': '$filters', 'kernel': 3, 'padding': 'same'},
                {'name': 'pool', 'type': 'max-pooling', 'kernel': 2}],
              'residual-stage': [
                {'name': 'in', 'type': 'block', 'block': 'stage', 'with': {'filters': '$filters'}},
                {'name': 'sum', 'type': 'residual', 'activation': 'none', 'body': [
                  {'name': 'res1', 'type': 'convolution', 'filters': '$filters', 'kernel': 3, 'padding': 'same'},
                  {'name': 'res2', 'type': 'convolution', 'filters': '$filters', 'kernel': 3, 'padding': 'same'}]}]},
             'layers': [
              {'name': 'prep', 'type': 'convolution', 'filters': 64, 'kernel': 3, 'padding': 'same'},
              {'name': 'layer1', 'type': 'block', 'block': 'residual-stage', 'with': {'filters': 128}},
              {'name': 'layer2', 'type': 'block', 'block': 'stage', 'with': {'filters': 256}},
              {'name': 'layer3', 'type': 'block', 'block': 'residual-stage', 'with': {'filters': 512}},
              {'name': 'pool', 'type': 'global-max-pooling'},
              {'name': 'eighth', 'type': 'scale', 'factor': 0.125},
              {'name': 'scores', 'type': 'softmax', 'bias': false}]}
            """;

    /** Every type of layer, in groups, branches and blocks. */
    private static final String EVERYTHING =
            """
            {'name': 'everything', 'activation': 'tanh', 'initialisation': 'xavier', 'blocks': {
              'twice': [{'name': 'conv', 'type': 'convolution', 'filters': 8, 'kernel': 3, 'padding': 'same', 'groups': 2}]},
             'layers': [
              {'name': 'conv1', 'type': 'convolution', 'filters': 8, 'kernel': 3, 'padding': 'same', 'batch-norm': true},
              {'name': 'norm', 'type': 'local-response-norm', 'k': 1, 'alpha': 0.01},
              {'name': 'again', 'type': 'block', 'block': 'twice', 'times': 2},
              {'name': 'grouped', 'type': 'convolution', 'filters': 12, 'kernel': 3, 'groups': 4, 'padding': 1,
               'activation': 'leaky-relu', 'batch-norm': true},
              {'name': 'depthwise', 'type': 'depthwise-convolution', 'multiplier': 2, 'kernel': 3, 'padding': 'same'},
              {'name': 'separable', 'type': 'separable-convolution', 'filters': 8, 'kernel': 3, 'dilation': 2, 'padding': 2},
              {'type': 'dropout', 'share': 0.1},
              {'name': 'residual', 'type': 'residual', 'activation': 'elu',
               'body': [{'name': 'a', 'type': 'convolution', 'filters': 6, 'kernel': 1, 'activation': 'none'},
                        {'name': 'norm', 'type': 'batch-norm'}],
               'shortcut': [{'name': 'b', 'type': 'convolution', 'filters': 6, 'kernel': 1, 'activation': 'none'}]},
              {'name': 'inception', 'type': 'branches', 'bodies': [
                [{'name': 'one', 'type': 'convolution', 'filters': 3, 'kernel': 1, 'activation': 'maxout'}],
                [{'name': 'mean', 'type': 'average-pooling', 'kernel': 3, 'stride': 1, 'padding': 'same'}],
                []]},
              {'name': 'pool', 'type': 'max-pooling', 'kernel': 3, 'stride': 2, 'rounding': 'up'},
              {'name': 'act', 'type': 'activation', 'function': 'swish'},
              {'name': 'fc1', 'type': 'dense', 'units': 9, 'activation': 'gelu'},
              {'name': 'scores', 'type': 'softmax'}]}
            """;

    private static final String TO_CLASSES =
            """
            {'name': 'to-classes', 'layers': [
              {'name': 'conv1', 'type': 'convolution', 'filters': 6, 'kernel': 4, 'stride': 4},
              {'name': 'conv2', 'type': 'convolution', 'filters': 'classes', 'kernel': 1},
              {'name': 'pool', 'type': 'global-average-pooling'},
              {'name': 'scores', 'type': 'softmax-of-values'}]}
            """;

    @Test
    void aDescribedNetworkIsTheBuiltInOneBitForBit() {
        assertSameStart(described(LENET), Architecture.named("lenet-5"), TestNetworks.GREY_28, 431_080);
        assertSameStart(
                described(RESNET_9),
                Architecture.named("resnet-9"),
                new InputShape(3, 32, 32),
                6_573_120 + 2 * (64 + 128 * 3 + 256 + 512 * 3));
    }

    private static void assertSameStart(
            Architecture described, Architecture builtIn, InputShape input, int parameters) {
        NetworkSpec spec = TestNetworks.spec(described, input, new Optimiser("sgd", 0.05, 0));
        NetworkSpec same = TestNetworks.spec(builtIn, input, new Optimiser("sgd", 0.05, 0));
        Replica replica = spec.replica();
        Replica other = same.replica();
        byte[] pixels = TestNetworks.pixels(4, input, 1);
        Labels labels = TestNetworks.labels(4, 10, 2);

        assertThat(replica.parameters().remaining()).isEqualTo(parameters);
        assertThat(values(replica.parameters())).isEqualTo(values(other.parameters()));
        assertThat(replica.fit(pixels, labels, 0.01)).isEqualTo(other.fit(pixels, labels, 0.01));
        assertThat(values(replica.parameters())).isEqualTo(values(other.parameters()));
    }

    @Test
    void everyTypeOfLayerRunsOnConvoysLayersAndLearns() {
        NetworkSpec spec = TestNetworks.spec(described(EVERYTHING), COLOUR_16, new Optimiser("sgd", 0.05, 0));
        byte[] pixels = TestNetworks.pixels(8, COLOUR_16, 3);
        Labels labels = TestNetworks.labels(8, 10, 4);
        Replica replica = spec.replica();

        List<Placement> stock = spec.network().installFastLayers().stock();
        double first = replica.fit(pixels, labels, 0.05);
        for (int step = 0; step < 30; step++) {
            replica.fit(pixels, labels, 0.05);
        }

        assertThat(stock).extracting(Placement::layer).containsExactly("scores");
        assertThat(replica.fit(pixels, labels, 0.05)).isLessThan(0.9 * first);
    }

    /** Long et al. 2015, section 3.1. */
    @Test
    void aFullyConnectedLayerIsAConvolutionWhoseKernelIsTheMap() {
        String layers =
                "{'name': 'n', 'layers': [{'name': 'conv1', 'type': 'convolution', 'filters': 4, 'kernel': 3}, %s, "
                        + SCORES + "]}";
        MultiLayerNetwork dense = chain(layers.formatted("{'name': 'fc', 'type': 'dense', 'units': 7}"));
        MultiLayerNetwork convolution =
                chain(layers.formatted("{'name': 'fc', 'type': 'convolution', 'filters': 7, 'kernel': 14}"));
        assertThat(convolution.numParams()).isEqualTo(dense.numParams());
        convolution.getLayer("conv1").setParams(dense.getLayer("conv1").params());
        convolution.getLayer("scores").setParams(dense.getLayer("scores").params());
        INDArray from = dense.getLayer("fc").getParam("W"); // [4·14·14, 7]
        INDArray to = convolution.getLayer("fc").getParam("W"); // [7, 4, 14, 14]
        for (int unit = 0; unit < 7; unit++) {
            for (int value = 0; value < 4 * 14 * 14; value++) {
                to.putScalar(new int[] {unit, value / 196, value / 14 % 14, value % 14}, from.getFloat(value, unit));
            }
        }
        INDArray pictures = Nd4j.rand(DataType.FLOAT, 3, 3, 16, 16);

        assertThat(floats(convolution.output(pictures))).containsExactly(floats(dense.output(pictures)), within(1e-5f));
    }

    private static MultiLayerNetwork chain(String description) {
        NetworkSpec spec = TestNetworks.spec(described(description), COLOUR_16, new Optimiser("sgd", 0.05, 0));
        return (MultiLayerNetwork) spec.network().model();
    }

    /** A convolution in groups has 1/groups of the weights. */
    @ParameterizedTest
    @CsvSource({"1, 1168", "2, 592", "4, 304", "8, 160"})
    void groupsDivideTheWeights(int groups, long parameters) {
        NetworkSpec spec = TestNetworks.spec(described(grouped(groups)), COLOUR_16, new Optimiser("sgd", 0.05, 0));

        long others = 3 * 8 + 8 + 16 * 10 + 10;
        assertThat(spec.replica().parameters().remaining()).isEqualTo(parameters + others);
    }

    /** A full convolution whose weights are zero between groups computes the same. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void aConvolutionInGroupsIsAFullOneWithZerosBetweenThem(int groups) {
        ComputationGraph inGroups = (ComputationGraph)
                TestNetworks.spec(described(grouped(groups)), COLOUR_16, new Optimiser("sgd", 0.05, 0))
                        .network()
                        .model();
        MultiLayerNetwork full =
                (MultiLayerNetwork) TestNetworks.spec(described(grouped(1)), COLOUR_16, new Optimiser("sgd", 0.05, 0))
                        .network()
                        .model();
        full.getLayer("conv1").setParams(inGroups.getLayer("conv1").params());
        full.getLayer("scores").setParams(inGroups.getLayer("scores").params());
        INDArray weights = full.getLayer("conv2").getParam("W"); // [16, 8, 3, 3]
        weights.assign(0);
        int filters = 16 / groups;
        int channels = 8 / groups;
        for (int group = 0; group < groups; group++) {
            INDArray part = inGroups.getLayer("conv2-group" + (group + 1)).getParam("W");
            for (int i = 0; i < part.length(); i++) {
                int tap = i % 9;
                int channel = i / 9 % channels;
                int filter = i / 9 / channels;
                weights.putScalar(
                        new int[] {group * filters + filter, group * channels + channel, tap / 3, tap % 3},
                        part.getFloat(filter, channel, tap / 3, tap % 3));
            }
        }
        INDArray pictures = Nd4j.rand(DataType.FLOAT, 3, 3, 16, 16);
        Dl4jNetwork fast = Dl4jNetwork.of(inGroups);
        float[] expected = floats(full.output(pictures));

        assertThat(floats(inGroups.output(pictures)[0])).containsExactly(expected, within(1e-6f));
        fast.installFastLayers();
        assertThat(floats(fast.output(pictures))).containsExactly(expected, within(1e-6f));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8})
    void aConvolutionInGroupsTrainsAsInStockDl4j(int groups) {
        NetworkSpec spec = TestNetworks.spec(described(grouped(groups)), COLOUR_16, new Optimiser("sgd", 0.05, 0));
        Model stock = spec.network().model();
        Replica replica = spec.replica();
        for (int step = 0; step < 3; step++) {
            byte[] pixels = TestNetworks.pixels(8, COLOUR_16, step);
            Labels labels = TestNetworks.labels(8, 10, step);

            if (stock instanceof ComputationGraph graph) {
                graph.fit(StockDl4j.minibatch(spec, pixels, labels));
            } else {
                ((MultiLayerNetwork) stock).fit(StockDl4j.minibatch(spec, pixels, labels));
            }

            assertThat(replica.fit(pixels, labels, 0.05)).isCloseTo(stock.score(), within(1e-5));
        }
        ReplicaTest.assertClose(values(replica.parameters()), values(FlatVector.view(stock.params())));
    }

    private static String grouped(int groups) {
        return "{'name': 'grouped', 'layers': ["
                + "{'name': 'conv1', 'type': 'convolution', 'filters': 8, 'kernel': 1},"
                + "{'name': 'conv2', 'type': 'convolution', 'filters': 16, 'kernel': 3, 'padding': 'same', 'groups': "
                + groups
                + "}, {'name': 'pool', 'type': 'global-average-pooling'}, " + SCORES + "]}";
    }

    @ParameterizedTest
    @ValueSource(strings = {EVERYTHING, TO_CLASSES})
    void gradientsAreRightInDoublePrecision(String description) {
        Architecture architecture = described(description.replace("'share': 0.1", "'share': 0"));
        Model model;
        if (architecture.blueprint(3, 16, 16, 10, List.of()).isChain()) {
            var configuration = architecture.blueprint(3, 16, 16, 10, List.of()).chain(new Sgd(1), 7);
            configuration.setDataType(DataType.DOUBLE);
            model = new MultiLayerNetwork(configuration);
        } else {
            var configuration = architecture.blueprint(3, 16, 16, 10, List.of()).graph(new Sgd(1), 7);
            configuration.setDataType(DataType.DOUBLE);
            model = new ComputationGraph(configuration);
        }
        model.init();
        Dl4jNetwork network = Dl4jNetwork.of(model);
        network.installFastLayers();
        network.updater(); // allocates the gradient
        network.parameters()
                .addi(Nd4j.randn(DataType.DOUBLE, network.parameters().shape()).muli(0.02));
        INDArray features = Nd4j.rand(DataType.DOUBLE, 3, 3, 16, 16);
        INDArray targets = Nd4j.zeros(DataType.DOUBLE, 3, 10);
        for (long i = 0; i < 3; i++) {
            targets.putScalar(i, 3 * i, 1);
        }
        network.computeGradient(features, targets);
        INDArray gradient = network.gradient().dup();
        INDArray start = network.parameters().dup();
        Random random = new Random(1);
        double step = 1e-6;
        int checked = 0;
        while (checked < 40) {
            int parameter = random.nextInt((int) start.length());
            network.parameters().assign(start).putScalar(parameter, start.getDouble(parameter) + step);
            double above = loss(network, features, targets);
            network.parameters().assign(start).putScalar(parameter, start.getDouble(parameter) - step);
            double below = loss(network, features, targets);
            double expected = 3 * (above - below) / (2 * step);
            double computed = gradient.getDouble(parameter);
            if (expected != 0 || computed == 0) { // running statistics have a "gradient" of their own
                assertThat(computed)
                        .as("parameter %s", parameter)
                        .isCloseTo(expected, within(1e-6 + 1e-4 * Math.abs(expected)));
                checked++;
            }
        }
    }

    private static double loss(Dl4jNetwork network, INDArray features, INDArray targets) {
        network.computeGradient(features, targets);
        return network.model().score();
    }

    @ParameterizedTest
    @ValueSource(strings = {EVERYTHING, TO_CLASSES})
    void itsArchiveOpensInStockDl4jAndSaysWhichNetworkItIs(String description) throws Exception {
        NetworkSpec spec = TestNetworks.spec(described(description), COLOUR_16, new Optimiser("sgd", 0.05, 0));
        byte[] pixels = TestNetworks.pixels(5, COLOUR_16, 5);
        Replica replica = spec.replica();
        replica.fit(pixels, TestNetworks.labels(5, 10, 6), 1e-3);
        byte[] zip = ModelArchive.of(spec, replica.parameters(), FloatBuffer.allocate(0), card(spec))
                .zip();
        INDArray features =
                StockDl4j.minibatch(spec, pixels, Labels.of(0, 0, 0, 0, 0)).getFeatures();
        INDArray expected = StockDl4j.isChain(spec)
                ? ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(zip), false)
                        .output(features)
                : ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(zip), false)
                        .output(features)[0];

        ModelArchive read = ModelArchive.read(zip, "model.zip");

        assertThat(read.classifier().probabilities(pixels, 5)).containsExactly(floats(expected), within(1e-5f));
        ModelCard card = read.card();
        assertThat(Architecture.of(card.architecture(), card.architectureChoices()::get))
                .isEqualTo(((Topology.Drawn) spec.topology()).architecture());
    }

    @Test
    void whatIsChosenCountsOverTheFile() {
        Architecture narrow = Architecture.described(
                LENET.replace('\'', '"'), Map.of("width-multiplier", "0.5", "activation", "elu")::get);

        assertThat(narrow.name()).isEqualTo("my-lenet");
        assertThat(narrow).isNotEqualTo(described(LENET));
        assertThat(TestNetworks.spec(narrow, TestNetworks.GREY_28, new Optimiser("sgd", 0.05, 0))
                        .replica()
                        .parameters()
                        .remaining())
                .isEqualTo(10 * 25 + 10 + 25 * 10 * 25 + 25 + 400 * 250 + 250 + 250 * 10 + 10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'name': 'c', 'type': 'convolution', 'filters': 4, 'kernel': 3, 'stride': 2}"
                        + " | layer c is given 3x16x16, and out = (in + 2·padding − kernel) / stride + 1 = (16 + 2·0 − 3) / 2 + 1 = 7.5"
                        + " is not whole; choose its rounding: down leaves the rest out, up covers it",
                "{'name': 'c', 'type': 'convolution', 'filters': 4, 'kernel': 5, 'dilation': 5}"
                        + " | layer c needs at least 21x21 but is given 3x16x16",
                "{'name': 'p', 'type': 'max-pooling', 'kernel': 17} | layer p needs at least 17x17 but is given 3x16x16",
                "{'name': 'p', 'type': 'average-pooling', 'kernel': 3} | layer p is given 3x16x16, and"
                        + " out = (in + 2·padding − kernel) / stride + 1 = (16 + 2·0 − 3) / 3 + 1 = 5.33 is not whole;"
                        + " choose its rounding: down leaves the rest out, up covers it",
                "{'name': 'c', 'type': 'convolution', 'filters': 4, 'kernel': 1, 'groups': 2}"
                        + " | layer c has 2 groups, which do not divide the 3 channels it is given and its 4 filters",
                "{'name': 'r', 'type': 'residual', 'body': [{'name': 'c', 'type': 'convolution', 'filters': 4, 'kernel': 3}]}"
                        + " | layer r adds 4x14x14 and 3x16x16, which must be equal",
                "{'name': 'b', 'type': 'branches', 'bodies': [[], [{'name': 'c', 'type': 'convolution', 'filters': 4, 'kernel': 3}]]}"
                        + " | layer b puts 3x16x16 and 4x14x14 side by side, which must be equal but for their channels",
                "{'name': 'f', 'type': 'dense', 'units': 7}, {'name': 'c', 'type': 'convolution', 'filters': 4, 'kernel': 1}"
                        + " | layer c needs maps but is given 7 values",
                "{'name': 'c', 'type': 'convolution', 'filters': 4, 'kernel': 1, 'activation': 'maxout', 'batch-norm': true}"
                        + " | layer c must not have both maxout and batch norm",
            })
    void saysWhichLayerDoesNotFit(String layers, String problem) {
        Architecture architecture = described("{'name': 'mine', 'layers': [" + layers + ", " + SCORES + "]}");

        assertThatThrownBy(() -> TestNetworks.spec(architecture, COLOUR_16, new Optimiser("sgd", 0.05, 0)))
                .hasMessage("mine cannot read pictures of 3x16x16: " + problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'name': 'c', 'type': 'convolution', 'filter': 4, 'kernel': 3} | layer c has no key 'filter'",
                "{'name': 'c', 'type': 'convolutional'} | layer c has no type that there is but 'convolutional'",
                "{'name': 'b', 'type': 'block', 'block': 'pears'} | layer b has no block 'pears'",
                "{'name': 'b', 'type': 'block', 'block': 'pair', 'with': {'filters': 1, 'size': 2}} | layer b, with has no key 'size'",
            })
    void namesWhatThereIsNot(String layer, String problem) {
        assertThatThrownBy(() -> described(
                        "{'name': 'mine', 'blocks': {'pair': [{'name': 'c', 'type': 'dense', 'units': '$filters'}]},"
                                + " 'layers': [" + layer + ", " + SCORES + "]}"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessage(problem);
        assertThatThrownBy(() -> described("{'name': 'mine', 'layer': [" + SCORES + "]}"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessage("the network has no key 'layer'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'type': 'dense', 'units': 3} | layer without a name: must have a key 'name'",
                "{'name': 'c', 'type': 'convolution', 'kernel': 3} | layer c: must have a key 'filters'",
                "{'name': 'c', 'type': 'convolution', 'filters': 0, 'kernel': 3} | layer c: filters must be a whole number from 1 to 1048576 but was 0",
                "{'name': 'c', 'type': 'convolution', 'filters': 2.5, 'kernel': 3} | layer c: filters must be a whole number from 1 to 1048576 but was 2.5",
                "{'name': 'c', 'type': 'convolution', 'filters': 2, 'kernel': 2, 'padding': 'same'} | layer c: padding must be a number where the window is even (2x2) but was same",
                "{'name': 'c', 'type': 'convolution', 'filters': 2, 'kernel': 3, 'padding': 1, 'rounding': 'up'} | layer c: padding must not be given with rounding = up, which pads as it needs",
                "{'name': 'c', 'type': 'convolution', 'filters': 2, 'kernel': 3, 'rounding': 'off'} | layer c: rounding must be none, down or up but was off",
                "{'name': 'f', 'type': 'dense', 'units': 3, 'activation': 'step'} | layer f: activation must be none or one of [sigmoid, tanh, relu, leaky-relu, elu, gelu, swish, maxout] but was step",
                "{'type': 'dropout', 'share': 1} | layer without a name: share must be from 0 to below 1 but was 1.0",
                "{'name': 'a b', 'type': 'dense', 'units': 3} | layer a b: name must be of letters, digits, - and _ but was a b",
                "{'name': 'x', 'type': 'softmax'} | layer x: only the last layer may be of type softmax",
                "{'name': 'b', 'type': 'branches', 'bodies': [[]]} | layer b: bodies must be two or more",
                "{'name': 'b', 'type': 'block', 'block': 'pair'} | layer b: with must say filters, which its block asks for",
                "{'name': 'b', 'type': 'block', 'block': 'endless'} | the network: blocks must not be nested more than 20 times",
                "{'name': 'b', 'type': 'block', 'block': 'many', 'times': 10000} | the network: layers must be at most 10000",
            })
    void refusesWhatALayerCannotBe(String layer, String problem) {
        assertThatThrownBy(() -> described(
                        "{'name': 'mine', 'blocks': {'pair': [{'name': 'c', 'type': 'dense', 'units': '$filters'}],"
                                + " 'many': [{'type': 'dropout'}, {'type': 'dropout'}],"
                                + " 'endless': [{'name': 'e', 'type': 'block', 'block': 'endless'}]},"
                                + " 'layers': [" + layer + ", " + SCORES + "]}"))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessage(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'name': 'scores', 'type': 'dense', 'units': 3} | scores",
                "{'name': 'picture', 'type': 'dense', 'units': 3} | picture",
                "{'name': 'c', 'type': 'convolution', 'filters': 3, 'kernel': 1, 'batch-norm': true}, {'name': 'c-bn', 'type': 'batch-norm'} | c-bn",
            })
    void eachLayerHasANameOfItsOwn(String layers, String name) {
        Architecture architecture = described("{'name': 'c', 'layers': [" + layers + ", " + SCORES + "]}");

        assertThatThrownBy(() -> TestNetworks.spec(architecture, COLOUR_16, new Optimiser("sgd", 0.05, 0)))
                .hasMessage("c: two layers are called " + name + ", or what belongs to them is");
    }

    @Test
    void theLastLayerGivesTheClasses() {
        assertThatThrownBy(() -> described(LENET.replace("'softmax'", "'dense', 'units': 10")))
                .hasMessage(
                        "layer scores: the last layer must be of type softmax or softmax-of-values but was of type 'dense'");
        assertThatThrownBy(() -> described("{'name': 'mine', 'layers': [" + SCORES + "]}"))
                .hasMessage("the network: layers must be two or more");
        assertThatThrownBy(() -> described(LENET.replace("my-lenet", "lenet-5")))
                .hasMessage("the network: name must be none of " + Architecture.names() + " but was lenet-5");
    }

    private static Architecture described(String description) {
        return Architecture.described(description.replace('\'', '"'), Map.<String, String>of()::get);
    }

    private static float[] floats(INDArray array) {
        return array.dup('c').data().asFloat();
    }

    private static ModelCard card(NetworkSpec spec) {
        return new ModelCard(
                ModelCard.FORMAT_VERSION,
                spec.topology().name(),
                spec.topology().choices(),
                spec.input(),
                Collections.nCopies(10, "class"),
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
