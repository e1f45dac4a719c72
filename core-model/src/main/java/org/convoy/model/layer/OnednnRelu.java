package org.convoy.model.layer;

import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** max(x, 0) and its backward pass, for one number of elements. */
final class OnednnRelu {
    private final OnednnPrimitive forward;
    private final OnednnPrimitive backward;

    OnednnRelu(long length) {
        memory.desc all = Onednn.vector(length);
        eltwise_forward.primitive_desc forwardDescription = new eltwise_forward.primitive_desc(
                new eltwise_forward.desc(
                        prop_kind.forward_training, algorithm.eltwise_relu_use_dst_for_bwd, all, 0f, 0f),
                Onednn.attributes(),
                Onednn.engine());
        forward = new OnednnPrimitive(new eltwise_forward(forwardDescription), forwardDescription)
                .reads(dnnl.DNNL_ARG_SRC, all, all)
                .writes(dnnl.DNNL_ARG_DST, all, all);
        eltwise_backward.primitive_desc backwardDescription = new eltwise_backward.primitive_desc(
                new eltwise_backward.desc(algorithm.eltwise_relu_use_dst_for_bwd, all, all, 0f, 0f),
                Onednn.attributes(),
                Onednn.engine(),
                forwardDescription);
        backward = new OnednnPrimitive(new eltwise_backward(backwardDescription), backwardDescription)
                .reads(dnnl.DNNL_ARG_DST, all, all)
                .reads(dnnl.DNNL_ARG_DIFF_DST, all, all)
                .writes(dnnl.DNNL_ARG_DIFF_SRC, all, all);
    }

    void forward(INDArray x, INDArray y, WorkingMemory working) {
        forward.run(working, x, y);
    }

    /** {@code dx = y > 0 ? dy : 0}. */
    void backward(INDArray y, INDArray dy, INDArray dx, WorkingMemory working) {
        backward.run(working, y, dy, dx);
    }
}
