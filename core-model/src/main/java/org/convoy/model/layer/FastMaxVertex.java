package org.convoy.model.layer;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * DL4J's larger of two activations, value by value, as in maxout, in the memory order that they have. Where both are equal the
 * first one gets the gradient, as in DL4J.
 */
@SuppressWarnings("overrides") // DL4J declares setInputs with an array here and with varargs there
final class FastMaxVertex extends ElementWiseVertex {
    private static final long serialVersionUID = 1L;
    /** How many activations it compares. */
    static final int INPUTS = 2;

    FastMaxVertex(ComputationGraph graph, ElementWiseVertex stock, DataType dataType) {
        super(
                graph,
                stock.getVertexName(),
                stock.getVertexIndex(),
                stock.getInputVertices(),
                stock.getOutputVertices(),
                Op.Max,
                dataType);
        setOutputVertex(stock.isOutputVertex());
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        epsilon = null; // left by a pass that failed
        if (!canDoForward() || !inputs[0].equalShapes(inputs[1])) {
            return super.doForward(training, workspaces);
        }
        CNN2DFormat order = ChannelsLast.memoryOrder(inputs[0]);
        INDArray first = ChannelsLast.contiguous(inputs[0], order, workspaces, ArrayType.FF_WORKING_MEM);
        INDArray second = ChannelsLast.contiguous(inputs[1], order, workspaces, ArrayType.FF_WORKING_MEM);
        INDArray larger = workspaces.createUninitialized(ArrayType.ACTIVATIONS, first.dataType(), first.shape(), 'c');
        Nd4j.exec(DynamicCustomOp.builder("maximum")
                .addInputs(first, second)
                .addOutputs(larger)
                .build());
        return ChannelsLast.stated(larger, order);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        if (!canDoBackward() || !inputs[0].equalShapes(inputs[1])) {
            return super.doBackward(tbptt, workspaces);
        }
        CNN2DFormat order = ChannelsLast.memoryOrder(inputs[0]);
        INDArray first = ChannelsLast.contiguous(inputs[0], order, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray second = ChannelsLast.contiguous(inputs[1], order, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray gradient = ChannelsLast.contiguous(epsilon, order, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray toFirst = workspaces.dup(ArrayType.ACTIVATION_GRAD, gradient, 'c');
        INDArray firstIsLarger =
                workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, DataType.BOOL, first.shape(), 'c');
        Nd4j.exec(DynamicCustomOp.builder("greater_equal")
                .addInputs(first, second)
                .addOutputs(firstIsLarger)
                .build());
        toFirst.muli(firstIsLarger.castTo(gradient.dataType()));
        INDArray toSecond = workspaces.dup(ArrayType.ACTIVATION_GRAD, gradient, 'c');
        toSecond.subi(toFirst);
        INDArray[] gradients = {ChannelsLast.stated(toFirst, order), ChannelsLast.stated(toSecond, order)};
        return new Pair<>(null, gradients);
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
