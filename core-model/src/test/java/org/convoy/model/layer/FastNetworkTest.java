package org.convoy.model.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

/** Whole networks with Convoy's layers against the same networks of stock DL4J. */
class FastNetworkTest {
    private static final int CLASSES = 5;
    private static final int SIZE = 14;

    @Test
    void losesAsStockDoesForTwentySteps() {
        assertSameTraining(new NeuralNetConfiguration.Builder().updater(new Sgd(0.05)));
    }

    @Test
    void trainsWithAdamAndRegularisationAsStockDoes() {
        assertSameTraining(new NeuralNetConfiguration.Builder()
                .updater(new Adam(1e-3))
                .l1(1e-4)
                .l2(1e-3));
    }

    @Test
    void trainsWithoutWorkspacesAsStockDoes() {
        assertSameTraining(new NeuralNetConfiguration.Builder()
                .updater(new Sgd(0.05))
                .trainingWorkspaceMode(org.deeplearning4j.nn.conf.WorkspaceMode.NONE));
    }

    @Test
    void trainsUnderWeightNoiseAsStockDoes() {
        NeuralNetConfiguration.Builder builder = new NeuralNetConfiguration.Builder()
                .updater(new Sgd(0.05))
                .activation(Activation.RELU)
                .weightNoise(new WeightNoise(new NormalDistribution(0, 0.05), true));
        // Few steps: noise puts units near zero, and one that falls to another side parts the two for good.
        assertSameSteps(network(builder), 4);
    }

    /** On rows: images lie in another order here, and so meet another draw of the same distribution. */
    @Test
    void trainsUnderDropoutAsStockDoes() {
        MultiLayerNetwork stock = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Sgd(0.05))
                .activation(Activation.RELU)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                .layer(new DenseLayer.Builder().nOut(12).build())
                .layer(new DenseLayer.Builder().nOut(9).dropOut(0.6).build())
                .layer(new OutputLayer.Builder()
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .dropOut(0.8)
                        .build())
                .setInputType(InputType.convolutional(SIZE, SIZE, 1))
                .build());
        stock.init();
        assertSameSteps(stock, 4);
    }

    /** Its variance has shrunk by a tenth for a thousand steps, and then the channel comes to life. */
    @Test
    void aChannelThatNeverVariedHasARunningVarianceAndGetsANewOne() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(new Sgd(0.01))
                .list()
                .layer(new BatchNormalization.Builder().decay(0.5).build())
                .layer(new OutputLayer.Builder()
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(1))
                .build());
        network.init();
        FastLayers.install(network);
        INDArray labels = batch(4, 1).getLabels();
        INDArray logarithm = network.getParam("0_log10stdev");
        logarithm.assign(-18.9);

        for (int step = 0; step < 10; step++) {
            network.fit(Nd4j.zeros(DataType.FLOAT, 4, 1), labels);
        }

        assertThat(logarithm.getDouble(0)).isBetween(-19.0, -18.9);

        for (int step = 0; step < 30; step++) {
            network.fit(Nd4j.createFromArray(new float[][] {{-1}, {1}, {-1}, {1}}), labels);
        }

        assertThat(logarithm.getDouble(0)).isCloseTo(0, offset(1e-3));
    }

    @Test
    void gradientsAreRightInDoublePrecision() {
        assertGradientsRight(doublePrecision());
    }

    @Test
    void gradientsAreRightUnderDropout() {
        assertGradientsRight(doublePrecision().dropOut(new Dropout(0.7)));
    }

    @Test
    void gradientsAreRightUnderWeightNoise() {
        assertGradientsRight(doublePrecision().weightNoise(new WeightNoise(new NormalDistribution(0, 0.1), true)));
    }

    @Test
    void archiveOpensInStockWithTheSameScores() throws IOException {
        MultiLayerNetwork fast = network(new NeuralNetConfiguration.Builder().updater(new Adam(1e-3)));
        FastLayers.install(fast);
        DataSet batch = batch(16, 1);
        fast.fit(batch);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        ModelSerializer.writeModel(fast, archive, true);

        MultiLayerNetwork stock =
                ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(archive.toByteArray()), true);

        assertThat(stock.getLayers())
                .allSatisfy(layer -> assertThat(layer.getClass().getName()).startsWith("org.deeplearning4j."));
        LayerComparison.assertClose("scores", stock.output(batch.getFeatures()), fast.output(batch.getFeatures()));
        MultiLayerNetwork again = stock.clone();
        FastLayers.install(again);
        again.fit(batch);
        stock.fit(batch);
        LayerComparison.assertClose("parameters after one more step", again.params(), stock.params());
    }

    @Test
    void cloneIsStockAndEqual() {
        MultiLayerNetwork fast = network(new NeuralNetConfiguration.Builder().updater(new Sgd(0.05)));
        FastLayers.install(fast);
        MultiLayerNetwork clone = fast.clone();
        assertThat(clone.getLayer(0))
                .isExactlyInstanceOf(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class);
        INDArray x = batch(3, 2).getFeatures();
        LayerComparison.assertClose("scores", fast.output(x), clone.output(x));
    }

    @Test
    void installingTwiceChangesNothing() {
        MultiLayerNetwork fast = network(new NeuralNetConfiguration.Builder().updater(new Sgd(0.05)));
        LayerPlan first = FastLayers.install(fast);
        org.deeplearning4j.nn.api.Layer layer = fast.getLayer(0);
        assertThat(FastLayers.install(fast)).isEqualTo(first);
        assertThat(fast.getLayer(0)).isSameAs(layer);
        assertThat(fast.getLayer(fast.getLayer(0).conf().getLayer().getLayerName()))
                .isSameAs(layer);
    }

    @Test
    void frozenLayersStayAsTheyAreAndPassOn() {
        MultiLayerNetwork stock = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Sgd(0.1))
                .list()
                .layer(new FrozenLayer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(Activation.RELU)
                        .build()))
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder()
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(SIZE, SIZE, 1))
                .build());
        stock.init();
        INDArray frozen = stock.getLayer(0).params().dup();
        MultiLayerNetwork fast = stock.clone();
        assertThat(FastLayers.install(fast).stock()).hasSize(1); // the output layer
        assertSameSteps(stock, fast, 5);
        assertThat(fast.getLayer(0).params()).isEqualTo(frozen);
    }

    @Test
    void layersWithoutANativeFormStayAndAreNamed() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new Deconvolution2D.Builder(2, 2).name("up").nOut(2).build())
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .name("mixed")
                        .nOut(4)
                        .activation(Activation.SOFTMAX)
                        .build())
                .layer(new OutputLayer.Builder()
                        .name("scores")
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(SIZE, SIZE, 1))
                .build());
        network.init();
        assertThat(FastLayers.install(network))
                .hasToString(
                        """
                        up Deconvolution2D: stock, Convoy has no native form of it
                        mixed ConvolutionLayer: stock, its activation mixes channels
                        scores OutputLayer: stock, Convoy has no native form of it""");
    }

    @Test
    void halfPrecisionStaysStock() {
        MultiLayerNetwork network = network(
                new NeuralNetConfiguration.Builder().dataType(DataType.FLOAT16).updater(new Sgd(0.05)));
        assertThat(FastLayers.install(network).stock()).hasSameSizeAs(network.getLayers());
        assertThat(FastLayers.install(network).toString()).contains("stock, its data type is HALF");
    }

    @Test
    void featureMasksAreRefused() {
        MultiLayerNetwork fast = network(new NeuralNetConfiguration.Builder().updater(new Sgd(0.05)));
        FastLayers.install(fast);
        DataSet batch = batch(4, 1);
        batch.setFeaturesMaskArray(Nd4j.ones(4, 1, SIZE, SIZE));
        assertThatThrownBy(() -> fast.fit(batch))
                .hasMessageContaining("Cannot apply a feature mask: Convoy's layers do not support masks");
    }

    @Test
    void labelMasksWorkAsInStock() {
        MultiLayerNetwork stock = network(new NeuralNetConfiguration.Builder().updater(new Sgd(0.05)));
        MultiLayerNetwork fast = stock.clone();
        FastLayers.install(fast);
        DataSet batch = batch(4, 1);
        batch.setLabelsMaskArray(Nd4j.createFromArray(new float[][] {{1}, {0}, {1}, {1}}));
        stock.fit(batch);
        fast.fit(batch);
        LayerComparison.assertClose("parameters", fast.params(), stock.params());
    }

    @Test
    void graphTrainsAsStockDoes() {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Sgd(0.05))
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("image")
                .addLayer("conv1", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "image")
                .addLayer("left", new ConvolutionLayer.Builder(3, 3).nOut(6).build(), "conv1")
                .addLayer("right", new ConvolutionLayer.Builder(3, 3).nOut(6).build(), "conv1")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right")
                .addLayer(
                        "pool",
                        new SubsamplingLayer.Builder()
                                .kernelSize(2, 2)
                                .stride(2, 2)
                                .build(),
                        "sum")
                .addLayer("dense", new DenseLayer.Builder().nOut(9).build(), "pool")
                .addLayer(
                        "scores",
                        new OutputLayer.Builder()
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "dense")
                .setOutputs("scores")
                .setInputTypes(InputType.convolutional(SIZE, SIZE, 1))
                .build();
        ComputationGraph stock = new ComputationGraph(configuration);
        stock.init();
        ComputationGraph fast = stock.clone();
        assertThat(FastLayers.install(fast).stock()).hasSize(1);
        assertThat(fast.getVertex("sum")).isInstanceOf(FastAddVertex.class);
        DataSet batch = batch(8, 4);
        for (int step = 0; step < 10; step++) {
            stock.fit(batch);
            fast.fit(batch);
            LayerComparison.assertClose("parameters after step " + step, fast.params(), stock.params());
        }
        LayerComparison.assertClose(
                "scores", fast.outputSingle(batch.getFeatures()), stock.outputSingle(batch.getFeatures()));
    }

    /** A layer, a sum and a concatenation are read by several vertices each; all are natively computed. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void pathsThatMeetTrainAsStockDoes(DataType dataType) {
        ComputationGraph stock = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(dataType)
                .updater(new Sgd(0.05))
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("image")
                .addLayer("conv1", convolution(4), "image")
                .addLayer("left", convolution(4), "conv1")
                .addLayer("right", convolution(4), "conv1")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right", "conv1")
                .addVertex("half", new ScaleVertex(0.5), "sum")
                .addLayer("above", convolution(3), "sum")
                .addVertex("wide", new MergeVertex(), "half", "above", "sum")
                .addVertex("larger", new ElementWiseVertex(ElementWiseVertex.Op.Max), "wide2", "wide3")
                .addLayer("wide2", convolution(5), "wide")
                .addLayer("wide3", convolution(5), "wide")
                .addLayer("dense", new DenseLayer.Builder().nOut(9).build(), "larger")
                .addLayer("dense2", new DenseLayer.Builder().nOut(4).build(), "wide")
                .addVertex("rows", new MergeVertex(), "dense", "dense2")
                .addLayer(
                        "scores",
                        new OutputLayer.Builder()
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "rows")
                .setOutputs("scores")
                .setInputTypes(InputType.convolutional(SIZE, SIZE, 1))
                .build());
        stock.init();
        ComputationGraph fast = stock.clone();

        LayerPlan plan = FastLayers.install(fast);

        assertThat(plan.stock()).extracting(LayerPlan.Placement::layer).containsExactly("scores");
        assertThat(plan.placements()).hasSize(14);
        assertThat(FastLayers.install(fast)).isEqualTo(plan);
        DataSet batch = batch(8, 4);
        batch.setFeatures(batch.getFeatures().castTo(dataType));
        batch.setLabels(batch.getLabels().castTo(dataType));
        for (int step = 0; step < 5; step++) {
            stock.fit(batch);
            fast.fit(batch);
            LayerComparison.assertClose("parameters after step " + step, fast.params(), stock.params());
        }
        LayerComparison.assertClose(
                "scores", fast.outputSingle(batch.getFeatures()), stock.outputSingle(batch.getFeatures()));
    }

    /** A dense layer is a convolution whose kernel is the whole map, with the same weights in the same order. */
    @Test
    void denseEqualsTheConvolutionOverTheWholeMap() {
        MultiLayerNetwork dense = ending(new DenseLayer.Builder().nOut(7).build());
        MultiLayerNetwork convolution =
                ending(new ConvolutionLayer.Builder(6, 6).nOut(7).build());
        convolution
                .getParam("1_W")
                .assign(dense.getParam("1_W").transpose().dup('c').reshape(7, 3, 6, 6));
        convolution.getParam("1_b").assign(dense.getParam("1_b"));
        for (String name : List.of("0_W", "0_b", "2_W", "2_b")) {
            convolution.getParam(name).assign(dense.getParam(name));
        }
        FastLayers.install(dense);
        FastLayers.install(convolution);
        Nd4j.getRandom().setSeed(4);
        INDArray x = Nd4j.rand(DataType.FLOAT, 5, 1, 8, 8);

        LayerComparison.assertClose("scores", convolution.output(x), dense.output(x));
    }

    private static MultiLayerNetwork ending(org.deeplearning4j.nn.conf.layers.Layer layer) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .activation(Activation.RELU)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(3).build())
                .layer(layer)
                .layer(new OutputLayer.Builder()
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
        network.init();
        return network;
    }

    private static ConvolutionLayer convolution(int filters) {
        return new ConvolutionLayer.Builder(3, 3).padding(1, 1).nOut(filters).build();
    }

    private static void assertSameTraining(NeuralNetConfiguration.Builder builder) {
        assertSameSteps(network(builder.activation(Activation.RELU)), 20);
    }

    private static void assertSameSteps(MultiLayerNetwork stock, int steps) {
        MultiLayerNetwork fast = stock.clone();
        FastLayers.install(fast);
        assertSameSteps(stock, fast, steps);
    }

    /** Steps apart by rounding alone: Adam divides by roots of tiny numbers, so the bound grows with the steps. */
    private static void assertSameSteps(MultiLayerNetwork stock, MultiLayerNetwork fast, int steps) {
        for (int step = 0; step < steps; step++) {
            DataSet batch = batch(16, step);
            Nd4j.getRandom().setSeed(step + 1); // zero sets no seed
            stock.fit(batch);
            Nd4j.getRandom().setSeed(step + 1); // zero sets no seed
            fast.fit(batch);
            assertThat(fast.score()).as("loss of step %s", step).isCloseTo(stock.score(), offset(1e-4));
        }
        INDArray x = batch(16, 99).getFeatures();
        assertThat(fast.output(x).sub(stock.output(x)).amaxNumber().doubleValue())
                .isLessThan(1e-3);
    }

    private static NeuralNetConfiguration.Builder doublePrecision() {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1.0))
                .activation(Activation.TANH);
    }

    /** Central differences of the training loss, with the random numbers of each evaluation the same. */
    private static void assertGradientsRight(NeuralNetConfiguration.Builder builder) {
        MultiLayerNetwork fast = network(builder);
        FastLayers.install(fast);
        DataSet batch = batch(3, 5);
        fast.setInput(batch.getFeatures().castTo(DataType.DOUBLE));
        fast.setLabels(batch.getLabels().castTo(DataType.DOUBLE));
        trainingLoss(fast);
        INDArray gradient = fast.gradient().gradient().dup();
        Random random = new Random(9);
        double step = 1e-6;
        for (int i = 0; i < 60; i++) {
            long position = random.nextInt((int) fast.numParams());
            double original = fast.params().getDouble(position);
            fast.params().putScalar(position, original + step);
            double above = trainingLoss(fast);
            fast.params().putScalar(position, original - step);
            double below = trainingLoss(fast);
            fast.params().putScalar(position, original);
            double expected = 3 * (above - below) / (2 * step); // DL4J's gradient is the sum over the batch
            assertThat(gradient.getDouble(position))
                    .as("parameter %s", position)
                    .isCloseTo(expected, offset(1e-6 + 1e-4 * Math.abs(expected)));
        }
    }

    private static double trainingLoss(MultiLayerNetwork network) {
        Nd4j.getRandom().setSeed(1);
        network.computeGradientAndScore();
        return network.score();
    }

    private static MultiLayerNetwork network(NeuralNetConfiguration.Builder builder) {
        MultiLayerNetwork network = new MultiLayerNetwork(builder.seed(11)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(6).build())
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(8).build())
                .layer(new SubsamplingLayer.Builder()
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new DenseLayer.Builder().nOut(12).build())
                .layer(new OutputLayer.Builder()
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(SIZE, SIZE, 1))
                .build());
        network.init();
        return network;
    }

    private static DataSet batch(int N, long seed) {
        Nd4j.getRandom().setSeed(seed);
        INDArray x = Nd4j.rand(DataType.FLOAT, N, 1, SIZE, SIZE);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, N, CLASSES);
        Random random = new Random(seed);
        for (int i = 0; i < N; i++) {
            labels.putScalar(i, random.nextInt(CLASSES), 1);
        }
        return new DataSet(x, labels);
    }
}
