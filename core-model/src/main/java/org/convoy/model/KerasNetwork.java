package org.convoy.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * Networks that Keras 2 saved as HDF5, read by DL4J's importer, which builds known layers and executes nothing of the file (a
 * lambda is refused). Keras mostly has channels last; what comes out reads pictures as N,C,H,W, as all networks here, so that
 * Convoy's layers take them. Weights of convolutions lie the same way in both orders; rows of a fully connected layer behind maps
 * change places.
 */
final class KerasNetwork {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    private static final JsonMapper JSON = new JsonMapper();
    private static final String CLASS = "@class";
    private static final String CONF = "org.deeplearning4j.nn.conf.";
    private static final String LAST = CNN2DFormat.NHWC.name();

    /** What says an order of axes in one of the ways below, or has none. */
    private static final Set<String> TURNED = Set.of(
            CONF + "layers.ConvolutionLayer",
            CONF + "layers.DepthwiseConvolution2D",
            CONF + "layers.SeparableConvolution2D",
            CONF + "layers.BatchNormalization",
            CONF + "layers.SubsamplingLayer",
            CONF + "layers.GlobalPoolingLayer",
            CONF + "layers.ZeroPaddingLayer",
            CONF + "layers.ActivationLayer",
            CONF + "layers.DropoutLayer",
            CONF + "layers.DenseLayer",
            CONF + "layers.OutputLayer",
            CONF + "layers.LossLayer",
            CONF + "layers.misc.FrozenLayer",
            CONF + "graph.LayerVertex",
            CONF + "graph.ElementWiseVertex",
            CONF + "graph.MergeVertex",
            CONF + "graph.PreprocessorVertex",
            CONF + "preprocessor.CnnToFeedForwardPreProcessor");

    private KerasNetwork() {}

    /** Whether a file begins as HDF5 does. */
    static boolean isHdf5(byte[] file) {
        return file.length > SIGNATURE.length
                && Arrays.equals(file, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    /**
     * Reads a network.
     *
     * @param where the file's path, for messages
     * @throws BadModelException if the importer cannot read it, or it has a layer whose order of axes is not known here
     */
    static Model read(byte[] file, String where) {
        try {
            Model imported = imported(file);
            JsonNode configuration = JSON.readTree(configuration(imported));
            boolean channelsLast = turn(configuration, where);
            Model network = initialised(imported, configuration.toString());
            network.params().assign(imported.params());
            if (channelsLast) {
                turnRowsBehindMaps(network);
            }
            return network;
        } catch (InvalidKerasConfigurationException | UnsupportedKerasConfigurationException | IOException e) {
            throw unreadable(where, e);
        } catch (BadModelException e) {
            throw e;
        } catch (RuntimeException e) {
            // HDF5's own errors, and the importer's on what it did not expect.
            throw unreadable(where, e);
        }
    }

    private static BadModelException unreadable(String where, Exception e) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new BadModelException("[" + where + "] cannot be read as a network of Keras: " + reason, e);
    }

    private static Model imported(byte[] file)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        try {
            return KerasModelImport.importKerasSequentialModelAndWeights(new ByteArrayInputStream(file), false);
        } catch (InvalidKerasConfigurationException notSequential) {
            return KerasModelImport.importKerasModelAndWeights(new ByteArrayInputStream(file), false);
        }
    }

    private static String configuration(Model imported) {
        if (imported instanceof ComputationGraph graph) {
            ComputationGraphConfiguration configuration = graph.getConfiguration();
            String output = configuration.getNetworkOutputs().get(0);
            String before = configuration.getVertexInputs().get(output).get(0);
            if (configuration.getVertices().get(output) instanceof LayerVertex last) {
                endInLoss(configuration.getVertices().get(before), last.getLayerConf());
            }
            return configuration.toJson();
        }
        MultiLayerConfiguration configuration = ((MultiLayerNetwork) imported).getLayerWiseConfigurations();
        int last = configuration.getConfs().size() - 1;
        GraphVertex before = last == 0 ? null : new LayerVertex(configuration.getConf(last - 1), null);
        endInLoss(before, configuration.getConf(last));
        return configuration.toJson();
    }

    /** Keras' last layer is one like any other, and a loss may follow it; DL4J's last one has both, softmax and loss. */
    private static void endInLoss(GraphVertex before, NeuralNetConfiguration last) {
        if (last.getLayer() instanceof DenseLayer dense && dense.getActivationFn() instanceof ActivationSoftmax) {
            last.setLayer(new OutputLayer.Builder(new LossMCXENT())
                    .name(dense.getLayerName())
                    .nIn(dense.getNIn())
                    .nOut(dense.getNOut())
                    .hasBias(dense.hasBias())
                    .weightInit(dense.getWeightInitFn())
                    .biasInit(dense.getBiasInit())
                    .updater(dense.getIUpdater())
                    .activation(dense.getActivationFn())
                    .build());
        } else if (last.getLayer() instanceof ActivationLayer softmax
                && softmax.getActivationFn() instanceof ActivationSoftmax) {
            last.setLayer(loss(softmax.getLayerName()));
        } else if (last.getLayer() instanceof LossLayer loss
                && before instanceof LayerVertex layer
                && layer.getLayerConf().getLayer() instanceof BaseLayer answering
                && answering.getActivationFn() instanceof ActivationSoftmax) {
            answering.setActivationFn(new ActivationIdentity());
            last.setLayer(loss(loss.getLayerName()));
        }
    }

    private static LossLayer loss(String name) {
        return new LossLayer.Builder(new LossMCXENT())
                .name(name)
                .activation(new ActivationSoftmax())
                .build();
    }

    /** Writes channels first wherever channels last stands; says whether it stood anywhere. */
    private static boolean turn(JsonNode node, String where) {
        boolean channelsLast = false;
        if (node instanceof ObjectNode object) {
            String type = object.path(CLASS).asText();
            boolean ordered = type.startsWith(CONF + "layers.")
                    || type.startsWith(CONF + "graph.")
                    || type.contains(".preprocessor");
            if (ordered && !TURNED.contains(type)) {
                throw new BadModelException(
                        "[" + where + "] has a layer of the type " + type.substring(type.lastIndexOf('.') + 1)
                                + ", of which it is not known how to put channels first",
                        null);
            }
            for (String name : fieldNames(object)) {
                JsonNode value = object.get(name);
                if (ordered && value.asText().equals(LAST)) {
                    object.set(name, TextNode.valueOf(CNN2DFormat.NCHW.name()));
                    channelsLast = true;
                }
            }
            if (type.endsWith(".GlobalPoolingLayer")
                    && object.path("poolingDimensions").isArray()) {
                object.set("poolingDimensions", numbers(2, 3));
            }
            if (type.endsWith(".MergeVertex")) {
                object.put("mergeAxis", 1);
            }
        }
        for (JsonNode child : node) {
            channelsLast |= turn(child, where);
        }
        return channelsLast;
    }

    private static List<String> fieldNames(ObjectNode object) {
        return object.properties().stream().map(field -> field.getKey()).toList();
    }

    private static ArrayNode numbers(int... values) {
        ArrayNode array = JSON.createArrayNode();
        for (int value : values) {
            array.add(value);
        }
        return array;
    }

    private static Model initialised(Model like, String configuration) {
        Model network = like instanceof ComputationGraph
                ? new ComputationGraph(ComputationGraphConfiguration.fromJson(configuration))
                : new MultiLayerNetwork(MultiLayerConfiguration.fromJson(configuration));
        network.init();
        return network;
    }

    /** Rows of what reads a flattened map lie by h, w, c in Keras, and are to lie by c, h, w. */
    private static void turnRowsBehindMaps(Model network) {
        if (network instanceof ComputationGraph graph) {
            ComputationGraphConfiguration configuration = graph.getConfiguration();
            configuration.getVertices().forEach((name, vertex) -> {
                if (flattening(vertex) instanceof CnnToFeedForwardPreProcessor maps) {
                    turnRows(reader(graph, name), maps);
                }
            });
        } else {
            MultiLayerNetwork chain = (MultiLayerNetwork) network;
            chain.getLayerWiseConfigurations().getInputPreProcessors().forEach((number, preProcessor) -> {
                if (preProcessor instanceof CnnToFeedForwardPreProcessor maps) {
                    turnRows(firstWithWeights(List.of(chain.getLayers()).subList(number, chain.getnLayers())), maps);
                }
            });
        }
    }

    private static InputPreProcessor flattening(GraphVertex vertex) {
        if (vertex instanceof PreprocessorVertex flatten) {
            return flatten.getPreProcessor();
        }
        return vertex instanceof LayerVertex layer ? layer.getPreProcessor() : null;
    }

    /** The first layer with weights from a vertex on; what lies between has one reader each. */
    private static Layer reader(ComputationGraph graph, String from) {
        String name = from;
        while (graph.getLayer(name) == null || graph.getLayer(name).numParams() == 0) {
            String read = name;
            name = graph.getConfiguration().getVertexInputs().entrySet().stream()
                    .filter(inputs -> inputs.getValue().contains(read))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("nothing reads the flattened maps of " + read))
                    .getKey();
        }
        return graph.getLayer(name);
    }

    private static Layer firstWithWeights(Collection<Layer> layers) {
        return layers.stream()
                .filter(layer -> layer.numParams() > 0)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("nothing reads the flattened maps"));
    }

    private static void turnRows(Layer reader, CnnToFeedForwardPreProcessor maps) {
        INDArray weights = reader.getParam("W"); // [H·W·C, units]
        long units = weights.size(1);
        long rows = maps.getInputHeight() * maps.getInputWidth() * maps.getNumChannels();
        if (weights.size(0) != rows) {
            throw new IllegalStateException(
                    "a layer behind maps must have " + rows + " inputs but has " + weights.size(0));
        }
        try (INDArray turned = weights.dup('c')
                .reshape('c', maps.getInputHeight(), maps.getInputWidth(), maps.getNumChannels(), units)
                .permute(2, 0, 1, 3)
                .dup('c')) {
            weights.assign(turned.reshape('c', rows, units));
        }
    }
}
