package org.convoy.model;

import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.convoy.model.engine.NativeSettings;
import org.deeplearning4j.exception.DL4JException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * A trained network that another one starts from: Convoy's archive, one that DL4J's {@code ModelSerializer} wrote, or a network of
 * Keras. Its head is the last layer that has parameters, with what follows it.
 *
 * <p>Of a graph with auxiliary outputs only what leads to the first one is taken over. Frozen layers are like any other:
 * what is frozen, {@link #topology} says.
 */
public final class ParentModel {
    private final String where;
    private final String sha256;
    private final Optional<ModelArchive> archive;
    private final String configuration;
    private final Dl4jNetwork network;

    /** What becomes of the parent's head. */
    public enum Head {
        /** Kept if its classes are those of the dataset, else replaced. */
        AUTO,
        /** Kept; classes must be the same, or of a network without class names as many. */
        KEEP,
        /** Replaced by one for the dataset's classes, which starts from the seed. */
        REPLACE,
        /**
         * What it has learned of the classes that it shares with the dataset, by their names, is kept; the dataset's other classes
         * get fresh weights. Needs to know its classes' names.
         */
        GROW
    }

    private ParentModel(String where, byte[] zip, Optional<ModelArchive> archive, Model restored) {
        this.where = where;
        this.sha256 = sha256(zip);
        this.archive = archive;
        this.configuration = configuration(restored);
        this.network = Topology.Pretrained.initialised(configuration, new NoOp(), List.of(), 0);
        takeOver(Dl4jNetwork.of(restored));
        requireSoftmax();
    }

    /**
     * Reads an archive of either kind, or a network of Keras.
     *
     * @param zip the archive's bytes, or those of an HDF5 file
     * @param where its path, for messages
     * @throws BadModelException if it holds no network that classifies pictures
     */
    public static ParentModel read(byte[] zip, String where) {
        NativeSettings.ensureApplied();
        if (KerasNetwork.isHdf5(zip)) {
            return new ParentModel(where, zip, Optional.empty(), KerasNetwork.read(zip, where));
        }
        Optional<ModelArchive> archive = ModelArchive.readIfConvoys(zip, where);
        try {
            Model network = archive.map(ModelArchive::model).orElseGet(() -> ModelArchive.stockModel(zip, where));
            return new ParentModel(where, zip, archive, network);
        } catch (IllegalStateException e) {
            throw new BadModelException("[" + where + "] cannot be read as a model: " + e.getMessage(), e);
        }
    }

    /** As the child's card names it. */
    public ModelCard.Parent asParent() {
        return new ModelCard.Parent(where, sha256);
    }

    /**
     * Its card.
     *
     * @throws BadModelException if DL4J alone wrote it
     */
    ModelCard card() {
        return archive.map(ModelArchive::card)
                .orElseThrow(() -> new BadModelException(
                        "[" + where + "] is not a Convoy model: it has no entry " + ModelArchive.CARD_ENTRY, null));
    }

    /** On stock layers, with its parameters. */
    Dl4jNetwork network() {
        return network;
    }

    /** How the parent reads pixels, which its layers were trained on; empty if DL4J alone wrote it. */
    public Optional<Normalisation> normalisation() {
        return archive.map(ModelArchive::normalisation);
    }

    /**
     * The network for other pictures.
     *
     * @param freeze {@code none}; {@code below-head}; a number of layers from the picture on; or the name of the last layer that
     *     is frozen. A graph's layers and vertices count in the order in which {@link Classifier#plan} gives them
     * @param input shape of the pictures
     * @param classes their classes
     * @throws BadModelException if the parent cannot read such pictures
     * @throws IllegalArgumentException if {@code head} or {@code freeze} ask for what cannot be
     */
    public Topology.Pretrained topology(Head head, String freeze, InputShape input, List<String> classes) {
        int outputs = outputs(input);
        boolean replaced = isReplaced(head, outputs, classes);
        List<String> names = List.copyOf(network.layersByName().keySet());
        int belowHead = names.indexOf(headName());
        int frozenLayers = frozenLayers(freeze, names.subList(0, belowHead));
        String layers = replaced ? withHeadFor(classes.size()) : configuration;
        return new Topology.Pretrained(
                archive.map(known -> known.card().architecture()).orElse("dl4j"),
                archive.map(known -> known.card().architectureChoices()).orElse(Map.of()),
                layers,
                frozenLayers,
                parametersOf(names.subList(0, frozenLayers)),
                replaced && head == Head.GROW
                        ? grown(layers, classes)
                        : start(
                                replaced
                                        ? parametersOf(names.subList(0, belowHead))
                                        : (int) network.parameters().length()));
    }

    /**
     * All parameters of a network with a head for these classes: below the head the parent's, in the head those of the classes that
     * it knows. The others' are fresh, and the same for the same parent.
     */
    private float[] grown(String layers, List<String> classes) {
        long seed = Long.parseUnsignedLong(sha256.substring(0, 16), 16);
        Dl4jNetwork wide = Topology.Pretrained.initialised(layers, new NoOp(), List.of(), seed);
        Map<String, Layer> from = network.layersByName();
        String head = headName();
        wide.layersByName().forEach((name, layer) -> {
            if (layer == null || layer.numParams() == 0) {
                return;
            }
            if (name.equals(head)) {
                takeClasses(from.get(name), layer, classes);
            } else {
                layer.params().assign(from.get(name).params());
            }
        });
        return start(wide, (int) wide.parameters().length());
    }

    /** A fully connected head has its weights as [inputs, classes], a convolution as [classes, inputs, kH, kW]; biases one by one. */
    private void takeClasses(Layer from, Layer to, List<String> classes) {
        List<String> known = archive.orElseThrow().card().classes();
        for (String shared : classes) {
            if (known.contains(shared)) {
                int target = classes.indexOf(shared);
                int source = known.indexOf(shared);
                to.paramTable().forEach((name, parameters) -> {
                    INDArray trained = from.getParam(name);
                    if (parameters.length() == classes.size()) {
                        parameters.putScalar(target, trained.getFloat(source));
                    } else if (parameters.rank() == 2) {
                        parameters.getColumn(target).assign(trained.getColumn(source));
                    } else {
                        parameters.slice(target).assign(trained.slice(source));
                    }
                });
            }
        }
    }

    private boolean isReplaced(Head head, int outputs, List<String> classes) {
        Optional<List<String>> known = archive.map(model -> model.card().classes());
        boolean same = known.map(classes::equals).orElse(outputs == classes.size());
        if (head == Head.KEEP && !same) {
            throw new IllegalArgumentException("transfer.head must not be keep for a dataset with classes " + classes
                    + ": [" + where + "] knows "
                    + known.map(Object::toString).orElse(outputs + " without names"));
        }
        if (head == Head.GROW && known.isEmpty()) {
            throw new IllegalArgumentException(
                    "transfer.head must be replace for [" + where + "], whose classes have no names, but was grow");
        }
        return switch (head) {
            case KEEP -> false;
            case REPLACE -> true;
            case GROW -> !same;
            // Equal numbers of classes are not equal classes.
            case AUTO -> !(same && known.isPresent());
        };
    }

    private int frozenLayers(String freeze, List<String> belowHead) {
        if (freeze.equals("none")) {
            return 0;
        }
        if (freeze.equals("below-head")) {
            return belowHead.size();
        }
        if (belowHead.contains(freeze)) {
            return belowHead.indexOf(freeze) + 1;
        }
        if (freeze.matches("[0-9]{1,6}") && Integer.parseInt(freeze) <= belowHead.size()) {
            return Integer.parseInt(freeze);
        }
        throw new IllegalArgumentException(
                "transfer.freeze must be none, below-head, a number up to " + belowHead.size()
                        + ", or one of the layers below the head, " + belowHead + ", but was '" + freeze + "'");
    }

    private int parametersOf(List<String> names) {
        Map<String, Layer> layers = network.layersByName();
        return names.stream()
                .map(layers::get)
                .mapToInt(layer -> layer == null ? 0 : Math.toIntExact(layer.numParams()))
                .sum();
    }

    private float[] start(int count) {
        return start(network, count);
    }

    private static float[] start(Dl4jNetwork network, int count) {
        float[] start = new float[count];
        FloatBuffer parameters = FlatVector.view(network.parameters());
        parameters.get(start);
        return start;
    }

    /** The last layer that has parameters. */
    private String headName() {
        List<Map.Entry<String, Layer>> trained = network.layersByName().entrySet().stream()
                .filter(entry -> entry.getValue() != null && entry.getValue().numParams() > 0)
                .toList();
        if (trained.isEmpty()) {
            throw new BadModelException("[" + where + "] has no layer with parameters", null);
        }
        return trained.get(trained.size() - 1).getKey();
    }

    /** Lets the network answer for a black picture: DL4J's configurations do not say what they read. */
    private int outputs(InputShape input) {
        archive.ifPresent(known -> {
            if (!known.card().input().equals(input)) {
                throw unfit(input, "it reads " + known.card().input());
            }
        });
        try (INDArray black = Nd4j.zeros(1, input.channels(), input.height(), input.width());
                INDArray answer = network.output(black)) {
            if (answer.rank() != 2) {
                throw unfit(input, "it answers with " + answer.rank() + " dimensions");
            }
            return Math.toIntExact(answer.size(1));
        } catch (DL4JException | IllegalStateException | IllegalArgumentException e) {
            throw unfit(
                    input, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    private BadModelException unfit(InputShape input, String reason) {
        return new BadModelException(
                "[" + where + "] cannot read the dataset's pictures of " + input + " (C x H x W): " + reason, null);
    }

    /** The configuration with a head for so many classes. */
    private String withHeadFor(int classes) {
        String head = headName();
        Model model = network.model();
        if (model instanceof ComputationGraph graph) {
            ComputationGraphConfiguration changed = graph.getConfiguration().clone();
            LayerVertex vertex = (LayerVertex) changed.getVertices().get(head);
            widen(vertex.getLayerConf().getLayer(), classes);
            return changed.toJson();
        }
        MultiLayerConfiguration changed =
                ((MultiLayerNetwork) model).getLayerWiseConfigurations().clone();
        changed.getConfs().stream()
                .map(NeuralNetConfiguration::getLayer)
                .filter(layer -> layer.getLayerName().equals(head))
                .forEach(layer -> widen(layer, classes));
        return changed.toJson();
    }

    private void widen(org.deeplearning4j.nn.conf.layers.Layer head, int classes) {
        if (!(head instanceof FeedForwardLayer layer) || head instanceof BatchNormalization) {
            throw new BadModelException(
                    "[" + where + "] has a head that cannot be replaced: its last layer with parameters, "
                            + head.getLayerName() + ", is a "
                            + head.getClass().getSimpleName(),
                    null);
        }
        layer.setNOut(classes);
    }

    private void requireSoftmax() {
        List<Layer> layers = new ArrayList<>(network.layersByName().values());
        org.deeplearning4j.nn.conf.layers.Layer last = layers.get(layers.size() - 1) == null
                ? null
                : layers.get(layers.size() - 1).conf().getLayer();
        boolean softmax =
                (last instanceof BaseOutputLayer output && output.getActivationFn() instanceof ActivationSoftmax)
                        || (last instanceof LossLayer loss && loss.getActivationFn() instanceof ActivationSoftmax);
        if (!softmax) {
            throw new BadModelException(
                    "[" + where + "] must end in an output layer with softmax but ends in "
                            + (last == null
                                    ? "a vertex without layer"
                                    : last.getClass().getSimpleName()),
                    null);
        }
    }

    /** Takes the parameters over, layer by layer: where a part of a graph is left out, they lie elsewhere. */
    private void takeOver(Dl4jNetwork trained) {
        Map<String, Layer> byName = trained.layersByName();
        boolean chain = network.model() instanceof MultiLayerNetwork;
        int position = 0;
        for (Map.Entry<String, Layer> layer : network.layersByName().entrySet()) {
            // A chain's layers need not have names.
            Layer source = chain ? trained.layers()[position] : byName.get(layer.getKey());
            if (layer.getValue() != null && layer.getValue().numParams() > 0) {
                layer.getValue().params().assign(source.params());
            }
            position++;
        }
    }

    /** The parent's layers: named, none of them frozen, and those alone that lead to the first output. */
    private String configuration(Model restored) {
        if (restored instanceof ComputationGraph graph) {
            return mainPath(graph.getConfiguration().clone()).toJson();
        }
        MultiLayerConfiguration chain =
                ((MultiLayerNetwork) restored).getLayerWiseConfigurations().clone();
        int number = 0;
        for (NeuralNetConfiguration layer : chain.getConfs()) {
            thaw(layer);
            if (layer.getLayer().getLayerName() == null) {
                layer.getLayer().setLayerName("layer" + number);
            }
            number++;
        }
        return chain.toJson();
    }

    private ComputationGraphConfiguration mainPath(ComputationGraphConfiguration graph) {
        if (graph.getNetworkInputs().size() != 1) {
            throw new BadModelException(
                    "[" + where + "] must have one input, the picture, but has "
                            + graph.getNetworkInputs().size(),
                    null);
        }
        String output = graph.getNetworkOutputs().get(0);
        Set<String> leading = new HashSet<>();
        List<String> open = new ArrayList<>(List.of(output));
        while (!open.isEmpty()) {
            String name = open.remove(open.size() - 1);
            if (leading.add(name)) {
                open.addAll(graph.getVertexInputs().getOrDefault(name, List.of()));
            }
        }
        graph.getVertices().keySet().retainAll(leading);
        graph.getVertexInputs().keySet().retainAll(leading);
        graph.setNetworkOutputs(new ArrayList<>(List.of(output)));
        graph.setTopologicalOrder(null);
        graph.setTopologicalOrderStr(null);
        graph.getVertices().values().stream()
                .filter(LayerVertex.class::isInstance)
                .forEach(vertex -> thaw(((LayerVertex) vertex).getLayerConf()));
        return graph;
    }

    private static void thaw(NeuralNetConfiguration layer) {
        if (layer.getLayer() instanceof FrozenLayer frozen) {
            String name = frozen.getLayerName();
            layer.setLayer(frozen.getLayer());
            if (layer.getLayer().getLayerName() == null) {
                layer.getLayer().setLayerName(name);
            }
        }
    }

    private static String sha256(byte[] zip) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(zip));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
