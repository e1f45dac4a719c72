package org.convoy.model.layer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A layer's activation function together with what its backward pass needs, kept from the forward pass in training: for
 * ReLU the output, for others a copy of the pre-output, for the identity nothing.
 */
final class KeptActivation {
    private final IActivation function;
    private INDArray kept;

    KeptActivation(IActivation function) {
        this.function = function;
    }

    /** Applies the function in place to {@code preOutput}, which must be in C order, and returns it. */
    INDArray forward(INDArray preOutput, boolean training, LayerWorkspaceMgr workspaces) {
        kept = null;
        if (isIdentity()) {
            return preOutput;
        }
        if (isPlainRelu()) {
            Nd4j.exec(new RectifiedLinear(preOutput, preOutput));
            kept = training ? preOutput : null;
            return preOutput;
        }
        kept = training ? workspaces.dup(ArrayType.ACTIVATIONS, preOutput, 'c') : null;
        return function.getActivation(preOutput, training);
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
        if (isPlainRelu() && HostLoops.canRead(kept) && HostLoops.canRead(epsilon)) {
            INDArray delta =
                    workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, epsilon.dataType(), epsilon.shape(), 'c');
            HostLoops.wherePositive(kept, epsilon, delta);
            return delta;
        }
        return function.backprop(kept, epsilon).getFirst();
    }

    void clear() {
        kept = null;
    }

    private boolean isIdentity() {
        return function instanceof ActivationIdentity;
    }

    private boolean isPlainRelu() {
        return isPlainRelu(function);
    }

    /** Whether {@code function} is max(x, 0), without a ceiling, threshold or slope below. */
    static boolean isPlainRelu(IActivation function) {
        return function instanceof ActivationReLU relu
                && relu.getMax() == null
                && relu.getThreshold() == null
                && relu.getNegativeSlope() == null;
    }
}
