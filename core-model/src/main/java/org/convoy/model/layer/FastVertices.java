package org.convoy.model.layer;

import java.util.Optional;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.graph.vertex.impl.MergeVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ScaleVertex;
import org.nd4j.linalg.api.buffer.DataType;

/** Convoy's forms of the vertices of a graph. */
final class FastVertices {
    private FastVertices() {}

    /** Why {@code vertex}, which has no layer, stays as it is; empty if there is a native form. */
    static Optional<String> obstacle(ComputationGraph graph, GraphVertex vertex) {
        if (isFast(vertex) || vertex.getClass() == ScaleVertex.class) {
            return Optional.empty();
        }
        if (vertex.getClass() == ElementWiseVertex.class) {
            Op operation = configuration(graph, vertex, org.deeplearning4j.nn.conf.graph.ElementWiseVertex.class)
                    .getOp();
            return operation == Op.Add ? Optional.empty() : Optional.of("its operation is " + operation);
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
        return vertex instanceof MergeVertex merge
                ? new FastMergeVertex(graph, merge, dataType)
                : new FastAddVertex(graph, (ElementWiseVertex) vertex, dataType);
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

    private static <C> C configuration(ComputationGraph graph, GraphVertex vertex, Class<C> type) {
        return type.cast(graph.getConfiguration().getVertices().get(vertex.getVertexName()));
    }
}
