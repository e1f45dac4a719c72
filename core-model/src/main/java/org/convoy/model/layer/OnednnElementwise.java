package org.convoy.model.layer;

import java.util.Optional;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An activation function and its backward pass, for one number of elements. */
final class OnednnElementwise {
    /** DL4J's GELU is x·σ(1.702·x). */
    private static final float GELU_SLOPE = 1.702f;

    private final OnednnPrimitive forward;
    private final OnednnPrimitive backward;

    /**
     * One of oneDNN's functions.
     *
     * @param fromInput its backward pass reads the input
     * @param fromOutput its backward pass reads the output; null where the output does not tell
     * @param parameter slope or scale, as oneDNN has it for the function
     */
    record Function(algorithm fromInput, algorithm fromOutput, float parameter) {
        static final Function RELU = new Function(algorithm.eltwise_relu, algorithm.eltwise_relu_use_dst_for_bwd, 0);

        /** That of DL4J's activation function; empty where oneDNN has none. */
        static Optional<Function> of(IActivation function) {
            if (KeptActivation.isPlainRelu(function)) {
                return Optional.of(RELU);
            }
            // The exact class: subclasses compute something else.
            Class<?> kind = function.getClass();
            if (kind == ActivationLReLU.class && ((ActivationLReLU) function).getAlpha() >= 0) {
                float slope = (float) ((ActivationLReLU) function).getAlpha();
                return Optional.of(new Function(algorithm.eltwise_relu, algorithm.eltwise_relu_use_dst_for_bwd, slope));
            }
            if (kind == ActivationELU.class && ((ActivationELU) function).getAlpha() >= 0) {
                float scale = (float) ((ActivationELU) function).getAlpha();
                return Optional.of(new Function(algorithm.eltwise_elu, algorithm.eltwise_elu_use_dst_for_bwd, scale));
            }
            if (kind == ActivationTanH.class) {
                return Optional.of(new Function(algorithm.eltwise_tanh, algorithm.eltwise_tanh_use_dst_for_bwd, 0));
            }
            if (kind == ActivationSigmoid.class) {
                return Optional.of(
                        new Function(algorithm.eltwise_logistic, algorithm.eltwise_logistic_use_dst_for_bwd, 0));
            }
            if (kind == ActivationSwish.class) {
                return Optional.of(new Function(algorithm.eltwise_swish, null, 1));
            }
            if (kind == ActivationGELU.class && !((ActivationGELU) function).isPrecise()) {
                return Optional.of(new Function(algorithm.eltwise_swish, null, GELU_SLOPE));
            }
            return Optional.empty();
        }

        boolean canReadOutput() {
            return fromOutput != null;
        }

        /** Its backward pass reads what the forward pass read. */
        OnednnElementwise readingInput(long length) {
            return new OnednnElementwise(fromInput, dnnl.DNNL_ARG_SRC, parameter, length);
        }

        /** Its backward pass reads what the forward pass wrote. */
        OnednnElementwise readingOutput(long length) {
            return new OnednnElementwise(fromOutput, dnnl.DNNL_ARG_DST, parameter, length);
        }
    }

    private OnednnElementwise(algorithm method, int readBackwards, float parameter, long length) {
        memory.desc all = Onednn.vector(length);
        eltwise_forward.primitive_desc forwardDescription = new eltwise_forward.primitive_desc(
                new eltwise_forward.desc(prop_kind.forward_training, method, all, parameter, 0f),
                Onednn.attributes(),
                Onednn.engine());
        forward = new OnednnPrimitive(new eltwise_forward(forwardDescription), forwardDescription)
                .reads(dnnl.DNNL_ARG_SRC, all, all)
                .writes(dnnl.DNNL_ARG_DST, all, all);
        eltwise_backward.primitive_desc backwardDescription = new eltwise_backward.primitive_desc(
                new eltwise_backward.desc(method, all, all, parameter, 0f),
                Onednn.attributes(),
                Onednn.engine(),
                forwardDescription);
        backward = new OnednnPrimitive(new eltwise_backward(backwardDescription), backwardDescription)
                .reads(readBackwards, all, all)
                .reads(dnnl.DNNL_ARG_DIFF_DST, all, all)
                .writes(dnnl.DNNL_ARG_DIFF_SRC, all, all);
    }

    void forward(INDArray x, INDArray y, WorkingMemory working) {
        forward.run(working, x, y);
    }

    /** {@code dx = f'·dy}, where f' is told by {@code read}: the input or the output. */
    void backward(INDArray read, INDArray dy, INDArray dx, WorkingMemory working) {
        backward.run(working, read, dy, dx);
    }
}
