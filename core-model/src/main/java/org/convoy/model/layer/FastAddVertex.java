package org.convoy.model.layer;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's sum of activations, as in a residual block, in the memory order that these have: DL4J's own would copy them to
 * channels first, and the next convolution back.
 */
@SuppressWarnings("overrides") // DL4J declares setInputs with an array here and with varargs there
final class FastAddVertex extends ElementWiseVertex {
    private static final long serialVersionUID = 1L;

    FastAddVertex(ComputationGraph graph, ElementWiseVertex stock, DataType dataType) {
        super(
                graph,
                stock.getVertexName(),
                stock.getVertexIndex(),
                stock.getInputVertices(),
                stock.getOutputVertices(),
                Op.Add,
                dataType);
        setOutputVertex(stock.isOutputVertex());
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        epsilon = null; // left by a pass that failed
        if (!canDoForward() || !areAlike()) {
            return super.doForward(training, workspaces);
        }
        CNN2DFormat order = ChannelsLast.memoryOrder(inputs[0]);
        INDArray sum = copy(inputs[0], order, ArrayType.ACTIVATIONS, ArrayType.FF_WORKING_MEM, workspaces);
        for (INDArray input : Arrays.asList(inputs).subList(1, inputs.length)) {
            sum.addi(ChannelsLast.contiguous(input, order, workspaces, ArrayType.FF_WORKING_MEM));
        }
        return ChannelsLast.stated(sum, order);
    }

    /** Each addend gets the gradient at the sum, in an array of its own, because DL4J adds to them where paths meet. */
    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        if (!canDoBackward() || !areAlike()) {
            return super.doBackward(tbptt, workspaces);
        }
        CNN2DFormat order = ChannelsLast.memoryOrder(epsilon);
        INDArray[] gradients = new INDArray[inputs.length];
        for (int i = 0; i < gradients.length; i++) {
            INDArray gradient = copy(epsilon, order, ArrayType.ACTIVATION_GRAD, ArrayType.BP_WORKING_MEM, workspaces);
            gradients[i] = ChannelsLast.stated(gradient, order);
        }
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

    private static INDArray copy(
            INDArray array, CNN2DFormat order, ArrayType target, ArrayType working, LayerWorkspaceMgr workspaces) {
        return workspaces.dup(target, ChannelsLast.contiguous(array, order, workspaces, working), 'c');
    }

    /** Shapes that are broadcast are left to DL4J. */
    private boolean areAlike() {
        return Arrays.stream(inputs).allMatch(inputs[0]::equalShapes);
    }
}
