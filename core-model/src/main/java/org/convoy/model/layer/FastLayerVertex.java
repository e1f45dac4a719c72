package org.convoy.model.layer;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's vertex of one layer that several vertices read: it sums their gradients quickly. */
@SuppressWarnings("overrides") // DL4J's equals is that of LayerVertex
final class FastLayerVertex extends LayerVertex {
    private static final long serialVersionUID = 1L;

    FastLayerVertex(ComputationGraph graph, LayerVertex stock, DataType dataType) {
        super(
                graph,
                stock.getVertexName(),
                stock.getVertexIndex(),
                stock.getInputVertices(),
                stock.getOutputVertices(),
                stock.getLayer(),
                stock.getLayerPreProcessor(),
                stock.isOutputVertex(),
                dataType);
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        epsilon = null; // left by a pass that failed
        return super.doForward(training, workspaces);
    }

    @Override
    public void setEpsilon(INDArray gradient) {
        super.setEpsilon(GradientSum.plus(epsilon, gradient));
    }

    @Override
    public INDArray getEpsilon() {
        return epsilon == null ? null : GradientSum.NEXT_ADDEND;
    }
}
