package org.convoy.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.exc.InvalidTypeIdException;

/**
 * The network of an archive that DL4J's {@code ModelSerializer} has written, or that somebody says it has. DL4J's own reader
 * deserialises an entry {@code preprocessor.bin} whatever it is asked for, initialises any class that the configuration names,
 * and allocates what an array's header says; so archives are read here, and DL4J gets to see a configuration and parameters that
 * fit each other.
 */
final class ArchivedNetwork {
    private static final ObjectMapper DL4J =
            JsonMappers.getMapper().copy().setPolymorphicTypeValidator(new NetworkParts());

    /** Where DL4J, up to 1.0.0-alpha, named a class; it would look for that one by a parser of its own. */
    private static final String LEGACY_DISTRIBUTION = "dist";

    /** Jackson asks {@link NetworkParts} for the class ahead of type parameters alone, and loads theirs. */
    private static final Pattern TYPE_PARAMETERS = Pattern.compile("[\\w.$]+<");

    private static final int MOST_LEVELS = 50;

    private static final int MOST_LAYERS = 10_000;

    /** Of a layer's output for one picture: 4 GiB of float32. */
    private static final long MOST_ACTIVATIONS = 1L << 30;

    private final String where;
    private final MultiLayerConfiguration chain;
    private final ComputationGraphConfiguration graph;

    /** One of the two configurations is null. */
    private ArchivedNetwork(String where, MultiLayerConfiguration chain, ComputationGraphConfiguration graph) {
        this.where = where;
        this.chain = chain;
        this.graph = graph;
    }

    /**
     * Reads a network's configuration and compares it with the parameters; nothing is allocated.
     *
     * @param configuration the entry {@code configuration.json}
     * @param parameters what the entry {@code coefficients.bin} holds
     * @param where the archive's path, for messages
     * @throws BadModelException if it is none, names a class that is no part of a network, or does not fit the parameters
     */
    static ArchivedNetwork of(byte[] configuration, StoredParameters parameters, String where) {
        Set<String> sections = checkedSections(configuration, where);
        String json = new String(configuration, StandardCharsets.UTF_8);
        ArchivedNetwork network;
        try {
            if (sections.contains("vertices")) {
                network = new ArchivedNetwork(where, null, DL4J.readValue(json, ComputationGraphConfiguration.class));
            } else if (sections.contains("confs")) {
                network = new ArchivedNetwork(where, DL4J.readValue(json, MultiLayerConfiguration.class), null);
            } else {
                throw new BadModelException("[" + where + "] has a configuration.json that is no network", null);
            }
            if (network.layers() > MOST_LAYERS) {
                throw new BadModelException(
                        "[" + where + "] has a network of more than " + MOST_LAYERS + " layers", null);
            }
            long needed = network.parameters();
            if (needed != parameters.length()) {
                throw new BadModelException(
                        "[" + where + "] has " + parameters.length() + " parameters where its network needs " + needed,
                        null);
            }
            return network;
        } catch (InvalidTypeIdException e) {
            throw notOfNetworks(e.getTypeId(), where, e);
        } catch (IOException | RuntimeException e) {
            throw unusable(where, "has a configuration.json that is no network of DL4J: ", e);
        }
    }

    /** Names at the top. Looks at every token, also at those that a later one of the same name would hide. */
    private static Set<String> checkedSections(byte[] configuration, String where) {
        Set<String> sections = new HashSet<>();
        int level = 0;
        try (JsonParser json = new JsonFactory().createParser(configuration)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                level += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (level > MOST_LEVELS) {
                    throw new BadModelException(
                            "[" + where + "] has a configuration.json of more than " + MOST_LEVELS + " levels", null);
                }
                if (token == JsonToken.VALUE_STRING
                        && TYPE_PARAMETERS.matcher(json.getText()).lookingAt()) {
                    throw notOfNetworks(json.getText(), where, null);
                }
                if (token != JsonToken.FIELD_NAME) {
                    continue;
                }
                if (json.currentName().equals(LEGACY_DISTRIBUTION)) {
                    throw new BadModelException(
                            "[" + where + "] was written by a DL4J before 1.0.0-beta; save it anew with a later one",
                            null);
                }
                if (level == 1) {
                    sections.add(json.currentName());
                }
            }
            return sections;
        } catch (JsonProcessingException e) {
            throw new BadModelException(
                    "[" + where + "] has a configuration.json that is no JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new BadModelException(
                    "[" + where + "] has a configuration.json that cannot be read: " + e.getMessage(), e);
        }
    }

    private int layers() {
        return chain != null ? chain.getConfs().size() : graph.getVertices().size();
    }

    /** P, as the configuration has it. */
    long parameters() {
        return chain != null
                ? chain.getConfs().stream()
                        .mapToLong(conf -> conf.getLayer().initializer().numParams(conf))
                        .reduce(0, Math::addExact)
                : graph.getVertices().values().stream()
                        .mapToLong(vertex -> vertex.numParams(false))
                        .reduce(0, Math::addExact);
    }

    /**
     * Makes sure that every layer can read what it is given, from pictures of that shape on, and that the answer is one value per
     * class.
     *
     * @throws BadModelException if not
     */
    void requireReads(InputShape input, int classes) {
        InputType picture = InputType.convolutional(input.height(), input.width(), input.channels());
        InputType answer;
        try {
            answer = chain != null ? followChain(picture) : followGraph(picture);
        } catch (RuntimeException e) {
            throw unusable(where, "has a network that cannot read pictures of " + input + ": ", e);
        }
        if (answer == null || answer.getType() != InputType.Type.FF || answer.arrayElementsPerExample() != classes) {
            throw new BadModelException(
                    "[" + where + "] has a network that answers with " + answer + " where its card has " + classes
                            + " classes",
                    null);
        }
    }

    private InputType followChain(InputType picture) {
        InputType given = picture;
        for (int i = 0; i < chain.getConfs().size(); i++) {
            given = output(chain.getConf(i).getLayer(), chain.getInputPreProcess(i), given);
        }
        return given;
    }

    private InputType followGraph(InputType picture) {
        if (graph.getNetworkInputs().size() != 1) {
            throw new IllegalArgumentException("it reads " + graph.getNetworkInputs());
        }
        Map<String, InputType> outputs = new HashMap<>();
        outputs.put(graph.getNetworkInputs().get(0), picture);
        Map<String, GraphVertex> left = new LinkedHashMap<>(graph.getVertices());
        while (!left.isEmpty()) {
            boolean further = left.entrySet().removeIf(entry -> {
                List<String> inputs = graph.getVertexInputs().get(entry.getKey());
                boolean ready = outputs.keySet().containsAll(inputs);
                if (ready) {
                    InputType[] given = inputs.stream().map(outputs::get).toArray(InputType[]::new);
                    outputs.put(entry.getKey(), output(entry.getKey(), entry.getValue(), given));
                }
                return ready;
            });
            if (!further) {
                throw new IllegalArgumentException(
                        "what " + left.keySet().iterator().next() + " reads is nowhere");
            }
        }
        return outputs.get(graph.getNetworkOutputs().get(0));
    }

    private static InputType output(String name, GraphVertex vertex, InputType... given) {
        if (vertex instanceof SubsetVertex subset && given[0] instanceof InputTypeConvolutional maps) {
            subset.getOutputType(0, given); // sees that the range is there, and gives from - to + 1 channels
            return requireBounded(
                    name,
                    InputType.convolutional(maps.getHeight(), maps.getWidth(), subset.getTo() - subset.getFrom() + 1L));
        }
        return vertex instanceof LayerVertex layer
                ? output(layer.getLayerConf().getLayer(), layer.getPreProcessor(), given[0])
                : requireBounded(name, vertex.getOutputType(0, given));
    }

    private static InputType output(Layer layer, InputPreProcessor preProcessor, InputType input) {
        InputType given = preProcessor == null ? input : preProcessor.getOutputType(input);
        requireReads(layer, given);
        // A loss layer hands on what it is given, and does not say so.
        return layer instanceof LossLayer ? given : requireBounded(layer.getLayerName(), layer.getOutputType(0, given));
    }

    private static void requireReads(Layer layer, InputType given) {
        Layer inner = layer instanceof FrozenLayer frozen ? frozen.getLayer() : layer;
        if (inner instanceof FeedForwardLayer reader && reader.initializer().numParams(reader) > 0) {
            long values =
                    given instanceof InputTypeConvolutional maps ? maps.getChannels() : given.arrayElementsPerExample();
            if (reader.getNIn() != values) {
                throw new IllegalArgumentException("layer " + layer.getLayerName() + " reads " + reader.getNIn()
                        + " values or channels but is given " + given);
            }
        }
    }

    private static InputType requireBounded(String layer, InputType output) {
        long values = output instanceof InputTypeConvolutional maps
                ? Math.multiplyExact(Math.multiplyExact(maps.getChannels(), maps.getHeight()), maps.getWidth())
                : output.arrayElementsPerExample();
        if (values < 1 || values > MOST_ACTIVATIONS) {
            throw new IllegalArgumentException("layer " + layer + " makes " + output + " of a picture");
        }
        return output;
    }

    /**
     * The network with its parameters, on stock layers.
     *
     * @param zip the archive that this network was read from
     */
    Model load(byte[] zip) {
        AtomicReference<INDArray> vector = new AtomicReference<>();
        ArchiveEntries.visit(zip, where, (name, content) -> {
            if (name.equals(ModelSerializer.COEFFICIENTS_BIN)) {
                vector.set(StoredParameters.read(content, parameters(), where));
            }
        });
        try {
            if (chain != null) {
                MultiLayerConfiguration configuration = chain.clone();
                configuration.setDataType(DataType.FLOAT);
                MultiLayerNetwork network = new MultiLayerNetwork(configuration);
                network.init(vector.get(), false);
                return network;
            }
            ComputationGraphConfiguration configuration = graph.clone();
            configuration.setDataType(DataType.FLOAT);
            ComputationGraph network = new ComputationGraph(configuration);
            network.init(vector.get(), false);
            return network;
        } catch (RuntimeException e) {
            throw unusable(where, "has a network that DL4J cannot build: ", e);
        }
    }

    private static BadModelException notOfNetworks(String className, String where, Exception cause) {
        return new BadModelException(
                "[" + where + "] has a configuration.json that names the class " + className
                        + ", which is no part of a DL4J network",
                cause);
    }

    private static BadModelException unusable(String where, String rule, Exception e) {
        if (e instanceof BadModelException bad) {
            return bad;
        }
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new BadModelException("[" + where + "] " + rule + reason, e);
    }
}
