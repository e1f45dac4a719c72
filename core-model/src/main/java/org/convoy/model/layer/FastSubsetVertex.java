package org.convoy.model.layer;

import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.SubsetVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's choice of some neighbouring channels of images [N, C, H, W], as a group of a convolution reads them, on channels-last memory. */
@SuppressWarnings("overrides") // DL4J declares setInputs with an array here and with varargs there
final class FastSubsetVertex extends SubsetVertex {
    private static final long serialVersionUID = 1L;

    private final long from;
    private final long channels;
    private final transient ShapeCache<OnednnConcatenation> copies = new ShapeCache<>();
    private long[] whole;

    /** @param to the last channel, as DL4J counts */
    FastSubsetVertex(ComputationGraph graph, SubsetVertex stock, int from, int to, DataType dataType) {
        super(
                graph,
                stock.getVertexName(),
                stock.getVertexIndex(),
                stock.getInputVertices(),
                stock.getOutputVertices(),
                from,
                to,
                dataType);
        this.from = from;
        this.channels = to - from + 1L;
        setOutputVertex(stock.isOutputVertex());
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        epsilon = null; // left by a pass that failed
        if (!isNative()) {
            return super.doForward(training, workspaces);
        }
        INDArray image = ChannelsLast.contiguous(
                inputs[0].castTo(dataType), CNN2DFormat.NCHW, workspaces, ArrayType.FF_WORKING_MEM);
        whole = image.shape();
        INDArray part = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, partShape(), 'c');
        copy().part(image, new INDArray[] {part}, WorkingMemory.forward(workspaces));
        return ChannelsLast.stated(part, CNN2DFormat.NCHW);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        if (!canDoBackward() || !isNative()) {
            return super.doBackward(tbptt, workspaces);
        }
        INDArray part = ChannelsLast.contiguous(
                epsilon.castTo(dataType), CNN2DFormat.NCHW, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray gradient = workspaces.create(ArrayType.ACTIVATION_GRAD, dataType, whole, 'c');
        copy().join(new INDArray[] {part}, gradient, WorkingMemory.backward(workspaces));
        return new Pair<>(null, new INDArray[] {ChannelsLast.stated(gradient, CNN2DFormat.NCHW)});
    }

    @Override
    public void setEpsilon(INDArray gradient) {
        super.setEpsilon(GradientSum.plus(epsilon, gradient));
    }

    @Override
    public INDArray getEpsilon() {
        return epsilon == null ? null : GradientSum.NEXT_ADDEND;
    }

    private boolean isNative() {
        return Onednn.computes(dataType) && canDoForward() && inputs[0].rank() == 4;
    }

    /** [N, H, W, channels]. */
    private long[] partShape() {
        return new long[] {whole[0], whole[1], whole[2], channels};
    }

    private OnednnConcatenation copy() {
        return copies.get(whole, () -> OnednnConcatenation.ofPart(whole, from, channels));
    }
}
