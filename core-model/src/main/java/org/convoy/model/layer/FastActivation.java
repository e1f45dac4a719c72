package org.convoy.model.layer;

import java.util.Optional;
import org.convoy.model.layer.OnednnElementwise.Function;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
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

/** DL4J's activation layer for the functions that oneDNN has, on the memory order that its input has. */
final class FastActivation extends ActivationLayer {
    private static final long serialVersionUID = 1L;

    private final transient ShapeCache<OnednnElementwise> functions = new ShapeCache<>();

    FastActivation(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    static Optional<String> obstacle(org.deeplearning4j.nn.conf.layers.ActivationLayer conf) {
        return Function.of(conf.getActivationFn()).isPresent()
                ? Optional.empty()
                : Optional.of("its function is " + conf.getActivationFn());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (!Onednn.computes(dataType)) {
            return super.activate(training, workspaces);
        }
        CNN2DFormat order = ChannelsLast.memoryOrder(input);
        INDArray x = inputInOrder(order, workspaces);
        INDArray y = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
        function(x).forward(x, y, WorkingMemory.forward(workspaces));
        return ChannelsLast.stated(y, order);
    }

    /** From the input instead of the output, which nobody keeps. */
    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (!Onednn.computes(dataType)) {
            return super.backpropGradient(epsilon, workspaces);
        }
        CNN2DFormat order = ChannelsLast.memoryOrder(input);
        INDArray x = inputInOrder(order, workspaces);
        INDArray outputGradient =
                ChannelsLast.contiguous(epsilon.castTo(dataType), order, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray inputGradient = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        function(x).backward(x, outputGradient, inputGradient, WorkingMemory.backward(workspaces));
        return new Pair<>(new DefaultGradient(), ChannelsLast.stated(inputGradient, order));
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray maskArray, MaskState currentMaskState, int N) {
        Masks.refuse(maskArray, layerId());
        return new Pair<>(null, currentMaskState);
    }

    private INDArray inputInOrder(CNN2DFormat order, LayerWorkspaceMgr workspaces) {
        INDArray x = ChannelsLast.contiguous(input.castTo(dataType), order, workspaces, ArrayType.INPUT);
        input = ChannelsLast.stated(x, order);
        return x;
    }

    private OnednnElementwise function(INDArray x) {
        return functions.get(
                x.shape(),
                () -> Function.of(layerConf().getActivationFn()).orElseThrow().readingInput(x.length()));
    }
}
