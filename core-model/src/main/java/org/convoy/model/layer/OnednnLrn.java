package org.convoy.model.layer;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.lrn_backward;
import org.bytedeco.dnnl.lrn_forward;
import org.bytedeco.dnnl.memory;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Local response normalisation across the channels of [N, H, W, C] and its backward pass, for one input shape. */
final class OnednnLrn {
    private final OnednnPrimitive forward;
    private final OnednnPrimitive backward;
    /** What the forward pass keeps for the backward one; null where oneDNN keeps nothing. */
    private final INDArray kept;

    /** {@code y = x / (k + alpha·Σ x²)^beta} over {@code window} channels, which is odd. */
    OnednnLrn(long[] shape, int window, double k, double alpha, double beta) {
        memory.desc images = Onednn.channelsLast(shape);
        float dividedAlpha = (float) (alpha * window); // oneDNN divides it by the window
        lrn_forward.primitive_desc forwardDescription = new lrn_forward.primitive_desc(
                new lrn_forward.desc(
                        prop_kind.forward_training,
                        algorithm.lrn_across_channels,
                        images,
                        window,
                        dividedAlpha,
                        (float) beta,
                        (float) k),
                Onednn.attributes(),
                Onednn.engine());
        lrn_backward.primitive_desc backwardDescription = new lrn_backward.primitive_desc(
                new lrn_backward.desc(
                        algorithm.lrn_across_channels, images, images, window, dividedAlpha, (float) beta, (float) k),
                Onednn.attributes(),
                Onednn.engine(),
                forwardDescription);
        forward = new OnednnPrimitive(new lrn_forward(forwardDescription), forwardDescription)
                .reads(dnnl.DNNL_ARG_SRC, images, images)
                .writes(dnnl.DNNL_ARG_DST, images, images);
        backward = new OnednnPrimitive(new lrn_backward(backwardDescription), backwardDescription)
                .reads(dnnl.DNNL_ARG_SRC, images, images)
                .reads(dnnl.DNNL_ARG_DIFF_DST, images, images)
                .writes(dnnl.DNNL_ARG_DIFF_SRC, images, images);
        memory.desc workspace = forwardDescription.workspace_desc();
        if (workspace.get_size() == 0) {
            kept = null;
        } else {
            kept = Nd4j.createUninitializedDetached(DataType.INT8, workspace.get_size());
            forward.writes(dnnl.DNNL_ARG_WORKSPACE, workspace, workspace);
            backward.reads(dnnl.DNNL_ARG_WORKSPACE, workspace, workspace);
        }
    }

    void forward(INDArray x, INDArray y, WorkingMemory working) {
        if (kept == null) {
            forward.run(working, x, y);
        } else {
            forward.run(working, x, y, kept);
        }
    }

    /** Gradient at {@code x}, the input of the last forward pass, from the one at its output. */
    void backward(INDArray x, INDArray dy, INDArray dx, WorkingMemory working) {
        if (kept == null) {
            backward.run(working, x, dy, dx);
        } else {
            backward.run(working, x, dy, dx, kept);
        }
    }
}
