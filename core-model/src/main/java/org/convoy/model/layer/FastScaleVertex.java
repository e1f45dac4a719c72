package org.convoy.model.layer;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.ScaleVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's product of activations and a number, in the memory order that these have. */
@SuppressWarnings("overrides") // DL4J declares setInputs with an array here and with varargs there
final class FastScaleVertex extends ScaleVertex {
    private static final long serialVersionUID = 1L;

    private final double factor;

    FastScaleVertex(ComputationGraph graph, ScaleVertex stock, double factor, DataType dataType) {
        super(
                graph,
                stock.getVertexName(),
                stock.getVertexIndex(),
                stock.getInputVertices(),
                stock.getOutputVertices(),
                factor,
                dataType);
        this.factor = factor;
        setOutputVertex(stock.isOutputVertex());
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        epsilon = null; // left by a pass that failed
        return canDoForward()
                ? scaled(inputs[0], ArrayType.ACTIVATIONS, ArrayType.FF_WORKING_MEM, workspaces)
                : super.doForward(training, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        if (!canDoBackward()) {
            return super.doBackward(tbptt, workspaces);
        }
        INDArray gradient = scaled(epsilon, ArrayType.ACTIVATION_GRAD, ArrayType.BP_WORKING_MEM, workspaces);
        return new Pair<>(null, new INDArray[] {gradient});
    }

    @Override
    public void setEpsilon(INDArray gradient) {
        super.setEpsilon(GradientSum.plus(epsilon, gradient));
    }

    @Override
    public INDArray getEpsilon() {
        return epsilon == null ? null : GradientSum.NEXT_ADDEND;
    }

    private INDArray scaled(INDArray array, ArrayType target, ArrayType working, LayerWorkspaceMgr workspaces) {
        CNN2DFormat order = ChannelsLast.memoryOrder(array);
        INDArray copy = workspaces.dup(target, ChannelsLast.contiguous(array, order, workspaces, working), 'c');
        return ChannelsLast.stated(copy.muli(factor), order);
    }
}
