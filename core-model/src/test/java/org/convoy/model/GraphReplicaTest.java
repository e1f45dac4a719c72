package org.convoy.model;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.convoy.model.architecture.Architecture;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.convoy.model.TestNetworks.values;

/** What {@code ReplicaTest} and its neighbours show of layers in a row, on networks whose layers form a graph. */
class GraphReplicaTest {
    private static final InputShape COLOUR_16 = new InputShape(3, 16, 16);
    private static final Architecture RESNET_9 = Architecture.of("resnet-9", Map.of("width-multiplier", "0.125")::get);
    private static final Architecture GOOGLENET =
            Architecture.of("googlenet", Map.of("width-multiplier", "0.0625")::get);

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "nesterov", "adam", "adamw", "lamb", "lars"})
    void goesOnBitForBitFromParametersStateAndIteration(String optimiser) {
        NetworkSpec spec = TestNetworks.spec(RESNET_9, COLOUR_16, new Optimiser(optimiser, 0.01, 0.9));
        Replica uninterrupted = spec.replica();
        fit(uninterrupted, spec, 2);
        float[] parameters = values(uninterrupted.parameters());
        float[] state = values(uninterrupted.optimiserState());
        fit(uninterrupted, spec, 2);

        Replica resumed = spec.replica();
        fit(resumed, spec, 1);
        resumed.load(FloatBuffer.wrap(parameters), FloatBuffer.wrap(state), 2);
        fit(resumed, spec, 2);

        assertThat(values(resumed.parameters())).isEqualTo(values(uninterrupted.parameters()));
        assertThat(values(resumed.optimiserState())).isEqualTo(values(uninterrupted.optimiserState()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "nesterov", "adam"})
    void stepsAsDl4jDoes(String optimiser) {
        NetworkSpec spec = TestNetworks.spec(RESNET_9, COLOUR_16, new Optimiser(optimiser, 0.01, 0.9));
        Dl4jNetwork dl4j = spec.network();
        dl4j.installFastLayers();
        Replica replica = spec.replica();
        for (int step = 0; step < 3; step++) {
            byte[] pixels = TestNetworks.pixels(7, COLOUR_16, step);
            Labels labels = TestNetworks.labels(7, spec.classes(), step);
            ((ComputationGraph) dl4j.model()).fit(StockDl4j.minibatch(spec, pixels, labels));

            assertThat(replica.fit(pixels, labels, 0.01)).isCloseTo(dl4j.model().score(), within(1e-6));
        }

        ReplicaTest.assertClose(values(replica.parameters()), values(FlatVector.view(dl4j.parameters())));
    }

    @Test
    void weightDecayLeavesBiasesAndBatchNormAlone() {
        Regularisation decay = new Regularisation(0.5, 0, 0, 0, 0);
        Architecture resnet20 = Architecture.of("resnet-20", Map.of("width-multiplier", "0.25")::get);
        NetworkSpec spec =
                TestNetworks.spec(resnet20, COLOUR_16, new Optimiser("sgd", 1, 0, decay, new Schedule.Constant()));
        Dl4jNetwork network = spec.network();
        LocalStep step = LocalStep.of(network, 0, spec.optimiser());
        network.parameters().assign(1);
        network.gradient().assign(0);

        step.take(4, 0, 1);

        Map<String, INDArray> tensors = network.model().paramTable();
        assertThat(tensors).containsKeys("conv1_W", "conv1-bn_gamma", "conv1-bn_mean", "scores_W", "scores_b");
        tensors.forEach((name, values) ->
                assertThat(values.dup().data().asFloat()).as(name).containsOnly(name.endsWith("_W") ? 0.5f : 1f));
    }

    /** Option A of He et al. 2016, section 4.1. */
    @Test
    void theShortcutOfACifarNetworkReadsEverySecondPixelAndAddsChannelsOfZeros() {
        NetworkSpec spec = TestNetworks.spec("resnet-20", COLOUR_16);
        ComputationGraph graph = (ComputationGraph) spec.network().model();
        INDArray features =
                new Batch(COLOUR_16, 10, spec.normalisation()).features(TestNetworks.pixels(2, COLOUR_16, 1), 2);

        Map<String, INDArray> activations = graph.feedForward(features, false);

        INDArray x = activations.get("block1-3-out"); // [2, 16, 16, 16]
        INDArray shortcut = activations.get("block2-1-widened"); // [2, 32, 8, 8]
        assertThat(shortcut.shape()).containsExactly(2, 32, 8, 8);
        for (long c = 0; c < 32; c++) {
            assertThat(shortcut.getDouble(1, c, 3, 5)).isEqualTo(c < 16 ? x.getDouble(1, c, 6, 10) : 0);
        }
    }

    @Test
    void findsBatchNormInEveryBlock() {
        NetworkSpec spec = TestNetworks.spec(RESNET_9, COLOUR_16, new Optimiser("sgd", 0.05, 0));
        byte[] pixels = TestNetworks.pixels(24, COLOUR_16, 1);
        Labels labels = TestNetworks.labels(24, spec.classes(), 2);
        Replica replica = spec.replica();
        replica.fit(pixels, labels, 0.05);
        RunningStatistics statistics = replica.runningStatistics();
        assertThat(statistics.channels()).isEqualTo(2 * (64 + 3 * 128 + 256 + 3 * 512) / 16);
        float[] parameters = values(replica.parameters());

        statistics.write(replica.observe(pixels, 24), FloatBuffer.wrap(parameters));

        ComputationGraph stock = (ComputationGraph) spec.network().model();
        FlatVector.write(FloatBuffer.wrap(parameters), stock.params());
        double inferred = stock.score(StockDl4j.minibatch(spec, pixels, labels), false);
        assertThat(inferred).isCloseTo(replica.fit(pixels, labels, 0.05), within(1e-4));
    }

    @Test
    void auxiliaryHeadsCountThreeTenthsInTrainingAndReportNoLoss() {
        List<Double> classWeights = List.of(2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5);
        List<OutputLayer> heads =
                GOOGLENET.blueprint(3, 80, 80, 10, classWeights).graph(new Sgd(), 1).getVertices().values().stream()
                        .filter(LayerVertex.class::isInstance)
                        .map(vertex -> ((LayerVertex) vertex).getLayerConf().getLayer())
                        .filter(OutputLayer.class::isInstance)
                        .map(OutputLayer.class::cast)
                        .toList();

        assertThat(heads).hasSize(3);
        for (OutputLayer head : heads) {
            double share = head.getLayerName().equals("scores") ? 1 : 0.3;
            INDArray weights = ((LossMCXENT) head.getLossFn()).getWeights();
            for (int c = 0; c < 10; c++) {
                assertThat(weights.getDouble(c)).isCloseTo(share * classWeights.get(c), within(1e-6));
            }
        }
        InputShape colour80 = new InputShape(3, 80, 80);
        NetworkSpec spec = TestNetworks.spec(GOOGLENET, colour80, new Optimiser("sgd", 0.05, 0));
        byte[] pixels = TestNetworks.pixels(4, colour80, 1);
        Labels labels = Labels.of(0, 3, 4, 9);
        Dl4jNetwork network = spec.network();
        Batch batch = new Batch(colour80, 10, spec.normalisation());

        double main = network.computeGradient(batch.features(pixels, 4), batch.targets(labels, 0));

        ComputationGraph graph = (ComputationGraph) network.model();
        double auxiliary =
                graph.getOutputLayer(1).score() + graph.getOutputLayer(2).score();
        assertThat(graph.score()).isCloseTo(main + auxiliary, within(1e-6));
        assertThat(auxiliary).isGreaterThan(0.2 * main);
    }

    @Test
    void answersByTheMainHeadAlone() {
        InputShape colour80 = new InputShape(3, 80, 80);
        NetworkSpec spec = TestNetworks.spec(GOOGLENET, colour80, new Optimiser("sgd", 0.05, 0));
        Dl4jNetwork network = spec.network();
        INDArray features =
                new Batch(colour80, 10, spec.normalisation()).features(TestNetworks.pixels(2, colour80, 1), 2);
        INDArray[] all = ((ComputationGraph) network.model()).output(features);

        assertThat(network.output(features)).isEqualTo(all[0]).isNotEqualTo(all[1]);
        assertThat(all).hasSize(3);
    }

    private static void fit(Replica replica, NetworkSpec spec, int steps) {
        for (int step = 0; step < steps; step++) {
            replica.fit(TestNetworks.pixels(8, spec.input(), 1), TestNetworks.labels(8, spec.classes(), 2), 0.01);
        }
    }
}
