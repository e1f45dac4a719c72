package org.convoy.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.convoy.model.engine.NativeSettings;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * The mean of several models' probabilities as one model: a graph in which each member is a branch, and a vertex that averages
 * their answers the output. So it is scored like any other model, also by stock DL4J. It is not trained on: it has no loss.
 */
public final class Ensemble {
    private static final String PICTURE = "picture";

    private Ensemble() {}

    /**
     * Joins the members.
     *
     * @param members two or more, of Convoy's own archives; graphs' auxiliary outputs are left out
     * @param created ISO-8601 instant
     * @param versions of Convoy, Java and DL4J
     * @param gitRevision of Convoy's sources
     * @throws BadModelException if members read pictures in different ways or have different classes
     */
    public static ModelArchive of(
            List<ParentModel> members, String created, Map<String, String> versions, String gitRevision) {
        if (members.size() < 2) {
            throw new BadModelException("an ensemble must have at least 2 members but had " + members.size(), null);
        }
        ParentModel first = members.get(0);
        members.forEach(member -> requireAlike(first, member));
        requirePreparedAlike(members);
        NativeSettings.ensureApplied();
        Dl4jNetwork network = joined(members);
        ModelCard like = first.card();
        ModelCard card = new ModelCard(
                ModelCard.FORMAT_VERSION,
                "ensemble",
                Map.of(),
                like.input(),
                like.classes(),
                like.normalisation(),
                preparation(members),
                network.parameters().length(),
                members.stream()
                        .map(member -> member.card().datasetDigest())
                        .distinct()
                        .collect(Collectors.joining(", ")),
                "",
                Map.of(),
                0,
                created,
                versions,
                gitRevision,
                0,
                members.stream().map(ParentModel::asParent).toList());
        return ModelArchive.of(network, false, first.normalisation().orElseThrow(), card);
    }

    private static void requireAlike(ParentModel first, ParentModel member) {
        requireEqual(
                "classes", first, first.card().classes(), member, member.card().classes());
        requireEqual(
                "pictures", first, first.card().input(), member, member.card().input());
        Normalisation one = first.normalisation().orElseThrow();
        Normalisation other = member.normalisation().orElseThrow();
        requireEqual("normalisation", first, NormalisationCard.of(one), member, NormalisationCard.of(other));
        if (!Arrays.equals(NormalisationCard.beside(one), NormalisationCard.beside(other))) {
            throw unlike("normalisation", first, one.label(), member, other.label() + " with other values");
        }
    }

    /** Members whose cards say nothing of it are taken to read the same as the others. */
    private static void requirePreparedAlike(List<ParentModel> members) {
        List<ParentModel> known = members.stream()
                .filter(member -> !member.card().preparation().isEmpty())
                .toList();
        known.forEach(member -> requireEqual(
                "pictures prepared with",
                known.get(0),
                new TreeMap<>(known.get(0).card().preparation()),
                member,
                new TreeMap<>(member.card().preparation())));
    }

    private static Map<String, String> preparation(List<ParentModel> members) {
        return members.stream()
                .map(member -> member.card().preparation())
                .filter(known -> !known.isEmpty())
                .findFirst()
                .orElse(Map.of());
    }

    private static void requireEqual(String what, ParentModel first, Object one, ParentModel member, Object other) {
        if (!one.equals(other)) {
            throw unlike(what, first, one, member, other);
        }
    }

    private static BadModelException unlike(
            String what, ParentModel first, Object one, ParentModel member, Object other) {
        return new BadModelException(
                "[" + member.asParent().from() + "] has " + what + " " + other + " but ["
                        + first.asParent().from() + "] has " + one + ": an ensemble's members must have the same",
                null);
    }

    private static Dl4jNetwork joined(List<ParentModel> members) {
        GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs(PICTURE)
                .validateOutputLayerConfig(false);
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            answers.add(addBranch(graph, prefix(i), members.get(i).network()));
        }
        graph.addVertex("mean", new ElementWiseVertex(ElementWiseVertex.Op.Average), answers.toArray(new String[0]));
        ComputationGraph network = new ComputationGraph(graph.setOutputs("mean").build());
        network.init();
        Dl4jNetwork joined = Dl4jNetwork.of(network);
        for (int i = 0; i < members.size(); i++) {
            String prefix = prefix(i);
            members.get(i).network().layersByName().forEach((name, layer) -> {
                if (layer != null && layer.numParams() > 0) {
                    network.getLayer(prefix + name).params().assign(layer.params());
                }
            });
        }
        return joined;
    }

    private static String prefix(int member) {
        return "member" + (member + 1) + "-";
    }

    /** Returns the name of what gives the member's answer. */
    private static String addBranch(GraphBuilder graph, String prefix, Dl4jNetwork member) {
        return member.model() instanceof ComputationGraph network
                ? addGraph(graph, prefix, network.getConfiguration())
                : addChain(graph, prefix, ((MultiLayerNetwork) member.model()).getLayerWiseConfigurations());
    }

    private static String addGraph(GraphBuilder graph, String prefix, ComputationGraphConfiguration member) {
        String picture = member.getNetworkInputs().get(0);
        member.getVertices().forEach((name, vertex) -> {
            GraphVertex copy = vertex.clone();
            if (copy instanceof LayerVertex layer) {
                // DL4J looks the vertex up by it.
                layer.getLayerConf().getLayer().setLayerName(prefix + name);
            }
            String[] inputs = member.getVertexInputs().get(name).stream()
                    .map(input -> input.equals(picture) ? PICTURE : prefix + input)
                    .toArray(String[]::new);
            graph.addVertex(prefix + name, copy, inputs);
        });
        return prefix + member.getNetworkOutputs().get(0);
    }

    private static String addChain(GraphBuilder graph, String prefix, MultiLayerConfiguration member) {
        String before = PICTURE;
        for (int i = 0; i < member.getConfs().size(); i++) {
            org.deeplearning4j.nn.conf.layers.Layer layer =
                    member.getConf(i).getLayer().clone();
            String name = prefix + layer.getLayerName();
            graph.addLayer(name, layer, member.getInputPreProcess(i), before);
            before = name;
        }
        return before;
    }
}
