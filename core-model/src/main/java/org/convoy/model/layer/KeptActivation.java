package org.convoy.model.layer;

import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer's activation function together with what its backward pass needs, kept from the forward pass in training: for
 * ReLU the output, for others a copy of the pre-output, for the identity nothing.
 */
final class KeptActivation {
    private final IActivation function;
    private final ShapeCache<OnednnRelu> relus = new ShapeCache<>();
    private INDArray kept;

    KeptActivation(IActivation function) {
        this.function = function;
    }

    /** Applies the function in place to {@code preOutput}, which must be in C order, and returns it. */
    INDArray forward(INDArray preOutput, boolean training, LayerWorkspaceMgr workspaces) {
        if (isPlainRelu(function) && Onednn.computes(preOutput)) {
            relu(preOutput).forward(preOutput, preOutput, WorkingMemory.forward(workspaces));
            return keepApplied(preOutput, training);
        }
        boolean needed = training && !isIdentity();
        kept = needed ? workspaces.dup(ArrayType.ACTIVATIONS, preOutput, 'c') : null;
        return isIdentity() ? preOutput : function.getActivation(preOutput, training);
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
        if (isPlainRelu(function) && Onednn.computes(kept)) {
            INDArray delta =
                    workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, epsilon.dataType(), epsilon.shape(), 'c');
            relu(kept).backward(kept, epsilon, delta, WorkingMemory.backward(workspaces));
            return delta;
        }
        return function.backprop(kept, epsilon).getFirst();
    }

    void clear() {
        kept = null;
    }

    private OnednnRelu relu(INDArray array) {
        return relus.get(array.shape(), () -> new OnednnRelu(array.length()));
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
