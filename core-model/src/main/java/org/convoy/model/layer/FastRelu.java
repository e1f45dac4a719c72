package org.convoy.model.layer;

import java.util.Optional;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's activation layer for ReLU, on the memory order that its input has. */
final class FastRelu extends ActivationLayer {
    private static final long serialVersionUID = 1L;

    FastRelu(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    static Optional<String> obstacle(org.deeplearning4j.nn.conf.layers.ActivationLayer conf) {
        return KeptActivation.isPlainRelu(conf.getActivationFn())
                ? Optional.empty()
                : Optional.of("its function is " + conf.getActivationFn());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        CNN2DFormat order = ChannelsLast.memoryOrder(input);
        INDArray x = ChannelsLast.contiguous(input.castTo(dataType), order, workspaces, ArrayType.INPUT);
        if (!HostLoops.canRead(x)) {
            return super.activate(training, workspaces);
        }
        input = ChannelsLast.stated(x, order);
        INDArray y = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
        HostLoops.rectify(x, y);
        return ChannelsLast.stated(y, order);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        CNN2DFormat order = ChannelsLast.memoryOrder(input);
        INDArray x = ChannelsLast.contiguous(input.castTo(dataType), order, workspaces, ArrayType.INPUT);
        if (!HostLoops.canRead(x)) {
            return super.backpropGradient(epsilon, workspaces);
        }
        INDArray outputGradient =
                ChannelsLast.contiguous(epsilon.castTo(dataType), order, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray inputGradient = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        HostLoops.wherePositive(x, outputGradient, inputGradient);
        return new Pair<>(new DefaultGradient(), ChannelsLast.stated(inputGradient, order));
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray maskArray, MaskState currentMaskState, int N) {
        Masks.refuse(maskArray, layerId());
        return new Pair<>(null, currentMaskState);
    }
}
