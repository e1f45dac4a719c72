package org.convoy.model.layer;

import java.util.Optional;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.graph.vertex.impl.MergeVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ScaleVertex;
import org.deeplearning4j.nn.graph.vertex.impl.SubsetVertex;
import org.nd4j.linalg.api.buffer.DataType;

/** Convoy's forms of the vertices of a graph. */
final class FastVertices {
    private FastVertices() {}

    /** Why {@code vertex}, which has no layer, stays as it is; empty if there is a native form. */
    static Optional<String> obstacle(ComputationGraph graph, GraphVertex vertex) {
        if (isFast(vertex) || vertex.getClass() == ScaleVertex.class || vertex.getClass() == SubsetVertex.class) {
            return Optional.empty();
        }
        if (vertex.getClass() == ElementWiseVertex.class) {
            Op operation = operation(graph, vertex);
            boolean isNative =
                    operation == Op.Add || (operation == Op.Max && vertex.getNumInputArrays() == FastMaxVertex.INPUTS);
            return isNative ? Optional.empty() : Optional.of("its operation is " + operation);
        }
        if (vertex.getClass() == MergeVertex.class) {
            int axis = configuration(graph, vertex, org.deeplearning4j.nn.conf.graph.MergeVertex.class)
                    .getMergeAxis();
            return axis == FastMergeVertex.CHANNEL_AXIS ? Optional.empty() : Optional.of("its axis is " + axis);
        }
        return Optional.of("Convoy has no native form of it");
    }

    /** The native form of a vertex without layer and obstacle. */
    static GraphVertex fast(ComputationGraph graph, GraphVertex vertex) {
        DataType dataType = graph.getConfiguration().getDataType();
        if (isFast(vertex)) {
            return vertex;
        }
        if (vertex instanceof ScaleVertex scale) {
            double factor = configuration(graph, vertex, org.deeplearning4j.nn.conf.graph.ScaleVertex.class)
                    .getScaleFactor();
            return new FastScaleVertex(graph, scale, factor, dataType);
        }
        if (vertex instanceof SubsetVertex subset) {
            org.deeplearning4j.nn.conf.graph.SubsetVertex range =
                    configuration(graph, vertex, org.deeplearning4j.nn.conf.graph.SubsetVertex.class);
            return new FastSubsetVertex(graph, subset, range.getFrom(), range.getTo(), dataType);
        }
        if (vertex instanceof MergeVertex merge) {
            return new FastMergeVertex(graph, merge, dataType);
        }
        ElementWiseVertex elements = (ElementWiseVertex) vertex;
        return operation(graph, vertex) == Op.Add
                ? new FastAddVertex(graph, elements, dataType)
                : new FastMaxVertex(graph, elements, dataType);
    }

    /** The native form of a layer's vertex: another one where several vertices read it. */
    static GraphVertex fast(ComputationGraph graph, LayerVertex vertex) {
        boolean forks = vertex.getNumOutputConnections() > 1 && vertex.getClass() == LayerVertex.class;
        return forks
                ? new FastLayerVertex(graph, vertex, graph.getConfiguration().getDataType())
                : vertex;
    }

    private static boolean isFast(GraphVertex vertex) {
        return vertex.getClass().getPackage() == FastVertices.class.getPackage();
    }

    private static Op operation(ComputationGraph graph, GraphVertex vertex) {
        return configuration(graph, vertex, org.deeplearning4j.nn.conf.graph.ElementWiseVertex.class)
                .getOp();
    }

    private static <C> C configuration(ComputationGraph graph, GraphVertex vertex, Class<C> type) {
        return type.cast(graph.getConfiguration().getVertices().get(vertex.getVertexName()));
    }
}
