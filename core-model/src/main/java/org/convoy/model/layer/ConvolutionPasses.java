package org.convoy.model.layer;

import org.convoy.model.layer.OnednnConvolution.Geometry;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A convolution with its activation function on oneDNN, there and back: what layers of convolutions, with groups or without,
 * have in common. Images are [N, H, W, C] in C order.
 */
final class ConvolutionPasses {
    private final Filter filter;
    private final Weights weights;
    private final long outputs;
    private final boolean addsBias;
    private final boolean rectifies;
    private final KeptActivation activation;
    private final ShapeCache<OnednnConvolution> convolutions = new ShapeCache<>();

    /**
     * How a layer's weights lie.
     *
     * @param dimensions outputs, inputs, height, width of the kernel; for groups, their number first and the rest per group
     * @param strides of these in the layer's array
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Weights(long[] dimensions, long[] strides) {
        /** [outputs, inputs, kernel height, kernel width] in C order. */
        static Weights dense(long outputs, long inputs, int[] kernel) {
            long area = (long) kernel[0] * kernel[1];
            return new Weights(
                    new long[] {outputs, inputs, kernel[0], kernel[1]}, new long[] {inputs * area, area, kernel[1], 1});
        }

        /** [kernel height, kernel width, inputs, outputs per input] in C order, each input by itself. */
        static Weights depthwise(long inputs, long multiplier, int[] kernel) {
            return new Weights(
                    new long[] {inputs, multiplier, 1, kernel[0], kernel[1]},
                    new long[] {multiplier, 1, 1, kernel[1] * inputs * multiplier, inputs * multiplier});
        }

        /** [outputs per input, inputs, kernel height, kernel width] in C order, each input by itself. */
        static Weights separable(long inputs, long multiplier, int[] kernel) {
            long area = (long) kernel[0] * kernel[1];
            return new Weights(
                    new long[] {inputs, multiplier, 1, kernel[0], kernel[1]},
                    new long[] {area, inputs * area, 1, kernel[1], 1});
        }
    }

    ConvolutionPasses(Filter filter, Weights weights, long outputs, boolean addsBias, IActivation function) {
        this.filter = filter;
        this.weights = weights;
        this.outputs = outputs;
        this.addsBias = addsBias;
        rectifies = KeptActivation.isPlainRelu(function);
        activation = new KeptActivation(function);
    }

    /** The layer's output for {@code x}; {@code b} is null if there is none. */
    INDArray forward(INDArray x, INDArray w, INDArray b, boolean training, LayerWorkspaceMgr workspaces) {
        INDArray y = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, DataType.FLOAT, filter.outputShape(x, outputs), 'c');
        convolution(x).forward(x, inOrder(w), b, y, WorkingMemory.forward(workspaces));
        return rectifies ? activation.keepApplied(y, training) : activation.forward(y, training, workspaces);
    }

    /** Whether {@link #delta} can run: the last forward pass was one of training. */
    boolean isReady() {
        return activation.isReady();
    }

    /** The gradient before the activation function from the one at the output. */
    INDArray delta(INDArray outputGradient, LayerWorkspaceMgr workspaces) {
        return activation.backward(outputGradient, workspaces);
    }

    /** Writes the gradients at weights and bias; {@code db} is null if there is none. */
    void weightGradient(INDArray x, INDArray delta, INDArray dw, INDArray db, LayerWorkspaceMgr workspaces) {
        convolution(x).weightGradient(x, delta, dw, db, WorkingMemory.backward(workspaces));
    }

    /** Writes the gradient {@code dx} at the input {@code x}. */
    void inputGradient(INDArray x, INDArray delta, INDArray w, INDArray dx, LayerWorkspaceMgr workspaces) {
        convolution(x).inputGradient(delta, inOrder(w), dx, WorkingMemory.backward(workspaces));
    }

    void clear() {
        activation.clear();
    }

    /** Weight noise may give weights in another order than the layer's own. */
    private static INDArray inOrder(INDArray w) {
        return Onednn.liesInOrder(w) ? w : w.dup('c');
    }

    private OnednnConvolution convolution(INDArray x) {
        return convolutions.get(
                x.shape(),
                () -> new OnednnConvolution(
                        new Geometry(x.shape(), filter.outputShape(x, outputs), weights, filter, addsBias, rectifies)));
    }
}
