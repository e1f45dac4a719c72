package org.convoy.model.layer;

import java.util.Optional;
import org.convoy.model.layer.OnednnElementwise.Function;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer's activation function together with what its backward pass needs, kept from the forward pass in training: the output
 * where that tells the slope, as ReLU's does, else a copy of the pre-output, and for the identity nothing.
 */
final class KeptActivation {
    private final IActivation function;
    private final Optional<Function> onednn;
    private final ShapeCache<OnednnElementwise> built = new ShapeCache<>();
    private INDArray kept;

    KeptActivation(IActivation function) {
        this.function = function;
        this.onednn = Function.of(function);
    }

    /** Applies the function in place to {@code preOutput}, which must be in C order, and returns it. */
    INDArray forward(INDArray preOutput, boolean training, LayerWorkspaceMgr workspaces) {
        if (isIdentity()) {
            kept = null;
            return preOutput;
        }
        boolean isNative = runsOnednn(preOutput);
        boolean keepsOutput = isNative && onednn.get().canReadOutput();
        kept = training && !keepsOutput ? workspaces.dup(ArrayType.ACTIVATIONS, preOutput, 'c') : null;
        if (!isNative) {
            return function.getActivation(preOutput, training);
        }
        elementwise(preOutput).forward(preOutput, preOutput, WorkingMemory.forward(workspaces));
        return keepsOutput ? keepApplied(preOutput, training) : preOutput;
    }

    /** Takes the output of a kernel that has applied the function already, ReLU that is, and returns it. */
    INDArray keepApplied(INDArray output, boolean training) {
        kept = training ? output : null;
        return output;
    }

    /** Whether {@link #backward} can run: the last forward pass was one of training. */
    boolean isReady() {
        return kept != null || isIdentity();
    }

    /**
     * The gradient at the pre-output: {@code epsilon} itself for the identity.
     *
     * @param epsilon gradient at the output, in C order and of the output's shape; left as it is
     */
    INDArray backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        if (isIdentity()) {
            return epsilon;
        }
        if (runsOnednn(kept)) {
            INDArray delta =
                    workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, epsilon.dataType(), epsilon.shape(), 'c');
            elementwise(kept).backward(kept, epsilon, delta, WorkingMemory.backward(workspaces));
            return delta;
        }
        return function.backprop(kept, epsilon).getFirst();
    }

    void clear() {
        kept = null;
    }

    private boolean runsOnednn(INDArray array) {
        return onednn.isPresent() && Onednn.computes(array);
    }

    private OnednnElementwise elementwise(INDArray array) {
        Function form = onednn.orElseThrow();
        return built.get(
                array.shape(),
                () -> form.canReadOutput() ? form.readingOutput(array.length()) : form.readingInput(array.length()));
    }

    private boolean isIdentity() {
        return function instanceof ActivationIdentity;
    }

    /** Whether {@code function} is max(x, 0), without a ceiling, threshold or slope below. */
    static boolean isPlainRelu(IActivation function) {
        return function instanceof ActivationReLU relu
                && relu.getMax() == null
                && relu.getThreshold() == null
                && relu.getNegativeSlope() == null;
    }
}
