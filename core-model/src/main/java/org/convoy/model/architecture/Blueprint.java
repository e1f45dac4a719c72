package org.convoy.model.architecture;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A network's layers for one shape of pictures and one number of classes, in the order in which they were added. Layers in a
 * row become DL4J's {@code MultiLayerNetwork}, anything else its {@code ComputationGraph}.
 */
public final class Blueprint {
    private static final String PICTURE = "picture";

    private final Architecture architecture;
    private final InputType.InputTypeConvolutional picture;
    private final int classes;
    private final List<Double> classWeights;
    private final Set<String> names = new HashSet<>(Set.of(PICTURE));
    private final List<Layer> layers = new ArrayList<>();
    private final List<Consumer<GraphBuilder>> additions = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();

    /**
     * Layers behind a subset of channels, with the number of those. DL4J's own inference takes a subset of maps for one of
     * from - to + 1, and a layer is told what its inference says, whatever it knew before.
     */
    private final Map<String, Integer> subsetReaders = new LinkedHashMap<>();

    private boolean chain = true;

    /**
     * @param picture C, H, W
     * @param classWeights one per class; empty if all count the same
     * @throws IllegalArgumentException if the pictures are too small for a layer
     */
    Blueprint(
            Architecture architecture,
            InputType.InputTypeConvolutional picture,
            int classes,
            List<Double> classWeights) {
        this.architecture = architecture;
        this.picture = picture;
        this.classes = classes;
        this.classWeights = List.copyOf(classWeights);
    }

    /** What the first layer reads. */
    Activations picture() {
        return new Activations(this, PICTURE, Shape.maps((int) picture.getChannels(), (int) picture.getHeight(), (int)
                picture.getWidth()));
    }

    Architecture architecture() {
        return architecture;
    }

    int classes() {
        return classes;
    }

    /** Per class, or empty. */
    List<Double> classWeights() {
        return classWeights;
    }

    void add(String name, Layer layer, String input) {
        requireFree(name);
        chain &= outputs.isEmpty();
        layer.setLayerName(name);
        layers.add(layer);
        additions.add(graph -> graph.addLayer(name, layer.clone(), input));
    }

    void add(String name, GraphVertex vertex, String... inputs) {
        requireFree(name);
        chain = false;
        additions.add(graph -> graph.addVertex(name, vertex.clone(), inputs));
    }

    /** A layer that reads {@code channels} of an input's maps, from {@code first} on. */
    void addSubsetReader(String name, Layer layer, String input, int first, int channels) {
        String subset = name + "-in";
        add(subset, new SubsetVertex(first, first + channels - 1), input);
        add(name, layer, subset);
        subsetReaders.put(name, channels);
    }

    /** The first one is the network's answer, further ones help in training. */
    void addOutput(String name, Layer layer, String input) {
        add(name, layer, input);
        outputs.add(name);
    }

    private void requireFree(String name) {
        if (!names.add(name)) {
            throw new IllegalArgumentException(
                    architecture.name() + ": two layers are called " + name + ", or what belongs to them is");
        }
    }

    /** Fails with a layer that cannot do with what it is given. */
    IllegalArgumentException misfit(String layer, String problem) {
        return new IllegalArgumentException(architecture.name() + " cannot read pictures of " + picture.getChannels()
                + "x" + picture.getHeight() + "x" + picture.getWidth() + ": layer " + layer + " " + problem);
    }

    /** Whether the layers lie in a row. */
    public boolean isChain() {
        return chain;
    }

    /** The configuration of layers in a row. */
    public MultiLayerConfiguration chain(IUpdater updater, long seed) {
        NeuralNetConfiguration.ListBuilder list = defaults(updater, seed).list();
        layers.forEach(layer -> list.layer(layer.clone()));
        return list.setInputType(picture).build();
    }

    /** The configuration of a graph. */
    public ComputationGraphConfiguration graph(IUpdater updater, long seed) {
        GraphBuilder graph = defaults(updater, seed).graphBuilder().addInputs(PICTURE);
        additions.forEach(addition -> addition.accept(graph));
        ComputationGraphConfiguration configuration = graph.setInputTypes(picture)
                .setOutputs(outputs.toArray(new String[0]))
                .build();
        subsetReaders.forEach((name, channels) -> {
            LayerVertex reader = (LayerVertex) configuration.getVertices().get(name);
            ((FeedForwardLayer) reader.getLayerConf().getLayer()).setNIn(channels);
        });
        return configuration;
    }

    private NeuralNetConfiguration.Builder defaults(IUpdater updater, long seed) {
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(updater)
                .weightInit(architecture.initialisation().weights())
                .activation(architecture.activation().function())
                .convolutionMode(ConvolutionMode.Truncate);
    }
}
