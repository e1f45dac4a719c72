package org.convoy.model.layer;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Maximum or average pooling and, unless somebody else sees to it, its backward pass, for one input shape. */
final class OnednnPooling {
    private final OnednnPrimitive forward;
    /** Null if it is not needed. */
    private final OnednnPrimitive backward;
    /** Which input each maximum came from, kept from the forward to the backward pass; null for averages. */
    private final INDArray positions;

    /** For one of oneDNN's pooling algorithms and inputs [N, H, W, C] of the shape of {@code x}. */
    OnednnPooling(algorithm method, Filter filter, INDArray x) {
        this(prop_kind.forward_training, method, filter, x);
    }

    /** Without a backward pass. */
    static OnednnPooling forwardAlone(algorithm method, Filter filter, INDArray x) {
        return new OnednnPooling(prop_kind.forward_inference, method, filter, x);
    }

    private OnednnPooling(prop_kind kind, algorithm method, Filter filter, INDArray x) {
        long[] inputShape = x.shape();
        long[] outputShape = filter.outputShape(x, x.size(3));
        long[] kernel = Filter.longs(filter.kernel());
        long[] stride = Filter.longs(filter.stride());
        Filter.Padding padding = filter.padding(inputShape, outputShape);
        memory.desc input = Onednn.channelsLast(inputShape);
        memory.desc output = Onednn.channelsLast(outputShape);
        pooling_forward.primitive_desc forwardDescription = new pooling_forward.primitive_desc(
                new pooling_forward.desc(
                        kind, method, input, output, stride, kernel, padding.before(), padding.after()),
                Onednn.attributes(),
                Onednn.engine());
        forward = new OnednnPrimitive(new pooling_forward(forwardDescription), forwardDescription)
                .reads(dnnl.DNNL_ARG_SRC, input, forwardDescription.src_desc())
                .writes(dnnl.DNNL_ARG_DST, output, forwardDescription.dst_desc());
        if (kind == prop_kind.forward_inference) {
            backward = null;
            positions = null;
            return;
        }
        pooling_backward.primitive_desc backwardDescription = new pooling_backward.primitive_desc(
                new pooling_backward.desc(method, input, output, stride, kernel, padding.before(), padding.after()),
                Onednn.attributes(),
                Onednn.engine(),
                forwardDescription);
        backward = new OnednnPrimitive(new pooling_backward(backwardDescription), backwardDescription)
                .reads(dnnl.DNNL_ARG_DIFF_DST, output, backwardDescription.diff_dst_desc())
                .writes(dnnl.DNNL_ARG_DIFF_SRC, input, backwardDescription.diff_src_desc());
        memory.desc workspace = forwardDescription.workspace_desc();
        if (workspace.get_size() == 0) {
            positions = null;
        } else {
            positions = Nd4j.createUninitializedDetached(DataType.INT8, workspace.get_size());
            forward.writes(dnnl.DNNL_ARG_WORKSPACE, workspace, workspace);
            backward.reads(dnnl.DNNL_ARG_WORKSPACE, workspace, workspace);
        }
    }

    void forward(INDArray x, INDArray y, WorkingMemory working) {
        if (positions == null) {
            forward.run(working, x, y);
        } else {
            forward.run(working, x, y, positions);
        }
    }

    /** Gradient at the input of the last forward pass from the one at its output. */
    void backward(INDArray dy, INDArray dx, WorkingMemory working) {
        if (positions == null) {
            backward.run(working, dy, dx);
        } else {
            backward.run(working, dy, dx, positions);
        }
    }
}
