package org.convoy.model;

import java.io.Serializable;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.convoy.model.architecture.Architecture;
import org.convoy.model.architecture.Blueprint;
import org.convoy.model.engine.NativeSettings;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Everything that decides a network before its first step. Equal specifications give equal initial parameters. Serializable:
 * it is what travels to executors in place of a network, and small unless the network has frozen parameters, which go with
 * it ({@link #forWorkers}).
 *
 * @param topology which network
 * @param input shape of one picture
 * @param classes number of classes, 2 or more
 * @param normalisation how pixels are read
 * @param optimiser the local step
 * @param classWeights w, one per class, above 0: how much an example of the class counts; empty if all count the same, which
 *     examples with weights of their own must not ({@link Labels#weights}). The
 *     gradient of N examples is Σ w·g / N, as in Keras and DL4J, so that means over workers are those of the joined batch.
 *     The archive's configuration says them, so stock DL4J trains on with them
 * @param seed of the initial parameters
 */
public record NetworkSpec(
        Topology topology,
        InputShape input,
        int classes,
        Normalisation normalisation,
        Optimiser optimiser,
        List<Double> classWeights,
        long seed)
        implements Serializable {
    public NetworkSpec {
        Objects.requireNonNull(topology, "topology");
        if (classes < 2) {
            throw new IllegalArgumentException("classes must be at least 2 but was " + classes);
        }
        normalisation.requireFits(input);
        classWeights = List.copyOf(classWeights);
        if (!classWeights.isEmpty() && classWeights.size() != classes) {
            throw new IllegalArgumentException(
                    "class weights must be " + classes + ", one per class, but were " + classWeights.size());
        }
        for (double weight : classWeights) {
            if (!(weight > 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException("class weights must be above 0 but were " + classWeights);
            }
        }
        NativeSettings.ensureApplied();
        if (topology instanceof Topology.Drawn drawn) {
            // Fails here, on the driver, if the picture is too small for the network.
            blueprint(drawn, input, classes, classWeights);
        }
    }

    private static Blueprint blueprint(Topology.Drawn drawn, InputShape input, int classes, List<Double> classWeights) {
        return drawn.architecture().blueprint(input.channels(), input.height(), input.width(), classes, classWeights);
    }

    /** The layers of a network that is drawn. */
    Blueprint blueprint() {
        return blueprint((Topology.Drawn) topology, input, classes, classWeights);
    }

    /** All classes count the same. */
    public NetworkSpec(
            Architecture architecture,
            InputShape input,
            int classes,
            Normalisation normalisation,
            Optimiser optimiser,
            long seed) {
        this(new Topology.Drawn(architecture), input, classes, normalisation, optimiser, List.of(), seed);
    }

    /** The same network with another local step. */
    public NetworkSpec with(Optimiser other) {
        return new NetworkSpec(topology, input, classes, normalisation, other, classWeights, seed);
    }

    /**
     * What a worker builds its replica of: it has the frozen parameters, and is sent the others in every round, so that their
     * initial values can stay behind.
     */
    public NetworkSpec forWorkers() {
        return topology instanceof Topology.Pretrained pretrained
                ? new NetworkSpec(
                        pretrained.frozenAlone(), input, classes, normalisation, optimiser, classWeights, seed)
                : this;
    }

    /**
     * The head by itself, for what a {@link FeatureExtractor} gives in place of pictures; its parameters are those that are trained of this
     * network, in the same order, and start where they do. Empty unless all below the head is frozen and the head is one fully connected
     * layer.
     */
    public Optional<NetworkSpec> head() {
        if (!(topology instanceof Topology.Pretrained pretrained) || pretrained.frozenLayers() == 0) {
            return Optional.empty();
        }
        List<Layer> layers = new ArrayList<>(network().layersByName().values());
        Layer last = layers.get(layers.size() - 1);
        if (pretrained.frozenLayers() != layers.size() - 1
                || !(last.conf().getLayer() instanceof OutputLayer configuration)) {
            return Optional.empty();
        }
        int features = Math.toIntExact(configuration.getNIn());
        FloatBuffer parameters = replica().parameters();
        float[] start = new float[parameters.remaining()];
        parameters.get(start);
        MultiLayerConfiguration alone = new NeuralNetConfiguration.Builder()
                .list()
                .layer(configuration.clone())
                .inputPreProcessor(0, new CnnToFeedForwardPreProcessor(1, features, 1))
                .build();
        return Optional.of(new NetworkSpec(
                new Topology.Pretrained(pretrained.name(), pretrained.choices(), alone.toJson(), 0, 0, start),
                new InputShape(1, 1, Math.multiplyExact(Float.BYTES, features)),
                classes,
                new StoredFeatures(),
                optimiser,
                classWeights,
                seed));
    }

    /** How many parameters are not trained: the first values of the network's θ, which {@link Replica} does not count in. */
    public int frozenParameters() {
        return topology instanceof Topology.Pretrained pretrained ? pretrained.frozenParameters() : 0;
    }

    /**
     * Checks that each of the optimiser's layer rates is for some layer.
     *
     * @throws IllegalArgumentException if one is not
     */
    public void requireLayersOfRates() {
        if (optimiser.layerRates().isEmpty()) {
            return;
        }
        Set<String> names = network().layersByName().keySet();
        for (String prefix : optimiser.layerRates().keySet()) {
            if (names.stream().noneMatch(name -> name.startsWith(prefix))) {
                throw new IllegalArgumentException("train.optimiser.layer-rates." + prefix
                        + " must be how a layer's name begins; there are " + names);
            }
        }
    }

    /** Whether the layers lie in a row. */
    boolean isChain() {
        return topology instanceof Topology.Pretrained pretrained
                ? pretrained.isChain()
                : blueprint().isChain();
    }

    /** How much the examples with these labels count on the average. */
    double meanWeight(Labels labels) {
        if (classWeights.isEmpty()) {
            return 1;
        }
        double sum = 0;
        for (int i = 0; i < labels.size(); i++) {
            double share = labels.shares()[i];
            double byClass =
                    share * classWeights.get(labels.first()[i]) + (1 - share) * classWeights.get(labels.second()[i]);
            sum += labels.weights()[i] * byClass;
        }
        return sum / labels.size();
    }

    /** A fresh replica with the initial parameters that {@link #seed} gives. */
    public Replica replica() {
        return new Dl4jReplica(this);
    }

    /** The network on stock layers, with its initial parameters. */
    Dl4jNetwork network() {
        NativeSettings.ensureApplied();
        return topology instanceof Topology.Pretrained pretrained
                ? pretrained.network(optimiser.updater(), classWeights, seed)
                : drawn((Topology.Drawn) topology);
    }

    private Dl4jNetwork drawn(Topology.Drawn drawn) {
        Blueprint blueprint = blueprint();
        Model network = blueprint.isChain()
                ? new MultiLayerNetwork(blueprint.chain(optimiser.updater(), seed))
                : new ComputationGraph(blueprint.graph(optimiser.updater(), seed));
        network.init();
        Dl4jNetwork initialised = Dl4jNetwork.of(network);
        if (drawn.architecture().gaborFilters()) {
            GaborFilters.write(initialised, seed);
        }
        return initialised;
    }

    /**
     * What a worker's network takes off the heap in training.
     *
     * @param batchSize N
     */
    public NetworkMemory memory(int batchSize) {
        return NetworkMemory.of(network(), normalisation.read(input), batchSize);
    }

    /** How many of the layers (in a graph, vertices) are frozen. */
    int frozenLayers() {
        return topology instanceof Topology.Pretrained pretrained ? pretrained.frozenLayers() : 0;
    }
}
