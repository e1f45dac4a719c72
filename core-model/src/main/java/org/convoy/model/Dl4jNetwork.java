package org.convoy.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.convoy.model.layer.FastLayers;
import org.convoy.model.layer.LayerPlan;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the local step and scoring need of DL4J's two kinds of network. Arrays are the network's own. */
abstract sealed class Dl4jNetwork {
    private final Model model;

    private Dl4jNetwork(Model model) {
        this.model = model;
    }

    /** An initialised network, which must be one of the two kinds. */
    static Dl4jNetwork of(Model network) {
        return network instanceof ComputationGraph graph ? new Graph(graph) : new Chain((MultiLayerNetwork) network);
    }

    /** The network itself, for what stock DL4J does with it. */
    Model model() {
        return model;
    }

    /** In an order that depends on the configuration alone. */
    abstract Layer[] layers();

    /** Replaces the layers that Convoy has a native form of. */
    abstract LayerPlan installFastLayers();

    /**
     * Freezes layers, in a graph vertices, in the network's order: they answer as in inference, and the way back ends above
     * them. After {@link #installFastLayers}, and before the optimiser's state is asked for, which has no part of them.
     *
     * @param layers how many, from the picture on
     */
    abstract void freeze(int layers);

    /** Layers, in a graph also vertices without a layer, in the network's order, by name; null for those. */
    abstract Map<String, Layer> layersByName();

    /** θ, [1, P]. */
    INDArray parameters() {
        return model.params();
    }

    /** Where the gradient is written, [1, P]. */
    abstract INDArray gradient();

    abstract BaseMultiLayerUpdater<?> updater();

    abstract int iteration();

    abstract void setIteration(int iteration);

    /**
     * Writes the gradient, summed over the batch.
     *
     * @param features float32 [N, C, H, W]
     * @param targets float32 [N, classes]; auxiliary outputs are given the same
     * @return mean loss at the main output
     */
    abstract double computeGradient(INDArray features, INDArray targets);

    /** Probabilities at the main output, [N, classes], for features [N, C, H, W]. */
    abstract INDArray output(INDArray features);

    /**
     * Probabilities as of {@link #output}, and what a layer, in a graph also a vertex, gives in the same pass.
     *
     * @param layer its name
     */
    abstract INDArray[] outputAndActivation(String layer, INDArray features);

    /** The same network on stock layers, with this one's θ and not a copy of it. */
    abstract Dl4jNetwork sharingParameters();

    /**
     * What reaches a layer in inference, after its preprocessor.
     *
     * @param layer its number in the network's order
     * @param features [N, C, H, W]
     */
    abstract INDArray inputOf(int layer, INDArray features);

    /**
     * Values that one picture makes in each layer: what a batch keeps for the way back.
     *
     * @param read shape of a picture as the first layer reads it
     */
    abstract LongStream activationsPerPicture(InputShape read);

    private static InputType type(InputShape read) {
        return InputType.convolutional(read.height(), read.width(), read.channels());
    }

    /** The optimiser's state; null if it has none. */
    INDArray optimiserState() {
        return updater().getStateViewArray();
    }

    private static INDArray prepared(InputPreProcessor preprocessor, INDArray activations) {
        return preprocessor == null
                ? activations
                : preprocessor.preProcess(
                        activations, Math.toIntExact(activations.size(0)), LayerWorkspaceMgr.noWorkspaces());
    }

    /** Layers in a row. */
    private static final class Chain extends Dl4jNetwork {
        private final MultiLayerNetwork network;

        private Chain(MultiLayerNetwork network) {
            super(network);
            this.network = network;
        }

        @Override
        Layer[] layers() {
            return network.getLayers();
        }

        @Override
        LayerPlan installFastLayers() {
            return FastLayers.install(network);
        }

        @Override
        void freeze(int layers) {
            FastLayers.freeze(network, layers);
        }

        @Override
        Map<String, Layer> layersByName() {
            Map<String, Layer> layers = new LinkedHashMap<>();
            for (Layer layer : network.getLayers()) {
                layers.put(layer.conf().getLayer().getLayerName(), layer);
            }
            return layers;
        }

        @Override
        INDArray gradient() {
            return network.getFlattenedGradients();
        }

        @Override
        BaseMultiLayerUpdater<?> updater() {
            return (BaseMultiLayerUpdater<?>) network.getUpdater();
        }

        @Override
        int iteration() {
            return network.getIterationCount();
        }

        @Override
        void setIteration(int iteration) {
            network.setIterationCount(iteration);
        }

        @Override
        double computeGradient(INDArray features, INDArray targets) {
            network.setInput(features);
            network.setLabels(targets);
            network.computeGradientAndScore();
            // What the layers kept lies in workspaces that are closed now.
            for (Layer layer : network.getLayers()) {
                layer.clear();
            }
            return network.score();
        }

        @Override
        INDArray output(INDArray features) {
            return network.output(features);
        }

        @Override
        LongStream activationsPerPicture(InputShape read) {
            return network.getLayerWiseConfigurations().getLayerActivationTypes(type(read)).stream()
                    .mapToLong(InputType::arrayElementsPerExample);
        }

        @Override
        INDArray[] outputAndActivation(String layer, INDArray features) {
            int number = List.copyOf(layersByName().keySet()).indexOf(layer);
            List<INDArray> activations = network.feedForward(features, false); // the first is the picture
            return new INDArray[] {activations.get(activations.size() - 1), activations.get(number + 1)};
        }

        @Override
        Dl4jNetwork sharingParameters() {
            MultiLayerNetwork other =
                    new MultiLayerNetwork(network.getLayerWiseConfigurations().clone());
            other.init(network.params(), false);
            return new Chain(other);
        }

        @Override
        INDArray inputOf(int layer, INDArray features) {
            List<INDArray> activations = network.feedForwardToLayer(layer - 1, features, false);
            INDArray below = activations.get(activations.size() - 1);
            return prepared(network.getLayerWiseConfigurations().getInputPreProcess(layer), below);
        }
    }

    /** Layers in a graph. Its first output is the main one; others help in training alone. */
    private static final class Graph extends Dl4jNetwork {
        private final ComputationGraph network;

        private Graph(ComputationGraph network) {
            super(network);
            this.network = network;
        }

        @Override
        Layer[] layers() {
            return network.getLayers();
        }

        @Override
        LayerPlan installFastLayers() {
            return FastLayers.install(network);
        }

        @Override
        void freeze(int layers) {
            FastLayers.freeze(network, layers);
        }

        @Override
        Map<String, Layer> layersByName() {
            Map<String, Layer> layers = new LinkedHashMap<>();
            for (int position : network.topologicalSortOrder()) {
                GraphVertex vertex = network.getVertices()[position];
                if (!vertex.isInputVertex()) {
                    layers.put(vertex.getVertexName(), vertex.getLayer());
                }
            }
            return layers;
        }

        @Override
        INDArray gradient() {
            return network.getFlattenedGradients();
        }

        @Override
        BaseMultiLayerUpdater<?> updater() {
            return network.getUpdater();
        }

        @Override
        int iteration() {
            return network.getIterationCount();
        }

        @Override
        void setIteration(int iteration) {
            network.getConfiguration().setIterationCount(iteration);
        }

        @Override
        double computeGradient(INDArray features, INDArray targets) {
            int outputs = network.getNumOutputArrays();
            network.setInput(0, features);
            network.setLabels(Collections.nCopies(outputs, targets).toArray(new INDArray[0]));
            network.computeGradientAndScore();
            return network.getOutputLayer(0).score();
        }

        @Override
        INDArray output(INDArray features) {
            INDArray[] outputs = network.output(features);
            Arrays.stream(outputs).skip(1).forEach(INDArray::close);
            return outputs[0];
        }

        @Override
        LongStream activationsPerPicture(InputShape read) {
            return network.getConfiguration().getLayerActivationTypes(type(read)).values().stream()
                    .mapToLong(InputType::arrayElementsPerExample);
        }

        @Override
        INDArray[] outputAndActivation(String layer, INDArray features) {
            String main = network.getConfiguration().getNetworkOutputs().get(0);
            Map<String, INDArray> activations = network.feedForward(new INDArray[] {features}, false);
            return new INDArray[] {activations.get(main), activations.get(layer)};
        }

        @Override
        Dl4jNetwork sharingParameters() {
            ComputationGraph other =
                    new ComputationGraph(network.getConfiguration().clone());
            other.init(network.params(), false);
            return new Graph(other);
        }

        @Override
        INDArray inputOf(int layer, INDArray features) {
            String name = List.copyOf(layersByName().keySet()).get(layer);
            String below =
                    network.getConfiguration().getVertexInputs().get(name).get(0);
            INDArray activation = network.output(List.of(below), false, new INDArray[] {features}, null)[0];
            return prepared(((LayerVertex) network.getVertex(name)).getLayerPreProcessor(), activation);
        }
    }
}
