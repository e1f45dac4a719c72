package org.convoy.model.layer;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.MergeVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's concatenation of images [N, C, H, W] along C, as in an inception block, on channels-last memory. */
@SuppressWarnings("overrides") // DL4J declares setInputs with an array here and with varargs there
final class FastMergeVertex extends MergeVertex {
    private static final long serialVersionUID = 1L;
    static final int CHANNEL_AXIS = 1;

    private final transient ShapeCache<OnednnConcatenation> concatenations = new ShapeCache<>();

    FastMergeVertex(ComputationGraph graph, MergeVertex stock, DataType dataType) {
        super(
                graph,
                stock.getVertexName(),
                stock.getVertexIndex(),
                stock.getInputVertices(),
                stock.getOutputVertices(),
                dataType,
                CHANNEL_AXIS);
        setOutputVertex(stock.isOutputVertex());
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        epsilon = null; // left by a pass that failed
        if (!isNative()) {
            return super.doForward(training, workspaces);
        }
        INDArray[] parts = new INDArray[inputs.length];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = ChannelsLast.contiguous(
                    inputs[i].castTo(dataType), CNN2DFormat.NCHW, workspaces, ArrayType.FF_WORKING_MEM);
        }
        INDArray whole = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, wholeShape(), 'c');
        concatenation().join(parts, whole, WorkingMemory.forward(workspaces));
        return ChannelsLast.stated(whole, CNN2DFormat.NCHW);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        if (!canDoBackward() || !isNative()) {
            return super.doBackward(tbptt, workspaces);
        }
        INDArray whole = ChannelsLast.contiguous(
                epsilon.castTo(dataType), CNN2DFormat.NCHW, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray[] parts = new INDArray[inputs.length];
        for (int i = 0; i < parts.length; i++) {
            long[] shape = {whole.size(0), whole.size(1), whole.size(2), inputs[i].size(CHANNEL_AXIS)};
            parts[i] = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, shape, 'c');
        }
        concatenation().part(whole, parts, WorkingMemory.backward(workspaces));
        INDArray[] gradients = Arrays.stream(parts)
                .map(part -> ChannelsLast.stated(part, CNN2DFormat.NCHW))
                .toArray(INDArray[]::new);
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

    /** Two images or more of the same N, H and W; the rest is left to DL4J, with its messages. */
    private boolean isNative() {
        return Onednn.computes(dataType)
                && canDoForward()
                && inputs.length > 1
                && Arrays.stream(inputs).allMatch(this::isLikeTheFirst);
    }

    private boolean isLikeTheFirst(INDArray image) {
        return image.rank() == 4
                && IntStream.of(0, 2, 3).allMatch(dimension -> image.size(dimension) == inputs[0].size(dimension));
    }

    /** [N, H, W, sum of the channels]. */
    private long[] wholeShape() {
        long channels = Arrays.stream(inputs)
                .mapToLong(image -> image.size(CHANNEL_AXIS))
                .sum();
        return new long[] {inputs[0].size(0), inputs[0].size(2), inputs[0].size(3), channels};
    }

    private OnednnConcatenation concatenation() {
        long[] channels = Arrays.stream(inputs)
                .mapToLong(image -> image.size(CHANNEL_AXIS))
                .toArray();
        // How the channels are divided never changes.
        return concatenations.get(wholeShape(), () -> new OnednnConcatenation(wholeShape(), channels));
    }
}
