package org.convoy.model.layer;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.inner_product_backward_data;
import org.bytedeco.dnnl.inner_product_backward_weights;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A dense layer's three passes for one batch size. The weights stay as DL4J lays them, each output's inputs in a row:
 * oneDNN's own order is faster to multiply by, and slower with the copy to it.
 */
final class OnednnDense {
    private final OnednnPrimitive forward;
    private final OnednnPrimitive weightGradient;
    private final OnednnPrimitive inputGradient;
    private final boolean addsBias;

    /** For input [N, inputs] and output [N, outputs]; with {@code rectifies}, the forward pass ends with ReLU. */
    OnednnDense(long N, long inputs, long outputs, boolean addsBias, boolean rectifies) {
        this.addsBias = addsBias;
        memory.desc x = Onednn.strided(new long[] {N, inputs}, new long[] {inputs, 1});
        memory.desc w = Onednn.strided(new long[] {outputs, inputs}, new long[] {inputs, 1});
        memory.desc b = Onednn.vector(outputs);
        memory.desc y = Onednn.strided(new long[] {N, outputs}, new long[] {outputs, 1});

        primitive_attr forwardAttributes = Onednn.attributes();
        if (rectifies) {
            Onednn.endWithRelu(forwardAttributes);
        }
        prop_kind training = prop_kind.forward_training;
        inner_product_forward.primitive_desc forwardDescription = new inner_product_forward.primitive_desc(
                addsBias
                        ? new inner_product_forward.desc(training, x, w, b, y)
                        : new inner_product_forward.desc(training, x, w, y),
                forwardAttributes,
                Onednn.engine());
        forward = new OnednnPrimitive(new inner_product_forward(forwardDescription), forwardDescription)
                .reads(dnnl.DNNL_ARG_SRC, x, x)
                .reads(dnnl.DNNL_ARG_WEIGHTS, w, w);
        inner_product_backward_weights.primitive_desc weightDescription =
                new inner_product_backward_weights.primitive_desc(
                        addsBias
                                ? new inner_product_backward_weights.desc(x, w, b, y)
                                : new inner_product_backward_weights.desc(x, w, y),
                        Onednn.attributes(),
                        Onednn.engine(),
                        forwardDescription);
        weightGradient = new OnednnPrimitive(new inner_product_backward_weights(weightDescription), weightDescription)
                .reads(dnnl.DNNL_ARG_SRC, x, x)
                .reads(dnnl.DNNL_ARG_DIFF_DST, y, y)
                .writes(dnnl.DNNL_ARG_DIFF_WEIGHTS, w, w);
        if (addsBias) {
            forward.reads(dnnl.DNNL_ARG_BIAS, b, b);
            weightGradient.writes(dnnl.DNNL_ARG_DIFF_BIAS, b, b);
        }
        forward.writes(dnnl.DNNL_ARG_DST, y, y);
        inner_product_backward_data.primitive_desc inputDescription = new inner_product_backward_data.primitive_desc(
                new inner_product_backward_data.desc(x, w, y),
                Onednn.attributes(),
                Onednn.engine(),
                forwardDescription);
        inputGradient = new OnednnPrimitive(new inner_product_backward_data(inputDescription), inputDescription)
                .reads(dnnl.DNNL_ARG_DIFF_DST, y, y)
                .reads(dnnl.DNNL_ARG_WEIGHTS, w, w)
                .writes(dnnl.DNNL_ARG_DIFF_SRC, x, x);
    }

    /** {@code y = x w + b}; {@code w} as [inputs, outputs] in F order, {@code b} null if there is none. */
    void forward(INDArray x, INDArray w, INDArray b, INDArray y, WorkingMemory working) {
        if (addsBias) {
            forward.run(working, x, w, b, y);
        } else {
            forward.run(working, x, w, y);
        }
    }

    /** Gradients at weights and bias from the gradient {@code dz} at the output before ReLU. */
    void weightGradient(INDArray x, INDArray dz, INDArray dw, INDArray db, WorkingMemory working) {
        if (addsBias) {
            weightGradient.run(working, x, dz, dw, db);
        } else {
            weightGradient.run(working, x, dz, dw);
        }
    }

    /** Gradient at the input from the gradient {@code dz} at the output before ReLU. */
    void inputGradient(INDArray dz, INDArray w, INDArray dx, WorkingMemory working) {
        inputGradient.run(working, dz, w, dx);
    }
}
