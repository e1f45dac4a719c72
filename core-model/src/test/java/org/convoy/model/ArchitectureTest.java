package org.convoy.model;

import java.io.ByteArrayInputStream;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.architecture.Blueprint;
import org.convoy.model.layer.LayerPlan.Placement;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.TestNetworks.values;

/** Every network by name. Those that need much memory are trained in a narrow form, and counted from their configuration. */
class ArchitectureTest {
    private static final int CLASSES = 10;

    /**
     * A network small enough to be trained in a moment.
     *
     * @param side of its pictures
     * @param rate at which a few steps fit a batch
     */
    private record Small(String name, double width, int channels, int side, double rate) {
        NetworkSpec spec() {
            Architecture narrow =
                    Architecture.of(name, key -> key.equals("width-multiplier") ? Double.toString(width) : null);
            return TestNetworks.spec(narrow, new InputShape(channels, side, side), new Optimiser("nesterov", 0.1, 0.9));
        }
    }

    static final List<Small> SMALL = List.of(
            new Small("lenet-5", 1, 1, 28, 0.02),
            new Small("lenet-5-1998", 1, 1, 28, 0.05),
            new Small("seed-cnn", 0.25, 1, 28, 0.02),
            new Small("bn-cnn", 0.25, 3, 16, 0.05),
            new Small("vgg-11", 0.125, 3, 32, 0.02),
            new Small("vgg-13", 0.125, 3, 32, 0.02),
            new Small("vgg-16", 0.125, 3, 32, 0.02),
            new Small("vgg-19", 0.125, 3, 32, 0.02),
            new Small("alexnet", 0.0625, 3, 64, 0.02),
            new Small("zfnet", 0.0625, 3, 64, 0.02),
            new Small("nin", 0.5, 3, 16, 0.05),
            new Small("googlenet", 0.0625, 3, 80, 0.02),
            new Small("resnet-18", 0.125, 3, 32, 0.02),
            new Small("resnet-34", 0.0625, 3, 32, 0.02),
            new Small("resnet-50", 0.0625, 3, 64, 0.02),
            new Small("resnet-101", 0.0625, 3, 64, 0.02),
            new Small("resnet-9", 0.125, 3, 16, 0.05),
            new Small("resnet-20", 0.5, 3, 16, 0.02),
            new Small("resnet-56", 0.25, 3, 8, 0.02),
            new Small("resnet-110", 0.25, 3, 8, 0.02));

    @Test
    void eachNetworkIsTestedSmall() {
        assertThat(SMALL).extracting(Small::name).containsExactlyInAnyOrderElementsOf(Architecture.names());
    }

    /** Running means and variances are state, which the sources do not count. */
    @ParameterizedTest
    @CsvSource({
        "lenet-5, 1, 28, 10, 431080", // Caffe's examples/mnist/lenet.prototxt
        "lenet-5-1998, 1, 32, 10, 61706", // LeCun et al. 1998, figure 2, with the second convolution fully connected
        "lenet-5-1998, 1, 28, 10, 61706",
        "seed-cnn, 1, 28, 10, 2327818",
        "bn-cnn, 3, 32, 10, 964170",
        // torchvision's vgg11, vgg13, vgg16, vgg19: "num_params" of IMAGENET1K_V1
        "vgg-11, 3, 224, 1000, 132863336",
        "vgg-13, 3, 224, 1000, 133047848",
        "vgg-16, 3, 224, 1000, 138357544",
        "vgg-19, 3, 224, 1000, 143667240",
        "vgg-16, 3, 32, 10, 33638218",
        // Caffe's bvlc_alexnet, with groups in place of towers; about 60 million in Krizhevsky et al. 2012, section 3.5
        "alexnet, 3, 224, 1000, 60965224",
        "alexnet, 3, 227, 1000, 60965224",
        "zfnet, 3, 224, 1000, 62357608", // the sum over Zeiler and Fergus 2014, figure 3
        "nin, 3, 32, 10, 966986", // the authors' CIFAR-10 model; 0.97 million in Lin et al. 2014's successors
        "googlenet, 3, 224, 1000, 13378280", // Caffe's bvlc_googlenet: 6,998,552 and two heads
        // torchvision's resnet18, resnet34, resnet50, resnet101: "num_params" of IMAGENET1K_V1
        "resnet-18, 3, 224, 1000, 11689512",
        "resnet-34, 3, 224, 1000, 21797672",
        "resnet-50, 3, 224, 1000, 25557032",
        "resnet-101, 3, 224, 1000, 44549160",
        "resnet-9, 3, 32, 10, 6573120", // Page 2018
        // He et al. 2016, table 6: 0.27, 0.85 and 1.7 million
        "resnet-20, 3, 32, 10, 269722",
        "resnet-56, 3, 32, 10, 853018",
        "resnet-110, 3, 32, 10, 1727962",
    })
    void hasItsPublishedParameterCount(String name, int channels, int side, int classes, long parameters) {
        assertThat(trainedParameters(Architecture.named(name), channels, side, classes))
                .isEqualTo(parameters);
    }

    /** torchvision counts 138,365,992 for vgg16_bn, of which 4,224 are biases ahead of a batch norm, which takes them out. */
    @Test
    void batchNormAddsAScaleAndAShiftAndTakesTheBias() {
        Architecture normalised = Architecture.of("vgg-16", Map.of("batch-norm", "true")::get);

        assertThat(trainedParameters(normalised, 3, 224, 1000)).isEqualTo(138_365_992 - 4_224);
    }

    @ParameterizedTest
    @CsvSource({
        "lenet-5, 16, 16, 3",
        "lenet-5, 33, 20, 1",
        "lenet-5-1998, 14, 40, 1",
        "seed-cnn, 16, 16, 1",
        "seed-cnn, 32, 40, 3",
        "bn-cnn, 4, 4, 1",
        "bn-cnn, 13, 10, 3",
        "vgg-16, 32, 32, 1",
        "vgg-16, 33, 64, 3",
        "alexnet, 63, 80, 1",
        "zfnet, 64, 70, 3",
        "nin, 8, 11, 1",
        "googlenet, 65, 90, 1",
        "resnet-18, 32, 40, 1",
        "resnet-50, 33, 20, 3",
        "resnet-9, 8, 9, 3",
        "resnet-9, 33, 12, 1",
        "resnet-20, 5, 5, 1",
        "resnet-20, 33, 20, 3",
    })
    void readsPicturesOfOtherShapes(String name, int height, int width, int channels) {
        InputShape input = new InputShape(channels, height, width);
        NetworkSpec spec = TestNetworks.spec(narrow(name), input, new Optimiser("sgd", 0.05, 0));

        double loss = spec.replica().fit(TestNetworks.pixels(4, input, 1), Labels.of(0, 1, 2, 3), 0.05);

        assertThat(loss).isFinite();
    }

    @ParameterizedTest
    @FieldSource("SMALL")
    void lowersTheLossOnAFixedBatch(Small small) {
        NetworkSpec spec = small.spec();
        Labels labels = TestNetworks.labels(16, spec.classes(), 3);
        byte[] pixels = brighterByClass(labels, spec.input());
        Replica replica = spec.replica();

        double first = replica.fit(pixels, labels, small.rate());
        for (int step = 0; step < 25; step++) {
            replica.fit(pixels, labels, small.rate());
        }

        assertThat(replica.fit(pixels, labels, small.rate())).isLessThan(0.8 * first);
    }

    /**
     * Central differences of the training loss, with Convoy's layers, in double precision: along some parameters, and along
     * random directions in all of them.
     */
    @ParameterizedTest
    @FieldSource("SMALL")
    void gradientsAreRightInDoublePrecision(Small small) {
        Dl4jNetwork network = Dl4jNetwork.of(inDouble(small.spec().blueprint()));
        network.installFastLayers();
        network.updater(); // allocates the gradient
        INDArray trained = trained(network);
        // Biases of 0 would put units that see nothing onto ReLU's kink.
        network.parameters()
                .addi(Nd4j.randn(DataType.DOUBLE, trained.shape()).muli(0.02).muli(trained));
        INDArray features = Nd4j.rand(DataType.DOUBLE, 3, small.channels(), small.side(), small.side());
        INDArray targets = Nd4j.zeros(DataType.DOUBLE, 3, CLASSES);
        for (long i = 0; i < 3; i++) {
            targets.putScalar(i, 3 * i, 1);
        }
        trainingLoss(network, features, targets);
        INDArray gradient = network.gradient().dup();
        INDArray start = network.parameters().dup();
        Random random = new Random(1);
        double step = 3e-7;
        for (int i = 0; i < 6; i++) {
            INDArray direction = i < 2 ? Nd4j.randn(DataType.DOUBLE, start.shape()) : Nd4j.zerosLike(start);
            direction.putScalar(random.nextInt((int) start.length()), 1);
            direction.muli(trained);
            direction.divi(Math.max(1e-9, direction.norm2Number().doubleValue()));
            network.parameters().assign(start.add(direction.mul(step)));
            double above = trainingLoss(network, features, targets);
            network.parameters().assign(start.sub(direction.mul(step)));
            double below = trainingLoss(network, features, targets);
            double expected = 3 * (above - below) / (2 * step); // DL4J's gradient is the sum over the batch
            assertThat(gradient.mul(direction).sumNumber().doubleValue())
                    .as("direction %s", i)
                    .isCloseTo(expected, within(1e-6 + 1e-4 * Math.abs(expected)));
        }
    }

    @ParameterizedTest
    @FieldSource("SMALL")
    void itsArchiveOpensInStockDl4jWithTheSameAnswers(Small small) throws Exception {
        NetworkSpec spec = small.spec();
        byte[] pixels = TestNetworks.pixels(5, spec.input(), 5);
        Replica replica = spec.replica();
        replica.fit(pixels, TestNetworks.labels(5, CLASSES, 6), 1e-3);
        ModelArchive archive = ModelArchive.of(spec, replica.parameters(), FloatBuffer.allocate(0), card(spec));

        Model stock = stock(archive, spec);
        INDArray features =
                StockDl4j.minibatch(spec, pixels, Labels.of(0, 0, 0, 0, 0)).getFeatures();
        float[] expected = stock instanceof ComputationGraph graph
                ? floats(graph.output(features)[0])
                : floats(((MultiLayerNetwork) stock).output(features));

        float[] answers =
                ModelArchive.read(archive.zip(), "model.zip").classifier().probabilities(pixels, 5);
        for (int i = 0; i < answers.length; i++) {
            assertThat(answers[i]).isCloseTo(expected[i], within(1e-5f));
        }
    }

    /** What gives the classes' scores has no native form and costs little; nothing else may fall back. */
    @ParameterizedTest
    @FieldSource("SMALL")
    void onlyTheClassesScoresAreLeftToDl4j(Small small) {
        List<Placement> stock = small.spec().network().installFastLayers().stock();

        assertThat(stock).extracting(Placement::type).containsAnyOf("OutputLayer", "LossLayer");
        assertThat(stock).hasSize(small.name().equals("googlenet") ? 3 : 1);
    }

    @ParameterizedTest
    @CsvSource({
        "lenet-5, 1, 28, 12, conv2, 5x5, 20x12x4",
        "vgg-16, 3, 16, 31, pool5, 2x2, 512x1x1",
        "googlenet, 3, 64, 224, auxiliary1-pool, 5x5, 512x4x14",
        "resnet-9, 3, 4, 64, layer3-pool, 2x2, 512x1x16",
    })
    void refusesPicturesThatALayerCannotRead(
            String name, int channels, int height, int width, String layer, String needs, String given) {
        assertThatThrownBy(() -> TestNetworks.spec(name, new InputShape(channels, height, width)))
                .hasMessage(name + " cannot read pictures of " + channels + "x" + height + "x" + width + ": layer "
                        + layer + " needs at least " + needs + " but is given " + given);
    }

    @Test
    void namesTheArchitecturesThereAre() {
        assertThatThrownBy(() -> Architecture.named("lenet"))
                .hasMessage("model.architecture must be one of " + Architecture.names()
                        + ", or file for the one that architecture.file describes, but was 'lenet'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vgg-16 | width-multiplier | 17 | must be from 0.0625 to 16 but was 17.0",
                "vgg-16 | width-multiplier | wide | must be default or a number but was 'wide'",
                "vgg-16 | dropout | 1 | must be from 0 to below 1 but was 1.0",
                "vgg-16 | batch-norm | yes | must be default, true or false but was 'yes'",
                "vgg-16 | initialisation | zeros | must be default or one of [he, xavier] but was 'zeros'",
                "vgg-16 | first-filters | sobel | must be default, drawn or gabor but was 'sobel'",
                "resnet-9 | activation | maxout | must not be maxout for resnet-9 with batch norm",
                "resnet-9 | batch-norm | false | must be default for resnet-9, which leaves no choice there, but was false",
                "lenet-5 | dropout | 0.5 | must be default for lenet-5, which leaves no choice there, but was 0.5",
                "lenet-5 | local-response-norm | true | must be default for lenet-5, which leaves no choice there, but was true",
            })
    void refusesWhatCannotBeChosen(String name, String key, String value, String rule) {
        assertThatThrownBy(() -> Architecture.of(name, Map.of(key, value)::get))
                .hasMessage("architecture." + key + " " + rule);
    }

    @Test
    void choicesMakeTheSameNetworkAgain() {
        Map<String, String> chosen = Map.of(
                "width-multiplier", "0.5",
                "dropout", "0.25",
                "activation", "leaky-relu",
                "batch-norm", "true",
                "initialisation", "xavier",
                "first-filters", "gabor");
        Architecture architecture = Architecture.of("vgg-13", chosen::get);

        assertThat(architecture.choices()).containsAllEntriesOf(chosen);
        assertThat(Architecture.of("vgg-13", architecture.choices()::get)).isEqualTo(architecture);
        assertThat(architecture).isNotEqualTo(Architecture.named("vgg-13"));
    }

    /** Maxout has the parameters of two networks, but for the last layer. */
    @ParameterizedTest
    @CsvSource({"sigmoid", "tanh", "relu", "leaky-relu", "elu", "gelu", "swish", "maxout"})
    void trainsWithEachActivationFunctionOnConvoysLayers(String activation) {
        Architecture architecture = Architecture.of("lenet-5", Map.of("activation", activation)::get);
        NetworkSpec spec = TestNetworks.spec(architecture, TestNetworks.GREY_28, new Optimiser("adam", 1e-3, 0));
        Labels labels = TestNetworks.labels(16, CLASSES, 3);
        byte[] pixels = brighterByClass(labels, spec.input());
        Replica replica = spec.replica();

        double first = replica.fit(pixels, labels, 1e-3);
        for (int step = 0; step < 20; step++) {
            replica.fit(pixels, labels, 1e-3);
        }

        assertThat(replica.fit(pixels, labels, 1e-3)).isLessThan(0.9 * first);
        assertThat(replica.parameters().remaining())
                .isEqualTo(activation.equals("maxout") ? 2 * 431_080 - 5_010 : 431_080);
        assertThat(spec.network().installFastLayers().stock()).hasSize(1);
    }

    /** Stock DL4J has maxout as layers two by two and the larger of both. */
    @Test
    void maxoutTrainsAsInStockDl4j() {
        Architecture maxout = Architecture.of("lenet-5", Map.of("activation", "maxout")::get);
        NetworkSpec spec = TestNetworks.spec(maxout, TestNetworks.GREY_28, new Optimiser("sgd", 0.01, 0));
        ComputationGraph stock = (ComputationGraph) spec.network().model();
        Replica replica = spec.replica();
        for (int step = 0; step < 3; step++) {
            byte[] pixels = TestNetworks.pixels(8, spec.input(), step);
            Labels labels = TestNetworks.labels(8, CLASSES, step);

            stock.fit(StockDl4j.minibatch(spec, pixels, labels));

            assertThat(replica.fit(pixels, labels, 0.01)).isCloseTo(stock.score(), within(1e-5));
        }
        ReplicaTest.assertClose(values(replica.parameters()), values(FlatVector.view(stock.params())));
    }

    @Test
    void gaborFiltersStartTheFirstConvolutionAndNothingElse() {
        NetworkSpec gabor = TestNetworks.spec(
                Architecture.of("lenet-5", Map.of("first-filters", "gabor")::get),
                TestNetworks.GREY_28,
                new Optimiser("sgd", 0.1, 0));
        NetworkSpec plain = TestNetworks.spec("lenet-5");

        INDArray filters = gabor.network().layers()[0].getParam("W"); // [20, 1, 5, 5]
        float[] gaborParameters = values(FlatVector.view(gabor.network().parameters()));
        float[] plainParameters = values(FlatVector.view(plain.network().parameters()));

        assertThat(Arrays.mismatch(plainParameters, gaborParameters)).isLessThan(520);
        assertThat(Arrays.copyOfRange(gaborParameters, 520, 431_080))
                .isEqualTo(Arrays.copyOfRange(plainParameters, 520, 431_080));
        for (long i = 0; i < 20; i++) {
            INDArray filter = filters.tensorAlongDimension(i, 2, 3).dup();
            assertThat(filter.sumNumber().doubleValue()).isCloseTo(0, within(1e-5));
            assertThat(filter.norm2Number().doubleValue()).isCloseTo(Math.sqrt(2), within(1e-4));
        }
        assertThat(values(FlatVector.view(gabor.network().parameters()))).isEqualTo(gaborParameters);
    }

    @Test
    void sameSeedGivesTheSameParametersAndAnotherSeedOthers() {
        NetworkSpec spec = TestNetworks.spec("lenet-5");
        NetworkSpec other = new NetworkSpec(
                Architecture.named("lenet-5"), spec.input(), 10, spec.normalisation(), spec.optimiser(), 99);

        assertThat(values(spec.replica().parameters()))
                .isEqualTo(values(spec.replica().parameters()));
        assertThat(values(spec.replica().parameters()))
                .isNotEqualTo(values(other.replica().parameters()));
    }

    @Test
    void normalisationMustFitTheChannels() {
        Normalisation colour = Normalisation.of("scale", List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));

        assertThatThrownBy(() -> new NetworkSpec(
                        Architecture.named("lenet-5"),
                        new InputShape(1, 28, 28),
                        10,
                        colour,
                        new Optimiser("sgd", 0.1, 0),
                        1))
                .hasMessage("normalisation must have 1 channels but had 3");
    }

    /** Noise, the lighter the higher the class. */
    private static byte[] brighterByClass(Labels labels, InputShape input) {
        byte[] pixels = TestNetworks.pixels(labels.size(), input, 2);
        for (int i = 0; i < pixels.length; i++) {
            int label = labels.first()[i / input.size()];
            pixels[i] = (byte) (25 * label + (pixels[i] & 0xFF) / 10);
        }
        return pixels;
    }

    private static Architecture narrow(String name) {
        UnaryOperator<String> narrow = key -> key.equals("width-multiplier") ? "0.125" : null;
        return Architecture.of(name, narrow);
    }

    /** Counted from the configuration: nothing is allocated. */
    private static long trainedParameters(Architecture architecture, int channels, int side, int classes) {
        Blueprint blueprint = architecture.blueprint(channels, side, side, classes, List.of());
        Stream<NeuralNetConfiguration> layers = blueprint.isChain()
                ? blueprint.chain(new Sgd(), 1).getConfs().stream()
                : blueprint.graph(new Sgd(), 1).getVertices().values().stream()
                        .filter(LayerVertex.class::isInstance)
                        .map(vertex -> ((LayerVertex) vertex).getLayerConf());
        return layers.mapToLong(ArchitectureTest::trainedParameters).sum();
    }

    private static long trainedParameters(NeuralNetConfiguration layer) {
        long all = layer.getLayer().initializer().numParams(layer);
        return layer.getLayer() instanceof BatchNormalization ? all / 2 : all;
    }

    private static Model inDouble(Blueprint blueprint) {
        Model network;
        if (blueprint.isChain()) {
            network = new MultiLayerNetwork(blueprint.chain(new Sgd(1), 7));
            ((MultiLayerNetwork) network).getLayerWiseConfigurations().setDataType(DataType.DOUBLE);
            ((MultiLayerNetwork) network)
                    .getLayerWiseConfigurations()
                    .getConfs()
                    .forEach(conf -> conf.setDataType(DataType.DOUBLE));
        } else {
            network = new ComputationGraph(blueprint.graph(new Sgd(1), 7));
            ((ComputationGraph) network).getConfiguration().setDataType(DataType.DOUBLE);
        }
        network.init();
        return network;
    }

    private static double trainingLoss(Dl4jNetwork network, INDArray features, INDArray targets) {
        Nd4j.getRandom().setSeed(1); // what dropout draws
        network.computeGradient(features, targets);
        return network.model().score();
    }

    /** 1 where a parameter is trained, 0 where it is a running mean or variance. */
    private static INDArray trained(Dl4jNetwork network) {
        INDArray trained = Nd4j.onesLike(network.parameters());
        for (Layer layer : network.layers()) {
            if (layer.conf().getLayer() instanceof BatchNormalization) {
                INDArray means = layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN);
                // The variances follow them.
                trained.get(
                                NDArrayIndex.all(),
                                NDArrayIndex.interval(means.offset(), means.offset() + 2 * means.length()))
                        .assign(0);
            }
        }
        return trained;
    }

    private static Model stock(ModelArchive archive, NetworkSpec spec) throws Exception {
        ByteArrayInputStream zip = new ByteArrayInputStream(archive.zip());
        return StockDl4j.isChain(spec)
                ? ModelSerializer.restoreMultiLayerNetwork(zip, false)
                : ModelSerializer.restoreComputationGraph(zip, false);
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
                Collections.nCopies(CLASSES, "class"),
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
