package org.convoy.model;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.convoy.model.architecture.Architecture;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** Which layers a network has, and which of its parameters do not start from the seed. */
public sealed interface Topology extends Serializable permits Topology.Drawn, Topology.Pretrained {
    /** The architecture's name in a model's card. */
    String name();

    /** What was chosen of it, as {@link Architecture#choices()}; empty where nothing could be. */
    Map<String, String> choices();

    /** One of Convoy's networks; all parameters start from the seed. */
    record Drawn(Architecture architecture) implements Topology {
        public Drawn {
            Objects.requireNonNull(architecture, "architecture");
        }

        @Override
        public String name() {
            return architecture.name();
        }

        @Override
        public Map<String, String> choices() {
            return architecture.choices();
        }
    }

    /**
     * The layers of a trained network; {@link ParentModel#topology} makes it.
     *
     * @param configuration DL4J's JSON; its updaters, penalties and losses do not count
     * @param frozenLayers how many of its layers (in a graph, vertices) are not trained, from the picture on
     * @param frozenParameters how many values of θ these have, the first ones
     * @param start where θ starts, from its beginning; what is beyond its end starts from the seed
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Pretrained(
            String name,
            Map<String, String> choices,
            String configuration,
            int frozenLayers,
            int frozenParameters,
            float[] start)
            implements Topology {
        public Pretrained {
            choices = Map.copyOf(choices);
            if (start.length < frozenParameters) {
                throw new IllegalArgumentException("start must have the " + frozenParameters
                        + " frozen parameters at least but had " + start.length);
            }
        }

        /** Without the values that a worker is sent in every round. */
        Pretrained frozenAlone() {
            return new Pretrained(
                    name,
                    choices,
                    configuration,
                    frozenLayers,
                    frozenParameters,
                    Arrays.copyOf(start, frozenParameters));
        }

        boolean isChain() {
            return !ModelArchive.isGraph(configuration);
        }

        /** The network on stock layers, with the parameters it starts from. */
        Dl4jNetwork network(IUpdater updater, List<Double> classWeights, long seed) {
            Dl4jNetwork network = initialised(configuration, updater, classWeights, seed);
            FlatVector.view(network.parameters()).put(start);
            FlatVector.written(network.parameters());
            return network;
        }

        /** A network of this configuration whose parameters all start from the seed. */
        static Dl4jNetwork initialised(String configuration, IUpdater updater, List<Double> classWeights, long seed) {
            Model network;
            if (ModelArchive.isGraph(configuration)) {
                ComputationGraphConfiguration graph = ComputationGraphConfiguration.fromJson(configuration);
                graph.getDefaultConfiguration().setSeed(seed);
                graph.getVertices().values().stream()
                        .filter(LayerVertex.class::isInstance)
                        .map(vertex -> ((LayerVertex) vertex).getLayerConf())
                        .forEach(layer -> settle(layer, updater, classWeights, seed));
                network = new ComputationGraph(graph);
            } else {
                MultiLayerConfiguration chain = MultiLayerConfiguration.fromJson(configuration);
                chain.getConfs().forEach(layer -> settle(layer, updater, classWeights, seed));
                network = new MultiLayerNetwork(chain);
            }
            network.init();
            return Dl4jNetwork.of(network);
        }

        /** What of a layer is said by the run and not by the network it comes from. */
        private static void settle(
                NeuralNetConfiguration configuration, IUpdater updater, List<Double> classWeights, long seed) {
            configuration.setSeed(seed);
            Layer layer = configuration.getLayer();
            layer.setConstraints(null);
            if (layer instanceof BaseLayer trained) {
                trained.setIUpdater(updater);
                trained.setBiasUpdater(null);
                trained.setRegularization(List.of());
                trained.setRegularizationBias(List.of());
            }
            LossMCXENT loss = classWeights.isEmpty()
                    ? new LossMCXENT()
                    : new LossMCXENT(Nd4j.createFromArray(
                            classWeights.stream().mapToDouble(weight -> weight).toArray()));
            if (layer instanceof BaseOutputLayer output) {
                output.setLossFn(loss);
            } else if (layer instanceof LossLayer output) {
                output.setLossFn(loss);
            }
        }
    }
}
